"""What was found right before: equal parameters of an equal notebook and package stay right."""

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from analytics_lib.core.errors import RunError
from analytics_lib.reporting.digests import file_digest, package_digest
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.sqlite_files import transaction

_SCHEMA = """
CREATE TABLE IF NOT EXISTS checked (
    essence TEXT PRIMARY KEY,
    made_by TEXT NOT NULL,
    outcome TEXT NOT NULL
)
"""


def checked_once(
    project: Project, essence: Mapping[str, Any], *, check: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """The outcome of a check, taken from memory where the same was checked before.

    A check loads the metrics and asks them of empty tables; a run that has nothing
    to do should not wait for that. Only what was right is kept, and only as long
    as neither the package nor the lock changes. Without a memory that can be read
    and written the check is made each time.

    Args:
        project: The project.
        essence: All that the outcome depends on beside the package and the lock.
        check: Makes the check; its outcome must be plain JSON.

    Raises:
        ParameterError: What the check raises.
    """
    made_by = f"{package_digest()} {file_digest(project.lock_file)}"
    text = json.dumps([made_by, essence], sort_keys=True, default=str)
    key = hashlib.sha256(text.encode()).hexdigest()
    with suppress(RunError), transaction(project.checked, _SCHEMA) as database:
        row = database.execute("SELECT outcome FROM checked WHERE essence = ?", (key,)).fetchone()
        if row is not None:
            known: dict[str, Any] = json.loads(row["outcome"])
            return known
    outcome: dict[str, Any] = json.loads(json.dumps(check()))  # as it will be remembered
    with suppress(RunError), transaction(project.checked, _SCHEMA) as database:
        database.execute("DELETE FROM checked WHERE made_by != ?", (made_by,))
        database.execute(
            "INSERT OR REPLACE INTO checked VALUES (?, ?, ?)", (key, made_by, json.dumps(outcome))
        )
    return outcome
