"""Sums that one or two people make up almost alone: rules, contributions, protected tables."""

import itertools
import json

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.privacy import DominanceRule, largest_contributions, protect_counts, protect_sums

ONLY_NK = 1e-9  # a p so small that only the other rule speaks


def behind(contributions, *, rule, by=("cell",)):
    return largest_contributions(contributions, value="value", by=list(by), rule=rule)


def one_cell(values):
    return pl.DataFrame(
        {"cell": ["c"] * len(values), "user_id": range(len(values)), "value": values},
        schema={"cell": pl.String, "user_id": pl.Int64, "value": pl.Float64},
    )


def is_held(values, rule):
    sums = pl.DataFrame({"cell": ["c"], "sum": [float(sum(values))]})
    safe = protect_sums(
        sums, sums=["sum"], contributions=behind(one_cell(values), rule=rule), by=["cell"],
        rule=rule,
    )  # fmt: skip
    assert safe["suppressed"].to_list() == [safe["sum"][0] is None]
    return safe["suppressed"][0]


# origin: Handbook on Statistical Disclosure Control, section 4.2.1, examples 1, 1b, 1d and 2;
# where the handbook gives two contributions and the total, the rest is cut into equal parts
EXAMPLE_1 = [50_000, 49_000, *[100] * 10]
EXAMPLE_1B = [700, 300]
EXAMPLE_1D = [99_000, *[20] * 50]
EXAMPLE_2 = [52_000, 50_000, *[1_000] * 8]
HANDBOOK = [
    pytest.param(EXAMPLE_1, DominanceRule(p=ONLY_NK, n=1, k=90), False, id="1: safe by (1, 90)"),
    pytest.param(EXAMPLE_1, DominanceRule(p=10), True, id="1: told to within 2 %"),
    pytest.param(EXAMPLE_1, DominanceRule(p=2), False, id="1: not to within less than 2 %"),
    pytest.param(EXAMPLE_1, DominanceRule(p=2.01), True, id="1: to within 2.01 %"),
    pytest.param(EXAMPLE_1B, DominanceRule(p=ONLY_NK), True, id="1b: two tell each other"),
    pytest.param(EXAMPLE_1D, DominanceRule(p=10), True, id="1d: one of 51 has 99 %"),
    pytest.param(EXAMPLE_2, DominanceRule(p=10), False, id="2: safe by the p % rule, 15.4 %"),
    pytest.param(EXAMPLE_2, DominanceRule(p=15.3), False, id="2: below 15.4 %"),
    pytest.param(EXAMPLE_2, DominanceRule(p=15.4), True, id="2: at 15.4 %"),
    pytest.param(EXAMPLE_2, DominanceRule(p=ONLY_NK, n=2, k=90.9), True, id="2: by (2, 90.9)"),
    pytest.param([5.0], DominanceRule(p=ONLY_NK), True, id="one person"),
    pytest.param([1.0] * 3, DominanceRule(p=100), False, id="three equal ones"),
    pytest.param([1.0] * 3, DominanceRule(p=101), True, id="three equal ones, asked too much"),
    pytest.param([], DominanceRule(p=10), False, id="nobody"),
]


@pytest.mark.parametrize(("values", "rule", "held"), HANDBOOK)
def test_the_rules_of_the_handbook(values, rule, held):
    assert is_held(values, rule) is held


# origin: by hand
def test_contributions_of_a_person_are_added_up_first():
    paid = pl.DataFrame(
        {
            "cell": ["a"] * 5 + ["b"] * 3,
            "user_id": ["u", "u", "v", "w", "w", None, None, "x"],
            "value": [6.0, 6.0, 5.0, 4.0, -4.0, 3.0, 4.0, -9.0],
        }
    )
    found = behind(paid, rule=DominanceRule(p=10, n=1, k=75))
    assert found.rows(named=True) == [
        {"cell": "a", "contributors": 2, "contributed": 17.0, "largest": 12.0,
         "second_largest": 5.0, "largest_together": 12.0},
        {"cell": "b", "contributors": 2, "contributed": 16.0, "largest": 9.0,
         "second_largest": 7.0, "largest_together": 9.0},
    ]  # fmt: skip


def many(cell, values):
    return [{"cell": cell, "user_id": f"{cell}{at}", "value": v} for at, v in enumerate(values)]


