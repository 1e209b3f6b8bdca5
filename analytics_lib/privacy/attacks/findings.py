"""What an attack achieved, beside what it achieves against people who are not in the release."""

from dataclasses import dataclass, replace
from typing import Any

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.results import Estimate
from analytics_lib.statistics.shares import estimate_share, share_difference

DEFAULT_MARGIN = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackResult:
    """One attack on one release.

    Attributes:
        name: The attack.
        question: What the attacker tried, in a sentence.
        success: Share of the tries that succeeded, with its Wilson interval.
        baseline: The same against people who are not in the release, or by chance.
        excess: Success minus baseline.
        ci_lower: Lower end of the interval of `excess` (Newcombe).
        ci_upper: Upper end of the interval of `excess`.
        margin: The largest excess that is accepted.
        certain: Whether each success is knowledge rather than a guess, so that none is chance.
    """

    name: str
    question: str
    success: Estimate
    baseline: Estimate
    excess: float
    ci_lower: float
    ci_upper: float
    margin: float
    certain: bool = False

    @property
    def passed(self) -> bool:
        """Whether the release withstands: the excess is within the margin, or may be chance.

        Chance is granted to guesses only, and only where the interval of the excess holds 0.
        """
        return self.excess <= self.margin or (not self.certain and self.ci_lower <= 0)

    def named(self, name: str) -> "AttackResult":
        """The same under another name."""
        return replace(self, name=name)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for a report: shares and numbers of tries, never a person."""
        return {
            "attack": self.name,
            "question": self.question,
            "tries": self.success.n,
            "success": round(self.success.value, 6),
            "success_interval": [round(self.success.ci_lower, 6), round(self.success.ci_upper, 6)],
            "baseline_tries": self.baseline.n,
            "baseline": round(self.baseline.value, 6),
            "excess": round(self.excess, 6),
            "excess_interval": [round(self.ci_lower, 6), round(self.ci_upper, 6)],
            "margin": self.margin,
            "passed": self.passed,
        }


def attack_result(
    name: str,
    question: str,
    *,
    main: tuple[int, int],
    baseline: tuple[int, int],
    margin: float,
    certain: bool = False,
) -> AttackResult:
    """Compare the successes and tries of an attack with those of its baseline.

    The trap: guessing the commonest value is right most of the time and is no
    attack. Only what goes beyond people who are not in the release (or beyond
    chance) comes from being in it.

    Args:
        name: The attack.
        question: What the attacker tried.
        main: Successes and tries against people of the release.
        baseline: Successes and tries against the control people, or of chance.
        margin: The largest excess that is accepted, 0 to 1.
        certain: Whether each success is knowledge rather than a guess.

    Raises:
        ParameterError: There was no try, or the margin is not between 0 and 1.

    Examples:
        >>> found = attack_result("x", "?", main=(90, 100), baseline=(50, 100), margin=0.1)
        >>> round(found.excess, 6), found.passed
        (0.4, False)
        >>> attack_result("x", "?", main=(55, 100), baseline=(50, 100), margin=0.1).passed
        True

    References:
        Giomi M. et al. (2023), PoPETs 2023(2), 312-328 (risk against a control set).
    """
    if not 0 <= margin <= 1:
        raise ParameterError(f"`margin` is {margin}; it must lie between 0 and 1.")
    if not (main[1] and baseline[1]):
        raise ParameterError(f"`{name}` had no people to try; the table is too small to attack.")
    success, base = estimate_share(*main), estimate_share(*baseline)
    apart = share_difference(base, success)
    return AttackResult(
        name=name,
        question=question,
        success=success,
        baseline=base,
        excess=apart.effect_size,
        ci_lower=apart.ci_lower,
        ci_upper=apart.ci_upper,
        margin=margin,
        certain=certain,
    )
