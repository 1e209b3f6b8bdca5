"""Every notebook runs from top to bottom, and the pages say what the data say."""

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import nbformat
import polars as pl
import pytest
from nbclient import NotebookClient
from traitlets.config import Config

ROOT = Path(__file__).resolve().parents[2]
ANALYTICS = str(Path(sys.executable).parent / "analytics")
EXPLORE = sorted((ROOT / "notebooks" / "explore").glob("*.ipynb"))


@pytest.mark.parametrize("path", EXPLORE, ids=lambda path: path.stem)
def test_an_exploration_notebook_runs_from_top_to_bottom(
    path, sample_project, monkeypatch, tmp_path_factory
):
    monkeypatch.setenv("ANALYTICS_LAKE", str(sample_project.root / "outputs/warehouse"))
    sockets = tmp_path_factory.mktemp("k", numbered=True) / "kernel"
    notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        resources={"metadata": {"path": str(sample_project.root)}},
        config=Config({"KernelManager": {"transport": "ipc", "ip": str(sockets)}}),
    )
    client.execute()
    codes = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in codes)
    shown = [output for cell in codes for output in cell.outputs]
    assert [output for output in shown if output.output_type in {"error", "stream"}] == []
    assert sum("image/svg" in str(output) or "<svg" in str(output) for output in shown) >= 1


def manifest(project, report):
    folder = project.root / "outputs" / "site" / report / "monthly" / "2015-06-30"
    return json.loads((folder / "manifest.json").read_text())


def test_the_learning_overview_gives_the_published_figures(sample_project):
    results = manifest(sample_project, "learning_overview")["results"]
    # origin: Kuzilek et al. 2017: 28,785 learners; 12,361 pass, 3,024 distinction, 10,156 withdrawn
    assert results["learners"]["value"] == 28_785
    assert results["completed_share"]["value"] == pytest.approx((12_361 + 3_024) / 32_593)
    assert results["withdrawn_share"]["value"] == pytest.approx(10_156 / 32_593)


def test_retention_counts_every_learner_with_a_click(sample_project):
    week_four = manifest(sample_project, "retention")["results"]["week_four"]
    # origin: distinct learners in the click file of the sample, in plain polars
    assert week_four["n"] == 2_239
    assert 0 < week_four["ci_lower"] < week_four["value"] < week_four["ci_upper"] < 1


def test_social_impact_counts_every_kilogram_of_the_month(sample_project):
    folder = sample_project.root / "outputs" / "site" / "social_impact" / "monthly" / "2024-06-30"
    results = json.loads((folder / "manifest.json").read_text())["results"]
    # origin: the exchanges of June in the sample, weighed or by serving size, in plain polars
    sample = pl.read_parquet(ROOT / "data" / "sharing" / "exchanges.parquet")
    june = sample.filter(pl.col("day") >= (dt.date(2024, 6, 1) - dt.date(1970, 1, 1)).days)
    sizes = {"small": 0.3, "medium": 0.6, "large": 1.2, "family": 2.4}
    weights = june["serving"].replace_strict(sizes, default=None, return_dtype=pl.Float64)
    shared = weights.fill_null(june["amount"]).sum()
    assert results["food_shared"]["value"] == pytest.approx(shared)
    net = results["ghg_net"]
    # origin: 0.85 * 3 * (1 - 0.765) by hand, less at most 0.17 kg for each of 6 km of a collection
    assert shared * 0.599 - 0.17 * 6 * june.height < net["value"] < shared * 0.6
    # The truth of the simulated world, which the factor set misses, lies within the interval.
    true = pl.read_csv(ROOT / "data" / "sharing" / "expected.csv").filter(
        pl.col("day") >= june["day"].min()
    )["greenhouse_gas_kg"]
    assert (
        results["ghg_gross_month"]["ci_lower"] < true.sum() < results["ghg_gross_month"]["ci_upper"]
    )


