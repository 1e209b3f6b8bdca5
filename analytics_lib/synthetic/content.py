"""A small community of readers whose best and worst content is known."""

import datetime as dt
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import day_number
from analytics_lib.synthetic.content_items import (
    BEST_SOURCE,
    SOURCE_STAYS,
    SOURCES,
    Items,
    make_items,
)
from analytics_lib.synthetic.content_visits import Calendar, begin, unfold
from analytics_lib.synthetic.people import pseudonyms

DEFAULT_START = dt.date(2024, 1, 1)
_DAY_US = 86_400_000_000
_FEWEST_ITEMS = 6
_ID_DIGITS = 64
_PRICE = 29.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentCommunity:
    """Simulated readers of content and what is true of it.

    Attributes:
        events: One row an event (contract `events`), in order of time. Views
            (`content_view`), reactions (`like`, `comment`, `share`) and sales
            (`purchase`, without `content_id`) belong to a session; what was
            offered in the feed (`impression`, `click`) and found in the search
            (`search_result`, `search_click`) does not.
        content: One row a piece of content (contract `content`), with its
            `category` and `author_id`.
        costs: One row a piece of content (contract `content_costs`), in cents.
        payments: One row a sale (contract `payments`), in euros.
        truth: `trending` (content viewed `trend_factor` times as much, as odds,
            in the last `trend_days`), `bad` (content that most visits leave at
            once), `best_source` (whose visits go on most often), and by
            content: `stay_share` (probability that a visit begun there goes
            on; from a source times its `source_stay_share`), `median_seconds`
            on the page, `click_share` of impressions, `sales` made right
            after a view of it (counted) and the `price` of each.
    """

    events: pl.DataFrame
    content: pl.DataFrame
    costs: pl.DataFrame
    payments: pl.DataFrame
    truth: MappingProxyType[str, Any]


def content_community(
    *,
    users: int,
    items: int,
    visits: int,
    days: int,
    rng: np.random.Generator,
    trend_factor: float = 6.0,
    trend_days: int = 7,
    start: dt.date = DEFAULT_START,
) -> ContentCommunity:
    """Simulate visits to articles, videos and courses with a trend, a bad article, a best source.

    Demand falls with the number of the item; the bad article is the second.
    Visits come from five sources, those from search and feed by clicks on what
    was shown. A visit goes on with a known probability; who leaves at once does
    nothing else. Times on pages are log-normal. A visit of several pages may
    end in a sale, made from its last page.

    Args:
        users: Number of users, 1 or more; some come far more often than others.
        items: Pieces of content, 6 or more.
        visits: Expected number of visits, 1 or more; about seven events each.
        days: Number of days, more than `trend_days`.
        rng: Source of all randomness; the same seed gives the same community.
        trend_factor: How much the odds of viewing the trending article rise; 1 for no trend.
        trend_days: Days at the end on which the trend is on, 1 or more.
        start: First day (UTC). What would happen after the last day is left out.

    Returns:
        Events, content, costs, payments and the truth.

    Raises:
        ParameterError: A number is out of range.

    Examples:
        >>> made = content_community(
        ...     users=5, items=6, visits=9, days=30, rng=np.random.default_rng(1)
        ... )
        >>> made.truth["bad"], made.truth["trending"], made.truth["best_source"]
        ('gardening-article-02', 'languages-article-04', 'mail')
    """
    for name, value, least in (
        ("users", users, 1),
        ("items", items, _FEWEST_ITEMS),
        ("visits", visits, 1),
        ("trend_days", trend_days, 1),
        ("days", days, trend_days + 1),
    ):
        require_at_least(value, least, name=name)
    if not 1 <= trend_factor < float("inf"):
        raise ParameterError(f"`trend_factor` is {trend_factor}; it must be 1 or more.")

    pieces = make_items(items, trend_factor=trend_factor, rng=rng)
    calendar = Calendar(first=day_number(start), days=days, trend_days=trend_days)
    activity = rng.lognormal(0, 1, size=users)
    begun, offers = begin(
        visits, items=pieces, activity=activity / activity.sum(), calendar=calendar, rng=rng
    )
    within = unfold(begun, items=pieces, calendar=calendar, rng=rng)
    log = (
        pl.concat([*offers, *within])
        .filter(pl.col("t_us") < calendar.end_us)
        .sort("t_us", maintain_order=True)
    )
    events = _events(log, items=pieces, users=users)
    # A sale names no content; the page it was made from is kept for the truth.
    sold = log.filter(pl.col("event_type") == "purchase")["item"].to_numpy()
    return ContentCommunity(
        events=events,
        content=pieces.table.drop("cost"),
        costs=pieces.table.select("content_id", "cost"),
        payments=_payments(events),
        truth=MappingProxyType(
            {
                "trending": pieces.named(pieces.trending),
                "trend_factor": trend_factor,
                "trend_days": trend_days,
                "bad": pieces.named(pieces.bad),
                "best_source": BEST_SOURCE,
                "source_stay_share": dict(zip(SOURCES, SOURCE_STAYS.tolist(), strict=True)),
                "stay_share": pieces.by_item(pieces.stay),
                "median_seconds": pieces.by_item(pieces.seconds),
                "click_share": pieces.by_item(pieces.click),
                "sales": pieces.by_item(np.bincount(sold, minlength=items)),
                "price": _PRICE,
            }
        ),
    )


def _events(log: pl.DataFrame, *, items: Items, users: int) -> pl.DataFrame:
    """The log under the names of the contract; a sale names no content."""
    people = pl.Series(pseudonyms("reader", users), dtype=pl.String)
    is_sale = pl.col("event_type") == "purchase"
    named = log.with_columns(
        user_id=people.gather(log["user"]),
        content_id=items.table["content_id"].gather(log["item"]),
        category=items.table["category"].gather(log["item"]),
        campaign_source=pl.Series(SOURCES, dtype=pl.String).gather(log["source"]),
    )
    return named.select(
        event_id=pl.int_range(pl.len()).cast(pl.String).str.zfill(_ID_DIGITS),
        user_id="user_id",
        event_type="event_type",
        category=pl.when(~is_sale).then("category"),
        t_us="t_us",
        day=(pl.col("t_us") // _DAY_US).cast(pl.Int32),
        session_id=pl.col("visit").cast(pl.String).str.zfill(_ID_DIGITS),
        content_id=pl.when(~is_sale).then("content_id"),
        quantity=pl.lit(1, pl.Int64),
        campaign_source="campaign_source",
    )


def _payments(events: pl.DataFrame) -> pl.DataFrame:
    """A payment for each sale, at its instant."""
    sales = events.filter(pl.col("event_type") == "purchase")
    return sales.select(
        payment_id="event_id",
        user_id="user_id",
        day="day",
        t_us="t_us",
        amount=pl.lit(_PRICE),
        currency=pl.lit("EUR"),
        kind=pl.lit("purchase"),
    )
