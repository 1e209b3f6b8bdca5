"""What researchers report, and the register as the table of the programme."""

import datetime as dt

import pytest

from analytics_lib.core.errors import AccessError, ParameterError
from analytics_lib.events.tables import CONTRACTS
from analytics_lib.publishing import package_facts, portfolio
from analytics_lib.publishing.decisions import submit
from analytics_lib.publishing.reading import read_package
from analytics_lib.publishing.reported import programme_steps, report_outcome
from analytics_lib.publishing.request import dataset_request

LATER = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)


def report(room, **changed):
    given = {"kind": "paper", "title": "A paper", "by": "Dr Example", "at": LATER}
    return report_outcome(
        room.platform.register, "results", policy=room.policy, **{**given, **changed}
    )


def as_ingested(frame):
    return frame.with_columns(frame["day"].str.to_date().to_physical().alias("day"))


@pytest.mark.parametrize("by", ["Dr Example", "dr example", "Manager", "Officer"])
def test_who_asked_and_who_decides_may_report(room, package, by):
    assert report(room, by=by).steps[-1]["step"] == "paper"


def test_the_state_stays_and_the_package_says_the_same_as_before(room, package):
    report(room, kind="feedback", title="Good", score=4)
    read = read_package(room.platform.folder, "results")
    assert read.entry.state == "released"
    assert "paper" not in package_facts.steps(read)["step"].to_list()
    assert package_facts.steps(read).height == 4


def test_the_register_becomes_the_table_of_the_programme(room, package):
    report(room, reference="doi 1", on=dt.date(2026, 8, 1))
    report(room, kind="feedback", title="Good", score=4, by="Manager")
    found = programme_steps(room.platform.register.entries())
    assert found.columns == CONTRACTS["research_steps"].names
    assert found["step_id"].to_list() == [f"1.{number}" for number in range(1, 7)]
    assert found["step"].to_list() == [
        "requested", "reviewed", "approved", "released", "paper", "feedback",
    ]  # fmt: skip
    assert found["day"].to_list() == ["2026-03-01"] * 4 + ["2026-08-01", "2026-09-01"]
    assert found["score"].to_list() == [None] * 5 + [4]
    assert not any(name in found.write_csv() for name in ("Dr Example", "secret@", "Manager"))
    totals = portfolio.totals(as_ingested(found), as_of=LATER.date())
    assert (totals["projects"], totals["valid"], totals["paper"]) == (1, 1, 1)
    projects = portfolio.projects(as_ingested(found), as_of=LATER.date())
    assert projects["title"].item() == "Results by region"


def test_a_demonstration_is_no_project(room):
    content = {**room.request, "demonstration": True}
    asked = dataset_request(content, policy=room.policy, definition=room.definition)
    submit(room.platform.register, asked, at=room.now)
    assert programme_steps(room.platform.register.entries()).is_empty()


@pytest.mark.parametrize("score", [1, 5])
def test_the_ends_of_the_scale_are_scores(room, package, score):
    assert report(room, kind="feedback", score=score)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kind": "papers"}, "Did you mean 'paper'"),
        ({"title": " "}, "`title` is empty"),
        ({"on": dt.date(2026, 9, 2)}, "still to come"),
        ({"score": 3}, "feedback needs one of 1 to 5, and nothing else"),
        ({"kind": "feedback"}, "`score` is None"),
        ({"kind": "feedback", "score": 0.9}, "from 1 to 5"),
        ({"kind": "feedback", "score": 5.1}, "from 1 to 5"),
    ],
)
def test_what_is_no_outcome_is_refused(room, package, changed, said):
    with pytest.raises(ParameterError, match=said):
        report(room, **changed)


def test_nobody_else_may_report_and_nothing_before_the_release(room):
    asked = dataset_request(room.request, policy=room.policy, definition=room.definition)
    submit(room.platform.register, asked, at=room.now)
    with pytest.raises(ParameterError, match="released or expired can be noted with a paper"):
        report(room)


def test_a_stranger_may_not_report(room, package):
    with pytest.raises(AccessError, match="cannot report"):
        report(room, by="Somebody")
