"""The seal: what passed the checks, and nothing else."""

import dataclasses
import io

import numpy as np
import polars as pl
import pytest

from analytics_lib.core.errors import DisclosureError, ParameterError, SchemaError
from analytics_lib.privacy.hierarchies import hierarchy_by_interval
from analytics_lib.privacy.release import Release, release, require_sealed


def people(rows=400):
    rng = np.random.default_rng(1)
    return pl.DataFrame(
        {
            "id": [f"p{number}" for number in range(rows)],
            "age": rng.integers(20, 80, size=rows),
            "ill": rng.choice(["yes", "no"], size=rows),
        }
    )


def ages(table):
    return {"age": hierarchy_by_interval(table["age"], name="age", widths=[10, 20])}


def made(table=None, **changed):
    table = people() if table is None else table
    asked = {"k": 5, "l": 2, "sensitive": ["ill"], "person": "id", **changed}
    return release(table, quasi_identifiers=ages(people()), rng=np.random.default_rng(3), **asked)


def test_a_release_holds_its_rows_and_says_what_was_done():
    found = made()
    require_sealed(found)
    assert found.table.columns == ["age", "ill"]
    assert found.table.height == 360  # origin: 400 people, a tenth of them kept out
    assert found.report["rows"] == {
        "source": 400, "control": 40, "suppressed": 0, "synthetic": 0, "released": 360,
    }  # fmt: skip
    assert found.report["achieved"]["k"] >= 5
    assert all(attack["passed"] for attack in found.report["attacks"])


def test_the_same_seed_gives_the_same_rows_in_the_same_order():
    assert made().table.equals(made().table)
    assert made().report == made().report


def test_a_pyarrow_table_is_released_like_any_other():
    assert made(people().to_arrow()).table.equals(made().table)


def test_nothing_of_the_seed_is_in_the_report():
    assert "seed" not in str(made().report)


@pytest.mark.parametrize("seal", ["", "00" * 32])
def test_nobody_makes_a_release_by_hand(seal):
    with pytest.raises(DisclosureError, match="seal of the release is broken"):
        Release(table=people(), report={"k": 5}, seal=seal)


def test_the_seal_of_one_release_is_not_that_of_another():
    good = made()
    with pytest.raises(DisclosureError, match="seal"):
        Release(table=people(), report=good.report, seal=good.seal)
    with pytest.raises(DisclosureError, match="seal"):
        dataclasses.replace(good, table=people())
    with pytest.raises(DisclosureError, match="seal"):
        Release(table=good.table, report={**good.report, "attacks": []}, seal=good.seal)


def test_a_release_changed_in_place_is_noticed():
    table = made()
    table.table[0, "ill"] = "maybe"
    with pytest.raises(DisclosureError, match="seal"):
        require_sealed(table)
    report = made()
    report.report["achieved"]["k"] = 1_000
    with pytest.raises(DisclosureError, match="seal"):
        require_sealed(report)


@pytest.mark.parametrize("other", [None, pl.DataFrame({"age": [1]}), {"table": 1}])
def test_only_a_release_is_a_release(other):
    with pytest.raises(DisclosureError, match=r"A \w+ cannot be published"):
        require_sealed(other)


def test_a_lookalike_is_refused():
    class Lookalike(Release):
        def __post_init__(self):
            pass

    good = made()
    with pytest.raises(DisclosureError, match="only what"):
        require_sealed(Lookalike(table=good.table, report=good.report, seal=good.seal))


def test_bad_demands_are_refused():
    with pytest.raises(ParameterError, match="`k` is 1; it must be at least 2"):
        made(k=1)
    with pytest.raises(ParameterError, match="the table has 4 records"):
        made(people(4))
    with pytest.raises(ParameterError, match="two roles or twice"):
        made(keep=["id"])
    with pytest.raises(ParameterError, match="two roles or twice"):
        made(keep=["ill"])
    with pytest.raises(ParameterError, match="`control_share` is 1"):
        made(control_share=1)


def test_the_digest_of_a_hierarchy_says_nothing_of_values_that_nobody_is_shown():
    def digest(oldest):
        everybody = people().with_columns(
            age=pl.when(pl.col("id") == "p7").then(oldest).otherwise("age")
        )
        found = release(
            everybody,
            quasi_identifiers=ages(everybody),
            k=5,
            rng=np.random.default_rng(3),
            suppression_limit=0.05,
            method="full_domain",
        )
        assert not {"96", "97", "[90, 100)", "[80, 100)", "*"} & set(found.table["age"])
        return found.report["quasi_identifiers"]["age"]["hierarchy_sha256"]

    assert digest(96) == digest(97)


