"""The page of a custom report: one call computes it, one attribute a cell shows it."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analytics_lib import display
from analytics_lib.core.errors import AnalyticsError, ParameterError
from analytics_lib.core.strict import validate
from analytics_lib.display.groups import Group, Part, group
from analytics_lib.display.shown import Shown
from analytics_lib.events.log import EventLog
from analytics_lib.metrics import metric
from analytics_lib.reporting.custom.asked import Asked, answer_of, label_of
from analytics_lib.reporting.custom.asking import EVENTS, tables_of
from analytics_lib.reporting.custom.charts import draw
from analytics_lib.reporting.custom.checking import mistakes_of, sums_that_stay_back
from analytics_lib.reporting.custom.definition import (
    HEADLINE,
    Custom,
    Measure,
    Section,
    Tile,
    measures_of,
)
from analytics_lib.reporting.custom.key_figures import (
    answer_sentence,
    headline_results,
    key_figure,
    rows_of_answer,
)
from analytics_lib.reporting.custom.places import KEY_FIGURES, chart_id
from analytics_lib.reporting.custom.proofs import judged_together, with_proof
from analytics_lib.reporting.gate.policy import DisclosurePolicy, load_policy
from analytics_lib.reporting.project import Project, find_project
from analytics_lib.warehouse import Lake


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomPage:
    """Everything a custom report shows, in order.

    Attributes:
        introduction: The words below the title.
        answer: The answer in one sentence.
        tiles: The key figures.
        sections: The charts and tables with their headings and words.
        data: What became of the events before they were counted, and of the sums.
        definitions: What the metrics mean.
    """

    introduction: Group
    answer: display.Answer
    tiles: display.Tiles
    sections: Group
    data: Shown
    definitions: display.Definitions


def custom_page(
    lake: Lake,
    *,
    question: str,
    text: str,
    tiles: Sequence[Mapping[str, Any]],
    sections: Sequence[Mapping[str, Any]],
    columns: int,
    as_of: dt.date,
    policy: DisclosurePolicy | None = None,
    project: Project | None = None,
) -> CustomPage:
    """Compute the page that a file `parameters/custom/<name>.yaml` describes.

    Counts of people are protected by the policy before anything is drawn, so a
    page by somebody who never heard of disclosure control passes the gate.

    Args:
        lake: The lake.
        question: The page's title.
        text: Words below the title.
        tiles: Key figures, as the file gives them.
        sections: Charts and tables, as the file gives them.
        columns: Sections side by side.
        as_of: Last complete day.
        policy: What may be published; the project's without it.
        project: The project; the one at or above the current folder where None.

    Raises:
        ParameterError: The description holds a mistake; the message names its place.
        SchemaError: A column does not exist.
    """
    parts = {"tiles": list(tiles), "sections": list(sections), "columns": columns}
    report = validate(Custom, {"question": question, "text": text, **parts}, name="custom")
    allowed = policy or load_policy(project or find_project())
    mistakes = [*mistakes_of(report), *sums_that_stay_back(report, allowed)]
    if mistakes:
        raise ParameterError(" ".join(mistakes))
    measured = {
        table for m in measures_of(report).values() for table in tables_of(m.metric).values()
    }
    known = EVENTS in measured and EVENTS in lake.tables()
    events = lake.prepared_events(as_of=as_of) if known else None
    answers = judged_together(report, _answers(report, lake, events, as_of=as_of, policy=allowed))
    figures = [
        _at(f"tiles.{at}", key_figure, tile, answers[f"tiles.{at}"], name=_name(at), policy=allowed)
        for at, tile in enumerate(report.tiles)
    ]
    return CustomPage(
        introduction=group([Part(id="introduction", text=report.text)], id="words"),
        answer=display.answer(
            answer_sentence(figures[0], rows_of_answer(report.tiles[0])),
            results=headline_results(figures[0]),
        ),
        tiles=display.tiles(figures, id=KEY_FIGURES),
        sections=group(
            [_part(at, section, answers) for at, section in enumerate(report.sections)],
            id="sections",
            columns=2 if report.columns > 1 else 1,
        ),
        data=with_proof(
            report,
            answers,
            display.note(_account(events, minimum=allowed.minimum_count), kind="data"),
        ),
        definitions=display.definitions(
            [metric(name) for name in dict.fromkeys(m.metric for m in measures_of(report).values())]
        ),
    )


def _answers(
    report: Custom,
    lake: Lake,
    events: EventLog | None,
    *,
    as_of: dt.date,
    policy: DisclosurePolicy,
) -> dict[str, Any]:
    """Each measure answered once, however often the page shows it."""
    known: dict[str, Any] = {}
    answers: dict[str, Any] = {}
    for place, measure in measures_of(report).items():
        key = json.dumps(measure.model_dump(include=set(Measure.model_fields) - {"label"}))
        if key not in known:
            tables = _at(place, _tables, measure, lake, events)
            known[key] = _at(place, answer_of, measure, tables, as_of=as_of, policy=policy)
        answers[place] = known[key]
    return answers


def _tables(measure: Measure, lake: Lake, events: EventLog | None) -> dict[str, Any]:
    needed = tables_of(measure.metric).values()
    missing = sorted(set(needed) - set(lake.tables()))
    if missing:
        raise ParameterError(
            f"`{measure.metric}` needs the tables {missing}, which this lake does not have; it "
            f"has {lake.tables()}."
        )
    return {name: events if name == EVENTS else lake.table(name) for name in needed}


def _account(events: EventLog | None, *, minimum: int) -> str:
    if events is None or events.preparation is None:
        return "No number here rests on the event log."
    return events.preparation.summary(minimum=minimum)


def _part(at: int, section: Section, answers: Mapping[str, Any]) -> Part:
    answer = answers[f"sections.{at}"]
    if not isinstance(answer, Asked):
        raise ParameterError(
            f"`sections.{at}`: `{section.metric}` is a single number; show it as a key figure in "
            "`tiles`."
        )
    return Part(
        id=f"section-{at + 1}",
        title=section.title or metric(section.metric).question,
        text=section.text,
        shown=_at(f"sections.{at}", draw, section, answer, id_=chart_id(at)),
    )


def _name(at: int) -> str:
    return HEADLINE if at == 0 else f"key_figure_{at + 1}"


def _at(place: str, call: Any, *values: Any, **named: Any) -> Any:  # noqa: ANN401 - any function
    """The call, with the place in the file before whatever it complains of."""
    try:
        return call(*values, **named)
    except AnalyticsError as error:
        raise type(error)(f"`{place}`: {error}") from error


__all__ = ["CustomPage", "Tile", "custom_page", "label_of"]
