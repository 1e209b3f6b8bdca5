"""What a report notebook may hold: the checker that every notebook must pass."""

import ast
import json
import re

import pytest

TAGS = {"parameters", "imports", "load", "compute", "show"}
LOGIC = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.AsyncFor,
    ast.While, ast.If, ast.IfExp, ast.Try, ast.With, ast.AsyncWith, ast.Match, ast.ListComp,
    ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip
VERBS = {
    "agg", "apply", "assign", "collect", "drop", "explode", "filter", "group_by", "groupby",
    "head", "iloc", "join", "loc", "map", "map_elements", "melt", "merge", "pivot", "query",
    "rename", "select", "sort", "sort_values", "tail", "to_native", "unique", "with_columns",
}  # fmt: skip
MOST_CODE_CELLS = 30


def source_of(cell):
    return "".join(cell["source"])


def problems_of(notebook):
    """Every way in which a notebook is not a thin page; empty for a good one."""
    cells = notebook["cells"]
    codes = [cell for cell in cells if cell["cell_type"] == "code"]
    found = [*_page(cells), *_house(notebook, cells)]
    if len(codes) > MOST_CODE_CELLS:
        found.append(f"{len(codes)} code cells")
    for cell in codes:
        found += [f"{cell.get('id')}: {problem}" for problem in _code(cell)]
    if not codes or codes[0]["metadata"].get("tags") != ["parameters"]:
        found.append("the first code cell is not tagged parameters")
    return found


def _page(cells):
    texts = "\n".join(source_of(cell) for cell in cells if cell["cell_type"] == "markdown")
    titles = re.findall(r"^# (.+)$", texts, re.MULTILINE)
    if len(titles) != 1:
        yield f"{len(titles)} first-level headings"
    elif not titles[0].endswith("?") or not source_of(cells[0]).startswith("# "):
        yield "it does not begin with a question"


def _house(notebook, cells):
    if "papermill" in notebook["metadata"]:
        yield "papermill metadata"
    if set(notebook["metadata"].get("analytics", {})) != {"reads", "results"}:
        yield "no card of what it reads and answers"
    ids = [cell.get("id", "") for cell in cells]
    if len(set(ids)) != len(ids) or not all(re.fullmatch(r"[a-z]+(-[a-z]+)*", id_) for id_ in ids):
        yield "cell ids are not unique lower-case words"


def _code(cell):
    tags = cell["metadata"].get("tags", [])
    if len(tags) != 1 or not set(tags) <= TAGS:
        yield f"tags {tags}"
        return
    if cell["outputs"] or cell["execution_count"] is not None:
        yield "has outputs"
    source = source_of(cell)
    if re.search(r"""["'](/|[A-Z]:\\)""", source):
        yield "an absolute path"
    tree = ast.parse(source)
    yield from _logic(tree)
    if tags == ["parameters"]:
        yield from _literals(tree, source)
    if tags == ["compute"] and not _is_one_call(tree):
        yield "is not one assignment from one call"


def _logic(tree):
    for node in ast.walk(tree):
        if isinstance(node, LOGIC):
            yield f"logic: {type(node).__name__}"
        if isinstance(node, ast.Attribute) and node.attr in VERBS:
            yield f"a dataframe verb: {node.attr}"


def _literals(tree, source):
    lines = source.splitlines()
    for node in tree.body:
        if not isinstance(node, ast.AnnAssign):
            yield "a parameter without annotation"
        elif "  # " not in lines[node.end_lineno - 1]:
            yield f"no help for {node.target.id}"
        else:
            try:
                ast.literal_eval(node.value)
            except ValueError:
                yield f"{node.target.id} is no literal"


def _is_one_call(tree):
    return (
        len(tree.body) == 1
        and isinstance(tree.body[0], ast.Assign)
        and isinstance(tree.body[0].value, ast.Call)
    )


@pytest.fixture
def check():
    """The checker, on a path or on a notebook."""

    def run(notebook):
        if not isinstance(notebook, dict):
            notebook = json.loads(notebook.read_text())
        return problems_of(notebook)

    return run
