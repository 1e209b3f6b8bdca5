"""Rules in files: read strictly, found by name, and a reason to run again."""

import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.reporting.fingerprint import explain, fingerprint
from analytics_lib.reporting.matrix import run_names
from analytics_lib.reporting.questions import load_question
from analytics_lib.reporting.rules_files import read_insight_rules, read_segment_rules

SEGMENTS = """
segments:
  - name: core
    where: [{column: days, at_least: 8}]
otherwise: rest
"""
INSIGHTS = """
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
GOOD = {"segment_rules": SEGMENTS, "insight_rules": INSIGHTS}
KINDS = pytest.mark.parametrize("kind", GOOD)


def ask_for(project, kind):
    """Let the notebook of the tiny project take rules of that kind."""
    folder = project.parameters / kind
    folder.mkdir()
    (folder / "people.yaml").write_text(GOOD[kind])
    path = project.notebooks / "tiny.ipynb"
    slot = r"label: str = \"a\"  # A word."
    text = path.read_text()
    assert slot in text
    path.write_text(text.replace(slot, slot + rf"\n{kind}: str = \"people\"  # Rules."))
    return project


def test_segment_rules(project):
    rules = read_segment_rules("people", project=ask_for(project, "segment_rules"))
    assert [rule.name for rule in rules.segments] == ["core"]
    assert rules.otherwise == "rest"


def test_insight_rules(project):
    rules = read_insight_rules("people", project=ask_for(project, "insight_rules"))
    assert [one.name for one in rules.comparisons] == ["members"]
    assert [one.limit() for one in rules.rules] == [("above", 0.2)]


def test_the_project_is_found_from_a_folder_below(project, monkeypatch):
    for kind, text in GOOD.items():
        (project.parameters / kind).mkdir()
        (project.parameters / kind / "people.yaml").write_text(text)
    monkeypatch.chdir(project.notebooks)
    assert read_segment_rules("people").otherwise == "rest"
    assert read_insight_rules("people").rules[0].owner == "growth"


@KINDS
def test_rules_are_no_question(project, kind):
    assert run_names(ask_for(project, kind)) == ["tiny/monthly"]


def mistake(kind, text, said, *, id):  # noqa: A002 - pytest's word
    return pytest.param(kind, text, said, id=f"{kind}, {id}")


def segments(old, new, said, *, id):  # noqa: A002 - pytest's word
    return mistake("segment_rules", SEGMENTS.replace(old, new), said, id=id)


def insights(old, new, said, *, id):  # noqa: A002 - pytest's word
    return mistake("insight_rules", INSIGHTS.replace(old, new), said, id=id)


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        segments("otherwise", "othrwise", "Did you mean 'otherwise'", id="word"),
        segments("at_least", "atleast", "Did you mean 'at_least'", id="operator"),
        segments("at_least: 8", "at_least: many", "is 'many'", id="type"),
        segments(", at_least: 8", "", "a condition needs one of", id="no limit"),
        segments("name: core", "nmae: core", "`segments.0.name` is missing", id="no name"),
        segments("at_least: 8", "is: 2024-01-01", "dates must be quoted", id="bare date"),
        mistake("segment_rules", "segments: []\notherwise: a", "`segments` is []", id="no rule"),
        mistake("segment_rules", "", "is empty or no mapping", id="empty"),
        mistake("segment_rules", "segments: [", "not readable YAML", id="broken"),
        insights("sentence", "sentense", "Did you mean 'sentence'", id="word"),
        insights("above", "abve", "Did you mean 'above'", id="operator"),
        insights("above: 0.2", "above: many", "is 'many'", id="type"),
        insights("    above: 0.2\n", "", "exactly one of", id="no limit"),
        insights("measure: means", "measure: mean", "measure", id="measure"),
        insights("    owner: growth\n", "", "`rules.0.owner` is missing", id="no owner"),
        mistake("insight_rules", "rules: [", "not readable YAML", id="broken"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_before_anything_starts(project, kind, text, said):
    ask_for(project, kind)
    (project.parameters / kind / "people.yaml").write_text(text)
    with pytest.raises(ParameterError, match=f"parameters/{kind}/people") as refused:
        load_question(project, "tiny/monthly")
    assert said in str(refused.value)


@KINDS
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("poeple", "Did you mean 'people'"),
        ("../tiny/monthly", r"rules are \['people'\]"),
        ("people.yaml", "Did you mean 'people'"),
    ],
)
def test_rules_that_are_not_there(project, kind, name, said):
    ask_for(project, kind)
    (project.parameters / "tiny" / "monthly.yaml").write_text(
        f"title: Monthly\nparameters: {{{kind}: {name}}}\n"
    )
    with pytest.raises(ParameterError, match=said):
        load_question(project, "tiny/monthly")


@KINDS
def test_changed_rules_are_a_reason_to_run(project, kind):
    question = load_question(ask_for(project, kind), "tiny/monthly")
    before = fingerprint(project, question, tables={})
    assert fingerprint(project, question, tables={}) == before
    file = project.parameters / kind / "people.yaml"
    file.write_text(file.read_text().replace("8", "9").replace("0.2", "0.3"))
    after = fingerprint(project, load_question(project, "tiny/monthly"), tables={})
    words = {"segment_rules": "segment rules", "insight_rules": "insight rules"}
    assert explain(before, after) == [f"the {words[kind]} changed"]


def test_other_reports_do_not_depend_on_rules(project):
    parts = fingerprint(project, load_question(project, "tiny/monthly"), tables={})
    assert not {"segment rules", "insight rules"} & {*parts}
