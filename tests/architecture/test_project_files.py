"""The files around the package say the same as each other."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = [text for texts in PROJECT["optional-dependencies"].values() for text in texts]
REQUIREMENTS = [Requirement(text) for text in [*PROJECT["dependencies"], *EXTRAS]]
CONDA_NAMES = {"pandera-polars": "pandera", "python-duckdb": "duckdb"}


def ranges(requirements):
    return {canonicalize_name(item.name): str(item.specifier) for item in requirements}


def conda_requirements():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    plain = [item for item in listed if isinstance(item, str)]
    nested = [text for item in listed if isinstance(item, dict) for text in item["pip"]]
    texts = [text for text in [*plain, *nested] if text not in {"pip", "-e ."}]
    found = [Requirement(text) for text in texts]
    for item in found:
        item.name = CONDA_NAMES.get(item.name, item.name)
    return found


def test_conda_users_get_the_same_packages_and_ranges():
    conda = ranges(conda_requirements())
    assert conda.pop("python") == PROJECT["requires-python"]
    assert conda == ranges(REQUIREMENTS)


def locked(name):
    lines = (ROOT / name).read_text().splitlines()
    pins = [re.match(r"([\w.\-]+)==([\w.]+)(?: ; (.*?))? \\?$", line) for line in lines]
    return [(canonicalize_name(m.group(1)), m.group(2)) for m in pins if m]


@pytest.mark.parametrize(
    ("lock", "texts"),
    [
        ("requirements.lock", PROJECT["dependencies"]),
        ("requirements-dev.lock", [*PROJECT["dependencies"], *EXTRAS]),
    ],
)
def test_the_lock_holds_every_dependency_within_its_range(lock, texts):
    pins = locked(lock)
    for requirement in map(Requirement, texts):
        versions = [v for name, v in pins if name == canonicalize_name(requirement.name)]
        assert versions, requirement.name
        assert any(requirement.specifier.contains(version) for version in versions)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_the_lock_names_no_index_and_hashes_everything(lock):
    text = (ROOT / lock).read_text()
    assert re.findall(r"https?:|--index-url|--extra-index-url|--find-links|@ ", text) == []
    assert len(locked(lock)) > 50
    blocks = re.split(r"\n(?=[a-z0-9])", text)
    assert [block[:40] for block in blocks[1:] if "--hash=sha256:" not in block] == []


def test_the_run_lock_is_part_of_the_test_lock():
    assert set(locked("requirements.lock")) <= set(locked("requirements-dev.lock"))


def test_every_dependency_has_its_reason_and_nothing_else_has():
    rows = re.findall(
        r"^\| `([\w.\-]+)` \| (.+) \|$", (ROOT / "docs/dependencies.md").read_text(), re.MULTILINE
    )
    reasons = {canonicalize_name(name): reason for name, reason in rows}
    assert set(reasons) == set(ranges(REQUIREMENTS))
    assert [name for name, reason in reasons.items() if len(reason) < 20] == []


def test_make_help_lists_every_target():
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE).group(1).split()
    alone = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    done = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, env=alone,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert sorted(line.split()[0] for line in done.stdout.splitlines()) == sorted(phony)


def test_the_two_commands_are_where_they_must_be():
    readme = (ROOT / "README.md").read_text()
    assert "make reports" in readme
    assert "make test" in readme
    assert "make test" in (ROOT / ".ci/run").read_text()


def test_the_changelog_knows_this_version():
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text()


MARKDOWN = sorted(
    path for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("data/*/*.md")]
)


@pytest.mark.parametrize("path", MARKDOWN, ids=[str(p.relative_to(ROOT)) for p in MARKDOWN])
def test_every_relative_link_leads_somewhere(path):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text())
    local = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in local if not (path.parent / link).exists()] == []


def test_the_glossary_is_in_order_and_defines_every_word():
    text = (ROOT / "GLOSSARY.md").read_text()
    entries = re.findall(r"^\*\*(.+?)\*\*: (.+)$", text, re.MULTILINE)
    words = [word.lower() for word, _ in entries]
    assert len(words) > 30
    assert words == sorted(words)
    assert len(set(words)) == len(words)
    assert [word for word, definition in entries if len(definition) < 15] == []
