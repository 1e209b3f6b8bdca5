"""Attribution on every engine against adversarial logs and plain Python with fractions."""

import datetime as dt
from collections import Counter, defaultdict
from fractions import Fraction

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pytest

from analytics_lib.core.periods import day_date, day_number
from analytics_lib.events.log import EventLog
from analytics_lib.metrics.attribution import MODELS, attribute_conversions, attributed_share
from analytics_lib.synthetic.adversarial import AS_OF, adversarial_logs

LAST = day_number(AS_OF)
DAY_US = 86_400_000_000
NOBODY = "(unattributed)"
KINDS = (None, "visit", "ad", "buy")


def busy_log():
    """Nine users over forty days: ties, repeats, several conversions, missing channels."""
    rng = np.random.default_rng(331)
    rows = []
    for number in range(240):
        day = LAST - int(rng.integers(-1, 40))
        rows.append(
            {
                "event_id": f"e{int(rng.integers(0, 10**9))}",
                "user_id": None if number % 60 == 7 else "abcdefghi"[rng.integers(0, 9)],
                "event_type": [None, "visit", "visit", "buy", "ad"][rng.integers(0, 5)],
                "source": [None, "mail", "ad", "ad", "search", "blog"][rng.integers(0, 6)],
                "t_us": None if number % 50 == 3 else day * DAY_US + int(rng.integers(0, 4)),
                "day": day,
            }
        )
    return pl.DataFrame(rows, schema_overrides={"day": pl.Int32})


BUSY = busy_log()
ADVERSARIAL = {
    # Every third day's events are conversions; what is left are touches.
    name: log.with_columns(
        source="platform",
        event_type=pl.when(pl.col("day") % 3 == 0).then(pl.lit("buy")).otherwise(pl.lit("visit")),
    )
    for name, log in adversarial_logs().items()
}
LOGS = {**ADVERSARIAL, "busy": BUSY, "busy twice": pl.concat([BUSY, BUSY])}
ASKED = [
    {"collapse_repeats": True, "lookback_days": 30, "touch_types": (), "since": None},
    {"collapse_repeats": False, "lookback_days": 2, "touch_types": (), "since": None},
    {
        "collapse_repeats": False, "lookback_days": 10, "touch_types": ("visit", "buy"),
        "since": day_date(LAST - 20),
    },
]  # fmt: skip
CASES = [(name, ASKED[1]) for name in ADVERSARIAL]
CASES += [(name, asked) for name in ("busy", "busy twice") for asked in ASKED]


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}-{case[1]['lookback_days']}")
def case(request):
    name, asked = request.param
    return LOGS[name], asked


def timed(engine, log):
    """A log that is known to have times, even where it is empty."""
    frame = nw.from_native(engine.make(log)).lazy()
    return EventLog(frame=frame, zone="UTC", resolution="microsecond")


def rows_by_user(log):
    by_user = defaultdict(list)
    for row in log.rows(named=True):
        if None not in (row["user_id"], row["t_us"], row["day"]) and row["day"] <= LAST:
            by_user[row["user_id"]].append(row)
    for rows in by_user.values():
        rows.sort(key=lambda row: (row["t_us"], row["event_id"]))
    return by_user


def split(rows, *, touch_types):
    """The touches before each conversion of one user, and those after the last."""
    pending = []
    for row in rows:
        if row["event_type"] == "buy":
            yield pending, row["t_us"]
            pending = []
        elif row["source"] is not None and row["event_type"] in (touch_types or KINDS):
            pending.append((row["t_us"], row["source"]))
    if pending:
        yield pending, None


def without_repeats(touches):
    pairs = zip(touches, [*touches[1:], (None, None)], strict=False)
    return [touch for touch, after in pairs if touch[1] != after[1]]


def journeys_of(log, *, collapse_repeats, lookback_days, touch_types, since):
    """`(user, [(instant, channel)], instant of the conversion or None)`, one user at a time."""
    kept = []
    for user, rows in rows_by_user(log).items():
        for touches, at in split(rows, touch_types=touch_types):
            until = touches[-1][0] if at is None else at
            if since is None or until // DAY_US >= day_number(since):
                near = [touch for touch in touches if until - touch[0] <= lookback_days * DAY_US]
                kept.append((user, without_repeats(near) if collapse_repeats else near, at))
    return kept


def shared(touches, at, *, model, half_life=7):
    """The credit of each touch of one conversion."""
    n = len(touches)
    if model == "first_touch":
        return [1, *[0] * (n - 1)]
    if model == "last_touch":
        return [*[0] * (n - 1), 1]
    if model == "linear":
        return [Fraction(1, n)] * n
    if model == "position":
        if n <= 2:
            return [Fraction(1, n)] * n
        return [Fraction(2, 5), *[Fraction(1, 5 * (n - 2))] * (n - 2), Fraction(2, 5)]
    weights = [2.0 ** (-(at - when) / DAY_US / half_life) for when, _ in touches]
    return [weight / sum(weights) for weight in weights]


