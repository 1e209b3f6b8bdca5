"""Two answers compared: whole numbers to the last digit, floats within 1e-12 of their size."""

import dataclasses
import math

import duckdb
import pandas as pd
import polars as pl

RELATIVE = 1e-12


def in_polars(answer):
    """Any frame as polars; pandas has no type for dates, and its whole numbers may be floats."""
    if isinstance(answer, pd.DataFrame):
        answer = pl.from_pandas(answer)
        midnights = [name for name, dtype in answer.schema.items() if dtype == pl.Datetime]
        return answer.with_columns(pl.col(midnights).cast(pl.Date))
    if isinstance(answer, duckdb.DuckDBPyRelation):
        return answer.pl()
    return answer if isinstance(answer, pl.DataFrame) else pl.from_arrow(answer.toArrow())


def differences(found, expected, *, ordered=True):
    """Where two answers differ, in words; nothing if they are the same."""
    if not isinstance(expected, pl.DataFrame):
        if dataclasses.is_dataclass(expected):
            found, expected = dataclasses.asdict(found), dataclasses.asdict(expected)
        return list(_apart(found, expected, at="answer"))
    frame = in_polars(found)
    if frame.columns != expected.columns:
        return [f"columns {frame.columns} are not {expected.columns}"]
    if not isinstance(found, pd.DataFrame) and frame.schema != expected.schema:
        return [f"{frame.schema} is not {expected.schema}"]
    if not ordered:
        frame, expected = (its.sort(expected.columns) for its in (frame, expected))
    return list(_apart(frame.to_dict(as_series=False), expected.to_dict(as_series=False), at="row"))


def _apart(found, expected, *, at):
    if isinstance(expected, dict):
        for name in expected.keys() | found.keys():
            yield from _apart(found.get(name), expected.get(name), at=f"{name}, {at}")
    elif isinstance(expected, list):
        if len(found) != len(expected):
            yield f"{at}: {len(found)} rows are not {len(expected)}"
        for place, (its, ours) in enumerate(zip(found, expected, strict=False)):
            yield from _apart(its, ours, at=f"{at} {place}")
    elif not _same(found, expected):
        yield f"{at}: {found!r} is not {expected!r}"


def _same(found, expected):
    if not isinstance(found, float) or not isinstance(expected, float):
        return found == expected
    both_undefined = math.isnan(found) and math.isnan(expected)
    return both_undefined or math.isclose(found, expected, rel_tol=RELATIVE, abs_tol=1e-15)