def test_the_digest_of_a_hierarchy_is_of_the_labels_and_what_is_above_them():
    def digest(widths):
        tree = {"age": hierarchy_by_interval(people()["age"], name="age", widths=widths)}
        found = release(people(), quasi_identifiers=tree, k=5, rng=np.random.default_rng(3))
        return found.report["quasi_identifiers"]["age"]["hierarchy_sha256"]

    assert digest([10, 20]) == digest([10, 20]) != digest([10, 30])


def test_a_hierarchy_that_lacks_a_value_is_refused():
    old = people().with_columns(age=pl.Series([99] * 400))
    with pytest.raises(SchemaError, match="hierarchy of `age` lacks 1 distinct value"):
        made(old)


@pytest.mark.parametrize("k", [2.5, 5.0, "5", None, float("nan")])
def test_a_k_that_is_no_whole_number_is_refused(k):
    with pytest.raises(ParameterError, match=r"`k` is .*; it must be a whole number of at least 2"):
        made(k=k)


def test_a_k_of_numpy_is_a_whole_number():
    assert made(k=np.int64(5)).report["demands"]["k"] == 5


@pytest.mark.parametrize("role", ["sensitive", "keep"])
def test_free_text_is_released_in_no_role(role):
    words = "she told me on the telephone that she cannot sleep since her neighbour moved in, "
    table = people().with_columns(note=pl.concat_str(pl.lit(words), "id").cast(pl.Categorical))
    with pytest.raises(DisclosureError, match=r"`note` has 400 values .* is free text"):
        made(table, **{"sensitive": ["ill"], "l": None, role: ["note"]})


@pytest.mark.parametrize("role", ["sensitive", "keep"])
@pytest.mark.parametrize(
    "column",
    [
        pl.col("id"),
        pl.int_range(400),
        pl.int_range(400) / 7,
        pl.format("EE{}", pl.int_range(400) + 100_000),
        pl.date(1950, 1, 1) + pl.duration(days=pl.int_range(400)),
    ],
)
def test_a_value_that_everybody_has_alone_is_released_in_no_role(role, column):
    with pytest.raises(DisclosureError, match=r"In `account`, 400 of 400 rows with a value"):
        made(
            people().with_columns(account=column),
            **{"sensitive": ["ill"], "l": None, role: ["account"]},
        )


def test_a_long_list_of_codes_that_repeat_is_released():
    codes = [f"{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[n % 26]}{n:04d}.9" for n in range(1_500)]
    table = people(4_500).with_columns(code=pl.Series(codes * 3))
    found = made(table, sensitive=["code"], l=2)
    assert found.table["code"].n_unique() > 1_000


@pytest.mark.parametrize(
    "column", [pl.concat_list("ill", "ill"), pl.struct("ill"), pl.col("ill").cast(pl.Binary)]
)
def test_what_may_hold_any_text_is_released_in_no_role(column):
    table = people().with_columns(note=column)
    for role in ("sensitive", "keep"):
        with pytest.raises(DisclosureError, match=r"`note` is .* may hold any text"):
            made(table, **{"sensitive": ["ill"], "l": None, role: ["note"]})


def test_a_category_of_nobody_who_is_released_is_not_in_its_type():
    kinds = pl.Enum(["yes", "no", "a rare illness"])
    found = made(people().with_columns(pl.col("ill").cast(kinds)))
    assert found.table.schema["ill"] == pl.String
    content = io.BytesIO()
    found.table.write_parquet(content, statistics=False)
    assert b"a rare illness" not in content.getvalue()


def test_classes_that_share_one_value_are_not_released():
    told = people().with_columns(
        ill=pl.when(pl.col("age") < 50).then(pl.lit("yes")).otherwise(pl.lit("no"))
    )
    with pytest.raises(DisclosureError, match=r"Attacks succeed: .*homogeneity of ill"):
        made(told, l=None)


def augmented(**changed):
    """Two sensitive columns, so that rows are possible that are no copies."""
    rng = np.random.default_rng(2)
    table = people(2_000).with_columns(
        mark=pl.Series(rng.choice([f"m{number}" for number in range(60)], size=2_000))
    )
    return made(table, sensitive=["ill", "mark"], synthetic_rate=0.1, **changed)


