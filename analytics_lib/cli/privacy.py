"""`analytics privacy`: what the protected tables have given away, and what is left."""

import datetime as dt
import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analytics_lib.cli.output import print_json, say

if TYPE_CHECKING:
    from analytics_lib.warehouse.privacy_ledger import LedgerState

app = typer.Typer(help="What protected tables have given away.", no_args_is_help=True)
ledger_app = typer.Typer(
    help="Privacy budgets: one ledger for each protected table.", no_args_is_help=True
)
app.add_typer(ledger_app, name="ledger")

AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]


def _folder() -> Path:
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415 - start-up time

    return find_project().root / "outputs" / "privacy"


@ledger_app.command("open")
def open_table(
    table: Annotated[str, typer.Argument(help="Name of the protected table.")],
    *,
    epsilon: Annotated[float, typer.Option(help="Privacy loss that anybody may bear in all.")],
    delta: Annotated[float, typer.Option(help="Chance that it is larger, in all.")] = 0.0,
) -> None:
    """Give a table its budget, once; it cannot be raised."""
    from analytics_lib.warehouse.privacy_ledger import create_ledger  # noqa: PLC0415

    now = dt.datetime.now(dt.UTC)
    create_ledger(
        _folder(), table=table, epsilon=epsilon, delta=delta, who=getpass.getuser(), when=now
    )
    say(f"`{table}` has a budget of epsilon {epsilon} and delta {delta}.")


@ledger_app.command("list")
def list_ledgers(*, as_json: AsJson = False) -> None:
    """List the protected tables with what is spent and left."""
    from analytics_lib.warehouse.privacy_ledger import (  # noqa: PLC0415 - start-up time
        ledger_names,
        open_ledger,
    )

    folder = _folder()
    states = [open_ledger(folder, table=name).state() for name in ledger_names(folder)]
    if as_json:
        print_json([_summary(state) for state in states])
        return
    for state in states:
        say(_line(state))
    if not states:
        say("No table has a privacy budget; give it one with `analytics privacy ledger open`.")


@ledger_app.command("show")
def show_ledger(
    table: Annotated[str, typer.Argument(help="Name of the protected table.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show every question that a table was asked, its chain verified."""
    from analytics_lib.warehouse.privacy_ledger import open_ledger  # noqa: PLC0415

    state = open_ledger(_folder(), table=table).state()
    entries = _entries(state)
    if as_json:
        print_json({**_summary(state), "entries": entries})
        return
    say(_line(state))
    for entry in entries:
        people = f", people of {entry['partition']}" if entry["partition"] else ""
        say(
            f"  {entry['number']}  {entry['when']}  {entry['who']}: {entry['question']}{people}  "
            f"(epsilon {entry['epsilon']}, delta {entry['delta']})"
        )
    say(f"  chain verified up to {state.digest}")


def _line(state: "LedgerState") -> str:
    return (
        f"{state.table}: epsilon {state.spent.epsilon} of {state.budget.epsilon} and delta "
        f"{state.spent.delta} of {state.budget.delta} spent in {len(state.entries)} questions."
    )


def _summary(state: "LedgerState") -> dict[str, Any]:
    losses = {"budget": state.budget, "spent": state.spent, "left": state.left}
    return {
        "table": state.table,
        "unit": "person",
        **{
            name: {"epsilon": float(loss.epsilon), "delta": float(loss.delta)}
            for name, loss in losses.items()
        },
        "questions": len(state.entries),
        "digest": state.digest,
    }


def _entries(state: "LedgerState") -> list[dict[str, Any]]:
    return [
        {
            "number": entry.receipt.number,
            "when": entry.receipt.when.isoformat(),
            "who": entry.charge.who,
            "question": entry.charge.question,
            "mechanism": entry.charge.mechanism,
            "epsilon": entry.charge.epsilon,
            "delta": entry.charge.delta,
            "partition": None
            if entry.charge.partition is None
            else f"{entry.charge.partition.column} = {entry.charge.partition.value}",
            "digest": entry.receipt.digest,
        }
        for entry in state.entries
    ]
