"""Every parameter of the simulated food-sharing platform, each said once."""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.strict import StrictModel
from analytics_lib.synthetic.calendars import Positive, Season, Share

_ABOUT_ONE = 1e-9
_SERVINGS = {"small": 0.3, "medium": 0.6, "large": 1.2, "family": 2.4}
_SERVING_SHARES = {"small": 0.3, "medium": 0.4, "large": 0.2, "family": 0.1}
_FOODS = {
    "Apples": 0.18, "Bananas": 0.22, "Potatoes": 0.22, "Tomatoes": 0.18, "Eggs": 0.1, "Rice": 0.1,
}  # fmt: skip


class Place(StrictModel):
    """A place of the platform.

    Attributes:
        region: Country or part of one (ISO 3166).
        city: Its city; null where it is too small to name.
        share: Share of the users who live there.
        car_share: Share of the collections that are driven.
    """

    region: str
    city: str | None
    share: Share
    car_share: Share


class Channel(StrictModel):
    """A way to the platform.

    Attributes:
        name: What it is called.
        share: Share of the users who come by it.
        cost: What winning one costs on average, in the currency.
        churn_log_hazard: What it adds to the logarithm of the hazard of leaving.
    """

    name: str
    share: Share
    cost: Annotated[float, Field(ge=0)]
    churn_log_hazard: float


class TrueFactors(StrictModel):
    """What a kilogram does in the simulated world, whatever a factor set says.

    Attributes:
        waste_prevention: Share of the food shared that would have been wasted.
        ghg: Kilograms of CO2e for each kilogram of waste prevented.
        water: Litres.
        land: Square metres.
    """

    waste_prevention: Share
    ghg: Positive
    water: Positive
    land: Positive


class Churn(StrictModel):
    """Why users leave: a hazard a month, and what multiplies it.

    Attributes:
        monthly_hazard: Of a user to whom nothing below applies.
        member: Added to its logarithm for members of a group.
        bad_start: Added where the first food received was bad.
        reminder: Added for users who are sent the reminder, half of them at random.
        bad_start_share: Share of the users with a bad start.
    """

    monthly_hazard: Positive
    member: float
    bad_start: float
    reminder: float
    bad_start_share: Share


class StandingParameters(StrictModel):
    """Credits and reputation.

    Attributes:
        welcome: Credits of everybody at the start.
        credits_per_kg: What a kilogram is worth, rounded, never below one credit.
        tip_share: Share of the exchanges between people after which a credit is given as thanks.
        rated_share: Share of them after which the giver is rated.
        reliability: Probability of a good rating (4 or 5 points) of an average giver.
        alike: How alike givers are: of how many ratings the common share weighs as much.
    """

    welcome: Annotated[int, Field(ge=0)] = 5
    credits_per_kg: Positive = 3.0
    tip_share: Share = 0.1
    rated_share: Share = 0.5
    reliability: Annotated[float, Field(gt=0, lt=1)] = 0.85
    alike: Positive = 12.0


class Experiment(StrictModel):
    """A planted experiment on what users do, beside the reminder, which is on who stays.

    Attributes:
        name: What it is called in the log.
        share: Share of the users who get the treatment, drawn user by user.
        claims: What it truly multiplies the rate of claims by; 1 is no effect.
        window_days: Days from the assignment on within which a claim counts.
    """

    name: str
    share: Annotated[float, Field(gt=0, lt=1)]
    claims: Positive
    window_days: Annotated[int, Field(ge=1)]


