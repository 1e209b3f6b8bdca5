"""Rules about the code of one cell: no logic, no paths, no clock, no network, no luck."""

import ast
from collections.abc import Iterator
from typing import Any

from analytics_lib.reporting.lint.pages import Problem
from analytics_lib.reporting.lint.reach import reach_problems
from analytics_lib.reporting.notebook import source_of, tags_of

TAGS = ("parameters", "imports", "load", "compute", "show")
LOGIC = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.AsyncFor,
    ast.While, ast.If, ast.IfExp, ast.Try, ast.With, ast.AsyncWith, ast.Match, ast.ListComp,
    ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip
VERBS = frozenset((
    "agg", "apply", "assign", "collect", "drop", "explode", "filter", "group_by", "groupby",
    "head", "iloc", "join", "loc", "map", "map_elements", "melt", "merge", "pivot", "query",
    "rename", "select", "sort", "sort_values", "tail", "to_native", "unique", "with_columns",
))  # fmt: skip
CHARTS = frozenset(("bar", "cohort_heatmap", "figure", "line_with_interval"))
_CLOCK = frozenset((
    "date.today", "datetime.now", "datetime.today", "datetime.utcnow", "time.time",
    "time.time_ns", "time.localtime", "time.gmtime", "Timestamp.now", "Timestamp.today",
))  # fmt: skip
_UNSEEDED = frozenset((
    "betavariate", "bytes", "choice", "choices", "gauss", "getrandbits", "normal", "permutation",
    "rand", "randint", "randn", "random", "random_sample", "sample", "shuffle", "standard_normal",
    "token_bytes", "token_hex", "uniform", "uuid1", "uuid4",
))  # fmt: skip
_LUCK = frozenset(("np", "numpy", "random", "secrets", "uuid"))
_DRAWN = frozenset(("sample", "shuffle"))
_SEEDS = frozenset(("random_state", "rng", "seed"))
_GENERATORS = frozenset(("default_rng", "Random", "RandomState", "SeedSequence"))


def code_problems(cell: dict[str, Any]) -> Iterator[Problem]:
    """Broken rules of a code cell: rule, what was found, remedy."""
    tags = tags_of(cell)
    if len(tags) != 1 or not set(tags) <= set(TAGS):
        yield "cell tags", f"tags {tags}", f"tag the cell with one of {', '.join(TAGS)}"
        return
    if cell["outputs"] or cell["execution_count"] is not None:
        yield "stripped outputs", "has outputs", "strip it: `nbstripout --keep-id`"
    source = source_of(cell)
    try:
        tree = ast.parse(source)
    except SyntaxError:
        yield "no logic", "is no Python of a script", "leave magics and shell commands out"
        return
    for node in ast.walk(tree):
        yield from _of_node(node)
    if tags == ["parameters"]:
        yield from _literals(tree, source)
    if tags == ["compute"] and not _is_one_call(tree):
        yield (
            "no logic",
            "is not one assignment from one call",
            "assign the result of one library call in each `compute` cell",
        )


def _of_node(node: ast.AST) -> Iterator[Problem]:
    yield from _logic(node)
    yield from reach_problems(node)
    if isinstance(node, ast.Call):
        yield from _calls(node)


def _logic(node: ast.AST) -> Iterator[Problem]:
    if isinstance(node, LOGIC):
        yield "no logic", f"logic: {type(node).__name__}", "move it into a tested function"
    if isinstance(node, ast.Attribute) and node.attr in VERBS:
        yield (
            "no logic",
            f"a dataframe verb: {node.attr}",
            "ask a metric or a function of the library",
        )


def _calls(node: ast.Call) -> Iterator[Problem]:
    called = ast.unparse(node.func)
    last = called.rpartition(".")[2]
    if ".".join(called.split(".")[-2:]) in _CLOCK:
        yield "no clock", f"it asks the clock: {called}", "use `as_of`, which the press sets"
    if not _is_seeded(node, last):
        yield "no unseeded randomness", f"{called} without a seed", "give it a seed"
    if last in _UNSEEDED and called.partition(".")[0] in _LUCK:
        yield (
            "no unseeded randomness",
            f"{called} draws from a generator without a seed",
            "use a library function with a `seed` or `rng` argument",
        )
    if called.startswith("display.") and last in CHARTS and not _has_words(node, last):
        yield (
            "alt text source",
            f"the chart {last} has no words",
            "give it a `title` and a `subtitle`, and a drawing of your own a `description`",
        )


def _is_seeded(node: ast.Call, name: str) -> bool:
    """Whether a call draws nothing, or from what it was given: a generator, rows of a frame."""
    if name in _GENERATORS:
        given = [*node.args, *(word.value for word in node.keywords)]
        return any(ast.unparse(value) != "None" for value in given)
    drawn = isinstance(node.func, ast.Attribute) and name in _DRAWN
    kept = {word.arg for word in node.keywords if ast.unparse(word.value) != "None"}
    luck = ast.unparse(node.func).partition(".")[0] in _LUCK  # told of by another rule
    return luck or not drawn or bool(kept & _SEEDS)


def _has_words(node: ast.Call, chart: str) -> bool:
    """Whether the chart is given what its text alternative is made of; empty words are none."""
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    needed = ("title", "subtitle", *(("description",) if chart == "figure" else ()))
    return all(
        name in given and not (isinstance(given[name], ast.Constant) and not _text(given[name]))
        for name in needed
    )


def _text(node: ast.expr) -> str:
    value = node.value if isinstance(node, ast.Constant) else None
    return value.strip() if isinstance(value, str) else ""


def _literals(tree: ast.Module, source: str) -> Iterator[Problem]:
    lines = source.splitlines()
    rule = "parameters cell"
    for node in tree.body:
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            yield rule, "a parameter without annotation", "write `days: int = 7  # Days shown.`"
            continue
        name = node.target.id
        if "  # " not in lines[(node.end_lineno or 1) - 1]:
            yield rule, f"no help for {name}", "say what it means in a comment after it"
        elif node.value is None or not _is_literal(node.value):
            yield rule, f"{name} is no literal", "give a default that is written out"


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True


def _is_one_call(tree: ast.Module) -> bool:
    return (
        len(tree.body) == 1
        and isinstance(tree.body[0], ast.Assign)
        and isinstance(tree.body[0].value, ast.Call)
    )
