"""Differential privacy: answers that hide whether any one person is in the table."""

from analytics_lib.privacy.differential.answers import PrivateAnswer
from analytics_lib.privacy.differential.bounds import Bounded
from analytics_lib.privacy.differential.budget import (
    Account,
    Charge,
    Partition,
    PrivacyLedger,
    Receipt,
    Terms,
)
from analytics_lib.privacy.differential.composition import (
    Loss,
    composed_loss,
    require_affordable,
)
from analytics_lib.privacy.differential.counts import (
    private_contingency,
    private_counts,
    private_histogram,
)
from analytics_lib.privacy.differential.models import PrivateModel, private_model
from analytics_lib.privacy.differential.quantiles import private_quantiles
from analytics_lib.privacy.differential.totals import private_means, private_sums

__all__ = [
    "Account",
    "Bounded",
    "Charge",
    "Loss",
    "Partition",
    "PrivacyLedger",
    "PrivateAnswer",
    "PrivateModel",
    "Receipt",
    "Terms",
    "composed_loss",
    "private_contingency",
    "private_counts",
    "private_histogram",
    "private_means",
    "private_model",
    "private_quantiles",
    "private_sums",
    "require_affordable",
]
