import datetime as dt
import re

import pandas as pd
import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.display import MIME, Column, table
from analytics_lib.display.shown import results_json

NASTY = "<img src=x onerror=alert(1)> & \"quoted\" 'too'"


def test_head_caption_scopes_and_alignment() -> None:
    frame = pl.DataFrame({"day": [dt.date(2014, 2, 3)], "users": [32593], "kept": [True]})
    html = table(
        frame, id="days", title="Users by day",
        columns={"day": "Day", "users": Column(label="Active", unit="users"), "kept": "Kept"},
    ).to_html()  # fmt: skip
    assert '<caption id="days-caption"><span>Users by day</span></caption>' in html
    assert 'role="region" tabindex="0" aria-labelledby="days-caption"' in html
    assert '<th scope="col">Day</th>' in html
    assert '<th scope="col" class="number">Active <span class="unit">(users)</span></th>' in html
    assert '<th scope="row">3 Feb 2014</th><td class="number">32,593</td><td>yes</td>' in html


def test_a_unit_that_the_heading_names_is_not_said_twice() -> None:
    frame = pl.DataFrame({"g": ["a"], "users": [1], "s": [0.5]})
    html = table(
        frame, id="t", title="t",
        columns={"g": "G", "users": Column(label="Active users", unit="users"),
                 "s": Column(label="Share", unit="share", decimals=0)},
    ).to_html()  # fmt: skip
    assert "unit" not in html
    assert ">50%<" in html


def test_everything_is_escaped() -> None:
    frame = pl.DataFrame({"g": [NASTY], "v": [None], "why": [NASTY]})
    made = table(
        frame, id="t", title=NASTY, note=NASTY,
        columns={"g": NASTY, "v": Column(label="V", unit=NASTY, reason="why")},
    )  # fmt: skip
    html = made.to_html()
    assert "<img" not in html
    assert html.count("&lt;img src=x") == 6
    assert re.findall(r"<(\w+)", html) == [
        "div", "div", "table", "caption", "span", "thead", "tr", "th", "th", "span",
        "tbody", "tr", "th", "td", "span", "p",
    ]  # fmt: skip


def test_empty_cells_say_why() -> None:
    frame = pl.DataFrame(
        {"g": ["a", "b", None], "v": [None, None, 1.0], "why": ["suppressed", None, None]}
    )
    made = table(
        frame, id="t", title="t",
        columns={"g": "G", "v": Column(label="V", missing="not complete", reason="why")},
    )  # fmt: skip
    assert made.to_text() == "t\nG  V\na  suppressed\nb  not complete\nno value  1"
    assert made.to_payload() == {
        "kind": "table", "id": "t", "title": "t", "results": {},
        "columns": [
            {"name": "g", "label": "G", "unit": None},
            {"name": "v", "label": "V", "unit": None},
            {"name": "why", "label": "V: why empty", "unit": None},
        ],
        "rows": [["a", None, "suppressed"], ["b", None, None], [None, 1.0, None]],
    }  # fmt: skip


def test_an_empty_frame_says_so() -> None:
    frame = pl.DataFrame({"g": [], "v": []})
    made = table(frame, id="t", title="t", columns={"g": "G", "v": Column(label="V", unit="EUR")})
    assert '<td colspan="2" class="missing">There are no rows.</td>' in made.to_html()
    assert '<th scope="col" class="number">V</th>' in made.to_html()


def test_pandas_gives_the_same_bytes() -> None:
    data = {"g": ["a", "b"], "v": [1.5, None]}
    columns = {"g": "G", "v": "V"}
    from_polars = table(pl.DataFrame(data), id="t", title="t", columns=columns)
    from_pandas = table(pd.DataFrame(data), id="t", title="t", columns=columns)
    assert from_polars._repr_mimebundle_() == from_pandas._repr_mimebundle_()


def test_the_bundle_has_three_forms() -> None:
    made = table(pl.DataFrame({"g": ["a"]}), id="t", title="t", columns={"g": "G"})
    assert list(made._repr_mimebundle_(include=None, exclude=None)) == [
        "text/html", MIME, "text/plain"
    ]  # fmt: skip


def test_misuse_is_refused() -> None:
    frame = pl.DataFrame({"g": ["a"]})
    with pytest.raises(ParameterError, match="`columns` of 't' is empty"):
        table(frame, id="t", title="t", columns={})
    with pytest.raises(ParameterError, match="`title` of 't' is empty"):
        table(frame, id="t", title="", columns={"g": "G"})
    with pytest.raises(ParameterError, match="`label` is empty"):
        Column(label=" ")
    with pytest.raises(ParameterError, match="`decimals` is -1; it must be at least 0"):
        Column(label="x", decimals=-1)
    with pytest.raises(SchemaError, match=r"`t` is missing column 'gg'.*Did you mean 'g'"):
        table(frame, id="t", title="t", columns={"gg": "G"})


def test_results_are_estimates_or_numbers() -> None:
    empty = {"ci_lower": None, "ci_upper": None, "confidence_level": None, "n": None, "unit": ""}
    assert results_json({"a": 1, "b": float("nan")}) == {
        "a": {"value": 1, **empty}, "b": {"value": None, **empty}
    }  # fmt: skip
    with pytest.raises(ParameterError, match=r"`results\['a'\]` is of type str"):
        results_json({"a": "1"})  # type: ignore[dict-item]
    with pytest.raises(ParameterError, match=r"`results\['a'\]` is of type bool"):
        results_json({"a": True})
