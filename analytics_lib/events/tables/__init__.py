"""Every table contract, by name."""

from analytics_lib.events.contract import TableContract
from analytics_lib.events.tables.community import (
    GROUPS,
    INTERACTIONS,
    MEMBERSHIPS,
    PARTNERSHIPS,
)
from analytics_lib.events.tables.content_costs import CONTENT_COSTS
from analytics_lib.events.tables.credits import CREDITS, REPUTATIONS
from analytics_lib.events.tables.event import EVENTS
from analytics_lib.events.tables.exchanges import EXCHANGES
from analytics_lib.events.tables.identities import IDENTITIES
from analytics_lib.events.tables.learning import (
    ASSESSMENTS,
    CONTENT,
    COURSES,
    ENROLMENTS,
    SUBMISSIONS,
)
from analytics_lib.events.tables.lessons import BOOKINGS, REVIEWS, TUTOR_SLOTS
from analytics_lib.events.tables.operations import SERVICE_MEASUREMENTS
from analytics_lib.events.tables.payouts import PAYOUTS
from analytics_lib.events.tables.people import USERS
from analytics_lib.events.tables.research import RESEARCH_STEPS
from analytics_lib.events.tables.revenue import ACQUISITION_COSTS, PAYMENTS

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
        BOOKINGS,
        REVIEWS,
        TUTOR_SLOTS,
        CONTENT_COSTS,
        PAYMENTS,
        PAYOUTS,
        ACQUISITION_COSTS,
        GROUPS,
        MEMBERSHIPS,
        INTERACTIONS,
        PARTNERSHIPS,
        SERVICE_MEASUREMENTS,
        EXCHANGES,
        CREDITS,
        REPUTATIONS,
        IDENTITIES,
        RESEARCH_STEPS,
    )
}
