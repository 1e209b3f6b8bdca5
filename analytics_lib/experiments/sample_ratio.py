"""Whether the groups of an experiment are as large as they should be."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from scipy.special import chdtrc

from analytics_lib.core.checks import require_between, suggest
from analytics_lib.core.errors import ParameterError

_ABOUT_ONE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRatio:
    """The sizes of the groups against those that were declared.

    Attributes:
        counts: Users in each group.
        shares: Declared share of each group.
        statistic: Chi-square.
        pvalue: Chance of such sizes or odder ones if the shares are true; `nan` without users.
        threshold: Below it the sizes are no chance.
    """

    counts: Mapping[str, int]
    shares: Mapping[str, float]
    statistic: float
    pvalue: float
    threshold: float

    @property
    def is_as_declared(self) -> bool:
        """Whether the sizes are known and nothing speaks against them."""
        return self.pvalue >= self.threshold


def sample_ratio(
    counts: Mapping[str, int], *, shares: Mapping[str, float], threshold: float = 0.001
) -> SampleRatio:
    """Are the groups as large as they should be (sample ratio mismatch)?

    Where a group lost users on the way, those left differ from the others, and no analysis mends
    that. The threshold is small because the check is made of every experiment.

    Args:
        counts: Users found in each group, by its name.
        shares: Share of the users each group should have, above 0; they add up to 1.
        threshold: Of the p-value.

    Returns:
        The check; its p-value is `nan` where there are no users, and that is no pass.

    Raises:
        ParameterError: A count is negative, the shares do not add up to 1, or a group was found
            that was not declared.

    Examples:
        >>> found = sample_ratio({"a": 821, "b": 915}, shares={"a": 0.5, "b": 0.5})
        >>> round(found.statistic, 3), round(found.pvalue, 3), found.is_as_declared
        (5.09, 0.024, True)

    References:
        Fabijan A. et al. (2019), Diagnosing Sample Ratio Mismatch in Online Controlled
        Experiments, KDD 2019; threshold as in GrowthBook.
    """
    require_between(threshold, 0, 1, name="threshold")
    _require_shares(shares)
    for name, count in counts.items():
        if name not in shares:
            raise ParameterError(
                f"`counts` has a group {name!r}; groups are {sorted(shares)}."
                + suggest(name, shares)
            )
        if count < 0:
            raise ParameterError(f"`counts` of {name!r} is {count}; it must be at least 0.")

    found = {name: counts.get(name, 0) for name in shares}
    total = sum(found.values())
    statistic = pvalue = math.nan
    if total:
        expected = {name: total * share for name, share in shares.items()}
        statistic = sum((found[name] - expected[name]) ** 2 / expected[name] for name in shares)
        pvalue = float(chdtrc(len(shares) - 1, statistic))
    return SampleRatio(
        counts=found, shares=dict(shares), statistic=statistic, pvalue=pvalue, threshold=threshold
    )


def _require_shares(shares: Mapping[str, float]) -> None:
    several = len(shares) > 1 and all(share > 0 for share in shares.values())
    if not several or abs(sum(shares.values()) - 1) > _ABOUT_ONE:
        raise ParameterError(
            f"`shares` is {dict(shares)}; it must hold two or more shares above 0 that add up to 1."
        )
