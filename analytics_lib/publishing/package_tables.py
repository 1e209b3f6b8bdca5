"""The privacy report of a package as small tables: counts of rows and classes, never a value."""

from typing import Any

import polars as pl

from analytics_lib.core.results import Estimate
from analytics_lib.privacy.small_counts import safe_count
from analytics_lib.publishing.reading import ReleasedPackage
from analytics_lib.statistics.shares import estimate_share

_NOT_ASKED = "not asked"
_ROWS = {
    "source": "People in the period and place asked for",
    "control": "Kept out at random, as the control set of the attacks",
    "suppressed": "Left out because no class could hold them",
    "synthetic": "Synthetic rows added",
    "released": "Rows released",
}


def attained(package: ReleasedPackage) -> dict[str, float | None]:
    """Which k, l and t do the released rows have?

    The trap: t of a class is its distance from the whole table. A release that leaves rows out has
    another whole table than its source, so what was reached on the way is not what a reader of the
    package counts. All three are those of the released rows.

    Returns:
        `k`, and `l` and `t` of the sensitive column that is protected least; null without one.
    """
    found = package.report["risks"]["sensitive"]
    return {
        "k": package.smallest_class,
        "l": min((row["diversity"]["distinct_l"] for row in found), default=None),
        "t": max((row["closeness"]["t"] for row in found), default=None),
    }


def guarantees(package: ReleasedPackage) -> pl.DataFrame:
    """What was asked of the classes, and what is there?

    Returns:
        One row a guarantee: `measure`, `meaning`, `asked` and `attained` in words.
    """
    asked, found = package.report["demands"], attained(package)
    rows = [
        ("k", "Rows that share each combination of quasi-identifiers, at least", asked["k"],
         found["k"]),
        ("l", "Different sensitive values in each class, at least", asked["l"], found["l"]),
        ("t", "Distance of a class's sensitive values from everybody's, at most", asked["t"],
         found["t"]),
    ]  # fmt: skip
    return pl.DataFrame(
        [
            {"measure": name, "meaning": meaning, "asked": _said(least), "attained": _said(there)}
            for name, meaning, least, there in rows
        ]
    )


def account(package: ReleasedPackage, *, minimum: int) -> pl.DataFrame:
    """What became of the people of the source?

    The trap: the total less the other lines gives a suppressed line back. Where one is too small
    to be shown, the total is left out with it.

    Args:
        package: The package.
        minimum: Fewest people a count may stand for.

    Returns:
        One row a line: `line`, `people` (null where suppressed).
    """
    rows = dict(package.report["rows"])
    shown = {name: safe_count(rows[name], minimum=minimum) for name in _ROWS}
    if None in shown.values():
        shown["source"] = None
    return pl.DataFrame(
        {"line": list(_ROWS.values()), "people": [shown[name] for name in _ROWS]},
        schema_overrides={"people": pl.Int64},
    )


def class_sizes(package: ReleasedPackage) -> pl.DataFrame:
    """How many classes have how many rows? From the smallest band that holds one.

    Returns:
        One row a band: `size` in words, `classes`.
    """
    bands = package.report["class_sizes"]
    used = [number for number, band in enumerate(bands) if band["classes"]]
    kept = bands[used[0] : used[-1] + 1] if used else []
    return pl.DataFrame(
        {
            "size": [f"{band['from']} to {band['below'] - 1} rows" for band in kept],
            "classes": [band["classes"] for band in kept],
        },
        schema={"size": pl.String, "classes": pl.Int64},
    )


def risks(package: ReleasedPackage) -> pl.DataFrame:
    """How likely is it to pick the right row of a person who is known to be in the package?

    Returns:
        One row a risk: `risk` in words, `value` as a share.
    """
    found = package.report["risks"]
    return pl.DataFrame(
        {
            "risk": [
                "Highest: one row of the smallest class is picked",
                "Average over all rows",
                "Rows that are alone in their class",
            ],
            "value": [
                found["prosecutor"]["highest"],
                found["prosecutor"]["average"],
                found["uniqueness"]["sample_share"],
            ],
        }
    )


def attacks(package: ReleasedPackage) -> pl.DataFrame:
    """What did each attack achieve, and what does it achieve against people who are not in?

    Returns:
        One row an attack, the greatest excess first: `attack`, `question`, `tries`, `success` with
        its Wilson interval (`ci_lower`, `ci_upper`), `baseline`, `excess` (success less baseline,
        a share) with Newcombe's interval (`excess_lower`, `excess_upper`), `margin`, `verdict`.
    """
    rows = [
        {
            "attack": attack["attack"],
            "question": attack["question"],
            "tries": attack["tries"],
            "success": attack["success"],
            "ci_lower": attack["success_interval"][0],
            "ci_upper": attack["success_interval"][1],
            "baseline": attack["baseline"],
            "excess": attack["excess"],
            "excess_lower": attack["excess_interval"][0],
            "excess_upper": attack["excess_interval"][1],
            "margin": float(attack["margin"]),
            "verdict": "withstood" if attack["passed"] else "succeeded",
        }
        for attack in package.report["attacks"]
    ]
    return pl.DataFrame(rows).sort(["excess", "attack"], descending=[True, False])


def not_run(package: ReleasedPackage) -> pl.DataFrame:
    """Which attacks were not run?

    Returns:
        One row an attack: `attack`, with the reason where there is one.
    """
    return pl.DataFrame({"attack": list(package.report["attacks_not_run"])})


def strongest_attack(package: ReleasedPackage) -> Estimate:
    """How often does the attack succeed that gains most from the release?

    Returns:
        The share of its tries, with its Wilson interval.
    """
    first = attacks(package).row(0, named=True)
    return estimate_share(round(first["success"] * first["tries"]), first["tries"])


def utility(package: ReleasedPackage) -> pl.DataFrame:
    """What was lost, column by column?

    Returns:
        One row a column: `column`, `role`, `levels` (of its hierarchy; null without one), `kept`
        (one less the total variation distance of its distribution, a share) and `association`
        (mean absolute change of its associations with the other columns; null where it has none).
    """
    found, roles = package.report["utility"], package.report["quasi_identifiers"]
    said = {row["column"]: row["role"] for row in package.dictionary}
    return pl.DataFrame(
        [
            {
                "column": row["column"],
                "role": said[row["column"]].partition(",")[0],
                "levels": roles.get(row["column"], {}).get("levels"),
                "kept": 1 - row["total_variation"],
                "association": _mean_change(found["associations"], row["column"]),
            }
            for row in found["distributions"]
        ],
        schema_overrides={"levels": pl.Int64, "association": pl.Float64},
    ).sort("kept", "column")


def quality_parts(package: ReleasedPackage) -> pl.DataFrame:
    """What is the quality score made of?

    Returns:
        One row a part, the least first: `part`, `kept` (1 means nothing lost).
    """
    parts = package.report["utility"]["quality_score"]["parts"]
    return pl.DataFrame({"part": list(parts), "kept": list(parts.values())}).sort("kept", "part")


def _said(value: float | None) -> str:
    return _NOT_ASKED if value is None else f"{value:g}"


def _mean_change(associations: list[dict[str, Any]], column: str) -> float | None:
    changes = [
        abs(row["change"])
        for row in associations
        if column in {row["first"], row["second"]} and row["change"] is not None
    ]
    return sum(changes) / len(changes) if changes else None
