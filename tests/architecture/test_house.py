"""The house's promises, kept by the machine."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "analytics_lib"
MODULES = sorted(PACKAGE.rglob("*.py"))
LIMIT = 300
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}


def names(paths):
    return [path.relative_to(ROOT).as_posix() for path in paths]


def test_arrows_only_point_down():
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_no_module_is_longer_than_the_limit():
    long = {
        name: lines
        for name, path in zip(names(MODULES), MODULES, strict=True)
        if (lines := len(path.read_text().splitlines())) > LIMIT
    }
    assert long == {}


def test_no_room_for_odds_and_ends():
    assert [path for path in MODULES if path.stem in BANNED_NAMES] == []


def public_definitions(tree):
    yield tree, "the module"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node, node.name
            if isinstance(node, ast.ClassDef):
                yield from (
                    (inner, f"{node.name}.{inner.name}")
                    for inner in node.body
                    if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_")
                )


def is_validator(node):
    decorators = getattr(node, "decorator_list", [])
    return any("validator" in ast.unparse(decorator) for decorator in decorators)


@pytest.mark.parametrize("path", MODULES, ids=names(MODULES))
def test_every_public_name_is_explained(path):
    tree = ast.parse(path.read_text())
    bare = [
        name
        for node, name in public_definitions(tree)
        if not ast.get_docstring(node) and not is_validator(node)
    ]
    assert bare == []
    assert ast.get_docstring(tree) not in {"Room.", "x."}


def tracked_files():
    try:
        done = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("git is not here or this is no checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name]


MACHINE = re.compile(r"(?<![\w.])/(?:work|root)/|pypi\.org|pythonhosted|npmjs\.org|conda\.anaconda")
TEXT = {".py", ".md", ".toml", ".yaml", ".yml", ".ipynb", ".lock", ".css", ".j2", ".txt", ""}


def test_no_machine_path_and_no_registry_address():
    here = Path(__file__)
    bad = [
        path.relative_to(ROOT).as_posix()
        for path in tracked_files()
        if path.suffix in TEXT and path.is_file() and path != here
        and MACHINE.search(path.read_text(encoding="utf-8", errors="replace"))
    ]  # fmt: skip
    assert bad == []
