"""What the guides tell a reader to type works."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
GUIDES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("data/*/*.md")])
TIMEOUT_S = 300
UNTOUCHED = {"make", "conda", "git"}  # too large for a test; their targets are looked up instead


def blocks(language):
    for path in GUIDES:
        for number, text in enumerate(
            re.findall(rf"^```{language}\n(.*?)^```", path.read_text(), re.DOTALL | re.MULTILINE)
        ):
            yield pytest.param(text, id=f"{path.relative_to(ROOT)}-{number}")


def commands_of(block):
    lines = [line.removeprefix("$ ").partition("#")[0].strip() for line in block.splitlines()]
    return [shlex.split(line) for line in lines if line]


def test_there_are_guides():
    assert sum(len(commands_of(block.values[0])) for block in blocks("console")) >= 6
    assert list(blocks("python"))


@pytest.mark.parametrize("source", list(blocks("python")))
def test_python_of_a_guide_runs(source, own_project):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", source], cwd=own_project.root,
        env=own_project.environment, capture_output=True, text=True, timeout=TIMEOUT_S,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", list(blocks("console")))
def test_the_commands_of_a_guide_work_one_after_the_other(block, own_project):
    for words in commands_of(block):
        if words[0] in UNTOUCHED:
            targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
            assert words[0] != "make" or set(words[1:]) <= set(targets)
            continue
        program = BIN / Path(words[0]).name
        done = subprocess.run(
            [program, *words[1:]], cwd=own_project.root, env=own_project.environment,
            capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{words}: {done.stderr}"
