"""Search over all reports and metrics, offline and from a folder: the page holds its own index."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analytics_lib.display import stylesheet
from analytics_lib.reporting.catalogue.branding import load_branding
from analytics_lib.reporting.catalogue.listing import Entry
from analytics_lib.reporting.gate.identifiers import require_no_identifier
from analytics_lib.reporting.page_templates import templates
from analytics_lib.reporting.project import Project

MOST_BYTES = 230_000
SCRIPT = """
(() => {
  const box = document.getElementById("query");
  const list = document.getElementById("found");
  const said = document.getElementById("said");
  const items = JSON.parse(document.getElementById("items").textContent);
  const plain = (text) => text.normalize("NFD").replace(/[\\u0300-\\u036f]/g, "").toLowerCase();
  const texts = items.map((item) => plain(item.join(" ")));
  const show = () => {
    const words = plain(box.value).split(/\\s+/).filter(Boolean);
    list.replaceChildren();
    if (!words.length) { said.textContent = ""; return; }
    const found = items.filter((_, at) => words.every((word) => texts[at].includes(word)));
    said.textContent = found.length === 1 ? "1 found" : found.length + " found";
    for (const [path, title, words_] of found.slice(0, 50)) {
      const line = document.createElement("li");
      const link = document.createElement("a");
      link.href = path;
      link.textContent = title;
      line.append(link, document.createElement("br"), words_);
      list.append(line);
    }
  };
  box.addEventListener("input", show);
  document.getElementById("form").addEventListener("submit", (event) => event.preventDefault());
  show();
})();
"""
Item = tuple[str, str, str]


def search_pages(
    project: Project, entries: Sequence[Entry], *, metrics: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    """The search pages by their path: the first for the newest reports and all metrics.

    A page holds what it searches, so that it works from a folder without any
    request, and stays below 300 kB; older reports are searched on further
    pages. Its one script is named in the page's policy by its digest.

    Args:
        project: The project.
        entries: What is published.
        metrics: Every metric, as the dictionary has them.

    Raises:
        DisclosureError: The index holds an identifier.
    """
    shards = list(_shards([*_metric_items(metrics), *_report_items(entries)]))
    paths = ["search.html" if at == 0 else f"search-{at + 1}.html" for at in range(len(shards))]
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    brand = load_branding(project)
    pages = {}
    for path, shard in zip(paths, shards, strict=True):
        pages[path] = (
            templates()
            .get_template("search.html.j2")
            .render(
                stylesheet=stylesheet(),
                brand=brand,
                script=SCRIPT,
                digest=digest,
                items=_as_data(shard),
                number=len(shard),
                pages=paths,
                here=path,
            )
        )
        require_no_identifier(pages[path].replace(digest, ""), name=path)
    return pages


def _metric_items(metrics: Sequence[Mapping[str, Any]]) -> Iterator[Item]:
    for card in metrics:
        words = f"{card['question']} {card['definition']}"
        yield f"metrics.html#{card['function']}", f"Metric: {card['name']}", words


def _report_items(entries: Sequence[Entry]) -> list[Item]:
    """Every published version with its answer, newest first."""
    found = [
        (version.as_of, entry.name, version.folder, entry)
        for entry in entries
        for version in entry.versions
    ]
    found.sort(key=lambda item: (item[0], item[2], item[1]), reverse=True)
    return [_report_item(name, folder, entry) for _, name, folder, entry in found]


def _report_item(name: str, folder: str, entry: Entry) -> Item:
    is_latest = entry.latest is not None and entry.latest.folder == folder
    manifest = entry.manifest
    title = f"{manifest['title']}: {manifest['run_title']}, {folder}"
    words = f"{manifest.get('answer', '')} {name}" if is_latest else name
    return f"{name}/{folder}/index.html", title, words


def _shards(items: Sequence[Item]) -> Iterator[list[Item]]:
    shard: list[Item] = []
    size = 0
    for item in items:
        length = len(json.dumps(item))
        if shard and size + length > MOST_BYTES:
            yield shard
            shard, size = [], 0
        shard.append(item)
        size += length
    yield shard


def _as_data(items: Sequence[Any]) -> str:
    """JSON that cannot end the element it stands in."""
    return json.dumps(items, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