# origin: by hand; a is dominated, the smallest other cell goes with it
def test_a_dominated_sum_is_not_the_rest_of_a_total():
    rows = [*many("a", [90.0, 2.0, 1.0]), *many("b", [5.0] * 20), *many("c", [5.0] * 30)]
    rule = DominanceRule(p=10)
    sums = pl.DataFrame(
        {"cell": ["a", "b", "c", "d"], "sum": [93.0, 100.0, 150.0, 0.0], "mean": [31.0, 5, 5, 0]}
    )
    asked = {
        "sums": ["sum"], "contributions": behind(pl.DataFrame(rows), rule=rule), "by": ["cell"],
        "rule": rule, "dependents": ["mean"],
    }  # fmt: skip
    safe = protect_sums(sums, adds_up_over=["cell"], **asked)
    assert safe["sum"].to_list() == [None, None, 150.0, 0.0]
    assert safe["mean"].to_list() == [None, None, 5.0, 0.0]
    assert safe["suppressed"].to_list() == [True, True, False, False]
    assert safe.columns == ["cell", "sum", "mean", "suppressed", "dominance_rule"]
    assert json.loads(safe["dominance_rule"][0]) == {"p": 10, "n": None, "k": None}
    alone = protect_sums(sums, **asked)
    assert alone["sum"].to_list() == [None, 100.0, 150.0, 0.0]
    assert sums["sum"].to_list() == [93.0, 100.0, 150.0, 0.0]


# origin: by hand; 5 of 105 less the two largest of both, at worst 100 and 3, is below 10 % of 100
def test_two_hidden_sums_that_are_dominated_together_take_a_third_along():
    rows = [*many("a", [100.0]), *many("b", [1.0] * 3), *many("c", [1.0] * 30)]
    rule = DominanceRule(p=10)
    sums = pl.DataFrame({"cell": ["a", "b", "c", "d"], "sum": [100.0, 3.0, 30.0, 0.0]})
    safe = protect_sums(
        sums, sums=["sum"], contributions=behind(pl.DataFrame(rows), rule=rule), by=["cell"],
        rule=rule, adds_up_over=["cell"],
    )  # fmt: skip
    assert safe["sum"].to_list() == [None, None, None, 0.0]


# origin: brute force over the contributions themselves
@pytest.mark.parametrize("seed", range(30))
def test_no_total_gives_a_dominated_sum_away(seed):
    import numpy as np  # noqa: PLC0415 - only here

    rng = np.random.default_rng(seed)
    cells = [(place, month) for place in "abcd" for month in (1, 2, 3)]
    size = 80
    chosen = rng.integers(0, len(cells), size)
    raw = pl.DataFrame(
        {
            "place": [cells[at][0] for at in chosen],
            "month": [cells[at][1] for at in chosen],
            "user_id": rng.integers(0, 25, size),
            "value": rng.pareto(0.8, size) + 0.1,
        }
    )
    rule = DominanceRule(p=20, n=1, k=70)
    by = ["place", "month"]
    sums = raw.group_by(by).agg(pl.col("value").sum().alias("sum")).sort(by)
    safe = protect_sums(
        sums, sums=["sum"], contributions=behind(raw, rule=rule, by=by), by=by, rule=rule,
        adds_up_over=by,
    )  # fmt: skip
    shown = safe.filter(~pl.col("suppressed"))
    hidden = safe.filter("suppressed")
    assert all(not unsafe(raw, [cell], rule) for cell in shown.select(by).rows())
    for at, value in itertools.chain(
        ((0, place) for place in "abcd"), ((1, month) for month in (1, 2, 3))
    ):
        line = [cell for cell in hidden.select(by).rows() if cell[at] == value]
        rest = [cell for cell in shown.select(by).rows() if cell[at] == value]
        assert not line or not rest or (len(line) >= 2 and not unsafe(raw, line, rule))


def unsafe(raw, cells, rule):
    """By the raw rows: what the second largest contributor knows of the largest."""
    totals = {}
    for row in raw.iter_rows(named=True):
        if (row["place"], row["month"]) in cells:
            totals[row["user_id"]] = totals.get(row["user_id"], 0.0) + row["value"]
    first, second, *_ = [*sorted(totals.values(), reverse=True), 0.0, 0.0]
    total = sum(totals.values())
    return (total - second) - first < rule.p / 100 * first or first > rule.k / 100 * total


# origin: by hand
def test_small_counts_stay_hidden_and_hide_others():
    rule = DominanceRule(p=10)
    rows = [*many("a", [5.0] * 4), *many("b", [5.0] * 20), *many("c", [40.0, 20.0, 1.0])]
    frame = pl.DataFrame({"cell": ["a", "b", "c"], "people": [4, 20, 3], "sum": [20.0, 100.0, 61]})
    small = protect_counts(frame, counts=["people"], minimum=4, dependents=["sum"])
    assert small["suppressed"].to_list() == [False, False, True]
    safe = protect_sums(
        small, sums=["sum"], contributions=behind(pl.DataFrame(rows), rule=rule), by=["cell"],
        rule=rule, adds_up_over=["cell"],
    )  # fmt: skip
    assert safe["sum"].to_list() == [None, 100.0, None]
    assert safe["people"].to_list() == [4, 20, None]


