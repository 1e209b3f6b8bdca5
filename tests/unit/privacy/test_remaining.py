"""t holds against the rows that are left, not only against those that came in."""

import numpy as np
import polars as pl
import pytest

from analytics_lib.core.errors import DisclosureError
from analytics_lib.privacy.anonymisation import anonymise
from analytics_lib.privacy.anonymisation.remaining import anonymise_for_release
from analytics_lib.privacy.hierarchies import hierarchy_by_interval


def people(seed):
    """Old people are ill more often, and few of them are there: whoever is left is healthier."""
    rng = np.random.default_rng(seed)
    age = np.minimum(20 + rng.exponential(14, size=300).astype(int), 89)
    ill = rng.random(300) < np.where(age > 60, 0.9, 0.25)
    return pl.DataFrame({"age": age, "ill": np.where(ill, "yes", "no")})


def asked(table, *, t):
    return {
        "quasi_identifiers": {"age": hierarchy_by_interval(table["age"], name="age", widths=[10])},
        "sensitive": ["ill"], "k": 5, "t": t, "distance": "equal", "suppression_limit": 0.2,
        "method": "full_domain", "rng": np.random.default_rng(0),
    }  # fmt: skip


def farthest(table):
    # origin: the definition, class by class (Li, Li and Venkatasubramanian 2007)
    ill = table["ill"] == "yes"
    whole = ill.mean()
    shares = table.with_columns(ill=ill).group_by("age").agg(pl.col("ill").mean())["ill"]
    return max(abs(share - whole) for share in shares)


def test_t_holds_for_the_rows_that_are_left():
    exceeded = 0
    for seed in range(40):
        table = people(seed)
        plain = anonymise(table, **asked(table, t=0.15)).table
        exceeded += farthest(plain) > 0.15 + 1e-9
        found = anonymise_for_release(table, **asked(table, t=0.15)).table
        assert farthest(found) <= 0.15 + 1e-9
    assert exceeded  # else nothing was tested


def test_nothing_changes_where_t_is_not_asked_for():
    table = people(1)
    plain = anonymise(table, **asked(table, t=None)).table
    assert anonymise_for_release(table, **asked(table, t=None)).table.equals(plain)


def test_what_cannot_hold_both_ways_is_refused(monkeypatch):
    module = "analytics_lib.privacy.anonymisation.remaining.anonymise"
    table = people(1)
    worse = anonymise(table, **asked(table, t=None))
    monkeypatch.setattr(module, lambda *_, **__: worse)
    with pytest.raises(DisclosureError, match=r"`t` is 0.01, but the rows that are left reach 0\."):
        anonymise_for_release(table, **asked(table, t=0.01))
