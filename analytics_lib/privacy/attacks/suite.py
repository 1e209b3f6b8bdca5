"""Every attack on one release, as a gate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics_lib.core.errors import DisclosureError
from analytics_lib.privacy.attacks.dictionary import attack_pseudonyms
from analytics_lib.privacy.attacks.downcoding import attack_by_downcoding
from analytics_lib.privacy.attacks.findings import DEFAULT_MARGIN, AttackResult
from analytics_lib.privacy.attacks.homogeneity import attack_homogeneity
from analytics_lib.privacy.attacks.inference import attack_by_inference
from analytics_lib.privacy.attacks.intersection import attack_by_intersection
from analytics_lib.privacy.attacks.linkability import attack_by_linking
from analytics_lib.privacy.attacks.matching import released_classes
from analytics_lib.privacy.attacks.minimality import attack_by_minimality
from analytics_lib.privacy.attacks.row_order import attack_row_order
from analytics_lib.privacy.attacks.singling_out import attack_by_singling_out
from analytics_lib.privacy.attacks.violations import Demands
from analytics_lib.privacy.hierarchies.hierarchy import Hierarchy

MOST_TARGETS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AttackPlan:
    """What an attacker knows.

    Attributes:
        hierarchies: Hierarchy of each quasi-identifier; they are published.
        sensitive: Columns he wants to learn.
        keep: Further columns of the release, as they are; he may know them.
        identifiers: Names he would try behind pseudonyms.
        earlier: Earlier releases about the same people with the same columns.
        margin: The largest excess over the baseline that is accepted.
        k: Fewest rows that a class must have.
        l: Fewest sensitive values that a class must have, if asked for.
        t: Largest distance of a class from the table, if asked for.
    """

    hierarchies: Mapping[str, Hierarchy]
    sensitive: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    identifiers: pl.Series | None = None
    earlier: tuple[pl.DataFrame, ...] = ()
    margin: float = DEFAULT_MARGIN
    k: int = 2
    l: int | None = None  # noqa: E741 - its name since Machanavajjhala et al.
    t: float | None = None


def attack_release(
    released: pl.DataFrame,
    *,
    members: pl.DataFrame,
    control: pl.DataFrame,
    plan: AttackPlan,
    rng: np.random.Generator,
    traced: pl.DataFrame | None = None,
) -> tuple[AttackResult, ...]:
    """What do the attacks achieve against a release?

    Args:
        released: The released rows.
        members: The people of the release as they are, in the order of their source.
        control: People of the same source that were kept out of the release.
        plan: What the attacker knows.
        rng: Draws targets and guesses; at most 1,000 members and 1,000 control people.
        traced: The real rows with the values they were made from, see `with_sources`. Guesses
            at what is below a label are held against it; without it downcoding and minimality
            are not run.

    Returns:
        One result an attack; those that do not apply (no earlier release, no sensitive column)
        are left out.

    Raises:
        ParameterError: There is nobody to attack.
        SchemaError: A label or value is in no hierarchy.
    """
    targets, others = _drawn(members, rng), _drawn(control, rng)
    classes = released_classes(released, hierarchies=plan.hierarchies, exact=plan.keep)
    found = [
        attack_row_order(
            released, members, hierarchies=plan.hierarchies, rng=rng, margin=plan.margin
        ),
        attack_by_singling_out(
            released,
            members,
            hierarchies=plan.hierarchies,
            exact=plan.keep,
            rng=rng,
            margin=plan.margin,
        ),
    ]
    if len(classes.labels.columns) > 1:
        found.append(
            attack_by_linking(classes, members=targets, control=others, rng=rng, margin=plan.margin)
        )
    for name in plan.sensitive:
        found.append(
            attack_homogeneity(released, classes, sensitive=name, k=plan.k, margin=plan.margin)
        )
        found.append(
            attack_by_inference(
                released,
                classes,
                members=targets,
                control=others,
                sensitive=name,
                margin=plan.margin,
            )
        )
    if traced is not None:
        found.extend(_undoing(traced, control, plan, rng))
    found.extend(_intersections(released, targets, plan))
    if plan.identifiers is not None:
        found.append(attack_pseudonyms(released, identifiers=plan.identifiers))
    return tuple(found)


def refuse_successes(results: Sequence[AttackResult]) -> None:
    """Refuse a release that an attack succeeds against.

    Raises:
        DisclosureError: An attack exceeds its margin.
    """
    succeeded = [
        f"{result.name} ({result.success.value:.1%} against a baseline of "
        f"{result.baseline.value:.1%}, at most {result.margin:.0%} more accepted)"
        for result in results
        if not result.passed
    ]
    if succeeded:
        raise DisclosureError(f"Attacks succeed: {'; '.join(succeeded)}. Nothing is released.")


def _undoing(
    traced: pl.DataFrame, control: pl.DataFrame, plan: AttackPlan, rng: np.random.Generator
) -> list[AttackResult]:
    """What somebody finds out who knows how the release was made."""
    classes = released_classes(traced, hierarchies=plan.hierarchies)
    found = [
        *attack_by_downcoding(
            traced, classes, control=control, k=plan.k, rng=rng, margin=plan.margin
        )
    ]
    if plan.l is None and plan.t is None:
        return found
    demands = Demands(k=plan.k, l=plan.l, t=plan.t)
    found.extend(
        attack_by_minimality(
            traced, classes, sensitive=name, demands=demands, rng=rng, margin=plan.margin
        )
        for name in plan.sensitive
    )
    return found


def _intersections(
    released: pl.DataFrame, targets: pl.DataFrame, plan: AttackPlan
) -> list[AttackResult]:
    own = released_classes(released, hierarchies=plan.hierarchies)
    found: list[AttackResult] = []
    for before in plan.earlier:
        shared = {name: tree for name, tree in plan.hierarchies.items() if name in before.columns}
        if not shared:
            continue
        known = released_classes(before, hierarchies=shared)
        found.extend(
            attack_by_intersection(
                (released, before),
                (own, known),
                members=targets,
                sensitive=name,
                margin=plan.margin,
            )
            for name in plan.sensitive
            if name in before.columns
        )
    return found


def _drawn(people: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    return people[rng.permutation(people.height)[:MOST_TARGETS]]
