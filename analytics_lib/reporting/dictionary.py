"""The metric dictionary of the site: one page for people, one file for programs."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from analytics_lib.display import stylesheet
from analytics_lib.display.numerals import bare
from analytics_lib.reporting.catalogue.branding import branding_digest, load_branding
from analytics_lib.reporting.digests import package_digest
from analytics_lib.reporting.page_checks import require_safe_page
from analytics_lib.reporting.page_templates import templates
from analytics_lib.reporting.project import Project
from analytics_lib.warehouse.whole_files import replace_file

PAGE = "metrics.html"
CATALOGUE = "metrics.json"


def build_dictionary(project: Project) -> list[dict[str, Any]]:
    """Write `metrics.html` and `metrics.json` of the site, where the package has changed.

    Returns:
        Every registered metric, as `metric_cards` gives them.

    Raises:
        RunError: A page could not be written or is not safe; the old one stays.
    """
    catalogue = project.site / CATALOGUE
    made_by = f"{package_digest()} {branding_digest(project)}"
    written = _written(catalogue)
    if (project.site / PAGE).is_file() and written.get("package") == made_by:
        return list(written["metrics"])  # read back: loading the metrics takes longer
    metrics = metric_cards()
    page = (
        templates()
        .get_template("metrics.html.j2")
        .render(
            stylesheet=stylesheet(), brand=load_branding(project), metrics=metrics, in_unit=in_unit
        )
    )
    require_safe_page(page, name=PAGE)
    content = {"package": made_by, "metrics": metrics}
    project.site.mkdir(parents=True, exist_ok=True)
    replace_file(project.site / PAGE, page)
    replace_file(catalogue, json.dumps(content, indent=1) + "\n")
    return metrics


def metric_cards() -> list[dict[str, Any]]:
    """Every registered metric as plain values, by name."""
    from analytics_lib.metrics import METRICS  # noqa: PLC0415 - start-up time

    cards = sorted(METRICS.values(), key=lambda card: card.name.lower())
    return [asdict(card) for card in cards]


def in_unit(value: float, unit: str) -> str:
    """A bound as people write it; shares in percent.

    Examples:
        >>> in_unit(0.999, "share"), in_unit(3.5, "standard deviations")
        ('99.9%', '3.5 standard deviations')
    """
    return bare(value, unit, decimals=1) if unit == "share" else f"{value:g} {unit}"


def _written(catalogue: Path) -> dict[str, Any]:
    """What the catalogue holds; nothing where there is none that can be read."""
    try:
        found = json.loads(catalogue.read_text(encoding="utf-8"))
        return {"package": str(found["package"]), "metrics": found["metrics"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
