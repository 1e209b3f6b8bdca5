"""The JSON Schema of a report's parameters files, for editors and forms."""

from typing import Any

from analytics_lib.reporting.models import model_of
from analytics_lib.reporting.notebook import PRESS_PARAMETERS, read_notebook
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.questions import RunSpec

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def parameters_schema(project: Project, report: str) -> dict[str, Any]:
    """What a file `parameters/<report>/<run>.yaml` may hold.

    Raises:
        ParameterError: There is no such report.
    """
    notebook = read_notebook(project.notebook(report))
    schema = RunSpec.model_json_schema()
    asked = model_of(notebook).model_json_schema()
    helps = {slot.name: slot.help for slot in notebook.slots if slot.name not in PRESS_PARAMETERS}
    for name, words in helps.items():
        if name in asked.get("properties", {}):
            asked["properties"][name].setdefault("description", words)
    definitions = {**schema.pop("$defs", {}), **asked.pop("$defs", {})}
    schema["properties"]["parameters"] = asked
    schema["properties"]["matrix"]["propertyNames"] = {"enum": sorted(asked["properties"])}
    return {
        "$schema": DIALECT,
        **schema,
        "title": f"{report}: {notebook.title}",
        **({"$defs": definitions} if definitions else {}),
    }
