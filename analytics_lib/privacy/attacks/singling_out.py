"""Predicates that fit exactly one person."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from analytics_lib.privacy.attacks.findings import AttackResult, attack_result
from analytics_lib.privacy.attacks.matching import Flags, ReleasedClasses, released_classes
from analytics_lib.privacy.hierarchies.hierarchy import Hierarchy, as_text

_TRIES = 300


def attack_by_singling_out(
    released: pl.DataFrame,
    members: pl.DataFrame,
    *,
    hierarchies: Mapping[str, Hierarchy],
    exact: tuple[str, ...] = (),
    rng: np.random.Generator,
    margin: float,
) -> AttackResult:
    """Does a released row describe exactly one person?

    The attacker takes a row and some of its columns that may be known from
    elsewhere, and looks how many people the description fits.

    The trap: a description put together from the columns of different rows
    fits exactly one person now and then, too. That is the baseline.

    Args:
        released: The released rows.
        members: The people of the release, as they are.
        hierarchies: Hierarchy of each quasi-identifier.
        exact: Columns released as they are.
        rng: Draws rows and columns.
        margin: The largest excess that is accepted.

    Returns:
        Share of the descriptions that fit one person, of released rows and of mixed ones.

    References:
        Article 29 Working Party (2014), Opinion 05/2014, section 2.2.2 (singling out); Cohen A.,
        Nissim K. (2020), PNAS 117(15), 8344-8352.
    """
    columns = [*hierarchies, *exact]
    drawn = released.select(columns)[rng.integers(released.height, size=_TRIES)]
    mixed = pl.DataFrame([drawn[name][rng.permutation(_TRIES)] for name in columns])
    chosen = rng.random((_TRIES, len(columns))) < rng.random((_TRIES, 1)).clip(0.3)
    chosen[::2] = True
    return attack_result(
        "singling out",
        "Describe exactly one person by the columns of a released row.",
        main=(_alone(drawn, members, hierarchies, exact, chosen), _TRIES),
        baseline=(_alone(mixed, members, hierarchies, exact, chosen), _TRIES),
        margin=margin,
    )


def _alone(
    rows: pl.DataFrame,
    members: pl.DataFrame,
    hierarchies: Mapping[str, Hierarchy],
    exact: tuple[str, ...],
    chosen: Flags,
) -> int:
    classes = released_classes(rows, hierarchies=hierarchies, exact=exact)
    place = {labels: number for number, labels in enumerate(classes.labels.iter_rows())}
    people = members.select(rows.columns).unique(maintain_order=True)
    weights = (
        people.join(
            members.group_by(rows.columns).len("__people"),
            on=rows.columns,
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )["__people"]
        .cast(pl.Int64)
        .to_numpy()
    )
    by_column = [_by_column(classes, people, name) for name in rows.columns]
    spelled = rows.select(as_text(rows[name]) for name in rows.columns)
    found = 0
    for number, labels in enumerate(spelled.iter_rows()):
        fits = np.ones(people.height, dtype=bool)
        for used, column in zip(chosen[number], by_column, strict=True):
            if used:
                fits &= column[:, place[labels]]
        found += int(weights[fits].sum() == 1)
    return found


def _by_column(classes: ReleasedClasses, people: pl.DataFrame, name: str) -> Flags:
    return classes.fitting(people, columns=[name])
