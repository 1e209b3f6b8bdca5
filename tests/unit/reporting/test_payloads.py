"""What the press takes from the executed notebook."""

import nbformat
import pytest

from analytics_lib.core.errors import RunError
from analytics_lib.reporting.fingerprint import explain
from analytics_lib.reporting.payloads import MIME, payloads_of, results_of


def notebook(*datas):
    cells = [
        nbformat.v4.new_code_cell(
            "x", execution_count=1, outputs=[nbformat.v4.new_output("display_data", data=data)]
        )
        for data in datas
    ]
    return nbformat.v4.new_notebook(cells=cells)


def figure(id_="a", **more):
    return {MIME: {"kind": "figure", "id": id_, "title": "T", **more}, "text/html": "<p>"}


def test_results_and_data_are_collected():
    columns = [{"name": "week"}, {"name": "share"}]
    book = notebook(
        figure(columns=columns, rows=[[1, 0.5], [2, None]]),
        {MIME: {"kind": "answer", "id": "b", "title": "So.", "results": {"x": {"value": 1}}}},
    )
    payloads = payloads_of(book, name="r")
    assert results_of(payloads) == {"x": {"value": 1}}
    assert payloads[0].to_csv() == "week,share\n1,0.5\n2,\n"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_text_that_a_spreadsheet_would_run_is_quoted_off(text):
    book = notebook(figure(columns=[{"name": "t"}, {"name": "n"}], rows=[[text, -1]]))
    line = payloads_of(book, name="r")[0].to_csv().partition("\n")[2]
    assert line.lstrip('"').startswith("'" + text[:1])
    assert line.rstrip().endswith(",-1")


def test_a_frame_printed_by_mistake_is_not_published():
    with pytest.raises(RunError, match="cell 1 shows something that did not come from `display`"):
        payloads_of(notebook({"text/html": "<table>", "text/plain": "x"}), name="r")


def test_two_objects_with_one_id_are_refused():
    with pytest.raises(RunError, match=r"ids \['a'\] are used more than once"):
        payloads_of(notebook(figure("a"), figure("b"), figure("a")), name="r")


def test_explain_names_every_part_that_changed():
    old = {"notebook": "1", "parameters": "1", "package": "1", "lock": "1", "table events": "x@1"}
    assert explain(old, old) == []
    assert explain(None, old) == ["it was never published"]
    new = {"notebook": "2", "parameters": "2", "package": "2", "lock": "2", "table events": "x@2"}
    assert explain(old, new) == [
        "the lock of package versions changed",
        "the notebook changed",
        "the package source changed",
        "the parameters changed",
        "table events changed",
    ]
    assert explain(old, {**old, "table users": "y@1"}) == ["table users changed"]
    assert explain({**old, "table users": "y@1"}, old) == ["table users changed"]
