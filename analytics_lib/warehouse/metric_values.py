"""`metric_values` in the lake: values with what they mean and which versions they came from."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from analytics_lib.core.checks import require_choice
from analytics_lib.core.errors import AccessError
from analytics_lib.core.periods import day_number
from analytics_lib.events.identities import IdentityMap, resolve_identities
from analytics_lib.events.preparation import prepare_events
from analytics_lib.events.preparation_account import Preparation
from analytics_lib.events.tables.metric_values import METRIC_VALUES, VALUE_ID_DIGITS
from analytics_lib.metrics.activity_values import activity_values, activity_variants, as_json
from analytics_lib.warehouse.commit_log import newest_version
from analytics_lib.warehouse.delta_tables import append, require_storable, scan
from analytics_lib.warehouse.lake import IDENTITIES, USER_DAYS, Lake, open_lake
from analytics_lib.warehouse.staging import note_writing, storing, writer
from analytics_lib.warehouse.user_days import UserDaysUpdate, update_user_days

METRIC_VALUES_TABLE = "metric_values"
_NAMED_BY = ("metric", "grain", "period_start", "period_end", "dimensions", "semantics")
_SAID = ("value", "numerator", "denominator", "n")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredValues:
    """What storing did.

    Attributes:
        as_of: Last complete day.
        computed: Values computed.
        new: Values of periods that had none.
        revised: Values of past periods that changed; the old ones stay beside them.
        withdrawn: Values there is no ground for any more; their new revision is null.
        version: Version of `metric_values` after it.
        user_days: What became of the table they were computed from.
        preparation: The account of the log they were computed from, in user-days.
        computed_from: Version by table.
    """

    as_of: dt.date
    computed: int
    new: int
    revised: int
    withdrawn: int
    version: int
    user_days: UserDaysUpdate
    preparation: Preparation
    computed_from: Mapping[str, int]

    @property
    def unchanged(self) -> bool:
        """Whether every value was stored already."""
        return not (self.new or self.revised or self.withdrawn)

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain values, for JSON."""
        return {
            "as_of": self.as_of.isoformat(),
            "computed": self.computed,
            "new": self.new,
            "revised": self.revised,
            "withdrawn": self.withdrawn,
            "unchanged": self.unchanged,
            "version": self.version,
            "computed_from": dict(self.computed_from),
            "events": self.user_days.account,
            "events_files_read": self.user_days.files_read,
            "preparation": self.preparation.to_dict(),
        }

    def lines(self) -> list[str]:
        """What it did in words."""
        events, people = self.user_days.account, self.preparation
        read = f"{self.user_days.files_read} data files read"
        found = [
            f"{events['events_in']:,} events, {events['robots']:,} of robots left out; {read}.",
            f"{people.ids_before:,} ids, {people.ids_merged:,} merged: {people.users:,} users.",
            *(f"{n:,} links refused: {why}." for why, n in people.links_refused.items()),
        ]
        if self.unchanged:
            return [*found, f"All {self.computed:,} values are stored already."]
        news = f"{self.new:,} new, {self.revised:,} revised, {self.withdrawn:,} withdrawn"
        stored = f"{self.computed:,} values as of {self.as_of}: {news}"
        return [*found, f"{stored}; now version {self.version}."]


def store_metric_values(
    lake: Path | str, *, as_of: dt.date | None = None, history_complete: bool = False
) -> StoredValues:
    """Compute the metrics of activity for every complete period and store what is new.

    The log itself is read only where files came since the last time; values
    are computed from its user-days. The same values again change nothing. A
    value of a past period that changed, because events came late or a link
    between ids became known, is stored as a new revision; both stay findable,
    each with the versions it came from.

    Args:
        lake: Folder of the lake.
        as_of: Last complete day; that of the lake where None.
        history_complete: Whether the log begins with the platform.

    Raises:
        AccessError: There is no lake or no log in it, or another writer holds it.
        RunError: The disk is full or failed. Every table is as it was or whole.
    """
    folder = Path(lake)
    require_storable(folder)
    opened = open_lake(folder)
    if "events" not in opened.tables():
        raise AccessError("The lake has no events; run `analytics ingest` first.")
    with writer(folder) as staging, storing("Storing values"):
        update = update_user_days(folder, staging=staging, zone=opened.zone)
        current = open_lake(folder)
        day = as_of or current.last_complete_day
        links = _links(current)
        log = prepare_events(current.user_days(), identities=links, robots=None, unique_ids=True)
        rules = {
            "zone": current.zone,
            "robots": "left out",
            "identities": "none" if links is None else "merged, also before the link",
        }
        values = activity_values(log, as_of=day, history_complete=history_complete, rules=rules)
        computed_from = {
            name: current.version(name)
            for name in ("events", USER_DAYS, *([] if links is None else [IDENTITIES]))
        }
        rows, counts = _changes(
            folder / METRIC_VALUES_TABLE,
            values,
            as_of=day,
            variants=activity_variants(history_complete=history_complete, rules=rules),
        )
        if rows.height:
            stamped = rows.with_columns(
                computed_from=pl.lit(as_json(computed_from)),
                as_of_day=pl.lit(day_number(day), pl.Int32),
            ).select(pl.col(c).cast(t) for c, t in METRIC_VALUES.polars_schema.items())
            report = {"as_of": day.isoformat(), "events": update.account, **counts}
            report["preparation"] = log.preparation.to_dict() if log.preparation else None
            said = {"computed_from": computed_from, "report": report}
            _commit(folder, stamped, staging=staging, said=said)
    if log.preparation is None:  # pragma: no cover - a prepared log has its account
        raise AssertionError
    return StoredValues(
        as_of=day,
        computed=values.height,
        **counts,
        version=newest_version(folder / METRIC_VALUES_TABLE) or 0,
        user_days=update,
        preparation=log.preparation,
        computed_from=computed_from,
    )


