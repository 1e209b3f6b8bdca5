"""Every person of every table has a keyed pseudonym, the same one in all of them."""

from analytics_lib.events.tables import CONTRACTS
from analytics_lib.warehouse.door import _PURPOSES

DIGESTS = {"event_id", "session_id", "user_agent_digest", "payment_id"}


def test_every_pseudonym_of_a_contract_has_a_purpose():
    named = {
        column
        for contract in CONTRACTS.values()
        for column in contract.columns_with_role("pseudonym", "direct_identifier")
    }
    assert named <= set(_PURPOSES)
    assert {_PURPOSES[column] for column in named - DIGESTS} == {"user"}
