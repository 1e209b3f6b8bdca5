"""Releasing, listing and expiring packages."""

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from analytics_lib.core.errors import AccessError, ParameterError
from analytics_lib.privacy.augmentation import IS_SYNTHETIC
from analytics_lib.privacy.differential import Account
from analytics_lib.privacy.release import Release
from analytics_lib.publishing.building import build_release, select_people
from analytics_lib.publishing.card import PackageCard
from analytics_lib.publishing.definition import DatasetDefinition
from analytics_lib.publishing.earlier import rows_as_released
from analytics_lib.publishing.entries import Entry, Package, is_same_person, require_role
from analytics_lib.publishing.policy import ResearchPolicy
from analytics_lib.publishing.receipts import receipts_missed, require_receipts
from analytics_lib.publishing.register import REGISTER, Register
from analytics_lib.publishing.request import dataset_request
from analytics_lib.publishing.tables import cells_of_tables, noisy_tables
from analytics_lib.publishing.verification import Verified, name_and_version, verify_package
from analytics_lib.publishing.writing import write_package, write_tables
from analytics_lib.warehouse import SourceInfo


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Source:
    """The table a package is made of.

    Attributes:
        table: Its rows.
        identity: Digest that names its content.
        sources: Where it comes from.
        key: The secret key of its lake.
    """

    table: pl.DataFrame
    identity: str
    sources: tuple[SourceInfo, ...]
    key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPlatform:
    """The folder of the packages, their register and the policy.

    Attributes:
        folder: Folder of all packages.
        policy: The research policy.
        ledgers: Folder of the privacy ledgers that receipts are held against; None for none.
    """

    folder: Path
    policy: ResearchPolicy
    ledgers: Path | None = None

    @property
    def register(self) -> Register:
        """The register of requests."""
        return Register(self.folder / REGISTER)

    def trial(self, name: str, *, definition: DatasetDefinition, source: Source) -> dict[str, Any]:
        """The privacy report that a request would have if it were released now.

        Of a request for tables alone it says how many cells each would have: nothing is counted
        and nothing paid.

        Raises:
            DisclosureError: It does not withstand; see `build_release`.
        """
        entry = self.register.entry(name)
        asked = dataset_request(entry.content, policy=self.policy, definition=definition)
        if not asked.fields:
            select_people(source.table, asked=asked, definition=definition)
            return cells_of_tables(asked, definition=definition)
        made = self._built(entry, self._next_version(name), definition, source)
        return dict(made.report)

    def release(
        self,
        name: str,
        *,
        definition: DatasetDefinition,
        source: Source,
        by: str,
        at: dt.datetime,
        before_writing: Callable[[int], None] = lambda _version: None,
        account: Account | None = None,
    ) -> Package:
        """Release an approved request.

        The trap: the policy may have become stricter since the approval. The request is held
        against it again, and the checks and attacks run on the rows of today.

        Args:
            name: The request.
            definition: The data set it asks for.
            source: The table.
            by: Who releases; a reviewer or approver, not who asked.
            at: Now.
            before_writing: Called with the version, for the audit log.
            account: Who pays for tables of noisy counts.

        Raises:
            AccessError: The policy names somebody else.
            ParameterError: It is not approved, or no longer allowed.
            DisclosureError: It does not withstand.
            BudgetError: The ledger has not enough left for its tables.
            RunError: It could not be written whole, or the ledger lacks entries.
        """
        roles = self.policy.roles
        require_role(by, [*roles.reviewer, *roles.approver], role="reviewer or approver")

        def check(entry: Entry) -> None:
            if is_same_person(by, str(entry.content["requester"])):
                raise AccessError(f"{by!r} asked for `{name}`; somebody else must release it.")

        def write(version: int) -> Package:
            entry = self.register.entry(name)
            asked = dataset_request(entry.content, policy=self.policy, definition=definition)
            if asked.tables:
                require_receipts(account, self.register.entries(), folder=self.folder)
            made = self._built(entry, version, definition, source) if asked.fields else None
            people = select_people(source.table, asked=asked, definition=definition)
            card = PackageCard(
                asked=asked,
                definition=definition,
                policy=self.policy,
                version=version,
                released_on=at.date(),
                approved_by=entry.approver(),
                sources=source.sources,
                identity=source.identity,
                marked_rows=made is not None and IS_SYNTHETIC in made.table.columns,
                counts=noisy_tables(people, asked=asked, definition=definition, account=account),
            )
            before_writing(version)
            _remove_orphan(self.folder / name / str(version))
            return _written(made, card=card, folder=self.folder)

        entry = self.register.put_out(name, by=by, at=at, check=check, write=write)
        if entry.package is None:
            raise ParameterError(f"`{name}` has no package.")
        return entry.package

    def verify(self, name: str, *, today: dt.date) -> Verified:
        """Hold a package, `name` or `name/version`, against what it claims.

        Raises:
            ParameterError: There is no such package.
        """
        found = [
            package
            for package in self.register.packages()
            if name in {package.name, f"{package.name}/{package.version}"}
        ]
        if not found:
            known = sorted({package.name for package in self.register.packages()})
            raise ParameterError(f"There is no package {name!r}; packages are {known}.")
        return self._checked(self._place(found[-1]), found[-1], today=today)

    def verify_folder(self, folder: Path, *, today: dt.date) -> Verified:
        """Hold the package in a folder, wherever it lies, against the register, if that has it.

        Raises:
            ParameterError: There is no package.
        """
        named = name_and_version(folder)
        known = [one for one in self.register.packages() if (one.name, one.version) == named]
        if not known:
            return verify_package(folder, today=today)
        return self._checked(folder, known[0], today=today)

    def _checked(self, folder: Path, package: Package, *, today: dt.date) -> Verified:
        entry = next(e for e in self.register.entries() if e.package == package)
        missed = receipts_missed(
            folder, ledgers=self.ledgers, dataset=str(entry.content["dataset"])
        )
        checked = verify_package(folder, today=today, registered=package, missed=missed)
        if entry.state != "expired" or checked.problems:
            return checked
        return Verified(
            name=checked.name,
            files=checked.files,
            k=None,
            problems=("it has expired",),
            registered=True,
        )

    def _place(self, package: Package) -> Path:
        return self.folder / package.name / str(package.version)

    def due(self, *, today: dt.date) -> list[Entry]:
        """Released requests whose package has reached its day of expiry."""
        return [
            entry
            for entry in self.register.entries()
            if entry.state == "released"
            and entry.package is not None
            and today >= dt.date.fromisoformat(entry.package.expires_on)
        ]

    def expire(self, name: str, *, by: str, at: dt.datetime, note: str) -> Entry:
        """End a package: from now on it is refused by `verify` and hidden from lists.

        Raises:
            AccessError: Before its day, somebody ends it whom the policy does not name.
            ParameterError: It is not released.
        """
        if name not in {entry.name for entry in self.due(today=at.date())}:
            roles = self.policy.roles
            require_role(by, [*roles.reviewer, *roles.approver], role="reviewer or approver")
        return self.register.move(
            name, to="expired", allowed_from=("released",), by=by, at=at, note=note
        )

    def listed(self, *, today: dt.date, everything: bool = False) -> list[dict[str, Any]]:
        """Every request with its state, without contacts; expired ones only with `everything`."""
        over = {entry.number for entry in self.due(today=today)}
        rows = []
        for entry in self.register.entries():
            state = "expired" if entry.number in over else entry.state
            if state == "expired" and not everything:
                continue
            rows.append(
                {
                    "name": entry.name,
                    "state": state,
                    "title": entry.content["title"],
                    "area": entry.content["area"],
                    "organisation": entry.content["organisation"],
                    "version": None if entry.package is None else entry.package.version,
                    "expires_on": None if entry.package is None else entry.package.expires_on,
                }
            )
        return rows

    def _built(
        self, entry: Entry, version: int, definition: DatasetDefinition, source: Source
    ) -> Release:
        asked = dataset_request(entry.content, policy=self.policy, definition=definition)
        return build_release(
            source.table,
            asked=asked,
            definition=definition,
            policy=self.policy,
            key=source.key,
            version=version,
            earlier=self._earlier(str(entry.content["dataset"])),
        )

    def _earlier(self, dataset: str) -> list[pl.DataFrame]:
        """Rows of every package ever made of a data set: what is out cannot be called back."""
        return [
            rows_as_released(self.folder, entry.package)
            for entry in self.register.entries()
            if entry.package is not None
            and entry.content["dataset"] == dataset
            and entry.content["fields"]  # others are tables of noisy counts alone
        ]

    def _next_version(self, name: str) -> int:
        return 1 + max(
            (package.version for package in self.register.packages() if package.name == name),
            default=0,
        )


def _written(made: Release | None, *, card: PackageCard, folder: Path) -> Package:
    """Rows, with tables or without; tables alone where no rows were asked for."""
    if made is not None:
        return write_package(made, card=card, folder=folder)
    if card.counts is None:
        raise ParameterError(f"`{card.asked.name}` asks for neither rows nor tables.")
    return write_tables(card.counts, card=card, folder=folder)


def _remove_orphan(place: Path) -> None:
    """Remove a package that was written but never registered, because the power went in between.

    The register's lock is held and this version is in no entry of it, so nobody was told of it.
    """
    shutil.rmtree(place, ignore_errors=True)
