"""Strict casts as polars expressions: what cannot be read becomes null, and is reported as such.

Every function takes a source column with its type and returns an expression
that is null where the value is missing or cannot be read. A type that can
never be read, such as a list where a number is due, is refused for the file.
"""

from typing import Protocol

import polars as pl

from analytics_lib.core.errors import SchemaError
from analytics_lib.warehouse.mapping import EpochUnit

TRUE_WORDS = ("true", "t", "yes", "y", "1")
FALSE_WORDS = ("false", "f", "no", "n", "0")
_MICROSECONDS: dict[EpochUnit, int] = {"s": 1_000_000, "ms": 1_000, "us": 1}
_NANOSECONDS_IN_MICROSECOND = 1_000
_NAIVE_FORMATS = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M")


class Cast(Protocol):
    """A cast of a source column."""

    def __call__(self, name: str, dtype: pl.DataType, *, label: str) -> pl.Expr:
        """Return the expression."""


def text(name: str, dtype: pl.DataType, *, label: str) -> pl.Expr:
    """A column as text; the empty text is a missing value.

    Whole numbers lose the `.0` that a missing value elsewhere in the column
    gave them: `28400.0` and `28400` name the same learner.

    Raises:
        SchemaError: The column is nested or binary.
    """
    column = pl.col(name)
    if dtype == pl.Null:
        return column.cast(pl.String)
    if dtype == pl.String:
        return pl.when(column != "").then(column)
    if dtype.is_float():
        whole = column.cast(pl.Int64, strict=False)
        return (
            pl.when(column == whole).then(whole.cast(pl.String)).otherwise(column.cast(pl.String))
        )
    named = dtype == pl.Categorical or isinstance(dtype, pl.Enum)
    if named or dtype.is_numeric() or dtype.is_temporal() or dtype == pl.Boolean:
        return column.cast(pl.String)
    raise _wrong_type(name, dtype, must="text or a number", label=label)


def whole_number(name: str, dtype: pl.DataType, *, label: str) -> pl.Expr:
    """A column as Int64; `5.0` is 5, `5.5` and `abc` cannot be read."""
    column = pl.col(name)
    if dtype.is_integer() or dtype == pl.Null:
        return column.cast(pl.Int64, strict=False)
    if dtype.is_numeric():
        return _whole(column.cast(pl.Float64))
    if dtype == pl.String:
        return whole_number_in(column)
    raise _wrong_type(name, dtype, must="a whole number", label=label)


def whole_number_in(texts: pl.Expr) -> pl.Expr:
    """Texts as Int64."""
    stripped = texts.str.strip_chars()
    return pl.coalesce(
        stripped.cast(pl.Int64, strict=False), _whole(stripped.cast(pl.Float64, strict=False))
    )


def real_number(name: str, dtype: pl.DataType, *, label: str) -> pl.Expr:
    """A column as Float64; infinite and not-a-number cannot be read."""
    column = pl.col(name)
    if dtype == pl.String:
        return real_number_in(column)
    if dtype.is_numeric() or dtype == pl.Null:
        return _finite(column.cast(pl.Float64))
    raise _wrong_type(name, dtype, must="a number", label=label)


def real_number_in(texts: pl.Expr) -> pl.Expr:
    """Texts as Float64."""
    return _finite(texts.str.strip_chars().cast(pl.Float64, strict=False))


def truth(name: str, dtype: pl.DataType, *, label: str) -> pl.Expr:
    """A column as Boolean: true/false, yes/no, y/n, t/f, 1/0."""
    if dtype == pl.Boolean:
        return pl.col(name)
    return truth_in(text(name, dtype, label=label))


def truth_in(texts: pl.Expr) -> pl.Expr:
    """Texts as Boolean."""
    words = {word: word in TRUE_WORDS for word in (*TRUE_WORDS, *FALSE_WORDS)}
    return (
        texts.str.strip_chars()
        .str.to_lowercase()
        .replace_strict(words, default=None, return_dtype=pl.Boolean)
    )


