"""The column mapping of a source: a small YAML file, read strictly."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import parse_date, require_zone
from analytics_lib.core.strict import StrictModel, validate
from analytics_lib.core.yaml_files import read_yaml

SourceKind = Literal["real", "sample", "simulated"]
EpochUnit = Literal["s", "ms", "us", "ns"]
# A declared further property that names a person or a machine is no property.
IDENTIFYING_NAMES = (
    *("address", "email", "e_mail", "first_name", "full_name", "ip", "ip_address", "last_name"),
    *("name", "phone", "postcode", "remote_addr", "surname", "user_agent", "username", "zip"),
)


class Origin(StrictModel):
    """A day looked up by the text of a column: `{column: term, dates: {2013B: "2013-02-01"}}`."""

    column: str
    dates: Annotated[dict[str, str], Field(min_length=1)]

    @field_validator("dates")
    @classmethod
    def _exist(cls, dates: dict[str, str]) -> dict[str, str]:
        for key, text in dates.items():
            parse_date(text, name=key)
        return dates


class ColumnRule(StrictModel):
    """Where the values of one column come from; exactly one of the first ten.

    Attributes:
        column: A source column, cast to the type of the contract.
        constant: One value for every row.
        join: Source columns whose texts are joined by `separator`.
        timestamp: A source column that holds an instant; `zone` for clock
            times without an offset, `unit` for numbers since 1970.
        date: A source column that holds an ISO date.
        origin: A day looked up by another column, plus `days_after` days.
        digest: Source columns that together name the row; equal rows of a file
            are told apart by their occurrence number unless `occurrence` is false.
        properties: Source columns kept as JSON text.
        device: A source column of user agents; kept is the class of the device
            (`desktop`, `mobile`, `tablet`, `robot`, `other`), never the text.
        coarse_region: A place such as `Germany/Berlin/10115`; the first `parts` are kept.
        map: New value by old text, with `column`; null for a missing value.
        otherwise: What a text outside `map` does: be quarantined, be kept, or be missing.
    """

    column: str | None = None
    constant: str | int | float | bool | None = None
    join: Annotated[list[str], Field(min_length=1)] | None = None
    timestamp: str | None = None
    date: str | None = None
    origin: Origin | None = None
    digest: Annotated[list[str], Field(min_length=1)] | None = None
    properties: Annotated[list[str], Field(min_length=1)] | None = None
    coarse_region: str | None = None
    device: str | None = None

    map: dict[str, str | int | float | bool | None] | None = None
    otherwise: Literal["quarantine", "keep", "missing"] = "quarantine"
    separator: str = "-"
    zone: str = "UTC"
    unit: EpochUnit | None = None
    days_after: str | None = None
    occurrence: bool = True
    parts: Annotated[int, Field(ge=1, le=2)] = 1

    @field_validator("map", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> Any:  # noqa: ANN401 - YAML
        """Read the number keys of YAML as texts; `yes` and `no` without quotes are refused."""
        if not isinstance(value, dict):
            return value
        return {
            str(key) if isinstance(key, int | float) and not isinstance(key, bool) else key: item
            for key, item in value.items()
        }

    @field_validator("properties")
    @classmethod
    def _harmless(cls, names: list[str] | None) -> list[str] | None:
        bad = [name for name in names or [] if name.lower() in IDENTIFYING_NAMES]
        if bad:
            raise ValueError(f"must not list {bad}: they may identify a person")
        return names

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if self.kind == "nothing":
            raise ValueError(f"must say where its values come from: one of {list(RULE_KINDS)}")
        if self.map is not None and self.kind != "column":
            raise ValueError("must name the `column` that `map` is applied to")
        if self.days_after is not None and self.kind != "origin":
            raise ValueError("must name the `origin` that `days_after` counts from")
        require_zone(self.zone)
        return self

    @property
    def kind(self) -> str:
        """Which of the ten it is."""
        given = [name for name in RULE_KINDS if name in self.model_fields_set]
        if len(given) > 1:
            raise ValueError(f"must have one of {given}, not several")
        return given[0] if given else "nothing"

    @property
    def sources(self) -> list[str]:
        """Source columns it reads."""
        single = [self.column, self.timestamp, self.date, self.coarse_region, self.device]
        single.append(self.days_after)
        found = [name for name in single if name is not None]
        if self.origin is not None:
            found.append(self.origin.column)
        return [*found, *(self.join or []), *(self.digest or []), *(self.properties or [])]


RULE_KINDS = (
    *("column", "constant", "join", "timestamp", "date"),
    *("origin", "digest", "properties", "coarse_region", "device"),
)


class Consent(StrictModel):
    """Whose rows may be stored: those a column says yes for, or all by a declared reason."""

    column: str | None = None
    declared: Annotated[str, Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.column is None) == (self.declared is None):
            raise ValueError("must have either `column` or `declared`")
        return self


class JoinRule(StrictModel):
    """A second file looked up by shared columns; each key must be there once at most."""

    location: Annotated[str, Field(alias="from")]
    on: Annotated[list[str], Field(min_length=1)]
    columns: Annotated[list[str], Field(min_length=1)]


class TableRule(StrictModel):
    """How one table is filled.

    Attributes:
        location: Where the rows are (`from`); SOURCE itself where it is left out.
        columns: Rule by column of the contract; a bare text is a source column.
        consent: Whose rows may be stored; needed for tables with a user.
        join: Further files looked up row by row.
        quarantine_limit: Share of rows that may be quarantined before all is refused.
        delimiter: Between the fields of a CSV file.
    """

    location: Annotated[str | None, Field(alias="from")] = None
    columns: dict[str, ColumnRule]
    consent: Consent | None = None
    join: Annotated[list[JoinRule], Field(default_factory=list)]
    quarantine_limit: Annotated[float, Field(ge=0, lt=1)] = 0.05
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","

    @field_validator("columns", mode="before")
    @classmethod
    def _names(cls, value: Any) -> Any:  # noqa: ANN401 - YAML
        if not isinstance(value, dict):
            return value
        return {
            key: {"column": item} if isinstance(item, str) else item for key, item in value.items()
        }


class SourceMapping(StrictModel):
    """A source: what it is, how honest one must be about it, and how it fills tables."""

    source: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Annotated[str, Field(min_length=1)]
    licence: Annotated[str, Field(min_length=1)]
    citation: str = ""
    kind: SourceKind
    zone: str
    complete_through: str | None = None
    lake: Annotated[str | None, Field(pattern=r"^[a-z][a-z0-9_]*$")] = None
    assumptions: Annotated[list[str], Field(default_factory=list)]
    tables: Annotated[dict[str, TableRule], Field(min_length=1)]

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        require_zone(zone)
        return zone

    @field_validator("complete_through")
    @classmethod
    def _day_exists(cls, text: str | None) -> str | None:
        if text is not None:
            parse_date(text, name="complete_through")
        return text


def lake_of_mapping(source: Path | str | None) -> str | None:
    """Name of the lake that a mapping file declares; None for the default one or for data.

    Raises:
        ParameterError: It is a mapping file that cannot be read or is wrong.
    """
    if Path(source or "").suffix not in (".yaml", ".yml"):
        return None
    return load_mapping(Path(source or "")).lake


def load_mapping(path: Path) -> SourceMapping:
    """Read a mapping file.

    Raises:
        ParameterError: There is no such file, it is no YAML mapping, or
            something in it is unknown, missing or wrong; every mistake is listed.
    """
    if not path.is_file():
        siblings = sorted(found.name for found in path.parent.glob("*.y*ml"))
        raise ParameterError(
            f"There is no mapping `{path.name}`; mappings here are {siblings}."
            + suggest(path.name, siblings)
        )
    return validate(SourceMapping, read_yaml(path, label=path.name), name=path.name)
