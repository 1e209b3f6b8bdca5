"""Which channels the conversions are credited to, and how many to none."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import polars as pl

from analytics_lib.core.checks import require_at_least, require_between, require_choice
from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.results import Estimate
from analytics_lib.metrics.attribution_credit import (
    MODELS,
    AttributionModel,
    credit_channels,
)
from analytics_lib.metrics.attribution_touches import (
    conversion_journeys,
    count_conversions,
    count_touches,
)
from analytics_lib.metrics.frames import like
from analytics_lib.statistics import add_share_interval, estimate_share

UNATTRIBUTED = "(unattributed)"


def attribute_conversions(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    conversion: str,
    as_of: dt.date,
    since: dt.date | None = None,
    channel: str = "campaign_source",
    touch_types: Sequence[str] = (),
    lookback_days: int = 30,
    half_life_days: float = 7.0,
    models: Sequence[AttributionModel] = MODELS,
    collapse_repeats: bool = True,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How many conversions is each channel credited with?

    The traps: conversions that nobody can explain vanish from most such
    tables, and the rest looks like all there is, so they have a row of their
    own, `(unattributed)`. A touch is used twice by users who convert twice, so
    a conversion sees only touches after the same user's last one. And a visit
    of twenty pages counts as twenty touches where every event names its
    channel, so touches of one channel in a row are one.

    No model finds causes: each is a convention about who gets the credit. Only
    an experiment says what a channel adds.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `t_us`,
            `event_id`, `event_type` and `channel`; one row an event.
        conversion: The event type that is a conversion; it is never a touch.
        as_of: Last complete day; later rows are ignored.
        since: First day whose conversions count (and, for `markov`, journeys
            that end without one); earlier touches still do.
        channel: Column of channels; an event without one is no touch, so a
            direct visit takes no credit unless it is named.
        touch_types: Event types that may be touches; without it all.
        lookback_days: How many times 24 hours a touch may lie before its
            conversion, 1 or more. Conversions early in a log have touches
            before its beginning, which nobody knows.
        half_life_days: For `time_decay`, days after which a touch weighs half.
        models: `first_touch` and `last_touch` get all; `linear` shares
            equally; `time_decay` by 2^(-days before the conversion /
            `half_life_days`); `position` gives 40 % to the first, 40 % to the
            last, 20 % to those between, half each to two, all to one;
            `markov` by removal effect (see `removal_effects`), with a journey
            that has not converted yet as lost, cut to `lookback_days` before
            its last touch.
        collapse_repeats: Whether touches of one channel in a row are one, the
            latest of them.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a model and channel, sorted: `model`, `channel` (each with a
        touch, and `(unattributed)`), `conversions` (credit), `users` who
        converted after a touch of it, `attributed` (conversions with a touch:
        the credits of a model add up to it), `share` (`conversions` /
        `attributed`), `ci_lower`, `ci_upper`. Split credit varies less than
        the interval assumes, which is then too wide rather than too narrow;
        `markov` has none. Shares are null for `(unattributed)`, and where
        nothing is attributed.

    Raises:
        SchemaError: A column is missing, or a channel is called `(unattributed)`.
        ParameterError: The log knows only days, a model is unknown or none is
            asked for, `lookback_days` is below 1, `half_life_days` not above
            0, or there are too many channels for `markov`.

    Examples:
        >>> log = pl.DataFrame(
        ...     {
        ...         "event_id": ["1", "2", "3"],
        ...         "user_id": ["a", "a", "a"],
        ...         "event_type": ["visit", "visit", "buy"],
        ...         "campaign_source": ["ad", "mail", None],
        ...         "t_us": [0, 5, 7],
        ...         "day": [0, 0, 0],
        ...     }
        ... )
        >>> attribute_conversions(
        ...     log, conversion="buy", as_of=dt.date(1970, 1, 1), models=["linear"]
        ... ).select("channel", "conversions", "share").rows()
        [('(unattributed)', 0.0, None), ('ad', 0.5, 0.5), ('mail', 0.5, 0.5)]

    References:
        Adobe Analytics, Attribution models and lookback windows (U-shaped, time
        decay); Anderl E. et al. (2016), Int. J. Res. Mark. 33, 457-474 (Markov).
    """
    require_at_least(lookback_days, 1, name="lookback_days")
    require_between(half_life_days, 0, float("inf"), name="half_life_days")
    for model in models:
        require_choice(model, MODELS, name="models")
    if not models:
        raise ParameterError(f"`models` is empty; it must name some of {sorted(MODELS)}.")

    journeys = conversion_journeys(
        events,
        question="attribute_conversions",
        conversion=conversion,
        channel=channel,
        touch_types=touch_types,
        lookback_days=lookback_days,
        since=since,
        as_of=as_of,
    )
    counts = count_touches(
        journeys, collapse_repeats=collapse_repeats, half_life_days=half_life_days
    )
    if UNATTRIBUTED in counts.touches["channel"]:
        raise SchemaError(
            f"`{channel}` has a channel called {UNATTRIBUTED!r}, which stands for none; rename it."
        )
    without, attributed = counts.conversions["n"].to_list()
    credited = [credit_channels(counts, model=model) for model in dict.fromkeys(models)]
    nobody = [
        _row_of_none(model, conversions=without, users=counts.conversions["users"][0])
        for model in dict.fromkeys(models)
    ]
    result = pl.concat([*credited, *nobody]).with_columns(attributed=pl.lit(attributed, pl.Int64))
    return like(_with_shares(result, confidence_level=confidence_level), events)


