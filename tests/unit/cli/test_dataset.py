"""The way of a request through the terminal, on the students of the real sample."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from typer.testing import CliRunner

from analytics_lib.cli import app as cli
from analytics_lib.core.errors import AccessError, BudgetError, ParameterError, RunError

runner = CliRunner()
FILE = "parameters/datasets/requests/student-results.yaml"
MANAGER, OFFICER = "Research data manager", "Data protection officer"


ROOT = Path(__file__).resolve().parents[3]
KEY = "cd" * 32


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A project whose lake holds the enrolments of the sample."""
    root = tmp_path_factory.mktemp("platform") / "project"
    (root / "notebooks" / "reports").mkdir(parents=True)
    shutil.copytree(ROOT / "parameters", root / "parameters")
    (root / "data").symlink_to(ROOT / "data")
    mapping = root / "parameters" / "sources" / "oulad.yaml"
    content = yaml.safe_load(mapping.read_text())
    content["tables"] = {"enrolments": content["tables"]["enrolments"]}
    mapping.write_text(yaml.safe_dump(content))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setenv("ANALYTICS_PSEUDONYM_KEY", KEY)
        patch.delenv("ANALYTICS_LAKE", raising=False)
        done = runner.invoke(cli.app, ["ingest", str(mapping)])
    assert done.exit_code == 0, done.output
    return root


@pytest.fixture
def project(filled, tmp_path, monkeypatch):
    root = tmp_path / "project"
    shutil.copytree(filled, root, symlinks=True)
    monkeypatch.chdir(root)
    monkeypatch.setenv("ANALYTICS_PSEUDONYM_KEY", KEY)
    monkeypatch.delenv("ANALYTICS_LAKE", raising=False)
    return SimpleNamespace(root=root)


def call(*words):
    done = runner.invoke(cli.app, ["dataset", *words])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def tell(*words):
    return json.loads(call(*words, "--json").stdout)


def show_on_site(root, package):
    """A page about a package, by hand, and the site around it."""
    folder = root / "outputs/site/research_dataset/monthly/2015-06-30"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("A page.")
    shown = {"name": package["name"], "version": package["version"]}
    manifest = {
        "title": "What does it give away?", "run_title": "Monthly", "as_of": "2015-06-30",
        "files": {}, "research_package": shown, "expires_on": package["expires_on"],
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (root / "outputs/site/index.html").write_text("What does it give away?")
    return folder / "index.html"


def test_a_demonstration_is_made_once_and_noted_in_the_audit_log(project):
    demonstration = "parameters/datasets/requests/ou-students-demonstration.yaml"
    assert tell("demonstrate", demonstration)["new"]
    assert "is there already" in call("demonstrate", demonstration).output
    events = (project.root / "outputs" / "audit.jsonl").read_text()
    assert events.count("dataset_released") == 1
    with pytest.raises(ParameterError, match="people decide about it"):
        call("demonstrate", FILE)


def test_a_request_becomes_a_package(project, monkeypatch, tmp_path_factory):
    assert tell("request", FILE)["state"] == "requested"
    with pytest.raises(ParameterError, match="only what is approved"):
        call("release", "student-results", "--by", MANAGER)
    reviewed = tell("review", "student-results", "--by", MANAGER)
    assert reviewed["state"] == "reviewed"
    assert reviewed["achieved"]["k"] >= 10
    assert all(attack["passed"] for attack in reviewed["attacks"])
    with pytest.raises(AccessError):
        call("approve", "student-results", "--by", MANAGER)
    call("approve", "student-results", "--by", OFFICER)
    released = tell("release", "student-results", "--by", MANAGER)
    folder = project.root / released["folder"]
    assert (folder / "data.parquet").is_file()
    assert call("verify", "student-results").exit_code == 0
    assert "as they were released" in call("verify", str(folder)).output
    with monkeypatch.context() as elsewhere:
        elsewhere.chdir(tmp_path_factory.mktemp("recipient"))
        assert "which no register here has" in call("verify", str(folder)).output
    assert "a.example" not in call("list").output
    assert [row["state"] for row in tell("list")] == ["released"]
    assert tell("expire") == {"expired": []}

    reported = ["--kind", "paper", "--title", "A paper", "--by", OFFICER, "--on", "2020-01-01"]
    assert tell("outcome", "student-results", *reported)["state"] == "released"
    table = project.root / "steps.csv"
    assert tell("steps", str(table))["rows"] == 5
    assert "A paper" in table.read_text()
    assert "Dr A. Example" not in table.read_text()

    (folder / "data.csv").write_text("changed")
    with pytest.raises(RunError, match="must not be used"):
        call("verify", "student-results")
    page = show_on_site(project.root, released)
    tell("expire", "student-results", "--by", OFFICER)
    assert "This package expired on" in page.read_text()
    assert "What does it give away?" not in (project.root / "outputs/site/index.html").read_text()
    assert tell("list") == []
    assert len(tell("list", "--all")) == 1
    log = (project.root / "outputs/audit.jsonl").read_text()
    for event in ("requested", "reviewed", "approved", "releasing", "released", "expired"):
        assert f'"dataset_{event}"' in log
    assert "a.example" not in log


def test_a_request_with_synthetic_rows_becomes_a_package(project):
    call("request", "parameters/datasets/requests/student-support.yaml")
    call("review", "student-support", "--by", MANAGER)
    call("approve", "student-support", "--by", OFFICER)
    folder = project.root / tell("release", "student-support", "--by", MANAGER)["folder"]
    report = json.loads((folder / "privacy_report.json").read_text())
    told = report["synthetic"]
    assert told["rate"] == 0.1
    assert told["copies_of_real_rows"] == 0
    # most of what is asked for is possible: origin, a tenth of nine tenths of the learners
    assert told["asked_rows"] == round(0.1 * (report["rows"]["released"] - told["synthetic_rows"]))
    assert 0.5 * told["asked_rows"] < told["synthetic_rows"] <= told["asked_rows"]
    for part in ("real_rows_alone", "all_rows"):
        assert told[part]["k"] >= 10
        assert told[part]["l"] >= 2
        assert told[part]["t"] <= 0.4
    assert call("verify", "student-support").exit_code == 0


def test_tables_of_counts_are_paid_from_the_budget_of_the_data_set(project, tmp_path):
    pytest.importorskip("opendp")
    done = runner.invoke(cli.app, ["privacy", "ledger", "open", "ou_students", "--epsilon", "1"])
    assert done.exit_code == 0, done.output
    content = yaml.safe_load((project.root / FILE).read_text())
    for name, epsilon in (("first", 0.75), ("second", 0.5)):
        asked = {**content, "name": name, "tables": [["gender", "outcome"]], "epsilon": epsilon}
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(asked))
        call("request", str(tmp_path / f"{name}.yaml"))
        call("review", name, "--by", MANAGER)
        call("approve", name, "--by", OFFICER)
    folder = project.root / tell("release", "first", "--by", MANAGER)["folder"]
    # origin: two genders and four outcomes, and a missing one of each
    assert len((folder / "table_1.csv").read_text().splitlines()) == 1 + 3 * 5
    with pytest.raises(BudgetError, match=r"the ledger of `ou_students` has 0\.25 left"):
        call("release", "second", "--by", MANAGER)
    assert {row["name"]: row["state"] for row in tell("list")}["second"] == "approved"


