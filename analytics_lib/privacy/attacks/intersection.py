"""Holding two releases of the same people against each other."""

import numpy as np
import polars as pl

from analytics_lib.privacy.attacks.findings import AttackResult, attack_result
from analytics_lib.privacy.attacks.matching import Flags, ReleasedClasses, sensitive_table
from analytics_lib.privacy.hierarchies.hierarchy import as_text


def attack_by_intersection(
    releases: tuple[pl.DataFrame, pl.DataFrame],
    classes: tuple[ReleasedClasses, ReleasedClasses],
    *,
    members: pl.DataFrame,
    sensitive: str,
    margin: float,
) -> AttackResult:
    """Do two releases of the same people give away what neither does alone?

    In each of them a person may have one of several values; only those that
    both allow remain. The baseline is the release that gives away more by itself.

    The trap: k, l and t of each release say nothing of both together. What is left over is
    known, not guessed, so that no interval excuses it.

    Args:
        releases: The new release and an earlier one.
        classes: The classes of both.
        members: People of the new release, as they are.
        sensitive: The column to learn, in both.
        margin: The largest excess that is accepted.

    Returns:
        Share of the people whose value is certain from both, and from one alone.

    References:
        Ganta S. R. et al. (2008), KDD '08, 265-273 (composition attacks).
    """
    values = sorted(
        {value for part in releases for value in as_text(part[sensitive]).to_list()}, key=str
    )
    allowed: list[Flags] = []
    for released, known in zip(releases, classes, strict=True):
        counts = sensitive_table(released, known, column=sensitive, values=values)
        fits = known.fitting(members, columns=known.labels.columns)
        allowed.append(fits.astype(np.float64) @ counts > 0)
    place = {value: index for index, value in enumerate(values)}
    truth = np.array([place.get(value, -1) for value in as_text(members[sensitive])])
    alone = [_certain(part, truth) for part in allowed]
    return attack_result(
        f"intersection of two releases, {sensitive}",
        f"Read `{sensitive}` off what two releases of the same people both allow.",
        main=(_certain(allowed[0] & allowed[1], truth), members.height),
        baseline=(max(alone), members.height),
        margin=margin,
        certain=True,
    )


def _certain(allowed: Flags, truth: np.typing.NDArray[np.int64]) -> int:
    single = allowed.sum(axis=1) == 1
    return int((single & (allowed.argmax(axis=1) == truth)).sum())
