"""The page of a custom report: what is shown, and that it passes the gate by itself."""

import datetime as dt
import json
from types import SimpleNamespace

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.periods import day_number
from analytics_lib.events.boundary import as_event_log
from analytics_lib.reporting.custom.page import custom_page
from analytics_lib.reporting.gate.policy import DisclosurePolicy
from analytics_lib.reporting.gate.release import judge_content
from analytics_lib.reporting.payloads import payload_of

AS_OF = dt.date(2024, 3, 31)
MONTHS = {"metric": "active_users", "period": "month"}
BY_PLATFORM = {**MONTHS, "by": ["platform"]}
TYPES = {"user_id": pl.String, "day": pl.Int32, "t_us": pl.Int64, "event_type": pl.String,
         "platform": pl.String, "region": pl.String, "event_id": pl.String}  # fmt: skip


def log():
    """Web 80, 40, 45 people; ios 30, 24, 4; tablets 3; those of later months came before."""
    rows = []
    for month, platform, people in (
        (1, "web", 80), (1, "ios", 30), (1, "tablet", 3), (2, "web", 40), (2, "ios", 24),
        (3, "web", 45), (3, "ios", 4),
    ):  # fmt: skip
        day = day_number(dt.date(2024, month, 10))
        for person in range(people):
            user = f"{platform}{person}"
            row = (user, day, day * 86_400_000_000, "view", platform, "n" if person % 2 else "s")
            rows.append((*row, f"{user} {month}"))
    return pl.DataFrame(rows, schema=TYPES, orient="row")


def lake(**tables):
    known = {"events": log(), **tables}
    return SimpleNamespace(
        tables=lambda: sorted(known),
        prepared_events=lambda **_: as_event_log(known["events"].lazy()),
        table=lambda name: known[name].lazy(),
    )


def policy(**more):
    return DisclosurePolicy(
        owner="x", minimum_count=10, person_units=["users", "learners", "people"], **more
    )


def page(*, tiles=(MONTHS,), sections=(), of=None, rules=None):
    return custom_page(
        of or lake(), question="Why?", text="Words.", tiles=tiles, sections=sections, columns=2,
        as_of=AS_OF, policy=rules or policy(),
    )  # fmt: skip


def shown(made):
    parts = [made.answer, made.tiles, *(part.shown for part in made.sections.parts)]
    return [payload_of(json.loads(json.dumps(part.to_payload()))) for part in parts]


def judged(made, rules=None):
    return judge_content(
        shown(made), tables={"events": log().lazy()}, earlier=[], policy=rules or policy(),
        override=None, name="custom/x",
    )  # fmt: skip


def cells(made, name):
    payload = shown(made)[-1]
    at = [column["name"] for column in payload.columns].index(name)
    return [row[at] for row in payload.rows]


def test_the_answer_is_the_last_complete_period_against_the_one_before():
    made = page()
    # origin: by hand: 40 + 24 in February, 45 + 4 in March
    assert made.answer.text == ("Active users fell by 23.4% to 49 users against the month before.")
    assert made.answer.to_payload()["results"]["headline"]["value"] == 49
    assert made.introduction.to_text() == "Words."


def test_a_section_has_its_heading_its_words_and_a_fitting_chart():
    made = page(sections=[{**MONTHS, "title": "How many?", "text": "All of them."}])
    part = made.sections.parts[0]
    assert (part.title, part.text) == ("How many?", "All of them.")
    assert cells(made, "active_users") == [113, 64, 49]
    assert part.shown.columns["active_users"].unit == "users"
    assert part.shown.columns["interval_start"].label == "Period"


@pytest.mark.parametrize("chart", ["line", "bar", "table"])
def test_small_counts_go_with_a_further_one_and_the_page_passes_the_gate(chart):
    made = page(sections=[{**BY_PLATFORM, "chart": chart}])
    known = [value for value in cells(made, "active_users") if value is not None]
    assert all(value >= 10 or value == 0 for value in known)
    assert None in cells(made, "active_users")
    assert 3 not in known
    assert 4 not in known
    judged(made)
    assert "suppressed" in str(made.sections.parts[0].shown.to_html())


