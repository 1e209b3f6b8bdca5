import datetime as dt

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.metrics.journey_paths import step_matrix, top_paths
from analytics_lib.metrics.journey_surroundings import around_event
from analytics_lib.metrics.journeys import compare_transitions, transitions

DAY = dt.date(1970, 1, 1)
DAY_US = 86_400_000_000


def log(*rows, **columns):
    """Rows `(user, instant, event)` with ids e0, e1 and so on; the day follows from the instant."""
    frame = pl.DataFrame(
        rows,
        schema={"user_id": pl.String, "t_us": pl.Int64, "event_type": pl.String},
        orient="row",
    )
    return frame.with_columns(
        pl.Series("event_id", [f"e{n}" for n in range(len(rows))]),
        (pl.col("t_us") // DAY_US).cast(pl.Int32).alias("day"),
        **{name: pl.Series(values) for name, values in columns.items()},
    )


def walks(**users):
    """One event a microsecond: `walks(a="home buy", b="home")`."""
    return log(
        *(
            (user, at, event)
            for user, events in users.items()
            for at, event in enumerate(events.split())
        )
    )


SHOP = walks(a="home search buy", b="home search search", c="home")


def edges(found, *columns):
    return {row[:2]: row[2:] for row in found.select("from_event", "to_event", *columns).rows()}


def test_transitions_of_three_walks():
    # origin: by hand, the walks written one below the other
    assert edges(transitions(SHOP, as_of=DAY), "n", "users", "leaving", "arriving") == {
        ("(start)", "home"): (3, 3, 3, 3),
        ("home", "search"): (2, 2, 3, 3),
        ("home", "(end)"): (1, 1, 3, 3),
        ("search", "search"): (1, 1, 3, 3),
        ("search", "buy"): (1, 1, 3, 1),
        ("search", "(end)"): (1, 1, 3, 3),
        ("buy", "(end)"): (1, 1, 1, 3),
    }


def test_as_many_arrive_at_an_event_as_leave_it():
    found = transitions(SHOP, as_of=DAY)
    for event in ("home", "search", "buy"):
        assert (
            found.filter(pl.col("to_event") == event)["n"].sum()
            == found.filter(pl.col("from_event") == event)["n"].sum()
        )
    assert found.filter(pl.col("from_event") == "(end)").is_empty()
    assert found.filter(pl.col("to_event") == "(start)").is_empty()


def test_the_shares_that_leave_an_event_and_arrive_at_one_add_up():
    found = transitions(SHOP, as_of=DAY)
    leaving = found.group_by("from_event").agg(pl.col("out_share").sum())["out_share"]
    arriving = found.group_by("to_event").agg(pl.col("in_share").sum())["in_share"]
    assert leaving.to_list() == pytest.approx([1] * 4)
    assert arriving.to_list() == pytest.approx([1] * 4)


def test_repeats_are_one_step_on_request():
    found = edges(transitions(SHOP, as_of=DAY, collapse_repeats=True), "n", "leaving")
    assert ("search", "search") not in found
    assert found["search", "buy"] == (1, 2)


def test_ties_have_one_order_whatever_the_order_of_the_rows():
    # The phantom edge: a tie at the very end, in three orders of the rows.
    tied = log(("a", 0, "home"), ("a", 5, "search"), ("a", 5, "buy"))
    expected = {
        ("(start)", "home"): (1,), ("home", "search"): (1,), ("search", "buy"): (1,),
        ("buy", "(end)"): (1,),
    }  # fmt: skip
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        assert edges(transitions(tied[order], as_of=DAY), "n") == expected


def test_a_session_number_that_two_users_share_is_two_paths():
    events = log(
        ("a", 0, "home"), ("a", 1, "buy"), ("b", 2, "home"), ("a", 9, "home"), ("b", 3, "buy"),
        session_id=["1", "1", "1", "2", None],
    )  # fmt: skip
    found = transitions(events, as_of=DAY, path="session_id")
    # origin: by hand; the event without a session belongs to no path
    assert edges(found, "n", "paths", "users") == {
        ("(start)", "home"): (3, 3, 2),
        ("home", "buy"): (1, 1, 1),
        ("home", "(end)"): (2, 2, 2),
        ("buy", "(end)"): (1, 1, 1),
    }


def test_events_without_an_instant_have_no_place_and_those_without_a_name_have_one():
    events = log(("a", 0, "home"), ("a", 1, None), ("a", None, "lost"), ("a", 2, "buy"))
    events = events.with_columns(pl.lit(0, pl.Int32).alias("day"))
    assert list(edges(transitions(events, as_of=DAY))) == [
        ("(missing)", "buy"), ("(start)", "home"), ("buy", "(end)"), ("home", "(missing)"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("last", "ends"),
    [(0, {"home"}), (1, {"buy"}), (2, {"buy"})],
    ids=["day before", "on the day", "day after"],
)
def test_nothing_after_the_last_complete_day_counts(last, ends):
    events = log(("a", 0, "home"), ("a", DAY_US, "buy"))
    found = transitions(events, as_of=DAY + dt.timedelta(days=last))
    assert set(found.filter(pl.col("to_event") == "(end)")["from_event"]) == ends


def test_names_may_be_categories_of_any_column():
    events = SHOP.with_columns(category=pl.col("event_type").cast(pl.Categorical))
    plain = transitions(SHOP, as_of=DAY)
    assert transitions(events, as_of=DAY, column="category").equals(plain)


def two_segments():
    rows = [("home", "buy")] * 48 + [("home",)] * 32, [("home", "buy")] * 56 + [("home",)] * 14
    events, platforms = [], []
    for platform, walked in zip(("web", "ios"), rows, strict=True):
        for number, names in enumerate(walked):
            for at, name in enumerate(names):
                events.append((f"{platform}{number}", at, name))
                platforms.append(platform)
    return log(*events, platform=platforms)


def test_the_difference_of_two_segments_is_newcombes():
    found = compare_transitions(
        two_segments(), segment="platform", values=("web", "ios"), as_of=DAY
    )
    row = found.row(by_predicate=pl.col("to_event") == "buy", named=True)
    assert (row["base_n"], row["base_leaving"], row["base_users"]) == (48, 80, 48)
    assert (row["other_n"], row["other_leaving"], row["other_users"]) == (56, 70, 56)
    # origin: Newcombe 1998, Stat. Med. 17, 873-890, table II, case (a), method 10
    assert row["effect_size"] == pytest.approx(0.2)
    assert row["ci_lower"] == pytest.approx(0.0524, abs=5e-5)
    assert row["ci_upper"] == pytest.approx(0.3339, abs=5e-5)
    assert row["rel_effect_size"] == pytest.approx(1 / 3)


def test_what_one_segment_never_leaves_has_no_difference():
    events = walks(a="home buy", b="home").with_columns(platform="user_id")
    found = compare_transitions(events, segment="platform", values=("a", "b"), as_of=DAY)
    assert edges(found, "base_n", "other_n", "other_leaving", "effect_size") == {
        ("(start)", "home"): (1, 1, 1, 0.0),
        ("buy", "(end)"): (1, 0, 0, None),
        ("home", "(end)"): (0, 1, 1, 1.0),
        ("home", "buy"): (1, 0, 1, -1.0),
    }


def test_swapping_the_segments_turns_the_sign():
    asked = {"segment": "platform", "as_of": DAY}
    there = compare_transitions(two_segments(), values=("web", "ios"), **asked)
    back = compare_transitions(two_segments(), values=("ios", "web"), **asked)
    assert back["effect_size"].to_list() == pytest.approx([-x for x in there["effect_size"]])
    assert back["ci_lower"].to_list() == pytest.approx([-x for x in there["ci_upper"]])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("web", "web"), "it must be two different segments"),
        (("web",), "it must be two different segments"),
        (("web", "linux"), "no path has it as `platform`"),
        (("wab", "ios"), r"`values` has 'wab', .*Did you mean 'web'"),
    ],
)
def test_segments_must_be_two_that_occur(values, message):
    with pytest.raises(ParameterError, match=message):
        compare_transitions(two_segments(), segment="platform", values=values, as_of=DAY)


