"""Each column of a contract as expressions over the columns of a source."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from analytics_lib.core.periods import day_number, parse_date
from analytics_lib.warehouse import casts
from analytics_lib.warehouse.mapping import ColumnRule
from analytics_lib.warehouse.rules import DAY_UNIT
from analytics_lib.warehouse.user_agents import device_class

if TYPE_CHECKING:
    from analytics_lib.events.contract import Column

FIELD_SEPARATOR = "\x1f"
_MISSING_FIELD = "\x00"
_TOO_FINE = r"\d{4,}|\d\.\d"  # a postcode, a coordinate or an IP address


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A column of the contract, derived.

    Attributes:
        value: The value; null where it is missing or cannot be read.
        given: Whether the source has a value at all, true or false for each row.
        reason: Why a row with a value that cannot be read is quarantined.
    """

    value: pl.Expr
    given: pl.Expr
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFrame:
    """What the rules are applied to.

    Attributes:
        schema: Columns of the source and their types.
        zone: Report zone.
        label: File or table, for messages.
    """

    schema: Mapping[str, pl.DataType]
    zone: str
    label: str


def derive(column: "Column", rule: ColumnRule, *, source: SourceFrame) -> Derived:
    """Apply a rule: the value of one column for every row.

    Raises:
        SchemaError: A source column has a type the rule can never read.
    """
    return _DERIVATIONS[rule.kind](column, rule, source)


def is_too_fine(region: pl.Expr) -> pl.Expr:
    """Whether a region is finer than a country or state: a postcode, a coordinate."""
    return region.str.contains(_TOO_FINE)


def _column(column: "Column", rule: ColumnRule, source: SourceFrame) -> Derived:
    name = str(rule.column)
    if rule.map is not None:
        return _mapped(column, rule, source)
    cast, reason = _caster(column)
    return Derived(
        value=cast(name, source.schema[name], label=source.label),
        given=_given(name, source),
        reason=reason,
    )


def _caster(column: "Column") -> tuple[casts.Cast, str]:
    if column.unit == DAY_UNIT:
        return casts.day_or_date, "is neither a day number nor an ISO date that exists"
    casters: dict[str, tuple[casts.Cast, str]] = {
        "string": (casts.text, "cannot be read"),
        "int64": (casts.whole_number, "is no whole number"),
        "int32": (casts.whole_number, "is no whole number"),
        "float64": (casts.real_number, "is no number"),
        "boolean": (casts.truth, "is neither true nor false"),
    }
    return casters[column.kind]


def _mapped(column: "Column", rule: ColumnRule, source: SourceFrame) -> Derived:
    name = str(rule.column)
    words = {old: _as_words(new) for old, new in (rule.map or {}).items()}
    raw = casts.text(name, source.schema[name], label=source.label)
    found = raw.replace_strict(words, default=None, return_dtype=pl.String)
    declared_missing = raw.is_in([old for old, new in words.items() if new is None])
    if rule.otherwise == "keep":
        found = pl.when(raw.is_in(list(words))).then(found).otherwise(raw)
    if rule.otherwise == "missing":
        declared_missing = ~raw.is_in([old for old, new in words.items() if new is not None])
    casters = {
        "string": lambda texts: texts,
        "boolean": casts.truth_in,
        "float64": casts.real_number_in,
    }
    return Derived(
        value=casters.get(column.kind, casts.whole_number_in)(found),
        given=raw.is_not_null() & ~declared_missing.fill_null(value=True),
        reason="is none of the values the mapping knows",
    )


def _as_words(value: object) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _constant(column: "Column", rule: ColumnRule, source: SourceFrame) -> Derived:
    del column, source
    return Derived(value=pl.lit(rule.constant), given=pl.lit(value=False), reason="")


def _joined(column: "Column", rule: ColumnRule, source: SourceFrame) -> Derived:
    del column
    parts = [casts.text(n, source.schema[n], label=source.label) for n in rule.join or []]
    return Derived(
        value=pl.concat_str(parts, separator=rule.separator),
        given=pl.lit(value=False),
        reason="",
    )