def test_tables_alone_go_the_same_way(project, tmp_path):
    pytest.importorskip("opendp")
    runner.invoke(cli.app, ["privacy", "ledger", "open", "ou_students", "--epsilon", "1"])
    content = yaml.safe_load((project.root / FILE).read_text())
    del content["k"]
    asked = {**content, "fields": [], "tables": [["gender", "outcome"]], "epsilon": 0.5}
    (tmp_path / "alone.yaml").write_text(yaml.safe_dump(asked))
    call("request", str(tmp_path / "alone.yaml"))
    reviewed = call("review", "student-results", "--by", MANAGER).output
    assert "no rows are asked for, and nothing was counted" in reviewed
    assert "people by gender and outcome, 15 cells" in reviewed
    call("approve", "student-results", "--by", OFFICER)
    folder = project.root / tell("release", "student-results", "--by", MANAGER)["folder"]
    assert (folder / "table_1.csv").is_file()
    assert not list(folder.glob("data.*"))
    verified = call("verify", "student-results")
    assert (verified.exit_code, "tables of noisy counts, no rows" in verified.output) == (0, True)


def test_a_request_is_rejected_with_a_reason(project):
    call("request", FILE)
    done = call("reject", "student-results", "--by", OFFICER, "--note", "too many fields")
    assert done.exit_code == 0
    assert tell("list")[0]["state"] == "rejected"


def test_a_request_in_words(project):
    answers = [
        "in-words", "ou_students", "Results", "To learn how results differ between regions of it.",
        "Institute", "Dr Example", "me@university.example", "community building",
        "consent", "standard", "gender, region, outcome", "2013-01-01", "2014-12-31", "",
        "0.1",
    ]  # fmt: skip
    done = runner.invoke(cli.app, ["dataset", "request"], input="\n".join(answers) + "\n")
    assert done.exit_code == 0, done.output
    assert tell("list")[0]["name"] == "in-words"


def test_an_unknown_data_set_is_told_the_nearest(project, tmp_path):
    text = (project.root / FILE).read_text().replace("dataset: ou_students", "dataset: ou_student")
    (tmp_path / "wrong.yaml").write_text(text)
    with pytest.raises(ParameterError, match="Did you mean 'ou_students'"):
        call("request", str(tmp_path / "wrong.yaml"))
