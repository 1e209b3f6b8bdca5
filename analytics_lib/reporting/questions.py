"""A question: one file `parameters/<report>/<run>.yaml`, checked before anything starts."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import AnalyticsError, ParameterError
from analytics_lib.core.strict import StrictModel, require_distinct, require_words, validate
from analytics_lib.core.yaml_files import read_yaml
from analytics_lib.reporting.checked import checked_once
from analytics_lib.reporting.checks.spec import Check, require_checks
from analytics_lib.reporting.custom.checking import metrics_of_results, notebook_of_a_run
from analytics_lib.reporting.delivery.spec import Owner, Target, require_targets
from analytics_lib.reporting.matrix import matrix_cells, run_names, split_name
from analytics_lib.reporting.models import model_of
from analytics_lib.reporting.notebook import ReportCard, ReportNotebook, read_notebook
from analytics_lib.reporting.parameter_types import SecretName
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.rules_files import require_rules, rules_digests
from analytics_lib.reporting.schedule import require_schedule

Format = Literal["csv", "xlsx", "pdf"]
MOST_MINUTES = 60 * 24 * 7  # a week


class RunSpec(StrictModel):
    """The content of one parameters file.

    Attributes:
        title: Words for the index, such as "Monthly".
        schedule: Cron expression of its logical dates; without one it follows the data.
        zone: Time zone of the schedule.
        audience: Whom it is for.
        parameters: Values for the notebook's parameters.
        exports: Files beside the page.
        lake: Name of the lake it reads, where that is not the default one.
        matrix: Values of parameters to ask with, each combination as a run of its own.
        catch_up: How many logical dates that passed without a run are made up for.
        retries: How often a failure that may be gone next time is tried again.
        timeout_minutes: Longest time for the whole run; none without it.
        secrets: Environment variables the notebook reads; their values are never written,
            hashed or published.
        checks: Checks of the results, before they are published.
        deliver: Where a published page is sent.
        owner: Who hears of failures and alerts.
        grace_hours: How long after its time a missing page is an alert.
    """

    title: Annotated[str, AfterValidator(require_words)] = Field(min_length=1)
    schedule: str | None = None
    zone: str = "UTC"
    audience: Literal["public", "internal"] = "public"
    parameters: dict[str, Any] = Field(default_factory=dict)
    exports: Annotated[list[Format], AfterValidator(require_distinct)] = Field(
        default_factory=lambda: list[Format](["csv", "xlsx"])
    )
    lake: str | None = Field(default=None, pattern="^[a-z][a-z0-9_]*$")
    matrix: dict[str, list[Any]] = Field(default_factory=dict)
    catch_up: int = Field(default=0, ge=0, le=400)
    retries: int = Field(default=0, ge=0, le=10)
    timeout_minutes: float | None = Field(default=None, gt=0, le=MOST_MINUTES)
    secrets: list[SecretName] = Field(default_factory=list)
    checks: list[Check] = Field(default_factory=list)
    deliver: list[Target] = Field(default_factory=list)
    owner: Owner | None = None
    grace_hours: float = Field(default=24, ge=0, le=24 * 366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A checked question, ready to be run for any logical date.

    Attributes:
        report: Report name.
        run: Run name (the file's stem).
        notebook: The report's notebook.
        spec: The file's content.
        parameters: Every parameter of the report with its checked value.
    """

    report: str
    run: str
    notebook: ReportNotebook
    spec: RunSpec
    parameters: dict[str, Any]

    @property
    def name(self) -> str:
        """`report/run`."""
        return f"{self.report}/{self.run}"

    @property
    def sha256(self) -> str:
        """Digest of the checked parameters, the exports, the lake and the checks."""
        spec = self.spec
        essence: dict[str, Any] = {
            "parameters": self.parameters,
            "exports": spec.exports,
            "lake": spec.lake,
        }
        if spec.checks:
            essence["checks"] = [check.model_dump() for check in spec.checks]
        return hashlib.sha256(json.dumps(essence, sort_keys=True).encode()).hexdigest()


