"""Putting two halves of what is known of a person together."""

import numpy as np
import polars as pl

from analytics_lib.privacy.attacks.findings import AttackResult, attack_result
from analytics_lib.privacy.attacks.matching import ReleasedClasses

_CANDIDATES = 10


def attack_by_linking(
    classes: ReleasedClasses,
    *,
    members: pl.DataFrame,
    control: pl.DataFrame,
    rng: np.random.Generator,
    margin: float,
) -> AttackResult:
    """Does the release say which two records from elsewhere are of one person?

    The attacker holds half of what is known of somebody, and ten second
    halves of which one is theirs. He takes the one that the released rows go
    with most often. Columns go together in everybody, so the same game with people who are not
    in the release is the baseline.

    Args:
        classes: The classes of the release.
        members: People of the release, as they are.
        control: People of the same source that are not in the release.
        rng: Splits the columns and draws the wrong halves.
        margin: The largest excess that is accepted.

    Returns:
        Shares put together rightly.

    References:
        Article 29 Working Party (2014), Opinion 05/2014, section 2.2.2 (linkability).
    """
    columns = [str(name) for name in rng.permutation(classes.labels.columns)]
    first, second = columns[::2], columns[1::2]
    return attack_result(
        "linkability",
        "Find the other half of a person among ten.",
        main=(_linked(classes, members, first, second, rng), members.height),
        baseline=(_linked(classes, control, first, second, rng), control.height),
        margin=margin,
    )


def _linked(
    classes: ReleasedClasses,
    people: pl.DataFrame,
    first: list[str],
    second: list[str],
    rng: np.random.Generator,
) -> int:
    one = classes.fitting(people, columns=first) * classes.sizes
    other = classes.fitting(people, columns=second).astype(np.float64)
    together = one @ other.T
    lift = together / np.maximum(other @ classes.sizes, 1)[None, :]
    own = np.arange(people.height)
    decoys = rng.integers(people.height, size=(people.height, _CANDIDATES - 1))
    rivals = np.take_along_axis(lift, decoys, axis=1)
    rivals[decoys == own[:, None]] = -1
    score = lift[own, own]
    ahead = (rivals > score[:, None]).any(axis=1)
    level = (rivals == score[:, None]).sum(axis=1)
    chosen = rng.random(people.height) < 1 / (1 + level)  # a tie is settled by a throw
    return int((~ahead & chosen).sum())
