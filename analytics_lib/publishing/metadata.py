"""The package for machines: Frictionless Data Package and citation file."""

import json
from collections.abc import Mapping
from typing import Any

from analytics_lib.privacy.counts_release import NoisyTable
from analytics_lib.publishing.card import PackageCard

DATA = "data"
_TABLE_SCHEMA = {
    "string": "string", "int64": "integer", "int32": "integer", "float64": "number",
    "boolean": "boolean",
}  # fmt: skip
FORMATS = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


def data_package(
    card: PackageCard,
    *,
    sizes: Mapping[str, int],
    digests: Mapping[str, str],
    report: Any,  # noqa: ANN401 - JSON
) -> str:
    """`datapackage.json` after the Frictionless Data Package specification, version 1.

    The CSV is the table that validators read against the schema; the Parquet file holds the same
    rows and is held against its size and digest only (validators do not count the bytes of a
    Parquet table, and call one that states them invalid).

    Args:
        card: What the package says of itself.
        sizes: Bytes of each data file by its path.
        digests: SHA-256 of each data file by its path.
        report: The privacy report, of which the guarantees are quoted.
    """
    fields = [
        {
            "name": row["column"],
            "type": _TABLE_SCHEMA[row["type"]],
            "title": row["column"].replace("_", " "),
            "description": row["description"],
            "unit": row["unit"],
            "privacyRole": row["role"],
        }
        for row in card.dictionary()
    ]
    resources = []
    for path in sorted(sizes):
        kind = path.rsplit(".", 1)[-1]
        resources.append(
            {
                "name": f"{DATA}-{kind}",
                "path": path,
                "type": "table" if kind == "csv" else "file",
                "profile": "tabular-data-resource" if kind == "csv" else "data-resource",
                "format": kind,
                "mediatype": FORMATS[kind],
                **({"encoding": "utf-8"} if kind == "csv" else {}),
                "bytes": sizes[path],
                "hash": f"sha256:{digests[path]}",
                "schema": {"fields": fields, "missingValues": [""]},
            }
        )
    resources.extend(_table_resource(table) for table in card.tables)
    return as_json(
        {
            "profile": "data-package",
            "name": card.asked.name,
            "id": f"{card.asked.name}/{card.version}",
            "title": card.title,
            "description": card.definition.description,
            **({"homepage": card.url} if card.url else {}),
            "version": f"{card.version}.0.0",
            "created": f"{card.released_on.isoformat()}T00:00:00Z",
            "expires": card.expires_on.isoformat(),
            "keywords": [card.asked.area],
            "licenses": [{"title": card.policy.terms.title, "path": "LICENCE.md"}],
            "sources": [
                {"title": source.title, "licence": source.licence, "citation": source.citation}
                for source in card.sources
            ],
            "contributors": [{"title": card.policy.publisher, "role": "publisher"}],
            "privacy": _privacy(report),
            "resources": resources,
        }
    )


def _privacy(report: Mapping[str, Any]) -> dict[str, Any]:
    """What is quoted of the privacy report: of rows what was demanded, of tables what they cost."""
    parts = (
        ("demands", "achieved", "rows") if "achieved" in report else ("epsilon", "delta", "unit")
    )
    return {**{part: report[part] for part in parts}, "report": "privacy_report.json"}


def _table_resource(table: NoisyTable) -> dict[str, Any]:
    numbers = {"value", "ci_lower", "ci_upper"}
    return {
        "name": table.name.replace("_", "-"),
        "path": f"{table.name}.csv",
        "title": title_of(table),
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": FORMATS["csv"],
        "encoding": "utf-8",
        "schema": {
            "fields": [
                {"name": name, "type": "integer" if name in numbers else "string"}
                for name in table.rows.columns
            ]
        },
        "privacy": dict(table.facts),
    }


def title_of(table: NoisyTable) -> str:
    """What a table of noisy counts holds."""
    return f"People by {' and '.join(table.by)}, with differential privacy"


def citation_file(card: PackageCard) -> str:
    """`CITATION.cff` after the Citation File Format, version 1.2.0."""
    lines = {
        "cff-version": "1.2.0",
        "message": "If you use these data, please cite them as below.",
        "type": "dataset",
        "title": card.title,
        "abstract": card.definition.description,
        "version": f"{card.version}.0.0",
        "date-released": card.released_on.isoformat(),
    }
    if card.url:
        lines["url"] = card.url
    text = "\n".join(f"{name}: {json.dumps(value)}" for name, value in lines.items())
    authors = f"authors:\n  - name: {json.dumps(card.policy.publisher)}\n"
    references = "".join(
        f"  - type: dataset\n    title: {json.dumps(source.title)}\n"
        f"    notes: {json.dumps(source.citation)}\n    authors:\n"
        f"      - name: {json.dumps(source.title)}\n"
        for source in card.sources
    )
    return f"{text}\n{authors}" + (f"references:\n{references}" if references else "")


def as_json(content: Any) -> str:  # noqa: ANN401 - any JSON value
    """JSON as every file of a package has it; nan is refused."""
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