def test_rows_of_several_small_traits_are_left_out():
    section = {**MONTHS, "by": ["platform", "region"], "chart": "table"}
    made = page(sections=[section])
    # origin: by hand: ios has 15 and 15, then 12 and 12, then 2 and 2; tablets 2 and 1
    assert set(cells(made, "platform")) == {"ios", "web"}
    assert all(value >= 10 for value in cells(made, "active_users"))
    judged(made)


def test_those_who_did_not_come_back_are_a_small_count_too():
    """25 people in January, 24 of them in February, 12 in March."""
    rows = []
    for month, people in ((1, 25), (2, 24), (3, 12)):
        day = day_number(dt.date(2024, month, 10))
        rows += [(f"u{person}", day, day * 86_400_000_000, "view", "web", "n", f"{person} {month}")
                 for person in range(people)]  # fmt: skip
    events = pl.DataFrame(rows, schema=TYPES, orient="row")
    section = {"metric": "retention_cohorts", "period": "month", "chart": "table"}
    made = page(of=lake(events=events), sections=[section])
    # origin: by hand; all of 25, all but one, 12 and 13
    assert cells(made, "share") == [1.0, None, 12 / 25]
    assert cells(made, "retained") == [25, None, 12]
    judge_content(
        shown(made), tables={}, earlier=[], policy=policy(), override=None, name="custom/x"
    )


def test_a_single_small_count_is_suppressed_in_a_key_figure():
    tiles = [
        {**MONTHS, "where": {"platform": "ios"}},
        {"metric": "active_in_period", "period": "month", "where": {"platform": "ios"}},
        {"metric": "day_n_retention", "arguments": {"n": 31}, "where": {"platform": "ios"}},
    ]
    made = page(tiles=tiles)
    assert made.answer.text == "Active users: suppressed. Only platform ios."
    assert [tile.value for tile in made.tiles.tiles[:2]] == [None, None]
    assert made.tiles.tiles[1].missing == "suppressed"
    judged(made)


def test_conditions_that_leave_out_a_few_are_refused():
    with pytest.raises(ParameterError, match=r"`tiles.0`: `where` leaves out fewer than 10"):
        page(tiles=[{**MONTHS, "where": {"platform": {"one_of": ["web", "ios"]}}}])


def test_a_rounding_policy_is_kept():
    rules = policy(round_counts_to=5)
    section = {"metric": "funnel", "arguments": {"steps": ["view", "buy"]}, "chart": "table"}
    made = page(tiles=[{"metric": "stickiness"}], sections=[section, MONTHS], rules=rules)
    assert all(value % 5 == 0 for value in cells(made, "active_users"))
    judged(made, rules)


@pytest.mark.parametrize(
    ("tile", "value"),
    [
        # origin: by hand, see `log`
        ({"metric": "lifecycle", "period": "month", "value": "active",
          "arguments": {"history_complete": True}}, 49),
        ({"metric": "rolling_active_users", "arguments": {"days": 31}}, 49),
        ({"metric": "funnel", "arguments": {"steps": ["view", "buy"]}, "value": "reached",
          "pick": {"name": "view"}}, 113),
        ({"metric": "active_users", "period": "month", "where": {"platform": "web"}}, 45),
    ],
)  # fmt: skip
def test_a_key_figure_is_the_newest_value(tile, value):
    assert page(tiles=[tile]).tiles.tiles[0].value == value


