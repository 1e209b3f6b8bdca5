"""What researchers report back, and the register as the steps of the programme."""

import datetime as dt
import json
from collections.abc import Iterable

import polars as pl

from analytics_lib.core.checks import require_choice
from analytics_lib.core.errors import AccessError, ParameterError
from analytics_lib.events.tables.research import OUTCOMES, RESEARCH_STEPS, STEPS
from analytics_lib.publishing.entries import Entry
from analytics_lib.publishing.policy import ResearchPolicy
from analytics_lib.publishing.register import Register

_LOWEST, _HIGHEST = 1, 5


def report_outcome(
    register: Register,
    name: str,
    *,
    policy: ResearchPolicy,
    kind: str,
    title: str,
    by: str,
    at: dt.datetime,
    on: dt.date | None = None,
    reference: str = "",
    score: float | None = None,
) -> Entry:
    """Note what came of a released package: a paper, influence on policy, a finding, feedback.

    Args:
        register: The register.
        name: The request the package was made for.
        policy: The research policy.
        kind: "paper", "policy", "feedback" or "finding".
        title: What it is called, or says.
        by: Who reports: who asked for the data, or somebody the policy names.
        at: Now.
        on: The day of the outcome; today where None.
        reference: Where it can be found.
        score: For feedback: how good the data are, 1 to 5.

    Raises:
        ParameterError: The kind or the score is not possible, there is no title, the day lies in
            the future, or nothing was released.
        AccessError: Somebody else reports.
    """
    require_choice(kind, OUTCOMES, name="kind")
    day = on or at.date()
    if not title.strip():
        raise ParameterError("`title` is empty; an outcome needs one.")
    if day > at.date():
        raise ParameterError(
            f"`on` is {day}, which is still to come; it must be a day up to today."
        )
    if (score is not None) != (kind == "feedback"):
        raise ParameterError(f"`score` is {score}; feedback needs one of 1 to 5, and nothing else.")
    if score is not None and not _LOWEST <= score <= _HIGHEST:
        raise ParameterError(f"`score` is {score}; it must be from {_LOWEST} to {_HIGHEST}.")

    def check(entry: Entry) -> None:
        roles = policy.roles
        known = [str(entry.content["requester"]), *roles.reviewer, *roles.approver]
        if by.casefold() not in {person.casefold() for person in known}:
            raise AccessError(
                f"{by!r} neither asked for `{name}` nor is named by the policy; they cannot report "
                "what came of it."
            )

    said = {"title": title, "reference": reference or None, "score": score, "on": day.isoformat()}
    return register.append(
        name, step=kind, allowed_in=("released", "expired"), by=by, at=at,
        note=json.dumps(said, ensure_ascii=False), check=check,
    )  # fmt: skip


def programme_steps(entries: Iterable[Entry]) -> pl.DataFrame:
    """The register as the rows of `research_steps`: who asked and who decided are not in it.

    The trap: a demonstration is no project. Its steps are left out.

    Args:
        entries: Requests of the register.

    Returns:
        One row a step or outcome, in the order of the register; `day` is a date as text. A step
        keeps its `step_id` for good, so the same rows can be ingested again and again.
    """
    rows = [
        _row(entry, number, step)
        for entry in entries
        if not entry.content.get("demonstration")
        for number, step in enumerate(entry.steps, start=1)
    ]
    texts = {name: pl.String for name in RESEARCH_STEPS.names if name != "score"}
    return pl.DataFrame(rows, schema={**texts, "score": pl.Float64})


def _row(entry: Entry, number: int, step: dict[str, str]) -> dict[str, object]:
    is_own = step["step"] in STEPS
    said = {} if is_own else json.loads(step["note"])
    return {
        "step_id": f"{entry.number}.{number}",
        "project": f"{entry.name}/{entry.number}",
        "day": said.get("on", step["at"][:10]),
        "step": step["step"],
        "area": entry.content["area"],
        "institution": entry.content["organisation"],
        "title": said.get("title", entry.content["title"]),
        "reference": said.get("reference"),
        "score": said.get("score"),
    }
