"""From a measure of a file to a call of its metric, checked on empty tables first."""

import datetime as dt
import inspect
import typing
from collections.abc import Callable, Mapping
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
from pydantic import TypeAdapter, ValidationError

from analytics_lib import metrics
from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import AnalyticsError, ParameterError
from analytics_lib.events.contract import DTYPES, Role
from analytics_lib.events.log import EventLog
from analytics_lib.events.selection import only_events
from analytics_lib.events.tables import CONTRACTS
from analytics_lib.metrics.registry import METRICS
from analytics_lib.reporting.custom.definition import Measure

EVENTS = "events"
HIDDEN_ROLES: tuple[Role, ...] = ("direct_identifier", "pseudonym")
_TABLES = {
    **{name: name for name in CONTRACTS},
    "slots": "tutor_slots",
    "measurements": "service_measurements",
    "costs": "acquisition_costs",
}
_OWN_TABLES = {"return_on_content": {"costs": "content_costs"}}
_SET_BY = {"as_of": "the press", "granularity": "`period`", "by": "`by`"}
_ANY_DAY = dt.date(2000, 1, 31)


def tables_of(name: str) -> dict[str, str]:
    """The tables a metric is computed from, by the function's own name for each.

    Raises:
        ParameterError: There is no such metric, or it is computed from the
            result of another one, which a file cannot name.
    """
    function = _function(name)
    hints = typing.get_type_hints(function)
    named = {**_TABLES, **_OWN_TABLES.get(name, {})}
    needed: dict[str, str] = {}
    for parameter in inspect.signature(function).parameters.values():
        if hints[parameter.name] is not Any or parameter.default is not parameter.empty:
            continue
        if parameter.name not in named or parameter.name == "users":
            raise ParameterError(
                f"`{name}` is computed from `{parameter.name}`, the result of another metric, "
                "so a file cannot ask for it; it needs a notebook."
            )
        needed[parameter.name] = named[parameter.name]
    return needed


def usable_metrics() -> list[str]:
    """Every metric that a file can ask for."""
    found = []
    for name in METRICS:
        try:
            tables_of(name)
        except ParameterError:
            continue
        found.append(name)
    return sorted(found)


def ask(measure: Measure, tables: Mapping[str, Any], *, as_of: dt.date) -> Any:  # noqa: ANN401 - a frame or a number
    """The metric of a measure, of the rows it is about.

    Args:
        measure: What is asked.
        tables: The tables the metric needs, by their name in the lake.
        as_of: Last complete day.

    Raises:
        ParameterError: An argument is unknown, missing or of the wrong type,
            or names a value the metric does not know.
        SchemaError: A column does not exist.
    """
    function = _function(measure.metric)
    given = _given(measure, function)
    rows = {
        name: rows_of(tables[table], table, measure)
        for name, table in tables_of(measure.metric).items()
    }
    parameters = inspect.signature(function).parameters
    first = [rows.pop(next(iter(parameters)))]
    return function(*first, as_of=as_of, **rows, **given)


def dry_run(measure: Measure) -> Any:  # noqa: ANN401 - a frame or a number
    """What the metric answers of empty tables: the same checks and columns, and no data.

    Raises:
        ParameterError: As for `ask`; or a column names persons.
        SchemaError: A column does not exist.
    """
    tables = {name: _empty(name) for name in tables_of(measure.metric).values()}
    _require_columns_of_a_page(measure, tables)
    try:
        return ask(measure, tables, as_of=_ANY_DAY)
    except AnalyticsError:
        raise
    except (TypeError, ValueError, ArithmeticError) as error:
        raise ParameterError(f"`{measure.metric}` cannot be asked that way: {error}") from error


def _function(name: str) -> Callable[..., Any]:
    if name not in METRICS:
        raise ParameterError(
            f"There is no metric `{name}`; `analytics metrics list` names all."
            + suggest(name, METRICS)
        )
    function: Callable[..., Any] = getattr(metrics, name)
    return function