def test_a_share_has_its_interval_and_its_base():
    tile = {"metric": "session_quality", "period": "month"}
    made = page(tiles=[{**tile, "value": "bounce_share"}]).tiles.tiles[0]
    # origin: by hand: every visit of the log is a single event
    assert (made.value.value, made.value.n, made.n_label) == (1.0, 49, "sessions")
    assert made.value.ci_lower < 1


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"tiles": [BY_PLATFORM]}, r"`tiles.0`: .*several rows \(platform\)"),
        ({"tiles": [{"metric": "weekday_pattern"}]}, "Say which with `pick`"),
        ({"tiles": [{"metric": "revenue", "period": "month"}]}, r"needs the tables \['payments'\]"),
        ({"sections": [{"metric": "stickiness"}]}, "`sections.0`: .*a single number"),
        ({"sections": [{"metric": "activity_levels", "last": 3}]}, "the result has none"),
        ({"sections": [{**MONTHS, "chart": "bar"}]}, "has no groups"),
        ({"sections": [{**MONTHS, "chart": "cohort"}]}, "gives no shares by cohort"),
        ({"sections": [{"metric": "activity_levels", "chart": "line"}]}, "has no periods"),
        ({"sections": [{**MONTHS, "by": ["user_id"]}]}, "a page is about groups"),
        ({"sections": [{**MONTHS, "by": ["event_type"], "chart": "table", "columns": ["plat"]}]},
         "plat"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_its_place(parts, said):
    with pytest.raises((ParameterError, SchemaError), match=said):
        page(**parts)


def test_too_many_lines_and_bars_are_refused():
    many = log().with_columns(pl.format("p{}", pl.int_range(pl.len()) % 31).alias("platform"))
    for chart, said in (("line", "can be told apart"), ("bar", "bars; at most")):
        with pytest.raises(ParameterError, match=said):
            page(of=lake(events=many), sections=[{"chart": chart, **BY_PLATFORM}])


@pytest.mark.parametrize(
    ("section", "kind"),
    [
        ({"metric": "retention_cohorts", "period": "month"}, "Heat map"),
        ({"metric": "retention_curve", "arguments": {"kind": "bracket", "width": 7,
                                                     "ages": [1, 2, 3]}}, "Line chart"),
        ({"metric": "activity_levels"}, "Bar chart"),
        ({"metric": "feature_adoption", "arguments": {"features": ["view"]}}, "Bar chart"),
        ({"metric": "hourly_pattern", "value": "share"}, "Line chart"),
        ({**BY_PLATFORM, "last": 1}, "Line chart"),
    ],
)  # fmt: skip
def test_the_chart_fits_the_result(section, kind):
    made = page(sections=[section])
    assert made.sections.parts[0].shown.description.startswith(kind)
    judged(made)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, True),
        ({"value": "bounce_share"}, None),
        ({"value": "bounce_share", "higher_is_better": False}, False),
        ({"value": "sessions", "higher_is_better": True}, True),
    ],
)
def test_a_rise_of_another_column_is_not_judged_by_the_metric(more, expected):
    tile = {"metric": "session_quality", "period": "month", **more}
    assert page(tiles=[tile]).tiles.tiles[0].higher_is_better is expected


def test_money_has_its_currency():
    payments = pl.DataFrame(
        {"payment_id": ["1", "2"], "user_id": ["a", "b"], "amount": [10.0, 5.0],
         "day": [day_number(dt.date(2024, 2, 3)), day_number(dt.date(2024, 3, 3))],
         "currency": ["EUR", "EUR"], "kind": ["purchase", "purchase"]},
        schema_overrides={"day": pl.Int32},
    )  # fmt: skip
    made = page(of=lake(payments=payments), tiles=[{"metric": "revenue", "period": "month"}])
    assert made.tiles.tiles[0].value == 5.0
    assert made.tiles.tiles[0].unit == "EUR"


def test_a_year_before_is_named_where_it_is_known():
    days = [day_number(dt.date(2023 + m // 12, m % 12 + 1, 3)) for m in range(2, 15)]
    rows = [(f"u{p}", day, "view") for at, day in enumerate(days) for p in range(10 + at)]
    events = pl.DataFrame(rows, schema=["user_id", "day", "event_type"], orient="row")
    tile = page(of=lake(events=events)).tiles.tiles[0]
    # origin: by hand: 10 people in March 2023, one more each month
    assert (tile.value, tile.previous, tile.year_before) == (22, 21, 10)
