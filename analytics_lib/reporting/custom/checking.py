"""Every mistake of a custom report at once, before anything is computed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import AnalyticsError, ParameterError
from analytics_lib.core.strict import validate
from analytics_lib.reporting.custom.definition import (
    HEADLINE,
    REPORT,
    Custom,
    Measure,
    Section,
    measures_of,
)
from analytics_lib.reporting.custom.places import objects_with_sums
from analytics_lib.reporting.notebook import ReportNotebook

if TYPE_CHECKING:
    from analytics_lib.reporting.gate.policy import DisclosurePolicy


def notebook_of_a_run(
    notebook: ReportNotebook, parameters: Mapping[str, Any], *, name: str
) -> ReportNotebook:
    """The notebook as one run of it: a custom report has a title and tables of its own.

    Args:
        notebook: The report's notebook.
        parameters: Its checked parameters.
        name: What messages call them.

    Raises:
        ParameterError: A custom report holds a mistake; the message lists all.
    """
    if notebook.name != REPORT:
        return notebook
    report = validate(Custom, parameters, name=name)
    mistakes = mistakes_of(report)
    if mistakes:
        raise ParameterError(f"{name}: {' '.join(mistakes)}")
    card = notebook.card.model_copy(
        update={"reads": tables_read(report), "sums": objects_with_sums(report)}
    )
    return replace(notebook, title=report.question, card=card)


def metrics_of_results(report: str, parameters: Mapping[str, Any]) -> dict[str, str]:
    """The metric of each named result of a page, where the page says it.

    That of a custom report is the first key figure; the card of its metric is about the
    metric's main column and not about another one that `value` names.
    """
    if report != REPORT:
        return {}
    first = parameters["tiles"][0]
    return {} if first.get("value") else {HEADLINE: first["metric"]}


def mistakes_of(report: Custom) -> list[str]:
    """What is wrong with each key figure and section, found out on empty tables."""
    return [
        f"`{place}`: {mistake}"
        for place, measure in measures_of(report).items()
        if (mistake := mistake_of(measure))
    ]


def sums_that_stay_back(report: Custom, policy: "DisclosurePolicy") -> list[str]:
    """Measures whose sums cannot be protected from dominance, as the policy asks."""
    from analytics_lib.reporting.custom.amounts import (  # noqa: PLC0415 - loads polars
        several_ways,
        unknown_contributors,
    )

    measures = measures_of(report)
    unknown = [
        f"`{place}`: {mistake}"
        for place, measure in measures.items()
        if (mistake := unknown_contributors(measure.metric, policy))
    ]
    return [*unknown, *several_ways(measures, policy)]


def tables_read(report: Custom) -> list[str]:
    """Every table the page is computed from, sorted."""
    from analytics_lib.reporting.custom.asking import tables_of  # noqa: PLC0415 - loads polars

    return sorted({t for m in measures_of(report).values() for t in tables_of(m.metric).values()})


def mistake_of(measure: Measure) -> str:
    """What is wrong with one key figure or section; empty where nothing is."""
    import polars as pl  # noqa: PLC0415 - start-up time

    from analytics_lib.reporting.custom.asking import dry_run  # noqa: PLC0415
    from analytics_lib.reporting.custom.reading import read  # noqa: PLC0415

    try:
        answer = dry_run(measure)
        if isinstance(answer, pl.DataFrame):
            _require_columns(measure, read(answer, measure).shown(), answer.columns)
        else:
            _require_key_figure(measure)
    except AnalyticsError as error:
        return str(error)
    return ""


def _require_columns(measure: Measure, shown: list[str], columns: list[str]) -> None:
    named = {
        "columns": (getattr(measure, "columns", []), shown),
        "pick": (getattr(measure, "pick", {}), columns),
    }
    for place, (names, valid) in named.items():
        for name in names:
            if name not in valid:
                raise ParameterError(
                    f"`{place}` names `{name}`; `{measure.metric}` gives {valid}."
                    + suggest(name, valid)
                )


def _require_key_figure(measure: Measure) -> None:
    if isinstance(measure, Section):
        raise ParameterError(
            f"`{measure.metric}` is a single number; show it as a key figure in `tiles`."
        )
    if measure.value is not None:
        raise ParameterError(f"`{measure.metric}` is a single number; leave `value` out.")
