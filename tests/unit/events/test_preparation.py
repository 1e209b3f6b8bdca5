import datetime as dt

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, RunError, SchemaError
from analytics_lib.core.periods import day_number
from analytics_lib.events.clock_changes import repeated_hours
from analytics_lib.events.contract import TableContract
from analytics_lib.events.identities import resolve_identities
from analytics_lib.events.preparation import prepare_events
from analytics_lib.events.preparation_account import Preparation
from analytics_lib.events.robots import RobotRule
from analytics_lib.events.tables.identities import IDENTITIES

DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000


def links(*rows):
    schema = {"anonymous_id": pl.String, "user_id": pl.String, "linked_day": pl.Int32}
    return pl.DataFrame(rows, schema=schema, orient="row")


def log(**columns):
    rows = len(next(iter(columns.values())))
    given = {"user_id": ["a"] * rows, "day": [0] * rows, **columns}
    return pl.DataFrame(given)


def test_the_contract_is_sound():
    assert isinstance(IDENTITIES, TableContract)
    assert IDENTITIES.schema().validate(pl.DataFrame(schema=IDENTITIES.polars_schema)).is_empty()
    assert IDENTITIES.columns_with_role("pseudonym") == ["anonymous_id", "user_id"]


@pytest.mark.parametrize(
    ("rows", "kept", "refused"),
    [
        pytest.param([], [], {}, id="none"),
        pytest.param([("x", "a", 1), ("x", "a", 2)], [("x", "a")], {}, id="said twice"),
        pytest.param([("a", "a", 1)], [], {"identified": 1}, id="itself"),
        pytest.param([("x", "a", 1), ("a", "b", 1)], [("x", "a")], {"identified": 1}, id="chain"),
        pytest.param([("a", "b", 1), ("b", "a", 1)], [], {"identified": 2}, id="circle"),
        pytest.param(
            [("x", "a", 1), ("x", "b", 2), ("x", "c", 3), ("y", "a", 1)],
            [("y", "a")],
            {"several users": 3},
            id="shared device",
        ),
        pytest.param(
            [("a", "b", 1), ("a", "c", 1), ("x", "a", 1)],
            [("x", "a")],
            {"identified": 2},
            id="two reasons, the first counts",
        ),
    ],
)
def test_links_that_hold(rows, kept, refused):
    found = resolve_identities(links(*rows))
    assert found.links.rows() == kept
    assert found.refused == refused
    turned = resolve_identities(links(*reversed(rows)))
    assert turned.version == found.version


def test_somebody_who_is_known_to_be_a_user_is_not_merged():
    users = pl.DataFrame({"user_id": ["a", "b"]})
    found = resolve_identities(links(("a", "b", 1), ("x", "b", 1)), users=users)
    assert (found.links.rows(), found.refused) == ([("x", "b")], {"identified": 1})


def test_a_past_version_comes_out_again():
    early = links(("x", "a", 10))
    late = links(("x", "a", 10), ("y", "a", 11), ("x", "b", 12))
    now = resolve_identities(early)
    for day, kept in [(9, []), (10, [("x", "a")]), (11, [("x", "a"), ("y", "a")]), (12, [("y", "a")])]:  # fmt: skip  # noqa: E501
        as_of = dt.date(1970, 1, 1) + dt.timedelta(days=day)
        found = resolve_identities(late, as_of=as_of)
        assert found.links.rows() == kept
        assert (found.version == now.version) is (day == 10)


def test_incomplete_links_are_refused():
    with pytest.raises(SchemaError, match="`identities` is missing column 'linked_day'"):
        resolve_identities(pl.DataFrame({"anonymous_id": ["x"], "user_id": ["a"]}))
    for row in [(None, "a", 1), ("x", None, 1), ("x", "a", None)]:
        with pytest.raises(SchemaError, match="every link must have all three"):
            resolve_identities(links(row))


def test_ids_of_two_types_are_refused():
    with pytest.raises(SchemaError, match="they must be of one type"):
        prepare_events(log(user_id=[1]), identities=resolve_identities(links(("x", "a", 1))))


