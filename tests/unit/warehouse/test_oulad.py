"""The sample: the figures the source and its publication give must come out of the lake."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from analytics_lib.core.periods import day_number
from analytics_lib.warehouse import IngestReport, Lake, ingest, open_lake
from analytics_lib.warehouse.mapping import load_mapping

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "parameters" / "sources" / "oulad.yaml"


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, IngestReport]:
    lake = tmp_path_factory.mktemp("oulad") / "lake"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("ANALYTICS_PSEUDONYM_KEY", "ab" * 32)
        report = ingest(SAMPLE, lake=lake, now=dt.datetime(2024, 6, 1, tzinfo=dt.UTC))
    return open_lake(lake), report


def test_every_row_is_stored(ingested: tuple[Lake, IngestReport]) -> None:
    # origin: rows of the source files (wc -l less the header; SOURCE.md for the clicks)
    assert {table.table: (table.rows_in, table.stored) for table in ingested[1].tables} == {
        "courses": (22, 22),
        "content": (6_364, 6_364),
        "enrolments": (32_593, 32_593),
        "assessments": (206, 206),
        "submissions": (173_912, 173_912),
        "events": (753_564, 753_564),
    }
    assert sum(table.quarantined_rows for table in ingested[1].tables) == 0


def test_enrolments_and_outcomes(ingested: tuple[Lake, IngestReport]) -> None:
    table = ingested[0].table("enrolments").collect()
    # origin: Kuzilek et al. (2017), table of final results
    assert table["user_id"].n_unique() == 28_785
    assert dict(table["outcome"].value_counts().rows()) == {
        "pass": 12_361,
        "withdrawn": 10_156,
        "fail": 7_052,
        "distinction": 3_024,
    }
    # origin: studentInfo.csv and studentRegistration.csv, counted with awk
    assert table["enrolled_day"].null_count() == 45
    assert table["disability"].sum() == 3_164
    assert table.filter(deprivation_band="10-20%").height == 3_516
    assert table["deprivation_band"].null_count() == 1_111


def test_clicks_are_added_up_not_dropped(ingested: tuple[Lake, IngestReport]) -> None:
    lake = ingested[0]
    content = lake.table("content").select("content_id", "course_id", "presentation")
    clicks = lake.table("events").join(content, on="content_id").collect()
    autumn = clicks.filter(course_id="AAA", presentation="2013J")
    # origin: the figures of AAA 2013J
    assert (autumn.height, autumn["user_id"].n_unique()) == (180_982, 378)
    assert clicks["event_id"].n_unique() == 753_564
    # origin: sum of sum_click in the source file
    assert clicks["quantity"].sum() == 2_594_563


def test_days_count_from_the_start_of_the_presentation(
    ingested: tuple[Lake, IngestReport],
) -> None:
    lake = ingested[0]
    courses = lake.table("courses").filter(course_id="AAA", presentation="2013J").collect()
    # origin: courses.csv says 268 days; 1 October 2013 + 268 days is 26 June 2014
    assert courses.rows() == [
        ("AAA", "2013J", day_number(dt.date(2013, 10, 1)), day_number(dt.date(2014, 6, 26)))
    ]
    assessment = lake.table("assessments").filter(assessment_id="1752").collect()
    # origin: assessments.csv, first row: TMA, day 19, weight 10
    assert assessment.select("kind", "due_day", "weight").rows() == [
        ("tutor_marked", day_number(dt.date(2013, 10, 20)), 10.0)
    ]


def test_submissions_keep_missing_scores(ingested: tuple[Lake, IngestReport]) -> None:
    table = ingested[0].table("submissions").collect()
    # origin: studentAssessment.csv, counted with awk
    assert table["score"].null_count() == 173
    assert table["is_banked"].sum() == 1_909


def test_what_the_sample_does_not_know_is_said(ingested: tuple[Lake, IngestReport]) -> None:
    lake = ingested[0]
    source = lake.sources()[0]
    assert lake.events().resolution == "day"
    assert lake.zone == "Europe/London"
    assert lake.last_complete_day == dt.date(2015, 6, 30)
    assert (source.kind, source.licence) == ("sample", "CC BY 4.0")
    assert source.assumptions[0] == (
        "Presentations are taken to start on 1 February (B) or 1 October (J) of their year; the "
        "source gives only days relative to the start."
    )


def test_no_learner_number_is_stored(ingested: tuple[Lake, IngestReport]) -> None:
    learners = pl.read_parquet(ROOT / "data" / "oulad" / "student_info.parquet")["id_student"]
    numbers = set(learners.cast(pl.String))
    stored = ingested[0].table("events").collect()
    ids = stored.select("user_id", "event_id").unpivot()["value"].unique()
    assert not numbers & set(ids)


def test_mapping_names_no_folder_of_a_machine() -> None:
    mapping = load_mapping(SAMPLE)
    places = [str(rule.location) for rule in mapping.tables.values()]
    assert all(place.startswith("data/oulad/") for place in places)
