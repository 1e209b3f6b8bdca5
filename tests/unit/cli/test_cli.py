"""The command line as a scheduler sees it: exit codes, output, and nothing on the wrong stream."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analytics_lib.cli.app import app, main
from analytics_lib.core.errors import AccessError, ParameterError, RunError

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def inside(lake_project, monkeypatch):
    """The tiny project as the current folder."""
    monkeypatch.chdir(lake_project.root)
    return lake_project


def call(*words):
    return CliRunner().invoke(app, list(words))


def test_help_names_every_command_and_the_exit_codes():
    result = call("--help")
    assert result.exit_code == 0
    for word in ("ingest", "run", "list", "show", "doctor", "Exit codes"):
        assert word in result.output


@pytest.mark.parametrize("command", ["ingest", "run", "list", "show", "doctor"])
def test_every_command_has_help(command):
    result = call(command, "--help")
    assert result.exit_code == 0
    assert "Usage" in result.output


def test_run_publishes_then_has_nothing_to_do(inside):
    first = call("run", "--due", "--json", "--workers", "1")
    assert first.exit_code == 0, first.output
    rows = json.loads(first.stdout)
    # the clock is far past the data, so the date is the data's
    assert [(row["name"], row["as_of"], row["status"]) for row in rows] == [
        ("tiny/monthly", "2014-01-31", "published")
    ]
    second = call("run", "--due", "--workers", "1")
    assert second.exit_code == 0
    assert "0 executed; 1 unchanged." in second.output
    assert "outputs/site/index.html" in second.output


def test_explain_says_why_and_runs_nothing(inside):
    result = call("run", "tiny", "--explain")
    assert "tiny/monthly 2014-01-31: would run: it was never published" in result.output
    assert not inside.site.exists()
    as_json = json.loads(call("run", "tiny", "--explain", "--json").stdout)
    assert as_json[0]["reasons"] == ["it was never published"]


def test_a_backfill_runs_every_logical_date(inside):
    result = call("run", "tiny", "--from", "2013-12-31", "--to", "2014-01-31", "--json")
    assert [row["as_of"] for row in json.loads(result.stdout)] == ["2013-12-31", "2014-01-31"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["run"], "Name a report or a run", id="nothing named"),
        pytest.param(["run", "tiny", "--from", "2014-01-01"], "takes both", id="half a back-fill"),
        pytest.param(
            ["run", "tiny", "--from", "2014-02-01", "--to", "2014-01-01"],
            "before it starts", id="back-fill backwards",
        ),
        pytest.param(
            ["run", "tiny", "--from", "2014-01-01", "--to", "2014-01-02"],
            "has no logical date", id="back-fill between two dates",
        ),
        pytest.param(
            ["run", "tiny", "--as-of", "2014-02-30"], "no such day", id="a day that does not exist"
        ),
        pytest.param(
            ["run", "tiny", "--as-of", "2014-02-28"],
            "complete only up to 2014-01-31", id="a day the data have not reached",
        ),
        pytest.param(
            ["run", "tiny", "--as-of", "0001-01-01"],
            "`as_of` is 0001-01-01, but the data of `tiny/monthly` begin on 2014-01-01",
            id="a day before all data",
        ),
        pytest.param(
            ["run", "tiny", "--as-of", "2013-12-31"], "begin on 2014-01-01",
            id="the day before the first data",
        ),
        pytest.param(
            ["run", "tiny", "--from", "0001-01-01", "--to", "2014-01-31"],
            "starts on 0001-01-01; it must be 1900-01-01 or later", id="a back-fill of all times",
        ),
        pytest.param(["run", "tiny", "-p", "n"], "must look like `name=value`", id="no value"),
        pytest.param(["run", "tiny", "-p", "n=[1"], "its value is no YAML", id="broken parameter"),
        pytest.param(["run", "tiny", "-p", "n=1", "-p", "n=2"], "gives `n` twice", id="twice"),
        pytest.param(["run", "tiny", "-p", "nn=3"], "`nn` is unknown", id="unknown parameter"),
        pytest.param(["run", "tinny"], "Did you mean 'tiny'", id="unknown report"),
        pytest.param(["show", "tiny/montly"], "Did you mean 'tiny/monthly'", id="unknown run"),
    ],
)  # fmt: skip
def test_a_wrong_question_is_refused_before_anything_starts(inside, words, said):
    result = call(*words)
    assert isinstance(result.exception, ParameterError)
    assert said in str(result.exception)
    assert not inside.runs.exists()


def test_a_report_may_be_asked_for_the_first_day_of_its_data(inside):
    result = call("run", "tiny", "--as-of", "2014-01-01", "--explain")
    assert "tiny/monthly 2014-01-01: would run" in result.output


def test_a_failed_run_gives_its_exit_code_and_its_log(inside):
    notebook = inside.notebooks / "tiny.ipynb"
    content = json.loads(notebook.read_text())
    content["cells"][-1]["source"] = "1 / 0"
    notebook.write_text(json.dumps(content))
    result = call("run", "tiny", "--workers", "1")
    assert result.exit_code == RunError.exit_code
    assert "failed in cell" in result.output
    assert "ZeroDivisionError" in result.output
    assert "1 executed; 1 failed." in result.output
    assert "Last attempt failed" in call("show", "tiny/monthly").output


def test_list_and_show_say_what_there_is(inside):
    listed = call("list")
    assert "tiny/monthly  How many?" in listed.output
    assert "it was never published" in listed.output
    rows = json.loads(call("list", "--json").stdout)
    assert rows[0]["run"] == "tiny/monthly"
    shown = call("show", "tiny/monthly")
    assert "n = 3  Days after the first." in shown.output
    assert "nothing yet" in shown.output
    assert json.loads(call("show", "tiny/monthly", "--json").stdout)["reads"] == ["events"]


def test_ingest_reports_what_it_did(inside):
    again = call("ingest", "parameters/sources/tiny.yaml")
    assert again.exit_code == 0
    assert "unchanged" in again.output
    report = json.loads(call("ingest", "parameters/sources/tiny.yaml", "--json").stdout)
    assert report["tables"][0]["duplicates"] == 3


def test_several_sources_are_ingested_in_one_go(inside):
    mapping = inside.parameters / "sources" / "tiny.yaml"
    text = mapping.read_text().replace("source: tiny", "source: other\nlake: other")
    (mapping.parent / "other.yaml").write_text(text)
    names = [f"parameters/sources/{name}.yaml" for name in ("tiny", "other")]
    both = call("ingest", *names, "--json")
    assert both.exit_code == 0
    assert [report["source"] for report in json.loads(both.stdout)] == ["tiny", "other"]
    assert (inside.root / "outputs" / "warehouse_other" / "events").is_dir()
    named = call("ingest", names[0], "--lake", "third")
    assert named.exit_code == 0
    assert (inside.root / "outputs" / "warehouse_third" / "events").is_dir()


def test_doctor_finds_this_environment_in_order(inside):
    result = call("doctor")
    assert result.exit_code == 0, result.output
    assert "ok  Python" in result.output
    assert "1 tables" in result.output
    found = {row["name"]: row["ok"] for row in json.loads(call("doctor", "--json").stdout)}
    assert found["polars"]


def test_doctor_outside_a_project_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call("doctor")
    assert isinstance(result.exception, AccessError)
    assert "Not ready: project" in str(result.exception)


def test_doctor_names_a_package_that_is_missing_or_too_old(inside, monkeypatch):
    from importlib.metadata import PackageNotFoundError  # noqa: PLC0415

    from analytics_lib.cli import doctor  # noqa: PLC0415

    def version(name):
        if name == "polars":
            raise PackageNotFoundError(name)
        return "0.1" if name == "duckdb" else "99"

    monkeypatch.setattr(doctor, "version", version)
    result = call("doctor")
    assert "polars: not installed; run `make env`" in result.output
    assert "must be >=" in result.output
    assert isinstance(result.exception, AccessError)


def test_main_turns_errors_into_exit_codes(inside, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["analytics", "run", "tinny"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "Error: `tinny` is no report" in capsys.readouterr().err


def test_main_ends_quietly_when_interrupted(monkeypatch, capsys):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr("analytics_lib.cli.app.app", interrupt)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert "nothing half-written" in capsys.readouterr().err


def loaded_by(*words, folder, among):
    """What of some libraries a command has loaded, and what it printed."""
    script = (
        "import sys\n"
        "from analytics_lib.cli.app import app\n"
        "from analytics_lib.core.errors import ParameterError\n"
        f"try:\n    app({list(words)}, standalone_mode=False)\n"
        "except ParameterError as error:\n    print(error)\n"
        f"print(sorted({among} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=True
    )
    *said, loaded = done.stdout.splitlines()
    return "\n".join(said) + done.stderr, loaded


def test_with_nothing_to_do_what_publishes_is_not_loaded(inside):
    assert call("run", "--due").exit_code == 0
    among = {
        "papermill",
        "nbconvert",
        "altair",
        "deltalake",
        "duckdb",
        "pandera",
        "scipy",
        "pandas",
    }
    said, loaded = loaded_by("run", "--due", folder=inside.root, among=among)
    assert "0 executed; 1 unchanged." in said
    assert loaded == "[]"


def test_a_wrong_parameter_starts_no_heavy_library(inside):
    (inside.parameters / "tiny" / "monthly.yaml").write_text("title: x\nperod: 2014\n")
    among = {"papermill", "nbconvert", "polars", "altair", "deltalake", "duckdb"}
    said, loaded = loaded_by("run", "tiny", folder=inside.root, among=among)
    assert "`perod` is unknown" in said
    assert loaded == "[]"
