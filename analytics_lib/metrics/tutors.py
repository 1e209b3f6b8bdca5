"""How tutors are rated, and whether learners come back to them."""

import datetime as dt
from typing import Any, Literal, get_args

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least, require_choice
from analytics_lib.core.periods import day_number
from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.bookings import known_bookings
from analytics_lib.metrics.frames import beside, finish, like
from analytics_lib.metrics.ratings import shrunk_means
from analytics_lib.metrics.trust import require_points
from analytics_lib.statistics import add_share_interval

Return = Literal["same", "any"]


def tutor_ratings(
    bookings: Any,  # noqa: ANN401 - any supported frame
    reviews: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    prior_weight: float = 10.0,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How are tutors rated, few reviews allowed for?

    The best and the worst mean belong to tutors with one review. So the score
    is (w C + sum of the ratings) / (w + their number), with C the mean of all
    ratings and w the `prior_weight`: a tutor with few reviews stands near C.
    Only reviews of attended lessons count.

    Args:
        bookings: One row a booking (contract `bookings`).
        reviews: One row a review (contract `reviews`).
        as_of: Last complete day; later lessons and reviews are ignored.
        prior_weight: w, how many reviews it takes until a tutor's own weigh half.

    Returns:
        One row a tutor with a review, sorted: `tutor_id`, `ratings`,
        `mean_rating`, `rating_score` (1 to 5).

    Raises:
        SchemaError: A column is missing, or a rating is not from 1 to 5.
        ParameterError: `prior_weight` is negative.

    Examples:
        >>> table = pl.DataFrame({"booking_id": ["1", "2"], "tutor_id": ["t", "u"]})
        >>> table = table.with_columns(user_id=pl.lit("a"), lesson_day=4, status=pl.lit("attended"))
        >>> said = pl.DataFrame({"booking_id": ["1", "2"], "rating": [5, 3], "day": 4})
        >>> tutor_ratings(table, said, as_of=dt.date(1970, 1, 11), prior_weight=1)[
        ...     "rating_score"
        ... ].to_list()
        [4.5, 3.5]

    References:
        Gelman A. et al. (2013), Bayesian Data Analysis, 3rd ed., section 2.5.
    """
    attended = known_bookings(bookings, as_of=as_of).filter(nw.col("status") == "attended")
    said = as_table(reviews, ["booking_id", "rating", "day"], name="reviews").filter(
        nw.col("day") <= day_number(as_of), ~nw.col("rating").is_null()
    )
    rated = attended.select("booking_id", "tutor_id").join(
        beside(said.select("booking_id", nw.col("rating").cast(nw.Float64)), attended),
        on="booking_id",
        how="inner",
    )
    sums = finish(
        rated.group_by("tutor_id").agg(
            nw.len().alias("ratings"),
            nw.col("rating").sum().alias("points"),
            nw.col("rating").min().alias("least"),
            nw.col("rating").max().alias("most"),
        )
    )
    require_points(pl.concat([sums["least"], sums["most"].alias("least")]))
    scores = shrunk_means(sums, by=["tutor_id"], prior_weight=prior_weight, score="rating_score")
    return like(scores, bookings)


def learner_retention_by_tutor(
    bookings: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    days: int = 28,
    with_tutor: Return = "same",
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What share of a tutor's new learners attends another lesson soon after the first?

    A learner whose first lesson was yesterday has had no time to come back:
    only those whose `days` days are over count. A second lesson on the first
    day is not coming back. Tutors get different learners, so small differences
    between tutors are not the tutors'.

    Args:
        bookings: One row a booking (contract `bookings`).
        as_of: Last complete day; later lessons are ignored.
        days: How long after the first lesson with the tutor.
        with_tutor: `same`: another lesson with that tutor; `any`: with any tutor.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a tutor with such a learner, sorted: `tutor_id`, `learners`,
        `returned`, `share`, `ci_lower`, `ci_upper`.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `days` is below 1, or `with_tutor` unknown.

    Examples:
        >>> table = pl.DataFrame({"booking_id": ["1", "2", "3"], "user_id": ["a", "a", "b"]})
        >>> table = table.with_columns(lesson_day=pl.Series([0, 7, 0]), tutor_id=pl.lit("t"))
        >>> learner_retention_by_tutor(
        ...     table.with_columns(status=pl.lit("attended")), as_of=dt.date(1970, 2, 1)
        ... )["share"].item()
        0.5
    """
    require_at_least(days, 1, name="days")
    require_choice(with_tutor, get_args(Return), name="with_tutor")

    attended = known_bookings(bookings, as_of=as_of).filter(nw.col("status") == "attended")
    lessons = attended.group_by("tutor_id", "user_id", "day").agg(nw.len().alias("lessons"))
    first = lessons.group_by("tutor_id", "user_id").agg(nw.col("day").min().alias("first_day"))
    mature = first.filter(nw.col("first_day") <= day_number(as_of) - days)
    pair = ["user_id"] if with_tutor == "any" else ["tutor_id", "user_id"]
    back = (
        mature.join(lessons.select(*pair, "day"), on=pair, how="inner")
        .filter(nw.col("day") > nw.col("first_day"), nw.col("day") <= nw.col("first_day") + days)
        .group_by("tutor_id", "user_id")
        .agg(nw.len().alias("lessons"))
    )
    came = nw.when(nw.col("lessons").is_null()).then(nw.lit(0)).otherwise(nw.lit(1))
    counts = finish(
        mature.join(back, on=["tutor_id", "user_id"], how="left")
        .with_columns(returned=came)
        .group_by("tutor_id")
        .agg(nw.len().alias("learners"), nw.col("returned").sum())
    )
    shares = add_share_interval(
        counts, numerator="returned", denominator="learners", confidence_level=confidence_level
    )
    return like(shares.sort("tutor_id"), bookings)
