"""The simulated learning marketplace: its tables, and that its truth can be found in them."""

import datetime as dt
import hashlib
import math
import runpy
from pathlib import Path

import polars as pl
import pytest
import yaml
from pydantic import ValidationError

from analytics_lib import metrics
from analytics_lib.core.strict import validate
from analytics_lib.statistics import estimate_mean, estimate_share, share_difference
from analytics_lib.synthetic import MarketplaceParameters, marketplace
from analytics_lib.synthetic.calendars import Incident

DATA = Path(__file__).resolve().parents[3] / "data" / "marketplace"
TABLES = (
    "users", "bookings", "reviews", "tutor_slots", "courses", "content", "enrolments", "payments",
    "payouts", "acquisition_costs", "events",
)  # fmt: skip
YEAR = {"granularity": "year", "as_of": dt.date(2023, 12, 31)}
BAD_WEEK = Incident(first_day=200, days=3, activity=0.2, tickets=12.0)
SMALL = MarketplaceParameters(users=600, users_in_block=600, days=365, incident=BAD_WEEK)
SEEDS = 100
RECOVERY = runpy.run_path(str(Path(__file__).with_name("recovery.py")))
OF = RECOVERY["at_level"](0.95)


@pytest.fixture(scope="module")
def large():
    return marketplace(MarketplaceParameters(users=10_000), seed=2)


def test_people_act_only_while_they_are_there(large):
    stays = large.users.join(large.stays, on="user_id").select(
        "user_id", "created_day", gone=pl.col("created_day") + pl.col("days")
    )
    known = large.bookings.drop_nulls("status")
    for table, day in (
        (large.events, "day"), (large.payments, "day"), (known, "lesson_day"),
        (large.bookings, "booked_day"),
    ):  # fmt: skip
        seen = table.join(stays, on="user_id")
        assert seen.height == table.height
        outside = (pl.col(day) < pl.col("created_day")) | (pl.col(day) >= pl.col("gone"))
        assert seen.filter(outside).is_empty(), day


