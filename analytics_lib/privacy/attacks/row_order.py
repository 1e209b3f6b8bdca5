"""Joining a release with its source by the order of the rows."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from analytics_lib.privacy.attacks.findings import AttackResult, attack_result
from analytics_lib.privacy.attacks.matching import released_classes
from analytics_lib.privacy.hierarchies.hierarchy import Hierarchy, as_text

_MOST_ROWS = 2_000


def attack_row_order(
    released: pl.DataFrame,
    source: pl.DataFrame,
    *,
    hierarchies: Mapping[str, Hierarchy],
    rng: np.random.Generator,
    margin: float,
) -> AttackResult:
    """Do the rows still stand in the order of their source?

    The attacker walks down the source and gives every released row, in its order, to the next
    person it fits. If rows are only missing, and not mixed, all of them find
    somebody before the source ends. The baseline walks through the same rows mixed.

    Args:
        released: The released rows in their order.
        source: The people in the order of the source.
        hierarchies: Hierarchy of each quasi-identifier.
        rng: Mixes the rows for the baseline.
        margin: The largest excess that is accepted.

    Returns:
        Share of the released rows that found somebody, and the share of mixed rows that do. The
        first 2,000 rows of a larger table are looked at.
    """
    head = source.head(_MOST_ROWS)
    part = released.head(_MOST_ROWS)
    classes = released_classes(part, hierarchies=hierarchies)
    numbered = classes.labels.with_row_index("__class")
    names = list(hierarchies)
    numbers = (
        part.select(as_text(part[name]) for name in names)
        .join(numbered, on=names, how="left", nulls_equal=True, maintain_order="left")["__class"]
        .to_numpy()
    )
    fits = classes.fitting(head, columns=names)
    baseline = _walk(fits, rng.permutation(numbers))
    return attack_result(
        "row order",
        "Join the rows with their source by position.",
        main=(max(_walk(fits, numbers), _walk(fits, numbers[::-1])), len(numbers)),
        baseline=(baseline, len(numbers)),
        margin=margin,
    )


def _walk(fits: np.typing.NDArray[np.bool_], numbers: np.typing.NDArray[np.int64]) -> int:
    person = found = 0
    for number in numbers:
        ahead = np.flatnonzero(fits[person:, number])
        if not len(ahead):
            break
        person += int(ahead[0]) + 1
        found += 1
    return found
