"""The package for people: datasheet, data dictionary, terms, and the privacy report as a page."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from analytics_lib.display import stylesheet
from analytics_lib.publishing.card import PackageCard

_TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def datasheet(card: PackageCard, report: dict[str, Any]) -> str:
    """`README.md`: motivation, composition, collection, what was done, limits, how to analyse."""
    return _rendered("datasheet.md.j2", card, report)


def tables_datasheet(card: PackageCard, report: dict[str, Any]) -> str:
    """`README.md` of a package of tables of noisy counts alone."""
    return _rendered("tables_datasheet.md.j2", card, report)


def tables_page(card: PackageCard, report: dict[str, Any]) -> str:
    """`privacy_report.html` of a package of tables of noisy counts alone."""
    return _rendered("tables_privacy.html.j2", card, report)


def data_dictionary(card: PackageCard, report: dict[str, Any]) -> str:
    """`data_dictionary.md`: every column with its type, unit, privacy role and meaning."""
    return _rendered("data_dictionary.md.j2", card, report)


def usage_terms(card: PackageCard, report: dict[str, Any]) -> str:
    """`LICENCE.md`: what recipients agree to, for how long, and the licences of the sources."""
    return _rendered("licence.md.j2", card, report)


def privacy_page(card: PackageCard, report: dict[str, Any]) -> str:
    """`privacy_report.html`: the report as one page that loads nothing and runs no script."""
    return _rendered("privacy.html.j2", card, report)


def _rendered(template: str, card: PackageCard, report: dict[str, Any]) -> str:
    return (
        _environment()
        .get_template(template)
        .render(card=card, report=report, stylesheet=stylesheet())
    )
