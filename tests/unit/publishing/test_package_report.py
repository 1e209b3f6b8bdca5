"""The privacy report of a package as tables and sentences, held against the package's own files."""

import datetime as dt
import json
from dataclasses import replace

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, RunError
from analytics_lib.publishing import package_facts, package_tables, package_words
from analytics_lib.publishing.reading import read_package
from analytics_lib.publishing.register import REGISTER, Register

ATTACK = {
    "attack": "guess", "question": "Guess it.", "tries": 200, "success": 0.3,
    "success_interval": [0.24, 0.37], "baseline_tries": 200, "baseline": 0.25, "excess": 0.05,
    "excess_interval": [-0.03, 0.13], "margin": 0.1, "passed": True,
}  # fmt: skip
WEAKER = ATTACK | {
    "attack": "a", "success": 0.0, "baseline": 0.1, "excess": -0.1, "passed": False,
    "success_interval": [0.0, 0.02], "excess_interval": [-0.15, -0.05],
}  # fmt: skip


@pytest.fixture
def released(package, room):
    return read_package(room.platform.folder, "results")


def changed(released, **parts):
    return replace(released, report={**released.report, **parts})


def test_a_package_is_read_without_its_rows_and_its_classes_are_counted_again(released, package):
    rows = pl.read_parquet(package / "data.parquet")
    # origin: counted with plain polars
    smallest = rows.group_by("gender", "region").len()["len"].min()
    assert released.smallest_class == smallest
    assert released.title == "Learners: Results by region"
    assert released.expires_on - released.released_on == dt.timedelta(days=365)
    assert not released.is_expired
    assert "secret@" not in json.dumps(released.words())


def test_a_package_that_is_not_there_is_named_with_those_that_are(room, package):
    with pytest.raises(ParameterError, match=r"packages are \['results'\].*Did you mean 'results'"):
        read_package(room.platform.folder, "result")


def test_without_any_package_the_message_says_how_to_make_one(tmp_path):
    assert Register(tmp_path / REGISTER).newest("results") is None
    with pytest.raises(ParameterError, match="dataset demonstrate"):
        read_package(tmp_path, "results")


def test_a_changed_or_missing_package_is_refused(room, package):
    (package / "privacy_report.json").write_text("{}")
    with pytest.raises(RunError, match=r"privacy_report\.json was changed"):
        read_package(room.platform.folder, "results")
    package.rename(package.with_name("gone"))
    with pytest.raises(RunError, match="its folder is gone"):
        read_package(room.platform.folder, "results")


def test_an_expired_package_says_so_first(room, package):
    room.platform.expire("results", by="Officer", at=room.now, note="")
    expired = read_package(room.platform.folder, "results")
    assert expired.is_expired
    assert package_words.describe_package(expired).startswith("This package has expired")
    assert package_words.describe_validity(expired) == (
        "This package has expired and must not be used."
    )


def test_the_first_sentence_says_what_it_is_and_how_people_are_protected(released):
    said = package_words.describe_package(
        changed(released, rows=released.report["rows"] | {"released": 360}, attacks=[ATTACK])
    )
    others = released.smallest_class - 1
    assert said.startswith(
        f"Learners: Results by region: 360 rows, one a person, each like at least {others} others"
    )
    # origin: Wilson interval of 60 of 200 by hand, 24.1% to 36.7%
    assert said.endswith(
        "(guess) succeeds in 30.0% of tries (95% interval 24.1% to 36.7%), 5 percentage points "
        "above its baseline of 25.0% (interval \N{MINUS SIGN}3.0 to 13.0)."
    )


def test_where_every_attack_does_worse_than_its_baseline_the_gain_is_below_it(released):
    said = package_words.describe_gain(changed(released, attacks=[WEAKER]))
    assert said.startswith("10 percentage points below its baseline of 10.0%")


def test_the_last_day_of_validity_is_the_day_before_it_expires(released):
    assert package_words.describe_validity(released) == (
        "Released on 1 March 2026 and valid to 28 February 2027 inclusive; after that it must be "
        "deleted."
    )


def test_what_is_attained_is_counted_on_the_released_rows(released, package):
    rows = pl.read_parquet(package / "data.parquet")
    # origin: total variation of each class from the whole table (Li et al. 2007), plain polars
    whole = rows["outcome"].value_counts(normalize=True, name="all")
    parts = rows.group_by("gender", "region", "outcome").len()
    sizes = rows.group_by("gender", "region").len("size")
    full = sizes.join(whole, how="cross").join(
        parts, on=["gender", "region", "outcome"], how="left"
    )
    gaps = full.with_columns(
        gap=(pl.col("len").fill_null(0) / pl.col("size") - pl.col("all")).abs()
    )
    distances = gaps.group_by("gender", "region").agg(pl.col("gap").sum() / 2)
    found = package_tables.attained(released)
    assert found["k"] == sizes["size"].min()
    assert found["l"] == 2
    assert found["t"] == pytest.approx(distances["gap"].max(), abs=1e-6)