QUESTIONS = {
    "transitions": (transitions, {}),
    "compare_transitions": (compare_transitions, {"segment": "user_id", "values": ("a", "b")}),
    "top_paths": (top_paths, {"steps": 3, "limit": 5}),
    "step_matrix": (step_matrix, {"steps": 3}),
    "around_event": (around_event, {"event_type": "home", "before": 1, "after": 1}),
}


@pytest.fixture(params=QUESTIONS)
def question(request):
    return request.param, *QUESTIONS[request.param]


def test_a_log_of_days_is_refused(question):
    name, ask, asked = question
    with pytest.raises(ParameterError, match=f"`{name}` needs the time of day"):
        ask(SHOP.drop("t_us"), as_of=DAY, **asked)


def test_a_missing_column_is_named(question):
    _, ask, asked = question
    with pytest.raises(SchemaError, match="`events` is missing column 'event_id'"):
        ask(SHOP.drop("event_id"), as_of=DAY, **asked)
    with pytest.raises(SchemaError, match=r"missing column 'user'.*Did you mean 'user_id'"):
        ask(SHOP, as_of=DAY, path="user", **asked)


def test_names_must_be_text(question):
    _, ask, asked = question
    with pytest.raises(SchemaError, match="`t_us` is Int64; names of events must be text"):
        ask(SHOP, as_of=DAY, column="t_us", **asked)


def test_an_event_that_is_called_like_the_end_is_refused(question):
    _, ask, asked = question
    with pytest.raises(SchemaError, match=r"`event_type` has an event called '\(end\)'"):
        ask(walks(a="home (end)", b="home"), as_of=DAY, **asked)


@pytest.mark.parametrize("name", ["transitions", "compare_transitions", "around_event"])
def test_an_event_that_is_called_like_the_start_is_refused(name):
    ask, asked = QUESTIONS[name]
    with pytest.raises(SchemaError, match=r"called '\(start\)'"):
        ask(walks(a="(start) home", b="home"), as_of=DAY, **asked)


def test_nothing_before_the_first_day_is_an_empty_table(question):
    _, ask, asked = question
    found = ask(SHOP, as_of=DAY - dt.timedelta(days=1), **asked)
    assert found.is_empty()
    assert found.schema == ask(SHOP, as_of=DAY, **asked).schema


def test_the_log_is_left_as_it_was(question):
    _, ask, asked = question
    before = SHOP.clone()
    ask(SHOP, as_of=DAY, **asked)
    assert SHOP.equals(before)
