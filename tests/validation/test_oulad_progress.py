"""Further learning metrics on the real sample, against plain polars on its files.

origin of all figures: counted from the Parquet files by the expressions beside them, in the
source's own names and days (relative to the start of the presentation).
"""

import datetime as dt
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from analytics_lib.metrics.completion import course_completion
from analytics_lib.metrics.learning_paths import outcome_by_early_use
from analytics_lib.metrics.pace import days_from_due, days_to_first_activity
from analytics_lib.metrics.peers import skill_levels
from analytics_lib.metrics.progress import learner_progress
from analytics_lib.metrics.scores import scores_by_kind

DATA = Path(__file__).resolve().parents[2] / "data" / "oulad"
AS_OF = dt.date(2015, 6, 30)
RUN = ["code_module", "code_presentation"]
ONE = {"code_module": "BBB", "code_presentation": "2013B"}
STARTS = {
    "2013B": dt.date(2013, 2, 1), "2013J": dt.date(2013, 10, 1),
    "2014B": dt.date(2014, 2, 1), "2014J": dt.date(2014, 10, 1),
}  # fmt: skip
KINDS = {"TMA": "tutor_marked", "CMA": "computer_marked", "Exam": "exam"}


def read(name, *, one=False):
    table = pl.read_parquet(DATA / f"{name}.parquet")
    return table.filter(pl.col(key) == value for key, value in ONE.items()) if one else table


def learners():
    """Learners of one presentation, with the days they came and left."""
    keys = [*RUN, "id_student"]
    return read("student_info", one=True).join(read("student_registration", one=True), on=keys)


def work():
    """Submissions with their assessment, without the few that came after the last day."""
    pieces = read("student_assessment").join(read("assessments"), on="id_assessment")
    start = pl.col("code_presentation").replace_strict(STARTS, return_dtype=pl.Date)
    return pieces.filter(start + pl.duration(days="date_submitted") <= AS_OF)


def of_one(frame):
    return frame.filter(pl.col("name") == "BBB 2013B")


def tables(sample, *names):
    return [sample.events() if name == "events" else sample.table(name) for name in names]


LEARNING = ("events", "content", "enrolments", "courses")


def test_completion_of_one_presentation(sample):
    found = of_one(course_completion(*tables(sample, *LEARNING), as_of=AS_OF, days=14))
    length = read("courses", one=True)["module_presentation_length"].item()
    stay = pl.min_horizontal(
        pl.col("date_unregistration").fill_null(9999), pl.lit(length)
    ) - pl.max_horizontal(pl.col("date_registration").fill_null(0), pl.lit(0))
    done = pl.col("final_result").is_in(["Pass", "Distinction"])
    clicks = read("clicks", one=True).filter(pl.col("date").is_between(0, length - 1))
    people = learners()
    bases = {
        "enrolled": people,
        "stayed": people.filter(stay >= 14),
        "started": people.join(clicks.select("id_student").unique(), on="id_student", how="semi"),
    }
    expected = [(base, its.height, its.filter(done).height) for base, its in bases.items()]
    assert found.select("base", "learners", "completed").rows() == expected
    assert expected[0][1] == 1767  # origin: Kuzilek et al. 2017, learners of BBB 2013B


def test_who_began_is_known_only_where_clicks_are(sample):
    found = course_completion(*tables(sample, *LEARNING), as_of=AS_OF)
    known = found.filter((pl.col("base") == "started") & pl.col("learners").is_not_null())
    assert known["name"].to_list() == ["AAA 2013J", "AAA 2014J", "BBB 2013B"]
    assert found["name"].n_unique() == 22


def test_first_activity_of_one_presentation(sample):
    found = of_one(days_to_first_activity(*tables(sample, *LEARNING), as_of=AS_OF))
    first = (
        read("clicks", one=True)
        .join(learners(), on="id_student", how="semi")
        .group_by("id_student")
        .agg(pl.col("date").min())["date"]
    )
    assert found.select("began", "median_days").row(0) == (first.len(), first.median())


