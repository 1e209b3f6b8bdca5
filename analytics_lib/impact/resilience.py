"""A score of how well a sharing community would stand a shock, and how much need it meets."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import narwhals.stable.v2 as nw

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.numeric import divide
from analytics_lib.core.periods import Period
from analytics_lib.events.frames import finish, flag
from analytics_lib.impact.amounts import Amount
from analytics_lib.impact.community import REGULAR_DAYS, known_exchanges

RESILIENCE_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"regular": 0.25, "mutual": 0.25, "crossing": 0.25, "spread": 0.25}
)
"""Equal weights: nobody has published others (design assumption)."""
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class ResilienceScore:
    """A score with all it is made of.

    Attributes:
        value: 0 to 1; `nan` where a part is undefined.
        parts: Each part, 0 to 1.
        weights: The weight of each part.
        n: Exchanges it rests on.
    """

    value: float
    parts: Mapping[str, float]
    weights: Mapping[str, float]
    n: int


def resilience_score(
    exchanges: Any,  # noqa: ANN401 - any supported frame
    *,
    period: Period,
    as_of: dt.date,
    weights: Mapping[str, float] = RESILIENCE_WEIGHTS,
    regular_days: int = REGULAR_DAYS,
) -> ResilienceScore:
    """How well would the sharing of a period stand the loss of a giver or a neighbourhood?

    The weights are a choice, so they come with the number, and so do the
    parts: `regular`, the share of recipients who are regulars; `mutual`, the
    share of people who both gave and received; `crossing`, the share of
    exchanges between communities, of those whose communities are known;
    `spread`, one minus the Herfindahl index of givers (0 when one gives all).

    Args:
        exchanges: One row an exchange (contract `exchanges`).
        period: Days that count.
        as_of: Last complete day.
        weights: Weight of each part; they add up to 1. A part left out counts nothing.
        regular_days: Days with food in the period that make a regular.

    Returns:
        The score; `nan` while the period is not complete, without exchanges,
        or where a part with a weight is undefined.

    Raises:
        SchemaError: A column is missing.
        ParameterError: The weights are negative, unknown or do not add up to 1.

    References:
        Herfindahl O. C. (1950), Concentration in the Steel Industry, on the index.
    """
    _require_weights(weights)
    require_at_least(regular_days, 1, name="regular_days")

    known = known_exchanges(
        exchanges, as_of=as_of, columns=("giver_community", "recipient_community")
    ).filter(nw.col("day") >= period.start_day, nw.col("day") < period.end_day)
    parts = {
        "regular": _regular(known, regular_days),
        **_giving(known),
        "crossing": _crossing(known),
    }
    rows = finish(known.select(nw.len().alias("rows")))["rows"].item()
    complete = period.is_complete(as_of=as_of)
    weighed = [weight * parts[name] for name, weight in weights.items() if weight > 0]
    return ResilienceScore(
        value=sum(weighed) if complete else math.nan,
        parts={name: parts[name] if complete else math.nan for name in sorted(parts)},
        weights=dict(weights),
        n=int(rows),
    )


def food_security_contribution(
    meals: Amount, *, people: int, days: int, meals_needed_per_day: float
) -> float:
    """What share of the meals that these people needed came from sharing?

    Args:
        meals: Meals received.
        people: People who received them.
        days: Days of the period.
        meals_needed_per_day: Meals one person needs in a day: the researcher's
            own number, there is no default.

    Returns:
        A share, which may be above 1; `nan` without people.

    Raises:
        ParameterError: The amount is not of meals, or a number is negative.

    Examples:
        >>> received = Amount(value=450, unit="meals", of="meals")
        >>> food_security_contribution(received, people=50, days=30, meals_needed_per_day=3)
        0.1
    """
    if meals.unit != "meals":
        raise ParameterError(f"`meals` is in {meals.unit!r}; it must be in 'meals'.")
    require_at_least(people, 0, name="people")
    require_at_least(days, 1, name="days")
    if not 0 < meals_needed_per_day < math.inf:
        raise ParameterError(
            f"`meals_needed_per_day` is {meals_needed_per_day}; it must be above 0."
        )
    return divide(meals.number(), people * days * meals_needed_per_day)


def _require_weights(weights: Mapping[str, float]) -> None:
    unknown = sorted(set(weights) - set(RESILIENCE_WEIGHTS))
    if unknown:
        raise ParameterError(f"`weights` names {unknown}; parts are {sorted(RESILIENCE_WEIGHTS)}.")
    if not all(weight >= 0 for weight in weights.values()):
        raise ParameterError("`weights` holds a negative weight; each must be 0 or more.")
    if abs(sum(weights.values()) - 1) > _TOLERANCE:
        raise ParameterError(f"`weights` add up to {sum(weights.values())}; they must to 1.")


def _regular(known: nw.LazyFrame[Any], regular_days: int) -> float:
    days = known.group_by("recipient_id", "day").agg(nw.len().alias("exchanges"))
    people = (
        days.group_by("recipient_id")
        .agg(nw.len().alias("days"))
        .with_columns(regular=flag(nw.col("days") >= regular_days))
    )
    counts = finish(people.select(nw.len().alias("people"), nw.col("regular").sum()))
    return divide(int(counts["regular"].sum()), int(counts["people"].sum()))


def _giving(known: nw.LazyFrame[Any]) -> dict[str, float]:
    given = finish(known.group_by("giver_id").agg(nw.len().alias("given")))
    received = finish(known.group_by("recipient_id").agg(nw.len().alias("received")))
    givers, recipients = set(given["giver_id"]), set(received["recipient_id"])
    counts = given["given"].to_list()
    total = sum(counts)
    return {
        "mutual": divide(len(givers & recipients), len(givers | recipients)),
        "spread": 1 - divide(sum(count**2 for count in counts), total**2),
    }


def _crossing(known: nw.LazyFrame[Any]) -> float:
    giver, recipient = nw.col("giver_community"), nw.col("recipient_community")
    both = known.filter(~giver.is_null(), ~recipient.is_null())
    counts = finish(
        both.with_columns(crossing=flag(giver != recipient)).select(
            nw.len().alias("known"), nw.col("crossing").sum()
        )
    )
    return divide(int(counts["crossing"].sum()), int(counts["known"].sum()))
