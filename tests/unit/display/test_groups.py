"""Several charts in one output: their headings, their words, and what the press reads."""

import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.display import note
from analytics_lib.display.groups import Part, group, words_html


def test_a_group_shows_its_parts_in_order():
    shown = group(
        [
            Part(id="why", title="Why & how?", text="Because.", shown=note("One.", id="one")),
            Part(id="plain", shown=note("Two.", id="two")),
        ],
        id="parts",
        columns=2,
    )
    html = shown.to_html()
    assert '<div class="group side-by-side" id="parts">' in html
    assert '<h2 id="why">Why &amp; how?</h2><p>Because.</p>' in html
    assert html.index('id="one"') < html.index('id="two"')
    assert html.count("<h2") == 1
    assert shown.to_text() == "Why & how?\nBecause.\nLimit. One.\n\nLimit. Two."
    payload = shown.to_payload()
    assert (payload["kind"], [item["id"] for item in payload["objects"]]) == (
        "group",
        ["one", "two"],
    )


@pytest.mark.parametrize("ids", [["a", "a"], ["whole"], ["No id"]])
def test_ids_are_stable_and_unique(ids):
    with pytest.raises(ParameterError):
        group([Part(id=id_) for id_ in ids], id="whole")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("One\nline.", "<p>One line.</p>"),
        ("One.\n\nTwo.", "<p>One.</p><p>Two.</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("**a** *b* `c`", "<p><strong>a</strong> <em>b</em> <code>c</code></p>"),
        ("2 * 3 * 4", "<p>2 * 3 * 4</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("[a](https://b.org)", "<p>[a](https://b.org)</p>"),
    ],
)
def test_words_become_plain_html(text, html):
    assert words_html(text) == html