def instant(
    name: str, dtype: pl.DataType, *, zone: str, unit: EpochUnit | None, label: str
) -> pl.Expr:
    """A column as Int64 microseconds since 1970-01-01 UTC.

    Args:
        name: Source column.
        dtype: Its type.
        zone: Zone of clock times without an offset. A time that the clock
            skipped cannot be read; of one it showed twice the earlier is taken.
        unit: Unit of a number since 1970.
        label: File or table, for messages.

    Raises:
        SchemaError: Numbers without a unit, or a type that holds no time of day.
    """
    column = pl.col(name)
    if isinstance(dtype, pl.Datetime):
        aware = column if dtype.time_zone else _localise(column, zone=zone)
        return aware.dt.convert_time_zone("UTC").dt.timestamp("us")
    if unit is not None and (dtype.is_numeric() or dtype == pl.String):
        return _epoch(name, dtype, unit=unit, label=label)
    if dtype == pl.String:
        return _instant_text(column, zone=zone)
    if dtype == pl.Null:
        return column.cast(pl.Int64)
    hint = "a number needs its `unit` (s, ms, us or ns) in a mapping" if dtype.is_numeric() else ""
    raise _wrong_type(name, dtype, must="a time of day with its date", label=label, hint=hint)


def calendar_day(name: str, dtype: pl.DataType, *, label: str) -> pl.Expr:
    """A column of dates as Int32 days since 1970-01-01."""
    column = pl.col(name)
    if dtype == pl.Date or isinstance(dtype, pl.Datetime):
        return column.cast(pl.Date).cast(pl.Int32)
    if dtype == pl.String:
        return day_in(column)
    if dtype == pl.Null:
        return column.cast(pl.Int32)
    raise _wrong_type(name, dtype, must="an ISO date", label=label)


def day_in(texts: pl.Expr) -> pl.Expr:
    """ISO dates in texts as Int32 days since 1970-01-01."""
    exact = texts.str.contains(r"^\d{4}-\d{2}-\d{2}$")
    return pl.when(exact).then(texts).str.to_date("%Y-%m-%d", strict=False).cast(pl.Int32)


def day_or_date(name: str, dtype: pl.DataType, *, label: str) -> pl.Expr:
    """A column as day numbers: whole numbers as they are, ISO dates converted."""
    if dtype.is_temporal():
        return calendar_day(name, dtype, label=label)
    number = whole_number(name, dtype, label=label).cast(pl.Int32, strict=False)
    return pl.coalesce(number, day_in(pl.col(name))) if dtype == pl.String else number


def local_day(instants: pl.Expr, *, zone: str) -> pl.Expr:
    """The calendar day in `zone` of microseconds since 1970-01-01 UTC, as Int32."""
    local = pl.from_epoch(instants, time_unit="us").dt.replace_time_zone("UTC")
    return local.dt.convert_time_zone(zone).dt.date().cast(pl.Int32)


def _epoch(name: str, dtype: pl.DataType, *, unit: EpochUnit, label: str) -> pl.Expr:
    if dtype.is_integer() or dtype == pl.String:
        exact = whole_number(name, dtype, label=label)
    else:
        exact = None
    if unit == "ns":
        number = real_number(name, dtype, label=label) if exact is None else exact
        return (number // _NANOSECONDS_IN_MICROSECOND).cast(pl.Int64, strict=False)
    factor = _MICROSECONDS[unit]
    fractional = (
        (real_number(name, dtype, label=label) * factor).round().cast(pl.Int64, strict=False)
    )
    return fractional if exact is None else pl.coalesce(exact * factor, fractional)


def _instant_text(column: pl.Expr, *, zone: str) -> pl.Expr:
    iso = column.str.strip_chars().str.replace(r"^(\d{4}-\d{2}-\d{2}) +", "${1}T")
    offset = iso.str.replace(r" *[Zz]$", "+00:00").str.replace(r" *([+-]\d{2})$", "${1}:00")
    aware = offset.str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%.f%#z", time_zone="UTC", time_unit="us", strict=False
    ).dt.timestamp("us")
    naive = [
        _localise(iso.str.to_datetime(form, time_unit="us", strict=False), zone=zone)
        .dt.convert_time_zone("UTC")
        .dt.timestamp("us")
        for form in _NAIVE_FORMATS
    ]
    return pl.coalesce(aware, *naive)


def _localise(clock: pl.Expr, *, zone: str) -> pl.Expr:
    return clock.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")


def _whole(number: pl.Expr) -> pl.Expr:
    return pl.when(number == number.floor()).then(number.cast(pl.Int64, strict=False))


def _finite(number: pl.Expr) -> pl.Expr:
    return pl.when(number.is_finite()).then(number)


def _wrong_type(
    name: str, dtype: pl.DataType, *, must: str, label: str, hint: str = ""
) -> SchemaError:
    words = f"`{name}` of `{label}` is {dtype}; it must be {must}."
    return SchemaError(f"{words} {hint[:1].upper()}{hint[1:]}." if hint else words)