class SharingParameters(Season):
    """A whole platform. `data/sharing/parameters.yaml` holds the sample's own, with comments.

    Beside what every platform has (`Season`):

    Attributes:
        users: People who ever sign up.
        places: Where people live.
        channels: How they come.
        member_share: Share of the users who join the group of their neighbourhood.
        group_size: Users of a neighbourhood on average.
        partnerships: How many organisations give.
        claims_per_month: Food that a user receives in an average month.
        activity_shape: Shape of the gamma distribution of it; small is unequal.
        sessions_per_month: Visits of a user in an average month.
        views_per_session: Posts seen in a visit.
        partner_share: Share of the food that organisations give.
        cross_group_share: Share of the other food that is sought beyond one's neighbourhood.
        claimed_share: Share of the posts that somebody claims.
        weighed_share: Share of the food that was weighed.
        weight_spread: Standard deviation of the logarithm of a serving's weight.
        servings: Kilograms of each serving size, which are also its true mean.
        serving_shares: How often each size is shared.
        foods: How often each kind of food is shared.
        consumed_share: Share of the food that is reported eaten.
        wasted_share: Share that is reported wasted; of the rest nothing is known.
        distance_known_share: Share of the collections of which the distance is known; 0 on foot.
        distance_km: Median distance driven, there and back.
        rated_share: Share of the exchanges that are rated, after the first.
        rating_shares: Shares of 1 to 5 points after an ordinary exchange.
        ticket_share: Support tickets for each visit.
        supporter_share: Share of the users who pay each month.
        supporter_price: What they pay.
        donation_share: Donations for each exchange.
        donation: Median donation.
        currency: Of all money.
        churn: Why users leave.
        experiment: The planted experiment on claims.
        true_factors: What a kilogram truly does.
        standing: Credits and reputation.
    """

    users: Annotated[int, Field(ge=2)] = 2000
    places: Annotated[tuple[Place, ...], Field(strict=False, min_length=1)] = (
        Place(region="GB-ENG", city="London", share=0.34, car_share=0.2),
        Place(region="GB-ENG", city="Bristol", share=0.18, car_share=0.35),
        Place(region="GB-ENG", city="Leeds", share=0.14, car_share=0.45),
        Place(region="GB-SCT", city="Edinburgh", share=0.18, car_share=0.3),
        Place(region="GB-WLS", city="Cardiff", share=0.11, car_share=0.5),
        Place(region="GB-NIR", city=None, share=0.05, car_share=0.7),
    )
    channels: Annotated[tuple[Channel, ...], Field(strict=False, min_length=1)] = (
        Channel(name="friend", share=0.4, cost=0.5, churn_log_hazard=0.0),
        Channel(name="search", share=0.3, cost=2.0, churn_log_hazard=0.2),
        Channel(name="advert", share=0.2, cost=4.0, churn_log_hazard=0.7),
        Channel(name="partner", share=0.1, cost=1.0, churn_log_hazard=0.0),
    )
    member_share: Share = 0.7
    group_size: Annotated[int, Field(ge=2)] = 40
    partnerships: Annotated[int, Field(ge=0)] = 14
    claims_per_month: Positive = 0.9
    activity_shape: Positive = 1.2
    sessions_per_month: Positive = 1.6
    views_per_session: Annotated[float, Field(ge=1)] = 2.0
    partner_share: Share = 0.15
    cross_group_share: Share = 0.3
    claimed_share: Annotated[float, Field(gt=0, le=1)] = 0.75
    weighed_share: Share = 0.1
    weight_spread: Annotated[float, Field(ge=0)] = 0.25
    servings: dict[str, Positive] = Field(default_factory=lambda: dict(_SERVINGS))
    serving_shares: dict[str, Share] = Field(default_factory=lambda: dict(_SERVING_SHARES))
    foods: dict[str, Share] = Field(default_factory=lambda: dict(_FOODS))
    consumed_share: Share = 0.7
    wasted_share: Share = 0.05
    distance_known_share: Share = 0.8
    distance_km: Positive = 2.5
    rated_share: Share = 0.6
    rating_shares: Annotated[tuple[Share, ...], Field(strict=False, min_length=5, max_length=5)] = (
        0.02, 0.03, 0.10, 0.35, 0.50,
    )  # fmt: skip
    ticket_share: Share = 0.01
    supporter_share: Share = 0.05
    supporter_price: Positive = 3.0
    donation_share: Share = 0.02
    donation: Positive = 4.0
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "GBP"
    churn: Churn = Churn(
        monthly_hazard=0.16, member=-0.8, bad_start=0.9, reminder=-0.4, bad_start_share=0.12
    )
    experiment: Experiment = Experiment(name="tips", share=0.5, claims=1.4, window_days=28)
    true_factors: TrueFactors = TrueFactors(waste_prevention=0.85, ghg=2.7, water=700.0, land=4.0)
    standing: StandingParameters = StandingParameters()

    @model_validator(mode="after")
    def _add_up(self) -> Self:
        """Refuse shares that do not add up to one, and sizes that do not match."""
        wholes = {
            "places": [place.share for place in self.places],
            "channels": [channel.share for channel in self.channels],
            "serving_shares": list(self.serving_shares.values()),
            "foods": list(self.foods.values()),
            "rating_shares": list(self.rating_shares),
        }
        for name, shares in wholes.items():
            if abs(sum(shares) - 1) > _ABOUT_ONE:
                raise ValueError(f"`{name}` must have shares that add up to 1, not {sum(shares):g}")
        if set(self.serving_shares) != set(self.servings):
            raise ValueError("`serving_shares` must name the sizes of `servings`")
        if self.consumed_share + self.wasted_share > 1:
            raise ValueError("`consumed_share` and `wasted_share` must not exceed 1 together")
        return self

    def edges(self) -> list[int]:
        """First user of each place, and the end of the last.

        Raises:
            ParameterError: A place would be without users.
        """
        reached = [0.0]
        for place in self.places:
            reached.append(reached[-1] + place.share)
        ends = [round(self.users * share) for share in reached]
        if any(later <= earlier for earlier, later in pairwise(ends)):
            raise ParameterError(
                f"`users` is {self.users}; it must be enough for {len(self.places)} places."
            )
        return ends
