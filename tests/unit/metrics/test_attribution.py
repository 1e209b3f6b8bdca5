import datetime as dt
import math
from collections import Counter

import numpy as np
import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.metrics.attribution import attribute_conversions, attributed_share
from analytics_lib.metrics.attribution_credit import MODELS
from analytics_lib.metrics.attribution_markov import MAX_CHANNELS, removal_effects

DAY_US = 86_400_000_000
FAR = dt.date(1970, 12, 31)
NOBODY = "(unattributed)"


def log(*rows):
    """Rows `(user, day, channel)`; the channel `buy` is a conversion, at a moment of its own."""
    return pl.DataFrame(
        [
            {
                "event_id": f"e{n:03}",
                "user_id": user,
                "event_type": "buy" if channel == "buy" else "visit",
                "campaign_source": None if channel == "buy" else channel,
                "t_us": int(day * DAY_US),
                "day": int(day),
            }
            for n, (user, day, channel) in enumerate(rows)
        ],
        schema_overrides={"day": pl.Int32, "campaign_source": pl.String},
    )


def journey(text, *, user="a", start=0):
    """A visit a day: `journey("ad mail buy")`."""
    return [(user, start + day, channel) for day, channel in enumerate(text.split())]


def credit(events, *, model=None, **asked):
    found = attribute_conversions(
        events, conversion="buy", as_of=FAR, models=[model] if model else MODELS, **asked
    )
    rows = found.select("model", "channel", "conversions").rows()
    return {row[1]: row[2] for row in rows} if model else {row[:2]: row[2] for row in rows}


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        # origin: by hand; four touches a day apart, the conversion a day after the last
        ("first_touch", [1, 0, 0, 0]),
        ("last_touch", [0, 0, 0, 1]),
        ("linear", [0.25] * 4),
        ("position", [0.4, 0.1, 0.1, 0.4]),
        # 2^-4 : 2^-3 : 2^-2 : 2^-1 with a half-life of one day
        ("time_decay", [1 / 15, 2 / 15, 4 / 15, 8 / 15]),
        # A single path: without any one of them nobody converts.
        ("markov", [0.25] * 4),
    ],
)
def test_one_conversion_shared_among_four_touches(model, expected):
    found = credit(log(*journey("a b c d buy")), model=model, half_life_days=1)
    assert found == pytest.approx({**dict(zip("abcd", expected, strict=True)), NOBODY: 0})


@pytest.mark.parametrize(
    ("touches", "expected"),
    [
        # origin: Adobe Analytics, U-shaped: one touch gets all, two get half each
        ("a", {"a": 1}),
        ("a b", {"a": 0.5, "b": 0.5}),
        ("a b c", {"a": 0.4, "b": 0.2, "c": 0.4}),
        ("a b a", {"a": 0.8, "b": 0.2}),
    ],
)
def test_position_of_one_two_and_three_touches(touches, expected):
    found = credit(log(*journey(f"{touches} buy")), model="position")
    assert found == pytest.approx({**expected, NOBODY: 0})


def test_the_default_half_life_is_a_week():
    # origin: by hand; touches at 0, 7 and 14 days before, so 2^0 : 2^-1 : 2^-2
    events = log(("x", 0, "a"), ("x", 7, "b"), ("x", 14, "c"), ("x", 14, "buy"))
    found = credit(events, model="time_decay")
    assert found == pytest.approx({"a": 1 / 7, "b": 2 / 7, "c": 4 / 7, NOBODY: 0})


def test_time_decay_of_a_tiny_half_life_is_the_last_touch():
    found = credit(log(*journey("a b buy")), model="time_decay", half_life_days=1e-6)
    assert found == {"a": 0.0, "b": 1.0, NOBODY: 0.0}


@pytest.mark.parametrize(
    ("day", "touched"), [(2.0, True), (1.999999, False), (2.000001, True)],
    ids=["at the edge", "just outside", "just inside"],
)  # fmt: skip
def test_the_lookback_window(day, touched):
    events = log(("x", day, "a"), ("x", 12, "buy"))
    assert attributed_share(events, conversion="buy", as_of=FAR, lookback_days=10).value == float(
        touched
    )
    found = attribute_conversions(
        events, conversion="buy", as_of=FAR, lookback_days=10, models=["linear"]
    )
    expected = [(NOBODY, 0, 0, 1), ("a", 1, 1, 1)] if touched else [(NOBODY, 1, 1, 0)]
    assert found.select("channel", "conversions", "users", "attributed").rows() == expected