def load_question(
    project: Project, name: str, *, overrides: Mapping[str, Any] | None = None
) -> Question:
    """Read and check `parameters/<report>/<run>.yaml`.

    Args:
        project: The project.
        name: `report/run`.
        overrides: Parameter values that replace the file's for this call.

    Raises:
        ParameterError: The report or run does not exist, or the file, or one of
            rules that it names, holds a mistake; the message names each
            with the nearest valid name.
    """
    base, cell = split_name(name)
    report, _, run = name.partition("/")
    label = f"parameters/{base}.yaml"
    notebook = read_notebook(project.notebook(report))
    spec = load_spec(project, name)
    require_targets(spec.deliver, owner=spec.owner, name=label)
    cells = matrix_cells(spec.matrix, name=label)
    given = {**spec.parameters, **cells[cell], **(overrides or {})}
    found = _checked(project, notebook, spec, given, label=label)
    card = ReportCard.model_validate(found["card"])
    notebook = replace(notebook, title=found["title"], card=card)
    checks = [Check.model_validate(check) for check in found["checks"]]
    spec = spec.model_copy(update={"checks": checks})
    if cell:
        values = ", ".join(f"{key} {value}" for key, value in cells[cell].items())
        spec = spec.model_copy(update={"title": f"{spec.title}, {values}"})
    return Question(
        report=report, run=run, notebook=notebook, spec=spec, parameters=found["parameters"]
    )


def _checked(
    project: Project,
    notebook: ReportNotebook,
    spec: RunSpec,
    given: Mapping[str, Any],
    *,
    label: str,
) -> dict[str, Any]:
    """Every parameter and check of a run, and its title and card, where nothing is wrong."""
    name = f"{label} parameters"

    def check() -> dict[str, Any]:
        parameters = validate(model_of(notebook), given, name=name).model_dump()
        made = notebook_of_a_run(notebook, parameters, name=name)
        require_rules(parameters, project=project)
        checks = require_checks(
            spec.checks,
            results=made.card.results,
            metrics=metrics_of_results(notebook.name, parameters),
            name=label,
        )
        return {
            "parameters": parameters,
            "title": made.title,
            "card": made.card.model_dump(),
            "checks": [one.model_dump() for one in checks],
        }

    essence = {
        "notebook": [notebook.name, notebook.sha256],
        "given": given,
        "checks": [one.model_dump() for one in spec.checks],
        "rules": rules_digests(project),
    }
    return checked_once(project, essence, check=check)


def load_spec(project: Project, name: str) -> RunSpec:
    """Read what the parameters file of a run says of when, where and for whom it runs.

    Whether its parameters fit the notebook is not asked: that is for those who run it.

    Args:
        project: The project.
        name: `report/run`.

    Raises:
        ParameterError: There is no such run, or what the file says is wrong.
    """
    base, cell = split_name(name)
    path = project.parameters_file(base)
    if not path.is_file():
        raise _no_run(project, name)
    label = f"parameters/{base}.yaml"
    spec = validate(RunSpec, read_yaml(path, label=label), name=label)
    require_schedule(spec.schedule, zone=spec.zone, name=label)
    twice = sorted({*spec.parameters} & {*spec.matrix})
    if twice:
        raise ParameterError(
            f"{label}: {twice} stand under `parameters` and under `matrix`; say each in one place."
        )
    if cell not in matrix_cells(spec.matrix, name=label):
        raise _no_run(project, name)
    return spec


def _no_run(project: Project, name: str) -> ParameterError:
    known = run_names(project)
    return ParameterError(f"There is no run `{name}`; runs are {known}." + suggest(name, known))


def select_questions(
    project: Project,
    names: list[str],
    *,
    overrides: Mapping[str, Any] | None = None,
    on_refusal: Callable[[str, AnalyticsError], None] | None = None,
) -> list[Question]:
    """Check the named questions, or all; the name of a report or a file means all its runs.

    Args:
        project: The project.
        names: Reports, files or runs; all where none is named.
        overrides: Parameter values that replace those of the files.
        on_refusal: Called with the name of a run whose file, notebook or rules hold a mistake, and
            the mistake; the others are returned all the same. Without it the error is raised.

    Raises:
        ParameterError: A name fits no report and no run, or a file holds a mistake.
    """
    known = run_names(project)
    chosen: list[str] = []
    for name in names or known:
        matches = [full for full in known if name in _ways_to_name(full)]
        if not matches:
            valid = sorted({word for full in known for word in _ways_to_name(full)})
            raise ParameterError(
                f"`{name}` is no report and no run; valid names are {valid}." + suggest(name, valid)
            )
        chosen.extend(match for match in matches if match not in chosen)
    found: list[Question] = []
    for name in chosen:
        try:
            found.append(load_question(project, name, overrides=overrides))
        except AnalyticsError as error:
            if on_refusal is None:
                raise
            on_refusal(name, error)
    return found


def _ways_to_name(full: str) -> tuple[str, str, str]:
    """A run by itself, by its parameters file and by its report."""
    return full, split_name(full)[0], full.partition("/")[0]
