"""Who made a page: the version of this code and the state of the checkout."""

import shutil
import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path

from analytics_lib.reporting.digests import package_digest

_GIT_TIMEOUT_S = 10


def code_version() -> str:
    """Package version and the digest of its source."""
    return f"{version('analytics-lib')} (source {package_digest()[:12]})"


@cache
def git_state(root: Path) -> dict[str, str | bool | None]:
    """Commit and whether the checkout has changes; `None` where git cannot say."""
    commit = _git(root, "rev-parse", "HEAD")
    changes = _git(root, "status", "--porcelain", "--untracked-files=no")
    return {
        "commit": commit or None,
        "dirty": None if changes is None else bool(changes),
    }


def _git(root: Path, *words: str) -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    done = subprocess.run(  # noqa: S603 - fixed words, no shell
        [git, "-C", str(root), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=_GIT_TIMEOUT_S,
    )
    return done.stdout.strip() if done.returncode == 0 else None