def test_items_used_in_one_presentation(sample):
    found = learner_progress(*tables(sample, *LEARNING), as_of=AS_OF)
    mine = found.filter((pl.col("course_id") == "BBB") & (pl.col("presentation") == "2013B"))
    items = read("vle", one=True)
    length = read("courses", one=True)["module_presentation_length"].item()
    inside = (pl.col("date") >= pl.col("date_registration").fill_null(-9999)) & (
        pl.col("date") < pl.min_horizontal(pl.col("date_unregistration").fill_null(9999), length)
    )
    used = (
        read("clicks", one=True)
        .join(items.select("id_site"), on="id_site", how="semi")
        .join(learners(), on="id_student")
        .filter(inside)
        .select("id_student", "id_site")
        .unique()
    )
    assert set(mine["items"]) == {items.height}
    assert mine["used_items"].sum() == used.height
    assert (mine["used_items"] > 0).sum() == used["id_student"].n_unique()
    assert mine["share_of_all"].max() <= 1


@pytest.mark.parametrize("keep_banked", [False, True])
def test_mean_scores_by_kind(sample, keep_banked):
    found = scores_by_kind(
        *tables(sample, "submissions", "assessments"), as_of=AS_OF, keep_banked=keep_banked
    )
    scored = (
        work()
        .filter(pl.col("score").is_not_null())
        .filter(pl.lit(keep_banked) | (pl.col("is_banked") == 0))
    )
    weighted = (pl.col("score") * pl.col("weight")).sum() / pl.col("weight").sum()
    plain = scored.group_by(*RUN, pl.col("assessment_type").replace(KINDS)).agg(
        pl.len(), pl.col("score").mean(), weighted.fill_nan(None).alias("weighted")
    )
    names = ["course_id", "presentation", "kind", "scores", "mean", "weighted_mean"]
    rows = found.select(names).rows()
    assert len(rows) == plain.height > 40
    for mine, its in zip(rows, sorted(plain.rows()), strict=True):
        assert mine[:4] == its[:4]
        assert mine[4:] == tuple(value and pytest.approx(value, rel=1e-12) for value in its[4:])


def test_levels_of_one_presentation(sample):
    found = of_one(skill_levels(*tables(sample, "submissions", "assessments"), as_of=AS_OF))
    marked = (
        work()
        .join(read("courses", one=True), on=RUN, how="semi")
        .filter(pl.col("score").is_not_null(), pl.col("is_banked") == 0)
        .filter(pl.col("assessment_type").is_in(["TMA", "CMA"]))
    )
    score = (pl.col("score") * pl.col("weight")).sum() / pl.col("weight").sum()
    scores = marked.group_by("id_student").agg(score.alias("score"))["score"].drop_nans()
    cuts = [0, 40, 55, 70, 85, 101]
    expected = [((scores >= low) & (scores < high)).sum() for low, high in pairwise(cuts)]
    assert found["at_level"].to_list() == expected


def test_outcome_of_those_who_used_the_forum_early(sample):
    found = of_one(
        outcome_by_early_use(*tables(sample, *LEARNING), outcome="completed", weeks=4, as_of=AS_OF)
    ).filter(pl.col("kind") == "forumng")
    compared = learners().filter(
        pl.col("date_registration").fill_null(0) < 28,
        pl.col("date_unregistration").fill_null(9999) >= 28,
    )
    forum = read("vle", one=True).filter(pl.col("activity_type") == "forumng")
    users = (
        read("clicks", one=True)
        .filter(pl.col("date").is_between(0, 27))
        .join(forum, on="id_site", how="semi")
    )
    done = pl.col("final_result").is_in(["Pass", "Distinction"])
    expected = []
    for used, how in ((False, "anti"), (True, "semi")):
        its = compared.join(users, on="id_student", how=how)
        expected.append((used, its.height, its.filter(done).height))
    assert found.select("used", "learners", "completed").rows() == expected


def test_days_from_due(sample):
    found = days_from_due(*tables(sample, "submissions", "assessments"), as_of=AS_OF)
    days = (
        work()
        .filter(
            pl.col("date").is_not_null(),
            pl.col("is_banked") == 0,
            pl.col("assessment_type") != "Exam",
        )
        .with_columns(days=pl.col("date_submitted") - pl.col("date"))
        .group_by(pl.col("assessment_type").replace(KINDS).alias("kind"))
        .agg(pl.len(), pl.col("days").median().alias("median"), pl.col("days").mean())
        .sort("kind")
    )
    rows = found.select("kind", "submitted", "median_days", "mean_days").rows()
    assert rows == [(kind, n, median, pytest.approx(mean)) for kind, n, median, mean in days.rows()]
