"""Every parameter of the simulated content platform, each said once."""

from typing import Annotated, ClassVar

from pydantic import Field

from analytics_lib.core.strict import StrictModel
from analytics_lib.synthetic.calendars import Positive, Share
from analytics_lib.synthetic.platform_parameters import Driver, PlatformParameters


class KindParameters(StrictModel):
    """A kind of content.

    Attributes:
        per_month: Pieces published in an average month.
        seconds: Median time on one.
        stay_share: Share of the visits that begin with one and go on.
        cost: Median cost of one, in the smallest unit of the currency.
    """

    per_month: Positive
    seconds: Positive
    stay_share: Share
    cost: Positive


class GatheringParameters(StrictModel):
    """Events that members meet at.

    Attributes:
        every_days: Days from one to the next.
        announced_days: How long before it one can register.
        registered_share: Share of the members there on the day who have registered.
        attended_share: Share of those registered who come.
    """

    every_days: Annotated[int, Field(ge=1)] = 14
    announced_days: Annotated[int, Field(ge=1)] = 10
    registered_share: Share = 0.08
    attended_share: Share = 0.6


_KINDS = {
    "article": KindParameters(per_month=8.0, seconds=90.0, stay_share=0.55, cost=15_000.0),
    "video": KindParameters(per_month=3.0, seconds=180.0, stay_share=0.65, cost=40_000.0),
    "podcast": KindParameters(per_month=2.0, seconds=300.0, stay_share=0.4, cost=25_000.0),
}


class ContentPlatformParameters(PlatformParameters):
    """A whole content platform; `data/content_platform/parameters.yaml` has it with comments.

    Beside what both platforms have (`PlatformParameters`):

    Attributes:
        kinds: Kinds of content.
        half_life_days: Days in which the demand for a piece halves.
        stock_days: Days before the first one from which pieces are there.
        topics: What pieces are about, in turn.
        trend_factor: How many times the weight of the trending piece is multiplied.
        trend_days: Days at the end on which it trends.
        like_share: Likes for each view.
        comment_share: Comments for each view.
        share_share: Shares for each view.
        share_share_with_button: The same where the new button is shown: the planted experiment.
        gatherings: Events that members meet at.
        supporter_share: Share of the members who pay each month.
        supporter_price: What they pay.
    """

    DRIVERS: ClassVar[frozenset[str]] = frozenset({"bad_start", "newsletter"})

    visits_per_month: Positive = 2.5
    views_per_visit: Annotated[float, Field(ge=1)] = 2.2
    drivers: dict[str, Driver] = Field(
        default_factory=lambda: {
            "bad_start": Driver(share=0.2, log_hazard=0.7),
            "newsletter": Driver(share=0.4, log_hazard=-0.5),
        }
    )
    kinds: dict[str, KindParameters] = Field(default_factory=lambda: dict(_KINDS), min_length=1)
    half_life_days: Positive = 40.0
    stock_days: Annotated[int, Field(ge=1)] = 90
    topics: Annotated[tuple[str, ...], Field(strict=False, min_length=1)] = (
        "baking", "gardening", "mending", "languages",
    )  # fmt: skip
    trend_factor: Annotated[float, Field(ge=1)] = 8.0
    trend_days: Annotated[int, Field(ge=0)] = 7
    like_share: Share = 0.08
    comment_share: Share = 0.03
    share_share: Share = 0.04
    share_share_with_button: Share = 0.06
    gatherings: GatheringParameters = GatheringParameters()
    supporter_share: Share = 0.06
    supporter_price: Positive = 4.0
