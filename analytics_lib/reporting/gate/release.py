"""The release gate: nothing is published that it has not looked at and let through."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import AccessError, DisclosureError
from analytics_lib.reporting.gate.counts import count_findings
from analytics_lib.reporting.gate.differences import Earlier, difference_findings
from analytics_lib.reporting.gate.findings import Finding
from analytics_lib.reporting.gate.identifiers import identifier_findings
from analytics_lib.reporting.gate.override import Override
from analytics_lib.reporting.gate.people import trait_findings
from analytics_lib.reporting.gate.policy import DisclosurePolicy
from analytics_lib.reporting.gate.sums import protected_objects, sum_findings
from analytics_lib.reporting.gate.words import word_findings
from analytics_lib.reporting.payloads import Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the gate says of the content of a page.

    Attributes:
        findings: Everything it found.
        override: Who released it in spite of that; `None` where nothing was found.
        objects: How many objects of the page were looked at.
        cells: How many cells.
        protected_sums: Objects whose sums are protected from dominance.
    """

    findings: tuple[Finding, ...]
    override: Override | None
    objects: int
    cells: int
    protected_sums: tuple[str, ...] = ()

    def to_dict(self, policy: DisclosurePolicy) -> dict[str, Any]:
        """The verdict for the manifest."""
        signed = self.override
        return {
            "result": "released in spite of findings" if signed else "passed",
            "policy_owner": policy.owner,
            "minimum_count": policy.minimum_count,
            "round_counts_to": policy.round_counts_to,
            "objects": self.objects,
            "cells": self.cells,
            "protected_sums": list(self.protected_sums),
            "findings": [finding.sentence() for finding in self.findings],
            "override": {"name": signed.name, "reason": signed.reason} if signed else None,
        }


def judge_content(
    payloads: Sequence[Payload],
    *,
    tables: Mapping[str, pl.LazyFrame],
    earlier: Sequence[Earlier],
    policy: DisclosurePolicy,
    override: Override | None,
    sources: Sequence[str] | None = None,
    sums: Sequence[str] = (),
    name: str,
) -> Verdict:
    """Look at every number and text the page shows.

    Args:
        payloads: Everything the page shows.
        tables: The tables the report read, by name.
        earlier: What pages of the same run published before showed.
        policy: The policy.
        override: A signed release, where there is one.
        sources: What was written in the notebook and its parameters, to trace words to;
            without it words are not traced.
        sums: Ids of the objects declared to show sums of what people contributed.
        name: What it is, for messages.

    Returns:
        The verdict on a page that may be published.

    Raises:
        DisclosureError: Something was found and nobody signed for it.
        AccessError: Somebody signed who may not.
    """
    findings = (
        *count_findings(payloads, policy=policy),
        *difference_findings(payloads, earlier=earlier, policy=policy),
        *sum_findings(payloads, declared=sums, policy=policy),
        *trait_findings(payloads, tables=tables, policy=policy),
        *(() if sources is None else word_findings(payloads, sources=sources, tables=tables)),
    )
    signed = _signed(findings, override, policy=policy, name=name)
    return Verdict(
        findings=findings,
        override=signed,
        objects=len(payloads),
        cells=sum(len(row) for payload in payloads for row in payload.rows),
        protected_sums=tuple(protected_objects(payloads)),
    )


def require_clean_bytes(
    files: Mapping[str, str | bytes], *, secrets: Collection[str] = (), name: str
) -> None:
    """Look at the bytes of every file; nobody can sign for an identifier or a secret.

    Raises:
        DisclosureError: A file holds one; the message says how many, not which.
    """
    findings = [
        finding
        for path, content in sorted(files.items())
        for finding in identifier_findings(_as_text(content), where=path, secrets=secrets)
    ]
    if findings:
        raise DisclosureError(_held(findings, name=name))


def _signed(
    findings: Sequence[Finding], override: Override | None, *, policy: DisclosurePolicy, name: str
) -> Override | None:
    if not findings:
        return None
    if override is None:
        raise DisclosureError(_held(findings, name=name))
    if override.name not in policy.may_override:
        raise AccessError(
            f"`{name}` is held; {override.name!r} may not release it, the policy of "
            f"{policy.owner} names {policy.may_override}."
            + suggest(override.name, policy.may_override)
        )
    return override


def _held(findings: Sequence[Finding], *, name: str) -> str:
    listed = "; ".join(finding.sentence() for finding in findings)
    return f"`{name}` is held and was not published: {listed}."


def _as_text(content: str | bytes) -> str:
    return content if isinstance(content, str) else content.decode("latin-1")
