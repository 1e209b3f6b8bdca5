"""What the objects of a custom page are called, and which of them show sums."""

from analytics_lib.reporting.custom.definition import Custom, Measure

KEY_FIGURES = "key-figures"


def chart_id(at: int) -> str:
    """The id of the chart of a section, counted from 0."""
    return f"chart-{at + 1}"


def objects_with_sums(report: Custom) -> list[str]:
    """Ids of the objects that show sums of what people contributed, or what is computed of them."""
    sections = [chart_id(at) for at, part in enumerate(report.sections) if _gives_sums(part)]
    figures = [KEY_FIGURES] if any(_gives_sums(tile) for tile in report.tiles) else []
    return [*figures, *sections]


def _gives_sums(measure: Measure) -> bool:
    from analytics_lib.metrics.registry import METRICS  # noqa: PLC0415 - loads every metric

    return measure.metric in METRICS and bool(METRICS[measure.metric].sums)
