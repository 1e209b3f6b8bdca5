"""A community of readers, viewers and listeners, with everything that is true of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.synthetic.calendars import Calendar
from analytics_lib.synthetic.content_catalogue import Catalogue, catalogue
from analytics_lib.synthetic.content_parameters import ContentPlatformParameters
from analytics_lib.synthetic.content_platform_block import block_tables
from analytics_lib.synthetic.platform_blocks import block_rng, chunks_of, shared_rng, together
from analytics_lib.synthetic.platform_people import costs_table, later_calendar, truth_of_people

_ORDER = {
    "users": ("user_id",),
    "events": ("t_us", "event_id"),
    "interactions": ("interaction_id",),
    "payments": ("day", "payment_id"),
    "stays": ("user_id",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentPlatform:
    """A simulated content platform and what is true of it.

    Attributes:
        users: One row a member (contract `users`).
        content: One row a piece of content or a gathering (contract `content`).
        content_costs: One row a piece of content (contract `content_costs`).
        events: One row an event (contract `events`), in order of time: visits with
            `content_view`, `like`, `comment` and `share`; `register` and
            `attend` of gatherings.
        interactions: One row a share with another member (contract `interactions`).
        payments: One row a payment of a supporter (contract `payments`).
        acquisition_costs: One row a day and channel (contract `acquisition_costs`).
        stays: One row a member: `user_id`, `days` from sign-up until they left or
            the log ends, `has_left`, the drivers of leaving `channel`,
            `bad_start` and `newsletter`, and `treated`: shown the button.
        expected: One row a day: `day`, `visits` that these members would make on
            average if the days came once more.
        truth: `log_hazards`, `hazard_ratios` (by driver of leaving),
            `monthly_hazard` (of who has no driver), `incident_days`,
            `incident_activity`, `weekend_activity`, `cost_of_user` (by channel);
            `stay_share` and `median_seconds` (by kind), `like_share` and
            `comment_share` (of views), `share_share` and
            `share_share_with_button` (of views), `button_effect` (the second
            less the first), `attended_share` (of registrations),
            `registered_share` (of the members there), `trending` (its
            `content_id`), `trend_factor` and `trend_days`.
    """

    users: pl.DataFrame
    content: pl.DataFrame
    content_costs: pl.DataFrame
    events: pl.DataFrame
    interactions: pl.DataFrame
    payments: pl.DataFrame
    acquisition_costs: pl.DataFrame
    stays: pl.DataFrame
    expected: pl.DataFrame
    truth: MappingProxyType[str, object]


def content_platform(
    parameters: ContentPlatformParameters | None = None, *, seed: int
) -> ContentPlatform:
    """Simulate members who see articles and media, meet at events and share what they like.

    Pieces are published all the time and less in demand as they age; one trends
    at the end. Members visit at a rate of their own, livelier in season and on
    weekdays, and leave with a hazard that depends on stated drivers and on
    nothing else. Half of them, at random, are shown a button, and share more.
    An incident stops most activity for some days.

    Args:
        parameters: All that can be chosen; left out, those of the file.
        seed: Of all randomness; the same seed gives the same platform.

    Returns:
        The tables and the truth.

    Examples:
        >>> made = content_platform(ContentPlatformParameters(users=90, days=60), seed=1)
        >>> made.users.height, made.truth["attended_share"]
        (90, 0.6)
    """
    asked = parameters if parameters is not None else ContentPlatformParameters()
    return _chunk(asked, range(asked.blocks), seed=seed)


def content_platform_chunks(
    parameters: ContentPlatformParameters, *, seed: int, blocks_at_once: int = 1
) -> Iterator[ContentPlatform]:
    """The same platform chunk by chunk, so that memory holds one chunk only.

    Members come in blocks of `users_in_block`, each drawn from a random stream
    of its own; they share things within their block. So the chunks, put
    together and sorted, are what `content_platform` makes, whatever their size,
    and memory holds the blocks of one chunk however many there are. What
    belongs to nobody (content and costs) comes with the first chunk.

    Args:
        parameters: Of the whole platform.
        seed: Of all randomness.
        blocks_at_once: Blocks of a chunk.

    Yields:
        One chunk after the other. `expected` is of its members: add it up by day.

    Raises:
        ParameterError: `blocks_at_once` is below 1.

    Examples:
        >>> asked = ContentPlatformParameters(users=90, users_in_block=40, days=60)
        >>> [chunk.users.height for chunk in content_platform_chunks(asked, seed=1)]
        [40, 40, 10]
    """
    require_at_least(blocks_at_once, 1, name="blocks_at_once")
    for blocks in chunks_of(parameters.blocks, at_once=blocks_at_once):
        yield _chunk(parameters, blocks, seed=seed)


def _chunk(asked: ContentPlatformParameters, blocks: range, *, seed: int) -> ContentPlatform:
    when = later_calendar(asked)
    rng = shared_rng(seed)
    pieces = catalogue(asked, rng=rng)
    made = [
        block_tables(asked, block, pieces=pieces, when=when, rng=block_rng(seed, block))
        for block in blocks
    ]
    shared = {
        "content": pieces.content,
        "content_costs": pieces.costs,
        "acquisition_costs": costs_table(asked, when=when, rng=rng),
    }
    expected = pl.concat([tables["expected"] for tables in made])
    return ContentPlatform(
        **together(made, order=_ORDER),
        **{name: table if 0 in blocks else table.clear() for name, table in shared.items()},
        expected=expected.group_by("day").agg(pl.col("visits").sum()).sort("day"),
        truth=_truth(asked, pieces, when=when),
    )


def _truth(
    asked: ContentPlatformParameters, pieces: Catalogue, *, when: Calendar
) -> MappingProxyType[str, object]:
    return MappingProxyType(
        truth_of_people(asked, when=when)
        | {
            "stay_share": {name: one.stay_share for name, one in asked.kinds.items()},
            "median_seconds": {name: one.seconds for name, one in asked.kinds.items()},
            "like_share": asked.like_share,
            "comment_share": asked.comment_share,
            "share_share": asked.share_share,
            "share_share_with_button": asked.share_share_with_button,
            "button_effect": asked.share_share_with_button - asked.share_share,
            "attended_share": asked.gatherings.attended_share,
            "registered_share": asked.gatherings.registered_share,
            "trending": pieces.content["content_id"][pieces.trending],
            "trend_factor": asked.trend_factor,
            "trend_days": asked.trend_days,
        }
    )