def test_a_conversion_sees_only_touches_after_the_one_before():
    events = log(*journey("a b buy c buy buy"))
    assert credit(events, model="linear") == {"a": 0.5, "b": 0.5, "c": 1.0, NOBODY: 1.0}


def test_a_touch_belongs_to_its_user():
    events = log(*journey("a buy"), *journey("b buy", user="z"), ("y", 5, "buy"))
    assert credit(events, model="last_touch") == {"a": 1.0, "b": 1.0, NOBODY: 1.0}


def test_touches_of_one_channel_in_a_row_are_one_unless_asked():
    events = log(*journey("a b b b buy"))
    assert credit(events, model="linear") == {"a": 0.5, "b": 0.5, NOBODY: 0}
    apart = credit(events, model="linear", collapse_repeats=False)
    assert apart == {"a": 0.25, "b": 0.75, NOBODY: 0}


def test_of_touches_in_a_row_the_latest_counts_for_time_decay():
    events = log(("x", 0, "a"), ("x", 6, "a"), ("x", 7, "b"), ("x", 7, "buy"))
    found = credit(events, model="time_decay", half_life_days=1)
    assert found == pytest.approx({"a": 1 / 3, "b": 2 / 3, NOBODY: 0})


def test_a_conversion_with_a_channel_is_no_touch_of_itself():
    events = log(("x", 0, "buy")).with_columns(campaign_source=pl.lit("mail"))
    assert credit(events, model="last_touch") == {NOBODY: 1.0}


def test_only_the_types_named_are_touches():
    events = log(*journey("a b buy")).with_columns(event_type=pl.Series(["click", "visit", "buy"]))
    found = credit(events, model="linear", touch_types=["click"])
    assert found == {"a": 1.0, NOBODY: 0.0}


@pytest.mark.parametrize(("first", "expected"), [(1, 2.0), (2, 1.0), (3, 1.0), (4, 0.0)])
def test_conversions_before_the_first_day_end_a_journey_but_do_not_count(first, expected):
    events = log(("x", 0, "a"), ("x", 1, "buy"), ("x", 2, "a"), ("x", 3, "buy"))
    since = dt.date(1970, 1, 1) + dt.timedelta(days=first)
    assert credit(events, model="first_touch", since=since).get("a", 0.0) == expected


def test_a_tie_goes_by_the_id_of_the_event():
    events = log(("x", 1, "b"), ("x", 1, "a"), ("x", 1, "buy"), ("x", 1, "c"))
    for order in ([0, 1, 2, 3], [3, 2, 1, 0]):
        found = credit(events[order], model="last_touch")
        assert found == {"a": 1.0, "b": 0.0, "c": 0.0, NOBODY: 0.0}


MIXED = log(
    *journey("a b buy", user="u"), *journey("b c b a buy", user="v"), *journey("c", user="w"),
    *journey("a a c buy", user="x"), ("y", 3, "buy"), *journey("b a", user="z"),
)  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_the_credit_adds_up_to_the_attributed_conversions(model):
    found = credit(MIXED, model=model)
    assert found.pop(NOBODY) == 1
    assert math.fsum(found.values()) == pytest.approx(3, abs=1e-12)


def test_shares_are_of_the_attributed_and_nobody_has_none():
    found = attribute_conversions(
        MIXED, conversion="buy", as_of=FAR, models=["last_touch", "markov"]
    )
    last = found.filter(pl.col("model") == "last_touch")
    assert last.select("channel", "conversions", "users", "attributed").rows() == [
        (NOBODY, 1, 1, 3), ("a", 1, 3, 3), ("b", 1, 2, 3), ("c", 1, 2, 3),
    ]  # fmt: skip
    assert last["share"].to_list() == [None, 1 / 3, 1 / 3, 1 / 3]
    # origin: Wilson 1927 for 1 of 3
    z = 1.959963984540054
    centre = (1 / 3 + z**2 / 6) / (1 + z**2 / 3)
    half = z / (1 + z**2 / 3) * (2 / 27 + z**2 / 36) ** 0.5
    assert last["ci_lower"].to_list() == pytest.approx([None, *[centre - half] * 3])
    markov = found.filter(pl.col("model") == "markov")
    assert markov["share"].null_count() == 1
    assert markov["ci_lower"].null_count() == len(markov)


