"""Reading money: one currency, no negative amounts, and whole numbers to add up.

Sums of decimal fractions depend on the order in which an engine adds them.
So amounts become whole millionths of their currency once, here, and every
sum of them is exact and the same on every engine.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_columns, suggest
from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.periods import day_number
from analytics_lib.events.boundary import as_table, event_frame

PAYMENT_KINDS = ("purchase", "refund", "subscription")
LARGEST_AMOUNT = 1e9
LONGEST_TERM = 120  # months
MILLION = 1_000_000
_AMOUNT = "__amount"


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Payments or costs up to the last complete day, in one currency.

    Attributes:
        frame: The rows, lazily, with `millionths` (whole millionths of the
            currency unit, 0 or more) beside the columns they came with.
        currency: The one currency; None where there are no rows.
    """

    frame: nw.LazyFrame[Any]
    currency: str | None


def known_payments(
    payments: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    columns: Sequence[str] = (),
) -> Money:
    """The payments up to the last complete day, once they are known to add up.

    Args:
        payments: One row a payment (contract `payments`): `user_id`, `day`,
            `amount`, `currency`, `kind`.
        as_of: Last complete day; later rows are ignored, and rows without a day.
        columns: Further columns that must be there.

    Raises:
        SchemaError: A column is missing or of the wrong type, an amount is
            missing, negative or beyond reason, a kind is unknown, or there
            are several currencies.
    """
    named = ["user_id", "day", "amount", "currency", "kind"]
    table = event_frame(as_table(payments, [*named, *columns], name="payments"))
    return _counted(table, as_of=as_of, name="payments", kinds=True)


def known_costs(costs: Any, *, as_of: dt.date) -> Money:  # noqa: ANN401 - any supported frame
    """The costs of acquisition up to the last complete day, once they are known to add up.

    Args:
        costs: One row a day and channel (contract `acquisition_costs`): `day`,
            `amount`, `currency`.
        as_of: Last complete day; later rows are ignored.

    Raises:
        SchemaError: As for payments.
    """
    table = as_table(costs, ["day", "amount", "currency"], name="costs")
    if "user_id" not in table.collect_schema().names():
        table = table.with_columns(user_id=nw.lit(None, nw.String))
    return _counted(event_frame(table), as_of=as_of, name="costs", kinds=False)


def require_same_currency(*monies: Money) -> str | None:
    """The currency that all of them are in; None where none has rows.

    Raises:
        SchemaError: They differ.
    """
    found = sorted({money.currency for money in monies if money.currency is not None})
    if len(found) > 1:
        raise SchemaError(
            f"Payments and costs are in different currencies {found}; convert them to one, at the "
            "rate of their day, before asking."
        )
    return found[0] if found else None


def require_margin(gross_margin: float) -> None:
    """Raise `ParameterError` unless a gross margin lies above 0 and not above 1."""
    if not 0 < gross_margin <= 1:
        raise ParameterError(
            f"`gross_margin` is {gross_margin}; it must be a share above 0 and not above 1."
        )


def in_units(*columns: str) -> list[pl.Expr]:
    """Columns of whole millionths as amounts in units of the currency."""
    return [pl.col(column) / MILLION for column in columns]


def _counted(table: nw.LazyFrame[Any], *, as_of: dt.date, name: str, kinds: bool) -> Money:
    schema = table.collect_schema()
    require_columns(schema.names(), ["amount"], name=name)
    if not schema["amount"].is_numeric():
        raise SchemaError(f"`amount` of `{name}` is {schema['amount']}; it must be a number.")
    amount = nw.col("amount").cast(nw.Float64)
    frame = (
        table.filter(nw.col("day") <= day_number(as_of))
        .with_columns(amount.alias(_AMOUNT))
        .with_columns(nw.when(nw.col(_AMOUNT).is_finite()).then(nw.col(_AMOUNT)).alias(_AMOUNT))
    )
    keys = ["kind", "currency"] if kinds else ["currency"]
    facts = (
        frame.group_by(*keys)
        .agg(
            nw.col(_AMOUNT).min().alias("least"),
            nw.col(_AMOUNT).max().alias("most"),
            nw.col(_AMOUNT).count().alias("given"),
            nw.len().alias("rows"),
        )
        .collect(backend="polars")
        .to_native()
    )
    _require_sound_amounts(facts, name=name)
    if kinds:
        _require_known_kinds(facts, name=name)
    # Missing amounts were refused above; the stand-in only spares pandas a cast of missing values.
    whole = (nw.col(_AMOUNT).fill_null(0.0) * MILLION).round(0).cast(nw.Int64)
    counted = frame.with_columns(millionths=whole).drop(_AMOUNT)
    return Money(frame=counted, currency=_one_currency(facts, name=name))


def _require_sound_amounts(facts: pl.DataFrame, *, name: str) -> None:
    missing = int((facts["rows"] - facts["given"]).sum()) if facts.height else 0
    if missing:
        raise SchemaError(
            f"`amount` of `{name}` is missing in {missing} rows; it must be a number in every row."
        )
    if facts.height and (facts["least"].min() or 0) < 0:  # type: ignore[operator]
        raise SchemaError(
            f"`amount` of `{name}` is negative; it must be 0 or more. A refund is a row of its "
            "own with the kind 'refund' and the amount paid back."
        )
    if facts.height and (facts["most"].max() or 0) > LARGEST_AMOUNT:  # type: ignore[operator]
        raise SchemaError(
            f"`amount` of `{name}` goes beyond {LARGEST_AMOUNT:,.0f}; it must be in whole units of "
            "the currency."
        )


def _require_known_kinds(facts: pl.DataFrame, *, name: str) -> None:
    unknown = sorted({str(kind) for kind in facts["kind"]} - set(PAYMENT_KINDS))
    if unknown:
        raise SchemaError(
            f"`kind` of `{name}` is {unknown[0]!r}; it must be one of {sorted(PAYMENT_KINDS)}."
            + suggest(unknown[0], PAYMENT_KINDS)
        )


def _one_currency(facts: pl.DataFrame, *, name: str) -> str | None:
    found = facts["currency"].unique().to_list()
    if None in found:
        raise SchemaError(f"`currency` of `{name}` is missing; every row must name its currency.")
    if len(found) > 1:
        raise SchemaError(
            f"`{name}` holds several currencies {sorted(map(str, found))}; amounts in different "
            "currencies do not add up. Keep one, or convert at the rate of each day before asking."
        )
    return str(found[0]) if found else None
