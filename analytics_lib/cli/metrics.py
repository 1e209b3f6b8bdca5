"""`analytics metrics`: what every metric means, and the values that are stored."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from analytics_lib.cli.output import print_json, say

app = typer.Typer(help="What every metric means, and stored values.", no_args_is_help=True)

_LakeName = Annotated[
    str | None, typer.Option(help="Name of the lake; the default one without it.")
]


@app.command("list")
def list_metrics(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False
) -> None:
    """List every metric with the question it answers."""
    from analytics_lib.reporting.dictionary import metric_cards  # noqa: PLC0415 - start-up time

    cards = metric_cards()
    if as_json:
        print_json(cards)
        return
    width = max(len(card["function"]) for card in cards)
    for card in sorted(cards, key=lambda card: str(card["function"])):
        say(f"{card['function']:<{width}}  {card['question']}")


@app.command("show")
def show_metric(
    name: Annotated[str, typer.Argument(help="A function, such as `active_users`.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show what a metric means: its definition, variants and source."""
    from dataclasses import asdict  # noqa: PLC0415 - start-up time

    from analytics_lib.metrics import metric  # noqa: PLC0415

    card: dict[str, Any] = asdict(metric(name))
    if as_json:
        print_json(card)
        return
    say(f"{card['name']}: {card['question']}")
    for key in ("definition", "variants", "unit", "direction", "source", "owner"):
        say(f"  {key}: {card[key]}")
    for key in ("target", "alert_below", "alert_above"):
        if card[key] is not None:
            say(f"  {key}: {card[key]:g}")
    say(f"  alert_reason: {card['alert_reason']}")


@app.command("store")
def store_values(
    *,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="Last complete day (2015-03-31); the lake's without it."),
    ] = None,
    history_complete: Annotated[
        bool,
        typer.Option(help="The log begins with the platform, so first events are new users."),
    ] = False,
    lake: _LakeName = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Compute the metrics of activity for every complete period and store what is new.

    Only data files that came since the last time are read. A value of the past
    that changed is stored as a new revision beside the old one.
    """
    from analytics_lib.core.periods import parse_date  # noqa: PLC0415 - start-up time
    from analytics_lib.warehouse.metric_values import store_metric_values  # noqa: PLC0415

    day = None if as_of is None else parse_date(as_of, name="as_of")
    done = store_metric_values(_lake(lake), as_of=day, history_complete=history_complete)
    if as_json:
        print_json(done.to_dict())
        return
    for line in done.lines():
        say(line)


@app.command("values")
def show_values(
    name: Annotated[str, typer.Argument(help="A stored metric, such as `active_users`.")],
    *,
    revisions: Annotated[bool, typer.Option(help="Show earlier revisions too.")] = False,
    lake: _LakeName = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show the stored values of a metric, with what they mean and where they came from."""
    from analytics_lib.core.periods import day_date  # noqa: PLC0415 - start-up time
    from analytics_lib.warehouse import open_lake  # noqa: PLC0415
    from analytics_lib.warehouse.metric_values import metric_values  # noqa: PLC0415

    rows = metric_values(open_lake(_lake(lake)), name, revisions=revisions).to_dicts()
    for row in rows:
        for key in ("period_start", "period_end", "through", "as_of"):
            row[key] = day_date(row.pop(f"{key}_day")).isoformat()
        for key in ("dimensions", "semantics", "computed_from"):
            row[key] = json.loads(row[key])
    if as_json:
        print_json(rows)
        return
    heading = None
    for row in rows:
        said = [f"{key} {value}" for key, value in row["semantics"].items()]
        if heading != (heading := f"{name}, {row['grain']} ({'; '.join(said)})"):
            say(heading)
        parts = [f"{key} {value}" for key, value in row["dimensions"].items()]
        value = "withdrawn" if row["value"] is None else f"{row['value']:g} {row['unit']}"
        revision = f"revision {row['revision']}" if row["revision"] > 1 or revisions else ""
        period = f"{row['period_start']}..{row['period_end']}"
        say("  " + ", ".join(filter(None, [f"{period}: {value}", *parts, revision])))


def _lake(name: str | None) -> Path:
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415 - start-up time

    return find_project().lake_of(name)