def metric_values(lake: Lake, metric: str, *, revisions: bool = False) -> pl.DataFrame:
    """The stored values of a metric.

    Args:
        lake: An open lake.
        metric: Function that computes it, such as `active_users`.
        revisions: Whether earlier revisions are shown too.

    Returns:
        One row a value (and revision); sorted by grain, semantics, dimensions
        and period: the columns of the contract. A value that was withdrawn is null.

    Raises:
        AccessError: Nothing was stored yet.
        ParameterError: No value of the metric is stored.
    """
    if METRIC_VALUES_TABLE not in lake.tables():
        raise AccessError("The lake has no stored values; run `analytics metrics store` first.")
    stored = lake.table(METRIC_VALUES_TABLE).collect()
    require_choice(metric, stored["metric"].unique().to_list(), name="metric")
    found = stored.filter(pl.col("metric") == metric)
    order = ["grain", "semantics", "dimensions", "period_start_day", "revision"]
    return (found if revisions else _latest(found)).sort(order)


def _links(lake: Lake) -> IdentityMap | None:
    # All links of the version, known by `as_of` or not: a run for an earlier day must not take
    # back what is known today. The version is stored with the values.
    return resolve_identities(lake.table(IDENTITIES)) if IDENTITIES in lake.tables() else None


def _changes(
    table: Path, values: pl.DataFrame, *, as_of: dt.date, variants: pl.DataFrame
) -> tuple[pl.DataFrame, dict[str, int]]:
    """The rows to be stored: values that are new, changed, or have lost their ground."""
    schema = METRIC_VALUES.polars_schema
    version = newest_version(table)
    stored = (
        pl.DataFrame(schema=schema)
        if version is None
        else _latest(scan(table, version=version).collect())
    )
    judged = _named(values).join(
        stored.select("value_id", "revision", *(pl.col(c).alias(f"old_{c}") for c in _SAID)),
        on="value_id",
        how="left",
    )
    same = [pl.col(name).eq_missing(pl.col(f"old_{name}")) for name in _SAID]
    new = judged.filter(pl.col("revision").is_null())
    revised = judged.filter(pl.col("revision").is_not_null(), ~pl.all_horizontal(same))
    withdrawn = _void(stored, variants, as_of=as_of).join(judged, on="value_id", how="anti")
    columns = [name for name in schema if name not in ("computed_from", "as_of_day")]
    rows = pl.concat(
        part.with_columns((pl.col("revision").fill_null(0) + 1).cast(pl.Int32)).select(
            pl.col(name).cast(schema[name]) for name in columns
        )
        for part in (new, revised, withdrawn)
    ).sort("metric", "grain", "period_start_day", "dimensions", "value_id")
    counts = {"new": new.height, "revised": revised.height, "withdrawn": withdrawn.height}
    return rows, counts


def _void(stored: pl.DataFrame, variants: pl.DataFrame, *, as_of: dt.date) -> pl.DataFrame:
    """Stored values, made null, of the variants just computed whose days are all known."""
    nothing = {name: pl.lit(None, METRIC_VALUES.polars_schema[name]) for name in _SAID}
    return (
        stored.filter(pl.col("through_day") <= day_number(as_of), pl.col("value").is_not_null())
        .join(variants, on=variants.columns, how="semi")
        .with_columns(**nothing)
    )


def _named(values: pl.DataFrame) -> pl.DataFrame:
    ids = [
        sha256("\n".join(map(str, row)).encode()).hexdigest()[:VALUE_ID_DIGITS]
        for row in values.select(_NAMED_BY).iter_rows()
    ]
    day = {"period_start": "period_start_day", "period_end": "period_end_day"}
    return values.with_columns(
        *(pl.col(old).cast(pl.Int32).alias(new) for old, new in day.items()),
        value_id=pl.Series(ids, dtype=pl.String),
        through_day=pl.col("through").cast(pl.Int32),
    )


def _latest(stored: pl.DataFrame) -> pl.DataFrame:
    return stored.filter(pl.col("revision") == pl.col("revision").max().over("value_id"))


def _commit(lake: Path, rows: pl.DataFrame, *, staging: Path, said: dict[str, Any]) -> None:
    content = sha256(rows.write_csv().encode()).hexdigest()
    note_writing(staging, table=METRIC_VALUES_TABLE)
    append(
        lake / METRIC_VALUES_TABLE,
        rows,
        description=f"One row: {METRIC_VALUES.grain}.",
        ingest={"identity": content, "files": [], **said},
    )