def test_merging_is_retroactive_and_not_before_the_version():
    frame = log(user_id=["x", "x", "a"], day=[0, 5, 5])
    table = links(("x", "a", 3))
    for as_of, users in [(2, 2), (3, 1), (None, 1)]:
        date = None if as_of is None else dt.date(1970, 1, 1) + dt.timedelta(days=as_of)
        prepared = prepare_events(frame, identities=resolve_identities(table, as_of=date))
        assert prepared.preparation.users == users
        assert prepared.frame.collect().to_native()["user_id"].n_unique() == users


@pytest.mark.parametrize(("limit", "late"), [(0, 3), (1, 2), (2, 1), (3, 0), (None, 0)], ids=str)
def test_late_is_more_than_the_limit(limit, late):
    times = {"t_us": [0, 0, 0, 0], "received_us": [0, DAY_US, 2 * DAY_US, 3 * DAY_US]}
    kept = prepare_events(log(**times), late_after_days=limit).preparation
    assert (kept.late, kept.late_excluded, kept.events_kept) == (late, 0, 4)
    out = prepare_events(log(**times), late_after_days=limit, late="exclude").preparation
    assert (out.late, out.late_excluded, out.events_kept) == (late, late, 4 - late)


@pytest.mark.parametrize(("limit", "robots"), [(1, 5), (2, 3), (3, 0)])
def test_robots_are_faster_than_the_limit(limit, robots):
    # b has three events in a minute, a one in each of two minutes, c two on one day.
    frame = log(
        user_id=["a", "a", "b", "b", "b", "c", "c"],
        t_us=[0, 60_000_000, 0, 1, 59_999_999, 0, 1],
    )
    found = prepare_events(frame, robots=RobotRule(events_per_minute=limit)).preparation
    assert found.robots == robots


def test_a_robot_of_one_day_is_a_person_on_the_next():
    frame = log(day=[0, 0, 0, 1], quantity=[1, 1, 1, 2])
    found = prepare_events(frame, robots=RobotRule(events_per_day=2))
    assert found.preparation.robots == 3
    assert found.frame.collect().to_native()["day"].to_list() == [1]


def test_kept_robots():
    frame = log(device_type=["robot", "mobile"])
    assert prepare_events(frame).preparation.robots == 1
    assert prepare_events(frame, robots=None).preparation.robots == 0
    named = prepare_events(frame, robots=RobotRule(device_types=("mobile", "robot")))
    assert named.preparation.events_kept == 0


def test_wrong_rules_are_refused():
    frame = log(day=[0])
    with pytest.raises(ParameterError, match="`late` is 'drop'"):
        prepare_events(frame, late="drop")
    with pytest.raises(ParameterError, match="`late_after_days` is -1"):
        prepare_events(frame, late_after_days=-1)
    with pytest.raises(ParameterError, match="`events_per_day` is 0"):
        RobotRule(events_per_day=0)
    with pytest.raises(ParameterError, match="`events_per_minute` needs the time of day"):
        prepare_events(frame, robots=RobotRule(events_per_minute=9))


def test_what_cannot_be_checked_is_said():
    found = prepare_events(log(day=[0]), late_after_days=1).preparation
    assert found.unchecked == (
        "duplicates, because events have no `event_id`",
        "robots that name themselves, because events have no `device_type`",
        "late events, because events lack `received_us` or `t_us`",
    )
    quiet = prepare_events(log(day=[0]), robots=None, unique_ids=True).preparation
    assert quiet.unchecked == ()


