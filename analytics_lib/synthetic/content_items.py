"""The pieces of content of a simulated community, and what is true of each."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics_lib.synthetic.people import pseudonyms

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

SOURCES = ("search", "feed", "mail", "direct", "social")
SOURCE_STAYS = np.array([0.9, 0.8, 1.0, 0.85, 0.55])
BEST_SOURCE = "mail"
_KINDS = ("article", "article", "video", "article", "course")
_CATEGORIES = ("baking", "gardening", "mending", "languages")
_SECONDS = {"article": 90.0, "video": 200.0, "course": 420.0}
_SALES = {"article": 0.08, "video": 0.12, "course": 0.3}
_COSTS = {"article": 15_000, "video": 40_000, "course": 90_000}
_BAD_SECONDS = 15.0
_BAD_STAY = 0.12
_BAD_SALES = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """What is true of each piece of content; one entry an item.

    Attributes:
        table: `content_id`, `kind`, `category`, `author_id`, `cost` (cents).
        demand: Probability that a view, impression or search result is of the
            item, on ordinary days and, second, on the days of the trend.
        stay: Probability that a visit begun there goes on, from the best source.
        seconds: Median time on the page.
        click: Probability that an impression is clicked.
        sale: Probability that a visit of several pages that ends there ends in a sale.
        bad: Number of the planted bad article.
        trending: Number of the planted trending article.
    """

    table: pl.DataFrame
    demand: tuple[Floats, Floats]
    stay: Floats
    seconds: Floats
    click: Floats
    sale: Floats
    bad: int
    trending: int

    def by_item(self, values: npt.NDArray[np.generic]) -> dict[str, float]:
        """The values by `content_id`."""
        return dict(zip(self.table["content_id"].to_list(), values.tolist(), strict=True))

    def named(self, number: int) -> str:
        """The `content_id` of an item."""
        return str(self.table["content_id"][number])


def make_items(count: int, *, trend_factor: float, rng: np.random.Generator) -> Items:
    """So many pieces of content; the second is bad, and an article in the middle will trend."""
    numbers = np.arange(count)
    kinds = [_KINDS[number % len(_KINDS)] for number in numbers]
    categories = [_CATEGORIES[number % len(_CATEGORIES)] for number in numbers]
    authors = pseudonyms("author", max(1, count // 3))
    bad = 1
    trending = next(n for n in range(count // 2, count) if kinds[n] == "article")
    weights = 1 / (numbers + 3)
    lifted = np.where(numbers == trending, trend_factor * weights, weights)
    is_bad = numbers == bad
    spread = np.exp(rng.normal(0, 0.2, size=count))
    return Items(
        table=pl.DataFrame(
            {
                "content_id": [
                    f"{category}-{kind}-{number + 1:02d}"
                    for number, kind, category in zip(numbers, kinds, categories, strict=True)
                ],
                "kind": kinds,
                "category": categories,
                "author_id": [authors[n % len(authors)] for n in numbers],
                "cost": np.rint(np.array([_COSTS[kind] for kind in kinds]) * spread).astype(int),
            }
        ),
        demand=(weights / weights.sum(), lifted / lifted.sum()),
        stay=np.where(is_bad, _BAD_STAY, rng.uniform(0.5, 0.75, size=count)),
        seconds=np.where(is_bad, _BAD_SECONDS, np.array([_SECONDS[kind] for kind in kinds]))
        * np.exp(rng.normal(0, 0.2, size=count)),
        click=rng.uniform(0.1, 0.25, size=count),
        sale=np.array([_SALES[kind] for kind in kinds])
        * rng.uniform(0.5, 1.5, size=count)
        * np.where(is_bad, _BAD_SALES, 1),
        bad=bad,
        trending=trending,
    )
