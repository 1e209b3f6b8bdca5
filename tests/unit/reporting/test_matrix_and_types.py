"""Matrix runs, parameter types, secrets and the schema for editors."""

import json
from html import escape
from types import SimpleNamespace

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from analytics_lib.cli.app import app
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.strict import StrictModel, validate
from analytics_lib.reporting.batch import run_batch
from analytics_lib.reporting.matrix import matrix_cells, run_names
from analytics_lib.reporting.outcomes import last_state
from analytics_lib.reporting.parameter_types import Date, Month, PeriodName, Quarter
from analytics_lib.reporting.planning import plan_due
from analytics_lib.reporting.questions import load_question, select_questions
from analytics_lib.reporting.secrets import hide_secrets

MATRIX = "title: Each\nmatrix:\n  n: [1, 2]\n  label: [North East, b]\n"


class Asked(StrictModel):
    """One parameter of each type."""

    day: Date = "2024-05-01"
    month: Month = "2024-05"
    quarter: Quarter = "2024-Q2"
    period: PeriodName = "last_month"


def test_each_combination_is_a_run_of_its_own(project):
    (project.parameters / "tiny" / "each.yaml").write_text(MATRIX)
    assert run_names(project) == [
        "tiny/each--1-b", "tiny/each--1-north_east", "tiny/each--2-b", "tiny/each--2-north_east",
        "tiny/monthly",
    ]  # fmt: skip
    question = load_question(project, "tiny/each--2-north_east")
    assert question.parameters == {"n": 2, "label": "North East"}
    assert question.spec.title == "Each, n 2, label North East"
    assert len(select_questions(project, ["tiny/each"])) == 4
    assert len(select_questions(project, ["tiny"])) == 5
    assert len({made.sha256 for made in select_questions(project, [])}) == 5


@pytest.mark.parametrize("name", ["tiny/each", "tiny/each--3-b", "tiny/monthly--1"])
def test_a_combination_that_is_not_asked_is_named(project, name):
    (project.parameters / "tiny" / "each.yaml").write_text(MATRIX)
    with pytest.raises(ParameterError, match="There is no run"):
        load_question(project, name)


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        ({"n": 3}, "must map parameters to lists"),
        ({"n": []}, "must map parameters to lists"),
        ({"n": ["a b", "a_b"]}, "would both be called 'a_b'"),
        ({"n": ["!"]}, "would both be called ''"),
        ({"n": list(range(501))}, "at most 500"),
    ],
)
def test_a_matrix_that_makes_no_places_is_refused(matrix, said):
    with pytest.raises(ParameterError) as caught:
        matrix_cells(matrix, name="tiny/each")
    assert said in str(caught.value)


def test_a_wrong_value_in_a_matrix_is_named(project):
    (project.parameters / "tiny" / "each.yaml").write_text("title: E\nmatrix: {n: [1, x]}\n")
    with pytest.raises(ParameterError, match="`n` is 'x'"):
        load_question(project, "tiny/each--x")


def test_a_broken_file_is_still_a_run(project):
    (project.parameters / "tiny" / "each.yaml").write_text("matrix: [1")
    assert "tiny/each" in run_names(project)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"day": "2024-02-30"}, "no such day"),
        ({"day": "1 May"}, "ISO date"),
        ({"month": "2024-13"}, "no such month"),
        ({"month": "2024"}, "a month such as '2024-05'"),
        ({"quarter": "2024-05"}, "a quarter such as '2024-Q2'"),
        ({"quarter": "2024-Q5"}, "no such quarter"),
        ({"period": "lst_month"}, "Did you mean 'last_month'?"),
    ],
)
def test_a_value_that_is_no_such_thing_is_refused(given, said):
    with pytest.raises(ParameterError) as caught:
        validate(Asked, given, name="x")
    assert said in str(caught.value)


def test_good_values_pass_as_they_are():
    given = {"day": "2024-02-29", "month": "2023-12", "quarter": "2023-Q1", "period": "last_7_days"}
    assert validate(Asked, given, name="x").model_dump() == given
    with pytest.raises(ValidationError):
        Asked(day=20240229)  # type: ignore[arg-type]


