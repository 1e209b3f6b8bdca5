"""Who may do what to a request."""

import threading

import pytest

from analytics_lib.core.errors import AccessError, ParameterError
from analytics_lib.publishing.decisions import approve, reject, review, submit
from analytics_lib.publishing.request import dataset_request


@pytest.fixture
def asked(room):
    request = dataset_request(room.request, policy=room.policy, definition=room.definition)
    submit(room.platform.register, request, at=room.now)
    return room


def take(room, step, by, note="seen"):
    return step(
        room.platform.register, "results", policy=room.policy, by=by, at=room.now, note=note
    )


def test_a_request_is_reviewed_and_approved_by_two(asked):
    assert take(asked, review, "Manager").state == "reviewed"
    entry = take(asked, approve, "Officer")
    assert entry.state == "approved"
    assert [(step["step"], step["by"]) for step in entry.steps] == [
        ("requested", "Dr Example"), ("reviewed", "Manager"), ("approved", "Officer"),
    ]  # fmt: skip


def test_the_policy_names_who_decides(asked):
    with pytest.raises(AccessError, match="'Officer' is no reviewer"):
        take(asked, review, "Officer")
    with pytest.raises(AccessError, match="'Manger' is no approver"):
        take(asked, approve, "Manger")
    with pytest.raises(AccessError, match="no reviewer or approver"):
        take(asked, reject, "Dr Example")


@pytest.mark.parametrize(
    "spelling", ["both", "Both ", " both", "Bo\u200bth", "\uff22oth", "Both\u00a0"]
)
def test_the_requester_never_decides(room, spelling):
    content = {**room.request, "requester": spelling}
    request = dataset_request(content, policy=room.policy, definition=room.definition)
    submit(room.platform.register, request, at=room.now)
    with pytest.raises(AccessError, match="asked for `results`"):
        take(room, review, "Both")
    take(room, review, "Manager")
    with pytest.raises(AccessError, match="asked for `results`"):
        take(room, approve, "Both")
    assert room.platform.register.entry("results").state == "reviewed"


def test_who_reviewed_does_not_approve(asked):
    take(asked, review, "Both")
    with pytest.raises(AccessError, match="somebody else must approve"):
        take(asked, approve, "Both")


def test_steps_come_in_their_order(asked):
    with pytest.raises(ParameterError, match="is requested; only what is reviewed"):
        take(asked, approve, "Officer")
    take(asked, review, "Manager")
    with pytest.raises(ParameterError, match="is reviewed; only what is requested"):
        take(asked, review, "Manager")
    with pytest.raises(ParameterError, match="must say why"):
        take(asked, reject, "Officer", note=" ")
    assert take(asked, reject, "Officer").state == "rejected"
    with pytest.raises(ParameterError, match="is rejected"):
        take(asked, approve, "Officer")


def test_a_name_is_free_again_once_it_is_rejected(asked):
    request = dataset_request(asked.request, policy=asked.policy, definition=asked.definition)
    with pytest.raises(ParameterError, match="is requested already"):
        submit(asked.platform.register, request, at=asked.now)
    take(asked, reject, "Manager")
    assert submit(asked.platform.register, request, at=asked.now).number == 2


def test_an_unknown_request_is_told_the_nearest(asked):
    with pytest.raises(ParameterError, match="Did you mean 'results'"):
        asked.platform.register.entry("result")


def test_of_two_approvals_at_once_one_counts(asked):
    take(asked, review, "Manager")
    start = threading.Barrier(8)
    outcomes = []

    def try_it(name):
        start.wait()
        try:
            take(asked, approve, name)
            outcomes.append("approved")
        except ParameterError:
            outcomes.append("too late")

    threads = [
        threading.Thread(target=try_it, args=(name,)) for name in ["Officer", "Second officer"] * 4
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["approved"] + ["too late"] * 7
    steps = [step["step"] for step in asked.platform.register.entry("results").steps]
    assert steps.count("approved") == 1
