"""The Adult census: figures of pyCANON and of ARX's users, on the same table.

origin, unless said otherwise: pyCANON 1.3.6 (pandas 2.3.3, numpy 2.0.2), run once outside this
project's environment on `data/adult/adult.csv`, raw and generalised with ARX's hierarchies at the
levels given; classes and uniques from pandas' `groupby`.
"""

import csv
import hashlib
import math
from pathlib import Path

import polars as pl
import pytest

from analytics_lib.privacy.assessment import (
    assess_privacy,
    assess_prosecutor_risk,
    assess_uniqueness,
    equivalence_classes,
)

DATA = Path(__file__).resolve().parents[2] / "data" / "adult"
QUASI = [
    "sex", "age", "race", "marital-status", "education", "native-country", "workclass",
    "occupation",
]  # fmt: skip
SALARY = "salary-class"


@pytest.fixture(scope="module")
def adult():
    return pl.read_csv(DATA / "adult.csv", separator=";")


def hierarchy(column):
    with (DATA / f"adult_hierarchy_{column}.csv").open(newline="") as lines:
        return {row[0]: row[1:] for row in csv.reader(lines, delimiter=";")}


def generalised(adult, levels):
    for column, level in levels.items():
        if level:
            labels = {value: path[level - 1] for value, path in hierarchy(column).items()}
            adult = adult.with_columns(pl.col(column).cast(pl.String).replace_strict(labels))
    return adult


def at(*levels):
    return dict(zip(QUASI, levels, strict=True))


def test_the_files_are_the_ones_described():
    lines = (DATA / "CHECKSUMS").read_text().splitlines()
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.sha256((DATA / name).read_bytes()).hexdigest() == digest
    named = {line.split("  ")[1] for line in lines}
    assert named == {path.name for path in DATA.iterdir()} - {"CHECKSUMS", "README.md"}


def test_average_risk_of_nine_quasi_identifiers(adult):
    # origin: ARX's risk report on the same file, as stated in the project's specification
    found = assess_prosecutor_risk(adult, quasi_identifiers=[*QUASI, SALARY])
    assert found.average == 0.6465751607983555
    assert found.expected_matches == 19_502
    assert found.records == 30_162


CASES = {
    "raw": (at(0, 0, 0, 0, 0, 0, 0, 0), QUASI, SALARY, {}),
    "k = 5, 5 % limit": (at(0, 3, 0, 0, 1, 1, 1, 2), QUASI, SALARY, {}),
    "k = 5": (at(0, 4, 0, 2, 3, 2, 2, 1), QUASI, SALARY, {}),
    "occupation": (at(0, 3, 0, 1, 1, 1, 1, 0), QUASI[:7], "occupation", {}),
    "age": (
        at(0, 0, 1, 1, 3, 2, 2, 1), [name for name in QUASI if name != "age"], "age",
        {"orders": {"age": "natural"}},
    ),
}  # fmt: skip
# classes, uniques, k, alpha, l, entropy l, basic beta, "enhanced beta", t, delta
EXPECTED = {
    "raw": (18_109, 14_021, 1, 1.0, 1, 1, 3.0173148641449123, 1.3906137352142307,
            0.7510775147536636, 2.7094858563940196),
    "k = 5, 5 % limit": (1_268, 510, 1, 1.0, 1, 1, 3.0173148641449123, 1.3906137352142307,
                         0.7510775147536636, 4.965493925481661),
    "k = 5": (30, 0, 16, 0.975, 2, 1, 0.7086812182043933, 0.7086812182043933,
              0.22392248524633643, 2.2982657188997053),
    "occupation": (776, 267, 1, 1.0, 1, 1, 1116.111111111111, 8.11711355558441,
                   0.9952589350838804, 7.018501266916301),
    "age": (12, 0, 397, 0.057843996494303246, 47, 36, 6.502985074626865, 6.502985074626865,
            0.0951470643976025, 4.104276182057581),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_pycanon_on_the_same_table(adult, case):
    levels, quasi, sensitive, asked = CASES[case]
    found = assess_privacy(
        generalised(adult, levels), quasi_identifiers=quasi, sensitive=[sensitive], **asked
    )
    [one] = found.sensitive
    classes, uniques, k, alpha, distinct, entropy, basic, ceiling, t, delta = EXPECTED[case]
    assert found.k_anonymity.classes == classes
    assert found.k_anonymity.unique_records == uniques
    assert found.k_anonymity.k == k
    assert one.alpha_k.alpha == alpha
    assert one.diversity.distinct_l == distinct
    assert math.floor(one.diversity.entropy_l) == entropy  # pyCANON cuts to whole numbers
    assert one.likeness.basic_beta == basic
    assert one.likeness.enhanced_ceiling == ceiling
    assert one.closeness.t == pytest.approx(t, rel=4e-15)  # pyCANON adds up floats
    assert one.disclosure.delta == delta


@pytest.mark.parametrize(("case", "c"), [("k = 5", 1), ("age", 1)])
def test_pycanon_takes_the_rarest_value_where_the_definition_takes_the_commonest(adult, case, c):
    # pyCANON's c is reproduced from the counts by its own formula, and is not the definition's.
    levels, quasi, sensitive, _ = CASES[case]
    table = generalised(adult, levels)
    [one] = assess_privacy(table, quasi_identifiers=quasi, sensitive=[sensitive]).sensitive
    least = one.diversity.distinct_l
    cells = equivalence_classes(table, quasi_identifiers=quasi, sensitive=[sensitive]).cells
    counts = [sorted(size) for size in cells.group_by("class_id").agg("size")["size"].to_list()]
    assert max(math.floor(size[0] / sum(size[least - 1 :]) + 1) for size in counts) == c
    by_definition = max(size[-1] / sum(size[:-1]) for size in counts)
    assert one.diversity.recursive_c == pytest.approx(by_definition)


@pytest.mark.parametrize(("fraction", "within"), [(0.1, 0.1), (0.3, 0.05)])
def test_uniques_of_the_census_are_estimated_from_samples(adult, fraction, within):
    # origin: the census itself, of whose 30,162 people 14,021 are alone
    estimates = [
        assess_uniqueness(
            adult.sample(fraction=fraction, seed=seed),
            quasi_identifiers=QUASI,
            population_size=adult.height,
        ).population_uniques
        for seed in range(5)
    ]
    assert sum(estimates) / 5 == pytest.approx(14_021, rel=within)
