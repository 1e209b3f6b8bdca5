"""The chart or table of a section."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from analytics_lib import display
from analytics_lib.core.checks import require_columns
from analytics_lib.core.errors import ParameterError
from analytics_lib.display.theme import SERIES
from analytics_lib.metrics import metric
from analytics_lib.privacy.small_counts import SUPPRESSED
from analytics_lib.reporting.custom.asked import Asked, label_of, rows_in_words, why_suppressed
from analytics_lib.reporting.custom.definition import Chart, Section
from analytics_lib.reporting.custom.reading import Reading, as_column, heading

_SERIES = "series"
_MOST_BARS = 30
_SIZES = ("users", "members")


def draw(section: Section, asked: Asked, *, id_: str) -> display.Shown:
    """The chart or table of a section.

    Raises:
        ParameterError: The chart does not fit the result.
        SchemaError: A named column is missing.
    """
    chart = section.chart or fitting_chart(asked.reading)
    drawn = {"line": _line, "bar": _bar, "table": _table, "cohort": _cohort}[chart]
    return drawn(section, asked, _shown(section, asked, chart), id_)


def fitting_chart(reading: Reading) -> Chart:
    """What shows a result best: lines over time or age, bars of groups, else a table."""
    if reading.age == "age" and "cohort" in reading.groups:
        return "cohort"
    if reading.age == "step" or (reading.groups and not reading.time and not reading.age):
        return "bar"
    return "line" if reading.time or reading.age else "table"


def _shown(section: Section, asked: Asked, chart: Chart) -> pl.DataFrame:
    """The rows and columns that are drawn, protected together."""
    reading = asked.reading
    if chart == "table":
        wanted = section.columns or reading.shown()
        frame = asked.safe(*(name for name in wanted if name in reading.numbers))
    elif chart == "cohort":
        sizes = [name for name in _SIZES if name in reading.numbers]
        frame = asked.safe(reading.value, *(reading.bounds or ()), *sizes)
    else:
        frame = asked.safe_value()
    return _last_periods(frame, reading, section.last)


def _last_periods(frame: pl.DataFrame, reading: Reading, last: int | None) -> pl.DataFrame:
    if last is None:
        return frame
    if reading.time is None:
        raise ParameterError("`last` is about periods, and the result has none; leave it out.")
    latest = frame.drop_nulls(reading.value)[reading.time].unique().sort()[-last:]
    return frame.filter(pl.col(reading.time) >= latest.min()) if len(latest) else frame


def _line(section: Section, asked: Asked, frame: pl.DataFrame, id_: str) -> display.Shown:
    reading = asked.reading
    x = reading.time or reading.age
    if x is None:
        raise ParameterError(f"`{section.metric}` has no periods; `chart` must be bar or table.")
    frame, series = _with_series(frame, [name for name in _keys(reading) if name != x])
    if series is None:
        title = display.describe_trend(
            frame, what=label_of(section), x=x, y=reading.value, unit=reading.unit
        )
    else:
        names = frame[series].n_unique()
        if names > len(SERIES):
            raise ParameterError(
                f"`{section.metric}` gives {names} lines, and {len(SERIES)} can be told apart; "
                "use `where`, fewer `by`, or `chart: table`."
            )
        title = _range(
            _newest(frame, x, reading.value),
            f"{label_of(section)} in the last {_step(section, x)}",
            series,
            reading,
        )
    bounds = reading.bounds or (None, None)
    return display.line_with_interval(
        frame,
        id=id_,
        title=title,
        subtitle=_subtitle(section, asked, frame),
        x=x,
        y=reading.value,
        unit=reading.unit,
        ci_lower=bounds[0],
        ci_upper=bounds[1],
        series=series,
        x_label="" if x == reading.time else heading(x, section),
        y_label=heading(reading.value, section),
        series_label=_words([name for name in _keys(reading) if name != x], section),
        metric=section.metric,
    )


def _bar(section: Section, asked: Asked, frame: pl.DataFrame, id_: str) -> display.Shown:
    reading = asked.reading
    keys = [name for name in _keys(reading) if name != reading.time]
    if "name" in keys:
        keys = ["name"]
    if not keys:
        raise ParameterError(f"`{section.metric}` has no groups; `chart` must be line or table.")
    if reading.time is not None:
        frame = _newest(frame, reading.time, reading.value)
    frame, category = _with_series(frame, keys, always=True)
    if frame.height > _MOST_BARS:
        raise ParameterError(
            f"`{section.metric}` gives {frame.height} bars; at most {_MOST_BARS} are drawn. Use "
            "`where`, fewer `by`, or `chart: table`."
        )
    bounds = reading.bounds or (None, None)
    return display.bar(
        frame,
        id=id_,
        title=_range(frame, label_of(section), str(category), reading),
        subtitle=_subtitle(section, asked, frame),
        category=str(category),
        value=reading.value,
        unit=reading.unit,
        ci_lower=bounds[0],
        ci_upper=bounds[1],
        reason=SUPPRESSED,
        category_label=_words(keys, section),
        value_label=heading(reading.value, section),
    )


def _table(section: Section, asked: Asked, frame: pl.DataFrame, id_: str) -> display.Shown:
    reading = asked.reading
    valid = reading.shown()
    require_columns(valid, section.columns, name=f"result of {section.metric}")
    names = section.columns or valid
    note = rows_in_words(section)
    if frame[SUPPRESSED].any():
        note = f"{note} {why_suppressed(asked)}".strip()
    return display.table(
        frame,
        id=id_,
        title=label_of(section),
        columns={name: _column(name, asked, section) for name in names},
        note=note,
        metric=section.metric,
    )


def _column(name: str, asked: Asked, section: Section) -> display.Column:
    column = as_column(name, asked.reading, section)
    if asked.amounts is None or name not in asked.reading.numbers:
        return column
    return replace(column, reason=SUPPRESSED)


def _cohort(section: Section, asked: Asked, frame: pl.DataFrame, id_: str) -> display.Shown:
    reading = asked.reading
    sizes = [name for name in _SIZES if name in frame.columns]
    if "cohort" not in frame.columns or not sizes or reading.unit != "share":
        raise ParameterError(
            f"`{section.metric}` gives no shares by cohort; `chart: cohort` is for "
            "`retention_cohorts` and `recurring_cohorts`."
        )
    later = frame.filter(pl.col("age") > 0)
    return display.cohort_heatmap(
        frame,
        id=id_,
        title=display.describe_trend(
            _by_age(later, reading.value), what=label_of(section), x="age", y="mean", unit="share"
        ),
        subtitle=_subtitle(section, asked, frame),
        cohort="cohort",
        age="age",
        share=reading.value,
        users=sizes[0],
        reason=SUPPRESSED,
        age_label=f"{(section.period or 'day').capitalize()}s since the first",
    )


def _by_age(frame: pl.DataFrame, value: str) -> pl.DataFrame:
    means = frame.group_by("age").agg(pl.col(value).mean().alias("mean")).sort("age")
    return means.with_columns(pl.format("after {}", "age").alias("age"))


def _keys(reading: Reading) -> list[str]:
    return [name for name in (*reading.groups, reading.time, reading.age) if name]


def _with_series(
    frame: pl.DataFrame, keys: Sequence[str], *, always: bool = False
) -> tuple[pl.DataFrame, str | None]:
    """The frame with one name for each group of those columns that tell groups apart."""
    telling = [name for name in keys if frame[name].n_unique() > 1]
    if not telling and not always:
        return frame, None
    parts = [pl.col(name).cast(pl.String).fill_null("unknown") for name in telling or keys]
    return frame.with_columns(pl.concat_str(parts, separator=", ").alias(_SERIES)), _SERIES


def _words(keys: Sequence[str], section: Section) -> str:
    return ", ".join(heading(name, section) for name in keys) or "Group"


def _step(section: Section, x: str) -> str:
    return section.period or ("day" if x == "date" else x)


def _newest(frame: pl.DataFrame, at: str, value: str) -> pl.DataFrame:
    """The rows of the newest period with a value; of the newest at all where none has one."""
    known = frame.drop_nulls(value)
    rows = frame if known.is_empty() else known
    return frame.filter(pl.col(at) == rows[at].max()) if rows.height else frame


def _range(frame: pl.DataFrame, what: str, label: str, reading: Reading) -> str:
    """Lowest and highest group in a sentence that fits a singular and a plural."""
    known = frame.drop_nulls(reading.value).sort(reading.value)
    if known.is_empty():
        return display.sentence(f"{what}: no value in any group")
    said = [
        f"{display.quantity(row[reading.value], reading.unit)} ({row[label]})"
        for row in (known.row(0, named=True), known.row(-1, named=True))
    ]
    words = said[0] if known.height == 1 else " to ".join(said)
    return display.sentence(f"{what}: {words}")


def _subtitle(section: Section, asked: Asked, frame: pl.DataFrame) -> str:
    """The first sentence of the definition, which rows it is about, and what is missing."""
    said = [metric(section.metric).definition.partition(". ")[0].rstrip(".") + "."]
    said.append(rows_in_words(section))
    if frame[SUPPRESSED].any():
        said.append(why_suppressed(asked))
    return " ".join(words for words in said if words)
