"""Which files lie beside a page, and what can be read in them when they are checked."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analytics_lib.reporting.exports.pdf import page_pdf
from analytics_lib.reporting.exports.workbook import workbook
from analytics_lib.reporting.page import PageContext, kinds_in_words
from analytics_lib.reporting.page_templates import date_words
from analytics_lib.reporting.payloads import Payload
from analytics_lib.reporting.questions import Question

PDF, WORKBOOK = "report.pdf", "report.xlsx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A file beside the page.

    Attributes:
        title: What it holds.
        kind: Its format in words.
        content: Its text or its bytes.
    """

    title: str
    kind: str
    content: str | bytes


def data_files(
    question: Question, payloads: Sequence[Payload], *, context: PageContext, answer: str
) -> dict[str, Export]:
    """The files of numbers that were asked for, by their path."""
    with_data = [payload for payload in payloads if payload.columns]
    found: dict[str, Export] = {}
    if "csv" in question.spec.exports:
        for payload in with_data:
            found[f"data/{payload.id}.csv"] = Export(
                title=payload.title, kind="CSV", content=payload.to_csv()
            )
    if "xlsx" in question.spec.exports and with_data:
        about = _about(question, context, answer)
        found[WORKBOOK] = Export(
            title="All numbers of this page",
            kind="Excel",
            content=workbook(with_data, about=about, created=context.as_of),
        )
    return found


def print_files(question: Question, page: str) -> dict[str, Export]:
    """The page for printing, where it was asked for."""
    if "pdf" not in question.spec.exports:
        return {}
    made = page_pdf(page, name=question.name)
    return {PDF: Export(title="This page", kind="PDF", content=made)}


def readable(files: Mapping[str, str | bytes]) -> dict[str, str | bytes]:
    """The files as a reader sees them: the parts of a workbook one by one, unpacked.

    A PDF packs its text in fonts; it is made of the page's own bytes, which are looked at.
    """
    found: dict[str, str | bytes] = {}
    for path, content in files.items():
        if isinstance(content, bytes) and path.endswith(".xlsx"):
            with zipfile.ZipFile(io.BytesIO(content)) as parts:
                found |= {f"{path}/{name}": parts.read(name) for name in parts.namelist()}
        else:
            found[path] = content
    return found


def _about(question: Question, context: PageContext, answer: str) -> dict[str, str]:
    sources = [
        f"{source.title}. Licence: {source.licence}. {source.citation or ''}".strip()
        for source in context.sources
    ]
    assumptions = [line for source in context.sources for line in source.assumptions]
    return {
        "Title": question.notebook.title,
        "Answer": answer,
        "Report": f"{question.report}/{question.run} ({question.spec.title})",
        "Data up to": f"{date_words(context.as_of)}; calendar days in {context.zone}",
        "Kind of data": ", ".join(kinds_in_words(context.sources)),
        "Sources": "\n".join(sources),
        "Assumptions": "\n".join(assumptions),
        "Parameters": "\n".join(f"{key}: {value}" for key, value in question.parameters.items()),
        "Table versions": "\n".join(f"{key}: {value}" for key, value in context.versions.items()),
        "Made by": f"analytics_lib {context.code_version}",
        "Empty cells": "No value, not complete, or suppressed because too few people stand behind "
        "it; the page says which.",
    }
