"""The sums of a whole custom page: judged together, and the proof that the gate asks for."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from analytics_lib import display
from analytics_lib.display.groups import Part, group
from analytics_lib.display.shown import Shown
from analytics_lib.privacy.dominance import PROTECTION
from analytics_lib.reporting.custom.amounts import judged_sums
from analytics_lib.reporting.custom.asked import Asked
from analytics_lib.reporting.custom.definition import Custom, Measure, Section, measures_of
from analytics_lib.reporting.custom.places import objects_with_sums


def judged_together(report: Custom, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers, each with every sum that the page as a whole lets a reader know.

    Gross revenue in one chart and net revenue in another are the refunds.

    Args:
        report: The report.
        answers: What each measure gave, by its place.
    """
    known: dict[str, set[str]] = {}
    for place, measure in measures_of(report).items():
        answer = answers[place]
        if isinstance(answer, Asked) and answer.amounts is not None:
            shown = judged_sums(answer.amounts, _shown(measure, answer), answer.reading)
            known.setdefault(answer.amounts.family, set()).update(shown)
    return {place: _judged(answer, known) for place, answer in answers.items()}


def with_proof(report: Custom, answers: Mapping[str, Any], note: display.Note) -> Shown:
    """The note on the data, and below it that the sums of the page are protected, if there are any.

    Args:
        report: The report.
        answers: What each measure gave, by its place.
        note: What became of the events.
    """
    proofs = [
        answer.safe_value().select(PROTECTION)
        for answer in answers.values()
        if isinstance(answer, Asked) and answer.amounts is not None
    ]
    if not proofs:
        return note
    proof = display.protected_sums(pl.concat(proofs), objects=objects_with_sums(report))
    parts = [Part(id="events", shown=note), Part(id="sums", shown=proof)]
    return group(parts, id="data-notes")


def _shown(measure: Measure, answer: Asked) -> list[str]:
    if isinstance(measure, Section) and measure.chart == "table":
        return measure.columns or answer.reading.shown()
    return [answer.reading.value]


def _judged(answer: Any, known: Mapping[str, set[str]]) -> Any:  # noqa: ANN401 - a frame or a number
    if not isinstance(answer, Asked) or answer.amounts is None:
        return answer
    together = known[answer.amounts.family]
    judged = answer.amounts.sums if len(together) > 1 else tuple(together)
    return replace(answer, amounts=replace(answer.amounts, judged=judged))
