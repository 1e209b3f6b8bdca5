"""Floor 4: models fitted to data, with their parameters, their errors and what they predict."""

from analytics_lib.models.clusters import Clusters, cluster_users
from analytics_lib.models.lifetime_value import lifetime_value, predicted_purchases
from analytics_lib.models.purchase_history import purchase_history
from analytics_lib.models.repeat_fit import RepeatModel, fit_repeat_model, repeat_log_likelihood
from analytics_lib.models.repeat_purchases import (
    BgNbd,
    conditional_repeats,
    expected_repeats,
    probability_alive,
    repeat_distribution,
)
from analytics_lib.models.spend_value import (
    GammaGamma,
    SpendModel,
    expected_spend,
    fit_spend_model,
    spend_log_likelihood,
)

__all__ = [
    "BgNbd",
    "Clusters",
    "GammaGamma",
    "RepeatModel",
    "SpendModel",
    "cluster_users",
    "conditional_repeats",
    "expected_repeats",
    "expected_spend",
    "fit_repeat_model",
    "fit_spend_model",
    "lifetime_value",
    "predicted_purchases",
    "probability_alive",
    "purchase_history",
    "repeat_distribution",
    "repeat_log_likelihood",
    "spend_log_likelihood",
]
