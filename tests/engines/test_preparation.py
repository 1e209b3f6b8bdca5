"""Preparing a log on every engine, against rules written once more in plain Python."""

import datetime as dt
import random
from collections import Counter, defaultdict

import polars as pl
import pytest

from analytics_lib import metrics
from analytics_lib.core.periods import day_number
from analytics_lib.events.boundary import event_log
from analytics_lib.events.identities import resolve_identities
from analytics_lib.events.preparation import prepare_events
from analytics_lib.events.robots import RobotRule
from analytics_lib.synthetic.adversarial import AS_OF, adversarial_logs

DAY_US = 86_400_000_000
MINUTE_US = 60_000_000
LAST = day_number(AS_OF)
SCHEMA = {
    "event_id": pl.String,
    "user_id": pl.String,
    "event_type": pl.String,
    "t_us": pl.Int64,
    "received_us": pl.Int64,
    "day": pl.Int32,
    "quantity": pl.Int64,
    "device_type": pl.String,
}
SAID = ("user_id", "event_type", "t_us", "day", "quantity")
LINKS = pl.DataFrame(
    {
        # x and y are Ann's; the kiosk is several people's; Ben and Ann are people; z came late.
        "anonymous_id": ["x", "y", "kiosk", "kiosk", "ben", "w", "z"],
        "user_id": ["ann", "ann", "ann", "ben", "ann", "ben", "ben"],
        "linked_day": [LAST - 9, LAST, LAST - 3, LAST - 2, LAST - 1, LAST - 8, LAST + 1],
    },
    schema={"anonymous_id": pl.String, "user_id": pl.String, "linked_day": pl.Int32},
)


def hostile_log(seed):
    """Retries, contradictions, ties, robots, late and early receipts, and missing everything."""
    draw = random.Random(seed)
    rows = []
    for number in range(160):
        day = draw.choice([LAST - 12, LAST - 5, LAST - 1, LAST])
        at = day * DAY_US + draw.randrange(0, 3) * MINUTE_US + draw.randrange(0, 5)
        late = draw.choice([0, 1, 2 * DAY_US, 2 * DAY_US + 1, -1, None])
        user = draw.choice(["ann", "ben", "x", "y", "kiosk", "w", "z", None])
        row = (
            draw.choice([f"e{number}", f"e{number}", "same", None]),
            user,
            draw.choice(["click", "view", None]),
            at,
            None if late is None else at + late,
            day,
            draw.choice([1, 1, 4]),
            draw.choice(["mobile", "desktop", "robot", None]),
        )
        rows += [row] * draw.choice([1, 1, 1, 2])
    rows.append(("n1", "ann", "click", None, None, LAST, 1, None))
    rows.append(("n2", "ann", None, None, 5, None, 1, None))
    draw.shuffle(rows)
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


LOGS = {f"hostile {seed}": hostile_log(seed) for seed in range(3)}
LOGS["empty"] = pl.DataFrame(schema=SCHEMA)


def received_first(row):
    last = 2**62
    numbers = [last if row[name] is None else row[name] for name in ("received_us", "t_us", "day")]
    return (*numbers, row["user_id"] or "", row["event_type"] or "", row["quantity"])


def without_duplicates(rows):
    groups = defaultdict(list)
    for row in rows:
        groups[row["event_id"]].append(row)
    nameless = groups.pop(None, [])
    conflicts = 0
    for repeated in groups.values():
        repeated.sort(key=received_first)
        said = {tuple(r[name] for name in SAID) for r in repeated}
        conflicts += len(repeated) - 1 if len(said) > 1 else 0
    return nameless + [repeated[0] for repeated in groups.values()], conflicts