def test_the_account_in_words_and_numbers():
    frame = pl.DataFrame(
        {
            "event_id": ["1", "1", "2", "3", "4", "5"],
            "user_id": ["x", "a", "a", "b", None, "a"],
            "day": [0] * 6,
            "t_us": [0, 0, 10, 0, 5, HOUR_US],
            "received_us": [0, 9, 0, 2 * DAY_US, 5, HOUR_US],
            "device_type": ["mobile", "mobile", "mobile", "mobile", "mobile", "robot"],
        }
    )
    table = links(("x", "a", 1), ("kiosk", "a", 1), ("kiosk", "b", 1))
    prepared = prepare_events(frame, identities=resolve_identities(table), late_after_days=1)
    # origin: counted by hand
    assert prepared.preparation.lines() == [
        "6 events in: 4 kept, 1 duplicates, 1 of robots, 0 late ones left out.",
        "1 duplicates are of ids whose rows contradict.",
        "1 kept events came late.",
        "1 kept events were received before they happened.",
        "3 ids, 1 of them merged into a user: 2 users.",
        "2 links refused: several users.",
        "1 kept events are of nobody.",
        "Days are counted in UTC.",
    ]
    plain = prepared.preparation.to_dict()
    assert (plain["events_in"], plain["rules"]["late_after_days"]) == (6, 1)
    assert plain["unchecked"] == []


def test_an_account_that_does_not_balance_is_a_defect():
    with pytest.raises(RunError, match="does not balance: 3 events in, but 1 kept"):
        Preparation(events_in=3, events_kept=1, duplicates=1, zone="UTC", resolution="day")


def test_repeated_hours_are_said():
    autumn = day_number(dt.date(2024, 10, 27)) * DAY_US
    frame = log(t_us=[autumn - 1, autumn, autumn + 2 * HOUR_US - 1, autumn + 2 * HOUR_US])
    prepared = prepare_events(frame, zone="Europe/London")
    # origin: clocks went from 02:00 BST to 01:00 GMT at 01:00 UTC
    assert prepared.preparation.repeated_hour == 2
    assert "2 kept events fall in an hour that clocks showed twice" in " ".join(
        prepared.preparation.lines()
    )


def test_hours_shown_twice():
    first = day_number(dt.date(2023, 1, 1)) * DAY_US
    last = day_number(dt.date(2024, 12, 31)) * DAY_US
    # origin: tz database; Lord Howe Island goes back half an hour, at 15:00 UTC
    sunday = day_number(dt.date(2024, 4, 6)) * DAY_US + 15 * HOUR_US
    found = repeated_hours("Australia/Lord_Howe", first_us=first, last_us=last)
    assert len(found) == 2
    assert found[1] == (sunday - HOUR_US // 2, sunday + HOUR_US // 2)
    assert repeated_hours("UTC", first_us=first, last_us=last) == []
    start, stop = found[1]
    for span, there in [((0, start - 1), 1), ((0, start), 2), ((stop - 1, last), 1), ((stop, last), 0)]:  # fmt: skip  # noqa: E501
        inside = repeated_hours("Australia/Lord_Howe", first_us=max(span[0], first), last_us=span[1])  # fmt: skip  # noqa: E501
        assert len(inside) == there


def test_the_published_account_tells_no_small_number():
    account = Preparation(
        events_in=1_215,
        duplicates=12,
        robots=3,
        events_kept=1_200,
        ids_before=300,
        ids_merged=4,
        users=296,
        identity_version="v",
        without_user=9,
        repeated_hour=11,
        zone="Europe/London",
        resolution="microsecond",
        unchecked=("late events, because events lack `received_us`",),
    )
    # origin: by hand
    assert account.summary() == (
        "Of 1,215 events 1,200 are counted. Left out are 12 received twice, fewer than 10 of "
        "robots. Ids that turned out to be known users: fewer than "
        "10. Counted events of nobody: fewer than 10. Events in an hour that clocks showed twice, "
        "told apart by their instants: 11. Days are those of Europe/London. Not looked for: "
        "late events, because events lack received_us."
    )
    assert "3 of robots" in account.summary(minimum=3)
    # origin: by hand
    whole = Preparation(events_in=40, events_kept=40, zone="UTC", resolution="day")
    assert whole.summary() == (
        "Of 40 events 40 are counted. None is left out. Days are those of UTC."
    )
