"""Learning a sensitive value from the class a person must be in."""

import numpy as np
import polars as pl

from analytics_lib.privacy.attacks.findings import AttackResult, attack_result
from analytics_lib.privacy.attacks.matching import ReleasedClasses, sensitive_table
from analytics_lib.privacy.hierarchies.hierarchy import as_text


def attack_by_inference(
    released: pl.DataFrame,
    classes: ReleasedClasses,
    *,
    members: pl.DataFrame,
    control: pl.DataFrame,
    sensitive: str,
    margin: float,
) -> AttackResult:
    """Is a sensitive value guessed better of people in the release than of others?

    The attacker knows every quasi-identifier of a person, takes all released rows that may
    be theirs, and guesses the commonest value.

    The trap: a good model guesses well of everybody; that is what research is
    for. What the release gives away of its own people is the part by which it does better
    on them than on people it has never seen.

    Args:
        released: The released rows.
        classes: Its classes.
        members: People of the release, as they are.
        control: People of the same source that are not in the release.
        sensitive: The column to guess.
        margin: The largest excess that is accepted.

    Returns:
        Shares guessed right of members, and of control people. Where the commonest value of the
        release, guessed of everybody, is right more often than that, it is the baseline: few
        control people may be guessed badly by chance.

    References:
        Article 29 Working Party (2014), Opinion 05/2014, section 2.2.2 (inference).
    """
    values = as_text(released[sensitive]).unique().sort().to_list()
    counts = sensitive_table(released, classes, column=sensitive, values=values)

    def right(people: pl.DataFrame) -> int:
        fits = classes.fitting(people, columns=classes.labels.columns)
        votes = fits.astype(np.float64) @ counts
        truth = as_text(people[sensitive]).to_list()
        guesses = votes.argmax(axis=1)
        known = votes.sum(axis=1) > 0
        return sum(
            bool(sure) and values[int(guess)] == value
            for sure, guess, value in zip(known, guesses, truth, strict=True)
        )

    commonest = values[int(counts.sum(axis=0).argmax())]
    naive = as_text(members[sensitive]).to_list().count(commonest), members.height
    others = right(control), control.height
    return attack_result(
        f"inference of {sensitive}",
        f"Guess `{sensitive}` from everything else that is known of a person.",
        main=(right(members), members.height),
        baseline=max(others, naive, key=lambda tried: tried[0] / max(tried[1], 1)),
        margin=margin,
    )
