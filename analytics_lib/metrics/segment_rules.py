"""Segments by rules that people write down: the first that fits names the segment."""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import and_
from typing import Any, Self

import narwhals.stable.v2 as nw
import polars as pl
from pydantic import Field, model_validator

from analytics_lib.core.checks import require_choice
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.strict import StrictModel, validate
from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.frames import finish, like
from analytics_lib.metrics.segments import require_one_row_a_user

Value = bool | int | float | str
OPERATORS = ("is", "above", "at_least", "below", "at_most", "one_of", "missing")


class Condition(StrictModel):
    """What a column must be; several operators of one condition must all hold.

    Attributes:
        column: Column of the users.
        is_: Equal to it; written `is`.
        above: Greater than it.
        at_least: Equal to it or greater.
        below: Less than it.
        at_most: Equal to it or less.
        one_of: Equal to one of them.
        missing: Whether there must be no value, or must be one. No other
            operator holds for a missing value.
    """

    column: str
    is_: Value | None = Field(default=None, alias="is")
    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None
    one_of: list[Value] | None = Field(default=None, min_length=1)
    missing: bool | None = None

    @model_validator(mode="after")
    def asks_something(self) -> Self:
        """Refuse a condition that would hold for everybody."""
        if not self.asked():
            raise ValueError(f"a condition needs one of {list(OPERATORS)}")
        return self

    def asked(self) -> dict[str, Any]:
        """The operators that are given, with their values."""
        given = self.model_dump(by_alias=True, exclude={"column"})
        return {name: value for name, value in given.items() if value is not None}


class SegmentRule(StrictModel):
    """A segment, and the conditions that must all hold for it.

    Attributes:
        name: Name of the segment. Two rules of one name are two ways into it.
        where: The conditions.
    """

    name: str = Field(min_length=1)
    where: list[Condition] = Field(min_length=1)


class SegmentRules(StrictModel):
    """Rules in order, and the segment of whom none of them fits.

    Attributes:
        segments: The rules; the first that fits decides.
        otherwise: Segment of everybody else.
    """

    segments: list[SegmentRule] = Field(min_length=1)
    otherwise: str = Field(min_length=1)