def test_the_log_is_in_order_and_everybody_signs_up_first(large):
    log = large.events
    assert log["t_us"].is_sorted()
    assert log.filter(pl.col("t_us") // 86_400_000_000 != pl.col("day")).is_empty()
    firsts = log.filter(pl.col("user_id").is_first_distinct())["event_type"]
    assert firsts.unique().to_list() == ["sign_up"]
    visits = log.drop_nulls("session_id").group_by("session_id")
    assert visits.agg(pl.col("user_id").n_unique())["user_id"].max() == 1


def test_money_adds_up(large):
    made, paid = large, large.payments
    lessons = paid.filter(plan="lesson")
    bought, back = (lessons.filter(kind=kind) for kind in ("purchase", "refund"))
    assert bought["amount"].sum() == made.bookings["amount"].sum()
    cancelled = made.bookings.filter(status="cancelled")
    share = back.height / cancelled.height
    assert share == pytest.approx(made.truth["refunded_share"], abs=0.02)
    assert paid.filter(plan="course")["amount"].sum() == 60.0 * made.enrolments.height
    # What tutors get is the price of the lessons that were kept, less the commission, week by week.
    last_monday = made.payouts["day"].max()
    known = made.bookings.filter(pl.col("lesson_day") < last_monday)
    most = known["amount"].sum() * (1 - made.truth["commission"])
    least = known.filter(pl.col("status") != "cancelled")["amount"].sum() * 0.8
    assert least < made.payouts["amount"].sum() < most
    # origin: of the 10 % cancelled, 20 % are not paid back
    whole = known["amount"].sum() * 0.8 * (1 - 0.1 * 0.8)
    assert made.payouts["amount"].sum() == pytest.approx(whole, rel=0.005)
    assert set((made.payouts["day"] + 3) % 7) == {0}  # origin: 1970-01-01 was a Thursday


def test_the_metrics_of_lessons_courses_and_money_take_the_tables(large):
    as_of = dt.date(2024, 6, 30)
    by_month = {"granularity": "month", "as_of": as_of}
    full = metrics.tutor_utilisation(large.bookings, large.tutor_slots, **by_month)
    assert full["share"].drop_nulls().is_between(0, 1).all()
    rated = metrics.tutor_ratings(large.bookings, large.reviews, as_of=as_of)
    both = rated.join(large.tutors.rename({"mean_rating": "true"}), on="tutor_id")
    scores = both.group_by("true").agg(pl.col("rating_score").mean()).sort("true")["rating_score"]
    assert scores[1] > scores[0] + 0.2
    back = metrics.learner_retention_by_tutor(large.bookings, as_of=as_of)
    assert 390 <= back.height <= 400  # origin: 20 blocks of 20 tutors; an unpopular one may be free
    assert metrics.revenue(large.payments, **by_month).height == 18
    gone = metrics.outcome_share(large.enrolments, large.courses, outcome="withdrawn", as_of=as_of)
    assert 0.2 < gone.value < 0.9
    used = metrics.engagement_by_kind(
        large.events, large.content, large.enrolments, large.courses, as_of=as_of
    )
    assert set(used["kind"]) == {"video", "text", "quiz"}
    won = metrics.acquisition_cost(large.payments, large.acquisition_costs, **by_month)
    # origin: 0.4 * 1 + 0.35 * 5 + 0.25 * 9, of each of 10 000 who signed up
    assert won["spend"].sum() == pytest.approx(10_000 * 4.4, rel=0.05)


def lessons(made):
    truth = made.truth
    booked = made.bookings.join(made.stays.select("user_id", "treated"), on="user_id")
    found = metrics.attendance_shares(booked, by=("treated",), **YEAR).sort("treated")
    usual, reminded = (
        estimate_share(n - came, n) for n, came in found.select("lessons", "attended").rows()
    )
    effect = share_difference(usual, reminded)
    cancelled = metrics.cancellation_shares(made.bookings, **YEAR)
    n, gone = cancelled.select("bookings", "cancelled").row(0)
    back = made.payments.filter(kind="refund").height
    total, value = made.expected["lessons"].sum(), made.expected["lesson_value"].sum()
    past = made.bookings.drop_nulls("status")
    kept = past.filter(pl.col("status") != "cancelled")["amount"]
    return {
        "missed_share": usual.ci_lower <= truth["missed_share"] <= usual.ci_upper,
        "missed_share_reminded":
            reminded.ci_lower <= truth["missed_share_reminded"] <= reminded.ci_upper,
        "reminder_effect": effect.ci_lower <= truth["reminder_effect"] <= effect.ci_upper,
        "cancelled_share": OF.counted(gone, n, truth["cancelled_share"]),
        "refunded_share": OF.counted(back, gone, truth["refunded_share"]),
        "lessons": OF.count_holds(past.height, total),
        # origin: a sum of Poisson many amounts has the variance of the sum of their squares
        "lesson_value": abs(kept.sum() - value) <= 1.96 * math.sqrt((kept**2).sum()),
    }  # fmt: skip


def ratings_and_courses(made):
    firsts = made.bookings.filter(status="attended").sort("user_id", "lesson_day")
    of_first = firsts.filter(pl.col("user_id").is_first_distinct())["booking_id"].implode()
    same_day = firsts.filter(pl.struct("user_id", "lesson_day").is_duplicated())
    unsure = same_day["booking_id"].implode()  # which of two lessons of a day was first
    later = made.reviews.filter(
        ~pl.col("booking_id").is_in(of_first), ~pl.col("booking_id").is_in(unsure)
    )
    rated = later.join(made.bookings, on="booking_id").join(made.tutors, on="tutor_id")
    found = {}
    for (true,), its in rated.group_by("mean_rating"):
        mean = estimate_mean(its["rating"].to_numpy(), unit="points")
        found[f"mean_rating {true:.1f}"] = mean.ci_lower <= true <= mean.ci_upper
    over = made.enrolments.filter(pl.col("outcome").is_in(["pass", "distinction", "fail"]))
    done = over.filter(pl.col("outcome") != "fail").height
    given = made.bookings.filter(pl.col("status").is_in(["attended", "missed"])).height
    spare = made.tutor_slots["slots"].sum() - given
    return found | {
        "completed_share": OF.counted(done, over.height, made.truth["completed_share"]),
        "spare_slots": OF.count_holds(spare, made.truth["spare_slots"] * made.tutors.height * 365),
    }


def churn(made):
    return OF.churn(made, ["bad_start", "course"])


def days(made):
    return OF.days(made, made.events.filter(event_type="open_app")["day"])


@pytest.fixture(scope="module")
def held():
    made = (marketplace(SMALL, seed=seed) for seed in range(SEEDS))
    return RECOVERY["held_in"](made, (churn, lessons, ratings_and_courses, days))


def test_the_truth_is_recovered_in_at_least_90_of_100_seeds(held):
    assert len(held) == 18
    assert min(held.values()) >= 90, held


def test_the_intervals_are_not_too_wide_to_miss_anything(held):
    assert sum(held.values()) < 0.985 * SEEDS * len(held)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"users": 1}, "greater than or equal to 2"),
        ({"tutors_in_block": 0}, "greater than or equal to 1"),
        ({"drivers": {}}, r"`drivers` must name \['bad_start', 'course'\]"),
        ({"regions": {"GB": 0.5}}, "`regions` must have shares that add up to 1, not 0.5"),
        ({"lessons": {"rating_shares": [0, 0, 0, 0, 0.5]}}, "`rating_shares` must have shares"),
        ({"courses": {"passed_share": 0.9}}, "must not exceed 1 together"),
        ({"tutrs": 3}, "Extra inputs"),
    ],
)
def test_a_wrong_parameter_is_refused(change, said):
    with pytest.raises(ValidationError, match=said):
        MarketplaceParameters(**change)


def test_a_marketplace_of_extremes_is_made():
    made = marketplace(MarketplaceParameters(users=2, days=1, tutors_in_block=1), seed=1)
    assert made.stays.height == 2
    assert made.payouts.is_empty()


def test_the_file_of_parameters_holds_what_the_code_takes_without_it():
    text = (DATA / "parameters.yaml").read_text(encoding="utf-8")
    asked = validate(MarketplaceParameters, yaml.safe_load(text), name="parameters.yaml")
    assert asked == MarketplaceParameters()
    assert set(yaml.safe_load(text)) == set(MarketplaceParameters.model_fields)
    for part in ("lessons", "courses"):
        fields = set(type(getattr(asked, part)).model_fields)
        assert set(yaml.safe_load(text)[part]) == fields


def test_the_sample_is_what_the_parameters_make():
    for line in (DATA / "CHECKSUMS").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((DATA / name).read_bytes()).hexdigest() == digest
    made = marketplace(seed=20_240_630)
    for name in TABLES:
        assert pl.read_parquet(DATA / f"{name}.parquet").height == getattr(made, name).height
    same = ["booking_id", "booked_day", "lesson_day", "status", "amount"]
    assert (
        pl.read_parquet(DATA / "bookings.parquet").select(same).equals(made.bookings.select(same))
    )
