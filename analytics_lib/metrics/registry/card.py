"""The card of a metric: what it means, for pages, people and programs."""

from dataclasses import dataclass
from typing import Literal

Direction = Literal["higher is better", "lower is better", "neither"]

NO_BOUNDS = (
    "No bound holds for every platform: check it against its own past (`change`, `anomaly`), or "
    "give `bounds` that were agreed on."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """What a metric means.

    Attributes:
        name: Name people use.
        function: Public function of this room that computes it.
        question: What it answers.
        unit: Unit of its values.
        direction: Whether a rise is good.
        definition: What is counted and what it is divided by.
        variants: Other accepted definitions, and where they differ.
        source: Who says so.
        owner: Who answers for the definition.
        target: Value aimed at, where one was agreed on.
        alert_below: Values below it need somebody's attention.
        alert_above: Values above it need somebody's attention.
        alert_reason: Why these bounds, or why there are none.
        overlapping: Columns of its result that count a person in each period in which they are,
            so that they add up to nothing over periods. New users are in one period only and
            are not among them.
        sums: Columns of its result that are sums of what people contributed, such as money; one
            person may make up nearly all of one.
        contributions: Function of this room that gives each person's part of them, by the columns
            that name a row of the result; empty where there is none.
    """

    name: str
    function: str
    question: str
    unit: str
    direction: Direction
    definition: str
    variants: str
    source: str
    owner: str = "analytics"
    target: float | None = None
    alert_below: float | None = None
    alert_above: float | None = None
    alert_reason: str = NO_BOUNDS
    overlapping: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()
    contributions: str = ""