def is_robot(row, rows, *, minute, day):
    if row["device_type"] == "robot":
        return True
    if row["user_id"] is None or row["day"] is None:
        return False
    mine = [r for r in rows if r["user_id"] == row["user_id"] and r["day"] == row["day"]]
    if day is not None and sum(r["quantity"] for r in mine) > day:
        return True
    if minute is None:
        return False
    per_minute = Counter()
    for r in rows:
        if r["user_id"] == row["user_id"] and r["t_us"] is not None:
            per_minute[r["t_us"] // MINUTE_US] += r["quantity"]
    return any(r["t_us"] is not None and per_minute[r["t_us"] // MINUTE_US] > minute for r in mine)


def is_late(row, limit):
    times = (row["received_us"], row["t_us"])
    return None not in times and times[0] - times[1] > limit * DAY_US


def expected(frame, *, minute=None, day=None, limit=2, exclude=False, users=None):
    rows = frame.rows(named=True)
    unique, conflicts = without_duplicates(rows)
    people = [r for r in unique if not is_robot(r, unique, minute=minute, day=day)]
    late = [r for r in people if is_late(r, limit)]
    kept = [r for r in people if not (exclude and is_late(r, limit))]
    merge = users or {}
    ids = {r["user_id"] for r in kept} - {None}
    return {
        "rows": sorted(
            (str(r["event_id"]), str(merge.get(user, user)), str(r["t_us"]), r["quantity"])
            for r in kept
            for user in [r["user_id"]]
        ),
        "account": (
            len(rows), len(rows) - len(unique), conflicts, len(unique) - len(people), len(late),
            len(late) if exclude else 0, len(kept), sum(r["user_id"] is None for r in kept),
            len(ids), len(ids & set(merge)), len({merge.get(i, i) for i in ids}),
        ),
    }  # fmt: skip


def found_in(log, plain):
    native = log.frame.to_native()
    native = native.collect() if isinstance(native, pl.LazyFrame) else native
    account = log.preparation
    as_text = lambda value: "None" if value is None or value != value else str(value)  # noqa: E731, PLR0124
    rows = plain(native, "event_id", "user_id", "t_us", "quantity")
    whole = [
        (as_text(e), as_text(u), "None" if as_text(t) == "None" else str(int(t)), q)
        for e, u, t, q in rows
    ]
    return {
        "rows": sorted(whole),
        "account": (
            account.events_in, account.duplicates, account.conflicting_duplicates, account.robots,
            account.late, account.late_excluded, account.events_kept, account.without_user,
            account.ids_before, account.ids_merged, account.users,
        ),
    }  # fmt: skip


@pytest.fixture(params=LOGS)
def log(request):
    return LOGS[request.param]


@pytest.mark.parametrize(("minute", "day"), [(None, None), (8, None), (None, 10), (8, 12)], ids=str)
@pytest.mark.parametrize("exclude", [False, True], ids=["late kept", "late out"])
def test_every_row_has_one_fate(engine, log, minute, day, exclude, plain):
    prepared = prepare_events(
        engine.make(log),
        robots=RobotRule(events_per_minute=minute, events_per_day=day),
        late_after_days=2,
        late="exclude" if exclude else "keep",
    )
    known = expected(log, minute=minute, day=day, exclude=exclude)
    assert found_in(prepared, plain) == known


def test_merging(engine, log, plain):
    links = resolve_identities(engine.make(LINKS), as_of=AS_OF)
    # origin: by hand, from the comment at LINKS: y's link is of the last day, z's a day too late.
    assert links.links.rows() == [("w", "ben"), ("x", "ann"), ("y", "ann")]
    assert links.refused == {"identified": 1, "several users": 2}
    prepared = prepare_events(engine.make(log), identities=links, late_after_days=2)
    users = {"x": "ann", "y": "ann", "w": "ben"}
    assert found_in(prepared, plain) == expected(log, users=users)
    assert prepared.preparation.identity_version == links.version


def test_nothing_to_do_changes_nothing(engine, plain):
    for name, frame in adversarial_logs().items():
        if name == "duplicates":
            continue
        prepared = prepare_events(engine.make(frame))
        kept = prepared.preparation
        assert (kept.events_in, kept.events_kept) == (frame.height, frame.height)
        before = metrics.rolling_active_users(engine.make(frame), days=7, as_of=AS_OF)
        after = metrics.rolling_active_users(prepared, days=7, as_of=AS_OF)
        assert plain(after) == plain(before)


def test_duplicates_gone_before_any_metric(engine, plain):
    logs = adversarial_logs()
    prepared = prepare_events(engine.make(logs["duplicates"]))
    assert prepared.preparation.duplicates == logs["steady"].height
    assert prepared.preparation.conflicting_duplicates == 0  # 111 rows, quantities in threes
    native = prepared.frame.to_native()
    native = native.collect() if isinstance(native, pl.LazyFrame) else native
    assert len(plain(native)) == logs["steady"].height


@pytest.mark.parametrize(
    ("zone", "date", "hours", "repeated"),
    [
        # origin: clock changes of 2024 from the tz database, by hand
        ("Europe/London", dt.date(2024, 3, 31), 23, 0),
        ("Europe/London", dt.date(2024, 10, 27), 25, 2),
        ("America/Los_Angeles", dt.date(2024, 11, 3), 25, 2),
        ("Asia/Tokyo", dt.date(2024, 10, 27), 24, 0),
    ],
)
def test_days_of_clock_changes(engine, zone, date, hours, repeated, plain):
    noon = dt.datetime.combine(date, dt.time(12), tzinfo=dt.UTC)
    instants = [noon + dt.timedelta(hours=step) for step in range(-40, 41)]
    frame = pl.DataFrame(
        {"user_id": ["a"] * 81, "at": instants, "event_id": [str(n) for n in range(81)]},
        schema_overrides={"at": pl.Datetime("us", "UTC")},
    )
    log = event_log(engine.make(frame), time="at", event_id="event_id", zone=zone)
    prepared = prepare_events(log)
    assert prepared.preparation.repeated_hour == repeated
    assert prepared.zone == zone
    native = prepared.frame.to_native()
    native = native.collect() if isinstance(native, pl.LazyFrame) else native
    days = [day for (day,) in plain(native, "day")]
    assert days.count(day_number(date)) == hours