def attributed_share(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    conversion: str,
    as_of: dt.date,
    since: dt.date | None = None,
    channel: str = "campaign_source",
    touch_types: Sequence[str] = (),
    lookback_days: int = 30,
    confidence_level: float = 0.95,
) -> Estimate:
    """What share of conversions had any touch before them?

    What a table of credits leaves out; look here first.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `t_us`,
            `event_id`, `event_type` and `channel`; one row an event.
        conversion: The event type that is a conversion; it is never a touch.
        as_of: Last complete day; later rows are ignored.
        since: First day whose conversions count.
        channel: Column of channels; an event without one is no touch.
        touch_types: Event types that may be touches; without it all.
        lookback_days: How many times 24 hours a touch may lie before its
            conversion, 1 or more.
        confidence_level: Coverage of the Wilson interval.

    Returns:
        Estimate in `"share"` of conversions; `nan` where there are none.

    Raises:
        SchemaError: A column is missing.
        ParameterError: The log knows only days, or `lookback_days` is below 1.
    """
    require_at_least(lookback_days, 1, name="lookback_days")

    journeys = conversion_journeys(
        events,
        question="attributed_share",
        conversion=conversion,
        channel=channel,
        touch_types=touch_types,
        lookback_days=lookback_days,
        since=since,
        as_of=as_of,
    )
    without, attributed = count_conversions(journeys)["n"].to_list()
    return estimate_share(attributed, without + attributed, confidence_level=confidence_level)


def _row_of_none(model: AttributionModel, *, conversions: int, users: int) -> pl.DataFrame:
    return pl.DataFrame(
        [(model, UNATTRIBUTED, float(conversions), users)],
        schema={
            "model": pl.String,
            "channel": pl.String,
            "conversions": pl.Float64,
            "users": pl.Int64,
        },
        orient="row",
    )


def _with_shares(credited: pl.DataFrame, *, confidence_level: float) -> pl.DataFrame:
    """Shares and intervals, where there are any; sorted."""
    is_channel, is_counted = pl.col("channel") != UNATTRIBUTED, pl.col("model") != "markov"
    with_shares = add_share_interval(
        credited.with_columns(part=pl.when(is_channel).then("conversions")),
        numerator="part",
        denominator="attributed",
        confidence_level=confidence_level,
    )
    interval = pl.when(is_counted).then(pl.col("ci_lower", "ci_upper"))
    return with_shares.with_columns(interval).drop("part").sort("model", "channel")
