"""Hierarchies built from a table, by intervals, by parts of a date, or by prefixes."""

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Literal, get_args

import polars as pl

from analytics_lib.core.checks import require_at_least, require_choice, require_finite
from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.events.boundary import as_table
from analytics_lib.privacy.hierarchies.hierarchy import (
    ANYTHING,
    Hierarchy,
    as_text,
    checked_hierarchy,
)

DatePart = Literal["month", "quarter", "half", "year", "decade"]
_DATE_LABELS = {
    "month": pl.col("day").dt.strftime("%Y-%m"),
    "quarter": pl.format("{}-Q{}", pl.col("day").dt.year(), pl.col("day").dt.quarter()),
    "half": pl.format("{}-H{}", pl.col("day").dt.year(), (pl.col("day").dt.month() + 5) // 6),
    "year": pl.col("day").dt.year().cast(pl.String),
    "decade": pl.format("{}s", pl.col("day").dt.year() // 10 * 10),
}


def hierarchy_from_table(
    rows: Any,  # noqa: ANN401 - any supported frame
    *,
    name: str,
    numeric: bool = False,
) -> Hierarchy:
    """The hierarchy written down as a table, in the layout of ARX's files.

    Args:
        rows: One row a value: the value, then its label at each level, the last column
            the same label for all. The names of the columns do not matter.
        name: The column that the hierarchy is for.
        numeric: Whether the values are numbers. Then the loss of a label is the width of
            its range; otherwise it is its share of the values.

    Raises:
        SchemaError: There are no rows, a cell is empty, a value is there twice or is no number,
            a label has two labels above it, or the highest level has more than one.

    Examples:
        >>> rows = pl.DataFrame({"0": ["Rome", "Oslo"], "1": ["South", "North"], "2": ["*", "*"]})
        >>> hierarchy_from_table(rows, name="city").labels
        (('Rome', 'Oslo'), ('South', 'North'), ('*',))
    """
    table: pl.DataFrame = as_table(rows, [], name="rows").collect(backend="polars").to_native()
    levels = [as_text(column) for column in table]
    if table.is_empty():
        raise SchemaError(f"The hierarchy of `{name}` has no rows.")
    empty = sum(column.null_count() for column in levels)
    if empty:
        raise SchemaError(
            f"The hierarchy of `{name}` has {empty} empty cells; every value needs a label at "
            "every level."
        )
    positions = _numbers(levels[0], name=name) if numeric else None
    return checked_hierarchy(name, [level.to_list() for level in levels], positions=positions)


def hierarchy_by_interval(
    values: pl.Series | Sequence[float],
    *,
    name: str,
    widths: Sequence[float],
    origin: float = 0,
) -> Hierarchy:
    """Half-open intervals of growing width, such as 5, 10 and 20 years.

    Args:
        values: Numbers; missing ones are left out here and form a label of their own later.
        name: The column that the hierarchy is for.
        widths: Width at each level above the values; each a multiple of the one before.
        origin: Where one of the intervals begins.

    Raises:
        ParameterError: A width is not above 0 or is no multiple of the one before.
        SchemaError: There are no values, or they are no numbers.

    Examples:
        >>> hierarchy_by_interval([17, 23, 31], name="age", widths=[10, 20]).labels[1:]
        (('[10, 20)', '[20, 30)', '[30, 40)'), ('[0, 20)', '[20, 40)'), ('*',))
    """
    require_finite(origin, name="origin")
    for width in widths:
        require_finite(width, name="widths")
        if not width > 0:
            raise ParameterError(f"`widths` has {width}; a width must be above 0.")
    for narrow, wide in itertools.pairwise(widths):
        if wide <= narrow or not math.isclose(wide / narrow, round(wide / narrow)):
            raise ParameterError(
                f"`widths` has {wide} after {narrow}; each must be a multiple of the one before."
            )
    texts = _distinct(values, name=name)
    numbers = _numbers(texts, name=name)
    levels = [[_interval(number, width, origin) for number in numbers] for width in widths]
    top = [ANYTHING] * len(numbers)
    return checked_hierarchy(name, [texts.to_list(), *levels, top], positions=numbers)


def hierarchy_by_date_part(
    values: pl.Series, *, name: str, parts: Sequence[DatePart] = ("month", "quarter", "year")
) -> Hierarchy:
    """Days, coarsened to months, quarters, halves, years or decades.

    Args:
        values: Dates; missing ones are left out here and form a label of their own later.
        name: The column that the hierarchy is for.
        parts: The levels, the finest first.

    Raises:
        ParameterError: A part is unknown, or does not contain the one before.
        SchemaError: There are no values, or they are no dates.

    Examples:
        >>> import datetime as dt
        >>> days = pl.Series([dt.date(2014, 6, 30), dt.date(2014, 7, 1)])
        >>> hierarchy_by_date_part(days, name="joined", parts=["quarter", "year"]).labels[1:]
        (('2014-Q2', '2014-Q3'), ('2014',), ('*',))
    """
    order = get_args(DatePart)
    for part in parts:
        require_choice(part, order, name="parts")
    for fine, coarse in itertools.pairwise(parts):
        if order.index(coarse) <= order.index(fine):
            raise ParameterError(
                f"`parts` has {coarse!r} after {fine!r}; each must contain the one before."
            )
    if values.dtype != pl.Date:
        raise SchemaError(f"`{name}` is {values.dtype}; it must be dates.")
    texts = _distinct(values, name=name)
    days = pl.DataFrame({"day": texts.str.to_date()})
    levels = [days.select(_DATE_LABELS[part].alias("label"))["label"].to_list() for part in parts]
    numbers = days["day"].cast(pl.Int32).cast(pl.Float64).to_list()
    top = [ANYTHING] * len(numbers)
    return checked_hierarchy(name, [texts.to_list(), *levels, top], positions=numbers)


def hierarchy_by_prefix(
    values: pl.Series | Sequence[str], *, name: str, keep: Sequence[int]
) -> Hierarchy:
    """Texts such as postcodes, cut to prefixes; a star stands for all that follows.

    The star says nothing of how much is cut: one star a letter would give the
    length away.

    Args:
        values: Texts; missing ones are left out here and form a label of their own later.
        name: The column that the hierarchy is for.
        keep: Leading characters kept at each level, falling, each at least 1.

    Raises:
        ParameterError: A number is below 1 or does not fall.
        SchemaError: There are no values.

    Examples:
        >>> hierarchy_by_prefix(["4711", "4722"], name="postcode", keep=[3, 2]).labels
        (('4711', '4722'), ('471*', '472*'), ('47*',), ('*',))
    """
    for length in keep:
        require_at_least(length, 1, name="keep")
    for longer, shorter in itertools.pairwise(keep):
        if shorter >= longer:
            raise ParameterError(
                f"`keep` has {shorter} after {longer}; it must fall from level to level."
            )
    texts = _distinct(values, name=name).to_list()
    levels = [[text[:length] + ANYTHING for text in texts] for length in keep]
    return checked_hierarchy(name, [texts, *levels, [ANYTHING] * len(texts)])


def hierarchy_by_suppression(values: pl.Series | Sequence[Any], *, name: str) -> Hierarchy:
    """Every value as it is, or nothing: for a column that has no coarser labels.

    Raises:
        SchemaError: There are no values.

    Examples:
        >>> hierarchy_by_suppression(["f", "m", "f"], name="sex").labels
        (('f', 'm'), ('*',))
    """
    texts = _distinct(values, name=name).to_list()
    return checked_hierarchy(name, [texts, [ANYTHING] * len(texts)])


def _distinct(values: pl.Series | Sequence[Any], *, name: str) -> pl.Series:
    column = values if isinstance(values, pl.Series) else _series(values, name=name)
    distinct = as_text(column).drop_nulls().unique().sort()
    if distinct.is_empty():
        raise SchemaError(f"`{name}` has no values to build a hierarchy of.")
    return distinct


def _series(values: Sequence[Any], *, name: str) -> pl.Series:
    """Whole numbers and fractions may stand beside each other; other mixtures may not."""
    try:
        return pl.Series(values=values)
    except (TypeError, OverflowError):
        pass
    try:
        return pl.Series(values=[None if value is None else float(value) for value in values])
    except (TypeError, ValueError, OverflowError):
        raise SchemaError(
            f"`{name}` has values of several types; all must be of one type."
        ) from None


def _numbers(texts: pl.Series, *, name: str) -> list[float]:
    numbers = texts.cast(pl.Float64, strict=False)
    wrong = len(texts) - int(numbers.is_finite().fill_null(value=False).sum())
    if wrong:
        raise SchemaError(
            f"`{name}` has {wrong} values that are no numbers; a numeric hierarchy needs numbers."
        )
    return numbers.to_list()


def _interval(number: float, width: float, origin: float) -> str:
    """The interval of a number, by exact arithmetic: 0.3 / 0.1 is below 3 in floating point."""
    step, zero = _exact(width), _exact(origin)
    start = zero + (_exact(number) - zero) // step * step
    return f"[{_written(start)}, {_written(start + step)})"


def _exact(number: float) -> Fraction:
    """The number as it is written, not as it is stored."""
    return Fraction(repr(float(number)))


def _written(number: Fraction) -> str:
    """All digits of a whole number, so that two large ones do not get one label."""
    return str(number.numerator) if number.denominator == 1 else f"{float(number):.12g}"
