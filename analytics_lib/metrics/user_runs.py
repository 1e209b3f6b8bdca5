"""The events of each user one after the other, in order of time, as plain arrays.

The fast path: a question that needs only numbers of each event is answered by
one pass over a log that is sorted once. Sorting text is what costs, so users
are told apart by 128 bits of hash; names never leave the engine. Where that
is not possible the caller asks the engine instead, with the same answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import polars as pl

if TYPE_CHECKING:
    import pandas as pd

Whole = npt.NDArray[np.integer[Any]]

CODE, CHECK = "__code", "__check"
_TOLD_APART = (
    nw.String, nw.Int8, nw.Int16, nw.Int32, nw.Int64, nw.UInt8, nw.UInt16, nw.UInt32, nw.UInt64,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRuns:
    """Events sorted by user and time.

    Attributes:
        user: Number of the user of each event, from 0 and without gaps, rising.
        starts: Place of the first event of each user.
        time: `t_us` of each event. Events of a user at the same instant are in any order.
        values: The columns asked for.
    """

    user: Whole
    starts: Whole
    time: Whole
    values: dict[str, Whole]


def user_runs(frame: nw.LazyFrame[Any], values: Sequence[str]) -> UserRuns | None:
    """The log sorted by user and time; None where the engine must be asked.

    Args:
        frame: One row an event with `user_id`, `t_us` and the values, none missing.
        values: Further columns, of whole numbers of 32 bits.

    Returns:
        The sorted columns. None for an engine or a kind of `user_id` that is
        not served, for a log without events, and if two users had one hash.
    """
    asked = [nw.col(name).cast(nw.Int32) for name in values]
    columns = columns_here(frame, [nw.col("t_us").cast(nw.Int64), *asked])
    return _sorted(columns) if columns is not None else None


def columns_here(frame: nw.LazyFrame[Any], values: Sequence[nw.Expr]) -> dict[str, Whole] | None:
    """The values as arrays, in any order, with `CODE` and perhaps `CHECK` to tell users apart.

    None for an engine or a kind of `user_id` that is not served, and for a log without events.
    """
    kind = frame.collect_schema()["user_id"]
    fetch = FETCHERS.get(frame.implementation.value)
    if fetch is None or kind not in _TOLD_APART:
        return None
    asked = frame.select("user_id", *values)
    found = fetch(asked.to_native(), is_text=kind == nw.String)
    return found if found[CODE].size else None


def _from_polars(frame: pl.LazyFrame, *, is_text: bool) -> dict[str, Whole]:
    user = pl.col("user_id")
    if not is_text:
        keys = [user.alias(CODE)]
    else:
        keys = [user.hash(seed=1).alias(CODE), user.hash(seed=2).alias(CHECK)]
    found = frame.select(*keys, pl.exclude("user_id")).collect()
    return {name: found[name].to_numpy() for name in found.columns}


def _from_pandas(frame: "pd.DataFrame", **_: bool) -> dict[str, Whole]:
    import pandas as pd  # noqa: PLC0415 - only the engine in use is loaded

    codes = pd.factorize(frame["user_id"])[0]
    others = [name for name in frame.columns if name != "user_id"]
    return {CODE: codes, **{name: frame[name].to_numpy(dtype=np.int64) for name in others}}


def _from_duckdb(frame: Any, *, is_text: bool) -> dict[str, Whole]:  # noqa: ANN401 - a relation
    keys = f"user_id AS {CODE}"
    if is_text:
        keys = f"hash(user_id) AS {CODE}, hash(user_id || '~') AS {CHECK}"
    found = frame.project(f"{keys}, * EXCLUDE (user_id)").to_arrow_table()
    return {name: found[name].to_numpy() for name in found.column_names}


# The one place that decides: engines whose log may be brought here (never a cluster's).
FETCHERS: dict[str, Callable[..., dict[str, Whole]]] = {
    "polars": _from_polars,
    "pandas": _from_pandas,
    "duckdb": _from_duckdb,
}


def _sorted(columns: dict[str, Whole]) -> UserRuns | None:
    code, check = columns.pop(CODE), columns.pop(CHECK, None)
    by_user = np.argsort(code)
    begins = np.append(True, np.diff(code[by_user]) != 0)
    if check is not None and np.any((np.diff(check[by_user]) != 0) & ~begins[1:]):
        return None
    del code, check
    user = np.cumsum(begins) - 1
    order = _by_user_and_time(user, by_user, columns["t_us"])
    del by_user
    values = {name: columns.pop(name)[order] for name in list(columns)}
    time = values.pop("t_us")
    return UserRuns(user=user, starts=np.flatnonzero(begins), time=time, values=values)


def _by_user_and_time(user: Whole, place: Whole, time: Whole) -> Whole:
    """Places in the log, by user and then time, of rows that are by user already.

    A user and the rank of a row fit into one number, and plain numbers are what sorts fastest.
    """
    by_time = None
    if np.any(time[1:] < time[:-1]):
        by_time = np.argsort(time)
        rank = np.empty_like(by_time)
        rank[by_time] = np.arange(by_time.size)
        place = rank[place]
    bits = int(time.size).bit_length()
    packed: Whole = (user << bits) | place
    packed.sort()
    packed &= (1 << bits) - 1
    return packed if by_time is None else by_time[packed]
