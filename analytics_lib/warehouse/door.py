"""The door itself: a batch of raw rows in, contract rows and quarantine notes out.

The order matters. Consent first: of a row without it nothing is looked at, not
even whether it is sound. Then what cannot be read or breaks the contract is
set aside. Only then identifiers become pseudonyms, and pandera has the last word.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from analytics_lib.core.checks import require_columns
from analytics_lib.core.errors import RunError
from analytics_lib.privacy.pseudonyms import Purpose, pseudonymise
from analytics_lib.warehouse import casts
from analytics_lib.warehouse.columns import SourceFrame, derive
from analytics_lib.warehouse.limits import Limit, contract_limits, derivation_limit
from analytics_lib.warehouse.mapping import TableRule
from analytics_lib.warehouse.rules import complete
from analytics_lib.warehouse.source_files import LINE, RawBatch, SourceFile

if TYPE_CHECKING:
    from analytics_lib.events.contract import TableContract

_CONSENT = "__consent"
_PROBLEM = "__problem"
_VALUE = "__value_"
_PURPOSES: dict[str, Purpose] = {
    # Whoever acts is a person of the same kind: one key, so that tables can be joined.
    "user_id": "user",
    "anonymous_id": "user",
    "tutor_id": "user",
    "giver_id": "user",
    "recipient_id": "user",
    "from_user": "user",
    "to_user": "user",
    "event_id": "event",
    "session_id": "session",
    "user_agent_digest": "user_agent",
    "payment_id": "payment",
}
NOTE_SCHEMA = {"line": pl.Int64(), "column": pl.String(), "reason": pl.String()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What a batch became.

    Attributes:
        rows: Contract columns and `__line`, sound and pseudonymised.
        notes: Quarantined rows: `line`, `column`, `reason`; never a value.
        without_consent: Rows left out because their people did not consent.
        rows_in: Rows of the batch.
    """

    rows: pl.DataFrame
    notes: pl.DataFrame
    without_consent: int
    rows_in: int


