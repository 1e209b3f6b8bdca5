"""What holds for every simulated platform, whatever its people do."""

import io
import math
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.events.tables import CONTRACTS
from analytics_lib.synthetic import (
    ContentPlatformParameters,
    MarketplaceParameters,
    SharingParameters,
    content_platform,
    content_platform_chunks,
    marketplace,
    marketplace_chunks,
    sharing_platform,
)

CONTENT_TABLES = (
    "users", "content", "content_costs", "events", "interactions", "payments", "acquisition_costs",
)  # fmt: skip
MARKET_TABLES = (
    "users", "bookings", "reviews", "tutor_slots", "courses", "content", "enrolments", "payments",
    "payouts", "acquisition_costs", "events",
)  # fmt: skip
SHARING_TABLES = (
    "users", "groups", "memberships", "partnerships", "exchanges", "interactions", "events",
    "payments", "acquisition_costs",
)  # fmt: skip
IN_BLOCKS = {
    "content platform": SimpleNamespace(
        make=content_platform, chunks=content_platform_chunks, parameters=ContentPlatformParameters,
        tables=(*CONTENT_TABLES, "stays"), expected="visits",
    ),
    "marketplace": SimpleNamespace(
        make=marketplace, chunks=marketplace_chunks, parameters=MarketplaceParameters,
        tables=(*MARKET_TABLES, "stays", "tutors"), expected="lessons",
    ),
}  # fmt: skip


@pytest.fixture(params=IN_BLOCKS)
def platform(request):
    """A platform whose people come in blocks, 40 to a block."""
    found = IN_BLOCKS[request.param]
    found.asked = found.parameters(users=130, users_in_block=40, days=120)
    return found


@pytest.mark.parametrize(
    ("make", "parameters", "tables"),
    [
        (content_platform, ContentPlatformParameters(users=600, days=365), CONTENT_TABLES),
        (marketplace, MarketplaceParameters(users=600, days=365), MARKET_TABLES),
        (sharing_platform, SharingParameters(users=150, days=181), SHARING_TABLES),
    ],
    ids=["content platform", "marketplace", "sharing platform"],
)
def test_every_table_keeps_its_contract(make, parameters, tables):
    made = make(parameters, seed=1)
    for name in tables:
        contract, table = CONTRACTS[name], getattr(made, name)
        whole = table.with_columns(
            pl.lit(None, dtype=contract.polars_schema[column]).alias(column)
            for column in contract.names
            if column not in table.columns
        ).select(contract.names)
        assert contract.schema().validate(whole).height == table.height, name
        assert not table.select(contract.key).is_duplicated().any(), name
        assert table.height > 0, name


def as_bytes(frame):
    file = io.BytesIO()
    frame.write_parquet(file)
    return file.getvalue()


def test_equal_seeds_give_equal_bytes_and_others_do_not(platform):
    first, again, other = (platform.make(platform.asked, seed=seed) for seed in (1, 1, 2))
    for name in (*platform.tables, "expected"):
        assert as_bytes(getattr(first, name)) == as_bytes(getattr(again, name)), name
    assert not first.events.equals(other.events)


@pytest.mark.parametrize("at_once", [1, 2, 3, 9])
def test_the_chunks_together_are_the_whole(platform, at_once):
    whole = platform.make(platform.asked, seed=1)
    chunks = list(platform.chunks(platform.asked, seed=1, blocks_at_once=at_once))
    assert len(chunks) == math.ceil(4 / at_once)  # origin: 130 people in blocks of 40 are 4 blocks
    for name in platform.tables:
        table = getattr(whole, name)
        key = ["t_us", "event_id"] if name == "events" else table.columns
        joined = pl.concat([getattr(chunk, name) for chunk in chunks])
        assert joined.sort(key).equals(table.sort(key)), name
    what = platform.expected
    expected = pl.concat([chunk.expected for chunk in chunks])
    summed = expected.group_by("day").agg(pl.col(what).sum()).sort("day")
    assert np.allclose(summed[what], whole.expected[what])


def test_the_first_chunk_of_a_platform_of_any_size_is_there_at_once(platform):
    vast = platform.parameters(users=10**9, users_in_block=40, days=30)
    assert next(platform.chunks(vast, seed=1)).stays.height == 40


def test_no_blocks_at_once_are_refused(platform):
    with pytest.raises(ParameterError, match="`blocks_at_once` is 0"):
        list(platform.chunks(platform.asked, seed=1, blocks_at_once=0))
