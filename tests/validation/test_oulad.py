"""Published figures of the sample, on the files and through the lake and the metrics.

origin of all figures, unless said otherwise: the project's second issue, which
took them from the published dataset (Kuzilek et al. 2017, Sci. Data 4:170171).
"""

import datetime as dt
import hashlib
from pathlib import Path

import polars as pl
import pytest

import analytics_lib as al
from analytics_lib.core.errors import ParameterError

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data" / "oulad"
AS_OF = dt.date(2015, 6, 30)


def read(name):
    return pl.read_parquet(DATA / f"{name}.parquet")


def test_the_files_are_the_named_bytes_and_small():
    lines = (DATA / "CHECKSUMS").read_text().splitlines()
    digests = {name: digest for digest, name in (line.split("  ") for line in lines)}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in DATA.glob("*.parquet")
    }
    assert found == digests
    assert sum(path.stat().st_size for path in DATA.glob("*.parquet")) < 8e6


# origin: Kuzilek et al. 2017, tables 1 to 7 (numbers of rows); clicks: complete presentations only
@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("courses", 22), ("assessments", 206), ("vle", 6_364), ("student_info", 32_593),
        ("student_registration", 32_593), ("student_assessment", 173_912), ("clicks", 753_564),
    ],
)  # fmt: skip
def test_the_published_numbers_of_rows(name, rows):
    assert len(read(name)) == rows


def test_a_learner_a_page_and_a_day_do_not_name_a_row_of_the_clicks():
    clicks = read("clicks")
    key = ["code_module", "code_presentation", "id_student", "id_site", "date"]
    assert clicks.select(key).n_unique() < len(clicks)


def test_enrolments_and_learners(sample):
    enrolments, courses = sample.table("enrolments"), sample.table("courses")
    counts = al.enrolment_counts(enrolments, courses, as_of=AS_OF)
    assert counts["enrolments"].sum() == 32_593
    assert len(counts) == 22
    assert al.learner_count(enrolments, courses, as_of=AS_OF) == 28_785


@pytest.mark.parametrize(
    ("outcome", "count"),
    [("pass", 12_361), ("withdrawn", 10_156), ("fail", 7_052), ("distinction", 3_024)],
)
def test_outcomes(sample, outcome, count):
    share = al.outcome_share(
        sample.table("enrolments"), sample.table("courses"), outcome=outcome, as_of=AS_OF
    )
    assert share.n == 32_593
    assert share.value == pytest.approx(count / 32_593, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "percent"),
    [("AAA 2013J", 15.6658), ("AAA 2014J", 18.0822), ("BBB 2013B", 28.5795)],
)
def test_withdrawal_by_presentation(sample, name, percent):
    shares = al.outcome_shares(
        sample.table("enrolments"), sample.table("courses"), outcome="withdrawn", as_of=AS_OF
    )
    found = shares.filter(pl.col("name") == name)["share"].item()
    assert round(100 * found, 4) == percent


def test_late_tutor_marked_work(sample):
    late = al.late_shares(sample.table("submissions"), sample.table("assessments"), as_of=AS_OF)
    found = late.filter(pl.col("kind") == "tutor_marked")["share"].item()
    assert round(100 * found, 2) == 16.81


def test_clicks_of_one_presentation(sample):
    log = al.course_events(sample.events(), sample.table("content")).frame.to_native()
    rows = log.filter(pl.col("name") == "AAA 2013J")
    found = rows.select(pl.len(), pl.col("user_id").n_unique()).collect()
    assert found.row(0) == (180_982, 378)


def test_every_click_is_kept(sample):
    # origin: the sum of sum_click over the file, in plain polars
    clicks = sample.events().frame.to_native().select(pl.col("quantity").sum()).collect().item()
    assert clicks == read("clicks")["sum_click"].sum()


def test_learners_without_a_click_stay_in_the_denominator(sample):
    weeks = al.active_learners_by_week(
        sample.events(), sample.table("content"), sample.table("enrolments"),
        sample.table("courses"), as_of=AS_OF,
    )  # fmt: skip
    # origin: rows of student_info for each presentation, in plain polars
    enrolled = read("student_info").group_by("code_module", "code_presentation").len()
    sizes = {f"{m} {p}": n for m, p, n in enrolled.rows()}
    assert set(weeks["name"]) == {"AAA 2013J", "AAA 2014J", "BBB 2013B"}
    assert all(n == sizes[name] for name, n in weeks.select("name", "enrolled").unique().rows())


def test_the_time_of_day_is_refused_not_guessed(sample):
    log = sample.events()
    assert log.resolution == "day"
    with pytest.raises(ParameterError, match="`sessions` needs the time of day"):
        log.require_time_of_day(question="sessions")


def test_active_users_agree_with_a_plain_count(sample):
    found = al.active_users(sample.events(), granularity="month", as_of=AS_OF)
    # origin: distinct ids of the file by calendar month, starts of presentations added by hand
    starts = {
        "2013J": dt.date(2013, 10, 1),
        "2014J": dt.date(2014, 10, 1),
        "2013B": dt.date(2013, 2, 1),
    }
    days = read("clicks").with_columns(
        month=(
            pl.col("code_presentation").replace_strict(starts, return_dtype=pl.Date)
            + pl.duration(days="date")
        ).dt.truncate("1mo")
    )
    plain = dict(days.group_by("month").agg(pl.col("id_student").n_unique()).rows())
    for start, active in found.select("interval_start", "active_users").rows():
        assert active == plain.get(start, 0)
