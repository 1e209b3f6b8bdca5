"""All numbers of a page in one Excel file, with a sheet that says where they come from."""

import datetime as dt
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from analytics_lib.core.periods import is_day
from analytics_lib.reporting.payloads import Payload

_SHEET_LENGTH = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_WIDEST = 60
_FIRST_DAY = "1900-03-01"  # Excel counts a 29 February 1900 that never was
ABOUT = "About"


def workbook(payloads: Sequence[Payload], *, about: Mapping[str, str], created: dt.date) -> bytes:
    """The workbook's bytes; the same for the same content.

    A text is written as a text: nothing in it is ever a formula or a link.
    Shares are numbers shown in percent, empty cells stay empty.

    Args:
        payloads: Objects with data, each on a sheet of its own.
        about: What the first sheet says: title, dates, sources, definitions.
        created: The date in the file's properties; the logical date, not the clock.
    """
    import xlsxwriter  # noqa: PLC0415 - only when a workbook is asked for

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"title": about.get("Title", ""), "created": _midnight(created)})
    formats = {
        "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top"}),
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
        "share": book.add_format({"num_format": "0.0%"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    _about_sheet(book.add_worksheet(ABOUT), about, formats)
    names = sheet_names([payload.id for payload in payloads])
    for payload in payloads:
        _data_sheet(book.add_worksheet(names[payload.id]), payload, formats)
    book.close()
    return buffer.getvalue()


def sheet_names(ids: Sequence[str]) -> dict[str, str]:
    """A name for each sheet that Excel accepts: short, without signs, unique whatever the case.

    Examples:
        >>> sheet_names(["a" * 40, "a" * 41])["a" * 41]
        'aaaaaaaaaaaaaaaaaaaaaaaaaaaaa 2'
    """
    names: dict[str, str] = {}
    taken = {ABOUT.lower(), "history"}
    for id_ in ids:
        base = _FORBIDDEN.sub(" ", id_).strip() or "data"
        name, number = base[:_SHEET_LENGTH], 1
        while name.lower() in taken:
            number += 1
            name = f"{base[: _SHEET_LENGTH - 1 - len(str(number))]} {number}"
        taken.add(name.lower())
        names[id_] = name
    return names


def _about_sheet(sheet: Any, about: Mapping[str, str], formats: Mapping[str, Any]) -> None:  # noqa: ANN401 - xlsxwriter is untyped
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 100)
    for row, (name, words) in enumerate(about.items()):
        sheet.write_string(row, 0, name, formats["head"])
        sheet.write_string(row, 1, words, formats["text"])


def _data_sheet(sheet: Any, payload: Payload, formats: Mapping[str, Any]) -> None:  # noqa: ANN401 - xlsxwriter is untyped
    sheet.write_string(0, 0, payload.title, formats["head"])
    for at, column in enumerate(payload.columns):
        label = f"{column['label']} ({column['unit']})" if column.get("unit") else column["label"]
        sheet.write_string(2, at, label, formats["head"])
        sheet.set_column(at, at, min(_WIDEST, max(12, len(label) + 2)))
        for row, values in enumerate(payload.rows, start=3):
            _write(sheet, row, at, values[at], column.get("unit"), formats)
    sheet.freeze_panes(3, 1)


def _write(
    sheet: Any,  # noqa: ANN401 - xlsxwriter is untyped
    row: int,
    at: int,
    value: Any,  # noqa: ANN401 - any JSON value
    unit: str | None,
    formats: Mapping[str, Any],
) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, at, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, at, value, formats["share"] if unit == "share" else None)
    elif _is_day_of_excel(value):
        sheet.write_datetime(row, at, _midnight(dt.date.fromisoformat(value)), formats["date"])
    else:
        sheet.write_string(row, at, value)


def _is_day_of_excel(text: str) -> bool:
    """Whether it is a day of the calendar that Excel counts rightly, from March 1900 on."""
    return is_day(text) and text >= _FIRST_DAY


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time())
