"""The disclosure policy, and the check that no published count of people is too small."""

from pydantic import Field

from analytics_lib.core.errors import DisclosureError, ParameterError
from analytics_lib.core.strict import StrictModel, validate
from analytics_lib.reporting.payloads import Payload
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.yaml_files import read_yaml

LABEL = "parameters/disclosure_policy.yaml"


class DisclosurePolicy(StrictModel):
    """What may be published.

    Attributes:
        owner: Who may change it.
        minimum_count: Fewest people a published count may stand for; a count of none is safe.
        person_units: Units of the columns that count people.
    """

    owner: str = Field(min_length=1)
    minimum_count: int = Field(ge=2)
    person_units: list[str] = Field(min_length=1)


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


def require_safe_counts(payloads: list[Payload], *, policy: DisclosurePolicy, name: str) -> None:
    """Refuse a page that shows a count of fewer people than the policy allows.

    Args:
        payloads: Everything the page shows.
        policy: The policy.
        name: What it is, for the message.

    Raises:
        DisclosureError: It does; the message says where and how often, not what.
    """
    problems = []
    for payload in payloads:
        small = sum(
            _is_small(value, policy.minimum_count)
            for position, column in enumerate(payload.columns)
            if column.get("unit") in policy.person_units
            for value in [row[position] for row in payload.rows]
        )
        small += sum(
            _is_small(result.get("value"), policy.minimum_count)
            for result in payload.results.values()
            if result.get("unit") in policy.person_units
        )
        if small:
            problems.append(f"`{payload.id}` ({small})")
    if problems:
        raise DisclosureError(
            f"`{name}` was not published: counts below {policy.minimum_count} people in "
            f"{', '.join(problems)}. Coarsen the groups or use `suppress_small_counts`."
        )


def _is_small(value: object, minimum: int) -> bool:
    return isinstance(value, int | float) and 0 < value < minimum
