"""Declared sums of what people contributed: protected as the policy asks, or held."""

import json

import polars as pl
import pytest

import analytics_lib as al
from analytics_lib import display
from analytics_lib.core.errors import DisclosureError, ParameterError, SchemaError
from analytics_lib.reporting.batch import run_batch
from analytics_lib.reporting.gate.policy import DisclosurePolicy, load_policy
from analytics_lib.reporting.gate.release import judge_content
from analytics_lib.reporting.payloads import Payload, payload_of
from analytics_lib.reporting.planning import plan_due
from analytics_lib.reporting.questions import select_questions

COLUMNS = [{"name": "place", "unit": None}, {"name": "kg", "unit": "kg"}]


def policy(**dominance):
    return DisclosurePolicy(
        owner="Ann", minimum_count=10, person_units=["users"], dominance=dominance or None
    )


def sums(rows=(("a", 900.0),)):
    return Payload(
        kind="table", id="places", title="T", columns=COLUMNS, rows=[*map(list, rows)], results={}
    )


def proof(rule, *, objects=("places",)):
    frame = pl.DataFrame({"dominance_rule": [json.dumps(rule)] * 2})
    return payload_of(display.protected_sums(frame, objects=objects).to_payload())


def judge(*payloads, policy, declared=("places",)):
    return judge_content(
        payloads, tables={}, earlier=[], policy=policy, override=None, sums=declared, name="r"
    )


def test_declared_sums_without_protection_are_held():
    with pytest.raises(DisclosureError, match="dominance in `places`: its sums"):
        judge(sums(), policy=policy(p=10))
    assert judge(sums(), policy=policy(p=10), declared=()).findings == ()
    assert judge(sums(), policy=policy()).findings == ()
    assert judge(sums(rows=()), policy=policy(p=10)).findings == ()


@pytest.mark.parametrize(
    ("rule", "safe"),
    [
        ({"p": 10, "n": None, "k": None}, True),
        ({"p": 12, "n": None, "k": None}, True),
        ({"p": 9, "n": None, "k": None}, False),
        ({}, False),
        ({"p": 0}, False),
        ({"q": 10}, False),
    ],
)
def test_the_rule_must_be_as_strict_as_that_of_the_policy(rule, safe):
    page = (sums(), proof(rule))
    if safe:
        assert judge(*page, policy=policy(p=10)).protected_sums == ("places",)
    else:
        with pytest.raises(DisclosureError, match="dominance in `places`"):
            judge(*page, policy=policy(p=10))


def test_proof_of_something_else_proves_nothing():
    with pytest.raises(DisclosureError, match="dominance in `places`"):
        judge(sums(), proof({"p": 10}, objects=["other"]), policy=policy(p=10))
    with pytest.raises(DisclosureError, match="`gone`: the card declares sums of it"):
        judge(sums(), proof({"p": 10}), policy=policy(p=10), declared=["places", "gone"])


def test_the_numbers_of_the_rule_are_not_published():
    published = json.dumps(proof({"p": 12.5, "n": None, "k": None}).to_dict())
    assert "12.5" not in published
    shown = display.protected_sums(
        pl.DataFrame({"dominance_rule": ['{"p": 12.5}']}), objects=["places"]
    )
    assert "12.5" not in shown.to_html() + shown.to_text()
    assert "held back" in shown.to_html()


def test_a_note_without_proof_is_refused():
    with pytest.raises(SchemaError, match="dominance_rule"):
        display.protected_sums(pl.DataFrame({"kg": [1.0]}), objects=["places"])
    with pytest.raises(SchemaError, match="2 rules"):
        display.protected_sums(
            pl.DataFrame({"dominance_rule": ['{"p": 1}', '{"p": 2}']}), objects=["places"]
        )
    with pytest.raises(ParameterError, match="`objects` is empty"):
        display.protected_sums(pl.DataFrame({"dominance_rule": ["{}"]}), objects=[])
    nothing = pl.DataFrame({"dominance_rule": []}, schema={"dominance_rule": pl.String})
    assert display.protected_sums(nothing, objects=["places"]).rule == {}


def test_the_policy_names_the_rule(project, monkeypatch):
    project.notebooks.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(project.root)
    path = project.disclosure_policy
    base = "owner: Ann\nminimum_count: 10\nperson_units: [users]\n"
    path.write_text(base)
    with pytest.raises(ParameterError, match="names no `dominance`"):
        al.dominance_rule()
    path.write_text(base + "dominance: {p: 10, n: 1, k: 75}\n")
    assert al.dominance_rule() == al.DominanceRule(p=10, n=1, k=75)
    for wrong in ("{p: 0}", "{p: 10, n: 1}", "{q: 3}"):
        path.write_text(base + f"dominance: {wrong}\n")
        with pytest.raises(ParameterError):
            load_policy(project)


SHOW = """import polars as pl
import analytics_lib as al
from analytics_lib import display
from IPython.display import display as show
rule = al.dominance_rule()
paid = pl.DataFrame({"place": ["a"] * 3 + ["b"] * 30 + ["c"] * 30, "user_id": range(63),
    "kg": [97531.0, 2.0, 1.0] + [5.0] * 30 + [7.0] * 30})
behind = al.largest_contributions(paid, value="kg", by=["place"], rule=rule)
sums = paid.group_by("place").agg(pl.col("kg").sum()).sort("place")
safe = al.protect_sums(sums, sums=["kg"], contributions=behind, by=["place"], rule=rule,
    adds_up_over=["place"])
show(display.answer("Forty users.", id="answer", results={"users": 40}))
show(display.table(FRAME, id="places", title="Kilograms", columns={"place": "Place",
    "kg": display.Column(label="Food", unit="kg", missing="suppressed")}))
"""
NOTE = 'display.protected_sums(safe, objects=["places"])'


def test_a_page_of_dominated_sums_is_held_until_they_are_protected(lake_project, now):
    project = lake_project
    policy_file = project.disclosure_policy
    policy_file.write_text(policy_file.read_text() + "dominance: {p: 12.5}\n")
    path = project.notebooks / "tiny.ipynb"
    content = json.loads(path.read_text())
    content["metadata"]["analytics"]["sums"] = ["places"]

    def run(source):
        content["cells"][-1]["source"] = source
        path.write_text(json.dumps(content))
        plans = plan_due(project, select_questions(project, []), now=now)
        return run_batch(project, plans, workers=1)[0]

    open_sums = run(SHOW.replace("FRAME", "sums"))
    assert open_sums.exit_code == 4
    assert "dominance in `places`" in open_sums.error
    safe_sums = run(SHOW.replace("FRAME", "safe") + NOTE)
    assert (safe_sums.status, safe_sums.error) == ("published", "")
    folder = project.site / safe_sums.folder
    texts = [file for file in folder.rglob("*") if file.suffix in {".html", ".json", ".csv"}]
    published = "".join(file.read_text() for file in texts)
    assert "97531" not in published
    assert "97,53" not in published
    assert "12.5" not in published
    assert "held back" in published
    assert json.loads((folder / "manifest.json").read_text())["gate"]["protected_sums"] == [
        "places"
    ]
