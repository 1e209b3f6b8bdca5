"""Attacks on a release, measured against people who are not in it."""

from analytics_lib.privacy.attacks.dictionary import attack_pseudonyms
from analytics_lib.privacy.attacks.findings import DEFAULT_MARGIN, AttackResult, attack_result
from analytics_lib.privacy.attacks.reconstruction import (
    attack_by_differencing,
    attack_by_reconstruction,
)
from analytics_lib.privacy.attacks.suite import AttackPlan, attack_release, refuse_successes
from analytics_lib.privacy.attacks.tracing import source_of, with_sources

__all__ = [
    "DEFAULT_MARGIN",
    "AttackPlan",
    "AttackResult",
    "attack_by_differencing",
    "attack_by_reconstruction",
    "attack_pseudonyms",
    "attack_release",
    "attack_result",
    "refuse_successes",
    "source_of",
    "with_sources",
]
