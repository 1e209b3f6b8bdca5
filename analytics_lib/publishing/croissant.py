"""The package for machine learning: Croissant."""

from collections.abc import Mapping, Sequence
from typing import Any

from analytics_lib.privacy.counts_release import NoisyTable
from analytics_lib.publishing.card import PackageCard
from analytics_lib.publishing.metadata import DATA, FORMATS, as_json, title_of
from analytics_lib.warehouse.whole_files import checksums

_CROISSANT = {
    "string": "sc:Text", "int64": "sc:Integer", "int32": "sc:Integer", "float64": "sc:Float",
    "boolean": "sc:Boolean",
}  # fmt: skip


def croissant(card: PackageCard, *, files: Mapping[str, bytes]) -> str:
    """`croissant.json`: JSON-LD after MLCommons Croissant, version 1.0.

    Args:
        card: What the package says of itself.
        files: Each file of rows or counts by its path.
    """
    digests = checksums(files)
    titles = {f"{table.name}.csv": f"{title_of(table)}." for table in card.tables}
    described = [
        {
            "@type": "cr:FileObject",
            "@id": path,
            "name": path,
            "description": titles.get(path, "All released rows."),
            "contentUrl": path,
            "contentSize": f"{len(files[path])} B",
            "encodingFormat": FORMATS[path.rsplit(".", 1)[-1]],
            "sha256": digests[path],
        }
        for path in sorted(digests)
    ]
    rows = [_rows(card)] if card.asked.fields else []
    return as_json(
        {
            "@context": _CONTEXT,
            "@type": "sc:Dataset",
            "conformsTo": "http://mlcommons.org/croissant/1.0",
            "name": card.asked.name,
            "alternateName": card.title,
            "description": card.definition.description,
            **({"url": card.url} if card.url else {}),
            "version": f"{card.version}.0.0",
            "datePublished": card.released_on.isoformat(),
            "expires": card.expires_on.isoformat(),
            "license": "LICENCE.md",
            "citeAs": card.citation,
            "creator": {"@type": "sc:Organization", "name": card.policy.publisher},
            "publisher": {"@type": "sc:Organization", "name": card.policy.publisher},
            "keywords": [card.asked.area],
            "isLiveDataset": False,
            "distribution": described,
            "recordSet": [*rows, *(_counts(table) for table in card.tables)],
        }
    )


def _rows(card: PackageCard) -> dict[str, Any]:
    fields = [
        (row["column"], row["description"], _CROISSANT[row["type"]]) for row in card.dictionary()
    ]
    return _record_set("rows", card.definition.one_row, fields, file=f"{DATA}.csv")


def _counts(table: NoisyTable) -> dict[str, Any]:
    fields = [
        (name, name, _CROISSANT["int64" if dtype.is_integer() else "string"])
        for name, dtype in table.rows.schema.items()
    ]
    return _record_set(table.name, title_of(table), fields, file=f"{table.name}.csv")


def _record_set(
    name: str, description: str, fields: Sequence[tuple[str, str, str]], *, file: str
) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": description,
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/{column}",
                "name": column,
                "description": meaning,
                "dataType": kind,
                "source": {"fileObject": {"@id": file}, "extract": {"column": column}},
            }
            for column, meaning, kind in fields
        ],
    }


_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
