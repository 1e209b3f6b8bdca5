"""`analytics metrics`: what every metric means."""

from typing import Annotated, Any

import typer

from analytics_lib.cli.output import print_json, say

app = typer.Typer(help="What every metric means.", no_args_is_help=True)


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
