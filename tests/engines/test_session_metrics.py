"""Sessions on every engine, against a plain loop over each user's events."""

import datetime as dt
import random
import statistics

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.periods import calendar_period, day_date, day_number
from analytics_lib.metrics.session_quality import session_quality
from analytics_lib.metrics.sessions import assign_sessions, sessions
from analytics_lib.synthetic.adversarial import adversarial_logs

pytestmark = pytest.mark.usefixtures("both_paths")
MINUTE = 60_000_000
DAY = 1_440 * MINUTE
AS_OF = dt.date(2024, 3, 31)
LAST = day_number(AS_OF)
VIEWS, KEYS = ["view"], ["buy"]


def timed_log(seed=7):
    """Users with ties, long and borderline pauses, midnights, null users and late rows."""
    draw = random.Random(seed)
    rows = []
    for user in ["a", "b", "c", "d", None]:
        at = (LAST - 20) * DAY + draw.randrange(DAY)
        for _ in range(60):
            pause = draw.choice(
                [0, 0, 5_000_000, MINUTE, 30 * MINUTE, 30 * MINUTE + 1, 9 * 60 * MINUTE]
            )
            at += pause
            platform = draw.choice(["web", "ios", None])
            rows.append((f"e{len(rows)}", user, draw.choice(["view", "buy", "like"]), platform, at))
    rows += [
        ("only", "e", "view", "web", LAST * DAY),
        ("late", "e", "view", "web", (LAST + 1) * DAY),
    ]
    draw.shuffle(rows)
    frame = pl.DataFrame(
        rows, schema=["event_id", "user_id", "event_type", "platform", "t_us"], orient="row"
    )
    return frame.with_columns(
        day=(pl.col("t_us") // DAY).cast(pl.Int32), quantity=pl.lit(1, pl.Int64)
    )


LOGS = {"timed": timed_log(), **{k: v for k, v in adversarial_logs().items() if v["t_us"].count()}}


@pytest.fixture(params=LOGS)
def log(request):
    return LOGS[request.param]


def plain_sessions(log, *, timeout=30 * MINUTE, split=False):
    """Every session as a list of events `(t, day, type, platform)`, by user."""
    found = []
    events = {}
    columns = log.select("user_id", "t_us", "day", "event_type", "platform").rows()
    for user, at, day, kind, platform in columns:
        if user is not None and at is not None and day is not None and day <= LAST:
            events.setdefault(user, []).append((at, day, kind, platform))
    for user in sorted(events):
        runs = []
        for event in sorted(events[user], key=lambda item: item[0]):
            last = runs[-1][-1] if runs else None
            if last is None or event[0] - last[0] > timeout or (split and event[1] != last[1]):
                runs.append([])
            runs[-1].append(event)
        found += [(user, number, run) for number, run in enumerate(runs)]
    return found


def first_platform(run):
    at_start = [platform for at, _, _, platform in run if at == run[0][0] and platform is not None]
    return min(at_start, default=None)


@pytest.mark.parametrize("split", [False, True])
def test_sessions_equal_a_plain_loop(engine, log, split, plain):
    found = sessions(
        engine.make(log), as_of=AS_OF, split_at_midnight=split, view_types=VIEWS, key_types=KEYS,
        by=["platform"],
    )  # fmt: skip
    assert isinstance(found, engine.library)
    expected = [
        (
            user, number, first_platform(run), run[0][1], run[0][0], run[-1][0],
            run[-1][0] - run[0][0], len(run), sum(kind == "view" for _, _, kind, _ in run),
            sum(kind == "buy" for _, _, kind, _ in run),
        )
        for user, number, run in plain_sessions(log, split=split)
    ]  # fmt: skip
    assert plain(found) == expected


def test_every_event_has_the_session_it_lies_in(engine, log, plain):
    found = assign_sessions(engine.make(log), as_of=AS_OF, timeout_minutes=10)
    assert isinstance(found, engine.library)
    expected = sorted(
        (user, at, number)
        for user, number, run in plain_sessions(log, timeout=10 * MINUTE)
        for at, _, _, _ in run
    )
    assert sorted(plain(found, "user_id", "t_us", "session")) == expected


@pytest.mark.parametrize("bounce", ["not_engaged", "one_event"])
@pytest.mark.parametrize("cap", [None, 1])
def test_quality_equals_a_plain_count(engine, log, bounce, cap, plain):
    found = session_quality(
        engine.make(log), granularity="week", as_of=AS_OF, bounce=bounce, cap_minutes=cap,
        view_types=VIEWS, key_types=KEYS,
    )  # fmt: skip
    assert isinstance(found, engine.library)
    weeks = {}
    for user, _, run in plain_sessions(log):
        week = calendar_period("week", containing=day_date(run[0][1]))
        weeks.setdefault(week.start, []).append((user, run))
    shown = plain(
        found, "interval_start", "sessions", "users", "events", "single_event_sessions", "bounces",
        "mean_seconds", "median_seconds",
    )  # fmt: skip
    for start, *numbers in shown:
        if start + dt.timedelta(days=7) > AS_OF + dt.timedelta(days=1):
            assert numbers == [None] * 7
            continue
        runs = weeks.get(start, [])
        lengths = [min((run[-1][0] - run[0][0]) / 1e6, (cap or 1e9) * 60) for _, run in runs
                   if run[-1][0] > run[0][0]]  # fmt: skip
        assert numbers[:5] == [
            len(runs), len({user for user, _ in runs}), sum(len(run) for _, run in runs),
            sum(len(run) == 1 for _, run in runs), sum(left(run, bounce) for _, run in runs),
        ]  # fmt: skip
        assert numbers[5:] == [
            pytest.approx(statistics.mean(lengths)) if lengths else None,
            pytest.approx(statistics.median(lengths)) if lengths else None,
        ]
    assert set(weeks) <= {start for start, *_ in shown}


def left(run, bounce):
    if bounce == "one_event":
        return len(run) == 1
    kinds = [kind for _, _, kind, _ in run]
    return run[-1][0] - run[0][0] <= 10_000_000 and "buy" not in kinds and kinds.count("view") < 2


def test_quality_by_platform_adds_up(engine, plain):
    log = LOGS["timed"]
    whole = plain(session_quality(engine.make(log), granularity="month", as_of=AS_OF), "sessions")
    parts = session_quality(engine.make(log), granularity="month", as_of=AS_OF, by=["platform"])
    rows = plain(parts, "platform", "sessions")
    assert sum(number for _, number in rows) == whole[0][0]
    assert [platform for platform, _ in rows] == [None, "ios", "web"]


# origin: by hand; a pause of exactly the timeout does not end a session
@pytest.mark.parametrize(
    ("pause", "count"), [(30 * MINUTE - 1, 1), (30 * MINUTE, 1), (30 * MINUTE + 1, 2)]
)
def test_the_timeout_in_threes(engine, pause, count, plain):
    log = pl.DataFrame({"user_id": ["a", "a"], "t_us": [0, pause], "day": [0, 0]})
    found = sessions(engine.make(log), as_of=dt.date(1970, 1, 1))
    assert len(plain(found)) == count


def test_a_midnight_splits_only_when_asked(engine, plain):
    log = pl.DataFrame({"user_id": ["a"] * 2, "t_us": [DAY - MINUTE, DAY + MINUTE], "day": [0, 1]})
    asked = {"as_of": dt.date(1970, 1, 2)}
    assert plain(sessions(engine.make(log), **asked), "session", "day", "events") == [(0, 0, 2)]
    split = sessions(engine.make(log), split_at_midnight=True, **asked)
    assert plain(split, "session", "day", "events") == [(0, 0, 1), (1, 1, 1)]


def test_a_log_of_days_is_refused(engine):
    log = pl.DataFrame({"user_id": ["a"], "day": [0]})
    for question in (sessions, assign_sessions):
        with pytest.raises(ParameterError, match="needs the time of day"):
            question(engine.make(log), as_of=AS_OF)


def test_a_log_with_sessions_of_its_own_loses_nothing(engine):
    log = pl.DataFrame({"user_id": ["a"], "day": [0], "t_us": [1], "session": ["theirs"]})
    with pytest.raises(SchemaError, match="has a column `session` already"):
        assign_sessions(engine.make(log), as_of=AS_OF)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"timeout_minutes": 0}, "`timeout_minutes` is 0"),
        ({"timeout_minutes": -1}, "`timeout_minutes` is -1"),
        ({"cap_minutes": 0}, "`cap_minutes` is 0"),
        ({"bounce": "one"}, "`bounce` is 'one'"),
        ({"granularity": "weak"}, "`granularity` is 'weak'"),
    ],
)
def test_a_wrong_question_is_named(asked, said):
    words = {"granularity": "week", "as_of": AS_OF} | asked
    with pytest.raises(ParameterError, match=said):
        session_quality(LOGS["timed"], **words)
