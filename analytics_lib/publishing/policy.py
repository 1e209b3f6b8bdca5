"""Who may publish what to whom: the research policy of the platform."""

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, field_validator

from analytics_lib.core.strict import StrictModel, validate
from analytics_lib.privacy.augmentation import DEFAULT_RATE, Mark

_ADDRESS = r"https?://[^\s/?#]+(/[^\s/?#]+)*/?"
PolicyRole = Literal["reviewer", "approver"]


class Level(StrictModel):
    """The least protection of a named privacy level."""

    k: int = Field(ge=2)
    l: int | None = Field(default=None, ge=2)  # noqa: E741 - its name since Machanavajjhala et al.
    t: float | None = Field(default=None, gt=0, le=1)


class Terms(StrictModel):
    """What the recipients agree to."""

    title: str = Field(min_length=3)
    text: str = Field(min_length=20)


class Roles(StrictModel):
    """Who acts in which role, by name or office."""

    reviewer: list[str] = Field(min_length=1)
    approver: list[str] = Field(min_length=1)


class ResearchPolicy(StrictModel):
    """Who may publish what to whom.

    Attributes:
        publisher: Who publishes the packages.
        published_at: Address of the folder that holds `<name>/<version>/` of each package, where
            they are published under one; without it no package claims an address.
        areas: Areas of research that data may be asked for.
        legal_bases: Legal bases that a request may rest on.
        levels: Least k, l and t of each privacy level.
        roles: Names of those who may review and approve.
        expires_after_days: Days until a package expires.
        suppression_limit: Largest share of rows that may be left out.
        control_share: Share of the people kept out as the control set of the attacks.
        attack_margin: Largest excess of an attack over its baseline.
        synthetic_rate: Synthetic rows for each real one where a request asks for "default".
        synthetic_mark: Whether synthetic rows are told apart in a column `is_synthetic`.
        terms: Usage terms of every package.
        demonstrations: Data sets of open licence of which a package may be made to show what one
            looks like, without anybody deciding.
    """

    publisher: str = Field(min_length=2)
    published_at: str | None = None
    areas: list[str] = Field(min_length=1)
    legal_bases: list[str] = Field(min_length=1)
    levels: dict[str, Level] = Field(min_length=1)
    roles: Roles
    expires_after_days: int = Field(default=365, ge=1, le=3650)
    suppression_limit: float = Field(default=0.05, ge=0, le=1)
    control_share: float = Field(default=0.1, gt=0, lt=1)
    attack_margin: float = Field(default=0.1, gt=0, le=1)
    synthetic_rate: float = Field(default=DEFAULT_RATE, gt=0, le=1)
    synthetic_mark: Mark = "marked"
    terms: Terms
    demonstrations: list[str] = Field(default_factory=list)

    @field_validator("published_at")
    @classmethod
    def _an_address(cls, address: str | None) -> str | None:
        if address is not None and not re.fullmatch(_ADDRESS, address):
            raise ValueError("should be an address such as 'https://data.example.org/datasets'")
        return address

    @field_validator("areas", "legal_bases")
    @classmethod
    def _once(cls, names: list[str]) -> list[str]:
        if len(set(names)) < len(names):
            raise ValueError("names something twice")
        return names


def research_policy(content: Mapping[str, Any]) -> ResearchPolicy:
    """The policy from the content of its file.

    Raises:
        ParameterError: Something in it is unknown, missing or out of range.
    """
    return validate(ResearchPolicy, content, name="research_policy.yaml")
