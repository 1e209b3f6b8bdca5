"""Undoing a part of the generalisation, since labels are as fine as the method could make them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics_lib.privacy.attacks.findings import AttackResult, attack_result
from analytics_lib.privacy.attacks.labels import (
    Counts,
    LabelColumn,
    Shares,
    label_column,
    source_counts,
)
from analytics_lib.privacy.attacks.matching import MISSING, Flags, ReleasedClasses

_MOST_CLASSES = 2_000
_JUDGED_ALONE = 0.05  # share of the released rows whose label of a column hides something
_QUESTION = "Say how the rows below a label divide among the next finer labels, in {}."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Score:
    """Rows given to the right finer label: by what is known of everybody, and by the attacker."""

    name: str
    classes: int = 0
    rows: int = 0
    known: int = 0
    excluded: int = 0
    tight: int = 0

    def __add__(self, other: "_Score") -> "_Score":
        return _Score(
            name=self.name,
            classes=self.classes + other.classes,
            rows=self.rows + other.rows,
            known=self.known + other.known,
            excluded=self.excluded + other.excluded,
            tight=self.tight + other.tight,
        )

    def result(self, margin: float) -> AttackResult:
        """The better of the two ways to attack. Rows of a class stand together, so n is classes."""
        best = max(self.excluded, self.tight)
        return attack_result(
            f"downcoding of {self.name}",
            _QUESTION.format(self.name),
            main=(round(self.classes * best / self.rows), self.classes),
            baseline=(round(self.classes * self.known / self.rows), self.classes),
            margin=margin,
        )


def attack_by_downcoding(
    traced: pl.DataFrame,
    classes: ReleasedClasses,
    *,
    control: pl.DataFrame,
    k: int,
    rng: np.random.Generator,
    margin: float,
) -> tuple[AttackResult, ...]:
    """Can labels be made finer again by somebody who knows how they were made?

    The attacker knows that no label is coarser than it had to be. In a class whose label
    hides several finer ones he rules out those that have a class of their own with otherwise equal
    labels, as their rows would be there. Of what is left, at least two must occur, and none in
    `k` rows or more. Within these bounds he divides the rows of the class as people in general do.

    The trap: that most people are of the commonest value is known without a release. So the
    baseline divides the rows as the control people divide, without the bounds.

    Only a part of the attack is modelled: one column at a time, one level down, and neither the
    order in which a method takes its classes nor its ties. To withstand it is no proof.

    Args:
        traced: The real rows of the release, with the values they were made from.
        classes: Its classes.
        control: People of the same source that are not in the release.
        k: Fewest rows that a class must have.
        rng: Draws the classes tried, where there are more than 2,000.
        margin: The largest excess that is accepted.

    Returns:
        One result for each column in which at least a twentieth of the rows have a label that
        hides something, and one for all columns together: the share of the rows of these classes
        that are given to the right finer label. No result where nothing is hidden.

    References:
        Cohen A. (2022), Attacks on deidentification's defenses, USENIX Security '22, 1469-1486.
    """
    tried = np.sort(rng.permutation(classes.labels.height)[:_MOST_CLASSES])
    rows = int(classes.sizes[tried].sum())
    scores = [
        score
        for name in classes.hierarchies
        if (score := _score(name, traced, classes, control, k, tried)).rows
    ]
    judged = [score for score in scores if score.rows >= _JUDGED_ALONE * rows]
    if len(scores) > 1:
        judged.append(sum(scores, start=_Score(name="all columns together")))
    return tuple(score.result(margin) for score in judged)


def _score(
    name: str,
    traced: pl.DataFrame,
    classes: ReleasedClasses,
    control: pl.DataFrame,
    k: int,
    tried: Counts,
) -> _Score:
    column = label_column(classes, name)
    truth = source_counts(traced, classes, column=name)
    taken = _taken_elsewhere(classes, column)
    _, codes = column.hierarchy.encode(control[name])
    people = np.bincount(codes, minlength=len(column.hierarchy.values)) + 1.0
    total = _Score(name=name)
    for number in tried:
        parts = column.parts(number)
        if not parts:
            continue
        true = np.array([truth[number][part].sum() for part in parts])
        shares = np.array([people[part].sum() for part in parts])
        free = np.array([bool((part & ~taken[number]).any()) for part in parts])
        found = [_right(true, guess) for guess in _guesses(int(true.sum()), shares, free, k)]
        known, excluded, tight = found
        total += _Score(
            name=name, classes=1, rows=int(true.sum()), known=known, excluded=excluded, tight=tight
        )
    return total


def _taken_elsewhere(classes: ReleasedClasses, column: LabelColumn) -> Flags:
    """Of each class the values that a finer class has, all its other labels being the same."""
    taken = np.zeros_like(column.covered)
    others = [name for name in classes.labels.columns if name != column.name]
    for group in _alike(classes.labels, others):
        covered = column.covered[group]
        wider = (covered[:, None, :] & ~covered[None, :, :]).any(axis=2)
        finer = wider & ~wider.T  # of each row those columns that are inside it, and smaller
        taken[group] = (finer.astype(np.float64) @ covered.astype(np.float64)) > 0
    return taken


def _alike(labels: pl.DataFrame, names: list[str]) -> Iterator[Counts]:
    numbered = labels.with_row_index("__class")
    keyed = numbered.select("__class", *[pl.col(name).fill_null(MISSING) for name in names])
    groups = (
        keyed.group_by(names, maintain_order=True).agg("__class")["__class"]
        if names
        else [keyed["__class"]]
    )
    for group in groups:
        if len(group) > 1:
            yield np.asarray(group.to_numpy(), dtype=np.int64)


def _guesses(rows: int, shares: Shares, free: Flags, k: int) -> Iterator[Counts]:
    """How the rows divide: as people do, without what is taken, and within the bounds as well."""
    none, all_rows = np.zeros(len(shares), dtype=np.int64), np.full(len(shares), rows)
    yield divided(rows, shares, least=none, most=all_rows)
    if not free.any():
        free = ~free
    left = shares * free
    yield divided(rows, left, least=none, most=all_rows * free)
    most = (k - 1) * free
    if most.sum() < rows:
        most = all_rows * free
    least = none.copy()
    if free.sum() > 1:
        least[np.argsort(-left, kind="stable")[:2]] = 1
    yield divided(rows, left, least=least, most=most)


def divided(rows: int, shares: Shares, *, least: Counts, most: Counts) -> Counts:
    """Rows divided among parts in the ratio of their shares, within bounds.

    Args:
        rows: Rows to divide; the bounds allow for them.
        shares: Weight of each part.
        least: Fewest rows of each part.
        most: Most rows of each part.

    Examples:
        >>> none, all_rows = np.zeros(2, dtype=np.int64), np.array([10, 10])
        >>> divided(10, np.array([3.0, 1.0]), least=none, most=all_rows).tolist()
        [8, 2]
        >>> divided(10, np.array([3.0, 1.0]), least=none, most=np.array([6, 6])).tolist()
        [6, 4]
    """
    wanted = rows * shares / shares.sum()
    given: Counts = np.clip(np.floor(wanted).astype(np.int64), least, most)
    while given.sum() < rows:
        given[np.where(given < most, wanted - given, -np.inf).argmax()] += 1
    while given.sum() > rows:
        given[np.where(given > least, given - wanted, -np.inf).argmax()] -= 1
    return given


def _right(true: Counts, guess: Counts) -> int:
    return int(np.minimum(true, guess).sum())
