"""How losses add up: one after another, and side by side over people who are not the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from analytics_lib.core.errors import BudgetError
from analytics_lib.privacy.differential.budget import Charge, Partition


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A privacy loss, in exact decimals: ten times 0.1 is 1.

    Attributes:
        epsilon: Privacy loss.
        delta: Chance that the loss is larger.
    """

    epsilon: Decimal
    delta: Decimal

    def __add__(self, other: "Loss") -> "Loss":
        return Loss(epsilon=self.epsilon + other.epsilon, delta=self.delta + other.delta)


NOTHING = Loss(epsilon=Decimal(0), delta=Decimal(0))


def composed_loss(charges: Iterable[Charge]) -> Loss:
    """How much has anybody lost at most, all answers together?

    Questions about everybody add up. Questions about partitions of one column add up within
    each partition, and the worst one counts: nobody is in two of them. Different columns
    divide people differently, so their worst ones add up.

    Args:
        charges: All charges of one table, in any order.

    Returns:
        The loss of the person who lost most. Epsilon and delta are each taken at their worst.

    Examples:
        >>> def ask(epsilon, city=None):
        ...     part = Partition(column="city", value=city) if city else None
        ...     return Charge(
        ...         table="t",
        ...         who="ann",
        ...         question="q",
        ...         mechanism="m",
        ...         epsilon=epsilon,
        ...         partition=part,
        ...     )
        >>> composed_loss([ask(0.1), ask(0.2), ask(0.3, "Bonn"), ask(0.5, "Kiel")]).epsilon
        Decimal('0.8')

    References:
        McSherry F. (2009), SIGMOD '09, 19-30.
    """
    everybody = NOTHING
    parts: dict[Partition, Loss] = {}
    for charge in charges:
        loss = Loss(epsilon=exact(charge.epsilon), delta=exact(charge.delta))
        if charge.partition is None:
            everybody += loss
        else:
            parts[charge.partition] = parts.get(charge.partition, NOTHING) + loss
    return sum((_worst(parts, column) for column in _columns(parts)), everybody)


def require_affordable(spent: Iterable[Charge], charge: Charge, *, budget: Loss) -> None:
    """Refuse a charge that the budget cannot bear.

    Raises:
        BudgetError: With this charge somebody could lose more than the budget.
    """
    before = list(spent)
    used, after = composed_loss(before), composed_loss([*before, charge])
    for name in ("epsilon", "delta"):
        allowed, needed, already = (getattr(loss, name) for loss in (budget, after, used))
        if needed > allowed:
            raise BudgetError(
                f"`{charge.table}` has a budget of {name} {allowed}, of which {already} is spent; "
                f"this question needs {exact(getattr(charge, name))}. Nothing was computed."
            )


def exact(value: float) -> Decimal:
    """The decimal number that was written down, without the dust of binary fractions."""
    return Decimal(repr(float(value)))


def _columns(parts: dict[Partition, Loss]) -> list[str]:
    return sorted({part.column for part in parts})


def _worst(parts: dict[Partition, Loss], column: str) -> Loss:
    losses = [loss for part, loss in parts.items() if part.column == column]
    return Loss(
        epsilon=max(loss.epsilon for loss in losses), delta=max(loss.delta for loss in losses)
    )
