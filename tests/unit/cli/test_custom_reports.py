"""`analytics report` and `analytics lint`, as a person and a program use them."""

import json
import shutil
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from analytics_lib.cli.app import app
from analytics_lib.core.errors import ParameterError

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def inside(lake_project, monkeypatch):
    """The tiny project with the notebook of custom reports, as the current folder."""
    shutil.copy(ROOT / "notebooks/reports/custom.ipynb", lake_project.notebooks)
    monkeypatch.chdir(lake_project.root)
    return lake_project


def call(*words, said=None):
    return CliRunner().invoke(app, list(words), input=said)


def written(project, name):
    return yaml.safe_load((project.parameters / "custom" / f"{name}.yaml").read_text())


def test_new_asks_and_writes_what_check_accepts(inside):
    answers = ["Weekly", "Is anybody there?", "", "active_users:week", "", "lifecycle",
               "stickines", "active_users:week:event_type chart=pie",
               "active_users:week:event_type", ""]  # fmt: skip
    done = call("report", "new", "weekly", said="\n".join([*answers, ""]))
    assert done.exit_code == 0, done.exception
    # what is wrong is told at once and asked again, nothing else is lost
    assert "needs a `period`" in done.output
    assert "Did you mean 'stickiness'" in done.output
    assert "`chart`" in done.output
    assert done.output.count("Chart 1") == 4
    assert "analytics run custom/weekly" in done.output
    assert written(inside, "weekly") == {
        "title": "Weekly",
        "parameters": {
            "question": "Is anybody there?",
            "tiles": [{"metric": "active_users", "period": "week"}],
            "sections": [{"metric": "active_users", "period": "week", "by": ["event_type"]}],
        },
    }
    assert "custom/weekly: good; reads events" in call("report", "check").output


def test_new_asks_nothing_where_options_say_it_all(inside):
    words = ["--no-ask", "--question", "Why?", "--lake", "ecom", "--tile", "stickiness",
             "--section", "active_users:month", "--columns", "2", "--text", "Words."]  # fmt: skip
    assert call("report", "new", "two_words", *words).exit_code == 0
    made = written(inside, "two_words")
    assert (made["title"], made["lake"]) == ("two words", "ecom")
    assert (made["parameters"]["columns"], made["parameters"]["text"]) == (2, "Words.")


def test_what_a_metric_needs_and_what_is_shown_can_be_said_in_short(inside):
    words = ["--no-ask", "--tile", "day_n_retention n=7 label='Back after a week'",
             "--tile", "funnel steps=[view,buy] pick.name=buy value=of_first target=0.5",
             "--section", "funnel steps=[view,buy] chart=bar title='Where are they lost?'",
             "--section", "active_users:week where.event_type=view last=8"]  # fmt: skip
    done = call("report", "new", "more", *words)
    assert done.exit_code == 0, done.exception
    steps = {"steps": ["view", "buy"]}
    assert written(inside, "more")["parameters"] == {
        "question": "How are we doing?",
        "tiles": [
            {"metric": "day_n_retention", "arguments": {"n": 7}, "label": "Back after a week"},
            {"metric": "funnel", "arguments": steps, "pick": {"name": "buy"},
             "value": "of_first", "target": 0.5},
        ],
        "sections": [
            {"metric": "funnel", "arguments": steps, "chart": "bar",
             "title": "Where are they lost?"},
            {"metric": "active_users", "period": "week", "where": {"event_type": "view"},
             "last": 8},
        ],
    }  # fmt: skip
    assert "custom/more: good" in call("report", "check", "more").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["other", "--tile", "day_n_retention 7"], "is no measure"),
        (["other", "--tile", "day_n_retention =7"], "is no measure"),
        (["other", "--tile", "stickiness label='half"], "is no measure"),
        (["other", "--tile", ""], "is no measure"),
        (["other", "--tile", "funnel steps=[view"], "must be a value of YAML"),
        (["other", "--tile", "day_n_retention m=7"], "has no argument `m`"),
        (["other", "--tile", "day_n_retention"], "needs the arguments ['n']"),
        (["twice", "--tile", "stickiness"], "exists; give another name"),
        (["Two Words", "--tile", "stickiness"], "lower-case letters"),
        (["other"], "the first key figure is the answer"),
        (["other", "--tile", "stickines"], "Did you mean 'stickiness'"),
        (["other", "--tile", "a:b:c:d"], "is no measure"),
        (["other", "--tile", ":month"], "is no measure"),
        (["other", "--tile", "stickiness", "--question", "Because."], "`question`"),
        (["other", "--tile", "stickiness", "--lake", "My lake"], "`lake`"),
    ],
)
def test_new_refuses_and_writes_nothing(inside, words, said):
    call("report", "new", "twice", "--no-ask", "--tile", "stickiness")
    before = (inside.parameters / "custom" / "twice.yaml").read_text()
    result = call("report", "new", *words, "--no-ask")
    assert isinstance(result.exception, ParameterError)
    assert said in str(result.exception)
    assert [path.name for path in (inside.parameters / "custom").iterdir()] == ["twice.yaml"]
    assert (inside.parameters / "custom" / "twice.yaml").read_text() == before


