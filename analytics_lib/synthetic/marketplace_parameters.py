"""Every parameter of the simulated learning marketplace, each said once."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from analytics_lib.core.strict import StrictModel
from analytics_lib.synthetic.calendars import Positive, Share
from analytics_lib.synthetic.platform_parameters import Driver, PlatformParameters

Points = Annotated[tuple[Share, ...], Field(strict=False, min_length=5, max_length=5)]


class LessonParameters(StrictModel):
    """How lessons are booked, held, paid for and rated.

    Attributes:
        per_month: Lessons a learner books for an average month.
        lead_days: Days from booking to lesson, on average.
        longest_lead: The most of them.
        own_tutor_share: Share of the lessons with the learner's own tutor; the rest with any.
        cancelled_share: Share of the lessons that are cancelled.
        missed_share: Share of the others that the learner misses.
        missed_share_reminded: The same of those who are sent a reminder: the planted experiment.
        refunded_share: Share of the cancelled lessons that are paid back.
        price: Median price of a lesson.
        price_spread: Standard deviation of its logarithm, from tutor to tutor.
        commission: Share of each price that the platform keeps.
        reviewed_share: Share of the attended lessons that are reviewed, after the first.
        rating_shares: Shares of 1 to 5 points of an ordinary tutor.
        better_share: Share of the tutors that are better.
        better_rating_shares: Their shares of 1 to 5 points.
        spare_slots: Lessons offered and not taken, of a tutor and day on average.
    """

    per_month: Positive = 1.6
    lead_days: Annotated[float, Field(ge=1)] = 4.0
    longest_lead: Annotated[int, Field(ge=1)] = 14
    own_tutor_share: Share = 0.7
    cancelled_share: Share = 0.1
    missed_share: Share = 0.14
    missed_share_reminded: Share = 0.09
    refunded_share: Share = 0.8
    price: Positive = 24.0
    price_spread: Annotated[float, Field(ge=0)] = 0.25
    commission: Share = 0.2
    reviewed_share: Share = 0.5
    rating_shares: Points = (0.05, 0.05, 0.15, 0.35, 0.40)
    better_share: Share = 0.3
    better_rating_shares: Points = (0.00, 0.05, 0.05, 0.25, 0.65)
    spare_slots: Annotated[float, Field(ge=0)] = 0.4


class CourseParameters(StrictModel):
    """Courses beside the lessons.

    Attributes:
        names: What can be learned.
        every_days: Days from the start of one presentation to that of the next.
        length_days: How long a presentation lasts.
        items: Pieces of content of each.
        price: What a place costs.
        steps_per_week: Pieces of content a learner uses in an ordinary week of the course.
        passed_share: Share that pass, of those still there at the end.
        distinction_share: Share that pass with distinction, of the same.
    """

    names: Annotated[tuple[str, ...], Field(strict=False, min_length=1)] = (
        "spanish", "guitar", "algebra",
    )  # fmt: skip
    every_days: Annotated[int, Field(ge=1)] = 91
    length_days: Annotated[int, Field(ge=7)] = 70
    items: Annotated[int, Field(ge=1)] = 12
    price: Positive = 60.0
    steps_per_week: Positive = 1.5
    passed_share: Share = 0.6
    distinction_share: Share = 0.15


class MarketplaceParameters(PlatformParameters):
    """A whole marketplace. `data/marketplace/parameters.yaml` holds the sample's own.

    Beside what both platforms have (`PlatformParameters`), whose users are here
    the learners:

    Attributes:
        tutors_in_block: Tutors of a block; all are there throughout.
        lessons: How lessons are booked, held, paid for and rated.
        courses: Courses beside the lessons.
    """

    DRIVERS: ClassVar[frozenset[str]] = frozenset({"bad_start", "course"})

    tutors_in_block: Annotated[int, Field(ge=1)] = 20
    drivers: dict[str, Driver] = Field(
        default_factory=lambda: {
            "bad_start": Driver(share=0.15, log_hazard=0.8),
            "course": Driver(share=0.3, log_hazard=-0.7),
        }
    )
    lessons: LessonParameters = LessonParameters()
    courses: CourseParameters = CourseParameters()

    @model_validator(mode="after")
    def _outcomes(self) -> Self:
        """Refuse more passes than learners."""
        if self.courses.passed_share + self.courses.distinction_share > 1:
            raise ValueError("`passed_share` and `distinction_share` must not exceed 1 together")
        return self

    def wholes(self) -> dict[str, list[float]]:
        """Shares that must add up to one, by name."""
        return {
            **PlatformParameters.wholes(self),
            "rating_shares": list(self.lessons.rating_shares),
            "better_rating_shares": list(self.lessons.better_rating_shares),
        }
