"""What a measure of a file gives: the protected answer of its metric, ready to be shown."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import day_number
from analytics_lib.core.results import Estimate
from analytics_lib.events.log import EventLog
from analytics_lib.events.tables import CONTRACTS
from analytics_lib.metrics import metric
from analytics_lib.reporting.custom.amounts import WORDS, Amounts, amounts_of
from analytics_lib.reporting.custom.asking import ask, rows_of, tables_of
from analytics_lib.reporting.custom.definition import Measure
from analytics_lib.reporting.custom.protection import protect
from analytics_lib.reporting.custom.reading import Reading, read
from analytics_lib.reporting.gate.policy import DisclosurePolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A result that is a frame.

    Attributes:
        raw: The result before protection: which rows have a value at all.
        reading: What its columns are.
        policy: What of it may be shown.
        amounts: What stands behind its sums; None where it has none that are judged.
    """

    raw: pl.DataFrame
    reading: Reading
    policy: DisclosurePolicy
    amounts: Amounts | None = None

    def safe(self, *shown: str) -> pl.DataFrame:
        """The keys and the named columns as they may be shown, with `suppressed`.

        Row for row the result, unless rows of several traits had to go.
        """
        return protect(
            self.raw, self.reading, shown=shown, policy=self.policy, amounts=self.amounts
        )

    def safe_value(self) -> pl.DataFrame:
        """The shown value with its interval and the period ends, as it may be shown."""
        return self.safe(self.reading.value, *(self.reading.bounds or ()))


def answer_of(
    measure: Measure, tables: Mapping[str, Any], *, as_of: dt.date, policy: DisclosurePolicy
) -> Asked | Estimate | float:
    """The metric of a measure, protected where it is a frame.

    Raises:
        ParameterError: The measure holds a mistake.
        SchemaError: A column does not exist.
    """
    _require_no_remainder(measure, tables, as_of=as_of, minimum=policy.minimum_count)
    answer = ask(measure, tables, as_of=as_of)
    if isinstance(answer, Estimate | int | float):
        return answer
    raw = answer.collect() if isinstance(answer, pl.LazyFrame) else answer
    return Asked(
        raw=raw,
        reading=read(raw, measure),
        policy=policy,
        amounts=amounts_of(measure, tables, as_of=as_of, policy=policy),
    )


def _require_no_remainder(
    measure: Measure, tables: Mapping[str, Any], *, as_of: dt.date, minimum: int
) -> None:
    """Refuse conditions that all but a few people meet: the page without them gives those away."""
    for name in set(tables_of(measure.metric).values()) if measure.where else ():
        if "user_id" in CONTRACTS[name].names:
            everybody = _people(tables[name], as_of)
            left_out = everybody - _people(rows_of(tables[name], name, measure), as_of)
            if 0 < left_out < minimum:
                raise ParameterError(
                    f"`where` leaves out fewer than {minimum} people of `{name}`, so a number of "
                    "everybody beside it would give theirs away; choose other conditions."
                )


def _people(table: Any, as_of: dt.date) -> int:  # noqa: ANN401 - an EventLog or a frame
    frame = table.frame.to_native() if isinstance(table, EventLog) else table
    rows: pl.LazyFrame = frame.lazy()
    if "day" in rows.collect_schema():
        rows = rows.filter(pl.col("day") <= day_number(as_of))
    return int(rows.select(pl.col("user_id").drop_nulls().n_unique()).collect().item())


def why_suppressed(asked: Asked) -> str:
    """What the reader is told where rows are suppressed."""
    return "Counts of too few people are suppressed." if asked.amounts is None else WORDS


def label_of(measure: Measure) -> str:
    """Words for a measure."""
    return measure.label or metric(measure.metric).name


def rows_in_words(measure: Measure) -> str:
    """Which rows a measure is about, in words; empty for all, or where its label says so."""
    said = [
        f"{column.replace('_', ' ')} {_condition(condition)}"
        for column, condition in measure.where.items()
        if _condition(condition) not in measure.label
    ]
    return f"Only {' and '.join(said)}." if said else ""


def _condition(condition: Any) -> str:  # noqa: ANN401 - out of a file
    if not isinstance(condition, Mapping):
        return str(condition)
    (comparison, values), *_ = condition.items()
    words = " to " if comparison == "between" else " or "
    return words.join(str(value) for value in values)
