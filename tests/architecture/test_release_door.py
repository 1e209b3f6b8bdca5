"""Rows of people leave through one door: what `privacy.release` sealed."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "analytics_lib"
SEAL = PACKAGE / "privacy" / "release.py"
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


def test_only_the_release_module_makes_a_release():
    makers = {
        path for path, tree in TREES.items() if any(name == "Release" for name, _ in called(tree))
    }
    assert makers == {SEAL}


def test_nobody_else_knows_the_seal_or_its_key():
    inside = {"_SEAL_KEY", "_seal"}
    assert {path for path, tree in TREES.items() if inside & set(words(tree))} == {SEAL}


def test_no_copy_of_a_release_is_made_past_its_checks():
    ways = {"__new__", "replace", "copy", "deepcopy", "__setattr__"}
    users = [
        path
        for path, tree in TREES.items()
        if "Release" in set(words(tree)) and {name for name, _ in called(tree)} & ways
    ]
    assert users == []


def test_only_one_module_of_the_room_writes_and_it_asks_for_the_seal_first():
    publishing = {path for path in MODULES if (PACKAGE / "publishing") in path.parents}
    writers = {path for path in publishing if WRITING & {name for name, _ in called(TREES[path])}}
    assert writers == {WRITER}
    functions = {
        node.name: node for node in TREES[WRITER].body if isinstance(node, ast.FunctionDef)
    }
    for name in ("write_package", "package_files"):
        first = functions[name].body[1]
        assert ast.unparse(first) == "require_sealed(made)"


def test_nobody_opens_a_file_for_writing_in_the_room():
    for path in MODULES:
        if (PACKAGE / "publishing") in path.parents:
            assert "open" not in {name for name, _ in called(TREES[path])}, path
