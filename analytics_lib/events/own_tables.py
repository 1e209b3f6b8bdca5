"""Tables with a researcher's own column names, dates and timestamps, made ready for the metrics."""

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw

from analytics_lib.core.checks import require_choice
from analytics_lib.core.periods import require_zone
from analytics_lib.events.boundary import as_table, rename_columns, with_time

_WRITTEN = ("day", "t_us")  # what `with_time` writes


def own_table(
    frame: Any,  # noqa: ANN401 - any supported frame
    *,
    columns: Mapping[str, str] | None = None,
    days: Mapping[str, str] | None = None,
    table: str | None = None,
    zone: str = "UTC",
    source_zone: str | None = None,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """Bring a table with your own column names into the form the metrics take.

    For events there is `event_log`. The trap is the same: a calendar day
    depends on the zone, so it is named once, here.

    Args:
        frame: Payments, enrolments, bookings or any other table: polars (eager
            or lazy), pandas, a DuckDB relation, a PySpark frame, or a pyarrow
            table.
        columns: Your name by canonical name, such as `{"user_id": "customer"}`.
        days: Your column of dates or timestamps by the canonical day it becomes,
            such as `{"day": "paid_at"}`. It stays beside it, unless it had that
            name. What becomes `day` gives `t_us` too, if there is no such column.
        table: Name of the contract it is to follow, such as `payments`: then a
            canonical name that the contract does not have is refused.
        zone: Report zone in which days are counted (IANA name).
        source_zone: Zone of clock times that carry none.

    Returns:
        The frame in the same library, under canonical names; every other column
        stays as it is.

    Raises:
        SchemaError: A column is missing, twice there or of the wrong type, or
            the engine is not supported.
        ParameterError: The table, a canonical name or a zone does not exist, or
            a clock time has no zone or two.

    Examples:
        >>> import datetime as dt
        >>> import polars as pl
        >>> paid = pl.DataFrame({"customer": ["a"], "on": [dt.date(1970, 1, 3)], "eur": [9.5]})
        >>> names = {"user_id": "customer", "amount": "eur"}
        >>> found = own_table(paid, columns=names, days={"day": "on"}, table="payments")
        >>> found.select("user_id", "day", "amount").rows()
        [('a', 2, 9.5)]
    """
    require_zone(zone)
    if source_zone is not None:
        require_zone(source_zone, name="source_zone")
    given, dated = dict(columns or {}), dict(days or {})
    if table is not None:
        _require_names_of(table, [*given, *dated])

    lazy = as_table(frame, list(dated.values()), name="frame")
    keeps_times = "t_us" not in {*given, *lazy.collect_schema().names()}
    for ours, source in dated.items():
        lazy = _with_day(lazy, source, ours=ours, zone=zone, source_zone=source_zone)
    if not keeps_times and "day" in dated:
        lazy = lazy.drop(_made("t_us"))
    lazy = lazy.drop([ours for ours, source in dated.items() if ours == source])
    made = [name for name in lazy.collect_schema().names() if name.startswith(_made(""))]
    named = rename_columns(lazy, {**given, **{name.removeprefix(_made("")): name for name in made}})
    return _as_it_came(named, frame)


def _made(ours: str) -> str:
    """The name a new column has until every column has its place."""
    return f"__made_{ours}"


def _with_day(
    lazy: nw.LazyFrame[Any], source: str, *, ours: str, zone: str, source_zone: str | None
) -> nw.LazyFrame[Any]:
    """The frame with the days of `source`; those of `day` itself with their instants."""
    kept = {name: f"__kept_{name}" for name in _WRITTEN if name in lazy.collect_schema().names()}
    hidden = lazy.rename(kept) if kept else lazy
    _, timed = with_time(hidden, kept.get(source, source), zone=zone, source_zone=source_zone)
    back = {hidden_name: name for name, hidden_name in kept.items()}
    if ours == "day":
        return timed.rename({"day": _made("day"), "t_us": _made("t_us"), **back})
    return timed.drop("t_us").rename({"day": _made(ours), **back})


def _as_it_came(lazy: nw.LazyFrame[Any], frame: Any) -> Any:  # noqa: ANN401 - the caller's own kind
    """The frame eager where it came eager."""
    given = nw.from_native(frame)
    if isinstance(given, nw.DataFrame):
        found = lazy.collect()
        return found.to_arrow() if given.implementation.is_pyarrow() else found.to_native()
    return lazy.to_native()


def _require_names_of(table: str, names: list[str]) -> None:
    """Raise `ParameterError` unless the contract of the table has all the names."""
    # Contracts load pandera, which nothing else here needs.
    from analytics_lib.events.tables import CONTRACTS  # noqa: PLC0415

    require_choice(table, CONTRACTS, name="table")
    for name in names:
        require_choice(name, CONTRACTS[table].names, name=f"columns of {table}")
