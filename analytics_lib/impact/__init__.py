"""Floor 4: what sharing food does for the world, with sources, ranges and net effect."""

from analytics_lib.impact.amounts import Amount, food_mass, ratio_of, times, total
from analytics_lib.impact.assumptions import NetAssumptions
from analytics_lib.impact.by_place import impact_by_place, roll_up
from analytics_lib.impact.community import (
    communities_strengthened,
    cross_community_exchanges,
    people_helped,
)
from analytics_lib.impact.community_readings import active_groups, resilience_parts
from analytics_lib.impact.comparison import compare_factor_sets
from analytics_lib.impact.estimates import ImpactEstimates, estimate_impact
from analytics_lib.impact.factor_readings import (
    ADJUSTMENTS,
    factors_in_words,
    item_ranges,
    sensitivity,
)
from analytics_lib.impact.factors.adjustments import CAR, DISPOSAL, REBOUND
from analytics_lib.impact.factors.catalogue import FACTOR_SETS, factor_set
from analytics_lib.impact.factors.factor import Factor
from analytics_lib.impact.factors.factor_set import FactorSet, NoFactorError, own_factor_set
from analytics_lib.impact.food import (
    bond_strength,
    food_consumed,
    food_shared,
    food_value,
    greenhouse_gas_avoided,
    land_spared,
    lasting_connections,
    local_activity,
    meals,
    money_saved,
    waste_prevented,
    water_saved,
)
from analytics_lib.impact.masses import exchange_masses
from analytics_lib.impact.net import (
    additional,
    after_rebound,
    car_kilometres,
    collection_transport,
    displaced,
    net_of,
    with_disposal,
)
from analytics_lib.impact.place_readings import food_by_person, impact_of_places
from analytics_lib.impact.readings import (
    complete_month,
    exchanges_within,
    impact_by_month,
    limits_of,
    main_drivers,
    side_by_side,
)
from analytics_lib.impact.resilience import (
    RESILIENCE_WEIGHTS,
    ResilienceScore,
    food_security_contribution,
    resilience_score,
)

__all__ = [
    "ADJUSTMENTS",
    "CAR",
    "DISPOSAL",
    "FACTOR_SETS",
    "REBOUND",
    "RESILIENCE_WEIGHTS",
    "Amount",
    "Factor",
    "FactorSet",
    "ImpactEstimates",
    "NetAssumptions",
    "NoFactorError",
    "ResilienceScore",
    "active_groups",
    "additional",
    "after_rebound",
    "bond_strength",
    "car_kilometres",
    "collection_transport",
    "communities_strengthened",
    "compare_factor_sets",
    "complete_month",
    "cross_community_exchanges",
    "displaced",
    "estimate_impact",
    "exchange_masses",
    "exchanges_within",
    "factor_set",
    "factors_in_words",
    "food_by_person",
    "food_consumed",
    "food_mass",
    "food_security_contribution",
    "food_shared",
    "food_value",
    "greenhouse_gas_avoided",
    "impact_by_month",
    "impact_by_place",
    "impact_of_places",
    "item_ranges",
    "land_spared",
    "lasting_connections",
    "limits_of",
    "local_activity",
    "main_drivers",
    "meals",
    "money_saved",
    "net_of",
    "own_factor_set",
    "people_helped",
    "ratio_of",
    "resilience_parts",
    "resilience_score",
    "roll_up",
    "sensitivity",
    "side_by_side",
    "times",
    "total",
    "waste_prevented",
    "water_saved",
    "with_disposal",
]
