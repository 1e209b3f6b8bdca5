"""The only way out: a table that has passed every check, sealed."""

import hashlib
import hmac
import io
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from analytics_lib.core.checks import require_between
from analytics_lib.core.errors import DisclosureError
from analytics_lib.privacy.anonymisation.criteria import Criteria, Distance
from analytics_lib.privacy.anonymisation.frames import collected
from analytics_lib.privacy.anonymisation.methods import Method
from analytics_lib.privacy.anonymisation.remaining import anonymise_for_release
from analytics_lib.privacy.assessment import assess_privacy
from analytics_lib.privacy.assessment.roles import require_k
from analytics_lib.privacy.attacks import (
    DEFAULT_MARGIN,
    AttackPlan,
    attack_release,
    refuse_successes,
    source_of,
    with_sources,
)
from analytics_lib.privacy.augmentation import (
    IS_SYNTHETIC,
    Mark,
    add_synthetic_rows,
)
from analytics_lib.privacy.hierarchies.hierarchy import Hierarchy
from analytics_lib.privacy.release_demands import (
    require_kinds,
    require_one_row_a_person,
    require_synthetic,
)
from analytics_lib.privacy.release_report import Measured, privacy_report
from analytics_lib.privacy.transformation import (
    drop_free_text,
    refuse_own_values,
    shuffle_rows,
)
from analytics_lib.privacy.transformation.free_text import may_hold_text

