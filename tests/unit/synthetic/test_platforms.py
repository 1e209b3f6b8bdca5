import datetime as dt

import numpy as np
import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import day_date
from analytics_lib.events.tables import community as community_tables
from analytics_lib.events.tables import lessons as lesson_tables
from analytics_lib.events.tables.operations import SERVICE_MEASUREMENTS
from analytics_lib.metrics.availability import availability
from analytics_lib.metrics.bookings import attendance_shares, cancellation_shares
from analytics_lib.metrics.connections import cross_group_shares
from analytics_lib.metrics.latency import latency_percentiles
from analytics_lib.metrics.operations import error_shares
from analytics_lib.metrics.partnerships import partnerships_active
from analytics_lib.metrics.trust import satisfaction
from analytics_lib.metrics.tutors import learner_retention_by_tutor, tutor_ratings
from analytics_lib.statistics import estimate_mean, estimate_share
from analytics_lib.synthetic.communities import community
from analytics_lib.synthetic.lessons import lessons
from analytics_lib.synthetic.services import service_measurements

SURE = 0.99999  # intervals so wide that a true value lies outside once in 100 000 times
YEAR = {"granularity": "year", "as_of": dt.date(2024, 12, 31)}


def services(seed=1, **changes):
    asked = {"requests": 60_000, "days": 2, **changes}
    return service_measurements(**asked, rng=np.random.default_rng(seed))


def people(seed=1, **changes):
    asked = {"users": 60, "groups": 4, "interactions": 20_000, "days": 90, **changes}
    return community(**asked, rng=np.random.default_rng(seed))


def taught(seed=1, **changes):
    asked = {"learners": 4000, "tutors": 3, "days": 60, **changes}
    return lessons(**asked, rng=np.random.default_rng(seed))


def keeps(contract, frame):
    assert contract.schema().validate(frame).height == frame.height
    assert not frame.select(contract.key).is_duplicated().any()


def test_every_table_keeps_its_contract():
    keeps(SERVICE_MEASUREMENTS, services().measurements)
    made, seen = people(), taught()
    for name in ("groups", "memberships", "interactions", "partnerships"):
        keeps(getattr(community_tables, name.upper()), getattr(made, name))
    keeps(lesson_tables.BOOKINGS, seen.bookings)
    keeps(lesson_tables.REVIEWS, seen.reviews)


def test_the_same_seed_gives_the_same_tables():
    assert services().measurements.equals(services().measurements)
    assert people().interactions.equals(people().interactions)
    assert taught().bookings.equals(taught().bookings)
    assert not taught().reviews.equals(taught(seed=2).reviews)


def holds(numerator, denominator, value):
    found = estimate_share(numerator, denominator, confidence_level=SURE)
    return found.ci_lower <= value <= found.ci_upper


def test_the_outage_is_where_the_truth_says():
    made = services(error_share=0.02, outage_minutes=90)
    truth, table = made.truth, made.measurements
    down = pl.col("t_us").is_between(
        truth["outage_start_us"], truth["outage_end_us"], closed="left"
    ) & (pl.col("service") == truth["service"])
    assert table.filter(down)["status"].unique().to_list() == ["timeout"]
    assert table.filter("timeout" == pl.col("status")).equals(table.filter(down))  # noqa: SIM300
    shares = error_shares(table.filter(~down), **YEAR)
    assert all(holds(bad, n, 0.02) for n, bad in shares.select("requests", "errors").rows())
    # The rate is 7 requests of each service a minute: each minute of the outage is seen.
    found = availability(table, failing_share=0.9, **YEAR)
    lost = found.with_columns(lost=pl.col("minutes") - pl.col("available_minutes"))
    assert dict(lost.select("service", "lost").rows())["service-1"] == pytest.approx(90, abs=3)
    medians = latency_percentiles(table.filter(~down), percentiles=[50], **YEAR)
    for service, found in medians.select("service", "duration_us").rows():
        assert found == pytest.approx(truth["median_us"][service], rel=0.03)