def test_what_nobody_is_known_to_have_contributed_is_held():
    rule = DominanceRule(p=10)
    frame = pl.DataFrame({"cell": ["x", "y", None], "sum": [5.0, 0.0, None]})
    nobody = behind(one_cell([]), rule=rule)
    safe = protect_sums(frame, sums=["sum"], contributions=nobody, by=["cell"], rule=rule)
    assert safe["suppressed"].to_list() == [True, False, False]
    empty = protect_sums(frame.clear(), sums=["sum"], contributions=nobody, by=["cell"], rule=rule)
    assert empty.height == 0


# origin: by hand
@pytest.mark.parametrize(
    ("own", "other", "strict"),
    [
        ({"p": 10}, {"p": 10}, True),
        ({"p": 9.9}, {"p": 10}, False),
        ({"p": 10}, {"p": 10, "n": 1, "k": 75}, False),
        ({"p": 10, "n": 1, "k": 75}, {"p": 10}, True),
        ({"p": 10, "n": 2, "k": 75}, {"p": 10, "n": 1, "k": 75}, True),
        ({"p": 10, "n": 1, "k": 75}, {"p": 10, "n": 2, "k": 75}, False),
        ({"p": 10, "n": 1, "k": 76}, {"p": 10, "n": 1, "k": 75}, False),
    ],
)
def test_a_rule_is_as_strict_as_another(own, other, strict):
    assert DominanceRule(**own).is_as_strict_as(DominanceRule(**other)) is strict


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"p": 0}, "`p` is 0"),
        ({"p": float("nan")}, "`p` is nan"),
        ({"p": 10, "n": 1}, "belong together"),
        ({"p": 10, "k": 50}, "belong together"),
        ({"p": 10, "n": 0, "k": 50}, "`n` is 0"),
        ({"p": 10, "n": 1, "k": 100}, "`k` is 100"),
    ],
)
def test_half_a_rule_is_refused(given, words):
    with pytest.raises(ParameterError, match=words):
        DominanceRule(**given)


def test_wrong_tables_are_refused():
    rule = DominanceRule(p=10)
    rows = one_cell([1.0, 2.0])
    with pytest.raises(SchemaError, match="place"):
        behind(rows, rule=rule, by=["place"])
    with pytest.raises(SchemaError, match="must be a number"):
        behind(rows.cast({"value": pl.String}), rule=rule)
    with pytest.raises(SchemaError, match="contributors"):
        protect_sums(
            pl.DataFrame({"cell": ["c"], "sum": [3.0]}), sums=["sum"], contributions=rows,
            by=["cell"], rule=rule,
        )  # fmt: skip
    found = behind(rows, rule=rule)
    with pytest.raises(SchemaError, match="more than once"):
        protect_sums(
            pl.DataFrame({"cell": ["c"], "sum": [3.0]}), sums=["sum"],
            contributions=pl.concat([found, found]), by=["cell"], rule=rule,
        )  # fmt: skip


# origin: by hand; ten sales of three people, none of whom dominates
@pytest.mark.parametrize(("minimum", "held"), [(1, False), (3, False), (4, True)])
def test_a_sum_of_too_few_people_is_held_however_alike_they_are(minimum, held):
    rule = DominanceRule(p=10)
    parts = pl.DataFrame({"cell": ["c"] * 10, "user_id": [1, 1, 1, 1, 2, 2, 2, 3, 3, 3]})
    sums = pl.DataFrame({"cell": ["c", "none"], "sum": [30.0, 0.0]})
    safe = protect_sums(
        sums, sums=["sum"], contributions=behind(parts.with_columns(value=3.0), rule=rule),
        by=["cell"], rule=rule, minimum=minimum,
    )  # fmt: skip
    assert safe["suppressed"].to_list() == [held, False]


def test_a_minimum_below_one_is_refused():
    sums = pl.DataFrame({"cell": ["c"], "sum": [1.0]})
    parts = behind(one_cell([1.0]), rule=DominanceRule(p=10))
    with pytest.raises(ParameterError, match="`minimum`"):
        protect_sums(
            sums, sums=["sum"], contributions=parts, by=["cell"], rule=DominanceRule(p=10),
            minimum=0,
        )  # fmt: skip
