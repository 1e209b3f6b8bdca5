"""Sums of what people contributed: declared by the report, protected in its notebook."""

from collections.abc import Iterator, Sequence
from typing import Any

from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.dominance import DominanceRule
from analytics_lib.reporting.gate.findings import Finding
from analytics_lib.reporting.gate.policy import DisclosurePolicy
from analytics_lib.reporting.payloads import Payload

RULE = "dominance"


def sum_findings(
    payloads: Sequence[Payload], *, declared: Sequence[str], policy: DisclosurePolicy
) -> Iterator[Finding]:
    """Every declared sum that was not protected as strictly as the policy asks.

    Whether one person makes up nearly all of a sum cannot be seen on the page.
    So the proof is made where the contributions are: `protect_sums` writes the
    rule beside the sums, `display.protected_sums` hands it on.

    Args:
        payloads: Everything the page shows.
        declared: Ids of the objects the report's card declares to show such sums.
        policy: The policy.
    """
    if policy.dominance is None:
        return
    asked = policy.dominance.rule()
    shown = {payload.id: payload for payload in payloads}
    safe = {
        id_
        for payload in payloads
        for id_ in payload.protects
        if _is_strict_enough(payload.rule, asked)
    }
    for id_ in declared:
        if id_ not in shown:
            yield Finding(
                rule=RULE, where=id_, words="the card declares sums of it, but it is not shown"
            )
        elif id_ not in safe and (shown[id_].rows or shown[id_].results):
            yield Finding(
                rule=RULE,
                where=id_,
                words="its sums of what people contributed are not protected as the policy asks; "
                "use `protect_sums` with `dominance_rule()`, and show `display.protected_sums`",
            )


def protected_objects(payloads: Sequence[Payload]) -> list[str]:
    """Ids of the objects whose sums are protected, for the manifest."""
    return sorted({id_ for payload in payloads for id_ in payload.protects})


def _is_strict_enough(rule: dict[str, Any] | None, asked: DominanceRule) -> bool:
    try:
        return rule is not None and DominanceRule(**rule).is_as_strict_as(asked)
    except (TypeError, ParameterError):  # not what `protect_sums` writes
        return False