def test_people_keep_to_their_groups_as_often_as_told():
    made = people(cross_group_share=0.3)
    found = cross_group_shares(made.interactions, made.memberships, **YEAR)
    [(cross, n)] = found.select("cross_group", "interactions").rows()
    assert n == 20_000  # nobody meets oneself
    assert holds(cross, n, 0.3)
    rated = satisfaction(made.interactions, confidence_level=SURE, **YEAR)
    low, high, satisfied, n = rated.select(
        "mean_ci_lower", "mean_ci_upper", "satisfied", "ratings"
    ).row(0)
    assert low <= made.truth["mean_rating"] <= high
    assert holds(satisfied, n, made.truth["satisfied_share"])
    active = partnerships_active(made.partnerships, **YEAR)
    assert active["active"].to_list() == [made.truth["partnerships"]]


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_groups_may_be_closed_or_mixed(share):
    made = people(users=8, interactions=500, cross_group_share=share)
    found = cross_group_shares(made.interactions, made.memberships, **YEAR)
    assert found["share"].item() == share


def test_the_better_tutor_is_found():
    made = taught()
    as_of = day_date(made.bookings["lesson_day"].max() + 28)
    back = learner_retention_by_tutor(made.bookings, as_of=as_of, days=28)
    for tutor, n, returned in back.select("tutor_id", "learners", "returned").rows():
        assert holds(returned, n, made.truth["return_share"][tutor])
    best = back.sort("share")["tutor_id"][-1]
    assert best == made.truth["tutor_id"]
    rated = made.reviews.join(made.bookings, on="booking_id")
    for (tutor,), its in rated.group_by("tutor_id"):
        mean = estimate_mean(its["rating"].to_numpy(), unit="points", confidence_level=SURE)
        assert mean.ci_lower <= made.truth["mean_rating"][tutor] <= mean.ci_upper
    scores = tutor_ratings(made.bookings, made.reviews, as_of=as_of)
    assert scores.sort("rating_score")["tutor_id"][-1] == made.truth["tutor_id"]
    attended = attendance_shares(made.bookings, granularity="year", as_of=YEAR["as_of"])
    assert holds(*attended.select("attended", "lessons").row(0), 0.9)
    cancelled = cancellation_shares(made.bookings, granularity="year", as_of=YEAR["as_of"])
    assert holds(*cancelled.select("cancelled", "bookings").row(0), 0.1)


def test_smallest_tables():
    assert services(requests=1, days=1, services=1, outage_minutes=0).measurements.height == 1
    assert people(users=4, groups=2, interactions=1, days=1, partnerships=0).partnerships.is_empty()
    one = taught(learners=1, tutors=1, days=1, cancelled_share=0, attended_share=1)
    assert set(one.bookings["status"]) == {"attended"}


@pytest.mark.parametrize(
    ("make", "changes", "words"),
    [
        (services, {"requests": 0}, "`requests` is 0"),
        (services, {"days": 0}, "`days` is 0"),
        (services, {"services": 0}, "`services` is 0"),
        (services, {"error_share": 1.1}, "`error_share` is 1.1"),
        (services, {"outage_minutes": 1441}, "`outage_minutes` is 1441"),
        (people, {"groups": 1}, "`groups` is 1"),
        (people, {"users": 7}, "`users` is 7"),
        (people, {"interactions": 0}, "`interactions` is 0"),
        (people, {"days": 0}, "`days` is 0"),
        (people, {"cross_group_share": -0.1}, "`cross_group_share` is -0.1"),
        (taught, {"learners": 0}, "`learners` is 0"),
        (taught, {"return_share": -0.1}, "`return_share` is -0.1"),
        (taught, {"tutor_effect": 0.7}, r"`return_share \+ tutor_effect` is 1.1"),
        (taught, {"attended_share": 0}, "`attended_share` is 0"),
        (taught, {"cancelled_share": 1}, "`cancelled_share` 1"),
    ],
)
def test_impossible_tables_are_refused(make, changes, words):
    with pytest.raises(ParameterError, match=words):
        make(**changes)
