"""What a table gives away, computed from the counts of its equivalence classes."""

from analytics_lib.privacy.assessment.anonymity import (
    AlphaKAnonymity,
    KAnonymity,
    assess_alpha_k_anonymity,
    assess_k_anonymity,
)
from analytics_lib.privacy.assessment.classes import EquivalenceClasses, equivalence_classes
from analytics_lib.privacy.assessment.closeness import TCloseness, assess_t_closeness
from analytics_lib.privacy.assessment.diversity import LDiversity, assess_l_diversity
from analytics_lib.privacy.assessment.likeness import (
    BetaLikeness,
    DeltaDisclosure,
    assess_beta_likeness,
    assess_delta_disclosure,
)
from analytics_lib.privacy.assessment.population import KMap, assess_k_map
from analytics_lib.privacy.assessment.report import (
    PrivacyAssessment,
    SensitiveAssessment,
    assess_privacy,
)
from analytics_lib.privacy.assessment.risk import (
    ReidentificationRisk,
    assess_journalist_risk,
    assess_marketer_risk,
    assess_prosecutor_risk,
)
from analytics_lib.privacy.assessment.uniqueness import Uniqueness, assess_uniqueness

__all__ = [
    "AlphaKAnonymity",
    "BetaLikeness",
    "DeltaDisclosure",
    "EquivalenceClasses",
    "KAnonymity",
    "KMap",
    "LDiversity",
    "PrivacyAssessment",
    "ReidentificationRisk",
    "SensitiveAssessment",
    "TCloseness",
    "Uniqueness",
    "assess_alpha_k_anonymity",
    "assess_beta_likeness",
    "assess_delta_disclosure",
    "assess_journalist_risk",
    "assess_k_anonymity",
    "assess_k_map",
    "assess_l_diversity",
    "assess_marketer_risk",
    "assess_privacy",
    "assess_prosecutor_risk",
    "assess_t_closeness",
    "assess_uniqueness",
    "equivalence_classes",
]