def test_synthetic_rows_are_marked_and_counted_apart():
    found = augmented()
    real = found.table.filter(~pl.col("is_synthetic")).drop("is_synthetic")
    added = found.table.filter("is_synthetic").drop("is_synthetic")
    # origin: 2,000 people, a tenth kept out, a tenth of the rest asked for
    assert (real.height, added.height) == (1_800, 180)
    assert found.report["rows"]["synthetic"] == 180
    assert not set(added.rows()) & set(real.rows())
    told = found.report["synthetic"]
    assert (told["rate"], told["marked"], told["copies_of_real_rows"]) == (0.1, True, 0)
    # origin: brute force on the rows as they are released
    for part, name in ((real, "real_rows_alone"), (pl.concat([real, added]), "all_rows")):
        classes = part.group_by("age")
        assert classes.len()["len"].min() == told[name]["k"] >= 5
        assert classes.agg(pl.col("ill").n_unique())["ill"].min() == told[name]["l"] == 2
    assert sum(row["classes"] for row in found.report["class_sizes"]) == real["age"].n_unique()
    assert "synthetic rows added within classes (marked)" in found.report["techniques"]


def test_synthetic_rows_are_attacked_with_and_without_the_others():
    names = [attack["attack"] for attack in augmented().report["attacks"]]
    told = " (real rows alone)"
    alone = {name.removesuffix(told) for name in names if name.endswith(told)}
    together = {name for name in names if not name.endswith(told)}
    assert together < alone
    # what needs the truth behind a label has it of real rows only; every age is released exactly
    assert alone - together == {"minimality, ill", "minimality, mark"}


def test_unmarked_rows_are_counted_and_not_told_apart():
    found = augmented(mark="unmarked")
    assert found.table.columns == ["age", "ill", "mark"]
    assert (found.table.height, found.report["rows"]["synthetic"]) == (1_980, 180)
    assert not found.report["synthetic"]["marked"]


def test_without_synthetic_rows_nothing_is_said_of_them():
    assert made().report["synthetic"] is None
    assert "is_synthetic" not in made().table.columns


def test_a_copy_is_never_made_up_instead():
    with pytest.raises(ParameterError, match="every combination of the columns"):
        made(synthetic_rate=0.1)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"synthetic_rate": -0.1}, "`synthetic_rate` is -0.1"),
        ({"synthetic_rate": 1.1}, "`synthetic_rate` is 1.1"),
        ({"mark": "hidden"}, "`mark`"),
        ({"keep": ["is_synthetic"]}, "`is_synthetic` marks synthetic rows"),
    ],
)
def test_a_wrong_rate_or_mark_is_refused(asked, message):
    with pytest.raises(ParameterError, match=message):
        made(**asked)


def test_an_earlier_release_that_cannot_be_intersected_is_named():
    before = [pl.DataFrame({"age": ["20"]}), pl.DataFrame({"ill": ["yes"]}), made().table]
    told = made(earlier=before).report["attacks_not_run"]
    why = "(no sensitive column or no quasi-identifier in both)"
    expected = [f"intersection with 2 of 3 earlier releases {why}"]
    assert [one for one in told if "intersection" in one] == expected


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"rng": 7}, "`rng` has a int; it must be a generator"),
        ({"quasi_identifiers": ["age"]}, "`quasi_identifiers` has a list; it must be a hierarchy"),
        ({"quasi_identifiers": {"age": [10]}}, r"`quasi_identifiers\['age'\]` has a list"),
        ({"earlier": people()}, "`earlier` has a DataFrame; it must be a list of polars frames"),
        ({"earlier": ["first"]}, "`earlier` has a str; it must be polars frames"),
        ({"sensitive": "ill"}, "`sensitive` has a str; it must be a list of names"),
        ({"keep": "ill"}, "`keep` has a str; it must be a list of names"),
        ({"l": "2"}, "`l` is '2'; it must be a finite number"),
        ({"t": "x"}, "`t` is 'x'; it must be a finite number"),
        ({"margin": float("nan")}, "`margin` is nan; it must be a finite number"),
        ({"control_share": "x"}, "`control_share` is 'x'; it must be a finite number"),
        ({"synthetic_rate": "x"}, "`synthetic_rate` is 'x'; it must be a finite number"),
        ({"suppression_limit": "x"}, "`suppression_limit` is 'x'; it must be a finite number"),
    ],
)
def test_an_argument_of_another_kind_is_named(changed, words):
    asked = {
        "quasi_identifiers": ages(people()), "k": 5, "sensitive": ["ill"],
        "rng": np.random.default_rng(3), **changed,
    }  # fmt: skip
    with pytest.raises(ParameterError, match=words):
        release(people(), **asked)
