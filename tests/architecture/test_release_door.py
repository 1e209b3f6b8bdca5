"""What is about people leaves through one door: rows and noisy counts that were sealed."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "analytics_lib"
SEAL = PACKAGE / "privacy" / "release.py"
COUNTS = PACKAGE / "privacy" / "counts_release.py"
WRITER = PACKAGE / "publishing" / "writing.py"
MODULES = sorted(PACKAGE.rglob("*.py"))
TREES = {path: ast.parse(path.read_text()) for path in MODULES}
WRITING = {
    "write_folder", "write_synced", "replace_file", "write_text", "write_bytes", "to_csv",
    "to_parquet", "sink_csv", "sink_parquet", "write_ipc", "write_json", "write_ndjson",
    "write_excel", "write_delta", "write_database",
}  # fmt: skip


def called(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            name = getattr(function, "attr", getattr(function, "id", None))
            yield name, node


def words(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield node.name.split(".")[-1]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize(("made", "module"), [("Release", SEAL), ("CountsRelease", COUNTS)])
def test_only_its_own_module_makes_a_release(made, module):
    makers = {path for path, tree in TREES.items() if any(name == made for name, _ in called(tree))}
    assert makers == {module}


@pytest.mark.parametrize(
    ("inside", "module"),
    [({"_SEAL_KEY", "_seal"}, SEAL), ({"_COUNTS_KEY", "_counts_seal"}, COUNTS)],
)
def test_nobody_else_knows_the_seal_or_its_key(inside, module):
    assert {path for path, tree in TREES.items() if inside & set(words(tree))} == {module}


def test_no_copy_of_a_release_is_made_past_its_checks():
    ways = {"__new__", "replace", "copy", "deepcopy", "__setattr__"}
    users = [
        path
        for path, tree in TREES.items()
        if {"Release", "CountsRelease"} & set(words(tree))
        and {name for name, _ in called(tree)} & ways
    ]
    assert users == []


def test_sealed_counts_are_charged_where_they_are_counted():
    functions = {
        node.name: node for node in TREES[COUNTS].body if isinstance(node, ast.FunctionDef)
    }
    sealing = {
        name
        for name, function in functions.items()
        if "_counts_seal" in {called_name for called_name, _ in called(function)}
    }
    assert sealing == {"require_sealed_counts", "release_counts"}
    assert "private_counts" in {name for name, _ in called(functions["_counted"])}
    tables = {name for name, tree in functions.items() if "NoisyTable" in dict(called(tree))}
    assert tables == {"_counted"}


def test_only_one_module_of_the_room_writes_and_it_asks_for_the_seal_first():
    publishing = {path for path in MODULES if (PACKAGE / "publishing") in path.parents}
    writers = {path for path in publishing if WRITING & {name for name, _ in called(TREES[path])}}
    assert writers == {WRITER}
    functions = {
        node.name: node for node in TREES[WRITER].body if isinstance(node, ast.FunctionDef)
    }
    first = {name: ast.unparse(function.body[1]) for name, function in functions.items()
             if len(function.body) > 1}  # fmt: skip
    assert first["write_package"] == first["package_files"] == "require_sealed(made)"
    assert first["write_tables"] == first["tables_files"] == "require_sealed_counts(made)"
    assert first["_noisy_files"] == "require_sealed_counts(counts)"


def test_what_puts_files_down_is_called_after_a_seal_was_asked_for_only():
    callers = {
        node.name
        for node in TREES[WRITER].body
        if isinstance(node, ast.FunctionDef) and "_put" in dict(called(node))
    }
    assert callers == {"write_package", "write_tables"}
    assert {path for path, tree in TREES.items() if "_put" in set(words(tree))} == {WRITER}
    writing = {
        node.name
        for node in TREES[WRITER].body
        if isinstance(node, ast.FunctionDef) and "write_folder" in dict(called(node))
    }
    assert writing == {"_put"}


def test_nobody_opens_a_file_for_writing_in_the_room():
    for path in MODULES:
        if (PACKAGE / "publishing") in path.parents:
            assert "open" not in {name for name, _ in called(TREES[path])}, path
