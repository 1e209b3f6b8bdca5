"""What a researcher asks for, and why it may or may not be given."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, field_validator

from analytics_lib.core.checks import require_choice, suggest
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import is_day
from analytics_lib.core.strict import StrictModel, validate
from analytics_lib.publishing.definition import DatasetDefinition
from analytics_lib.publishing.policy import Level, ResearchPolicy

EVERYWHERE = "all"
POLICY_RATE = "default"
_SLUG = r"[a-z0-9]+(-[a-z0-9]+)*"


class Period(StrictModel):
    """First and last day, both included, as ISO texts."""

    first: str = Field(alias="from")
    last: str = Field(alias="to")

    @field_validator("first", "last")
    @classmethod
    def _a_day(cls, text: str) -> str:
        if not is_day(text):  # periods are compared as texts
            raise ValueError("should be a day such as '2014-01-31'")
        return text


class DatasetRequest(StrictModel):
    """A request for a data set.

    Attributes:
        name: Name of the package, in small letters, digits and hyphens.
        dataset: The definition it asks for.
        title: What the research is called.
        purpose: What the data are for, in a sentence or more.
        area: One of the approved areas.
        organisation: Who asks.
        requester: The person who asks; cannot approve.
        contact: Where to reach them; stored and never printed.
        fields: Columns that are needed, and no others; none for a package of tables alone.
        period: First and last day.
        geographic_scope: Values of the scope column, or `[all]`.
        privacy_level: One of the policy's levels.
        k: Fewest rows of a class; that of the level where None.
        l: Fewest sensitive values of a class; that of the level where None.
        t: Largest distance of a class; that of the level where None.
        epsilon: Privacy loss of all tables together; needed with tables, and with nothing else.
        tables: Tables of noisy counts of people, each the fields that make its cells.
        synthetic_rate: Synthetic rows for each real one, 0 to 1, or "default" for the policy's.
        legal_basis: One of the policy's legal bases.
        demonstration: Whether it only shows what a package looks like; its title says so.
    """

    name: str = Field(pattern=f"^{_SLUG}$", max_length=60)
    dataset: str
    title: str = Field(min_length=3, max_length=200)
    purpose: str = Field(min_length=30)
    area: str
    organisation: str = Field(min_length=2)
    requester: str = Field(min_length=2)
    contact: str = Field(min_length=3, repr=False)
    fields: list[str]
    period: Period
    geographic_scope: list[str] = Field(min_length=1)
    privacy_level: str
    k: int | None = Field(default=None, ge=2)
    l: int | None = Field(default=None, ge=2)  # noqa: E741 - its name since Machanavajjhala et al.
    t: float | None = Field(default=None, gt=0, le=1)
    epsilon: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    tables: list[list[str]] = Field(default_factory=list)
    synthetic_rate: float | Literal["default"] = 0.0
    legal_basis: str
    demonstration: bool = False

    @field_validator("title", "purpose", "organisation", "requester", "contact", mode="before")
    @classmethod
    def _one_line(cls, text: object) -> object:
        """Spaces alone say nothing, and a line of its own could pass for the datasheet's own."""
        return " ".join(text.split()) if isinstance(text, str) else text

    @field_validator("synthetic_rate", mode="before")
    @classmethod
    def _a_rate(cls, rate: object) -> object:
        number = isinstance(rate, int | float) and not isinstance(rate, bool)
        if rate != POLICY_RATE and not (number and 0 <= float(str(rate)) <= 1):
            raise ValueError(f"should be between 0 and 1, or {POLICY_RATE!r}")
        return rate

    def rate_of_synthetic_rows(self, policy: ResearchPolicy) -> float:
        """Synthetic rows for each real one: the policy's where no number is asked for."""
        asked = self.synthetic_rate
        return policy.synthetic_rate if isinstance(asked, str) else asked

    def columns_of_tables(self) -> list[str]:
        """The columns that make cells of the tables, each once, in order."""
        return list(dict.fromkeys(name for by in self.tables for name in by))

    def columns(self) -> list[str]:
        """The columns that are read: those of the rows; without rows, those of the tables."""
        return self.fields or self.columns_of_tables()

    def public(self) -> dict[str, Any]:
        """All of it but the contact."""
        return self.model_dump(by_alias=True, exclude={"contact"})