def test_the_schema_knows_every_parameter(project, monkeypatch):
    monkeypatch.chdir(project.root)
    result = CliRunner().invoke(app, ["schema", "tiny"])
    schema = json.loads(result.stdout)
    asked = schema["properties"]["parameters"]
    assert asked["properties"]["n"]["type"] == "integer"
    assert asked["properties"]["n"]["description"] == "Days after the first."
    assert asked["additionalProperties"] is False
    assert schema["properties"]["matrix"]["propertyNames"]["enum"] == ["label", "n"]


@pytest.fixture
def secretive(lake_project):
    """The tiny run with a secret, and a way to set what its notebook does with it."""
    path = lake_project.parameters / "tiny" / "monthly.yaml"
    path.write_text(path.read_text() + "secrets: [TINY_TOKEN]\n")

    def set_answer(source):
        notebook = lake_project.notebooks / "tiny.ipynb"
        content = json.loads(notebook.read_text())
        content["cells"][-1]["source"] = "import os\nfrom analytics_lib import display\n" + source
        notebook.write_text(json.dumps(content))

    return SimpleNamespace(project=lake_project, set_answer=set_answer)


def run(project, now):
    plans = plan_due(project, select_questions(project, []), now=now)
    return run_batch(project, plans, workers=1)[0]


SHOWN = 'display.answer("Forty", id="answer", results={"users": 40 * bool(token)})'


def everything_written(project):
    return [path.read_bytes() for path in (project.root / "outputs").rglob("*") if path.is_file()]


def test_a_secret_is_used_and_written_nowhere(secretive, now, monkeypatch):
    monkeypatch.setenv("TINY_TOKEN", "s3cret-value")
    secretive.set_answer('token = os.environ["TINY_TOKEN"]\n' + SHOWN)
    assert run(secretive.project, now).status == "published"
    assert not any(b"s3cret-value" in content for content in everything_written(secretive.project))


@pytest.mark.parametrize(
    "source",
    [
        SHOWN.replace('"Forty"', '"Forty " + token'),
        "print(token)\nraise ValueError(token)",
        "from analytics_lib.core.errors import ParameterError\nraise ParameterError(token)",
    ],
    ids=["on the page", "in a traceback", "in an error of ours"],
)
def test_a_leaking_notebook_is_held_and_its_traces_are_cleaned(secretive, now, monkeypatch, source):
    monkeypatch.setenv("TINY_TOKEN", "s3cret-value")
    secretive.set_answer('token = os.environ["TINY_TOKEN"]\n' + source)
    outcome = run(secretive.project, now)
    assert outcome.status == "failed"
    assert "s3cret-value" not in outcome.error
    assert "s3cret-value" not in json.dumps(last_state(secretive.project, "tiny/monthly"))
    assert not any(b"s3cret-value" in content for content in everything_written(secretive.project))


def test_a_secret_that_is_not_set_stops_the_run(secretive, now, monkeypatch):
    monkeypatch.delenv("TINY_TOKEN", raising=False)
    outcome = run(secretive.project, now)
    assert outcome.exit_code == 6
    assert "['TINY_TOKEN']" in outcome.error


def test_a_secret_is_named_as_variables_are(project):
    path = project.parameters / "tiny" / "monthly.yaml"
    path.write_text(path.read_text() + "secrets: [s3cret-value]\n")
    with pytest.raises(ParameterError, match="secrets"):
        load_question(project, "tiny/monthly")


def test_a_secret_is_hidden_however_a_run_wrote_it(tmp_path):
    secret = "pass\"wo\\rd'<1>"  # what JSON, pages and Python write otherwise than it is
    (tmp_path / "executed.ipynb").write_text(json.dumps({"text": secret, "page": escape(secret)}))
    (tmp_path / "kernel.log").write_text(f"{secret!r} {secret} {escape(secret)}")
    hide_secrets(tmp_path, [secret])
    assert json.loads((tmp_path / "executed.ipynb").read_text()) == {
        "text": "[secret]", "page": "[secret]",
    }  # fmt: skip
    # origin: repr() puts quotes around what it writes
    assert (tmp_path / "kernel.log").read_text() == "'[secret]' [secret] [secret]"
