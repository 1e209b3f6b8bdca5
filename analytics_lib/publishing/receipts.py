"""The ledger's receipts that packages hold: whoever has one misses an entry that is gone."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from analytics_lib.core.errors import AnalyticsError, RunError
from analytics_lib.privacy.differential import Account
from analytics_lib.publishing.entries import Entry
from analytics_lib.warehouse.privacy_ledger import LedgerEntry, ledger_names, open_ledger


def receipts_missed(package: Path, *, ledgers: Path | None, dataset: str) -> list[str]:
    """Which receipts of a package does the ledger of its data set not have?

    The trap: a chain of digests shows what was changed in it, not that its end was cut off. The
    packages remember the end.

    Args:
        package: Folder of the package.
        ledgers: Folder of the ledgers; None where there are none to be held against.
        dataset: Name of the protected table.

    Returns:
        One sentence a table; empty where the ledger has them all, or there is no ledger.
    """
    if ledgers is None or dataset not in ledger_names(ledgers):
        return []
    claimed = _receipts(package)
    if not claimed:
        return []
    try:
        entries = open_ledger(ledgers, table=dataset).state().entries
    except AnalyticsError as error:
        return [str(error)]
    return _missed(claimed, entries, dataset=dataset)


def require_receipts(account: Account | None, entries: Iterable[Entry], *, folder: Path) -> None:
    """Refuse to charge a ledger that lacks what released packages have paid from it.

    Args:
        account: Who pays; None where nobody does.
        entries: All requests.
        folder: Folder of all packages.

    Raises:
        RunError: An entry is gone or another one.
    """
    state = getattr(account.ledger, "state", None) if account else None
    if account is None or state is None:
        return
    held = state().entries
    for entry in entries:
        if entry.package is None or entry.content.get("dataset") != account.table:
            continue
        place = folder / entry.package.name / str(entry.package.version)
        missed = _missed(_receipts(place), held, dataset=account.table)
        if missed:
            raise RunError(
                f"`{entry.package.name}` version {entry.package.version}: {missed[0]}. Nothing is "
                "charged or released; restore the ledger from a copy."
            )


def _receipts(package: Path) -> dict[str, tuple[int, str]]:
    """Of each table of a package the number and the digest of its entry."""
    try:
        facts: Mapping[str, Mapping[str, object]] = json.loads(
            (package / "tables.json").read_bytes()
        )
        return {
            name: (int(str(fact["ledger_entry"])), str(fact["ledger_digest"]))
            for name, fact in facts.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # what is not readable was changed, which the manifest shows


def _missed(
    claimed: Mapping[str, tuple[int, str]], entries: Iterable[LedgerEntry], *, dataset: str
) -> list[str]:
    there = {entry.receipt.number: entry.receipt.digest for entry in entries}
    return [
        f"the privacy ledger of `{dataset}` lacks entry {number}, with which {table} was paid"
        for table, (number, digest) in claimed.items()
        if there.get(number) != digest
    ]
