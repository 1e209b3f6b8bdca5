"""What a release has lost."""

from analytics_lib.privacy.utility.association import association_change
from analytics_lib.privacy.utility.certainty_penalty import (
    HierarchyLoss,
    ValueSetLoss,
    ncp_by_hierarchy,
    ncp_by_value_sets,
)
from analytics_lib.privacy.utility.class_sizes import ClassSizeLoss, class_size_loss
from analytics_lib.privacy.utility.coverage import label_coverage
from analytics_lib.privacy.utility.distributions import distribution_distances
from analytics_lib.privacy.utility.entropy import EntropyLoss, non_uniform_entropy
from analytics_lib.privacy.utility.prediction import DownstreamScore, downstream_score

__all__ = [
    "ClassSizeLoss",
    "DownstreamScore",
    "EntropyLoss",
    "HierarchyLoss",
    "ValueSetLoss",
    "association_change",
    "class_size_loss",
    "distribution_distances",
    "downstream_score",
    "label_coverage",
    "ncp_by_hierarchy",
    "ncp_by_value_sets",
    "non_uniform_entropy",
]
