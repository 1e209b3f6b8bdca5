import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest


@pytest.fixture(scope="session")
def oracle():
    path = Path(__file__).parents[1] / "engines" / "oracle.py"
    return SimpleNamespace(**runpy.run_path(str(path)))
