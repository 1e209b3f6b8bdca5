"""A short run of the stress test that forking rests on; the long one is in `benchmarks`."""

import subprocess
import sys
from pathlib import Path

import pytest

from analytics_lib.reporting.warm.guard import can_fork_here

STRESS = Path(__file__).resolve().parents[4] / "benchmarks" / "fork_stress.py"


@pytest.mark.skipif(not can_fork_here(), reason="forking is for Linux")
def test_forks_after_polars_is_loaded_neither_hang_nor_miscount():
    done = subprocess.run(
        [sys.executable, str(STRESS), "10"], capture_output=True, text=True, check=False
    )
    assert "10 forks" in done.stdout, done.stderr
    assert "0 wrong or hung; equal to here: True" in done.stdout
    assert done.returncode == 0
