"""Learning a sensitive value from the fact that a class is coarser than k demands."""

import numpy as np
import polars as pl

from analytics_lib.privacy.attacks.findings import AttackResult, attack_result
from analytics_lib.privacy.attacks.labels import Counts, LabelColumn, Shares, label_column
from analytics_lib.privacy.attacks.matching import ReleasedClasses
from analytics_lib.privacy.attacks.tracing import numbered_classes, source_codes
from analytics_lib.privacy.attacks.violations import Demands, expected_values
from analytics_lib.privacy.hierarchies.hierarchy import Codes, as_text

_MOST_CLASSES = 1_000
_TWO = 2


def attack_by_minimality(
    traced: pl.DataFrame,
    classes: ReleasedClasses,
    *,
    sensitive: str,
    demands: Demands,
    rng: np.random.Generator,
    margin: float,
) -> AttackResult:
    """Does it give values away that a class is coarser than k demands?

    The attacker knows the quasi-identifiers of everybody in the release, and how it was made. Where
    a class could be divided by a finer label into parts of at least `k` people each, k did not
    hinder it; so `l` or `t` did, and one of the parts must have too few sensitive values, or too
    many rows of one. He weighs every way in which that could be so by how many arrangements of the
    values of the class it has, and guesses in each part the value that is expected most often.

    The trap: l and t hold in every class and say nothing of it, since they hold in the class as it
    is, not in the classes that were refused. The baseline is the commonest value of the whole
    class, guessed of the same people: what l and t allow.

    Only a part of the attack is modelled. Columns are looked at one at a time, one level down. For
    `t` a part has too much of one value; several values together, and the ordered distance, are
    not weighed. A class may also have been joined for the sake of another sensitive column or of
    a neighbour; the attacker then guesses wrongly, which is counted.

    Args:
        traced: The real rows of the release, with the values they were made from.
        classes: Its classes.
        sensitive: The column to learn.
        demands: What was asked of every class; `l` or `t`, or there is nothing to conclude from.
        rng: Draws the classes tried, where there are more than 1,000.
        margin: The largest excess that is accepted.

    Returns:
        Share of the people of such classes whose value is guessed, and the share by the commonest
        value. People of a class stand together, so n is classes. 0 where there is no such class.

    References:
        Wong R. C.-W., Fu A. W.-C., Wang K., Pei J. (2007), Minimality attack in privacy preserving
        data publishing, VLDB '07, 543-554.
    """
    values = as_text(traced[sensitive]).unique().sort().to_list()
    place = {value: number for number, value in enumerate(values)}
    held = np.array([place[value] for value in as_text(traced[sensitive])], dtype=np.int64)
    whole = np.bincount(held, minlength=len(values)) / len(held)
    columns = [label_column(classes, name) for name in classes.hierarchies]
    tables = [_held_by_value(traced, classes, column, held, len(values)) for column in columns]
    tried = np.sort(rng.permutation(classes.labels.height)[:_MOST_CLASSES])

    suspects = people = guessed = commonest = 0
    for number in tried:
        found = [
            _guess(table[number], column, int(number), whole, demands)
            for column, table in zip(columns, tables, strict=True)
        ]
        sure = min((one for one in found if one is not None), default=None)
        if sure is None:
            continue
        _, right, naive, rows = sure
        suspects, people = suspects + 1, people + rows
        guessed, commonest = guessed + right, commonest + naive
    tries = suspects or len(tried)
    return attack_result(
        f"minimality, {sensitive}",
        f"Guess `{sensitive}` of people whose class is coarser than k demands.",
        main=(round(tries * guessed / max(people, 1)), tries),
        baseline=(round(tries * commonest / max(people, 1)), tries),
        margin=margin,
    )


def _held_by_value(
    traced: pl.DataFrame, classes: ReleasedClasses, column: LabelColumn, held: Codes, size: int
) -> Counts:
    """Rows by class, by the value they were made from, and by sensitive value."""
    hierarchy, codes = source_codes(traced, column=column.name, hierarchies=classes.hierarchies)
    wide, height = len(hierarchy.values), classes.labels.height
    flat = (numbered_classes(traced, classes) * wide + codes) * size + held
    return np.bincount(flat, minlength=height * wide * size).reshape(height, wide, size)


def _guess(
    table: Counts, column: LabelColumn, number: int, whole: Shares, demands: Demands
) -> tuple[float, int, int, int] | None:
    """How likely it was, people guessed rightly, by the commonest value, and people.

    None where the parts below the label of the class are too small, or no violation is possible.
    """
    counts = np.array([table[part].sum(axis=0) for part in column.parts(number)])
    if not len(counts):
        return None
    counts = counts[counts.sum(axis=1) > 0]
    sizes = counts.sum(axis=1)
    if len(counts) < _TWO or sizes.min() < demands.k:
        return None
    likely, expected = expected_values(sizes, held=counts.sum(axis=0), whole=whole, demands=demands)
    if not likely:
        return None
    right = counts[np.arange(len(counts)), expected.argmax(axis=1)].sum()
    return likely, int(right), int(counts.sum(axis=0).max()), int(counts.sum())