def test_nothing_to_attribute():
    found = attribute_conversions(log(("x", 0, "a")), conversion="buy", as_of=FAR)
    assert found["conversions"].to_list() == [0.0] * 12
    assert found["share"].null_count() == 12
    assert not attributed_share(log(("x", 0, "a")), conversion="buy", as_of=FAR).is_defined


def test_the_share_with_a_touch():
    found = attributed_share(MIXED, conversion="buy", as_of=FAR)
    assert (found.value, found.n, found.unit) == (0.75, 4, "share")


def kinds(*paths):
    """Touches counted by kind, from `("a b", converted, how many)`."""
    rows = []
    for text, converted, n in paths:
        channels = text.split()
        for at, channel in enumerate(channels):
            before = channels[at - 1] if at else None
            rows.append((channel, before, int(at + 1 == len(channels)), converted, n))
    names = ["channel", "before", "is_last", "converted", "n"]
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)


def test_removal_effects_worked_out_by_hand():
    # origin: the example of three channels by S. Bryl (Attribution model with R, part 1):
    # paths C1 C2 C3 converts, C1 and C2 C3 do not. P = (2/3 * 1/2 + 1/3) * 1/2 = 1/3.
    # Without C1 1/3 * 1/2 = 1/6, so 1/2 is lost; C2 and C3 stand on every way to a conversion.
    touches = kinds(("C1 C2 C3", 1, 1), ("C1", 0, 1), ("C2 C3", 0, 1))
    found = removal_effects(touches)
    assert found["channel"].to_list() == ["C1", "C2", "C3"]
    assert found["removal_effect"].to_list() == pytest.approx([0.5, 1, 1])
    events = log(*journey("C1 C2 C3 buy", user="x"), *journey("C1", user="y"),
                 *journey("C2 C3", user="z"))  # fmt: skip
    expected = {"C1": 0.2, "C2": 0.4, "C3": 0.4, NOBODY: 0}
    assert credit(events, model="markov") == pytest.approx(expected)


def test_removal_effects_of_a_published_example():
    # origin: S. Puzyrov (2019), Markov chain attribution, simple explanation of removal effect:
    # P = 0.8; without Google Ads 0.2, without mailing 0.4; of 4 conversions 2.4 and 1.6.
    touches = kinds(("google", 1, 2), ("mailing", 1, 1), ("google mailing", 1, 1), ("google", 0, 1))
    effects = removal_effects(touches)["removal_effect"]
    assert effects.to_list() == pytest.approx([0.75, 0.5])
    assert (effects / effects.sum() * 4).to_list() == pytest.approx([2.4, 1.6])


def conversion_by_powers(touches, *, without=None):
    """Probability of conversion by raising the whole transition matrix to a high power."""
    moves = Counter()
    for channel, before, is_last, converted, n in touches.rows():
        moves[before or "START", channel] += n
        if is_last:
            moves[channel, "WON" if converted else "LOST"] += n
    names = sorted({name for move in moves for name in move})
    matrix = np.zeros((len(names), len(names)))
    for (here, there), n in moves.items():
        matrix[names.index(here), names.index("LOST" if there == without else there)] += n
    for name in ("WON", "LOST"):
        matrix[names.index(name), names.index(name)] = 1
    matrix /= matrix.sum(axis=1, keepdims=True)
    for _ in range(40):  # squared forty times
        matrix = matrix @ matrix
    return matrix[names.index("START"), names.index("WON")]


@pytest.mark.parametrize("seed", range(12))
def test_removal_effects_are_those_of_walking_the_chain(seed):
    rng = np.random.default_rng(seed)
    paths = [("a b a", 1, 1), ("c", 0, 1)]
    for _ in range(12):
        walked = " ".join(rng.choice(list("abcde"), size=rng.integers(1, 7)))
        paths.append((walked, int(rng.integers(0, 2)), int(rng.integers(1, 5))))
    touches = kinds(*paths)
    whole = conversion_by_powers(touches)
    expected = {
        channel: 1 - conversion_by_powers(touches, without=channel) / whole
        for channel in sorted(set(touches["channel"]))
    }
    assert dict(removal_effects(touches).rows()) == pytest.approx(expected, abs=1e-12)


