"""Journeys on every engine against every adversarial log, a log with times, and plain Python."""

from collections import Counter, defaultdict

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pytest

from analytics_lib.core.periods import day_number
from analytics_lib.events.log import EventLog
from analytics_lib.metrics import journey_paths, journey_surroundings, journeys
from analytics_lib.synthetic.adversarial import AS_OF, adversarial_logs

START, END, MISSING = "(start)", "(end)", "(missing)"
LAST = day_number(AS_OF)
DAY_US = 86_400_000_000


def busy_log():
    """Seven users over three days: many ties, missing names, sessions, platforms and instants."""
    rng = np.random.default_rng(20240331)
    rows = []
    for number in range(160):
        tick = int(rng.integers(0, 30))
        day = LAST - 2 + tick // 8
        session = rng.integers(0, 4)
        rows.append(
            {
                "event_id": f"e{int(rng.integers(0, 10**9))}",
                "user_id": None if number % 40 == 7 else "abcdefg"[rng.integers(0, 7)],
                "event_type": [None, "home", "buy", "search", "home"][rng.integers(0, 5)],
                "platform": [None, "web", "ios", "web"][rng.integers(0, 4)],
                "session_id": None if session == 3 else f"s{session}",  # numbered by user
                "t_us": None if number % 50 == 3 else day * DAY_US + tick % 8,
                "day": day,
            }
        )
    return pl.DataFrame(rows, schema_overrides={"day": pl.Int32})


BUSY = busy_log()
ADVERSARIAL = {
    name: log.with_columns(session_id="user_id", event_type=pl.col("platform"))
    for name, log in adversarial_logs().items()
}
LOGS = {**ADVERSARIAL, "busy": BUSY, "busy twice": pl.concat([BUSY, BUSY])}
ASKED = [
    {"path": path, "by": by, "collapse_repeats": collapse}
    for path in ("user_id", "session_id")
    for by in ((), ("platform",))
    for collapse in (False, True)
]


# The adversarial logs know no sessions; what can be asked of one is asked of the busy ones.
CASES = [(name, {"path": "user_id", "by": ("platform",)}) for name in ADVERSARIAL]
CASES += [(name, asked) for name in ("busy", "busy twice") for asked in ASKED]


@pytest.fixture(params=CASES, ids=lambda case: "-".join([case[0], *map(str, case[1].values())]))
def case(request):
    """A log, and what is asked of it."""
    name, asked = request.param
    return LOGS[name], {"collapse_repeats": False, **asked}


def timed(engine, log):
    """A log that is known to have times, even where it is empty."""
    frame = nw.from_native(engine.make(log)).lazy()
    return EventLog(frame=frame, zone="UTC", resolution="microsecond")


def ends_first(value):
    return tuple((part is not None, part or "") for part in value)


def paths_of(log, *, path, by, collapse_repeats):
    """Names of the steps by (group, user, path): sorted lists, one row at a time."""
    found = defaultdict(list)
    for row in log.rows(named=True):
        if None in (row["user_id"], row[path], row["t_us"], row["day"]) or row["day"] > LAST:
            continue
        key = (tuple(row[name] for name in by), row["user_id"], row[path])
        name = MISSING if row["event_type"] is None else row["event_type"]
        found[key].append((row["t_us"], row["event_id"], name))
    steps = {key: [name for _, _, name in sorted(rows)] for key, rows in found.items()}
    if collapse_repeats:
        steps = {
            key: [name for at, name in enumerate(names) if at == 0 or names[at - 1] != name]
            for key, names in steps.items()
        }
    return steps


def counted(hits):
    """n, paths and users of each key, from (key, (group, user, path)) pairs."""
    n = Counter(key for key, _ in hits)
    paths = {key: {owner for its, owner in hits if its == key} for key in n}
    return {key: (n[key], len(paths[key]), len({o[1] for o in paths[key]})) for key in n}


def test_transitions(engine, case, plain):
    log, asked = case
    found = journeys.transitions(timed(engine, log), as_of=AS_OF, **asked)
    assert isinstance(found, engine.library)
    hits = []
    for owner, names in paths_of(log, **asked).items():
        whole = [START, *names, END]
        hits += [((*owner[0], whole[i], whole[i + 1]), owner) for i in range(len(whole) - 1)]
    counts = counted(hits)
    expected = []
    for *group, start, end in sorted(counts, key=ends_first):
        leaving = sum(c[0] for k, c in counts.items() if list(k[:-1]) == [*group, start])
        arriving = sum(c[0] for k, c in counts.items() if list(k[:-2]) == group and k[-1] == end)
        key = (*group, start, end)
        expected.append((*key, *counts[key], leaving, arriving))
    columns = ("from_event", "to_event", "n", "paths", "users", "leaving", "arriving")
    assert plain(found, *asked["by"], *columns) == expected
    reference = journeys.transitions(log, as_of=AS_OF, **asked) if expected else None
    if reference is not None:
        assert plain(found, "out_ci_lower", "in_share") == plain(
            reference, "out_ci_lower", "in_share"
        )


