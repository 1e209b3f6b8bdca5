"""Files beside the page: what is in them, that nothing in them runs, that they come out again."""

import datetime as dt
import io
import sys
import zipfile
from xml.etree import ElementTree as ET

import pytest

from analytics_lib.core.errors import AccessError, DisclosureError, RunError
from analytics_lib.reporting.batch import run_batch
from analytics_lib.reporting.exports.files import readable
from analytics_lib.reporting.exports.pdf import page_pdf
from analytics_lib.reporting.exports.workbook import sheet_names, workbook
from analytics_lib.reporting.gate.release import require_clean_bytes
from analytics_lib.reporting.payloads import Payload
from analytics_lib.reporting.planning import plan_due
from analytics_lib.reporting.questions import select_questions
from analytics_lib.reporting.versions import published_versions

NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
DAY = dt.date(2024, 6, 30)
COLUMNS = [
    {"name": "day", "label": "Day", "unit": None},
    {"name": "who", "label": "Group", "unit": None},
    {"name": "share", "label": "Kept", "unit": "share"},
    {"name": "is_new", "label": "New", "unit": None},
]
ROWS = [["2024-06-01", "=1+1", 0.25, True], ["2024-06-02", "+cmd|x", None, False]]


def table(id_="kept", rows=ROWS):
    return Payload(kind="table", id=id_, title="Kept", columns=COLUMNS, rows=rows, results={})


def parts_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return {name: parts.read(name).decode() for name in parts.namelist()}


def made(*payloads):
    return workbook(payloads or (table(),), about={"Title": "Kept?"}, created=DAY)


@pytest.mark.parametrize(
    "text",
    ["2024-13-45", "2023-02-29", "0000-01-01", "1899-12-31", "\u0662\u0660\u0662\u0664-01-01"],
)
def test_what_looks_like_a_day_and_is_none_of_excel_is_a_text(text):
    parts = parts_of(made(table(rows=[[text, "a", 0.5, True], ["1900-03-01", "b", 0.5, True]])))
    cells = {
        cell.get("r"): (cell.get("t"), cell.findtext("x:v", namespaces=NS))
        for cell in ET.fromstring(parts["xl/worksheets/sheet2.xml"]).iter(f"{{{NS['x']}}}c")
    }
    shared = [
        "".join(item.itertext())
        for item in ET.fromstring(parts["xl/sharedStrings.xml"]).findall("x:si", NS)
    ]
    assert (cells["A4"][0], shared[int(cells["A4"][1])]) == ("s", text)
    # origin: Excel calls 1 January 1900 day 1 and counts a 29 February 1900: 31 + 29 + 1
    assert cells["A5"] == (None, "61")


def test_a_sheet_holds_the_numbers_as_numbers_and_texts_as_texts():
    parts = parts_of(made())
    shared = [
        "".join(item.itertext())
        for item in ET.fromstring(parts["xl/sharedStrings.xml"]).findall("x:si", NS)
    ]
    cells = {
        cell.get("r"): (cell.get("t"), cell.findtext("x:v", namespaces=NS))
        for cell in ET.fromstring(parts["xl/worksheets/sheet2.xml"]).iter(f"{{{NS['x']}}}c")
    }
    # origin: Excel counts days from 30 December 1899, so 1 June 2024 is day 45444
    assert cells["A4"] == (None, "45444")
    assert (cells["B4"][0], shared[int(cells["B4"][1])]) == ("s", "=1+1")
    assert cells["C4"] == (None, "0.25")
    assert cells["D4"] == ("b", "1")
    assert "C5" not in cells  # an empty cell stays empty


def test_nothing_in_a_workbook_runs_or_links():
    parts = parts_of(made(table(rows=[["@SUM(1)", "https://example.org", 1, True]])))
    assert not any("<f>" in text or "<hyperlink" in text for text in parts.values())


def test_a_workbook_comes_out_the_same():
    assert made() == made()
    assert "2024-06-30T00:00:00Z" in parts_of(made())["docProps/core.xml"]


def test_sheets_have_names_that_excel_takes():
    names = sheet_names(["a" * 40, "A" * 40, "x/y", "about", "history", "'"])
    assert len({name.lower() for name in names.values()}) == 6
    assert all(len(name) <= 31 for name in names.values())
    assert names["x/y"] == "x y"
    assert names["about"] == "about 2"


def test_a_workbook_is_unpacked_before_it_is_checked():
    content = made(table(rows=[["2024-06-01", "ann@example.org", 1, True]]))
    with pytest.raises(DisclosureError, match="sharedStrings"):
        require_clean_bytes(readable({"report.xlsx": content}), name="r")
    require_clean_bytes(readable({"report.xlsx": made(), "x.csv": "a"}), name="r")


PAGE = "<html lang='en'><head><title>T</title></head><body><h1>Kept?</h1><p>Half.</p></body></html>"


def test_a_pdf_comes_out_the_same():
    pytest.importorskip("weasyprint", exc_type=OSError)
    first = page_pdf(PAGE, name="r")
    assert first.startswith(b"%PDF")
    assert page_pdf(PAGE, name="r") == first


def test_a_pdf_loads_nothing():
    pytest.importorskip("weasyprint", exc_type=OSError)
    with pytest.raises(RunError, match="would load 1 things"):
        page_pdf(PAGE.replace("<p>", '<img src="file:///etc/hostname"><p>'), name="r")


def test_without_weasyprint_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(AccessError, match=r"analytics-lib\[pdf\]"):
        page_pdf(PAGE, name="r")


def test_a_run_publishes_what_it_is_asked_for(lake_project, now):
    pytest.importorskip("weasyprint", exc_type=OSError)
    path = lake_project.parameters / "tiny" / "monthly.yaml"
    path.write_text(path.read_text() + "exports: [csv, xlsx, pdf]\n")
    notebook = lake_project.notebooks / "tiny.ipynb"
    notebook.write_text(
        notebook.read_text()
        .replace(
            "display.answer(",
            "display.answer('A.', id='first')\\n"
            "import polars as pl\\n"
            "display.table(pl.DataFrame({'g': ['a'], 'users': [40]}), id='groups', title='T',"
            " columns={'g': 'Group', 'users': display.Column(label='Users', unit='users')})\\n"
            "display.answer(",
        )
        .replace('users\\": 40})', 'users\\": 40})')
    )
    plans = plan_due(lake_project, select_questions(lake_project, []), now=now)
    (outcome,) = run_batch(lake_project, plans, workers=1)
    assert outcome.status == "published", outcome.error
    (version,) = published_versions(lake_project, "tiny/monthly")
    files = set(version.manifest()["files"])
    assert {"index.html", "data.json", "report.pdf"} <= files
    page = (version.path / "index.html").read_text()
    assert '<a href="report.pdf">This page (PDF)</a>' in page
    (again,) = run_batch(lake_project, plans, workers=1, force=True)
    assert again.status == "identical"
