"""Contract of the research programme: the steps of requests for data, and what came of them."""

from analytics_lib.events.contract import Column, TableContract
from analytics_lib.events.tables.event import FIRST_DAY, LAST_DAY

STEPS = ("requested", "reviewed", "approved", "rejected", "released", "expired")
OUTCOMES = ("paper", "policy", "feedback", "finding")


def _text(name: str, description: str, *, required: bool = True) -> Column:
    return Column(name=name, kind="string", role="safe", required=required, description=description)


RESEARCH_STEPS = TableContract(
    name="research_steps",
    grain="one step of a request for research data, or one outcome of its project",
    key=("step_id",),
    columns=(
        _text("step_id", "Names the step once."),
        _text("project", "Request, and so project."),
        Column(
            name="day",
            kind="int32",
            role="safe",
            required=True,
            minimum=FIRST_DAY,
            maximum=LAST_DAY,
            unit="day number",
            description="Day of the step.",
        ),
        Column(
            name="step",
            kind="string",
            role="safe",
            required=True,
            allowed=(*STEPS, *OUTCOMES),
            description="Step of the request, or kind of outcome.",
        ),
        _text("area", "Area of research."),
        _text("institution", "Organisation that asked; never a person."),
        _text("title", "Title of the project, or of the outcome."),
        _text("reference", "Where an outcome can be found; null without one.", required=False),
        Column(
            name="score",
            kind="float64",
            role="safe",
            unit="points",
            minimum=1,
            maximum=5,
            description="Feedback on the quality of the data, 1 to 5; null elsewhere.",
        ),
    ),
)