DEFAULT_CONTROL_SHARE = 0.1
_SEAL_KEY = secrets.token_bytes(32)  # of this process alone: no seal outlives it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Release:
    """A table that has passed its checks, with what they found. Made by `release` only.

    Attributes:
        table: The rows to publish, in random order.
        report: The privacy report: techniques, parameters, classes, risks, attacks, utility.
        seal: Proof that both came from `release` and have not been changed since.
    """

    table: pl.DataFrame
    report: Mapping[str, Any]
    seal: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what `release` did not make.

        Raises:
            DisclosureError: The seal is not that of the table and the report.
        """
        require_sealed(self)


def require_sealed(made: object) -> None:
    """Refuse anything but an unchanged `Release`.

    Raises:
        DisclosureError: It is something else, or was changed after its checks.
    """
    if type(made) is not Release:
        raise DisclosureError(
            f"A {type(made).__name__} cannot be published; only what `privacy.release` made can."
        )
    if not hmac.compare_digest(made.seal, _seal(made.table, made.report)):
        raise DisclosureError(
            "The seal of the release is broken: its table or report is not the one that passed "
            "the checks. Nothing is published."
        )


def release(
    table: Any,  # noqa: ANN401 - any supported frame
    *,
    quasi_identifiers: Mapping[str, Hierarchy],
    k: int,
    rng: np.random.Generator,
    sensitive: Sequence[str] = (),
    l: int | None = None,  # noqa: E741 - its name since Machanavajjhala et al.
    t: float | None = None,
    distance: Distance = "equal",
    suppression_limit: float = 0.0,
    method: Method = "best",
    keep: Sequence[str] = (),
    person: str | None = None,
    earlier: Sequence[pl.DataFrame] = (),
    control_share: float = DEFAULT_CONTROL_SHARE,
    margin: float = DEFAULT_MARGIN,
    synthetic_rate: float = 0.0,
    mark: Mark = "marked",
) -> Release:
    """Anonymise a table, prove it, attack it, and seal what withstands.

    A share of the people, drawn at random, is kept out of the release. They are the control set
    that every attack is measured against, and they make it uncertain who is in.

    The trap: a table that meets k may still be read. So its classes are
    counted again from what would be released, and every kind of attack is run on exactly that;
    the first success refuses it. Synthetic rows are added after the check, and everything is
    counted and attacked twice: as it is released, and on the real rows alone.

    Args:
        table: One row a person, in any supported library.
        quasi_identifiers: The hierarchy of each column that others may know.
        k: Fewest rows of a class, at least 2.
        rng: Draws the control set, the order of the rows and the attackers' guesses.
        sensitive: Columns that nobody may learn about a person.
        l: Fewest distinct values of each sensitive column in a class.
        t: Largest distance of a class's distribution from the table's, 0 to 1.
        distance: "equal" or "ordered".
        suppression_limit: Largest share of rows that may be left out.
        method: How to generalise; see `anonymise`.
        keep: Further columns to release as they are.
        person: Column that names people; it is never released, and tried by the attackers.
        earlier: Tables released before about the same people.
        control_share: Share of the people kept out, 0 to 1.
        margin: The largest excess of an attack over its baseline.
        synthetic_rate: Synthetic rows for each real one, 0 to 1.
        mark: Whether synthetic rows are "marked" in a column `is_synthetic`, or "unmarked".

    Returns:
        The release.

    Raises:
        ParameterError: The demands are impossible or of another kind, or a column has two roles.
        SchemaError: A column is missing, or a hierarchy lacks a value.
        DisclosureError: A demand is not met or an attack succeeds; nothing is released.

    Examples:
        >>> from analytics_lib.privacy.hierarchies import hierarchy_by_interval
        >>> people = pl.DataFrame({"age": [20, 30] * 100, "ill": ([0] * 2 + [1] * 2) * 50})
        >>> ages = hierarchy_by_interval(people["age"], name="age", widths=[20])
        >>> made = release(
        ...     people,
        ...     quasi_identifiers={"age": ages},
        ...     sensitive=["ill"],
        ...     k=5,
        ...     l=2,
        ...     rng=np.random.default_rng(1),
        ... )
        >>> made.table.height, made.report["achieved"]["l"]
        (180, 2)
    """
    require_kinds(
        rng=rng,
        quasi_identifiers=quasi_identifiers,
        earlier=earlier,
        names={"sensitive": sensitive, "keep": keep},
        numbers={
            "l": l, "t": t, "suppression_limit": suppression_limit, "margin": margin,
            "control_share": control_share, "synthetic_rate": synthetic_rate,
        },
    )  # fmt: skip
    require_between(control_share, 0, 1, name="control_share")
    names = [*quasi_identifiers, *sensitive, *keep]
    require_synthetic(synthetic_rate, mark, names)
    frame = _plain(collected(table, [*names, *([person] if person else [])]))
    require_one_row_a_person(frame, quasi_identifiers, sensitive, person)
    require_k(k, records=frame.height)
    k = int(k)  # one of numpy is no number for JSON
    exact = [*sensitive, *keep]
    texts = [name for name in exact if may_hold_text(frame.schema[name])]
    drop_free_text(frame, categories=texts)
    refuse_own_values(frame, columns=[name for name in exact if name not in texts])

    members, control = _split(frame, control_share, rng)
    made = anonymise_for_release(
        with_sources(members.select(names), columns=list(quasi_identifiers)),
        t=t,
        distance=distance,
        sensitive=list(sensitive),
        quasi_identifiers=quasi_identifiers,
        k=k,
        rng=rng,
        l=l,
        suppression_limit=suppression_limit,
        method=method,
        keep=[*keep, *(source_of(name) for name in quasi_identifiers)],
    )
    plan = AttackPlan(
        hierarchies=quasi_identifiers,
        sensitive=tuple(sensitive),
        keep=tuple(keep),
        identifiers=frame[person] if person else None,
        earlier=tuple(earlier),
        margin=margin,
        k=k,
        l=l,
        t=t,
    )
    added = (
        add_synthetic_rows(
            made.table.select(names).sort(names),
            original=members,
            quasi_identifiers=list(quasi_identifiers),
            sensitive=list(sensitive),
            criteria=Criteria(k=k, l=l, t=t, distance=distance),
            rate=synthetic_rate,
            mark=mark,
            rng=rng,
        )
        if synthetic_rate
        else None
    )
    told = _shuffled(made.table.select(names) if added is None else added.table, names, rng)
    rows = told if mark == "marked" else told.drop(IS_SYNTHETIC, strict=False)
    real = rows if added is None else told.filter(~pl.col(IS_SYNTHETIC)).select(names)
    known: dict[str, Any] = {"members": members, "control": control, "plan": plan, "rng": rng}
    attacks = attack_release(rows, traced=None if added else made.table, **known)
    if added is not None:
        again = attack_release(real, traced=made.table, **known)
        attacks += tuple(one.named(f"{one.name} (real rows alone)") for one in again)
    refuse_successes(attacks)
    report = privacy_report(
        Measured(
            made=made,
            released=rows,
            real=real,
            members=members,
            source_rows=frame.height,
            control_rows=control.height,
            attacks=attacks,
            assessment=assess_privacy(
                real, quasi_identifiers=list(quasi_identifiers), sensitive=list(sensitive), k=k
            ),
            synthetic=added,
        ),
        plan=plan,
        demands={
            "k": k,
            "l": l,
            "t": t,
            "distance": distance,
            "suppression": suppression_limit,
        },
    )
    return Release(table=rows, report=report, seal=_seal(rows, report))


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Categories as text: a type lists its categories, also those of nobody who is released."""
    return frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))


def _split(
    frame: pl.DataFrame, share: float, rng: np.random.Generator
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Those who are released, in their order, and the control people."""
    out = max(round(frame.height * share), 1)
    drawn = rng.permutation(frame.height)
    return frame[np.sort(drawn[out:])], frame[np.sort(drawn[:out])]


def _shuffled(rows: pl.DataFrame, names: Sequence[str], rng: np.random.Generator) -> pl.DataFrame:
    """The rows in an order drawn anew: sorted first, so that it depends on their content alone."""
    marks = [name for name in (IS_SYNTHETIC,) if name in rows.columns]
    ordered = rows.select(*names, *marks)
    return shuffle_rows(ordered.sort(ordered.columns), rng=rng)


def _seal(table: pl.DataFrame, report: Mapping[str, Any]) -> str:
    content = io.BytesIO()
    table.rechunk().write_ipc(content)
    text = json.dumps(report, sort_keys=True)
    digest = hmac.new(_SEAL_KEY, hashlib.sha256(content.getvalue()).digest(), "sha256")
    digest.update(text.encode())
    return digest.hexdigest()
