"""What is said of a published page, or of an alert: the same words for every way of sending."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analytics_lib.core.errors import AnalyticsError
from analytics_lib.display import quantity
from analytics_lib.reporting.delivery.charts import Picture, page_charts
from analytics_lib.reporting.delivery.outbox import Item
from analytics_lib.reporting.delivery.outcomes import PermanentError
from analytics_lib.reporting.delivery.spec import Mail
from analytics_lib.reporting.evidence.comparison import Change
from analytics_lib.reporting.evidence.earlier import DATA, PREVIOUS, rows_of
from analytics_lib.reporting.gate.release import require_clean_bytes
from analytics_lib.reporting.page_templates import date_words, templates
from analytics_lib.reporting.versions import Version

MOST_RESULTS = 12
LARGEST_BODY = 100_000
_LONGEST = 400
_LONGEST_SUBJECT = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message, ready to be sent by mail, webhook or service.

    Attributes:
        subject: One line.
        text: The message in plain text.
        html: The message as HTML; empty for a notice.
        content: The message for programs.
        pictures: Charts the HTML shows, by their content id.
        attachments: Bytes by file name.
    """

    subject: str
    text: str
    html: str = ""
    content: Mapping[str, Any] = field(default_factory=dict)
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    attachments: Mapping[str, bytes] = field(default_factory=dict)


def notice_message(item: Item, *, owner: str) -> Message:
    """A notice to the owner: what is wrong and where to look, and no number of the data."""
    alert = item.about.rpartition("#")[0]
    return Message(
        subject=one_line(f"Needs attention: {alert}"),
        text=(
            f"{owner},\n\n{alert}: {item.words}.\n\n"
            f"Take note of it:  analytics alerts ack {alert} --by NAME --reason WHY\n"
            f"Let it rest:      analytics alerts pause {alert} --until DATE --by NAME\n"
        ),
        content={
            "type": "alert",
            "id": item.key,
            "run": item.run,
            "alert": alert,
            "words": item.words,
        },
    )


def report_message(version: Version, item: Item, *, mail: Mail | None) -> Message:
    """What is said of a published page.

    Args:
        version: The page.
        item: The message it goes out with.
        mail: Settings of the mail; without them neither charts nor attachments are made.

    Raises:
        PermanentError: The page is not whole any more, or what would be said of it is too large
            or holds an identifier.
    """
    page = _intact(version)
    manifest = version.manifest()
    told = _told(version, manifest)
    address = f"{mail.link.rstrip('/')}/{item.run}/{version.folder}/" if mail and mail.link else ""
    charts = page_charts(page["index.html"].decode(), most=mail.charts) if mail else []
    pictures = {f"chart{number}": chart for number, chart in enumerate(charts, start=1)}
    told |= {"link": address, "pictures": pictures, "attached": mail is not None}
    message = Message(
        subject=one_line(told["subject"]),
        text=templates().get_template("mail.txt.j2").render(**told),
        html=templates().get_template("mail.html.j2").render(**told),
        content=_for_programs(version, item, manifest),
        pictures=pictures,
        attachments=_attachments(item, version, page) if mail else {},
    )
    _require_fit(message, run=item.run)
    return message


def one_line(text: str) -> str:
    r"""A text as one line of a header: no line break, no control character, not too long.

    Examples:
        >>> one_line("Weekly\r\nBcc: everybody")
        'Weekly Bcc: everybody'
    """
    line = re.sub(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).strip()
    return line if len(line) <= _LONGEST_SUBJECT else f"{line[: _LONGEST_SUBJECT - 1]}…"


def _intact(version: Version) -> dict[str, bytes]:
    """The files of a version, each with the bytes it was published with."""
    expected: Mapping[str, str] = version.manifest()["files"]
    found = {}
    for name, digest in expected.items():
        path = version.path / name
        content = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(content).hexdigest() != digest:
            raise PermanentError(
                f"`{name}` of {version.folder} is not what was published; run `analytics verify`"
            )
        found[name] = content
    return found


def _told(version: Version, manifest: Mapping[str, Any]) -> dict[str, Any]:
    data = json.loads((version.path / DATA).read_text(encoding="utf-8"))
    changes = data["changes"].get(PREVIOUS, {}).get("changes", [])
    moved = _changed(changes)
    results = [row | {"change": moved.get(row["name"], "")} for row in _results(data["objects"])]
    revised = f" (revision {version.revision})" if version.revision > 1 else ""
    return {
        "title": manifest["title"],
        "subject": f"{manifest['title']} {manifest['run_title']}, {version.as_of}{revised}",
        "answer": _short(manifest["answer"]),
        "as_of": date_words(version.as_of),
        "revised": version.revision > 1,
        "kinds": manifest["data"],
        "notices": [_short(notice) for notice in data.get("notices", [])][:MOST_RESULTS],
        "results": results[:MOST_RESULTS],
        "moved": any(row["change"] for row in results),
        "more": max(0, len(results) - MOST_RESULTS),
    }


def _results(objects: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Every named result that has a label, each once, in words."""
    found: dict[str, dict[str, str]] = {}
    for shown in objects:
        for name, result in shown["results"].items():
            if result.get("label"):
                unit = str(result.get("unit") or "")
                value = quantity(result.get("value"), unit)
                found[name] = {
                    "name": name,
                    "label": _short(result["label"]),
                    "value": value,
                    "interval": _interval(result, unit),
                }
    return list(found.values())


def _interval(result: Mapping[str, Any], unit: str) -> str:
    lower, upper = result.get("ci_lower"), result.get("ci_upper")
    if lower is None or upper is None:
        return ""
    return f"{quantity(lower, unit)} to {quantity(upper, unit)}"


def _changed(changes: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The change of each result against the page of the date before, in words, by its name."""
    made = [Change(**change) for change in changes]
    rows = rows_of(made)
    return {item.name: row["change"] for item, row in zip(made, rows, strict=True)}


def _for_programs(version: Version, item: Item, manifest: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("title", "run_title", "as_of", "answer", "data", "results", "data_checks", "files")
    return {
        "type": "report.published",
        "id": item.key,
        "run": item.run,
        "folder": version.folder,
        "revision": version.revision,
        **{key: manifest[key] for key in kept if key in manifest},
    }


def _attachments(item: Item, version: Version, page: Mapping[str, bytes]) -> dict[str, bytes]:
    return {f"{item.run.replace('/', '_')}_{version.folder}.html": page["index.html"]}


def _require_fit(message: Message, *, run: str) -> None:
    """The last look at what leaves the house, by the rules of the release gate."""
    programs = {key: value for key, value in message.content.items() if key != "files"}
    texts = {
        "mail.txt": message.subject + "\n" + message.text,
        "mail.html": message.html,
        "message.json": json.dumps(programs, ensure_ascii=False),
    }
    try:
        require_clean_bytes(texts, name=run)
    except AnalyticsError as error:
        raise PermanentError(str(error).rstrip(".")) from error
    size = len(message.text.encode()) + len(message.html.encode())
    if size >= LARGEST_BODY:
        raise PermanentError(f"the summary has {size} bytes; mail programs cut it at 100 kB")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