def segment_by_rules(
    users: Any,  # noqa: ANN401 - any supported frame
    *,
    rules: Mapping[str, Any] | SegmentRules,
    name: str = "segment",
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """To which segment does each user belong by rules that anybody can read?

    The order of the rules matters, for the first that fits decides. A missing
    value fits no condition but `missing`: engines disagree on whether "not a
    number" is above everything.

    Args:
        users: One row a user: `user_id` and the columns that the rules name.
        rules: `segments`, a list of rules with `name` and `where`; and
            `otherwise`, the segment of everybody else. `where` is a list of
            conditions that must all hold, each with `column` and one or more
            of `is`, `above`, `at_least`, `below`, `at_most`, `one_of`, `missing`.
        name: Name of the column to add.

    Returns:
        The users, sorted by `user_id`, with their segment in a column more.

    Raises:
        SchemaError: `user_id` is missing, or a user is there twice.
        ParameterError: A rule has an unknown word, names no column of the
            users, or compares it with a value of another kind; or the users
            already have a column `name`.

    Examples:
        >>> import polars as pl
        >>> rules = {
        ...     "segments": [
        ...         {"name": "core", "where": [{"column": "days", "at_least": 8}]},
        ...         {"name": "casual", "where": [{"column": "days", "above": 0}]},
        ...     ],
        ...     "otherwise": "dormant",
        ... }
        >>> users = pl.DataFrame({"user_id": ["a", "b", "c", "d"], "days": [8, 7, 0, None]})
        >>> segment_by_rules(users, rules=rules)["segment"].to_list()
        ['core', 'casual', 'dormant', 'dormant']
    """
    checked = _checked(rules)
    table = as_table(users, ["user_id"], name="users")
    schema = table.collect_schema()
    if name in schema:
        raise ParameterError(f"`name` is {name!r}, but the users have such a column already.")

    chosen: nw.Expr = nw.lit(checked.otherwise)
    for rule in reversed(checked.segments):
        all_fit = reduce(and_, (fits(condition, rule.name, schema) for condition in rule.where))
        chosen = nw.when(all_fit).then(nw.lit(rule.name)).otherwise(chosen)
    found = finish(table.with_columns(chosen.alias(name)))
    require_one_row_a_user(found, name="users")
    return like(found.sort("user_id"), users)


def segment_rules_in_words(rules: Mapping[str, Any] | SegmentRules) -> pl.DataFrame:
    """By which rules are users put into segments, in words made of the rules themselves?

    Args:
        rules: As for `segment_by_rules`.

    Returns:
        One row a rule in the order in which they are asked: `step` (from 1),
        `segment`, `rule`. The last is the segment of everybody else.

    Raises:
        ParameterError: A rule has an unknown word.

    Examples:
        >>> where = [{"column": "days", "at_least": 8}, {"column": "plan", "one_of": ["a", "b"]}]
        >>> rules = {"segments": [{"name": "core", "where": where}], "otherwise": "rest"}
        >>> segment_rules_in_words(rules).rows()
        [(1, 'core', 'days at least 8 and plan one of a, b'), (2, 'rest', 'everybody else')]
    """
    checked = _checked(rules)
    said = [
        (rule.name, " and ".join(_in_words(condition) for condition in rule.where))
        for rule in checked.segments
    ]
    rows = [
        (step, name, words)
        for step, (name, words) in enumerate([*said, (checked.otherwise, "everybody else")], 1)
    ]
    schema = {"step": pl.Int64, "segment": pl.String, "rule": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _checked(rules: Mapping[str, Any] | SegmentRules) -> SegmentRules:
    if isinstance(rules, SegmentRules):
        return rules
    return validate(SegmentRules, rules, name="rules")


def _in_words(condition: Condition) -> str:
    column = condition.column.replace("_", " ")
    said = []
    for operator, given in condition.asked().items():
        if operator == "missing":
            said.append(f"{column} {'missing' if given else 'known'}")
        else:
            said.append(f"{column} {operator.replace('_', ' ')} {_given_in_words(given)}")
    return " and ".join(said)


def _given_in_words(given: Any) -> str:  # noqa: ANN401 - what the rule says
    if isinstance(given, list):
        return ", ".join(_given_in_words(value) for value in given)
    if isinstance(given, bool):
        return "true" if given else "false"
    return f"{given:,.12g}" if isinstance(given, float) else str(given)


def fits(condition: Condition, rule: str, schema: Mapping[str, Any]) -> nw.Expr:
    """Whether a condition holds for a row; it does not for a missing value, but where asked.

    Args:
        condition: What a column must be.
        rule: Name of the rule, for the message.
        schema: Types of the table's columns.

    Raises:
        ParameterError: It names no column, or compares one with a value of another kind.
    """
    where = f"rules.{rule}.where.column"
    require_choice(condition.column, list(schema), name=where)
    asked = condition.asked()
    dtype = schema[condition.column]
    _require_kind(condition.column, dtype, asked, rule=rule)
    value = nw.col(condition.column)
    if dtype.is_float():
        value = nw.when(~value.is_nan()).then(value)
    elif dtype in (nw.Categorical, nw.Enum):
        value = value.cast(nw.String)
    return reduce(and_, (_holds(value, operator, given) for operator, given in asked.items()))


def _holds(value: nw.Expr, operator: str, given: Any) -> nw.Expr:  # noqa: ANN401 - what the rule says
    if operator == "missing":
        return value.is_null() if given else ~value.is_null()
    compared: dict[str, Callable[[], nw.Expr]] = {
        "is": lambda: value == given,
        "above": lambda: value > given,
        "at_least": lambda: value >= given,
        "below": lambda: value < given,
        "at_most": lambda: value <= given,
        "one_of": lambda: value.is_in(given),
    }
    # Missing values compare as missing on some engines and as false on others.
    return compared[operator]() & ~value.is_null()


def _require_kind(column: str, dtype: Any, asked: Mapping[str, Any], *, rule: str) -> None:  # noqa: ANN401
    """Raise `ParameterError` if a column is compared with a value of another kind."""
    kind = _kind_of(dtype)
    for operator, given in asked.items():
        values = given if operator == "one_of" else [given]
        if operator != "missing" and {_kind_of_value(value) for value in values} != {kind}:
            raise ParameterError(
                f"rules: `{rule}` asks whether `{column}` {operator.replace('_', ' ')} {given!r}, "
                f"but the column is {dtype}; compare it with {kind}."
            )


def _kind_of(dtype: Any) -> str:  # noqa: ANN401 - a Narwhals type
    if dtype.is_numeric():
        return "a number"
    if dtype == nw.Boolean:
        return "true or false"
    return "text" if dtype in (nw.String, nw.Categorical, nw.Enum) else "nothing but `missing`"


def _kind_of_value(value: Value) -> str:
    if isinstance(value, bool):
        return "true or false"
    return "text" if isinstance(value, str) else "a number"