def dataset_request(
    content: Mapping[str, Any],
    *,
    policy: ResearchPolicy,
    definition: DatasetDefinition,
    name: str = "request",
) -> DatasetRequest:
    """A request from the content of its file, refused where the policy does not allow it.

    Args:
        content: The content of the file.
        policy: The research policy.
        definition: The data set that is asked for.
        name: What messages call it.

    Raises:
        ParameterError: Something is unknown, missing or of the wrong type; the area, the legal
            basis or the level is not approved; a field is not of the data set; the demands are
            below the level; it asks for what is not offered.
    """
    asked = validate(DatasetRequest, content, name=name)
    require_choice(asked.area, policy.areas, name="area")
    require_choice(asked.legal_basis, policy.legal_bases, name="legal_basis")
    require_choice(asked.privacy_level, list(policy.levels), name="privacy_level")
    _check_fields(asked, definition)
    if asked.period.first > asked.period.last:
        raise ParameterError(
            f"`period` is from {asked.period.first} to {asked.period.last}; it must not end "
            "before it begins."
        )
    _check_tables(asked, definition)
    demands(asked, policy)
    return asked


def demands(asked: DatasetRequest, policy: ResearchPolicy) -> Level:
    """The k, l and t that apply: those asked for, at least as strict as the level.

    Raises:
        ParameterError: A demand is weaker than the level's.
    """
    least = policy.levels[asked.privacy_level]
    weaker = [
        f"`k` is {asked.k}, the level has {least.k}" if (asked.k or least.k) < least.k else "",
        f"`l` is {asked.l}, the level has {least.l}"
        if least.l and asked.l and asked.l < least.l
        else "",
        f"`t` is {asked.t}, the level has {least.t}"
        if least.t and asked.t and asked.t > least.t
        else "",
    ]
    found = [text for text in weaker if text]
    if found:
        raise ParameterError(
            f"The request is weaker than `privacy_level` {asked.privacy_level!r}: "
            f"{'; '.join(found)}."
        )
    return Level(k=asked.k or least.k, l=asked.l or least.l, t=asked.t or least.t)


def _check_tables(asked: DatasetRequest, definition: DatasetDefinition) -> None:
    if (asked.epsilon is None) == bool(asked.tables):
        raise ParameterError(
            "`epsilon` and `tables` belong together: tables of noisy counts spend privacy budget, "
            "rows of people spend none."
        )
    for by in asked.tables:
        unknown = sorted(set(by) - set(asked.fields or definition.columns))
        if unknown or not by or len(set(by)) < len(by):
            raise ParameterError(
                f"`tables` has {by}; each must name one or more of "
                f"{'`fields`' if asked.fields else sorted(definition.columns)}, none of them twice."
            )
        for name in by:
            definition.declared_values(name)


def _check_no_rows(asked: DatasetRequest) -> None:
    if not asked.tables:
        raise ParameterError(
            "`fields` is empty and no `tables` are asked for; ask for columns, or for tables of "
            "noisy counts alone."
        )
    given = {"k": asked.k, "l": asked.l, "t": asked.t, "synthetic_rate": asked.synthetic_rate}
    meant = [name for name, value in given.items() if value]
    if meant:
        raise ParameterError(
            f"`fields` is empty, so no rows are released and {meant} mean nothing; leave them out."
        )


def _check_fields(asked: DatasetRequest, definition: DatasetDefinition) -> None:
    if not asked.fields:
        _check_no_rows(asked)
        return
    for field in asked.fields:
        if field not in definition.columns:
            valid = sorted(definition.columns)
            raise ParameterError(
                f"`fields` names {field!r}, which `{asked.dataset}` does not offer; fields are "
                f"{valid}." + suggest(field, valid)
            )
    if len(set(asked.fields)) < len(asked.fields):
        raise ParameterError("`fields` names a column twice; each must be there once.")
    if not definition.with_role("quasi_identifier", asked.fields):
        raise ParameterError(
            "`fields` has no column that others may know, so nothing could be protected; ask for "
            "one that has a hierarchy."
        )