@pytest.mark.parametrize(("steps", "limit"), [(1, 9), (4, 3)])
def test_top_paths(engine, case, steps, limit, plain):
    log, asked = case
    found = journey_paths.top_paths(
        timed(engine, log), steps=steps, limit=limit, as_of=AS_OF, **asked
    )
    assert isinstance(found, engine.library)
    hits = []
    for owner, names in paths_of(log, **asked).items():
        beginning = [*names, END][:steps]
        hits.append(((owner[0], tuple(beginning)), owner))
    counts = counted(hits)
    expected = []
    for group in sorted({group for group, _ in counts}, key=ends_first):
        mine = {names: c for (its, names), c in counts.items() if its == group}
        total = sum(c[0] for c in mine.values())
        # The end is a name like any other in the order; nothing comes after it.
        ranked = sorted(mine, key=lambda names: (-mine[names][0], names))
        for rank, names in enumerate(ranked[:limit], start=1):
            padded = [*names, *[None] * (steps - len(names))]
            _, paths, users = mine[names]
            expected.append((*group, rank, *padded, " > ".join(names), paths, users, total))
    names = [f"step_{n}" for n in range(1, steps + 1)]
    columns = (*asked["by"], "rank", *names, "journey", "paths", "users", "all_paths")
    got = plain(found, *columns)
    got = [tuple(None if value != value else value for value in row) for row in got]  # noqa: PLR0124 - nan in pandas
    assert got == expected


@pytest.mark.parametrize("steps", [1, 12])
def test_step_matrix(engine, case, steps, plain):
    log, asked = case
    found = journey_paths.step_matrix(timed(engine, log), steps=steps, as_of=AS_OF, **asked)
    assert isinstance(found, engine.library)
    paths = paths_of(log, **asked)
    names = {END} | {name for steps_ in paths.values() for name in steps_[:steps]}
    expected = []
    for group in sorted({owner[0] for owner in paths}, key=ends_first):
        mine = {owner: its for owner, its in paths.items() if owner[0] == group}
        for step in range(1, steps + 1):
            for name in sorted(names):
                at = [
                    owner
                    for owner, its in mine.items()
                    if (its[step - 1] if step <= len(its) else END) == name
                ]
                users = len({owner[1] for owner in at})
                expected.append((*group, step, name, len(at), users, len(mine)))
    columns = ("step", "event", "paths", "users", "all_paths")
    assert plain(found, *asked["by"], *columns) == expected


@pytest.mark.parametrize(("occurrence", "before", "after"), [("first", 0, 2), ("every", 2, 1)])
def test_around_event(engine, case, occurrence, before, after, plain):
    log, asked = case
    chosen = "home" if log.height >= 160 else "web"
    found = journey_surroundings.around_event(
        timed(engine, log), event_type=chosen, before=before, after=after, as_of=AS_OF,
        occurrence=occurrence, **asked,
    )  # fmt: skip
    assert isinstance(found, engine.library)
    hits = []
    for owner, names in paths_of(log, **asked).items():
        places = [at for at, name in enumerate(names) if name == chosen]
        for place in places[:1] if occurrence == "first" else places:
            for offset in range(-before, after + 1):
                if offset == 0:
                    continue
                at = place + offset
                name = START if at < 0 else names[at] if at < len(names) else END
                hits.append(((*owner[0], offset, name), owner))
    counts = counted(hits)
    total = defaultdict(int)
    for key, (n, _, _) in counts.items():
        total[key[:-1]] += n
    order = sorted(counts, key=lambda k: (ends_first(k[:-2]), k[-2:]))
    expected = [(*key, counts[key][0], counts[key][2], total[key[:-1]]) for key in order]
    columns = ("offset", "event", "n", "users", "occurrences")
    assert plain(found, *asked["by"], *columns) == expected


@pytest.mark.parametrize("path", ["user_id", "session_id"])
def test_compare_transitions(engine, path, plain):
    found = journeys.compare_transitions(
        engine.make(BUSY), segment="platform", values=("web", "ios"), as_of=AS_OF, path=path
    )
    assert isinstance(found, engine.library)
    sides = {}
    for value in ("web", "ios"):
        mine = BUSY.filter(pl.col("platform") == value)
        hits = []
        for owner, names in paths_of(mine, path=path, by=(), collapse_repeats=False).items():
            whole = [START, *names, END]
            hits += [((whole[i], whole[i + 1]), owner) for i in range(len(whole) - 1)]
        sides[value] = counted(hits)
    expected = []
    for edge in sorted({*sides["web"], *sides["ios"]}):
        row, shares = list(edge), []
        for counts in sides.values():
            n, _, users = counts.get(edge, (0, 0, 0))
            leaving = sum(c[0] for key, c in counts.items() if key[0] == edge[0])
            shares.append(n / leaving)
            row += [n, users, leaving]
        expected.append((*row, shares[1] - shares[0]))
    columns = [f"{side}_{name}" for side in ("base", "other") for name in ("n", "users", "leaving")]
    got = plain(found, "from_event", "to_event", *columns, "effect_size")
    assert [row[:-1] for row in got] == [row[:-1] for row in expected]
    assert [row[-1] for row in got] == pytest.approx([row[-1] for row in expected], abs=1e-15)