def test_removal_effects_are_those_of_a_simulation():
    touches = kinds(("a b", 1, 3), ("b", 1, 1), ("b a a", 0, 2), ("c a", 1, 2), ("c", 0, 2))
    found = dict(removal_effects(touches).rows())
    rng = np.random.default_rng(7)
    after = {}
    for channel, before, is_last, converted, n in touches.rows():
        after.setdefault(before or "START", []).extend([channel] * n)
        if is_last:
            after.setdefault(channel, []).extend(["WON" if converted else "LOST"] * n)
    walks = 20_000
    won, lost_without = 0, Counter()
    for _ in range(walks):
        here, seen = "START", set()
        while here not in ("WON", "LOST"):
            here = after[here][rng.integers(0, len(after[here]))]
            seen.add(here)
        if here == "WON":
            won += 1
            lost_without.update(seen - {"WON"})
    for channel, effect in found.items():
        # Four standard errors of a share among some 10,000 conversions.
        assert lost_without[channel] / won == pytest.approx(effect, abs=0.02)


def test_a_channel_that_follows_itself_has_the_same_effect():
    # Metamorphic: waiting in a state changes nothing about where one ends.
    repeats = credit(MIXED, model="markov", collapse_repeats=False)
    assert repeats == pytest.approx(credit(MIXED, model="markov"))


def test_without_a_conversion_there_is_no_removal_effect():
    assert removal_effects(kinds(("a b", 0, 3))).rows() == [("a", None), ("b", None)]


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_too_many_channels_are_refused(extra):
    paths = [(f"c{n}", 1, 1) for n in range(MAX_CHANNELS + extra)]
    if extra <= 0:
        assert removal_effects(kinds(*paths)).height == MAX_CHANNELS + extra
    else:
        with pytest.raises(ParameterError, match="There are 1001 different channels"):
            removal_effects(kinds(*paths))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"lookback_days": 0}, "`lookback_days` is 0; it must be at least 1"),
        ({"half_life_days": 0}, "`half_life_days` is 0; it must lie between 0 and inf"),
        ({"half_life_days": math.nan}, "`half_life_days` is nan"),
        ({"models": []}, "`models` is empty"),
        ({"models": ["last"]}, "`models` is 'last'; it must be one of"),
        ({"models": ["markow"]}, "Did you mean 'markov'"),
    ],
)
def test_questions_that_make_no_sense(asked, message):
    with pytest.raises(ParameterError, match=message):
        attribute_conversions(MIXED, conversion="buy", as_of=FAR, **asked)


def test_a_log_of_days_is_refused():
    for ask in (attribute_conversions, attributed_share):
        with pytest.raises(ParameterError, match=f"`{ask.__name__}` needs the time of day"):
            ask(MIXED.drop("t_us"), conversion="buy", as_of=FAR)


def test_columns_must_be_there_and_channels_text():
    with pytest.raises(SchemaError, match="missing column 'campaign_source'"):
        attributed_share(MIXED.drop("campaign_source"), conversion="buy", as_of=FAR)
    with pytest.raises(SchemaError, match="`day` is Int32; names of channels must be text"):
        attributed_share(MIXED, conversion="buy", channel="day", as_of=FAR)
    with pytest.raises(ParameterError, match="`lookback_days` is 0"):
        attributed_share(MIXED, conversion="buy", as_of=FAR, lookback_days=0)


def test_a_channel_that_is_called_like_none_is_refused():
    with pytest.raises(SchemaError, match=r"has a channel called '\(unattributed\)'"):
        credit(log(*journey(f"{NOBODY} buy")), model="linear")


def test_models_come_once_and_sorted_however_they_are_asked_for():
    found = attribute_conversions(
        MIXED, conversion="buy", as_of=FAR, models=["linear", "first_touch", "linear"]
    )
    keys = found.select("model", "channel").rows()
    assert keys == sorted(set(keys))
    assert len(keys) == 8
