import re
from dataclasses import dataclass

import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.results import Estimate
from analytics_lib.display import answer, definitions, note, stylesheet, use_in_notebook
from analytics_lib.display.styling import notebook_stylesheet
from analytics_lib.display.theme import TOKENS


@dataclass(frozen=True)
class Metric:
    name: str
    definition: str
    source: str


def test_answer_declares_its_results() -> None:
    kept = Estimate(value=0.5, n=4, unit="share")
    made = answer("Half of <them> return.", results={"kept": kept})
    assert made.to_html() == '<p class="answer" id="answer">Half of &lt;them&gt; return.</p>'
    assert made.to_text() == "Half of <them> return."
    assert made.to_payload() == {
        "kind": "answer", "id": "answer", "title": "Half of <them> return.",
        "results": {"kept": kept.to_dict()},
    }  # fmt: skip
    assert answer("Yes.", id="second").to_payload()["results"] == {}


def test_answer_refuses_nothing_and_words() -> None:
    with pytest.raises(ParameterError, match="`text` is empty"):
        answer(" ")
    with pytest.raises(ParameterError, match="must be an Estimate or a number"):
        answer("Yes.", results={"a": "b"})  # type: ignore[dict-item]


def test_notes_say_what_they_are_and_have_stable_ids() -> None:
    made = note("Weeks start on <Monday>.", kind="assumption")
    assert made.id == note("Weeks start on <Monday>.", kind="assumption").id
    assert made.id != note("Weeks start on Sunday.", kind="assumption").id
    assert made.to_html() == (
        f'<p class="note" id="{made.id}"><strong>Assumption.</strong> '
        "Weeks start on &lt;Monday&gt;.</p>"
    )
    assert made.to_payload() == {
        "kind": "note", "id": made.id, "title": "Assumption. Weeks start on <Monday>.",
        "results": {},
    }  # fmt: skip
    assert note("x", id="mine").id == "mine"
    with pytest.raises(ParameterError, match=r"`kind` is 'limits'.*Did you mean 'limit'"):
        note("x", kind="limits")  # type: ignore[arg-type]


def test_definitions_are_a_list() -> None:
    made = definitions([Metric("wau", "Active <7 days>", "OECD"), Metric("dau", "Daily", "")])
    assert made.to_html() == (
        '<dl class="definitions" id="definitions"><dt>wau</dt><dd>Active &lt;7 days&gt; '
        '<span class="source">OECD</span></dd><dt>dau</dt><dd>Daily</dd></dl>'
    )
    assert made.to_text() == "wau: Active <7 days> (OECD)\ndau: Daily"
    assert made.to_payload()["kind"] == "note"
    with pytest.raises(ParameterError, match="`names` is empty"):
        definitions([])
    with pytest.raises(ParameterError, match="`definition of wau` is empty"):
        definitions([Metric("wau", "", "")])


def test_the_stylesheet_is_small_and_loads_nothing() -> None:
    css = stylesheet()
    assert len(css.encode()) < 12_000
    assert "url(" not in css
    assert "@import" not in css
    assert css.count("{") == css.count("}")
    for token in TOKENS:
        assert f"--{token.name}:{token.light};" in css
        assert f"--{token.name}:{token.dark};" in css


def test_every_custom_property_that_is_used_is_defined() -> None:
    names = {token.name for token in TOKENS}
    assert set(re.findall(r"var\(--([\w-]+)\)", stylesheet())) <= names


def test_the_notebook_gets_components_but_not_the_page() -> None:
    css = notebook_stylesheet()
    assert ".tile{" in css
    assert "body{" not in css
    assert "\nh1" not in css
    shown = use_in_notebook()
    assert shown.to_html() == f"<style>{css}</style>"
    assert shown.to_payload()["kind"] == "note"
    assert "styled" in shown.to_text()
