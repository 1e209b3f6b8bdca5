"""What a custom report is: key figures, sections and words, as its parameters file gives them."""

from typing import Any, Literal, Self

from pydantic import Field, JsonValue, field_validator, model_validator

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.strict import StrictModel

REPORT = "custom"
HEADLINE = "headline"
QUESTION = "What do the numbers say?"
Period = Literal["day", "week", "month", "quarter", "year"]
Chart = Literal["line", "bar", "table", "cohort"]
Scalar = str | int | float | bool
ACTIVE: dict[str, Any] = {"metric": "active_users", "period": "month"}


class Measure(StrictModel):
    """One metric, asked of some rows.

    Attributes:
        metric: Function of `analytics_lib.metrics` (`analytics metrics list`).
        label: Words for it; the metric's name without them.
        arguments: Further arguments of the function by name.
        period: Calendar period, where the metric has one (its `granularity`).
        by: Columns to break down by, where the metric can.
        where: Condition by column of the tables it reads: a value, `one_of: [values]` or
            `between: [lowest, highest]`. Rows without a value meet none.
        value: Column of the result that is shown; the metric's main one without it.
        unit: Unit of that column, where the page should name another.
    """

    metric: str
    label: str = ""
    arguments: dict[str, JsonValue] = Field(default_factory=dict)
    period: Period | None = None
    by: list[str] = Field(default_factory=list)
    where: dict[str, Scalar | dict[str, list[Scalar]]] = Field(default_factory=dict)
    value: str | None = None
    unit: str = ""

    @field_validator("where")
    @classmethod
    def _conditions(cls, where: dict[str, Any]) -> dict[str, Any]:
        from analytics_lib.events.selection import (  # noqa: PLC0415 - loads Narwhals
            require_condition,
        )

        for column, condition in where.items():
            _or_value_error(require_condition, column, condition)
        return where


class Tile(Measure):
    """A key figure: the last complete period of a metric, or its only value.

    Attributes:
        pick: Value by column of the result that picks its row, such as `{step: 3}`.
        target: What the number is meant to reach.
        higher_is_better: Whether a rise is good; as the metric says of its main column, and
            nothing for another one, without it.
    """

    pick: dict[str, Scalar] = Field(default_factory=dict)
    target: float | None = None
    higher_is_better: bool | None = None


class Section(Measure):
    """A part of the page: a heading, words, and a chart or table of one metric.

    Attributes:
        title: Heading; the metric's question without it.
        text: Words below the heading: paragraphs, `- ` lists, **strong**, *emphasis*.
        chart: How it is drawn; what fits the result without it.
        last: Only so many periods at the end.
        columns: Columns of a table, in order; all that say something without them.
    """

    title: str = ""
    text: str = ""
    chart: Chart | None = None
    last: int | None = Field(default=None, ge=1)
    columns: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _columns_of_a_table(self) -> Self:
        if self.columns and self.chart != "table":
            raise ValueError("has `columns`, which only `chart: table` shows")
        return self


class Custom(StrictModel):
    """Parameters of `custom`: what is asked, and what the page shows.

    Attributes:
        question: The page's title: it ends with a question mark.
        text: Words below the title.
        tiles: Key figures, first on the page; the first of them is the answer.
        sections: What follows, in order.
        columns: Sections side by side.
    """

    question: str = Field(default=QUESTION, pattern=r"^[^\n]+\?$")
    text: str = ""
    tiles: list[Tile] = Field(default=[ACTIVE], validate_default=True)
    sections: list[Section] = Field(default=[])
    columns: int = Field(default=1, ge=1, le=2)

    @field_validator("tiles")
    @classmethod
    def _an_answer(cls, tiles: list[Tile]) -> list[Tile]:
        if not tiles:
            raise ValueError("is empty; the first key figure is the answer of the page")
        return tiles


def measures_of(report: Custom) -> dict[str, Measure]:
    """Every metric the page asks, by its place in the file."""
    return {
        **{f"tiles.{at}": tile for at, tile in enumerate(report.tiles)},
        **{f"sections.{at}": section for at, section in enumerate(report.sections)},
    }


def _or_value_error(require: Any, *values: Any) -> None:  # noqa: ANN401 - any guard
    """So that pydantic collects value errors and every mistake is told at once."""
    try:
        require(*values)
    except ParameterError as error:
        raise ValueError(str(error)) from None
