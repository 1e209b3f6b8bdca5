"""Demands that hold for the rows that are left, which is all that the reader of a release has."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from analytics_lib.core.errors import DisclosureError
from analytics_lib.privacy.anonymisation.anonymise import Anonymised, anonymise
from analytics_lib.privacy.anonymisation.criteria import TOLERANCE, Distance
from analytics_lib.privacy.anonymisation.verification import achieved
from analytics_lib.privacy.hierarchies.hierarchy import Hierarchy

_TRIES = 8
_STEP = 0.995


def anonymise_for_release(
    people: pl.DataFrame,
    *,
    quasi_identifiers: Mapping[str, Hierarchy],
    sensitive: Sequence[str],
    t: float | None,
    distance: Distance,
    **demands: Any,  # noqa: ANN401 - the others of `anonymise`
) -> Anonymised:
    """Anonymise so that t holds against all people and against the rows that are left of them.

    The trap: `anonymise` holds t against the table it is given. Suppression moves the
    distribution, and who has the package measures t against what is left. So t is asked for a
    little tighter until both hold; k and l are counted on the rows that are left anyway.

    Args:
        people: One row a person.
        quasi_identifiers: The hierarchy of each column that others may know.
        sensitive: Columns that nobody may learn about a person.
        t: Largest distance of a class's distribution from the table's; None asks for none.
        distance: "equal" or "ordered".
        demands: What else `anonymise` takes.

    Raises:
        DisclosureError: No table was found that holds t both ways, or `anonymise` refuses.
        ParameterError: The demands are impossible.
    """
    asked, reached = t, 0.0
    for _ in range(_TRIES):
        made = anonymise(
            people, quasi_identifiers=quasi_identifiers, sensitive=list(sensitive), t=asked,
            distance=distance, **demands,
        )  # fmt: skip
        if t is None or asked is None:
            return made
        left = achieved(
            made.table, made.table, quasi_identifiers=list(quasi_identifiers),
            sensitive=sensitive, distance=distance,
        )  # fmt: skip
        reached = left.t or 0.0
        if reached <= t + TOLERANCE:
            return made
        asked = min(asked * _STEP, asked - (reached - t))
    raise DisclosureError(
        f"`t` is {t}, but the rows that are left reach {reached:.6f}, also where less is asked "
        "for; allow a larger t, or more suppression."
    )
