"""Who pays how lately, how often and how much: recency, frequency, monetary value."""

import datetime as dt
from collections.abc import Mapping
from itertools import product
from types import MappingProxyType
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least, require_choice
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import day_number
from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.calendar import day_column
from analytics_lib.metrics.frames import finish, flag, like

RfmTable = Mapping[str, Mapping[str, tuple[int, int]]]
SCORES = ("recency", "frequency", "monetary")
DEFAULT_RFM_SEGMENTS: RfmTable = MappingProxyType(
    {
        "champions": {"recency": (5, 5), "frequency": (4, 5)},
        "loyal": {"recency": (3, 4), "frequency": (4, 5)},
        "potential loyalists": {"recency": (4, 5), "frequency": (2, 3)},
        "new customers": {"recency": (5, 5), "frequency": (1, 1)},
        "promising": {"recency": (4, 4), "frequency": (1, 1)},
        "need attention": {"recency": (3, 3), "frequency": (3, 3)},
        "about to sleep": {"recency": (3, 3), "frequency": (1, 2)},
        "at risk": {"recency": (1, 2), "frequency": (3, 4)},
        "cannot lose": {"recency": (1, 2), "frequency": (5, 5)},
        "hibernating": {"recency": (1, 2), "frequency": (1, 2)},
    }
)
_DEFAULT_QUANTILES = 5
_MICRO = 1_000_000  # float amounts are added up as whole millionths: in any order the same


