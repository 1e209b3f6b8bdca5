"""What a package says of itself in all its files."""

import datetime as dt
from dataclasses import dataclass

from analytics_lib.events.contract import Column
from analytics_lib.privacy.augmentation import IS_SYNTHETIC
from analytics_lib.privacy.counts_release import CountsRelease, NoisyTable
from analytics_lib.publishing.definition import DatasetDefinition
from analytics_lib.publishing.policy import ResearchPolicy
from analytics_lib.publishing.request import DatasetRequest
from analytics_lib.warehouse import SourceInfo

ROLE_WORDS = {
    "quasi_identifier": "quasi-identifier, generalised",
    "sensitive": "sensitive, as it is; protected by its class",
    "safe": "as it is",
}

_MARK = {
    "column": IS_SYNTHETIC,
    "type": "boolean",
    "unit": "",
    "role": "added at release",
    "description": "Whether the row was made up from rows of its class; it describes nobody.",
}


_COUNTS = [
    {
        "column": name,
        "type": "int64",
        "unit": "people",
        "role": "counted with differential privacy",
        "description": description,
    }
    for name, description in (
        ("value", "People of the cell, with noise; it may be below 0."),
        ("ci_lower", "Lower end of the interval that the noise leaves."),
        ("ci_upper", "Upper end of the interval that the noise leaves."),
    )
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageCard:
    """What a package says of itself.

    Attributes:
        asked: The approved request.
        definition: The data set.
        policy: The research policy.
        version: Version of the package.
        released_on: Day of the release.
        approved_by: Who approved it, in words that name no person.
        sources: Where the data come from.
        identity: Digest that names the content of the source table.
        marked_rows: Whether a column tells synthetic rows from real ones.
        counts: Tables of noisy counts, paid for and sealed; None where there are none.
    """

    asked: DatasetRequest
    definition: DatasetDefinition
    policy: ResearchPolicy
    version: int
    released_on: dt.date
    approved_by: str
    sources: tuple[SourceInfo, ...]
    identity: str
    marked_rows: bool = False
    counts: CountsRelease | None = None

    @property
    def tables(self) -> tuple[NoisyTable, ...]:
        """The tables of noisy counts."""
        return () if self.counts is None else self.counts.tables

    @property
    def title(self) -> str:
        """Title of the package."""
        kind = " (a demonstration)" if self.asked.demonstration else ""
        return f"{self.definition.title}: {self.asked.title}{kind}"

    @property
    def expires_on(self) -> dt.date:
        """The first day on which it is no longer valid."""
        return self.released_on + dt.timedelta(days=self.policy.expires_after_days)

    @property
    def url(self) -> str | None:
        """Where it is published; None where the policy names no address."""
        base = self.policy.published_at
        return base and f"{base.rstrip('/')}/{self.asked.name}/{self.version}/"

    @property
    def citation(self) -> str:
        """How to cite it."""
        return (
            f"{self.policy.publisher} ({self.released_on.year}): {self.title}. "
            f"Version {self.version}."
        )

    def fields(self) -> list[Column]:
        """The contract of each released column, in order, with the definition's description."""
        contract = {column.name: column for column in self.definition.contract().columns}
        return [contract[name] for name in self.ordered()]

    def ordered(self) -> list[str]:
        """The released columns in the order of the table."""
        asked = self.asked.fields
        return [
            *self.definition.with_role("quasi_identifier", asked),
            *self.definition.with_role("sensitive", asked),
            *self.definition.with_role("safe", asked),
        ]

    def dictionary(self) -> list[dict[str, str]]:
        """One row a column: name, type, unit, role and meaning."""
        rows = [] if self.asked.fields else self._of_tables()
        for column in self.fields():
            spec = self.definition.columns[column.name]
            coarse = spec.role == "quasi_identifier"
            rows.append(
                {
                    "column": column.name,
                    "type": "string" if coarse else column.kind,
                    "unit": "" if coarse else column.unit or "",
                    "role": ROLE_WORDS[spec.role],
                    "description": spec.description or column.description,
                }
            )
        if self.marked_rows:
            rows.append(_MARK)
        return rows

    def _of_tables(self) -> list[dict[str, str]]:
        """The columns of a package of tables alone."""
        contract = {column.name: column for column in self.definition.contract().columns}
        cells = [
            {
                "column": name,
                "type": "string",
                "unit": "",
                "role": "cell of a table of noisy counts",
                "description": self.definition.columns[name].description
                or contract[name].description,
            }
            for name in self.asked.columns_of_tables()
        ]
        return cells + [dict(row) for row in _COUNTS]