@dataclass(kw_only=True)
class Door:
    """The rules of one table, ready for the batches of one file.

    Attributes:
        contract: What the table promises.
        rule: How the source fills it.
        key: Pseudonym key.
        zone: Report zone.
        last_day: Latest day an event can have; None where the future is allowed.
        lookups: Joined files: the columns to join on, and the frame.
    """

    contract: "TableContract"
    rule: TableRule
    key: bytes = field(repr=False)
    zone: str
    last_day: int | None
    lookups: Sequence[tuple[list[str], pl.DataFrame]] = ()

    def wanted(self, file: SourceFile) -> list[str]:
        """Columns of the file the rules ask for; all others never get past the door.

        Raises:
            SchemaError: The file lacks one of them.
        """
        looked_up = {name for on, frame in self.lookups for name in frame.columns if name not in on}
        asked = [name for on, _ in self.lookups for name in on]
        if self.rule.consent is not None and self.rule.consent.column is not None:
            asked.append(self.rule.consent.column)
        for rule in complete(self.rule, self.contract).values():
            asked += rule.sources
        wanted = [name for name in dict.fromkeys(asked) if name not in looked_up]
        require_columns(file.columns, wanted, name=file.label)
        return wanted

    def admit(self, batch: RawBatch, *, label: str) -> Passed:
        """Let a batch through.

        Raises:
            SchemaError: A column has a type its rule can never read.
            RunError: pandera finds fault with what passed: a defect of this library.
        """
        frame = self._look_up(batch.frame, label=label)
        source = SourceFrame(schema=dict(frame.schema), zone=self.zone, label=label)
        judged = self._consented(frame, source)
        willing = judged.filter(pl.col(_CONSENT).fill_null(value=True))
        derived, limits = self._derive(willing, source)
        sound = derived.filter(pl.col(_PROBLEM).is_null())
        rows = self._pseudonymised(sound.select([*self.contract.names, LINE]))
        self._require_sound(rows)
        return Passed(
            rows=rows,
            notes=_notes(derived, limits, malformed=batch.malformed),
            without_consent=judged.height - willing.height,
            rows_in=batch.rows,
        )

    def _look_up(self, frame: pl.DataFrame, *, label: str) -> pl.DataFrame:
        for on, found in self.lookups:
            keys = {
                name: casts.text(name, frame.schema[name], label=label).alias(f"{_VALUE}{name}")
                for name in on
            }
            frame = (
                frame.with_columns(keys.values())
                .join(
                    found,
                    left_on=[f"{_VALUE}{name}" for name in on],
                    right_on=on,
                    how="left",
                    maintain_order="left",
                )
                .drop(f"{_VALUE}{name}" for name in on)
            )
        return frame

    def _consented(self, frame: pl.DataFrame, source: SourceFrame) -> pl.DataFrame:
        """Add `__consent`: false also where it is missing; null where it cannot be read."""
        column = self.rule.consent.column if self.rule.consent else None
        if column is None:
            return frame.with_columns(pl.lit(value=True).alias(_CONSENT))
        dtype = source.schema[column]
        given = casts.text(column, dtype, label=source.label).is_not_null()
        said = casts.truth(column, dtype, label=source.label)
        return frame.with_columns(
            pl.when(given).then(said).otherwise(pl.lit(value=False)).alias(_CONSENT)
        )

    def _derive(self, frame: pl.DataFrame, source: SourceFrame) -> tuple[pl.DataFrame, list[Limit]]:
        rules = complete(self.rule, self.contract)
        values, limits = [], []
        if self.rule.consent is not None and self.rule.consent.column is not None:
            limits.append(
                Limit(
                    column=self.rule.consent.column,
                    broken=pl.col(_CONSENT).is_null(),
                    reason="says neither yes nor no",
                )
            )
        for column in self.contract.columns:
            dtype = self.contract.polars_schema[column.name]
            value: pl.Expr = pl.lit(None)
            if column.name in rules:
                derived = derive(column, rules[column.name], source=source)
                value = derived.value
                limits.append(derivation_limit(column, derived, value_prefix=_VALUE))
                values.append(derived.given.alias(f"{_VALUE}{column.name}_given"))
            values.append(value.cast(dtype, strict=False).alias(f"{_VALUE}{column.name}"))
            limits += contract_limits(column, value_prefix=_VALUE, last_day=self._last(column.name))
        numbers = [
            pl.when(limit.broken).then(pl.lit(index, dtype=pl.Int16))
            for index, limit in enumerate(limits)
        ]
        found = frame.select(LINE, _CONSENT, *values).with_columns(
            pl.coalesce(numbers).alias(_PROBLEM)
        )
        names = {f"{_VALUE}{name}": name for name in self.contract.names}
        return found.select(LINE, _PROBLEM, *names).rename(names), limits

    def _last(self, name: str) -> int | None:
        return self.last_day if self.contract.name == "events" and name == "day" else None

    def _pseudonymised(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(
            pseudonymise(frame[name], key=self.key, purpose=_PURPOSES[name])
            for name in self.contract.columns_with_role("pseudonym", "direct_identifier")
            if frame[name].null_count() < frame.height
        )

    @cached_property
    def _schema(self):  # type: ignore[no-untyped-def]  # noqa: ANN202 - pandera loads late
        return self.contract.schema()

    def _require_sound(self, rows: pl.DataFrame) -> None:
        from pandera.errors import SchemaErrors  # noqa: PLC0415 - pandera takes 0.7 s

        try:
            self._schema.validate(rows.drop(LINE), lazy=True)
        except SchemaErrors as error:
            # Its own text shows values; only the names of the checks are passed on.
            checks = error.failure_cases.select("column", "check").unique().sort("column", "check")
            raise RunError(
                f"`{self.contract.name}` breaks its contract after the door: {checks.rows()}. "
                "Nothing was stored; this is a defect of the library."
            ) from None


def _notes(
    derived: pl.DataFrame, limits: Sequence[Limit], *, malformed: Sequence[tuple[int, str]]
) -> pl.DataFrame:
    bad = derived.filter(pl.col(_PROBLEM).is_not_null())
    found = [limits[index] for index in bad[_PROBLEM]]
    broken = pl.DataFrame(
        {
            "line": [line for line, _ in malformed],
            "column": [None] * len(malformed),
            "reason": [reason for _, reason in malformed],
        },
        schema=NOTE_SCHEMA,
    )
    unsound = pl.DataFrame(
        {
            "line": bad[LINE],
            "column": [limit.column for limit in found],
            "reason": [limit.reason for limit in found],
        },
        schema=NOTE_SCHEMA,
    )
    return pl.concat([broken, unsound]).sort("line")


def count_reasons(notes: pl.DataFrame) -> Counter[str]:
    """How many rows were set aside for each reason, the column named."""
    words = notes.group_by("column", "reason").len()
    return Counter(
        {
            f"`{column}` {reason}" if column else f"row {reason}": n
            for column, reason, n in words.iter_rows()
        }
    )
