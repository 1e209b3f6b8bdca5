"""Contracts of the learning tables: courses, content, enrolments, assessments, submissions."""

from analytics_lib.events.contract import Column, TableContract
from analytics_lib.events.tables.event import FIRST_DAY, LAST_DAY, PSEUDONYM_PATTERN

OUTCOMES = ("pass", "distinction", "fail", "withdrawn")
ASSESSMENT_KINDS = ("tutor_marked", "computer_marked", "exam")


def _text(name: str, description: str, *, required: bool = True) -> Column:
    return Column(name=name, kind="string", role="safe", required=required, description=description)


def _day(name: str, description: str, *, required: bool = False) -> Column:
    return Column(
        name=name,
        kind="int32",
        role="safe",
        required=required,
        minimum=FIRST_DAY,
        maximum=LAST_DAY,
        unit="day number",
        description=description,
    )


def _attribute(name: str, description: str) -> Column:
    return Column(name=name, kind="string", role="quasi_identifier", description=description)


_COURSE = _text("course_id", "Course, such as `AAA`.")
_PRESENTATION = _text("presentation", "One run of the course, such as `2013J`.")
_USER = Column(
    name="user_id",
    kind="string",
    role="pseudonym",
    required=True,
    pattern=PSEUDONYM_PATTERN,
    description="Keyed pseudonym of the learner (HMAC-SHA-256).",
)

COURSES = TableContract(
    name="courses",
    grain="one presentation (run) of a course",
    key=("course_id", "presentation"),
    columns=(
        _COURSE,
        _PRESENTATION,
        _day("start_day", "First day of the presentation.", required=True),
        _day("end_day", "First day after the presentation.", required=True),
    ),
)

CONTENT = TableContract(
    name="content",
    grain="one piece of content",
    key=("content_id",),
    columns=(
        _text("content_id", "Piece of content; `content_id` of the events."),
        _text("course_id", "Course it belongs to.", required=False),
        _text("presentation", "Presentation it belongs to.", required=False),
        _text("kind", "Kind of content, such as `quiz` or `forum`."),
    ),
)

ENROLMENTS = TableContract(
    name="enrolments",
    grain="one learner in one presentation",
    key=("course_id", "presentation", "user_id"),
    columns=(
        _COURSE,
        _PRESENTATION,
        _USER,
        _day("enrolled_day", "Day of registration; null where unknown."),
        _day(
            "unenrolled_day", "Day of withdrawal; null where the learner stayed or it is unknown."
        ),
        Column(
            name="outcome",
            kind="string",
            role="sensitive",
            allowed=OUTCOMES,
            description="Final result; null while the presentation runs.",
        ),
        Column(
            name="previous_attempts",
            kind="int64",
            role="quasi_identifier",
            minimum=0,
            unit="attempts",
            description="How often the learner tried this course before.",
        ),
        Column(
            name="credits",
            kind="int64",
            role="quasi_identifier",
            minimum=0,
            unit="credits",
            description="Credits of all courses the learner studies at the time.",
        ),
        _attribute("gender", "As the source records it."),
        _attribute("age_band", "Age band at the start."),
        _attribute("region", "Country or region, never finer."),
        _attribute("education", "Highest education on entry."),
        _attribute("deprivation_band", "Index of multiple deprivation of the place, in tenths."),
        Column(
            name="disability",
            kind="boolean",
            role="sensitive",
            description="Whether the learner declared a disability.",
        ),
    ),
)

ASSESSMENTS = TableContract(
    name="assessments",
    grain="one assessment of a presentation",
    key=("assessment_id",),
    columns=(
        _text("assessment_id", "Assessment."),
        _COURSE,
        _PRESENTATION,
        Column(
            name="kind",
            kind="string",
            role="safe",
            required=True,
            allowed=ASSESSMENT_KINDS,
            description="Who marks it.",
        ),
        _day("due_day", "Last day to hand it in; null where unknown (some exams)."),
        Column(
            name="weight",
            kind="float64",
            role="safe",
            required=True,
            minimum=0,
            maximum=100,
            unit="percent of the course mark",
            description="Weight in the course mark; exams count 100 beside the coursework.",
        ),
    ),
)

SUBMISSIONS = TableContract(
    name="submissions",
    grain="one learner's result in one assessment",
    key=("assessment_id", "user_id"),
    columns=(
        _text("assessment_id", "Assessment; key of `assessments`."),
        _USER,
        _day("submitted_day", "Day it was handed in.", required=True),
        Column(
            name="is_banked",
            kind="boolean",
            role="safe",
            required=True,
            description="Whether the result was carried over from an earlier presentation.",
        ),
        Column(
            name="score",
            kind="float64",
            role="sensitive",
            minimum=0,
            maximum=100,
            unit="points of 100",
            description="Score; null where none was recorded.",
        ),
    ),
)
