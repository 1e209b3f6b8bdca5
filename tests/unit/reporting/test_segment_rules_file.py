"""Segment rules in files: read strictly, found by name, and a reason to run again."""

import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.reporting.fingerprint import explain, fingerprint
from analytics_lib.reporting.matrix import run_names
from analytics_lib.reporting.questions import load_question
from analytics_lib.reporting.segment_rules_file import read_segment_rules

GOOD = """
segments:
  - name: core
    where: [{column: days, at_least: 8}]
otherwise: rest
"""


@pytest.fixture
def ruled(project):
    """The tiny project, whose notebook is asked for segments by rules."""
    project.segment_rules.mkdir()
    (project.segment_rules / "people.yaml").write_text(GOOD)
    path = project.notebooks / "tiny.ipynb"
    slot = r"label: str = \"a\"  # A word."
    text = path.read_text()
    assert slot in text
    path.write_text(text.replace(slot, slot + r"\nsegment_rules: str = \"people\"  # Rules."))
    return project


def test_good_rules(ruled):
    rules = read_segment_rules("people", project=ruled)
    assert [rule.name for rule in rules.segments] == ["core"]
    assert rules.otherwise == "rest"


def test_the_project_is_found_from_a_folder_below(ruled, monkeypatch):
    monkeypatch.chdir(ruled.notebooks)
    assert read_segment_rules("people").otherwise == "rest"


def test_rules_are_no_question(ruled):
    assert run_names(ruled) == ["tiny/monthly"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(GOOD.replace("otherwise", "othrwise"), "Did you mean 'otherwise'", id="word"),
        pytest.param(GOOD.replace("at_least", "atleast"), "Did you mean 'at_least'", id="operator"),
        pytest.param(GOOD.replace("at_least: 8", "at_least: many"), "is 'many'", id="type"),
        pytest.param(GOOD.replace(", at_least: 8", ""), "a condition needs one of", id="no limit"),
        pytest.param(GOOD.replace("name: core", "nmae: core"), "`segments.0.name` is missing",
                     id="no name"),
        pytest.param("segments: []\notherwise: rest\n", "`segments` is []", id="no rule"),
        pytest.param("", "is empty or no mapping", id="empty"),
        pytest.param("segments: [", "not readable YAML", id="broken"),
        pytest.param(GOOD.replace("at_least: 8", "is: 2024-01-01"), "dates must be quoted",
                     id="bare date"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_before_anything_starts(ruled, text, said):
    (ruled.segment_rules / "people.yaml").write_text(text)
    with pytest.raises(ParameterError, match="parameters/segment_rules/people") as refused:
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
        f"title: Monthly\nparameters: {{segment_rules: {name}}}\n"
    )
    with pytest.raises(ParameterError, match=said):
        load_question(ruled, "tiny/monthly")


def test_changed_rules_are_a_reason_to_run(ruled):
    question = load_question(ruled, "tiny/monthly")
    before = fingerprint(ruled, question, tables={})
    assert fingerprint(ruled, question, tables={}) == before
    (ruled.segment_rules / "people.yaml").write_text(GOOD.replace("8", "9"))
    after = fingerprint(ruled, load_question(ruled, "tiny/monthly"), tables={})
    assert explain(before, after) == ["the segment rules changed"]


def test_other_reports_do_not_depend_on_rules(project):
    question = load_question(project, "tiny/monthly")
    assert "segment rules" not in fingerprint(project, question, tables={})
