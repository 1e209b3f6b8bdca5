"""What a customer is still worth: purchases to come, times what they bring, discounted."""

from typing import Any

import numpy as np
import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.events.boundary import as_table
from analytics_lib.events.money import require_margin
from analytics_lib.models.maximum_likelihood import Floats
from analytics_lib.models.purchase_history import WEEK, history_columns
from analytics_lib.models.repeat_purchases import BgNbd, conditional_repeats, probability_alive
from analytics_lib.models.spend_value import GammaGamma, expected_spend

DAYS_PER_YEAR = 365.25


def lifetime_value(
    history: Any,  # noqa: ANN401 - any supported frame
    *,
    purchases: BgNbd,
    spend: GammaGamma,
    horizon: int,
    annual_discount_rate: float,
    gross_margin: float,
    days_per_unit: float = WEEK,
) -> pl.DataFrame:
    """What will each customer still bring within the horizon, in money of today?

    Two traps. Revenue is not value: what the goods cost is taken off by the
    gross margin. And a forecast without end is a guess: the horizon is named.
    The purchases of each unit of time are discounted from its end.

    Args:
        history: One row a customer (`purchase_history`): `user_id`,
            `repeats`, `recency`, `age`, `mean_repeat_spend`.
        purchases: Parameters of the BG/NBD model.
        spend: Parameters of the Gamma-Gamma model.
        horizon: Units of time to come (weeks), 1 or more.
        annual_discount_rate: What money loses in a year, 0 or more; 0.1 is 10 %.
        gross_margin: Share of revenue left after the cost of goods, above 0 to 1.
        days_per_unit: Days in the unit of time of `history`.

    Returns:
        One row a customer, sorted by `user_id`, in polars: `user_id`,
        `probability_alive`, `expected_purchases` (within the horizon),
        `expected_spend` (on an average occasion), `lifetime_value` (margin to
        come, discounted), both in units of the currency; null where the spend
        model has no mean.

    Raises:
        SchemaError: A column is missing, or a history is impossible.
        ParameterError: A rate, margin or horizon is out of range.

    References:
        Fader P. S., Hardie B. G. S., Lee K. L. (2005), RFM and CLV: Using
        Iso-Value Curves for Customer Base Analysis, J. Marketing Res. 42(4),
        415-430, equation 1.
    """
    require_at_least(horizon, 1, name="horizon")
    require_at_least(annual_discount_rate, 0, name="annual_discount_rate")
    require_at_least(days_per_unit, 1e-9, name="days_per_unit")
    require_margin(gross_margin)

    x, t_x, t, z = history_columns(history, "repeats", "recency", "age", "mean_repeat_spend")
    years = np.arange(1, horizon + 1) * days_per_unit / DAYS_PER_YEAR
    factors = (1 + annual_discount_rate) ** -years
    discounted = np.zeros_like(x)
    before = np.zeros_like(x)
    for step, factor in enumerate(factors, start=1):
        so_far = conditional_repeats(purchases, repeats=x, recency=t_x, age=t, horizon=step)
        discounted += (so_far - before) * factor
        before = so_far
    amount = expected_spend(spend, repeats=x, mean_spend=z)
    return _per_customer(
        history,
        probability_alive=probability_alive(purchases, repeats=x, recency=t_x, age=t),
        expected_purchases=before,
        expected_spend=amount,
        lifetime_value=discounted * amount * gross_margin,
    )


def predicted_purchases(
    history: Any,  # noqa: ANN401 - any supported frame
    *,
    purchases: BgNbd,
    horizon: float,
) -> pl.DataFrame:
    """How many purchases will each customer make, and are they still one?

    Args:
        history: One row a customer (`purchase_history`): `user_id`,
            `repeats`, `recency`, `age`.
        purchases: Parameters of the BG/NBD model.
        horizon: Time to come, in the unit of `history`, 0 or more.

    Returns:
        One row a customer, sorted by `user_id`, in polars: `user_id`,
        `probability_alive`, `expected_purchases`.

    Raises:
        SchemaError: A column is missing, or a history is impossible.
        ParameterError: `horizon` is negative.
    """
    x, t_x, t = history_columns(history, "repeats", "recency", "age")
    return _per_customer(
        history,
        probability_alive=probability_alive(purchases, repeats=x, recency=t_x, age=t),
        expected_purchases=conditional_repeats(
            purchases, repeats=x, recency=t_x, age=t, horizon=horizon
        ),
    )


def _per_customer(history: Any, **columns: Floats) -> pl.DataFrame:  # noqa: ANN401
    users = as_table(history, ["user_id"], name="history").select("user_id")
    frame: pl.DataFrame = users.collect(backend="polars").to_native()
    return frame.with_columns(
        pl.Series(name, values).fill_nan(None) for name, values in columns.items()
    ).sort("user_id")
