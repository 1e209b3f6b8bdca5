"""Questions are refused before anything starts, each mistake named with the nearest valid name."""

import json

import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.reporting.models import model_of
from analytics_lib.reporting.notebook import read_notebook
from analytics_lib.reporting.project import find_project
from analytics_lib.reporting.questions import load_question, select_questions


def write_run(project, text, name="monthly"):
    (project.parameters / "tiny" / f"{name}.yaml").write_text(text)


def edit_notebook(project, change):
    path = project.notebooks / "tiny.ipynb"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def test_a_good_question_has_every_parameter_with_its_value(project):
    question = load_question(project, "tiny/monthly")
    assert question.parameters == {"n": 3, "label": "a"}
    assert question.notebook.title == "How many?"
    assert question.spec.exports == ["csv", "xlsx"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("titel: x\n", "Did you mean 'title'?", id="unknown name"),
        pytest.param("schedule: '0 6 1 * *'\n", "`title` is missing", id="missing name"),
        pytest.param(
            "title: x\nparameters: {nn: 3}\n", "`nn` is unknown, valid names are ['label', 'n']",
            id="unknown parameter",
        ),
        pytest.param(
            "title: x\nparameters: {labl: b}\n", "Did you mean 'label'?", id="misspelt parameter"
        ),
        pytest.param(
            "title: x\nparameters: {n: '3'}\n", "`n` is '3'; it must be a valid integer", id="type"
        ),
        pytest.param("title: x\nparameters: {n: 3.5}\n", "`n` is 3.5", id="no rounding"),
        pytest.param("title: '  '\n", "`title` is '  '; it fails: it holds no word", id="blanks"),
        pytest.param(
            "title: x\ntimeout_minutes: .inf\n",
            "`timeout_minutes` is inf; it must be less than or equal to 10080", id="no end",
        ),
        pytest.param(
            "title: x\nexports: [csv, csv]\n", "it names 'csv' twice; say it once",
            id="an export twice",
        ),
        pytest.param(
            "title: x\nparameters: {as_of: '2014-01-31'}\n", "`as_of` is unknown",
            id="the press sets as_of",
        ),
        pytest.param(
            "title: x\nparameters: {label: 2014-01-31}\n",
            "bare date 2014-01-31; dates must be quoted", id="bare date",
        ),
        pytest.param(
            "title: x\nparameters: {label: 2014-02-30}\n", "a date that does not exist",
            id="bare date that does not exist",
        ),
        pytest.param(
            "title: x\nparameters:\n  n: 3\n  n: 30\n",
            "says `n` more than once (lines [3, 4])", id="said twice",
        ),
        pytest.param("title: x\ntitle: y\n", "says `title` more than once", id="two titles"),
        pytest.param("title: x\nparameters: &a {n: *a}\n", "contains itself", id="endless"),
        pytest.param(
            "title: x\nparameters: {n: 3}\nmatrix: {n: [1]}\n",
            "under `parameters` and under `matrix`", id="one value and many",
        ),
        pytest.param(
            "title: x\nschedule: 0 0 6 1 * *\n", "Wrong number of fields", id="seconds in cron"
        ),
        pytest.param("title: x\nschedule: 61 * * * *\n", "`schedule` is '61 * * * *'", id="cron"),
        pytest.param("title: x\nzone: Europe/Londn\n", "Did you mean 'Europe/London'?", id="zone"),
        pytest.param("title: x\naudience: all\n", "`audience` is 'all'", id="choice"),
        pytest.param("title: [x\n", "is not readable YAML (line 2)", id="broken YAML"),
        pytest.param("", "is empty or no mapping", id="empty"),
        pytest.param("- a\n", "is empty or no mapping", id="a list"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(project, text, said):
    write_run(project, text)
    with pytest.raises(ParameterError) as caught:
        load_question(project, "tiny/monthly")
    assert said in str(caught.value)
    assert "tiny/monthly" in str(caught.value)
    assert caught.value.exit_code == 2


def test_every_mistake_is_told_at_once(project):
    write_run(project, "titel: x\nzone: 3\n")
    with pytest.raises(
        ParameterError, match=r"`title` is missing.*`zone` is 3.*`titel` is unknown"
    ):
        load_question(project, "tiny/monthly")


def test_an_unknown_run_or_report_is_named_with_the_nearest(project):
    with pytest.raises(ParameterError, match="Did you mean 'tiny/monthly'"):
        load_question(project, "tiny/montly")
    with pytest.raises(ParameterError, match=r"no report `tinny`.*Did you mean 'tiny'"):
        load_question(project, "tinny/monthly")
    with pytest.raises(ParameterError, match="Did you mean 'tiny'"):
        select_questions(project, ["tinny"])


def test_a_report_name_means_all_its_runs_once(project):
    write_run(project, "title: Weekly\n", name="weekly")
    names = [question.name for question in select_questions(project, ["tiny", "tiny/weekly"])]
    assert names == ["tiny/monthly", "tiny/weekly"]
    assert [question.name for question in select_questions(project, [])] == names


def test_overrides_replace_values_and_change_the_digest(project):
    plain = load_question(project, "tiny/monthly")
    other = load_question(project, "tiny/monthly", overrides={"n": 4})
    assert other.parameters["n"] == 4
    assert other.sha256 != plain.sha256
    assert load_question(project, "tiny/monthly").sha256 == plain.sha256


def test_outputs_and_editor_metadata_do_not_change_the_digest(project):
    before = read_notebook(project.notebooks / "tiny.ipynb").sha256

    def touch(content):
        content["cells"][2]["execution_count"] = 5
        content["metadata"]["language_info"] = {"name": "python"}

    edit_notebook(project, touch)
    assert read_notebook(project.notebooks / "tiny.ipynb").sha256 == before

    def change(content):
        content["cells"][2]["source"] = ["x = n\n", "y = x"]

    edit_notebook(project, change)
    assert read_notebook(project.notebooks / "tiny.ipynb").sha256 != before


def set_source(number, source):
    def change(content):
        content["cells"][number]["source"] = source

    return change


def drop_card(content):
    del content["metadata"]["analytics"]


def drop_tag(content):
    content["cells"][1]["metadata"]["tags"] = []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(set_source(0, "no heading"), "no first-level heading", id="no question"),
        pytest.param(drop_card, "`reads` is missing; `results` is missing", id="no card"),
        pytest.param(drop_tag, "has 0 cells tagged 'parameters'", id="no parameters cell"),
        pytest.param(set_source(1, "n = 3"), "line 1 of the parameters cell", id="not annotated"),
        pytest.param(
            set_source(1, "n: int = 3  # N."), "does not declare ['as_of', 'table_versions']",
            id="press parameters missing",
        ),
    ],
)  # fmt: skip
def test_a_notebook_that_does_not_say_what_it_is_is_refused(project, change, said):
    edit_notebook(project, change)
    with pytest.raises(ParameterError) as caught:
        load_question(project, "tiny/monthly")
    assert said in str(caught.value)