def _timestamp(column: "Column", rule: ColumnRule, source: SourceFrame) -> Derived:
    name = str(rule.timestamp)
    value = casts.instant(
        name, source.schema[name], zone=rule.zone, unit=rule.unit, label=source.label
    )
    if column.unit == DAY_UNIT:
        value = casts.local_day(value, zone=source.zone)
    return Derived(
        value=value,
        given=_given(name, source),
        reason="is no date with a time of day that exists",
    )


def _date(column: "Column", rule: ColumnRule, source: SourceFrame) -> Derived:
    del column
    name = str(rule.date)
    return Derived(
        value=casts.calendar_day(name, source.schema[name], label=source.label),
        given=_given(name, source),
        reason="is no ISO date that exists",
    )


def _origin(column: "Column", rule: ColumnRule, source: SourceFrame) -> Derived:
    del column
    origin = rule.origin
    if origin is None:  # pragma: no cover - the kind of the rule says there is one
        raise AssertionError
    days = {key: day_number(parse_date(text, name=key)) for key, text in origin.dates.items()}
    start = casts.text(
        origin.column, source.schema[origin.column], label=source.label
    ).replace_strict(days, default=None, return_dtype=pl.Int64)
    if rule.days_after is None:
        return Derived(
            value=start.cast(pl.Int32),
            given=_given(origin.column, source),
            reason="counts from an origin whose date the mapping does not know",
        )
    after = casts.whole_number(rule.days_after, source.schema[rule.days_after], label=source.label)
    return Derived(
        value=(start + after).cast(pl.Int32, strict=False),
        given=_given(rule.days_after, source),
        reason="is no whole number of days after an origin whose date the mapping knows",
    )


def _digest(column: "Column", rule: ColumnRule, source: SourceFrame) -> Derived:
    del column
    parts = [
        casts.text(n, source.schema[n], label=source.label).fill_null(_MISSING_FIELD)
        for n in rule.digest or []
    ]
    return Derived(
        value=pl.concat_str(parts, separator=FIELD_SEPARATOR),
        given=pl.lit(value=False),
        reason="",
    )


def _properties(column: "Column", rule: ColumnRule, source: SourceFrame) -> Derived:
    del column
    parts = [
        casts.text(n, source.schema[n], label=source.label).alias(n) for n in rule.properties or []
    ]
    some = pl.any_horizontal([part.is_not_null() for part in parts])
    return Derived(
        value=pl.when(some).then(pl.struct(parts).struct.json_encode()),
        given=pl.lit(value=False),
        reason="",
    )


def _coarse_region(column: "Column", rule: ColumnRule, source: SourceFrame) -> Derived:
    del column
    name = str(rule.coarse_region)
    separator = rule.separator if "separator" in rule.model_fields_set else "/"
    place = casts.text(name, source.schema[name], label=source.label)
    kept = place.str.split(separator).list.head(rule.parts).list.join(separator)
    return Derived(value=kept, given=pl.lit(value=False), reason="")


def _device(column: "Column", rule: ColumnRule, source: SourceFrame) -> Derived:
    del column
    name = str(rule.device)
    agent = casts.text(name, source.schema[name], label=source.label)
    return Derived(value=device_class(agent), given=pl.lit(value=False), reason="")


def _given(name: str, source: SourceFrame) -> pl.Expr:
    column = pl.col(name)
    return (
        column.is_not_null() & (column != "")
        if source.schema[name] == pl.String
        else column.is_not_null()
    )


_DERIVATIONS = {
    "column": _column,
    "constant": _constant,
    "join": _joined,
    "timestamp": _timestamp,
    "date": _date,
    "origin": _origin,
    "digest": _digest,
    "properties": _properties,
    "coarse_region": _coarse_region,
    "device": _device,
}
