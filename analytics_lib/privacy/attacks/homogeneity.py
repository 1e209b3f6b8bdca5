"""Learning a sensitive value with certainty, because a whole class shares it."""

import numpy as np
import polars as pl

from analytics_lib.privacy.attacks.findings import AttackResult, attack_result
from analytics_lib.privacy.attacks.matching import ReleasedClasses, sensitive_table
from analytics_lib.privacy.hierarchies.hierarchy import as_text


def attack_homogeneity(
    released: pl.DataFrame, classes: ReleasedClasses, *, sensitive: str, k: int, margin: float
) -> AttackResult:
    """How many people are in a class that shares one sensitive value, beyond chance?

    The trap: k says nothing of it. Five people of one class who all failed
    have k = 5, and each of them is known to have failed. Chance is what
    classes of the same sizes, and of no fewer than k, would have if people were put into
    them blindly; somebody alone in a class is not excused by being alone. And every row is
    counted, none is drawn: the share is judged as it is, for an interval as wide as that of a
    small table would excuse what is known for certain.

    Args:
        released: The released rows.
        classes: Its classes.
        sensitive: The column to learn.
        k: Fewest rows that a class must have.
        margin: The largest excess that is accepted.

    Returns:
        Share of the rows in such classes, and the share expected by chance.

    References:
        Machanavajjhala A. et al. (2007), ACM TKDD 1(1), section 2 (homogeneity attack).
    """
    values = as_text(released[sensitive]).unique().sort().to_list()
    counts = sensitive_table(released, classes, column=sensitive, values=values)
    sizes = counts.sum(axis=1)
    alike = int(sizes[counts.max(axis=1) == sizes].sum())
    shares = counts.sum(axis=0) / counts.sum()
    least = np.maximum(sizes, k)[:, None]
    chance = float((sizes * (shares[None, :] ** least).sum(axis=1)).sum())
    return attack_result(
        f"homogeneity of {sensitive}",
        f"Read `{sensitive}` off a class in which all rows share it.",
        main=(alike, released.height),
        baseline=(int(np.floor(chance)), released.height),
        margin=margin,
        certain=True,
    )