def test_check_explains_every_mistake_of_every_file(inside):
    call("report", "new", "good", "--no-ask", "--tile", "active_users:month")
    folder = inside.parameters / "custom"
    bad = {"title": "x", "parameters": {"tiles": [
        {"metric": "active_user"}, {"metric": "stickiness", "period": "day"},
    ]}}  # fmt: skip
    (folder / "bad.yaml").write_text(yaml.safe_dump(bad))
    (folder / "broken.yaml").write_text("title: [")
    money = {"title": "x", "parameters": {"tiles": [{"metric": "revenue", "period": "month"}]}}
    (folder / "money.yaml").write_text(yaml.safe_dump(money))
    result = call("report", "check")
    assert result.exit_code == 2
    for words in ("custom/good: good", "`tiles.0`: There is no metric `active_user`",
                  "`tiles.1`: `stickiness` has no periods", "broken.yaml is not readable YAML",
                  "has no table `payments`", "3 of 4 custom reports hold mistakes"):  # fmt: skip
        assert words in result.output
    verdicts = json.loads(call("report", "check", "--json").stdout)
    assert [len(verdict["mistakes"]) for verdict in verdicts] == [2, 1, 0, 1]
    assert call("report", "check", "custom/good").exit_code == 0
    assert "Did you mean 'good'" in str(call("report", "check", "goood").exception)


def test_a_custom_report_is_published_with_its_own_question(inside):
    call("report", "new", "mine", "--no-ask", "--question", "Are there <any> at all?",
         "--tile", "active_users:month", "--section", "active_users:month")  # fmt: skip
    done = call("run", "custom/mine", "--workers", "1", "--json")
    assert done.exit_code == 0, done.output
    page = next(inside.site.glob("custom/mine/*/index.html")).read_text()
    assert "Are there &lt;any&gt; at all?</h1>" in page
    assert "What do the numbers say" not in page
    assert "suppressed" in page  # two people
    manifest = json.loads(next(inside.site.glob("custom/mine/*/manifest.json")).read_text())
    assert manifest["title"] == "Are there <any> at all?"
    assert list(manifest["table_versions"]) == ["events"]


def test_a_wrong_custom_report_starts_nothing(inside):
    folder = inside.parameters / "custom"
    folder.mkdir()
    (folder / "bad.yaml").write_text(
        "title: x\nparameters: {tiles: [{metric: active_users, period: month, by: [plaform]}]}\n"
    )
    result = call("run", "custom/bad")
    assert isinstance(result.exception, ParameterError)
    assert "Did you mean 'platform'" in str(result.exception)
    assert not inside.runs.exists()


def test_lint_names_notebook_cell_rule_and_remedy(inside):
    assert "Every notebook is a page." in call("lint", "custom").output
    path = inside.notebooks / "custom.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"][3]["source"] = "day = dt.date.today()"
    path.write_text(json.dumps(notebook))
    result = call("lint", "notebooks/reports/custom.ipynb")
    assert result.exit_code == 2
    assert "custom:load: no clock: it asks the clock: dt.date.today; use `as_of`" in result.output
    found = json.loads(call("lint", "custom", "--json").stdout)
    assert [(f["notebook"], f["cell"], f["rule"]) for f in found] == [
        ("custom", "load", "no clock")
    ]
    assert "Did you mean 'custom'" in str(call("lint", "custm").exception)
    path.write_text("{}")
    assert "not a readable notebook" in str(call("lint", "custom").exception)


def test_the_notebooks_of_this_project_are_pages(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert json.loads(call("lint", "--json").stdout) == []
