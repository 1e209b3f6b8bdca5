"""What the columns of a metric's result are: time, groups, counts of people, values, intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import ParameterError
from analytics_lib.display import Column
from analytics_lib.events.tables import CONTRACTS
from analytics_lib.metrics import metric
from analytics_lib.reporting.custom.asking import HIDDEN_ROLES, tables_of
from analytics_lib.reporting.custom.definition import Measure

TIMES = ("interval_start", "date", "cohort_start")
AGES = ("age", "step", "week", "hour", "weekday", "active_days", "offset", "percentile")
_NEVER_SHOWN = ("interval_end", "start_day", "end_day", "is_over", "t_us", "day")
_PEOPLE = frozenset((
    "active", "active_users", "adopters", "at_level", "at_risk", "base", "base_users", "began",
    "clickers", "completed", "customers", "dormant", "enrolled", "followed", "gone",
    "known_users", "learners", "lost", "members", "members_at_end", "new", "new_customers",
    "newcomers", "other_users", "paying_users", "peak_users", "previous", "reached",
    "recent_viewers", "repeaters", "resurrected", "retained", "returned", "returning",
    "searchers", "subscribers", "users", "users_at_least", "viewers",
))  # fmt: skip
_NOT_PEOPLE = frozenset((
    "actions", "active_days", "age", "appearances", "arriving", "available_minutes",
    "base_leaving", "base_n", "bounces", "capped", "content_entries", "days", "duration_us",
    "entries", "error_rank", "errors", "events", "highest_days", "hour", "interactions",
    "items", "last_views", "leaving", "lowest_days", "minutes", "months_observed", "n",
    "occurrences", "offset", "other_leaving", "other_n", "paths", "payback_months", "payments",
    "percentile", "ratings", "recent_views", "requests", "sessions", "single_event_sessions",
    "slots", "step", "successful", "time_rank", "time_us", "timed_views", "unique_views",
    "views", "week", "weekday",
))  # fmt: skip
_SHARES = ("share", "of_first", "survival", "growth", "saturation", "saturation_p95",
           "budget_left", "nrr", "grr", "stickiness")  # fmt: skip
_UNITS = {"duration_us": "microseconds", "time_us": "microseconds", "mean_seconds": "seconds",
          "median_seconds": "seconds", "median_days": "days", "mean_days": "days",
          "days": "days", "minutes": "minutes"}  # fmt: skip
_MONEY = ("net", "revenue", "value", "cac", "arpu")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The roles of the columns of a result.

    Attributes:
        time: Column of periods; None where the result has none.
        age: Column of ages, steps or hours; None where the result has none.
        groups: Text columns that name the groups of a row.
        counts: Whole numbers that count people, or may do so; they are protected.
        numbers: All columns of numbers that are no ages.
        value: The column that is shown.
        bounds: The ends of its interval; none where it has no interval.
        unit: Unit of the value.
        units: Unit of every column of numbers.
        overlapping: Counts of people who may be in several periods.
        whole: Columns of whole numbers.
    """

    time: str | None
    age: str | None
    groups: tuple[str, ...]
    counts: tuple[str, ...]
    numbers: tuple[str, ...]
    value: str
    bounds: tuple[str, str] | None
    unit: str
    units: dict[str, str]
    overlapping: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()

    def shown(self) -> list[str]:
        """Columns that say something in a table: no ends of periods, no ends of intervals."""
        ends = {end for name in self.numbers for end in (interval_of(name, self.numbers) or ())}
        keys = [name for name in (*self.groups, self.time, self.age) if name]
        return [*keys, *(name for name in self.numbers if name not in ends)]


def read(frame: pl.DataFrame, measure: Measure) -> Reading:
    """Say what the columns of a result are.

    Anything whole that is not known to count something else is taken to count
    people: a column nobody thought of is protected rather than published.

    Raises:
        ParameterError: The result names persons, has nothing to show, or has
            no column of the name given as `value`.
    """
    _require_groups(frame, measure)
    time = next((name for name in TIMES if name in frame.columns), None)
    age = next((name for name in AGES if name in frame.columns), None)
    groups = tuple(
        name
        for name, dtype in frame.schema.items()
        if dtype == pl.String and name not in ("currency", "reasons")
    )
    numbers = tuple(
        name
        for name, dtype in frame.schema.items()
        if dtype.is_numeric() and name not in (age, *_NEVER_SHOWN)
    )
    counts = tuple(
        name
        for name in numbers
        if is_about_people(measure) and frame.schema[name].is_integer() and name not in _NOT_PEOPLE
    )
    value = _value(measure, numbers, counts)
    units = {name: _unit(name, measure, frame) for name in numbers}
    unit = measure.unit or units[value]
    return Reading(
        time=time,
        age=age,
        groups=groups,
        counts=counts,
        numbers=numbers,
        value=value,
        bounds=interval_of(value, numbers),
        unit=unit,
        units={**units, value: unit},
        overlapping=metric(measure.metric).overlapping,
        whole=tuple(name for name in numbers if frame.schema[name].is_integer()),
    )


