"""How each model shares a conversion among the touches before it."""

from typing import Literal, get_args

import polars as pl

from analytics_lib.metrics.attribution_markov import removal_effects
from analytics_lib.metrics.attribution_touches import TouchCounts

AttributionModel = Literal[
    "first_touch", "last_touch", "linear", "time_decay", "position", "markov"
]
MODELS: tuple[AttributionModel, ...] = get_args(AttributionModel)
_END_CREDIT, _MIDDLE_CREDIT = 0.4, 0.2


def credit_channels(counts: TouchCounts, *, model: AttributionModel) -> pl.DataFrame:
    """How much credit does each channel get under one model?

    Args:
        counts: As `count_touches` returns them.
        model: The convention to share credit by.

    Returns:
        One row a channel: `model`, `channel`, `conversions` (credit) and
        `users` who converted after a touch of it; both 0 where it is in no
        journey that converted.
    """
    credit = _markov_credit(counts) if model == "markov" else _touch_credit(counts, model=model)
    return (
        counts.touches.select(pl.col("channel").unique())
        .join(credit, on="channel", how="left")
        .join(counts.users, on="channel", how="left")
        .select(
            pl.lit(model).alias("model"),
            "channel",
            pl.col("conversions").fill_null(0.0),
            pl.col("users").fill_null(0),
        )
    )


def _touch_credit(counts: TouchCounts, *, model: AttributionModel) -> pl.DataFrame:
    n, length = pl.col("n"), pl.col("length")
    first, last = pl.col("before").is_null(), pl.col("is_last") == 1
    between = _MIDDLE_CREDIT / (length - 2)
    position = pl.when(length <= 2).then(1 / length).when(first | last).then(_END_CREDIT)  # noqa: PLR2004 - nobody is between two
    credit = {
        "first_touch": n * first,
        "last_touch": n * last,
        "linear": n / length,
        "time_decay": pl.col("decayed"),
        "position": n * position.otherwise(between),
    }[model]
    converted = counts.touches.filter(pl.col("converted") == 1)
    # In a fixed order: sums of fractions depend on it.
    rows = converted.sort("channel", "before", "is_last", "length")
    return rows.group_by("channel", maintain_order=True).agg(
        credit.cast(pl.Float64).sum().alias("conversions")
    )


def _markov_credit(counts: TouchCounts) -> pl.DataFrame:
    effect = pl.col("removal_effect")
    attributed = counts.conversions["n"][1]
    return removal_effects(counts.touches).select(
        "channel", conversions=effect / effect.sum() * attributed
    )
