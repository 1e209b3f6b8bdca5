"""Where things are: one object knows the layout of the repository."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import ParameterError

PUBLIC = "public"
AUDIENCES = (PUBLIC, "internal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The folders of one project.

    Attributes:
        root: Folder that holds `notebooks/` and `parameters/`.
        audience: Whose site is meant; each audience has a tree of its own.
    """

    root: Path
    audience: str = PUBLIC

    def for_audience(self, audience: str) -> "Project":
        """The same project with the site of another audience."""
        return replace(self, audience=audience)

    def trees(self) -> list["Project"]:
        """The project once for each audience that has a site, the public one first."""
        others = [audience for audience in AUDIENCES if audience != PUBLIC]
        made = [self.for_audience(audience) for audience in others]
        return [self.for_audience(PUBLIC), *(tree for tree in made if tree.site.is_dir())]

    @property
    def notebooks(self) -> Path:
        """Folder of the report notebooks."""
        return self.root / "notebooks" / "reports"

    @property
    def parameters(self) -> Path:
        """Folder of the questions asked of them."""
        return self.root / "parameters"

    @property
    def site(self) -> Path:
        """Folder of everything published for the audience."""
        name = "site" if self.audience == PUBLIC else f"site_{self.audience}"
        return self.root / "outputs" / name

    @property
    def withdrawn(self) -> Path:
        """Folder of what was published for the audience and has expired; part of no site."""
        name = "withdrawn" if self.audience == PUBLIC else f"withdrawn_{self.audience}"
        return self.root / "outputs" / name

    @property
    def front_list(self) -> Path:
        """Digests of the files around the audience's reports, as they were last made."""
        name = "front" if self.audience == PUBLIC else f"front_{self.audience}"
        return self.root / "outputs" / f"{name}.json"

    @property
    def runs(self) -> Path:
        """Folder of executed notebooks and logs, failed runs among them."""
        return self.root / "outputs" / "runs"

    @property
    def branding(self) -> Path:
        """Name, logo and colours of whoever publishes."""
        return self.parameters / "branding.yaml"

    @property
    def audit_log(self) -> Path:
        """The log of everything run, published, overridden and delivered."""
        return self.root / "outputs" / "audit.jsonl"

    @property
    def alerts(self) -> Path:
        """What is known of each alert (SQLite)."""
        return self.root / "outputs" / "alerts.sqlite"

    @property
    def checked(self) -> Path:
        """What was found right before, so that it need not be checked again (SQLite)."""
        return self.root / "outputs" / "checked.sqlite"

    @property
    def outbox(self) -> Path:
        """What is to be sent and what was (SQLite)."""
        return self.root / "outputs" / "outbox.sqlite"

    @property
    def lake(self) -> Path:
        """Folder of the lake."""
        given = os.environ.get("ANALYTICS_LAKE")
        return Path(given) if given else self.root / "outputs" / "warehouse"

    def lake_of(self, name: str | None) -> Path:
        """Folder of a named lake, beside the default one; the default one without a name.

        Each platform has a lake of its own: one report zone, one set of users.
        """
        return self.lake if name is None else self.lake.with_name(f"{self.lake.name}_{name}")

    @property
    def lock_file(self) -> Path:
        """The lock that names every package version."""
        return self.root / "requirements.lock"

    @property
    def disclosure_policy(self) -> Path:
        """What may be published."""
        return self.parameters / "disclosure_policy.yaml"

    @property
    def research_policy(self) -> Path:
        """Who may ask for data sets, and who decides."""
        return self.parameters / "research_policy.yaml"

    @property
    def dataset_definitions(self) -> Path:
        """Folder of the data sets that may be asked for; no questions."""
        return self.parameters / "datasets"

    @property
    def datasets(self) -> Path:
        """Folder of released data sets and the register of requests."""
        return self.root / "outputs" / "datasets"

    def report_names(self) -> list[str]:
        """Every report: the notebooks in `notebooks/reports`."""
        return sorted(path.stem for path in self.notebooks.glob("*.ipynb"))

    def notebook(self, report: str) -> Path:
        """The notebook of a report.

        Raises:
            ParameterError: There is no such report.
        """
        path = self.notebooks / f"{report}.ipynb"
        if not path.is_file():
            names = self.report_names()
            raise ParameterError(
                f"There is no report `{report}`; reports are {names}." + suggest(report, names)
            )
        return path

    def file_names(self) -> list[str]:
        """Every parameters file as `report/run`: `parameters/<report>/<run>.yaml`."""
        return sorted(
            f"{path.parent.name}/{path.stem}"
            for report in self.report_names()
            for path in (self.parameters / report).glob("*.yaml")
        )

    def parameters_file(self, name: str) -> Path:
        """The parameters file `report/run`, whether it exists or not."""
        return self.parameters / f"{name}.yaml"


def find_project(start: Path | None = None) -> Project:
    """The project that holds `start` (the current folder where none is given).

    Raises:
        ParameterError: Neither the folder nor any above it holds `notebooks/reports`
            and `parameters`.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "notebooks" / "reports").is_dir() and (folder / "parameters").is_dir():
            return Project(root=folder)
    raise ParameterError(
        f"No project at {here.name!r} or above it; a project is a folder with "
        "'notebooks/reports' and 'parameters'."
    )
