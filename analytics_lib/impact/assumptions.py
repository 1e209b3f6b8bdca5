"""What stands between gross and net, chosen in the open."""

from dataclasses import dataclass
from typing import Self

from analytics_lib.core.errors import ParameterError
from analytics_lib.impact.factors.adjustments import CAR, REBOUND
from analytics_lib.impact.factors.factor import Factor
from analytics_lib.impact.factors.factor_set import FactorSet
from analytics_lib.impact.places import covers
from analytics_lib.impact.units import parse_unit

TRANSFER_REASON = "no study of another place is known to us"


@dataclass(frozen=True, slots=True, kw_only=True)
class NetAssumptions:
    """What stands between gross and net.

    Attributes:
        rebound: `rebound_ghg`, `rebound_water`, `rebound_land`: shares of the
            expected benefit that spending the saved money offsets.
        car: Emissions of a kilometre driven to collect.
        displacement: Share of the food that replaced a purchase; None takes
            every kilogram for one not bought: no share was published that we know of.
    """

    rebound: FactorSet = REBOUND
    car: Factor = CAR
    displacement: Factor | None = None

    def __post_init__(self) -> None:
        """Refuse a displacement that is no share."""
        if self.displacement is not None and parse_unit(self.displacement.unit).kind != "share":
            raise ParameterError("`displacement` must be a share.")

    def for_place(self, region: str) -> Self:
        """The assumptions for a place; those of another are transferred, which their scope says."""
        rebound = FactorSet(
            name=self.rebound.name,
            title=self.rebound.title,
            factors=tuple(_moved(one, region) for one in self.rebound.factors),
        )
        return type(self)(
            rebound=rebound, car=_moved(self.car, region), displacement=self.displacement
        )


def _moved(factor: Factor, region: str) -> Factor:
    if covers(factor.region, region):
        return factor
    return factor.transferred(region, reason=TRANSFER_REASON)