def walked(journeys, removed=None, steps=4000):
    """Probability of conversion by walking the chain, a step at a time."""
    moves = defaultdict(Counter)
    for _, touches, at in journeys:
        states = ["START", *(channel for _, channel in touches), "WON" if at else "LOST"]
        for i in range(len(states) - 1):
            moves[states[i]][states[i + 1]] += 1
    here, won = {"START": 1.0}, 0.0
    for _ in range(steps):
        after = defaultdict(float)
        for state, probability in here.items():
            whole = sum(moves[state].values())
            for target, n in moves[state].items():
                after[target] += probability * n / whole
        won += after.pop("WON", 0.0)
        after.pop("LOST", None)
        after.pop(removed, None)  # who comes to what is not there is lost
        here = after
        if sum(here.values()) < 1e-17:
            break
    return won


def expected_credit(log, *, model, **asked):
    """Credit by channel, and the conversions without a touch."""
    journeys = journeys_of(log, **asked)
    won = [(touches, at) for _, touches, at in journeys if at is not None and touches]
    without = sum(1 for _, touches, at in journeys if at is not None and not touches)
    credit = dict.fromkeys({c for _, touches, _ in journeys for _, c in touches}, 0.0)
    if model == "markov":
        chain = [journey for journey in journeys if journey[1]]
        whole = walked(chain)
        lost = {channel: whole - walked(chain, removed=channel) for channel in credit}
        if won:
            credit = {c: lost[c] / sum(lost.values()) * len(won) for c in credit}
    else:
        for touches, at in won:
            for (_, channel), part in zip(touches, shared(touches, at, model=model), strict=True):
                credit[channel] += part
    return {**{c: float(part) for c, part in credit.items()}, NOBODY: float(without)}, len(won)


def test_credit_under_every_model(engine, case, plain):
    log, asked = case
    found = attribute_conversions(
        timed(engine, log), conversion="buy", channel="source", as_of=AS_OF, **asked
    )
    assert isinstance(found, engine.library)
    rows = plain(found, "model", "channel", "conversions", "attributed")
    assert [row[:2] for row in rows] == sorted({row[:2] for row in rows})
    for model in MODELS:
        expected, attributed = expected_credit(log, model=model, **asked)
        got = {channel: credit for its, channel, credit, _ in rows if its == model}
        assert got == pytest.approx(expected, abs=1e-9)
        assert {row[3] for row in rows if row[0] == model} == {attributed}
        credited = sum(credit for channel, credit in got.items() if channel != NOBODY)
        assert credited == pytest.approx(attributed, abs=1e-9)


def test_users_behind_the_credit(engine, case, plain):
    log, asked = case
    found = attribute_conversions(
        timed(engine, log), conversion="buy", channel="source", as_of=AS_OF, models=["linear"],
        **asked,
    )  # fmt: skip
    behind = defaultdict(set)
    for user, touches, at in journeys_of(log, **asked):
        for _, channel in touches:
            behind[channel] |= {user} if at is not None else set()
        if at is not None and not touches:
            behind[NOBODY].add(user)
    expected = sorted({NOBODY: 0, **{c: len(users) for c, users in behind.items()}}.items())
    assert plain(found, "channel", "users") == expected


def test_attributed_share(engine, case):
    log, asked = case
    asked = {key: value for key, value in asked.items() if key != "collapse_repeats"}
    found = attributed_share(
        timed(engine, log), conversion="buy", channel="source", as_of=AS_OF, **asked
    )
    won = [t for _, t, at in journeys_of(log, collapse_repeats=False, **asked) if at is not None]
    assert found.n == len(won)
    if won:
        assert found.value == sum(1 for touches in won if touches) / len(won)
    else:
        assert not found.is_defined


def test_counts_are_equal_to_the_last_bit_on_every_engine(engine, plain):
    asked = {"conversion": "buy", "channel": "source", "as_of": AS_OF}
    exact = [model for model in MODELS if model != "time_decay"]  # its weights are real numbers
    reference = plain(attribute_conversions(BUSY, models=exact, **asked))
    found = plain(attribute_conversions(engine.make(BUSY), models=exact, **asked))
    # pandas has nan for null.
    assert repr(found).replace("nan", "None") == repr(reference)


def test_a_frame_of_days_is_refused(engine):
    log = BUSY.drop("t_us")
    with pytest.raises(ValueError, match="`attribute_conversions` needs the time of day"):
        attribute_conversions(
            engine.make(log), conversion="buy", channel="source", as_of=dt.date(2024, 3, 31)
        )
