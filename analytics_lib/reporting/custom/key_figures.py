"""The key figures of a custom report, and the sentence that answers its question."""

from typing import Any

import polars as pl

from analytics_lib import display
from analytics_lib.core.checks import require_columns
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.results import Estimate
from analytics_lib.metrics import metric
from analytics_lib.privacy import safe_count
from analytics_lib.privacy.small_counts import SUPPRESSED
from analytics_lib.reporting.custom.asked import Asked, label_of, rows_in_words
from analytics_lib.reporting.custom.definition import HEADLINE, Tile
from analytics_lib.reporting.custom.protection import ratio_of, safe_estimate
from analytics_lib.reporting.custom.reading import is_about_people
from analytics_lib.reporting.gate.policy import DisclosurePolicy

_PERSONS = ("users", "learners", "people", "members")
_YEAR = {"month": 12, "quarter": 4}
_BETTER = {"higher is better": True, "lower is better": False}


def key_figure(
    tile: Tile, answer: Asked | Estimate | float, *, name: str, policy: DisclosurePolicy
) -> display.Tile:
    """One key figure: the last complete period against the one before, or the only value.

    Raises:
        ParameterError: The result has several rows for a period.
    """
    common: dict[str, Any] = {
        "name": name,
        "label": label_of(tile),
        "target": tile.target,
        "higher_is_better": _higher_is_better(tile),
    }
    if isinstance(answer, Asked):
        return _of_frame(tile, answer, common)
    of_people = is_about_people(tile)
    if isinstance(answer, Estimate):
        safe = safe_estimate(answer, of_people=of_people, policy=policy)
        words = "users" if of_people else ""
        return display.Tile(value=safe, n_label=words, missing=_why(safe), **common)
    unit = tile.unit or metric(tile.metric).unit
    value = safe_count(answer, minimum=policy.minimum_count) if unit in _PERSONS else answer
    return display.Tile(value=value, unit=unit, missing=_why(value), **common)


def _higher_is_better(tile: Tile) -> bool | None:
    """What the file says; else what the metric says of its main column, and of no other one."""
    if tile.higher_is_better is not None or tile.value is not None:
        return tile.higher_is_better
    return _BETTER.get(metric(tile.metric).direction)


def answer_sentence(tile: display.Tile, rows: str) -> str:
    """The page's answer: what the first key figure says, in one sentence."""
    if tile.value is None:
        return display.sentence(f"{tile.label}: {tile.missing}. {rows}")
    if tile.previous is not None:
        said = display.describe_change(
            tile.value,
            tile.previous,
            what=tile.label,
            against=tile.previous_label,
            unit=tile.unit,
        )
    elif isinstance(tile.value, Estimate):
        said = display.describe_value(tile.value, what=tile.label)
    else:
        said = display.sentence(f"{tile.label}: {display.quantity(tile.value, tile.unit)}")
    return f"{said} {rows}".strip()


def _of_frame(tile: Tile, asked: Asked, common: dict[str, Any]) -> display.Tile:
    reading = asked.reading
    base = _base(asked)
    shown = asked.safe(reading.value, *(reading.bounds or ()), *([base] if base else []))
    known = _picked(tile, shown, asked).filter(
        pl.col(SUPPRESSED) | pl.col(reading.value).is_not_null()
    )
    if reading.time is None and known.height > 1:
        raise ParameterError(_several(tile, asked))
    now = _number(known, 0, asked)
    changes: dict[str, Any] = {}
    if reading.time is not None:
        period = tile.period or "day"
        changes = {
            "previous": _number(known, 1, asked),
            "previous_label": f"the {period} before",
        }
        back = _YEAR.get(period)
        if back and known.height > back:
            changes |= {
                "year_before": _number(known, back, asked),
                "year_before_label": f"the same {period} a year before",
            }
    hidden = known.height > 0 and known[SUPPRESSED][-1]
    return display.Tile(
        value=now,
        unit=reading.unit,
        missing="suppressed" if hidden else "no value",
        n_label=_base_words(now, asked),
        **changes,
        **common,
    )


def _picked(tile: Tile, rows: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """The rows of the key figure, one a period."""
    require_columns(asked.raw.columns, tile.pick, name=f"result of {tile.metric}")
    for column, value in tile.pick.items():
        rows = rows.filter(pl.col(column) == pl.lit(value))
    keys = [name for name in (*asked.reading.groups, asked.reading.age) if name]
    time = asked.reading.time
    varying = [name for name in keys if name != time and rows[name].n_unique() > 1]
    cohorts = time is not None and time == "cohort_start"
    if varying and (time is None or (rows[time].n_unique() < rows.height and not cohorts)):
        raise ParameterError(_several(tile, asked))
    return rows


def _several(tile: Tile, asked: Asked) -> str:
    keys = [name for name in (*asked.reading.groups, asked.reading.age) if name]
    return (
        f"`{tile.metric}` gives several rows ({', '.join(keys)}); a key figure is one. Say which "
        "with `pick`, or leave `by` out."
    )


def _number(rows: pl.DataFrame, back: int, asked: Asked) -> Any:  # noqa: ANN401 - an Estimate or a number
    if rows.height <= back:
        return None
    row = rows.row(rows.height - 1 - back, named=True)
    value = row[asked.reading.value]
    if value is None or asked.reading.bounds is None:
        return value
    return _estimate(row, asked, value)


def _estimate(row: dict[str, Any], asked: Asked, value: float) -> Any:  # noqa: ANN401 - an Estimate or a number
    """With its interval, where the result says what the value rests on."""
    base = _base(asked)
    low, high = (row[bound] for bound in asked.reading.bounds or ())
    if base is None or row[base] is None or low is None or high is None:
        return value
    return Estimate(
        value=value,
        ci_lower=low,
        ci_upper=high,
        n=int(row[base]),
        unit=asked.reading.unit,
    )


def _base(asked: Asked) -> str | None:
    whole = [n for n in asked.reading.numbers if asked.raw.schema[n].is_integer()]
    found = ratio_of(asked.raw, asked.reading.value, whole)
    return found[1] if found else None


def _base_words(now: Any, asked: Asked) -> str:  # noqa: ANN401 - an Estimate or a number
    base = _base(asked) if isinstance(now, Estimate) else None
    return asked.reading.units[base] if base else ""


def _why(value: object) -> Any:  # noqa: ANN401 - a word of display
    return "suppressed" if value is None else "no value"


def headline_results(tile: display.Tile) -> dict[str, Any]:
    """The named result of the page."""
    return {HEADLINE: float("nan") if tile.value is None else tile.value}


def rows_of_answer(tile: Tile) -> str:
    """Which rows the answer is about."""
    return rows_in_words(tile)
