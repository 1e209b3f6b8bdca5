"""Insight rules in files: read strictly, found by name, and a reason to run again."""

import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.reporting.fingerprint import explain, fingerprint
from analytics_lib.reporting.insight_rules_file import read_insight_rules
from analytics_lib.reporting.matrix import run_names
from analytics_lib.reporting.questions import load_question

GOOD = """
comparisons:
  - name: members
    table: people
    measure: means
    value: actions
    group: members
    base: others
    where: [{column: is_member, is: true}]
    did: as active
rules:
  - name: churn
    kind: alert
    result: churn
    above: 0.2
    sentence: Many leave.
    severity: warning
    owner: growth
"""


@pytest.fixture
def ruled(project):
    """The tiny project, whose notebook is asked for insights by rules."""
    project.insight_rules.mkdir()
    (project.insight_rules / "people.yaml").write_text(GOOD)
    path = project.notebooks / "tiny.ipynb"
    slot = r"label: str = \"a\"  # A word."
    text = path.read_text()
    assert slot in text
    path.write_text(text.replace(slot, slot + r"\ninsight_rules: str = \"people\"  # Rules."))
    return project


def test_good_rules(ruled):
    rules = read_insight_rules("people", project=ruled)
    assert [one.name for one in rules.comparisons] == ["members"]
    assert [one.limit() for one in rules.rules] == [("above", 0.2)]


def test_the_project_is_found_from_a_folder_below(ruled, monkeypatch):
    monkeypatch.chdir(ruled.notebooks)
    assert read_insight_rules("people").rules[0].owner == "growth"


def test_rules_are_no_question(ruled):
    assert run_names(ruled) == ["tiny/monthly"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(GOOD.replace("sentence", "sentense"), "Did you mean 'sentence'", id="word"),
        pytest.param(GOOD.replace("above", "abve"), "Did you mean 'above'", id="operator"),
        pytest.param(GOOD.replace("above: 0.2", "above: many"), "is 'many'", id="type"),
        pytest.param(GOOD.replace("    above: 0.2\n", ""), "exactly one of", id="no limit"),
        pytest.param(GOOD.replace("measure: means", "measure: mean"), "measure", id="measure"),
        pytest.param(GOOD.replace("    owner: growth\n", ""), "`rules.0.owner` is missing",
                     id="no owner"),
        pytest.param("rules: [", "not readable YAML", id="broken"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_before_anything_starts(ruled, text, said):
    (ruled.insight_rules / "people.yaml").write_text(text)
    with pytest.raises(ParameterError, match="parameters/insight_rules/people") as refused:
        load_question(ruled, "tiny/monthly")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("poeple", "Did you mean 'people'"),
        ("../tiny/monthly", r"rules are \['people'\]"),
        ("people.yaml", "Did you mean 'people'"),
    ],
)
def test_rules_that_are_not_there(ruled, name, said):
    (ruled.parameters / "tiny" / "monthly.yaml").write_text(
        f"title: Monthly\nparameters: {{insight_rules: {name}}}\n"
    )
    with pytest.raises(ParameterError, match=said):
        load_question(ruled, "tiny/monthly")


def test_changed_rules_are_a_reason_to_run(ruled):
    question = load_question(ruled, "tiny/monthly")
    before = fingerprint(ruled, question, tables={})
    assert fingerprint(ruled, question, tables={}) == before
    (ruled.insight_rules / "people.yaml").write_text(GOOD.replace("0.2", "0.3"))
    after = fingerprint(ruled, load_question(ruled, "tiny/monthly"), tables={})
    assert explain(before, after) == ["the insight rules changed"]


def test_other_reports_do_not_depend_on_rules(project):
    question = load_question(project, "tiny/monthly")
    assert "insight rules" not in fingerprint(project, question, tables={})
