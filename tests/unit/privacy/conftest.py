"""A ledger in memory, and terms under which noise is practically none."""

import datetime as dt

import pytest

from analytics_lib.privacy.differential import (
    Account,
    Loss,
    Receipt,
    Terms,
    require_affordable,
)
from analytics_lib.privacy.differential.composition import exact

WHEN = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)


class Purse:
    """Charges in a list."""

    def __init__(self, *, epsilon, delta):
        self.budget = Loss(epsilon=exact(epsilon), delta=exact(delta))
        self.charges = []

    def spend(self, charge, *, when):
        require_affordable(self.charges, charge, budget=self.budget)
        self.charges.append(charge)
        return Receipt(number=len(self.charges), digest="0" * 64, when=when)


def terms_with(purse, **given):
    account = Account(ledger=purse, table="clicks", who="ann", clock=lambda: WHEN)
    asked = {"epsilon": 1e6, "rows_per_person": 1, "person": "id", "account": account, **given}
    return Terms(**asked)


@pytest.fixture
def purse():
    """A budget that is never used up."""
    return Purse(epsilon=1e9, delta=0.5)


@pytest.fixture
def terms(purse):
    """Terms with a loss so large that the noise is 0."""
    return lambda **given: terms_with(purse, **given)


@pytest.fixture
def poor():
    """Terms that the budget of 1 cannot bear."""
    return terms_with(Purse(epsilon=1, delta=0), epsilon=1.1)
