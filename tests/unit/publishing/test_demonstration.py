"""A demonstration goes the whole way by itself, and nothing else can."""

import datetime as dt

import pytest

from analytics_lib.core.errors import AccessError, DisclosureError, ParameterError
from analytics_lib.publishing.decisions import reject, submit
from analytics_lib.publishing.demonstration import NOTE, demonstrate
from analytics_lib.publishing.policy import research_policy
from analytics_lib.publishing.programme import DataPlatform
from analytics_lib.publishing.request import dataset_request


def show(room, *, at=None, policy=None, source=None, **content):
    policy = research_policy(
        {**room.policy_content, "demonstrations": ["learners"], **(policy or {})}
    )
    asked = dataset_request(
        {**room.request, "demonstration": True, **content},
        policy=policy,
        definition=room.definition,
    )
    return demonstrate(
        DataPlatform(folder=room.platform.folder, policy=policy), asked,
        definition=room.definition, source=source or (lambda: room.source), at=at or room.now,
    )  # fmt: skip


def test_a_demonstration_takes_every_step_under_different_names_and_says_what_it_is(room):
    package, is_new = show(room)
    assert (package.version, is_new) == (1, True)
    entry = room.platform.register.entry("results")
    assert [(step["step"], step["by"]) for step in entry.steps] == [
        ("requested", "Dr Example"), ("reviewed", "Manager"), ("approved", "Officer"),
        ("released", "Manager"),
    ]  # fmt: skip
    assert [step["note"] for step in entry.steps[1:3]] == [NOTE, NOTE]
    folder = room.platform.folder / "results" / "1"
    for name in ("README.md", "CITATION.cff", "datapackage.json", "croissant.json"):
        assert "(a demonstration)" in (folder / name).read_text()
    sheet = (folder / "README.md").read_text()
    assert "Approved by: nobody (demonstration: taken by the program, nobody decided)." in sheet
    assert "Officer" not in sheet


def test_a_second_time_changes_nothing_and_reads_no_table(room):
    show(room)
    before = room.platform.register.entries()
    package, is_new = show(room, source=lambda: pytest.fail("read"))
    assert (package.version, is_new) == (1, False)
    assert room.platform.register.entries() == before


@pytest.mark.parametrize(("days", "version"), [(364, 1), (365, 2), (366, 2)])
def test_one_that_has_reached_its_day_expires_and_is_made_again(room, days, version):
    show(room)
    package, is_new = show(room, at=room.now + dt.timedelta(days=days))
    assert (package.version, is_new) == (version, version == 2)


def test_what_was_interrupted_goes_on(room):
    asked = dataset_request(
        {**room.request, "demonstration": True}, policy=room.policy, definition=room.definition
    )
    submit(room.platform.register, asked, at=room.now)
    assert show(room)[1]


def test_a_rejected_one_is_asked_for_again(room):
    asked = dataset_request(room.request, policy=room.policy, definition=room.definition)
    submit(room.platform.register, asked, at=room.now)
    reject(
        room.platform.register, "results", policy=room.policy, by="Officer", at=room.now, note="no"
    )
    assert show(room)[1]


def test_a_real_request_cannot_take_the_short_way(room):
    with pytest.raises(ParameterError, match="people decide about it"):
        show(room, demonstration=False)
    assert room.platform.register.entries() == []


def test_a_real_request_of_the_same_name_is_not_taken_along(room):
    asked = dataset_request(room.request, policy=room.policy, definition=room.definition)
    submit(room.platform.register, asked, at=room.now)
    with pytest.raises(AccessError, match="requested already and no demonstration"):
        show(room)
    assert [step["step"] for step in room.platform.register.entry("results").steps] == ["requested"]


def test_a_data_set_that_the_policy_does_not_name_cannot_either(room):
    with pytest.raises(AccessError, match=r"no demonstration of `learners`.*\[\]"):
        show(room, policy={"demonstrations": []})
    assert room.platform.register.entries() == []


@pytest.mark.parametrize(
    "roles",
    [
        {"reviewer": ["One"], "approver": ["one"]},
        {"reviewer": ["Dr Example"], "approver": ["Officer"]},
        {"reviewer": ["Manager"], "approver": ["DR EXAMPLE"]},
    ],
)
def test_without_two_people_beside_the_requester_there_is_none(room, roles):
    with pytest.raises(AccessError, match="different people"):
        show(room, policy={"roles": roles})
    assert room.platform.register.entries() == []


def test_the_other_people_of_the_policy_stand_in(room):
    show(room, policy={"roles": {"reviewer": ["Dr Example", "A"], "approver": ["A", "B"]}})
    entry = room.platform.register.entry("results")
    assert (entry.taken_by("reviewed"), entry.taken_by("approved")) == ("A", "B")


def test_one_that_does_not_withstand_is_not_released(room):
    with pytest.raises((DisclosureError, ParameterError)):
        show(room, l=3)  # there are two outcomes
    assert room.platform.register.entry("results").state == "requested"
