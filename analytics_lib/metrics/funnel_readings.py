"""Asking of a funnel, and reading its result."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from analytics_lib.core.results import Estimate
from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.frames import finish, like
from analytics_lib.metrics.funnel_definition import FunnelStep
from analytics_lib.statistics import estimate_share


def funnel_steps(**named: str | Sequence[str]) -> list[FunnelStep]:
    """Steps from names and event types, in order.

    Args:
        **named: Event type, or several, by the name of the step.

    Returns:
        The steps; a `_` in a name is shown as a space.

    Examples:
        >>> funnel_steps(viewed="product_view", paid=["card", "invoice"])[1].event_types
        ('card', 'invoice')
    """
    return [
        FunnelStep(
            name=name.replace("_", " "),
            event_types=(types,) if isinstance(types, str) else tuple(types),
        )
        for name, types in named.items()
    ]


def funnel_share(steps: Any, *, confidence_level: float = 0.95) -> Estimate:  # noqa: ANN401
    """The share of those who began a funnel that reached its last step.

    Args:
        steps: Result of `funnel` without groups.
        confidence_level: Coverage of the Wilson interval.

    Returns:
        The share; undefined where nobody began.

    Raises:
        SchemaError: A column is missing.

    Examples:
        >>> found = pl.DataFrame({"step": [1, 2], "reached": [4, 1]})
        >>> funnel_share(found).value
        0.25
    """
    reached = finish(as_table(steps, ["step", "reached"], name="steps")).sort("step")["reached"]
    ends = (reached[-1], reached[0]) if len(reached) else (0, 0)
    return estimate_share(*ends, confidence_level=confidence_level)


def steps_after_first(steps: Any) -> Any:  # noqa: ANN401 - any frame
    """The rows of a funnel without the first step, whose share is always 1.

    Raises:
        SchemaError: `step` is missing.
    """
    table = finish(as_table(steps, ["step"], name="steps"))
    return like(table.filter(pl.col("step") > 1), steps)


def last_step(steps: Any) -> Any:  # noqa: ANN401 - any frame
    """The rows of a funnel's last step, one a group.

    Raises:
        SchemaError: `step` is missing.
    """
    table = finish(as_table(steps, ["step"], name="steps"))
    return like(table.filter(pl.col("step") == pl.col("step").max()), steps)