def test_the_marketplace_counts_every_lesson_of_the_month(sample_project):
    folder = sample_project.root / "outputs" / "site" / "marketplace" / "monthly" / "2024-06-30"
    results = json.loads((folder / "manifest.json").read_text())["results"]
    # origin: the bookings of June in the sample, in plain polars
    sample = pl.read_parquet(ROOT / "data" / "marketplace" / "bookings.parquet")
    begin, end = ((dt.date(2024, at, 1) - dt.date(1970, 1, 1)).days for at in (6, 7))
    june = sample.filter(pl.col("lesson_day").is_between(begin, end, closed="left"))
    held = june.filter(pl.col("status") != "cancelled")
    assert results["cancelled"]["n"] == june.height
    assert results["attended"]["n"] == held.height
    assert results["attended"]["value"] == pytest.approx((held["status"] == "attended").mean())
    # Planted: 10 % are cancelled; of the rest 9 % are missed by those reminded, 14 % by others.
    assert results["cancelled"]["ci_lower"] < 0.1 < results["cancelled"]["ci_upper"] + 0.01
    assert results["attended"]["ci_lower"] < 0.885 < results["attended"]["ci_upper"]


def test_the_privacy_report_is_that_of_the_package_and_shows_no_value_of_it(sample_project):
    outputs = sample_project.root / "outputs"
    package = outputs / "datasets" / "ou-students-demonstration" / "1"
    results = manifest(sample_project, "research_dataset")["results"]
    rows = pl.read_parquet(package / "data.parquet")
    sensitive = "outcome"
    known = [name for name in rows.columns if name != sensitive]
    # origin: the released rows, in plain polars
    classes = rows.group_by(known).agg(pl.len(), values=pl.col(sensitive).n_unique())
    assert results["attained_k"]["value"] == classes["len"].min() >= 10
    assert results["attained_l"]["value"] <= classes["values"].min()
    assert results["released_rows"]["value"] == rows.height
    report = json.loads((package / "privacy_report.json").read_text())
    strongest = max(report["attacks"], key=lambda attack: attack["excess"])
    assert results["strongest_attack"]["value"] == pytest.approx(strongest["success"])
    assert strongest["excess"] <= strongest["margin"]

    page = outputs / "site" / "research_dataset" / "monthly" / "2015-06-30" / "data.json"
    objects = json.loads(page.read_text())["objects"]
    cells = {cell for shown in objects for row in shown["rows"] for cell in row}
    values = {value for name in rows.columns for value in rows[name].unique()} - {None}
    assert cells & values == set()


def test_the_research_programme_is_counted_from_the_invented_steps(sample_project):
    folder = sample_project.root / "outputs/site/research_programme/monthly/2024-06-30"
    results = json.loads((folder / "manifest.json").read_text())["results"]
    # origin: the steps of the file, in plain polars
    steps = pl.read_csv(ROOT / "data" / "research" / "steps.csv")["step"].value_counts()
    counted = dict(steps.rows())
    assert results["projects"]["value"] == counted["requested"]
    assert results["papers"]["value"] == counted["paper"]
    assert results["valid"]["value"] == counted["released"] - counted["expired"]
    decided = counted["approved"] + counted["rejected"]
    assert results["approval_rate"]["value"] == pytest.approx(counted["approved"] / decided)


def test_the_executive_summary_says_what_the_sample_says(sample_project):
    folder = sample_project.root / "outputs" / "site" / "executive_summary" / "monthly"
    page = (folder / "2024-06-30" / "index.html").read_text(encoding="utf-8")
    results = json.loads((folder / "2024-06-30" / "manifest.json").read_text())["results"]
    # origin: distinct people with an event in the sample, in plain polars
    sample = pl.read_parquet(ROOT / "data" / "sharing" / "events.parquet")
    epoch = dt.date(1970, 1, 1)
    may, june = ((dt.date(2024, month, 1) - epoch).days for month in (5, 6))
    now = set(sample.filter(pl.col("day") >= june)["user_id"])
    before = set(sample.filter(pl.col("day").is_between(may, june - 1))["user_id"])
    assert results["active_now"]["value"] == len(now)
    assert results["active_before"]["value"] == len(before)
    assert f"{len(before - now) / len(before):.1%}" in page  # churn
    # What is planted is told, with the planted size in its interval: 0.7 on weekends.
    assert "Days of a weekend are 0.72 times as busy" in page
    assert "12 comparisons tried" in page
    assert "Not known whether this is so" in page


def test_the_commands_said_where_to_look(sample_project):
    said = (sample_project.root / "run.said").read_text()
    assert "21 executed; 21 published." in said
    assert "outputs/site/index.html" in said


def test_a_second_run_executes_nothing(own_project):
    done = subprocess.run(
        [ANALYTICS, "run", "--due", "--json"], cwd=own_project.root,
        env=own_project.environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert {run["status"] for run in json.loads(done.stdout)} == {"unchanged"}