def rfm(
    payments: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    quantiles: int = _DEFAULT_QUANTILES,
    segments: RfmTable | None = None,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How lately, how often and for how much does each customer buy, and what does that make them?

    Two traps. Cutting at quantiles puts equal customers on both sides of a cut
    by the order of their rows; here ties share their mean rank and one score.
    And several payments of a day are one decision to buy, so purchase days are
    counted, not payments.

    Args:
        payments: One row a payment: `user_id`, `day` (day number), `amount`
            (one currency, in any unit; a float is exact to a millionth of it).
            A negative amount is a refund: it lowers what its customer is worth
            but makes no purchase day, and neither does an amount of zero.
        as_of: Last complete day; later payments are ignored.
        quantiles: Number of scores, 2 or more.
        segments: Range of scores, first and last, of each segment by its name;
            the keys are `recency`, `frequency` and `monetary`, one left out
            takes any score. Each combination must belong to exactly one. The
            default, a table in common use for five scores, looks at recency
            and frequency only.

    Returns:
        One row a customer with at least one purchase, sorted by `user_id`:
        `last_purchase` (date), `recency_days` (from it to `as_of`),
        `frequency` (different purchase days), `revenue` (payments less
        refunds), `monetary` (revenue per purchase day, below zero where more
        was refunded), `recency_score`, `frequency_score`, `monetary_score` (1
        to `quantiles`, higher is better), `segment`. With ranks r of n
        customers, tied ones at their mean, the score is 1 + the whole part of
        (r - 0.5) / n x `quantiles`.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `quantiles` is below 2, or is not 5 without `segments`;
            a combination of scores belongs to no segment or to two.

    Examples:
        >>> paid = pl.DataFrame(
        ...     {
        ...         "user_id": ["a", "a", "a", "b", "b"],
        ...         "day": [1, 1, 8, 2, 3],
        ...         "amount": [10, 20, 30, 50, -20],
        ...     }
        ... )
        >>> rfm(paid, as_of=dt.date(1970, 1, 10)).select(
        ...     "recency_days", "frequency", "monetary", "recency_score", "segment"
        ... ).rows()
        [(1, 2, 30.0, 4, 'loyal'), (7, 1, 30.0, 2, 'hibernating')]

    References:
        Hughes A. M. (1994), Strategic Database Marketing. Models of repeat
        buying (Fader P. S., Hardie B. G. S.) count repeats only, one less.
    """
    require_at_least(quantiles, 2, name="quantiles")
    if segments is None and quantiles != _DEFAULT_QUANTILES:
        raise ParameterError(
            f"`quantiles` is {quantiles}, but the default segments are made for "
            f"{_DEFAULT_QUANTILES}; give `segments`."
        )
    cells = _segment_by_score(
        DEFAULT_RFM_SEGMENTS if segments is None else segments, quantiles=quantiles
    )

    numbers = _customers(payments, as_of=as_of).with_columns(
        _score(-pl.col("recency_days"), quantiles=quantiles).alias("recency_score"),
        _score(pl.col("frequency"), quantiles=quantiles).alias("frequency_score"),
        _score(pl.col("monetary"), quantiles=quantiles).alias("monetary_score"),
    )
    named = numbers.join(cells, on=[f"{score}_score" for score in SCORES], how="left")
    return like(named.sort("user_id"), payments)


def _customers(payments: Any, *, as_of: dt.date) -> pl.DataFrame:  # noqa: ANN401
    table = as_table(payments, ["user_id", "day", "amount"], name="payments")
    is_whole = table.collect_schema()["amount"].is_integer()
    amount = nw.col("amount")
    # Half a millionth is rounded up on every engine; `round` is not the same on all.
    units = amount if is_whole else (amount.cast(nw.Float64) * _MICRO + 0.5).floor()
    purchase = flag(nw.col("amount") > 0)
    known = table.filter(nw.col("day") <= day_number(as_of), ~nw.col("user_id").is_null())
    if table.collect_schema()["amount"].is_float():
        known = known.filter(~nw.col("amount").is_nan())
    days = (
        known.filter(~nw.col("amount").is_null())
        .with_columns(units.cast(nw.Int64).alias("units"), purchase.alias("purchase"))
        .select("user_id", day_column().alias("day"), "units", "purchase")
        .group_by("user_id", "day")
        .agg(nw.col("units").sum(), nw.col("purchase").max())
        # Days count from 1970: a refund can never be the last purchase.
        .with_columns(purchase_day=nw.col("day") * nw.col("purchase"))
        .group_by("user_id")
        .agg(
            nw.col("units").sum(),
            nw.col("purchase").sum().alias("frequency"),
            nw.col("purchase_day").max().alias("last_day"),
        )
    )
    revenue = pl.col("units") / (1 if is_whole else _MICRO)
    return (
        finish(days)
        .filter(pl.col("frequency") > 0)
        .sort("user_id")
        .select(
            "user_id",
            pl.col("last_day").cast(pl.Int32).cast(pl.Date).alias("last_purchase"),
            (day_number(as_of) - pl.col("last_day")).alias("recency_days"),
            "frequency",
            revenue.alias("revenue"),
            (revenue / pl.col("frequency")).alias("monetary"),
        )
    )


def _score(values: pl.Expr, *, quantiles: int) -> pl.Expr:
    """1 to `quantiles`, in whole numbers: a mean rank is a multiple of one half."""
    twice = (values.rank("average") * 2).cast(pl.Int64) - 1
    return twice * quantiles // (2 * pl.len().cast(pl.Int64)) + 1


def _segment_by_score(segments: RfmTable, *, quantiles: int) -> pl.DataFrame:
    """The `segment` of every combination of scores."""
    for name, ranges in segments.items():
        for score in ranges:
            require_choice(score, SCORES, name=f"segments.{name}")
    rows = []
    for cell in product(range(1, quantiles + 1), repeat=3):
        scores = dict(zip(SCORES, cell, strict=True))
        found = [
            name
            for name, ranges in segments.items()
            if all(low <= scores[score] <= high for score, (low, high) in ranges.items())
        ]
        if len(found) != 1:
            raise ParameterError(
                f"`segments` puts the scores {scores} into {found or 'none'}; each combination "
                "must belong to exactly one segment."
            )
        rows.append((*cell, found[0]))
    columns = {f"{score}_score": pl.Int64 for score in SCORES}
    return pl.DataFrame(rows, schema={**columns, "segment": pl.String}, orient="row")
