"""Where visits of a simulated community begin, and what happens in them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics_lib.synthetic.content_items import SOURCE_STAYS, SOURCES, Floats, Items, Whole

_DAY_US = 86_400_000_000
_SECOND_US = 1_000_000
_SHARES = np.array([0.3, 0.3, 0.12, 0.18, 0.1])
_OFFERS = {"search": ("search_result", "search_click"), "feed": ("impression", "click")}
_FIRST_RESULT = 0.35
_RESULTS = 5
_SPREAD = 0.8
_REACTIONS = {"like": 0.08, "comment": 0.03, "share": 0.04}


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When things happen.

    Attributes:
        first: Number of the first day.
        days: Number of days.
        trend_days: Days at the end on which the trend is on.
    """

    first: int
    days: int
    trend_days: int

    def instants(self, count: int, *, rng: np.random.Generator) -> Whole:
        """Instants in microseconds: rather more of them later, fewer at weekends and at night."""
        day = np.arange(self.first, self.first + self.days)
        weights = (1 + 0.3 * np.arange(self.days) / self.days) * np.where((day + 3) % 7 > 4, 0.8, 1)  # noqa: PLR2004 - Saturday and Sunday
        drawn = day[draw(weights / weights.sum(), count, rng=rng)]
        within: Whole = (rng.beta(3, 2, size=count) * _DAY_US).astype(np.int64)
        return drawn * _DAY_US + within

    def items(self, items: Items, t_us: Whole, *, rng: np.random.Generator) -> Whole:
        """What is seen at each instant, by the demand of its day."""
        trend_from = (self.first + self.days - self.trend_days) * _DAY_US
        usual = draw(items.demand[0], t_us.size, rng=rng)
        lifted = draw(items.demand[1], t_us.size, rng=rng)
        return np.where(t_us >= trend_from, lifted, usual)

    @property
    def end_us(self) -> int:
        """First instant after the last day."""
        return (self.first + self.days) * _DAY_US


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Where visits begin; one entry a visit."""

    user: Whole
    t_us: Whole
    item: Whole
    source: Whole


def draw(shares: Floats, count: int, *, rng: np.random.Generator) -> Whole:
    """So many numbers, each with its probability."""
    edges = np.cumsum(shares)[:-1]
    drawn: Whole = np.searchsorted(edges, rng.random(count), side="right")
    return drawn


def begin(
    visits: int, *, items: Items, activity: Floats, calendar: Calendar, rng: np.random.Generator
) -> tuple[Visits, list[pl.DataFrame]]:
    """The visits, and what was shown and clicked before those from search and feed."""
    found, tables = [], []
    for number, (source, share) in enumerate(zip(SOURCES, _SHARES, strict=True)):
        count = round(visits * share / _clicked(source, items))
        t_us = calendar.instants(count, rng=rng)
        item = calendar.items(items, t_us, rng=rng)
        user = draw(activity, count, rng=rng)
        if source in _OFFERS:
            shown, click = _OFFERS[source]
            chance = _chance(source, item, items=items, rng=rng)
            taken = rng.random(count) < chance
            tables.append(rows(shown, user=user, item=item, t_us=t_us))
            user, item, t_us = user[taken], item[taken], t_us[taken] + _SECOND_US
            tables.append(rows(click, user=user, item=item, t_us=t_us))
        found.append((user, t_us + _SECOND_US, item, np.full(user.size, number)))
    user, t_us, item, source_number = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Visits(user=user, t_us=t_us, item=item, source=source_number), tables


def _clicked(source: str, items: Items) -> float:
    """Mean probability that what was offered is clicked; 1 where nothing is offered."""
    by_position = float(np.mean(_FIRST_RESULT / np.arange(1, _RESULTS + 1)))
    return {"search": by_position, "feed": float(items.demand[0] @ items.click)}.get(source, 1.0)


def _chance(source: str, item: Whole, *, items: Items, rng: np.random.Generator) -> Floats:
    """Probability that each offer is clicked: by position in the search, by item in the feed."""
    if source == "feed":
        return items.click[item]
    return _FIRST_RESULT / rng.integers(1, _RESULTS + 1, size=item.size)


def unfold(
    visits: Visits, *, items: Items, calendar: Calendar, rng: np.random.Generator
) -> list[pl.DataFrame]:
    """Views, reactions and sales of the visits. Who leaves at once does nothing else."""
    goes_on = rng.random(visits.user.size) < items.stay[visits.item] * SOURCE_STAYS[visits.source]
    pages = np.where(goes_on, 1 + rng.geometric(0.55, size=goes_on.size), 1)
    visit = np.repeat(np.arange(pages.size), pages)
    starts = np.cumsum(pages) - pages
    item = calendar.items(items, visits.t_us[visit], rng=rng)
    item[starts] = visits.item
    stay = items.seconds[item] * np.exp(rng.normal(0, _SPREAD, size=item.size))
    stay_us = np.maximum(np.rint(stay * _SECOND_US), 4).astype(np.int64)
    before = np.cumsum(stay_us) - stay_us
    t_us = visits.t_us[visit] + before - before[starts][visit]

    def of_views(event_type: str, chosen: npt.NDArray[np.bool_], part: int) -> pl.DataFrame:
        """Events on some views, after so many quarters of the time on the page."""
        return rows(
            event_type,
            user=visits.user[visit[chosen]],
            item=item[chosen],
            t_us=t_us[chosen] + stay_us[chosen] * part // 4,
            visit=visit[chosen],
            source=visits.source[visit[chosen]],
        )

    tables = [of_views("content_view", np.full(item.size, fill_value=True), 0)]
    engaged = goes_on[visit]
    for part, (kind, share) in enumerate(_REACTIONS.items(), start=1):
        tables.append(of_views(kind, engaged & (rng.random(item.size) < share), part))
    last = np.zeros(item.size, dtype=bool)
    last[starts + pages - 1] = True
    sold = last & engaged & (rng.random(item.size) < items.sale[item])
    return [*tables, of_views("purchase", sold, 3)]


def rows(
    event_type: str,
    *,
    user: Whole,
    item: Whole,
    t_us: Whole,
    visit: Whole | None = None,
    source: Whole | None = None,
) -> pl.DataFrame:
    """Events of one type by numbers of users, items, visits and sources."""
    nothing = pl.repeat(None, user.size, dtype=pl.Int64, eager=True)
    return pl.DataFrame(
        {
            "event_type": pl.repeat(event_type, user.size, eager=True),
            "user": user,
            "item": item,
            "t_us": t_us,
            "visit": nothing if visit is None else visit,
            "source": nothing if source is None else source,
        }
    )