def _given(measure: Measure, function: Callable[..., Any]) -> dict[str, Any]:
    """The arguments of the call beside the tables and the day."""
    known = {
        name: parameter
        for name, parameter in inspect.signature(function).parameters.items()
        if name not in tables_of(measure.metric)
    }
    own = [name for name in known if name not in _SET_BY]
    for name in measure.arguments:
        if name in _SET_BY:
            raise ParameterError(f"`arguments` names `{name}`, which is set by {_SET_BY[name]}.")
        if name not in known:
            raise ParameterError(
                f"`{measure.metric}` has no argument `{name}`; it has {own}." + suggest(name, own)
            )
    hints = typing.get_type_hints(function)
    given = {
        name: _typed(value, hints[name], name=name) for name, value in measure.arguments.items()
    }
    given |= _placed(measure, known)
    missing = [
        name
        for name, parameter in known.items()
        if parameter.default is parameter.empty and name not in {*given, "as_of"}
    ]
    if missing:
        raise ParameterError(f"`{measure.metric}` needs the arguments {missing}.")
    return given


def _placed(measure: Measure, known: Mapping[str, Any]) -> dict[str, Any]:
    """Period and breakdown, which have a line of their own in the file."""
    if measure.period is None and "granularity" in known:
        raise ParameterError(
            f"`{measure.metric}` needs a `period`: day, week, month, quarter or year."
        )
    if measure.period is not None and "granularity" not in known:
        raise ParameterError(f"`{measure.metric}` has no periods; leave `period` out.")
    if measure.by and "by" not in known:
        raise ParameterError(f"`{measure.metric}` cannot be broken down; leave `by` out.")
    placed: dict[str, Any] = {"by": measure.by} if measure.by else {}
    return placed | ({"granularity": measure.period} if measure.period else {})


def _typed(value: Any, hint: Any, *, name: str) -> Any:  # noqa: ANN401 - out of a file
    """The value as the function's type; a text is never taken for a number."""
    if hint is Any:
        raise ParameterError(f"`{name}` is a frame, which a file cannot give; leave it out.")
    exact = dt.date not in typing.get_args(hint)
    value = tuple(value) if typing.get_origin(hint) is tuple else value
    try:
        return TypeAdapter(hint).validate_python(value, strict=exact)
    except ValidationError as error:
        problem = error.errors()[0]
        reason = str(problem["msg"]).removeprefix("Input ")
        raise ParameterError(f"`{name}` is {value!r}; it {reason}.") from None


def rows_of(table: Any, name: str, measure: Measure) -> Any:  # noqa: ANN401 - any frame
    """The rows of a table that meet those conditions that are about its columns."""
    about = {c: v for c, v in measure.where.items() if c in CONTRACTS[name].names}
    return only_events(table, where=about) if about else table


def _require_columns_of_a_page(measure: Measure, tables: Mapping[str, Any]) -> None:
    """Refuse columns that do not exist, and those that name persons."""
    known = {column.name: column.role for name in tables for column in CONTRACTS[name].columns}
    for place, columns in (("where", measure.where), ("by", measure.by)):
        for column in columns:
            if column not in known:
                raise ParameterError(
                    f"`{place}` names `{column}`; columns of {sorted(tables)} are "
                    f"{sorted(known)}." + suggest(column, known)
                )
            if known[column] in HIDDEN_ROLES:
                raise ParameterError(
                    f"`{place}` names `{column}`, which stands for a person or a thing of one; "
                    "a page is about groups."
                )


def _empty(name: str) -> Any:  # noqa: ANN401 - an EventLog or a frame
    frame = pl.DataFrame(
        schema={column.name: DTYPES[column.kind] for column in CONTRACTS[name].columns}
    ).lazy()
    if name != EVENTS:
        return frame
    return EventLog(frame=nw.from_native(frame), zone="UTC", resolution="microsecond")
