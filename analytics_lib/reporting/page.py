"""From an executed notebook to one HTML file that opens offline and needs no script."""

import datetime as dt
import html
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from analytics_lib.display import stylesheet
from analytics_lib.display.tile_changes import EarlierValue, with_changes
from analytics_lib.reporting.catalogue.branding import Branding
from analytics_lib.reporting.evidence.comparison import Change
from analytics_lib.reporting.evidence.earlier import PREVIOUS, REVISED, YEAR_BEFORE, rows_of
from analytics_lib.reporting.gate.override import Override
from analytics_lib.reporting.page_templates import date_words, templates
from analytics_lib.reporting.parameter_words import parameter_lines
from analytics_lib.reporting.payloads import Payload
from analytics_lib.reporting.questions import Question
from analytics_lib.reporting.versions import Version
from analytics_lib.warehouse import SourceInfo

if TYPE_CHECKING:
    from nbformat import NotebookNode

_KIND_WORDS = {
    "real": "Real data",
    "sample": "A sample of real data",
    "simulated": "Simulated data, not about real people",
}
_BADGES = {"real": "Real data", "sample": "Sample of real data", "simulated": "Simulated data"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """What the page says beside the notebook's own content.

    Attributes:
        as_of: Last complete day of data in the report.
        zone: Report zone.
        sources: Where the data come from.
        versions: Version of each table that was read.
        code_version: Version of this package and the digest of its source.
        override: Who released the page in spite of what the gate found.
        brand: Name, logo and colours of whoever publishes.
        notices: Checks of the data that failed and did not hold the page.
    """

    as_of: dt.date
    zone: str
    sources: Sequence[SourceInfo]
    versions: dict[str, int]
    code_version: str
    override: Override | None = None
    brand: Branding = field(default_factory=Branding)
    notices: Sequence[str] = ()


def kinds_in_words(sources: Sequence[SourceInfo]) -> list[str]:
    """Whether the data are real, a sample or simulated, each once."""
    return sorted({_BADGES[source.kind] for source in sources})


def render_page(
    question: Question,
    notebook: "NotebookNode",
    payloads: list[Payload],
    *,
    context: PageContext,
    downloads: list[dict[str, str]],
    changes: Mapping[str, tuple[Version, list[Change]]],
) -> str:
    """The page as text.

    Args:
        question: The question it answers.
        notebook: The executed, complete notebook.
        payloads: What the notebook shows.
        context: Provenance.
        downloads: `path` and `title` of each file beside the page.
        changes: What changed against pages published before.
    """
    return (
        templates()
        .get_template("page.html.j2")
        .render(
            title=question.notebook.title,
            run_title=question.spec.title,
            report=question.report,
            run=question.run,
            answer=answer_of(payloads),
            body=with_changes(
                _with_contents(_with_title(render_body(notebook), question.notebook.title)),
                _changes_of_tiles(changes),
            ),
            stylesheet=stylesheet(),
            as_of=context.as_of.isoformat(),
            as_of_words=date_words(context.as_of),
            zone=context.zone,
            kinds=kinds_in_words(context.sources),
            sources=[_source_words(source) for source in context.sources],
            downloads=downloads,
            parameters={
                name: parameter_lines(value) for name, value in question.parameters.items()
            },
            versions=context.versions,
            code_version=context.code_version,
            override=context.override,
            brand=context.brand,
            notices=context.notices,
            changes=_changes_words(changes),
        )
    )


def _changes_words(
    changes: Mapping[str, tuple[Version, list[Change]]],
) -> dict[str, dict[str, Any] | None]:
    words = {
        kind: {
            "as_of_words": date_words(version.as_of),
            "folder": version.folder,
            "rows": rows_of(found),
        }
        for kind, (version, found) in changes.items()
    }
    return {kind: words.get(kind) for kind in (PREVIOUS, YEAR_BEFORE, REVISED)}


def _changes_of_tiles(
    changes: Mapping[str, tuple[Version, list[Change]]],
) -> dict[str, tuple[str, dict[str, EarlierValue]]]:
    """Of each result that both pages have: now, then, its unit, and whether it is chance."""
    return {
        kind: (
            date_words(version.as_of),
            {
                change.name: (change.now, change.before, change.unit, _chance(change))
                for change in found
                if change.now is not None and change.before is not None
            },
        )
        for kind, (version, found) in changes.items()
    }


def _chance(change: Change) -> str:
    is_tested = change.judgement.endswith("chance") and change.now != change.before
    return change.judgement if is_tested else ""


def answer_of(payloads: list[Payload]) -> str:
    """The page's answer in one sentence; empty where it gives none."""
    answers = [payload.title for payload in payloads if payload.kind == "answer"]
    return answers[0] if answers else ""


def render_body(notebook: "NotebookNode") -> str:
    """The notebook's text and outputs as HTML: no code, no printed streams."""
    quiet = deepcopy(notebook)
    for number, cell in enumerate(quiet.cells):
        cell.id = f"c{number}"  # papermill's injected cell has a random id
        if cell.cell_type == "code":
            cell.outputs = [out for out in cell.outputs if out.output_type != "stream"]
    body, _ = _exporter().from_notebook_node(quiet)
    return re.sub(r"\n\s*\n+", "\n", body).strip()


@cache
def _exporter() -> Any:  # noqa: ANN401 - nbconvert is untyped
    from nbconvert import HTMLExporter  # noqa: PLC0415 - half a second: only when a page is made

    return HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="basic",
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        embed_images=True,
    )


def _with_title(body: str, title: str) -> str:
    """The body under the title of the question, which may be another than the notebook's."""
    heading = html.escape(title).replace("\\", r"\\")
    return re.sub(r"(<h1[^>]*>).*?(</h1>)", rf"\g<1>{heading}\g<2>", body, count=1, flags=re.DOTALL)


def _with_contents(body: str) -> str:
    """The body with a contents list before its first second-level heading."""
    headings = re.findall(r'<h2 id="([^"]+)">(.*?)</h2>', body, flags=re.DOTALL)
    if len(headings) < 2:  # noqa: PLR2004 - a list of one is no contents list
        return body
    items = "".join(
        f'<li><a href="#{id_}">{html.escape(html.unescape(re.sub("<[^>]+>", "", text)))}</a></li>'
        for id_, text in headings
    )
    contents = f'<nav class="toc" aria-label="Contents"><ul>{items}</ul></nav>\n'
    at = body.index("<h2 id=")
    wrapper = body.rfind('<div class="cell', 0, at)
    wrapper = wrapper if wrapper >= 0 else at
    return body[:wrapper] + contents + body[wrapper:]


def _source_words(source: SourceInfo) -> dict[str, Any]:
    return {
        "title": source.title,
        "kind_words": _KIND_WORDS[source.kind],
        "licence": source.licence,
        "citation": source.citation,
        "assumptions": list(source.assumptions),
    }
