"""All tables of a block of members of a simulated content platform."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics_lib.synthetic.calendars import MONTH_DAYS, Calendar, Flags, Integers
from analytics_lib.synthetic.content_catalogue import Catalogue
from analytics_lib.synthetic.content_parameters import ContentPlatformParameters
from analytics_lib.synthetic.draws import digests
from analytics_lib.synthetic.platform_blocks import Tables
from analytics_lib.synthetic.platform_log import (
    EventRows,
    Visits,
    log_table,
    steps_of,
    tickets,
    times,
    visits,
)
from analytics_lib.synthetic.platform_people import (
    Members,
    expected_each_day,
    members,
    stays_table,
    users_table,
)

EXPERIMENT = "share button"
_LATEST_S = 64_800  # 18:00: the longest visits last for hours
_LAST_S = 86_399
_SPREAD = 0.8
_LONGEST_S = 3_600
_PAID_EVERY = 30
_ATTEND_S = 68_400  # 19:00


@dataclass(frozen=True, slots=True, kw_only=True)
class _Views:
    """Views of a block, one entry a view, and the topics of all pieces."""

    visit: Integers
    user: Integers
    day: Integers
    second: Integers
    item: Integers
    topics: pl.Series

    def rows(self, kind: str, chosen: Flags, *, later: int = 0) -> EventRows:
        """Events of a kind on some of the views."""
        return EventRows(
            kind=kind, user=self.user[chosen], day=self.day[chosen],
            second=np.minimum(self.second[chosen] + later, _LAST_S), visit=self.visit[chosen],
            content=self.item[chosen],
            category=self.topics.gather(self.item[chosen]),
        )  # fmt: skip


def block_tables(
    asked: ContentPlatformParameters, block: int, *, pieces: Catalogue, when: Calendar,
    rng: np.random.Generator,
) -> Tables:  # fmt: skip
    """Every table of a block of members."""
    size = asked.block_size(block)
    found = members(asked, role=f"member {block}", size=size, when=when, rng=rng)
    seen = _in_order(visits(asked, found, when=when, rng=rng, latest=_LATEST_S))
    views = _views(asked, found, seen, pieces=pieces, rng=rng)
    shown = found.treated[views.user]
    chance = np.where(shown, asked.share_share_with_button, asked.share_share)
    shared = rng.random(views.user.size) < chance
    rows = [
        views.rows("content_view", np.ones(views.user.size, dtype=np.bool_)),
        views.rows("like", rng.random(views.user.size) < asked.like_share, later=5),
        views.rows("comment", rng.random(views.user.size) < asked.comment_share, later=8),
        views.rows("share", shared, later=10),
        *_gatherings(asked, found, pieces=pieces, rng=rng),
        tickets(asked, seen, rng=rng),
    ]
    rate = found.rate * asked.visits_per_month / MONTH_DAYS
    day = pl.Series("day", when.first + np.arange(asked.days), dtype=pl.Int32)
    expected = expected_each_day(rate, found, days=asked.days, when=when)
    return {
        "users": users_table(asked, found, user_type="member", when=when),
        "events": log_table(
            asked, found, rows, experiment=EXPERIMENT, content=pieces.content["content_id"],
            when=when, rng=rng,
        ),
        "interactions": _interactions(found, views, shared, block=block, when=when, rng=rng),
        "payments": _payments(asked, found, when=when, rng=rng),
        "stays": stays_table(asked, found),
        "expected": pl.DataFrame({"day": day, "visits": expected}),
    }  # fmt: skip


def _in_order(seen: Visits) -> Visits:
    """The visits in order of person and time."""
    order = np.lexsort((seen.start, seen.day, seen.user))
    return Visits(
        user=seen.user[order], day=seen.day[order], start=seen.start[order],
        views=seen.views[order],
    )  # fmt: skip


def _views(
    asked: ContentPlatformParameters, found: Members, seen: Visits, *, pieces: Catalogue,
    rng: np.random.Generator,
) -> _Views:  # fmt: skip
    """What is seen in each visit: one piece where it ends at once, more where it goes on.

    The first visit of somebody with a bad start ends at once.
    """
    kinds = list(asked.kinds.values())
    entry = pieces.seen(seen.day, rng=rng)
    stays = np.asarray([one.stay_share for one in kinds])[pieces.kind[entry]]
    is_first = np.append([True], seen.user[1:] != seen.user[:-1])[: seen.user.size]
    is_bad = is_first & found.drivers["bad_start"][seen.user]
    goes_on = (rng.random(seen.user.size) < stays) & ~is_bad
    counts = np.where(goes_on, 1 + seen.views, 1)
    visit, step = steps_of(counts)
    item = pieces.seen(seen.day[visit], rng=rng)
    item[step == 0] = entry
    median = np.asarray([one.seconds for one in kinds])[pieces.kind[item]]
    stay = median * np.exp(rng.normal(0, _SPREAD, size=item.size))
    whole = np.clip(np.rint(stay), 1, _LONGEST_S).astype(np.int64)
    before = np.cumsum(whole) - whole
    second = seen.start[visit] + before - before[step == 0][visit]
    return _Views(
        visit=visit, user=seen.user[visit], day=seen.day[visit],
        second=np.minimum(second, _LAST_S), item=item, topics=pieces.topics,
    )  # fmt: skip


def _gatherings(
    asked: ContentPlatformParameters, found: Members, *, pieces: Catalogue,
    rng: np.random.Generator,
) -> list[EventRows]:  # fmt: skip
    """Who registers for each gathering of those there on its day, and who comes."""
    day = pieces.gathering_days
    is_there = (found.begins[:, None] <= day) & (day < found.ends[:, None])
    wanted = asked.gatherings
    user, number = np.nonzero(is_there & (rng.random(is_there.shape) < wanted.registered_share))
    lead = rng.integers(1, wanted.announced_days + 1, size=user.size)
    registered = np.maximum(day[number] - lead, found.begins[user])
    came = rng.random(user.size) < wanted.attended_share
    content = pieces.kind.size + number
    return [
        EventRows(
            kind="register", user=user, day=registered,
            second=times(user.size, rng=rng, latest=_LATEST_S), content=content,
        ),
        EventRows(
            kind="attend", user=user[came], day=day[number[came]],
            second=np.full(came.sum(), _ATTEND_S), content=content[came],
        ),
    ]  # fmt: skip


def _interactions(
    found: Members, views: _Views, shared: Flags, *, block: int, when: Calendar,
    rng: np.random.Generator,
) -> pl.DataFrame:  # fmt: skip
    """One row a share (contract `interactions`), with anybody else of the block."""
    user, size = views.user[shared], len(found.names)
    to = (user + rng.integers(1, size, size=user.size)) % size if size > 1 else user
    return pl.DataFrame(
        {
            "day": pl.Series(when.first + views.day[shared], dtype=pl.Int32),
            "from_user": found.names.gather(user),
            "to_user": found.names.gather(to),
        }
    ).select(
        pl.format("s{}-{}", pl.lit(block), pl.int_range(pl.len())).alias("interaction_id"),
        pl.all(),
        kind=pl.lit("share"),
        value=pl.lit(None, pl.Float64),
    )


def _payments(
    asked: ContentPlatformParameters, found: Members, *, when: Calendar, rng: np.random.Generator
) -> pl.DataFrame:
    """One row a payment (contract `payments`): supporters every 30 days while they are there."""
    supporter = np.flatnonzero(rng.random(found.begins.size) < asked.supporter_share)
    months = 1 + (found.ends - found.begins - 1)[supporter] // _PAID_EVERY
    at, month = steps_of(months)
    day = found.begins[supporter[at]] + month * _PAID_EVERY
    return pl.DataFrame(
        {
            "payment_id": digests(at.size, rng=rng),
            "user_id": found.names.gather(supporter[at]),
            "day": pl.Series(when.first + day, dtype=pl.Int32),
            "amount": pl.repeat(asked.supporter_price, at.size, dtype=pl.Float64, eager=True),
        }
    ).with_columns(
        currency=pl.lit(asked.currency),
        kind=pl.lit("subscription"),
        plan=pl.lit("supporter"),
        months=pl.lit(1, pl.Int64),
    )
