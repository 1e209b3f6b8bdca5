"""The real sample as a lake."""

import pytest

from analytics_lib.warehouse import open_lake


@pytest.fixture(scope="session")
def sample(sample_project):
    """The lake that `make ingest` makes of the sample."""
    return open_lake(sample_project.root / "outputs" / "warehouse")
