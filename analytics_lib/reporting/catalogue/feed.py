"""An Atom feed of what was published last."""

from collections.abc import Sequence
from itertools import chain
from xml.sax.saxutils import escape, quoteattr

from analytics_lib.reporting.catalogue.listing import Entry
from analytics_lib.reporting.versions import Version

MOST = 50
_NEVER = "1970-01-01T00:00:00+00:00"


def atom_feed(entries: Sequence[Entry]) -> str:
    """The newest versions of all runs, newest first; links are relative to the feed.

    Args:
        entries: What is published.
    """
    versions = chain.from_iterable(
        ((entry.name, version) for version in entry.versions[-MOST:]) for entry in entries
    )
    newest = sorted(versions, key=lambda found: (found[1].as_of, found[1].revision, found[0]))
    items = [_item(name, version) for name, version in newest[: -MOST - 1 : -1]]
    updated = max((at for at, _ in items), default=_NEVER)
    body = "".join(text for _, text in items)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        "<title>Reports</title><id>urn:analytics-lib:reports</id>"
        f'<link rel="self" href="feed.xml"/><link href="index.html"/><updated>{updated}</updated>'
        f"<author><name>analytics_lib</name></author>{body}</feed>\n"
    )


def _item(name: str, version: Version) -> tuple[str, str]:
    manifest, folder = version.manifest(), version.folder
    at = manifest.get("published_at", _NEVER)
    title = f"{manifest['title']}: {manifest['run_title']}, {manifest['as_of']}"
    link = quoteattr(f"{name}/{folder}/index.html")
    return at, (
        f"<entry><title>{escape(title)}</title><id>urn:analytics-lib:{escape(name)}:{folder}</id>"
        f"<link href={link}/><updated>{at}</updated>"
        f"<summary>{escape(manifest.get('answer', ''))}</summary></entry>"
    )
