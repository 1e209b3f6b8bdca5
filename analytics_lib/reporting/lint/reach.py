"""Rules about what a cell reaches for: the network, files, the machine, code made of text."""

import ast
import re
from collections.abc import Iterator

from analytics_lib.reporting.lint.pages import Problem

_NETWORK = frozenset((
    "aiohttp", "ftplib", "http", "httpx", "requests", "smtplib", "socket", "urllib", "urllib3",
))  # fmt: skip
_MACHINE = frozenset((
    "asyncio", "builtins", "ctypes", "getpass", "glob", "importlib", "io", "multiprocessing", "os",
    "pathlib", "pickle", "platform", "random", "secrets", "shutil", "signal", "sqlite3",
    "subprocess", "sys", "tempfile", "threading", "time", "uuid",
))  # fmt: skip
_CODE = frozenset(("__import__", "compile", "eval", "exec"))
_FILES = frozenset(("open", "read_bytes", "read_text", "write_bytes", "write_text"))
_FORMATS = re.compile(
    r"(read|scan|sink|to|write)_(avro|csv|database|delta|excel|feather|hdf|html|ipc|json|ndjson|"
    r"parquet|pickle|sql|sql_query|sql_table|table|xml)"
)
_ADDRESS = re.compile(r"^(https?|ftp|s3|gs)://", re.IGNORECASE)
_PATH = re.compile(r"""^(/|~|[A-Za-z]:[\\/])""")
_UPWARDS = re.compile(r"^\.\.([\\/]|$)")


def reach_problems(node: ast.AST) -> Iterator[Problem]:
    """Broken rules of one node of a cell: rule, what was found, remedy."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from _places(node.value)
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from _imports(node)
    elif isinstance(node, ast.Call):
        yield from _calls(ast.unparse(node.func))


def _places(text: str) -> Iterator[Problem]:
    if _ADDRESS.match(text):
        yield "no network", "an address", "ingest the data; a page reads the lake only"
    elif _PATH.match(text):
        yield "no absolute path", "an absolute path", "open what is in the lake by its name"
    elif _UPWARDS.match(text):
        yield "no files", "a path out of its folder", "open what is in the lake by its name"


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[Problem]:
    if isinstance(node, ast.ImportFrom):
        names = [node.module or ""]
    else:
        names = [alias.name for alias in node.names]
    for name in names:
        top = name.partition(".")[0]
        if top in _NETWORK:
            remedy = "ingest the data; a page reads the lake only"
            yield "no network", f"it imports {name}", remedy
        if top in _MACHINE:
            remedy = "use a function of the library; a page depends on its data and nothing else"
            yield "nothing of the machine", f"it imports {name}", remedy


def _calls(called: str) -> Iterator[Problem]:
    last = called.rpartition(".")[2]
    if called.removeprefix("builtins.") in _CODE:
        yield "no code of text", f"it calls {called}", "write the code out, where it can be read"
    elif last in _FILES or _FORMATS.fullmatch(last):
        yield "no files", f"it calls {called}", "ingest the data; a page reads the lake only"
