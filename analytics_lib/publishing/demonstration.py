"""A package that shows what a release looks like, made without anybody deciding, and saying so."""

import datetime as dt
from collections.abc import Callable, Sequence
from itertools import combinations

from analytics_lib.core.errors import AccessError, ParameterError
from analytics_lib.publishing.decisions import approve, review, submit
from analytics_lib.publishing.definition import DatasetDefinition
from analytics_lib.publishing.entries import DEMONSTRATION, OVER, Entry, Package, is_same_person
from analytics_lib.publishing.policy import ResearchPolicy
from analytics_lib.publishing.programme import DataPlatform, Source
from analytics_lib.publishing.request import DatasetRequest

NOTE = DEMONSTRATION


def demonstrate(
    platform: DataPlatform,
    asked: DatasetRequest,
    *,
    definition: DatasetDefinition,
    source: Callable[[], Source],
    at: dt.datetime,
    before_writing: Callable[[int], None] = lambda _version: None,
) -> tuple[Package, bool]:
    """Take a demonstration the whole way: asked for, reviewed, approved, released.

    The trap: a shortcut past the people who decide would be open to every request. So it is open
    to data sets that the research policy names for it, and to requests that declare themselves a
    demonstration, which their packages then say in their titles. Each step goes through the same
    door as a real one, under different names. A package that is still valid stays as it is.

    Args:
        platform: The data platform.
        asked: The request.
        definition: The data set it asks for.
        source: Gives the table; asked only where something has to be made.
        at: Now.
        before_writing: Called with the version, for the audit log.

    Returns:
        The package, and whether it was made now.

    Raises:
        AccessError: The policy does not name the data set for it, or has no two people for it; the
            name is that of a request about which people decide.
        ParameterError: The request is no demonstration, or somebody rejected it.
        DisclosureError: It does not withstand.
    """
    _require_allowed(asked, platform.policy)
    reviewer, approver = _two(asked, platform.policy)
    register, name = platform.register, asked.name
    if name in {entry.name for entry in platform.due(today=at.date())}:
        platform.expire(name, by="the calendar", at=at, note=NOTE)
    if _is_free(asked, [entry for entry in register.entries() if entry.name == name]):
        submit(register, asked, at=at)
    policy = platform.policy
    if register.entry(name).state == "requested":
        platform.trial(name, definition=definition, source=source())
        review(register, name, policy=policy, by=reviewer, at=at, note=NOTE)
    if register.entry(name).state == "reviewed":
        approve(register, name, policy=policy, by=approver, at=at, note=NOTE)
    there = register.entry(name).package
    if there is not None:
        return there, False
    made = platform.release(
        name, definition=definition, source=source(), by=reviewer, at=at,
        before_writing=before_writing,
    )  # fmt: skip
    return made, True


def _require_allowed(asked: DatasetRequest, policy: ResearchPolicy) -> None:
    if not asked.demonstration:
        raise ParameterError(
            f"`{asked.name}` does not say `demonstration: true`; people decide about it "
            "(`analytics dataset request`)."
        )
    if asked.dataset not in policy.demonstrations:
        raise AccessError(
            f"The research policy allows no demonstration of `{asked.dataset}`; it names "
            f"{policy.demonstrations}."
        )


def _is_free(asked: DatasetRequest, known: Sequence[Entry]) -> bool:
    """Whether the name is free; refuses to go on with what is no demonstration of the data set."""
    if not known or known[-1].state in OVER:
        return True
    there = known[-1].content
    if not there.get("demonstration") or there["dataset"] != asked.dataset:
        raise AccessError(
            f"`{asked.name}` is {known[-1].state} already and no demonstration of "
            f"`{asked.dataset}`; people decide about it. Give the demonstration another name."
        )
    return False


def _two(asked: DatasetRequest, policy: ResearchPolicy) -> tuple[str, str]:
    """A reviewer and an approver who are neither each other nor who asks."""
    for reviewer in policy.roles.reviewer:
        for approver in policy.roles.approver:
            pairs = combinations((reviewer, approver, asked.requester), 2)
            if not any(is_same_person(one, other) for one, other in pairs):
                return reviewer, approver
    raise AccessError(
        "The research policy names no reviewer and approver who are different people and did not "
        "ask; a demonstration needs both."
    )
