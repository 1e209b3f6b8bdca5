"""The disclosure policy: what may be published, and who may say otherwise."""

import re
from typing import Literal, Self

from pydantic import Field, model_validator

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.strict import StrictModel, validate
from analytics_lib.core.yaml_files import read_yaml
from analytics_lib.privacy.dominance import DominanceRule
from analytics_lib.reporting.project import Project, find_project

LABEL = "parameters/disclosure_policy.yaml"
MOST_PEOPLE = 1_000_000  # a larger group would hide every count; it is a slip of the finger
_OF_WHAT = re.compile(r"\bper\b|\ban?\b|[/(]")  # what follows says how often or where, not what


class Dominance(StrictModel):
    """The numbers of `privacy.DominanceRule`; `n` and `k` together or not at all."""

    p: float = Field(gt=0)
    n: int | None = Field(default=None, ge=1)
    k: float | None = Field(default=None, gt=0, lt=100)

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        self.rule()
        return self

    def rule(self) -> DominanceRule:
        """The rule."""
        return DominanceRule(p=self.p, n=self.n, k=self.k)


class DisclosurePolicy(StrictModel):
    """What may be published.

    Attributes:
        owner: Who may change it.
        minimum_count: Fewest people a published count may stand for; a count of none is safe.
        person_units: Units of the numbers that count people.
        round_counts_to: Published counts of people are multiples of it; 1 asks for nothing.
        differencing: What becomes of a page whose counts, taken together or with the page
            published before, give a small count away.
        dominance: When a sum of what people contributed says too much of one of them; its
            numbers stand on no page. Without it sums are not looked at.
        may_override: Names of those who may release a held page; each release is signed.
    """

    owner: str = Field(min_length=1)
    minimum_count: int = Field(ge=2, le=MOST_PEOPLE)
    person_units: list[str] = Field(min_length=1)
    round_counts_to: int = Field(default=1, ge=1, le=MOST_PEOPLE)
    differencing: Literal["hold", "allow"] = "hold"
    dominance: Dominance | None = None
    may_override: list[str] = Field(default_factory=list)

    def counts_people(self, unit: str | None, *, otherwise: str = "") -> bool:
        """Whether a number of this unit counts people, however it is spelled.

        Args:
            unit: The unit, where there is one.
            otherwise: What the number is called; it speaks where there is no unit.

        Examples:
            >>> policy = DisclosurePolicy(owner="x", minimum_count=10, person_units=["users"])
            >>> [policy.counts_people(unit) for unit in ("User", "active users a week", "visits")]
            [True, True, False]
            >>> policy.counts_people(None, otherwise="New users")
            True
        """
        units = {word.strip().lower() for word in self.person_units}
        noun = _noun(unit or otherwise)
        return noun in units or f"{noun}s" in units or (noun == "person" and "people" in units)


def _noun(words: str) -> str:
    """What is counted: the last word before it says how often."""
    found = _OF_WHAT.split(words.strip().lower().replace("_", " "))[0].split()
    return found[-1] if found else ""


def load_policy(project: Project) -> DisclosurePolicy:
    """Read the policy.

    Raises:
        ParameterError: There is none, or it holds a mistake. Nothing is
            published without one.
    """
    path = project.disclosure_policy
    if not path.is_file():
        raise ParameterError(f"{LABEL} is missing; nothing is published without a policy.")
    return validate(DisclosurePolicy, read_yaml(path, label=LABEL), name=LABEL)


def dominance_rule() -> DominanceRule:
    """The policy's rule for sums of what people contributed, for `protect_sums` in a notebook.

    Raises:
        ParameterError: There is no policy, or it names no rule.
    """
    policy = load_policy(find_project())
    if policy.dominance is None:
        raise ParameterError(
            f"{LABEL} names no `dominance`, such as `dominance: {{p: 10}}`; its owner adds one."
        )
    return policy.dominance.rule()
