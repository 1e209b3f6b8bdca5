"""The real sample as a lake, and Adult with ARX's hierarchies."""

from pathlib import Path

import polars as pl
import pytest

from analytics_lib.privacy.hierarchies import hierarchy_from_table
from analytics_lib.warehouse import open_lake

ADULT = Path(__file__).resolve().parents[2] / "data" / "adult"


@pytest.fixture(scope="session")
def sample(sample_project):
    """The lake that `make ingest` makes of the sample."""
    return open_lake(sample_project.root / "outputs" / "warehouse")


@pytest.fixture(scope="session")
def adult():
    """The 30,162 complete records."""
    return pl.read_csv(ADULT / "adult.csv", separator=";")


@pytest.fixture(scope="session")
def hierarchies(adult):
    """ARX's hierarchy of each of the nine columns."""
    return {
        name: hierarchy_from_table(
            pl.read_csv(
                ADULT / f"adult_hierarchy_{name}.csv",
                separator=";",
                has_header=False,
                infer_schema=False,
            ),
            name=name,
            numeric=name == "age",
        )
        for name in adult.columns
    }


@pytest.fixture(scope="session")
def eight(hierarchies):
    """The hierarchies of the quasi-identifiers, where the salary class is sensitive."""
    return {name: tree for name, tree in hierarchies.items() if name != "salary-class"}
