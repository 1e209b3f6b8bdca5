"""What a package is, how it was made, and how its bytes can be recognised, as small tables."""

import polars as pl

from analytics_lib.publishing.reading import ReleasedPackage

_TECHNIQUE = "Technique"
_STEPS = {
    "requested": "Asked for",
    "reviewed": "Tried out and reviewed",
    "approved": "Approved",
    "rejected": "Rejected",
    "released": "Made, attacked and released",
    "expired": "Expired",
}


def techniques(package: ReleasedPackage) -> pl.DataFrame:
    """What was done to the data, with which parameters?

    Returns:
        One row a technique or parameter: `what`, `value`.
    """
    asked = package.report["demands"]
    rows = [(f"{_TECHNIQUE} {n}", text) for n, text in enumerate(package.report["techniques"], 1)]
    rows += [
        ("Distance behind t", "between unordered values" if asked["distance"] == "equal"
         else "between ordered values"),
        ("Rows that could be left out, at most", f"{asked['suppression']:.0%}"),
        ("Seed of what is random", "from a secret key; never published"),
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=["what", "value"], orient="row")


def dictionary(package: ReleasedPackage) -> pl.DataFrame:
    """Which columns are in it?

    Returns:
        One row a column: `column`, `role`, `description`.
    """
    return pl.DataFrame(list(package.dictionary)).select("column", "role", "description")


def facts(package: ReleasedPackage) -> pl.DataFrame:
    """What was it made for, from what, until when?

    Returns:
        One row a fact: `what`, `value`. Who to contact is in none.
    """
    asked, metadata = package.entry.content, package.metadata
    rows = [
        ("Package", f"{package.package.name}, version {package.package.version}"),
        ("Purpose", asked["purpose"]),
        ("Area", asked["area"]),
        ("Asked for by", asked["organisation"]),
        ("Legal basis", asked["legal_basis"]),
        ("Period", f"{asked['period']['from']} to {asked['period']['to']}"),
        ("Places", ", ".join(asked["geographic_scope"])),
        ("Privacy level", asked["privacy_level"]),
        ("Source", "; ".join(source["title"] for source in metadata["sources"])),
        ("Released on", package.released_on.isoformat()),
        ("Expires on", package.expires_on.isoformat()),
    ]
    return pl.DataFrame(rows, schema=["what", "value"], orient="row")


def steps(package: ReleasedPackage) -> pl.DataFrame:
    """Who took which step, and when?

    The name of who asked is left out; the organisation stands for them. Those who decide are
    named as the research policy names them.

    Returns:
        One row a step: `step`, `by`, `day`, `note`.
    """
    entry = package.entry
    return pl.DataFrame(
        [
            {
                "step": _STEPS[step["step"]],
                "by": entry.content["organisation"] if step["step"] == "requested" else step["by"],
                "day": step["at"][:10],
                "note": step["note"] or None,
            }
            for step in entry.steps
            if step["step"] in _STEPS
        ],
        schema_overrides={"note": pl.String},
    )


def files(package: ReleasedPackage) -> pl.DataFrame:
    """Which files, and how can their bytes be recognised?

    Returns:
        One row a file: `file`, `checksum` (first twelve characters of its SHA-256).
    """
    short = package.short_checksums()
    return pl.DataFrame({"file": list(short), "checksum": list(short.values())})
