"""A Dask cluster on this machine: a scheduler and two worker processes of its own."""

import distributed
import pytest


@pytest.fixture(scope="module")
def cluster():
    """Two workers with a thread each; whoever dies is started again."""
    settings = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    with distributed.LocalCluster(**settings) as made:
        yield made
