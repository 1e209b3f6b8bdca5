"""Asking, reviewing, approving and rejecting: who may do what to a request."""

import datetime as dt
from collections.abc import Callable

from analytics_lib.core.errors import AccessError, ParameterError
from analytics_lib.publishing.entries import Entry, is_same_person, require_role
from analytics_lib.publishing.policy import ResearchPolicy
from analytics_lib.publishing.register import Register
from analytics_lib.publishing.request import DatasetRequest


def submit(register: Register, asked: DatasetRequest, *, at: dt.datetime) -> Entry:
    """Put a valid request into the register, in the name of who asks.

    Raises:
        ParameterError: A request of that name is under way or released.
    """
    return register.add(asked.name, asked.model_dump(by_alias=True), by=asked.requester, at=at)


def review(
    register: Register, name: str, *, policy: ResearchPolicy, by: str, at: dt.datetime, note: str
) -> Entry:
    """Note that a reviewer has looked at a request, and what they found.

    Raises:
        AccessError: The policy does not name them as a reviewer, or they asked for it themselves.
        ParameterError: The request is in another state.
    """
    require_role(by, policy.roles.reviewer, role="reviewer")
    return register.move(
        name,
        to="reviewed",
        allowed_from=("requested",),
        by=by,
        at=at,
        note=note,
        check=_not_the_requester(by),
    )


def approve(
    register: Register, name: str, *, policy: ResearchPolicy, by: str, at: dt.datetime, note: str
) -> Entry:
    """Approve a reviewed request.

    The trap: two officers who approve at the same moment, or one who approves what the other
    has just rejected. The request is looked at under the lock that changes it.

    Raises:
        AccessError: The policy does not name them as an approver; they asked for it or
            reviewed it themselves.
        ParameterError: The request is in another state.
    """
    require_role(by, policy.roles.approver, role="approver")

    def check(entry: Entry) -> None:
        _not_the_requester(by)(entry)
        if is_same_person(by, entry.taken_by("reviewed") or ""):
            raise AccessError(f"{by!r} reviewed `{name}`; somebody else must approve it.")

    return register.move(
        name, to="approved", allowed_from=("reviewed",), by=by, at=at, note=note, check=check
    )


def reject(
    register: Register, name: str, *, policy: ResearchPolicy, by: str, at: dt.datetime, note: str
) -> Entry:
    """Reject a request that is not released yet, and say why.

    Raises:
        AccessError: The policy names them neither as a reviewer nor as an approver.
        ParameterError: No reason is given, or the request is in another state.
    """
    require_role(by, [*policy.roles.reviewer, *policy.roles.approver], role="reviewer or approver")
    if not note.strip():
        raise ParameterError("`note` is empty; a rejection must say why.")
    return register.move(
        name,
        to="rejected",
        allowed_from=("requested", "reviewed", "approved"),
        by=by,
        at=at,
        note=note,
    )


def _not_the_requester(by: str) -> Callable[[Entry], None]:
    def check(entry: Entry) -> None:
        if is_same_person(by, str(entry.content["requester"])):
            raise AccessError(f"{by!r} asked for `{entry.name}`; somebody else must decide.")

    return check
