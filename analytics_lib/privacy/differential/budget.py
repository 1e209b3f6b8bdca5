"""What a question costs, who asks it, and the ledger that must be charged before an answer."""

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import Protocol

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.errors import ParameterError

UNIT = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """The people of one value of one column, and nobody else.

    Somebody with rows of several values belongs to the least of them, so that the
    partitions of a column share no person, whatever is in the table. Ask about the whole table:
    one that was filtered beforehand divides the people otherwise.

    Attributes:
        column: Column that divides the people.
        value: Value of the people that are asked about, as text.
    """

    column: str
    value: str

    def __post_init__(self) -> None:
        """Refuse a value that is no text: 1 and "1" would be charged as two groups of people."""
        if not isinstance(self.value, str):
            raise ParameterError(f"`value` of a partition is {self.value!r}; it must be a text.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What is about to be spent, on which table, by whom and what for.

    Attributes:
        table: Name of the protected table.
        who: Who asks.
        question: What is asked, in words that show no value of the table.
        mechanism: What makes the noise.
        epsilon: Privacy loss.
        delta: Chance that the loss is larger.
        partition: The people it is about; everybody where it is None.
    """

    table: str
    who: str
    question: str
    mechanism: str
    epsilon: float
    delta: float = 0.0
    partition: Partition | None = None

    def __post_init__(self) -> None:
        """Refuse a charge of nothing, or by nobody."""
        require_loss(self.epsilon, self.delta)
        for name in ("table", "who", "question"):
            if not getattr(self, name).strip():
                raise ParameterError(f"`{name}` is empty; the ledger must know it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Proof that a charge is in the ledger; publish it with the answer.

    Attributes:
        number: Number of the entry.
        digest: Digest of the entry and of all before it. An entry that is gone from the ledger
            is missed by whoever has the receipt.
        when: When it was charged.
    """

    number: int
    digest: str
    when: dt.datetime


class PrivacyLedger(Protocol):
    """Where charges are written down. Doors have storage; see `warehouse.privacy_ledger`."""

    def spend(self, charge: Charge, *, when: dt.datetime) -> Receipt:
        """Write a charge down for good, or raise `BudgetError` and change nothing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who asks questions of a protected table, and which ledger pays; made at a door.

    Attributes:
        ledger: The ledger of the table.
        table: Name of the table.
        who: Who asks.
        clock: Gives the time of a charge, with its zone.
    """

    ledger: PrivacyLedger
    table: str
    who: str
    clock: Callable[[], dt.datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms on which a question is answered; nothing has a default that could cost privacy.

    Attributes:
        account: Who asks, and which ledger pays.
        epsilon: Privacy loss of the whole answer, above 0. At 1 the chance of any answer
            changes at most 2.7 times by one person's presence.
        rows_per_person: Rows that one person may add at most; further rows of theirs are left
            out before anything is counted. Declare it from what is known of the matter, never
            from the table.
        delta: Chance that the loss is larger; needed for unknown keys only.
        person: Column that names the person.
        partition: Asks about these people only. Questions about other partitions of the
            same column cost nothing more (parallel composition).
    """

    account: Account
    epsilon: float
    rows_per_person: int
    delta: float = 0.0
    person: str = "user_id"
    partition: Partition | None = None

    def __post_init__(self) -> None:
        """Refuse terms under which nothing is promised."""
        require_loss(self.epsilon, self.delta)
        require_whole(self.rows_per_person, name="rows_per_person")

    def charge(self, *, question: str, mechanism: str) -> Receipt:
        """Pay before anything is computed.

        Raises:
            BudgetError: The ledger has not enough left; nothing was computed.
        """
        account = self.account
        charge = Charge(
            table=account.table,
            who=account.who,
            question=question,
            mechanism=mechanism,
            epsilon=self.epsilon,
            delta=self.delta,
            partition=self.partition,
        )
        return account.ledger.spend(charge, when=account.clock())


def require_loss(epsilon: float, delta: float) -> None:
    """Refuse a privacy loss that is none, endless or not a number.

    Examples:
        >>> require_loss(0.0, 0.0)
        Traceback (most recent call last):
        ...
        analytics_lib.core.errors.ParameterError: `epsilon` is 0.0; it must be above 0 and finite.
    """
    _require_number(epsilon, name="epsilon")
    _require_number(delta, name="delta")
    if not (epsilon > 0 and math.isfinite(epsilon)):
        raise ParameterError(f"`epsilon` is {epsilon}; it must be above 0 and finite.")
    if not 0 <= delta < 1:
        raise ParameterError(f"`delta` is {delta}; it must be at least 0 and below 1.")


def _require_number(value: object, *, name: str) -> None:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ParameterError(f"`{name}` is {value!r}; it must be a number.")


def require_whole(value: int, *, name: str) -> None:
    """Refuse a bound that is no whole number of at least 1."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ParameterError(f"`{name}` is {value!r}; it must be a whole number of at least 1.")
    require_at_least(value, 1, name=name)
