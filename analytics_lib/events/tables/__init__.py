"""Every table contract, by name."""

from analytics_lib.events.contract import TableContract
from analytics_lib.events.tables.content_costs import CONTENT_COSTS
from analytics_lib.events.tables.event import EVENTS
from analytics_lib.events.tables.learning import (
    ASSESSMENTS,
    CONTENT,
    COURSES,
    ENROLMENTS,
    SUBMISSIONS,
)
from analytics_lib.events.tables.people import USERS

CONTRACTS: dict[str, TableContract] = {
    contract.name: contract
    for contract in (
        EVENTS,
        USERS,
        COURSES,
        CONTENT,
        ENROLMENTS,
        ASSESSMENTS,
        SUBMISSIONS,
        CONTENT_COSTS,
    )
}
