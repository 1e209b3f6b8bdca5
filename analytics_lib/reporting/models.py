"""What may be asked of each report: types, ranges and choices of its parameters.

A report without a class here is checked against the types of its own
parameters cell. A class adds what a type cannot say.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, create_model

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.strict import StrictModel
from analytics_lib.reporting.custom.definition import Custom
from analytics_lib.reporting.notebook import PRESS_PARAMETERS, ReportNotebook


def _place(name: str) -> str:
    from analytics_lib.impact.places import require_place  # noqa: PLC0415 - loads polars

    return require_place(name)


def _factor_set(name: str) -> str:
    from analytics_lib.impact.factors.catalogue import factor_set  # noqa: PLC0415 - likewise

    return factor_set(name).name


Place = Annotated[str, AfterValidator(_place)]
FactorSetName = Annotated[str, AfterValidator(_factor_set)]


class LearningOverview(StrictModel):
    """Parameters of `learning_overview`."""

    confidence_level: float = Field(default=0.95, gt=0.5, lt=1)


class Retention(StrictModel):
    """Parameters of `retention`."""

    cohort_granularity: Literal["week", "month"] = "month"
    curve_weeks: int = Field(default=36, ge=4, le=60)
    minimum_cohort: int = Field(default=20, ge=10)
    headline_age: int = Field(default=3, ge=1, le=9)


class UserGrowth(StrictModel):
    """Parameters of `user_growth`."""

    minimum_count: int = Field(default=10, ge=10)


class Funnels(StrictModel):
    """Parameters of `funnels`."""

    window_days: int = Field(default=7, ge=1, le=90)
    minimum_count: int = Field(default=10, ge=10)


class Engagement(StrictModel):
    """Parameters of `engagement`."""

    timeout_minutes: int = Field(default=30, ge=1, le=1440)
    minimum_count: int = Field(default=10, ge=10)


class Journeys(StrictModel):
    """Parameters of `journeys`."""

    minimum_count: int = Field(default=10, ge=10)
    lookback_days: int = Field(default=30, ge=1, le=365)


class Revenue(StrictModel):
    """Parameters of `revenue`."""

    value_days: int = Field(default=365, ge=1)
    gross_margin: float = Field(default=1.0, gt=0, le=1)
    horizon_weeks: int = Field(default=52, ge=1, le=260)
    discount_rate: float = Field(default=0.1, ge=0, le=1)
    minimum_count: int = Field(default=10, ge=10)


class Segments(StrictModel):
    """Parameters of `segments`."""

    segment_rules: str = "customers"
    minimum_count: int = Field(default=10, ge=10)


class LearningOutcomes(StrictModel):
    """Parameters of `learning_outcomes`."""

    minimum_count: int = Field(default=10, ge=10)
    early_weeks: int = Field(default=4, ge=1, le=20)


class Operations(StrictModel):
    """Parameters of `operations`."""

    objective: float = Field(default=0.99, gt=0, lt=1)
    budget_days: int = Field(default=28, ge=1, le=366)


class ContentPerformance(StrictModel):
    """Parameters of `content_performance`."""

    minimum_count: int = Field(default=10, ge=10)
    minimum_viewers: int = Field(default=30, ge=10)
    minimum_views: int = Field(default=20, ge=1)
    recent_days: int = Field(default=7, ge=1, le=90)
    baseline_days: int = Field(default=28, ge=1, le=365)
    window_days: int = Field(default=7, ge=1, le=90)


class Marketplace(StrictModel):
    """Parameters of `marketplace`."""

    confidence_level: float = Field(default=0.95, gt=0.5, lt=1)
    minimum_count: int = Field(default=10, ge=10)


class SocialImpact(StrictModel):
    """Parameters of `social_impact`."""

    region: Place = "GB"
    factor_set: FactorSetName = "platform_default"
    level: Literal["region", "city"] = "city"
    draws: int = Field(default=50_000, ge=1_000, le=1_000_000)
    seed: int = Field(default=1, ge=0)
    minimum_count: int = Field(default=10, ge=10)


class CommunityHealth(StrictModel):
    """Parameters of `community_health`."""

    regular_days: int = Field(default=3, ge=1, le=31)
    minimum_count: int = Field(default=10, ge=10)


class ExecutiveSummary(StrictModel):
    """Parameters of `executive_summary`."""

    region: Place = "GB"
    factor_set: FactorSetName = "platform_default"
    insight_rules: str = "sharing"
    gross_margin: float = Field(default=1.0, gt=0, le=1)
    value_days: int = Field(default=180, ge=28, le=3660)
    minimum_count: int = Field(default=10, ge=10)


class ResearchDataset(StrictModel):
    """Parameters of `research_dataset`."""

    research_package: str = "ou-students-demonstration"
    minimum_count: int = Field(default=10, ge=10)


class ResearchProgramme(StrictModel):
    """Parameters of `research_programme`."""


class ImpactMethods(StrictModel):
    """Parameters of `impact_methods`."""

    region: Place = "GB"
    factor_set: FactorSetName = "platform_default"


MODELS: dict[str, type[StrictModel]] = {
    "community_health": CommunityHealth,
    "content_performance": ContentPerformance,
    "custom": Custom,
    "engagement": Engagement,
    "executive_summary": ExecutiveSummary,
    "funnels": Funnels,
    "impact_methods": ImpactMethods,
    "journeys": Journeys,
    "learning_outcomes": LearningOutcomes,
    "learning_overview": LearningOverview,
    "marketplace": Marketplace,
    "operations": Operations,
    "research_dataset": ResearchDataset,
    "research_programme": ResearchProgramme,
    "retention": Retention,
    "revenue": Revenue,
    "segments": Segments,
    "social_impact": SocialImpact,
    "user_growth": UserGrowth,
}

_TYPES: dict[str, Any] = {
    "int": int,
    "float": float,
    "str": str,
    "bool": bool,
    "dict": dict,
    "list": list,
    "list[str]": list[str],
    "list[int]": list[int],
}


def model_of(notebook: ReportNotebook) -> type[StrictModel]:
    """The parameter model of a report: its class, or one made from its parameters cell.

    Raises:
        ParameterError: The cell uses a type that is not known here.
    """
    if notebook.name in MODELS:
        return MODELS[notebook.name]
    fields: dict[str, Any] = {}
    for slot in notebook.slots:
        if slot.name in PRESS_PARAMETERS:
            continue
        if slot.annotation not in _TYPES:
            raise ParameterError(
                f"`{slot.name}` of `{notebook.name}` is annotated {slot.annotation!r}; it must be "
                f"one of {sorted(_TYPES)}."
            )
        fields[slot.name] = (_TYPES[slot.annotation], slot.default)
    model: type[StrictModel] = create_model(notebook.name, __base__=StrictModel, **fields)
    return model