def test_an_unreadable_notebook_is_refused(project):
    (project.notebooks / "tiny.ipynb").write_text("{")
    with pytest.raises(ParameterError, match="not a readable notebook"):
        load_question(project, "tiny/monthly")


def test_a_type_the_press_does_not_know_is_refused(project):
    source = 'as_of: str = ""  # D.\ntable_versions: dict = {}  # V.\nn: complex = 3  # N.'
    edit_notebook(project, set_source(1, source))
    with pytest.raises(ParameterError, match="`n` of `tiny` is annotated 'complex'"):
        model_of(read_notebook(project.notebooks / "tiny.ipynb"))


def test_the_help_of_a_parameter_is_its_trailing_comment(project):
    slots = {slot.name: slot for slot in read_notebook(project.notebooks / "tiny.ipynb").slots}
    assert slots["n"].help == "Days after the first."
    assert slots["n"].default == 7


def test_a_project_is_found_from_below_and_missed_outside(project, tmp_path_factory):
    assert find_project(project.notebooks).root == project.root.resolve()
    with pytest.raises(ParameterError, match="No project at"):
        find_project(tmp_path_factory.mktemp("elsewhere"))


def test_a_report_that_reads_no_table_must_be_about_a_research_package(project):
    edit_notebook(project, lambda c: c["metadata"]["analytics"].update(reads=[]))
    with pytest.raises(ParameterError, match=r"reads nothing.*`research_package`"):
        load_question(project, "tiny/monthly")
