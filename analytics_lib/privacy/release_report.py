"""The privacy report of a release: what was done, what it gives away, what it lost."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from analytics_lib.privacy.anonymisation import Anonymised
from analytics_lib.privacy.assessment import PrivacyAssessment, equivalence_classes
from analytics_lib.privacy.attacks import AttackPlan, AttackResult
from analytics_lib.privacy.augmentation import SyntheticRows
from analytics_lib.privacy.hierarchies.hierarchy import Hierarchy, as_text
from analytics_lib.privacy.utility import class_size_loss
from analytics_lib.privacy.utility.association import association_change
from analytics_lib.privacy.utility.distributions import distribution_distances

_DIGITS = 6
_BANDS = (2, 5, 10, 20, 50, 100, 1_000)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """Everything known of a release when its report is written.

    Attributes:
        made: What the anonymisation returned.
        released: The rows to publish.
        real: Those of them that are of people.
        members: The people behind them, as they are.
        source_rows: People of the source.
        control_rows: People kept out as the control set.
        attacks: What the attacks achieved.
        assessment: What the real rows give away.
        synthetic: The synthetic rows, where there are any.
    """

    made: Anonymised
    released: pl.DataFrame
    real: pl.DataFrame
    members: pl.DataFrame
    source_rows: int
    control_rows: int
    attacks: tuple[AttackResult, ...]
    assessment: PrivacyAssessment
    synthetic: SyntheticRows | None = None


def privacy_report(
    measured: Measured, *, plan: AttackPlan, demands: Mapping[str, Any]
) -> dict[str, Any]:
    """All of it as plain values for JSON: counts and shares, no person and no seed."""
    made = measured.made
    return {
        "techniques": _techniques(made, measured),
        "demands": dict(demands),
        "achieved": _rounded(asdict(made.achieved)),
        "quasi_identifiers": {
            name: {
                "levels": tree.height + 1,
                "hierarchy_sha256": _fingerprint(tree, measured.real[name]),
            }
            for name, tree in plan.hierarchies.items()
        },
        "sensitive": list(plan.sensitive),
        "kept_as_they_are": list(plan.keep),
        "rows": {
            "source": measured.source_rows,
            "control": measured.control_rows,
            "suppressed": made.suppressed,
            "synthetic": measured.released.height - measured.real.height,
            "released": measured.released.height,
        },
        "synthetic": None if measured.synthetic is None else _rounded(measured.synthetic.to_dict()),
        "class_sizes": _class_sizes(measured.real, list(plan.hierarchies)),
        "risks": _rounded(measured.assessment.to_dict()),
        "attacks": [result.to_dict() for result in measured.attacks],
        "attacks_not_run": [
            *([] if _tells_of_classes(plan) else ["minimality (neither l nor t is asked for)"]),
            "reconstruction of suppressed cells (no cell is suppressed)",
            *_not_intersected(plan),
        ],
        "utility": _utility(measured, plan, k=int(demands["k"])),
    }


def _tells_of_classes(plan: AttackPlan) -> bool:
    return bool(plan.sensitive) and (plan.l is not None or plan.t is not None)


def _not_intersected(plan: AttackPlan) -> list[str]:
    """Why earlier releases were not held against this one, where they were not."""
    if not plan.earlier:
        return ["intersection (no earlier release)"]
    apart = [
        before
        for before in plan.earlier
        if set(plan.sensitive).isdisjoint(before.columns)
        or set(plan.hierarchies).isdisjoint(before.columns)
    ]
    which = f"{len(apart)} of {len(plan.earlier)} earlier releases"
    why = "no sensitive column or no quasi-identifier in both"
    return [f"intersection with {which} ({why})"] if apart else []


def _techniques(made: Anonymised, measured: Measured) -> list[str]:
    found = [f"generalisation ({made.method})", "control set kept out", "rows in random order"]
    if made.suppressed:
        found.append("record suppression")
    if measured.synthetic is not None:
        found.append(f"synthetic rows added within classes ({measured.synthetic.mark})")
    return found


def _class_sizes(released: pl.DataFrame, names: list[str]) -> list[dict[str, int]]:
    sizes = equivalence_classes(released, quasi_identifiers=names).sizes
    ends = (*_BANDS[1:], int(sizes.max()) + 1)
    return [
        {"from": start, "below": end, "classes": int(((sizes >= start) & (sizes < end)).sum())}
        for start, end in zip(_BANDS, ends, strict=True)
        if start < end
    ]


def _utility(measured: Measured, plan: AttackPlan, *, k: int) -> dict[str, Any]:
    names = list(plan.hierarchies)
    columns = [*names, *plan.sensitive]
    paths = {name: hierarchy_paths(tree) for name, tree in plan.hierarchies.items()}
    readable = measured.members.select(
        pl.col(name).cast(pl.String) if name in paths else pl.col(name) for name in columns
    )
    moved = distribution_distances(
        _labels(measured.released, columns), original=_labels(readable, columns),
        columns=columns, hierarchies=paths,
    )  # fmt: skip
    pairs = (
        association_change(measured.released, original=readable, columns=columns).to_dicts()
        if len(columns) > 1
        else []
    )
    sizes = class_size_loss(
        measured.released, quasi_identifiers=names, k=k, suppressed=measured.made.suppressed
    )
    changes = [abs(row["change"]) for row in pairs if row["change"] is not None]
    parts = {
        "detail kept": 1 - measured.made.ncp,
        "distributions kept": 1 - float(str(moved["total_variation"].mean())),
        "associations kept": 1 - (sum(changes) / len(changes) if changes else 0.0),
        "rows kept": 1 - measured.made.suppressed / max(measured.made.rows, 1),
    }
    return {
        "ncp": round(measured.made.ncp, _DIGITS),
        "ncp_counts": measured.made.basis,
        "class_sizes": _rounded(asdict(sizes)),
        "distributions": _rounded(moved.to_dicts()),
        "associations": _rounded(pairs),
        "quality_score": {
            "value": round(sum(parts.values()) / len(parts), 3),
            "parts": {name: round(value, 3) for name, value in parts.items()},
            "meaning": "Mean of the parts, each 0 (all lost) to 1 (nothing lost).",
        },
    }


def hierarchy_paths(tree: Hierarchy) -> dict[str | None, list[str | None]]:
    """Of each value its labels from the finest to the root."""
    whole = tree.with_missing()
    return {
        value: [
            labels[codes[place]]
            for codes, labels in zip(whole.codes[1:], whole.labels[1:], strict=True)
        ]
        for place, value in enumerate(whole.values)
    }


def _labels(frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    return frame.select(pl.col(name).cast(pl.String) for name in columns)


def _fingerprint(tree: Hierarchy, shown: pl.Series) -> str:
    """Digest of the labels that are shown, each with all above it.

    The trap: a digest of the whole hierarchy names values that nobody is shown. Whoever knows all
    but one of them tries that one out, and has the exact age of somebody who was suppressed.
    """
    labels = set(as_text(shown))
    known = {
        path[next(level for level, label in enumerate(path) if label in labels) :]
        for value, above in hierarchy_paths(tree).items()
        if not labels.isdisjoint(path := (value, *above))
    }
    return hashlib.sha256(repr(sorted(known, key=repr)).encode()).hexdigest()


def _rounded(value: Any) -> Any:  # noqa: ANN401 - nested values of any kind
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    return value
