"""Only some rows of a table, by conditions that can be written into a file."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import narwhals.stable.v2 as nw

from analytics_lib.core.checks import require_choice
from analytics_lib.core.errors import ParameterError
from analytics_lib.events.boundary import as_table
from analytics_lib.events.log import EventLog

Value = str | int | float | bool
Condition = Value | Mapping[str, Sequence[Value]]
CONDITIONS = ("one_of", "between")
_ENDS = 2
_Kind = Literal["text", "number", "boolean"]


def only_events(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    where: Mapping[str, Condition],
) -> Any:  # noqa: ANN401 - what was given
    """Which events meet every one of these conditions?

    The trap is the row without a value: it meets no condition, on no engine.
    And a metric of what is left is about what is left: the first event of a
    user who came by telephone is then the first one on the telephone.

    Args:
        events: An `EventLog`, or any supported frame; one row an event (or one
            of another table: the conditions are about its columns only).
        where: Condition by column: a value; `{"one_of": [values]}`; or
            `{"between": [lowest, highest]}`, both ends included.

    Returns:
        What was given, an `EventLog` or a lazy frame of the same library, with
        the rows that meet all conditions and all columns.

    Raises:
        SchemaError: A column is missing.
        ParameterError: A condition is unknown, is empty, or is about values of
            another type than the column holds.

    Examples:
        >>> import polars as pl
        >>> log = pl.DataFrame({"user_id": ["a", "b"], "day": [0, 0], "region": ["n", None]})
        >>> northern = only_events(log, where={"region": {"one_of": ["n", "s"]}})
        >>> northern.collect()["user_id"].to_list()
        ['a']
    """
    given = events.frame.to_native() if isinstance(events, EventLog) else events
    frame = as_table(given, list(where), name="events")
    schema = frame.collect_schema()
    for column, condition in where.items():
        frame = frame.filter(_meets(column, condition, schema[column]))
    return replace(events, frame=frame) if isinstance(events, EventLog) else frame.to_native()


def require_condition(column: str, condition: Any) -> None:  # noqa: ANN401 - out of a file
    """Refuse what is no condition.

    Raises:
        ParameterError: It is of another kind, names an unknown comparison, or
            compares with nothing.
    """
    if isinstance(condition, str | int | float):
        return
    if not isinstance(condition, Mapping) or len(condition) != 1:
        raise ParameterError(
            f"The condition on `{column}` is {condition!r}; it must be a value or one of "
            "`one_of: [values]` and `between: [lowest, highest]`."
        )
    (comparison, values), *_ = condition.items()
    require_choice(comparison, CONDITIONS, name=f"condition on {column}")
    if not isinstance(values, list | tuple) or not values:
        raise ParameterError(f"`{comparison}` on `{column}` is {values!r}; it must be a list.")
    strange = [value for value in values if not isinstance(value, str | int | float)]
    if strange or len({_kind(value) for value in values}) > 1:
        raise ParameterError(
            f"`{comparison}` on `{column}` is {values!r}; it must hold texts only or numbers only."
        )
    if comparison == "between" and (len(values) != _ENDS or values[0] > values[1]):
        raise ParameterError(
            f"`between` on `{column}` is {values!r}; it must be the lowest and the highest value."
        )


def _meets(column: str, condition: Condition, dtype: Any) -> nw.Expr:  # noqa: ANN401 - a dtype
    require_condition(column, condition)
    if isinstance(condition, Mapping):
        (comparison, values), *_ = condition.items()
    else:
        comparison, values = "one_of", [condition]
    _require_fit(column, values[0], dtype)
    known = nw.col(column)
    if comparison == "between":
        return ~known.is_null() & (known >= values[0]) & (known <= values[1])
    return ~known.is_null() & known.is_in(list(values))


def _require_fit(column: str, value: Value, dtype: Any) -> None:  # noqa: ANN401 - a dtype
    kinds: dict[_Kind, bool] = {
        "text": dtype in (nw.String, nw.Object),
        "number": dtype.is_numeric(),
        "boolean": dtype == nw.Boolean,
    }
    if not kinds[_kind(value)]:
        held = next((kind for kind, holds in kinds.items() if holds), str(dtype))
        raise ParameterError(
            f"The condition on `{column}` compares with {value!r}; the column holds {held} values."
        )


def _kind(value: Value) -> _Kind:
    if isinstance(value, str):
        return "text"
    return "boolean" if isinstance(value, bool) else "number"
