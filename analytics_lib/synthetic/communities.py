"""A community whose members keep to their groups to a known degree."""

import datetime as dt
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import day_number
from analytics_lib.synthetic.people import pseudonyms

DEFAULT_START = dt.date(2024, 1, 1)
_GROUP_KINDS = ("neighbourhood", "study", "sport")
_PARTNER_KINDS = ("school", "charity", "shop")
_POINTS = np.arange(1, 6)
_POINT_SHARES = np.array([0.05, 0.05, 0.15, 0.35, 0.40])


@dataclass(frozen=True, slots=True, kw_only=True)
class Community:
    """A simulated community and what is true of it.

    Attributes:
        groups: One row a group (contract `groups`).
        memberships: One row a stay (contract `memberships`): everybody is in
            one group, from the first day on.
        interactions: One row an interaction (contract `interactions`), each with a rating.
        partnerships: One row a partnership (contract `partnerships`).
        truth: `cross_group_share` (expected), `mean_rating` and
            `satisfied_share` (expected), `partnerships` (number; all in force
            throughout).
    """

    groups: pl.DataFrame
    memberships: pl.DataFrame
    interactions: pl.DataFrame
    partnerships: pl.DataFrame
    truth: MappingProxyType[str, float]


def community(
    *,
    users: int,
    groups: int,
    interactions: int,
    days: int,
    rng: np.random.Generator,
    cross_group_share: float = 0.2,
    partnerships: int = 5,
    start: dt.date = DEFAULT_START,
) -> Community:
    """Simulate people in groups who mostly interact with their own.

    Each interaction is with somebody of another group with probability
    `cross_group_share`, and with another member of one's own otherwise. Groups
    are of equal size.

    Args:
        users: Number of users; at least two in each group.
        groups: Number of groups, 2 or more.
        interactions: Number of interactions, 1 or more.
        days: Number of days, 1 or more.
        rng: Source of all randomness; the same seed gives the same community.
        cross_group_share: Probability of going beyond one's group, 0 to 1.
        partnerships: Number of partnerships.
        start: First day.

    Returns:
        The four tables and the truth.

    Raises:
        ParameterError: A number is out of range.

    Examples:
        >>> made = community(
        ...     users=9, groups=3, interactions=5, days=2, rng=np.random.default_rng(1)
        ... )
        >>> made.memberships.height, made.truth["mean_rating"]
        (9, 4.0)
    """
    require_at_least(groups, 2, name="groups")
    require_at_least(users, 2 * groups, name="users")
    require_at_least(interactions, 1, name="interactions")
    require_at_least(days, 1, name="days")
    if not 0 <= cross_group_share <= 1:
        raise ParameterError(
            f"`cross_group_share` is {cross_group_share}; it must lie between 0 and 1."
        )

    first = day_number(start)
    people = pl.Series(pseudonyms("member", users), dtype=pl.String)
    acting = rng.integers(0, users, size=interactions)
    goes_beyond = rng.random(interactions) < cross_group_share
    met = _partners(acting, goes_beyond, users=users, groups=groups, rng=rng)
    first_day = pl.lit(first, dtype=pl.Int32)
    return Community(
        groups=pl.DataFrame(
            {
                "group_id": [f"g{number}" for number in range(groups)],
                "kind": [_GROUP_KINDS[number % len(_GROUP_KINDS)] for number in range(groups)],
            }
        ).select("group_id", first_day.alias("created_day"), "kind"),
        memberships=pl.DataFrame(
            {"group_id": [f"g{user % groups}" for user in range(users)], "user_id": people}
        ).with_columns(joined_day=first_day, left_day=pl.lit(None, dtype=pl.Int32)),
        interactions=pl.DataFrame(
            {
                "interaction_id": [f"i{number}" for number in range(interactions)],
                "day": pl.Series(first + rng.integers(0, days, size=interactions), dtype=pl.Int32),
                "from_user": people.gather(acting),
                "to_user": people.gather(met),
                "kind": ["rating"] * interactions,
                "value": rng.choice(_POINTS, size=interactions, p=_POINT_SHARES).astype(float),
            }
        ),
        partnerships=pl.DataFrame(
            {
                "partnership_id": [f"p{number}" for number in range(partnerships)],
                "kind": [
                    _PARTNER_KINDS[number % len(_PARTNER_KINDS)] for number in range(partnerships)
                ],
            },
            schema={"partnership_id": pl.String, "kind": pl.String},
        ).with_columns(start_day=first_day, end_day=pl.lit(None, dtype=pl.Int32)),
        truth=MappingProxyType(
            {
                "cross_group_share": cross_group_share,
                "mean_rating": round(float(_POINTS @ _POINT_SHARES), 9),
                "satisfied_share": round(float(_POINT_SHARES[3:].sum()), 9),
                "partnerships": float(partnerships),
            }
        ),
    )


def _partners(
    acting: np.ndarray[tuple[int], np.dtype[np.int64]],
    goes_beyond: np.ndarray[tuple[int], np.dtype[np.bool_]],
    *,
    users: int,
    groups: int,
    rng: np.random.Generator,
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Whom each meets. User u is in group u modulo `groups`, as the number u // groups of it."""
    group = acting % groups
    others = (group + rng.integers(1, groups, size=acting.size)) % groups
    target = np.where(goes_beyond, others, group)
    size = (users - 1 - target) // groups + 1
    # Of one's own group anybody but oneself, of another anybody.
    choices = np.where(goes_beyond, size, size - 1)
    drawn = np.floor(rng.random(acting.size) * choices).astype(np.int64)
    own = acting // groups
    skip = ~goes_beyond & (drawn >= own)
    return (drawn + skip) * groups + target
