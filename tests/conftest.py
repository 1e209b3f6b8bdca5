"""The real sample, published once for all test processes by the commands of the README."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from filelock import FileLock
from hypothesis import settings

settings.register_profile("house", deadline=None)  # no test is timed
settings.load_profile("house")

ROOT = Path(__file__).resolve().parents[1]
ANALYTICS = str(Path(sys.executable).parent / "analytics")
TIMEOUT_S = 600


COUNTED = {"unit"}
"""Folders of tests that count for coverage; all others run the same lines again, and counting
makes them slower by half."""


def pytest_addoption(parser):
    parser.addoption(
        "--every-combination",
        action="store_true",
        help="every engine with every log and every choice, not a third of them",
    )


def pytest_collection_modifyitems(config, items):
    """Count the lines that unit tests and examples run."""
    if config.getoption("no_cov", default=True):
        return
    for item in items:
        parts = item.path.relative_to(ROOT).parts
        is_counted = parts[0] != "tests" or parts[1] in COUNTED
        if not is_counted or item.get_closest_marker("calibration"):
            item.add_marker("no_cover")


def copy_project(root):
    """A fresh clone in what matters: questions, notebooks and sample, and no outputs."""
    root.mkdir()
    for name in ("notebooks", "parameters"):
        shutil.copytree(ROOT / name, root / name)
    (root / "data").symlink_to(ROOT / "data")
    shutil.copy(ROOT / "requirements.lock", root)


def publish(root, environment):
    """What `make reports` runs once the environment is there; kept is what the commands said."""
    sources = sorted((root / "parameters" / "sources").glob("*.yaml"))
    names = [f"parameters/sources/{source.name}" for source in sources]
    request = "parameters/datasets/requests/ou-students-demonstration.yaml"
    commands = (["ingest", *names], ["dataset", "demonstrate", request], ["run", "--due"])
    for words in commands:
        done = subprocess.run(
            [ANALYTICS, *words], cwd=root, env=environment, capture_output=True, text=True,
            timeout=TIMEOUT_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        (root / f"{words[0]}.said").write_text(done.stdout + done.stderr)


@pytest.fixture(scope="session")
def sample_project(tmp_path_factory):
    """A project with the real sample ingested and every due report published.

    `root` is its folder and `environment` what its commands need. Nobody may
    change it: every test process reads the same one.
    """
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    root, finished = shared / "sample-project", shared / "sample-project.finished"
    environment = {key: value for key, value in os.environ.items() if "ANALYTICS" not in key}
    environment["ANALYTICS_PSEUDONYM_KEY"] = "cd" * 32
    with FileLock(shared / "sample-project.lock"):
        if not finished.exists():
            finished.write_text("the sample could not be published; see the first error")
            copy_project(root)
            publish(root, environment)
            finished.write_text("")
    if finished.read_text():
        pytest.fail(finished.read_text())
    return SimpleNamespace(root=root, environment=environment)


@pytest.fixture
def own_project(sample_project, tmp_path):
    """A copy of the published project that a test may change and lock."""
    root = tmp_path / "project"
    shutil.copytree(sample_project.root, root, symlinks=True)
    return SimpleNamespace(root=root, environment=sample_project.environment)
