"""One parameters file, many runs: each combination of its `matrix:` has a place of its own."""

import re
from collections.abc import Mapping
from itertools import product
from typing import Any

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.yaml_files import read_yaml
from analytics_lib.reporting.project import Project

JOIN = "--"
LARGEST = 500
Cells = dict[str, dict[str, Any]]


def run_names(project: Project) -> list[str]:
    """Every run as `report/run`; of a file with a matrix one for each combination.

    A file that cannot be read counts as one run, so that asking for it says what is wrong.
    """
    names: list[str] = []
    for name in project.file_names():
        try:
            content = read_yaml(project.parameters_file(name), label=f"parameters/{name}.yaml")
            cells = matrix_cells(content.get("matrix"), name=name)
        except ParameterError:
            cells = {"": {}}
        names += [f"{name}{JOIN}{cell}" if cell else name for cell in cells]
    return sorted(names)


def split_name(name: str) -> tuple[str, str]:
    """The parameters file of a run and the cell of its matrix; an empty cell without one.

    Examples:
        >>> split_name("funnels/windows--7"), split_name("funnels/monthly")
        (('funnels/windows', '7'), ('funnels/monthly', ''))
    """
    base, _, cell = name.partition(JOIN)
    return base, cell


def matrix_cells(matrix: Mapping[str, list[Any]] | None, *, name: str) -> Cells:
    """The parameters of each combination, by the name of its run's cell.

    Raises:
        ParameterError: It is no mapping of parameters to lists of values, two
            combinations would share a name, or there are too many.

    Examples:
        >>> matrix_cells({"region": ["North", "South"], "days": [7]}, name="a/b")
        {'north-7': {'region': 'North', 'days': 7}, 'south-7': {'region': 'South', 'days': 7}}
    """
    if not matrix:
        return {"": {}}
    if not isinstance(matrix, Mapping) or not all(
        isinstance(values, list) and values for values in matrix.values()
    ):
        raise ParameterError(
            f"{name}: `matrix` must map parameters to lists of values, such as "
            "`region: [north, south]`."
        )
    cells: Cells = {}
    for values in product(*matrix.values()):
        cell = "-".join(_slug(value) for value in values)
        if cell in cells or not cell:
            raise ParameterError(
                f"{name}: two combinations of `matrix` would both be called {cell!r}; every "
                "combination is published in a place of its own."
            )
        cells[cell] = dict(zip(matrix, values, strict=True))
    if len(cells) > LARGEST:
        raise ParameterError(f"{name}: `matrix` has {len(cells)} combinations; at most {LARGEST}.")
    return cells


def _slug(value: Any) -> str:  # noqa: ANN401 - any YAML value
    return re.sub(r"[^a-z0-9]+", "_", str(value).lower()).strip("_")
