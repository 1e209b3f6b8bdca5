"""Contracts of the community tables: groups, memberships, interactions, partnerships."""

from analytics_lib.events.contract import Column, TableContract
from analytics_lib.events.tables.event import FIRST_DAY, LAST_DAY, PSEUDONYM_PATTERN


def _text(name: str, description: str) -> Column:
    return Column(name=name, kind="string", role="safe", required=True, description=description)


def _user(name: str, description: str) -> Column:
    return Column(
        name=name,
        kind="string",
        role="pseudonym",
        required=True,
        pattern=PSEUDONYM_PATTERN,
        description=description,
    )


def _day(name: str, description: str, *, required: bool = True) -> Column:
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


GROUPS = TableContract(
    name="groups",
    grain="one group",
    key=("group_id",),
    columns=(
        _text("group_id", "Group."),
        _day("created_day", "Day it was made."),
        _text("kind", "Kind of group, such as `neighbourhood` or `study`."),
    ),
)

MEMBERSHIPS = TableContract(
    name="memberships",
    grain="one stay of one user in one group",
    key=("group_id", "user_id", "joined_day"),
    columns=(
        _text("group_id", "Group; key of `groups`."),
        _user("user_id", "Keyed pseudonym of the member (HMAC-SHA-256)."),
        _day("joined_day", "First day as a member."),
        _day("left_day", "First day no longer a member; null while one is.", required=False),
    ),
)

INTERACTIONS = TableContract(
    name="interactions",
    grain="one interaction of one user with another",
    key=("interaction_id",),
    columns=(
        _text("interaction_id", "Names the interaction once."),
        _day("day", "Local calendar day in the report zone."),
        _user("from_user", "Keyed pseudonym of who acted (HMAC-SHA-256)."),
        _user("to_user", "Keyed pseudonym of whom it was meant for (HMAC-SHA-256)."),
        _text("kind", "Kind of interaction, such as `message`, `exchange` or `rating`."),
        Column(
            name="value",
            kind="float64",
            role="sensitive",
            unit="points, 1 to 5 for a rating",
            description="What `from_user` thought of it; null where nothing was said.",
        ),
    ),
)

PARTNERSHIPS = TableContract(
    name="partnerships",
    grain="one partnership with an organisation",
    key=("partnership_id",),
    columns=(
        _text("partnership_id", "Partnership."),
        _text("kind", "Kind of partner, such as `school` or `charity`."),
        _day("start_day", "First day in force."),
        _day("end_day", "First day no longer in force; null while it is.", required=False),
    ),
)
