"""What is loaded once before the first fork; loading it starts no thread and opens no file."""

import gc
from contextlib import suppress
from importlib import import_module
from pkgutil import walk_packages

ROOMS = ("core", "events", "statistics", "metrics", "models", "privacy", "display", "warehouse")
LIBRARIES = (
    *("numpy", "pandas", "polars", "pyarrow", "pyarrow.dataset", "pyarrow.parquet"),
    *("narwhals.stable.v2", "duckdb", "deltalake", "scipy.stats", "scipy.special"),
    *("altair", "jsonschema", "yaml", "pydantic", "zoneinfo", "sqlite3", "uuid"),
    *("statsmodels.regression.linear_model", "statsmodels.tsa.seasonal"),
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.datapub"),
    *("IPython.core.completer", "IPython.core.history", "IPython.core.magics"),
    *("matplotlib_inline.config", "ipykernel.debugger", "comm"),
)


def preload() -> None:
    """Import the libraries and every room that reports use, and fix them in memory.

    What cannot be imported is left to the notebook that asks for it. Objects
    that are alive now are taken out of the garbage collector's sight, so that
    it does not write to pages which all forks share.
    """
    for name in LIBRARIES:
        _load(name)
    for room in ROOMS:
        _load_room(f"analytics_lib.{room}")
    _draw_nothing()
    gc.collect()
    gc.freeze()


def _load(name: str) -> None:
    with suppress(ImportError):
        import_module(name)


def _load_room(name: str) -> None:
    room = import_module(name)
    for module in walk_packages(room.__path__, prefix=f"{name}."):
        _load(module.name)


def _draw_nothing() -> None:
    """Describe an empty chart: Altair reads its schema, a megabyte, at the first one."""
    import altair as alt  # noqa: PLC0415 - see preload

    alt.Chart(alt.InlineData(values=[])).mark_point().encode(x="x:Q").to_dict()