def test_without_a_sensitive_column_only_k_is_promised(released):
    made = changed(released, risks=released.report["risks"] | {"sensitive": []}, attacks=[ATTACK])
    assert package_tables.attained(made) == {"k": made.smallest_class, "l": None, "t": None}
    assert "sensitive values" not in package_words.describe_package(made)
    assert package_tables.guarantees(made)["attained"].to_list()[1:] == ["not asked", "not asked"]


def test_guarantees_say_what_was_not_asked(released):
    rows = {row["measure"]: row for row in package_tables.guarantees(released).to_dicts()}
    assert (rows["k"]["asked"], rows["k"]["attained"]) == ("5", str(released.smallest_class))
    assert (rows["l"]["asked"], rows["l"]["attained"]) == ("2", "2")
    assert rows["t"]["asked"] == "not asked"


@pytest.mark.parametrize(
    ("suppressed", "source", "shown"), [(0, 400, 0), (9, None, None), (10, 400, 10)]
)
def test_a_small_line_of_the_account_takes_the_total_with_it(released, suppressed, source, shown):
    rows = {"source": 400, "control": 40, "suppressed": suppressed, "synthetic": 0}
    found = package_tables.account(
        changed(released, rows=rows | {"released": 360 - suppressed}), minimum=10
    )
    assert found["people"].to_list() == [source, 40, shown, 0, 360 - suppressed]


def test_class_sizes_begin_and_end_with_a_band_that_holds_one(released):
    bands = [
        {"from": 2, "below": 5, "classes": 0}, {"from": 5, "below": 10, "classes": 3},
        {"from": 10, "below": 20, "classes": 0}, {"from": 20, "below": 50, "classes": 1},
        {"from": 50, "below": 60, "classes": 0},
    ]  # fmt: skip
    found = package_tables.class_sizes(changed(released, class_sizes=bands))
    assert found.rows() == [("5 to 9 rows", 3), ("10 to 19 rows", 0), ("20 to 49 rows", 1)]
    assert package_tables.class_sizes(changed(released, class_sizes=[])).is_empty()


def test_attacks_come_with_the_greatest_gain_first(released):
    made = changed(released, attacks=[WEAKER, ATTACK])
    found = package_tables.attacks(made)
    assert found["attack"].to_list() == ["guess", "a"]
    assert found["verdict"].to_list() == ["withstood", "succeeded"]
    assert package_tables.strongest_attack(made).n == 200


def test_utility_is_told_column_by_column(released):
    utility = released.report["utility"] | {
        "distributions": [
            {"column": "gender", "total_variation": 0.25},
            {"column": "outcome", "total_variation": 0.0},
        ],
        "associations": [
            {"first": "gender", "second": "outcome", "change": -0.2},
            {"first": "region", "second": "outcome", "change": 0.1},
            {"first": "gender", "second": "region", "change": None},
        ],
    }  # fmt: skip
    found = package_tables.utility(changed(released, utility=utility))
    assert found.rows() == [
        ("gender", "quasi-identifier", 2, 0.75, pytest.approx(0.2)),
        ("outcome", "sensitive", None, 1.0, pytest.approx(0.15)),
    ]
    alone = utility | {"associations": []}
    assert package_tables.utility(changed(released, utility=alone))["association"].to_list() == [
        None, None,
    ]  # fmt: skip


def test_the_loss_names_the_part_of_which_least_is_left(released):
    score = {"value": 0.9, "parts": {"rows kept": 0.95, "detail kept": 0.85}, "meaning": ""}
    made = changed(released, utility=released.report["utility"] | {"quality_score": score})
    assert package_words.describe_loss(made) == (
        "Quality score 0.9 of 1; most was lost of detail, of which 85.0% is left."
    )
    assert package_tables.quality_parts(made)["part"].to_list() == ["detail kept", "rows kept"]


def test_risks_and_what_was_not_run_are_those_of_the_report(released):
    smallest = released.smallest_class
    assert package_tables.risks(released)["value"][0] == pytest.approx(1 / smallest, abs=1e-6)
    not_run = package_tables.not_run(released)["attack"].to_list()
    assert any(attack.startswith("intersection") for attack in not_run)
    assert "attacks were run" in package_words.describe_protection(released)


def test_facts_and_steps_name_the_organisation_and_neither_requester_nor_contact(released):
    shown = [package_facts.facts(released), package_facts.steps(released)]
    text = " ".join(str(cell) for frame in shown for row in frame.rows() for cell in row)
    assert "Institute" in text
    assert "Dr Example" not in text
    assert "secret@" not in text
    assert shown[1].select("step", "by").rows() == [
        ("Asked for", "Institute"), ("Tried out and reviewed", "Manager"),
        ("Approved", "Officer"), ("Made, attacked and released", "Manager"),
    ]  # fmt: skip


def test_techniques_columns_and_files_are_those_of_the_package(released, package):
    techniques = package_facts.techniques(released)
    assert ("Rows that could be left out, at most", "5%") in techniques.rows()
    assert package_facts.dictionary(released)["column"].to_list() == ["gender", "region", "outcome"]
    files = package_facts.files(released)
    assert set(files["file"]) == {path.name for path in package.iterdir()}
    assert files["checksum"].str.len_chars().unique().to_list() == [12]
