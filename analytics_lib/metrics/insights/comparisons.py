"""What may be said of groups, declared before anybody looks: one comparison a statement."""

from typing import Literal, Self

from pydantic import Field, model_validator

from analytics_lib.core.strict import StrictModel
from analytics_lib.metrics.segment_rules import Condition

Measure = Literal["means", "shares", "pairs"]


class Comparison(StrictModel):
    """Two groups of the rows of a table, and the number in which they may differ.

    Attributes:
        name: Stable name; rules say `insight <name>`.
        table: Table whose rows are compared.
        measure: `means` (how many times as large is the mean of `value`), `shares` (by how much
            does the share of rows with `value` 1 differ) or `pairs` (how many times as large is
            `value` as `base_value` of the same row).
        value: Column of numbers; of 0 and 1 for shares.
        base_value: Column of the partners; for pairs only.
        group: The first group in words, in the plural: `Members of a group`.
        base: What it is compared with in words: `others`.
        where: Conditions on the rows of the group; for pairs, on all rows.
        against: Conditions on the rows of the base; left out, all rows of which it is known that
            they are not in the group.
        did: In words: `as active` for means and pairs, `came back` for shares.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    table: str
    measure: Measure
    value: str
    base_value: str | None = None
    group: str = Field(min_length=1)
    base: str = Field(min_length=1)
    where: list[Condition] = Field(default_factory=list)
    against: list[Condition] = Field(default_factory=list)
    did: str = Field(min_length=1)

    @model_validator(mode="after")
    def _require_two_sides(self) -> Self:
        if self.measure == "pairs":
            if self.base_value is None or self.against:
                raise ValueError("pairs need `base_value` and no `against`")
        elif self.base_value is not None or not self.where:
            raise ValueError(f"{self.measure} need `where` and no `base_value`")
        return self
