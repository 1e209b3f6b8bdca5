"""Reading the columns that are shown, and no other, out of any frame."""

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import narwhals.stable.v2 as nw

from analytics_lib.core.checks import require_columns
from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.display.numerals import count

Cell = str | int | float | bool | dt.date | None
MAX_ROWS = 10_000
_ID = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One shown column.

    Attributes:
        name: Column name in the frame and in the CSV file.
        label: What the reader sees.
        unit: `"share"`, `"users"`, `"EUR"` and the like; `None` for text and dates.
    """

    name: str
    label: str
    unit: str | None = None


def require_id(id_: str) -> str:
    """Return `id_`, a stable name that can stand in a link, a file name and a selector.

    Raises:
        ParameterError: It holds anything but lower-case letters, digits and hyphens.
    """
    if not isinstance(id_, str) or not _ID.fullmatch(id_):
        raise ParameterError(
            f"`id` is {id_!r}; it must start with a lower-case letter and hold only lower-case "
            "letters, digits and hyphens, such as 'weekly-active'."
        )
    return id_


def read_columns(frame: Any, columns: Sequence[str], *, name: str) -> list[dict[str, Cell]]:  # noqa: ANN401 - any frame
    """The rows of `frame` with the named columns only, as plain Python values.

    Args:
        frame: An aggregated frame of polars, pandas or anything Narwhals reads.
        columns: Columns that will be shown. No other is ever read.
        name: What is being made, for messages.

    Returns:
        One mapping a row; `nan`, `NaT` and infinity as `None`; timestamps at
        midnight as dates.

    Raises:
        SchemaError: A column is missing or holds what cannot be shown.
        ParameterError: There are more than 10,000 rows: that is no aggregate.
    """
    wanted = list(dict.fromkeys(columns))
    native = _eager(frame, wanted, name=name)
    if len(native) > MAX_ROWS:
        raise ParameterError(
            f"`{name}` would show {len(native):,} rows; at most {MAX_ROWS:,} are shown. "
            "Aggregate the frame first."
        )
    return [
        {column: _plain(value, column, name=name) for column, value in row.items()}
        for row in native.iter_rows(named=True)
    ]


def _eager(frame: Any, columns: list[str], *, name: str) -> nw.DataFrame[Any]:  # noqa: ANN401 - any frame
    try:
        table = nw.from_native(frame)
    except TypeError:
        raise SchemaError(
            f"`{name}` was given a {type(frame).__name__}; it must be a polars or pandas frame."
        ) from None
    require_columns(table.collect_schema().names(), columns, name=name)
    chosen = table.select(columns)
    return chosen.collect() if isinstance(chosen, nw.LazyFrame) else chosen


def _plain(value: Any, column: str, *, name: str) -> Cell:  # noqa: ANN401 - any cell
    plain = value.item() if hasattr(value, "item") else value
    if plain is None or type(plain).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(plain, dt.datetime):
        return _date_or_text(plain)
    if isinstance(plain, float | Decimal):
        return float(plain) if math.isfinite(plain) else None
    if isinstance(plain, str | int | dt.date):
        return plain
    raise SchemaError(
        f"`{name}`: column {column!r} holds values of type {type(plain).__name__}; "
        "only text, numbers, dates and true or false can be shown."
    )


def _date_or_text(moment: dt.datetime) -> dt.date | str:
    return moment.date() if moment.time() == dt.time() else moment.isoformat(" ")


def require_unique(rows: Sequence[dict[str, Cell]], key: Sequence[str], *, name: str) -> None:
    """Raise `SchemaError` unless no two rows share their values of `key`.

    A chart that draws one mark over another shows a frame that was not
    aggregated; that is how single rows of people reach a page.
    """
    seen = {tuple(row[column] for column in key) for row in rows}
    if len(seen) < len(rows):
        raise SchemaError(
            f"`{name}` repeats {list(key)} in {count(len(rows) - len(seen), 'rows')}; "
            "it must have one row for each. Aggregate the frame first."
        )


def require_numbers(rows: Sequence[dict[str, Cell]], columns: Sequence[str], *, name: str) -> None:
    """Raise `SchemaError` where a column that is drawn as a length holds text or dates."""
    for column in columns:
        for row in rows:
            value = row[column]
            if value is not None and not isinstance(value, int | float):
                raise SchemaError(
                    f"`{name}`: column {column!r} holds {type(value).__name__} values; "
                    "it must hold numbers."
                )


def as_json(value: Cell) -> str | int | float | bool | None:
    """A cell as JSON knows it: dates in ISO form."""
    return value.isoformat() if isinstance(value, dt.date) else value
