"""The simulated learning marketplace: its tables, and that its truth can be found in them."""

import datetime as dt
import hashlib
import io
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
import yaml
from pydantic import ValidationError
from scipy.stats import chi2

from analytics_lib import metrics
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.strict import validate
from analytics_lib.events.tables import CONTRACTS
from analytics_lib.statistics import estimate_mean, estimate_share, share_difference
from analytics_lib.synthetic import MarketplaceParameters, marketplace, marketplace_chunks
from analytics_lib.synthetic.calendars import Incident

DATA = Path(__file__).resolve().parents[3] / "data" / "marketplace"
TABLES = (
    "users", "bookings", "reviews", "tutor_slots", "courses", "content", "enrolments", "payments",
    "payouts", "acquisition_costs", "events",
)  # fmt: skip
YEAR = {"granularity": "year", "as_of": dt.date(2023, 12, 31)}
BAD_WEEK = Incident(first_day=200, days=3, activity=0.2, tickets=12.0)
SMALL = MarketplaceParameters(users=600, users_in_block=600, days=365, incident=BAD_WEEK)
BLOCKS = MarketplaceParameters(users=130, users_in_block=40, days=120)
SEEDS = 100


@pytest.fixture(scope="module")
def large():
    return marketplace(MarketplaceParameters(users=10_000), seed=2)


def test_every_table_keeps_its_contract():
    made = marketplace(SMALL, seed=1)
    for name in TABLES:
        contract, table = CONTRACTS[name], getattr(made, name)
        whole = table.with_columns(
            pl.lit(None, dtype=contract.polars_schema[column]).alias(column)
            for column in contract.names
            if column not in table.columns
        ).select(contract.names)
        assert contract.schema().validate(whole).height == table.height, name
        assert not table.select(contract.key).is_duplicated().any(), name
        assert table.height > 0, name


def as_bytes(frame):
    file = io.BytesIO()
    frame.write_parquet(file)
    return file.getvalue()


def test_equal_seeds_give_equal_bytes_and_others_do_not():
    first, again, other = (marketplace(BLOCKS, seed=seed) for seed in (1, 1, 2))
    for name in (*TABLES, "stays", "tutors", "expected"):
        assert as_bytes(getattr(first, name)) == as_bytes(getattr(again, name)), name
    assert not first.bookings.equals(other.bookings)


@pytest.mark.parametrize("at_once", [1, 2, 3, 9])
def test_the_chunks_together_are_the_whole(at_once):
    whole = marketplace(BLOCKS, seed=1)
    chunks = list(marketplace_chunks(BLOCKS, seed=1, blocks_at_once=at_once))
    assert len(chunks) == math.ceil(4 / at_once)  # origin: 130 people in blocks of 40 are 4 blocks
    for name in (*TABLES, "stays", "tutors"):
        table = getattr(whole, name)
        key = ["t_us", "event_id"] if name == "events" else table.columns
        joined = pl.concat([getattr(chunk, name) for chunk in chunks])
        assert joined.sort(key).equals(table.sort(key)), name
    expected = pl.concat([chunk.expected for chunk in chunks])
    summed = expected.group_by("day").agg(pl.col("lessons").sum()).sort("day")
    assert np.allclose(summed["lessons"], whole.expected["lessons"])


def test_the_first_chunk_of_a_platform_of_any_size_is_there_at_once():
    vast = MarketplaceParameters(users=10**9, users_in_block=40, days=30)
    assert next(marketplace_chunks(vast, seed=1)).stays.height == 40


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


def counted(numerator, denominator, true):
    """Whether the 95 % interval of a share holds the truth."""
    found = estimate_share(numerator, denominator)
    return found.ci_lower <= true <= found.ci_upper


def count_holds(count, expected):
    """Whether the exact 95 % interval of a Poisson count holds what was expected."""
    low = chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
    return low <= expected <= chi2.ppf(0.975, 2 * count + 2) / 2


def ratio_holds(count, others, weight, true):
    """Whether the interval of the ratio of two rates holds the truth, `weight` rows to one."""
    found = estimate_share(count, count + others)
    share = true / (true + weight)
    return found.ci_lower <= share <= found.ci_upper


def churn(made):
    """Drivers of leaving by a Poisson regression of an independent package, days as exposure."""
    stays = made.stays.with_columns(
        pl.col("bad_start", "course").cast(pl.Float64),
        search=(pl.col("channel") == "search").cast(pl.Float64),
        advert=(pl.col("channel") == "advert").cast(pl.Float64),
    )
    names = ["bad_start", "course", "search", "advert"]
    model = sm.GLM(
        stays["has_left"].cast(pl.Float64).to_numpy(),
        sm.add_constant(stays.select(names).to_numpy()),
        family=sm.families.Poisson(),
        offset=np.log(stays["days"].to_numpy()),
    )
    low, high = model.fit().conf_int().T
    true = made.truth["log_hazards"] | {
        "search": made.truth["log_hazards"]["channel: search"],
        "advert": made.truth["log_hazards"]["channel: advert"],
    }
    held = {name: low[at] <= true[name] <= high[at] for at, name in enumerate(names, start=1)}
    daily = math.log(made.truth["monthly_hazard"] / (365.25 / 12))
    return held | {"monthly_hazard": low[0] <= daily <= high[0]}


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
        "cancelled_share": counted(gone, n, truth["cancelled_share"]),
        "refunded_share": counted(back, gone, truth["refunded_share"]),
        "lessons": count_holds(past.height, total),
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
        "completed_share": counted(done, over.height, made.truth["completed_share"]),
        "spare_slots": count_holds(spare, made.truth["spare_slots"] * made.tutors.height * 365),
    }


def days(made):
    visits = made.events.filter(event_type="open_app")["day"]
    first, last = made.truth["incident_days"]
    down = visits.is_between(first, last).sum()
    around = sum(visits.is_between(first + by, last + by).sum() for by in (-7, 7))
    weekend = (visits + 3) % 7 >= 5
    calm = ~visits.is_between(first - 7, last + 7)
    quiet, busy = (weekend & calm).sum(), (~weekend & calm).sum()
    calendar = made.expected["day"].filter(~made.expected["day"].is_between(first - 7, last + 7))
    saturdays = ((calendar + 3) % 7 >= 5).sum()
    return {
        "incident_activity": ratio_holds(down, around, 2.0, made.truth["incident_activity"]),
        "weekend_activity": ratio_holds(
            quiet, busy, (len(calendar) - saturdays) / saturdays, made.truth["weekend_activity"]
        ),
    }


@pytest.fixture(scope="module")
def held():
    """In how many of 100 seeds the interval of each quantity holds its truth."""
    total = {}
    for seed in range(SEEDS):
        made = marketplace(SMALL, seed=seed)
        for part in (churn, lessons, ratings_and_courses, days):
            for name, holds in part(made).items():
                total[name] = total.get(name, 0) + bool(holds)
    return total


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


def test_no_blocks_at_once_are_refused():
    with pytest.raises(ParameterError, match="`blocks_at_once` is 0"):
        list(marketplace_chunks(BLOCKS, seed=1, blocks_at_once=0))


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
