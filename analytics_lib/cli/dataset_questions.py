"""A request for data, asked for in words."""

from typing import Any

import typer

from analytics_lib.publishing.policy import ResearchPolicy
from analytics_lib.publishing.request import POLICY_RATE

_TEXTS = {
    "name": "Name of the package (small letters, digits, hyphens)",
    "dataset": "Data set",
    "title": "Title of the research",
    "purpose": "What are the data for",
    "organisation": "Organisation",
    "requester": "Your name",
    "contact": "How to reach you (stored, never shown)",
}


def ask(policy: ResearchPolicy) -> dict[str, Any]:
    """Ask for every part of a request; what may be chosen from is shown."""
    content: dict[str, Any] = {name: str(typer.prompt(text)) for name, text in _TEXTS.items()}
    content["area"] = _choice("Area", policy.areas)
    content["legal_basis"] = _choice("Legal basis", policy.legal_bases)
    content["privacy_level"] = _choice("Privacy level", list(policy.levels))
    content["fields"] = _list("Fields, with commas between")
    content["period"] = {
        "from": str(typer.prompt("First day (2014-01-31)")),
        "to": str(typer.prompt("Last day (2014-12-31)")),
    }
    content["geographic_scope"] = _list("Geographic scope, with commas between", default="all")
    rate = str(typer.prompt("Synthetic rows for each real one (0.1; default; 0)", default="0"))
    content["synthetic_rate"] = rate if rate == POLICY_RATE else _number(rate)
    return content


def _number(text: str) -> float | str:
    """A number, or the text as it is, so that the request says what is wrong with it."""
    try:
        return float(text)
    except ValueError:
        return text


def _choice(question: str, choices: list[str]) -> str:
    return str(typer.prompt(f"{question} ({'; '.join(choices)})"))


def _list(question: str, default: str | None = None) -> list[str]:
    given = str(typer.prompt(question, default=default))
    return [part.strip() for part in given.split(",") if part.strip()]
