"""The example of the guide is a valid parameters file."""

import re
from pathlib import Path

import yaml

from analytics_lib.core.strict import validate
from analytics_lib.reporting.checks.spec import require_checks
from analytics_lib.reporting.delivery.spec import require_targets
from analytics_lib.reporting.questions import RunSpec

GUIDE = Path(__file__).resolve().parents[4] / "docs" / "delivery.md"


def test_the_example_of_the_guide_is_valid():
    (block,) = re.findall(r"^```yaml\n(.*?)^```", GUIDE.read_text(), re.DOTALL | re.MULTILINE)
    spec = validate(RunSpec, {"title": "Monthly", **yaml.safe_load(block)}, name="guide")
    require_checks(spec.checks, results=["week_four"], name="guide")
    require_targets(spec.deliver, owner=spec.owner, name="guide")
    assert {check.kind for check in spec.checks} == {
        "bounds", "change", "anomaly", "freshness", "rows",
    }  # fmt: skip
    assert {target.kind for target in spec.deliver} == {"mail", "webhook", "service", "drop"}
