"""Money of the platform: what supporters and donors pay, what winning users costs."""

import numpy as np
import polars as pl

from analytics_lib.synthetic.calendars import Calendar
from analytics_lib.synthetic.people import pseudonyms
from analytics_lib.synthetic.sharing_exchanges import Handed
from analytics_lib.synthetic.sharing_parameters import SharingParameters
from analytics_lib.synthetic.sharing_people import People

_PAID_EVERY = 30
_DONATION_SPREAD = 0.6
_COST_SPREAD = 0.3


def payments_table(
    asked: SharingParameters, found: People, handed: Handed, *, when: Calendar,
    rng: np.random.Generator, part: int,
) -> pl.DataFrame:  # fmt: skip
    """One row a payment (contract `payments`): supporters each month, donations after exchanges."""
    supporter = np.flatnonzero(rng.random(asked.users) < asked.supporter_share)
    months = 1 + (found.ends - found.begins - 1)[supporter] // _PAID_EVERY
    paying = np.repeat(supporter, months)
    month = np.arange(paying.size) - np.repeat(np.cumsum(months) - months, months)
    donated = np.flatnonzero(rng.random(handed.day.size) < asked.donation_share)
    given = asked.donation * np.exp(rng.normal(0, _DONATION_SPREAD, size=donated.size))
    size = paying.size + donated.size
    is_donation = np.arange(size) >= paying.size
    table = pl.DataFrame(
        {
            "payment_id": pl.Series(pseudonyms(f"payment {part}", size), dtype=pl.String),
            "user_id": found.names.gather(np.concatenate([paying, handed.recipient[donated]])),
            "day": pl.Series(
                when.first
                + np.concatenate([found.begins[paying] + month * _PAID_EVERY, handed.day[donated]]),
                dtype=pl.Int32,
            ),
            "amount": np.concatenate(
                [np.full(paying.size, asked.supporter_price), np.round(given, 2)]
            ),
            "currency": pl.repeat(asked.currency, size, eager=True),
            "kind": pl.Series(np.where(is_donation, "purchase", "subscription"), dtype=pl.String),
            "plan": pl.Series(np.where(is_donation, "donation", "supporter"), dtype=pl.String),
            "months": pl.Series(np.where(is_donation, 0, 1), dtype=pl.Int64),
        }
    )
    return table.with_columns(months=pl.when(pl.col("months") > 0).then("months")).sort(
        "day", "payment_id"
    )


def costs_table(
    asked: SharingParameters, found: People, *, when: Calendar, rng: np.random.Generator
) -> pl.DataFrame:
    """What was spent on each channel and day (contract `acquisition_costs`)."""
    cost = np.asarray([one.cost for one in asked.channels])[found.channel]
    spent = cost * np.exp(rng.normal(-(_COST_SPREAD**2) / 2, _COST_SPREAD, size=asked.users))
    each = pl.DataFrame(
        {
            "day": pl.Series(when.first + found.begins, dtype=pl.Int32),
            "channel": pl.Series([one.name for one in asked.channels]).gather(found.channel),
            "amount": spent,
        }
    )
    summed = each.group_by("day", "channel").agg(pl.col("amount").sum().round(2))
    return summed.with_columns(currency=pl.lit(asked.currency)).sort("day", "channel")