def is_about_people(measure: Measure) -> bool:
    """Whether the metric is computed from a table of people."""
    return any("user_id" in CONTRACTS[name].names for name in tables_of(measure.metric).values())


def interval_of(value: str, numbers: Sequence[str]) -> tuple[str, str] | None:
    """The ends of the interval of a column: the two columns right after it."""
    after = list(numbers[numbers.index(value) + 1 :][:2])
    if len(after) > 1 and after[0].endswith("lower") and after[1].endswith("upper"):
        return after[0], after[1]
    return None


def heading(name: str, measure: Measure) -> str:
    """Words for a column."""
    if name in TIMES:
        return f"{(measure.period or 'day').capitalize()} from" if name != "date" else "Day"
    if name == "age":
        return "Periods since the first"
    words = name.replace("_", " ").replace(" id", "").strip()
    return words[:1].upper() + words[1:]


def as_column(name: str, reading: Reading, measure: Measure) -> Column:
    """How a column is shown in a table."""
    unit = reading.units.get(name)
    missing = "suppressed" if name in reading.numbers and reading.counts else "no value"
    return Column(label=heading(name, measure), unit=unit or None, missing=missing)


def _require_groups(frame: pl.DataFrame, measure: Measure) -> None:
    persons = {
        column
        for name in tables_of(measure.metric).values()
        for role in HIDDEN_ROLES
        for column in CONTRACTS[name].columns_with_role(role)
    }
    named = sorted(persons & set(frame.columns))
    if named:
        raise ParameterError(
            f"`{measure.metric}` gives a row for each {named}; a page is about groups, so a file "
            "cannot ask for it."
        )


def _value(measure: Measure, numbers: Sequence[str], counts: Sequence[str]) -> str:
    ends = {end for name in numbers for end in (interval_of(name, numbers) or ())}
    valid = [name for name in numbers if name not in ends]
    if measure.value is not None:
        if measure.value not in valid:
            raise ParameterError(
                f"`value` is {measure.value!r}; `{measure.metric}` gives {valid}."
                + suggest(measure.value, valid)
            )
        return measure.value
    if not valid:
        raise ParameterError(f"`{measure.metric}` gives no number; a file cannot show it.")
    return next(_main(metric(measure.metric).unit, valid, counts, numbers), valid[0])


def _main(unit: str, valid: Sequence[str], counts: Sequence[str], numbers: Sequence[str]) -> Any:  # noqa: ANN401 - an iterator
    """Columns that may be the main one, the likeliest first."""
    if unit == "share":
        yield from (name for name in valid if interval_of(name, numbers))
        yield from (name for name in valid if name in _SHARES)
    elif unit in ("users", "learners", "members"):
        yield from (name for name in valid if name in _PEOPLE)
        yield from counts
    elif unit == "currency":
        yield from (name for name in _MONEY if name in valid)
    yield from (name for name in valid if _UNITS.get(name) == unit or name == unit)


def _unit(name: str, measure: Measure, frame: pl.DataFrame) -> str:
    whole = frame.schema[name].is_integer()
    if name in _UNITS:
        return _UNITS[name]
    if not whole and (name in _SHARES or name.endswith(("share", "lower", "upper"))):
        return "share" if _is_share(name, frame) else ""
    if whole and name in _PEOPLE:
        learning = "enrolments" in tables_of(measure.metric).values()
        return "learners" if learning else "users"
    if not whole and metric(measure.metric).unit == "currency" and "currency" in frame.columns:
        return _currency(frame)
    return name.replace("_", " ") if whole else ""


def _is_share(name: str, frame: pl.DataFrame) -> bool:
    """The ends of an interval are shares where the column before them is one."""
    if not name.endswith(("lower", "upper")):
        return True
    before = frame.columns[: frame.columns.index(name)]
    own = next((b for b in reversed(before) if not b.endswith(("lower", "upper"))), "")
    return own in _SHARES or own.endswith("share")


def _currency(frame: pl.DataFrame) -> str:
    found = frame["currency"].drop_nulls().unique().to_list()
    return str(found[0]) if len(found) == 1 else ""
