"""What a funnel is made of, and which combinations have a meaning."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from analytics_lib.core.checks import require_choice
from analytics_lib.core.errors import ParameterError

Order = Literal["ordered", "strict", "any"]
Entry = Literal["best", "first"]
Count = Literal["users", "sessions", "totals"]
WindowOf = Literal["funnel", "step"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelStep:
    """One step.

    Attributes:
        name: What people call it.
        event_types: Event types that are this step.
        optional: Whether later steps may be reached without it.
    """

    name: str
    event_types: tuple[str, ...]
    optional: bool = False


def as_steps(steps: Sequence[str | FunnelStep]) -> list[FunnelStep]:
    """Event types and steps as steps."""
    return [
        step if isinstance(step, FunnelStep) else FunnelStep(name=step, event_types=(step,))
        for step in steps
    ]


def steps_before(steps: Sequence[FunnelStep]) -> list[int]:
    """For each step the last required one before it; -1 for the first."""
    required = [number for number, step in enumerate(steps) if not step.optional]
    return [
        max((other for other in required if other < number), default=-1)
        for number in range(len(steps))
    ]


def require_sense(
    steps: Sequence[FunnelStep],
    *,
    order: str,
    entry: str,
    count: str,
    window_of: str,
    window_days: float,
    exclude: Sequence[str],
) -> None:
    """Refuse a funnel that has no meaning.

    Raises:
        ParameterError: It has none; the message says why.
    """
    for value, choices, name in (
        (order, Order, "order"),
        (entry, Entry, "entry"),
        (count, Count, "count"),
        (window_of, WindowOf, "window_of"),
    ):
        require_choice(value, get_args(choices), name=name)
    kinds = [kind for step in steps for kind in step.event_types]
    simple = order == "ordered" and entry == "best" and count != "totals"
    problems = (
        (len(steps) < 2, "`steps` must be two or more"),  # noqa: PLR2004
        (bool(steps) and steps[0].optional, "the first step cannot be optional"),
        (not all(step.event_types for step in steps), "every step must have an event type"),
        (window_days <= 0, f"`window_days` is {window_days}; it must be positive"),
        (bool(set(exclude) & set(kinds)), "an event type cannot be a step and excluded"),
        (window_of == "step" and not simple,
         "a window by step goes with order 'ordered', entry 'best' and users or sessions"),
        (order != "ordered" and (entry == "first" or count == "totals"),
         f"order {order!r} goes with entry 'best' and users or sessions"),
        (order != "ordered" and (bool(exclude) or any(step.optional for step in steps)),
         f"order {order!r} knows no exclusions and no optional steps"),
        (order == "any" and len(set(kinds)) < len(kinds),
         "order 'any' needs an event type of its own for each step"),
    )  # fmt: skip
    for is_wrong, words in problems:
        if is_wrong:
            raise ParameterError(f"This funnel has no meaning: {words}.")
