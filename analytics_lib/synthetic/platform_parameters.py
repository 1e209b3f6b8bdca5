"""The parameters that the learning marketplace and the content platform have in common."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from analytics_lib.core.strict import StrictModel
from analytics_lib.synthetic.calendars import Positive, Season, Share
from analytics_lib.synthetic.sharing_parameters import Channel

_ABOUT_ONE = 1e-9


class Driver(StrictModel):
    """Something that makes some people leave sooner or later.

    Attributes:
        share: Share of the people to whom it applies, drawn independently.
        log_hazard: What it adds to the logarithm of their hazard of leaving.
    """

    share: Share
    log_hazard: float


class PlatformParameters(Season):
    """What a platform of people who come, act and leave is made of.

    Beside what every platform has (`Season`):

    Attributes:
        users: People who ever sign up.
        users_in_block: People of a block; blocks are drawn apart, so memory holds few at a time.
        regions: Share of the people of each country or part of one.
        channels: How they come, what it costs, how much sooner they leave.
        activity_shape: Shape of the gamma distribution of activity; small is unequal.
        visits_per_month: Visits of a user in an average month.
        views_per_visit: Things seen in a visit on average.
        ticket_share: Support tickets for each visit.
        currency: Of all money.
        monthly_hazard: Of leaving, of a user to whom no driver applies.
        drivers: What multiplies it, by name; a platform says which it has.
        experiment_share: Share of the people, drawn at random, who get what is tried.
    """

    DRIVERS: ClassVar[frozenset[str]] = frozenset()

    users: Annotated[int, Field(ge=2)] = 2000
    users_in_block: Annotated[int, Field(ge=2)] = 500
    regions: dict[str, Share] = Field(
        default_factory=lambda: {"GB-ENG": 0.7, "GB-SCT": 0.15, "GB-WLS": 0.1, "GB-NIR": 0.05}
    )
    channels: Annotated[tuple[Channel, ...], Field(strict=False, min_length=1)] = (
        Channel(name="friend", share=0.4, cost=1.0, churn_log_hazard=0.0),
        Channel(name="search", share=0.35, cost=5.0, churn_log_hazard=0.2),
        Channel(name="advert", share=0.25, cost=9.0, churn_log_hazard=0.6),
    )
    activity_shape: Positive = 1.5
    visits_per_month: Positive = 2.0
    views_per_visit: Annotated[float, Field(ge=1)] = 2.5
    ticket_share: Share = 0.01
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "GBP"
    monthly_hazard: Positive = 0.18
    drivers: dict[str, Driver] = Field(default_factory=dict)
    experiment_share: Share = 0.5

    @model_validator(mode="after")
    def _add_up(self) -> Self:
        """Refuse shares that do not add up to one, and drivers nobody knows."""
        for name, shares in self.wholes().items():
            if abs(sum(shares) - 1) > _ABOUT_ONE:
                raise ValueError(f"`{name}` must have shares that add up to 1, not {sum(shares):g}")
        if set(self.drivers) != self.DRIVERS:
            raise ValueError(f"`drivers` must name {sorted(self.DRIVERS)}")
        return self

    def wholes(self) -> dict[str, list[float]]:
        """Shares that must add up to one, by name."""
        return {
            "regions": list(self.regions.values()),
            "channels": [channel.share for channel in self.channels],
        }

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return -(-self.users // self.users_in_block)

    def block_size(self, block: int) -> int:
        """People of a block: the same in all but the last."""
        return min(self.users_in_block, self.users - block * self.users_in_block)
