import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.events.preparation import prepare_events
from analytics_lib.warehouse import ingest, open_lake
from analytics_lib.warehouse.user_agents import device_class

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        # origin: user agents as the makers document them, classed by hand
        (WINDOWS, "desktop"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.0 Safari/605.1.15", "desktop"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/120.0", "desktop"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148", "mobile"),
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/120.0 Mobile Safari/537.36", "mobile"),
        ("Mozilla/5.0 (Linux; Android 10; CUBOT X30) Chrome/120.0 Mobile Safari", "mobile"),
        ("Mozilla/5.0 (Linux; Android 14; SM-X710) Chrome/120.0 Safari/537.36", "tablet"),
        ("Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) Mobile/15E148", "tablet"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "robot"),
        (
            "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) Mobile (compatible; Googlebot/2.1)",
            "robot",
        ),
        ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "robot"),
        ("Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/120.0 Safari/537.36", "robot"),
        ("python-requests/2.31.0", "robot"),
        ("curl/8.5.0", "robot"),
        ("Roku/DVP-9.10", "other"),
        (None, None),
    ],
)
def test_class_of_a_device(agent: str | None, expected: str | None) -> None:
    frame = pl.DataFrame({"agent": [agent]}, schema={"agent": pl.String})
    assert frame.select(found=device_class(pl.col("agent")))["found"].to_list() == [expected]


def test_robots_are_known_at_the_door_and_left_out_behind_it(
    mapping: Callable[..., Path], tmp_path: Path, lake: Path
) -> None:
    columns: dict[str, Any] = {
        "event_id": "event_id",
        "user_id": "user_id",
        "event_type": "event_type",
        "t_us": {"timestamp": "timestamp"},
        "user_agent_digest": "agent",
        "device_type": {"device": "agent"},
    }
    rows = [("1", "ann", WINDOWS), ("2", "spy", "curl/8.5.0"), ("3", "ben", None)]
    (tmp_path / "events.jsonl").write_text(
        "".join(
            json.dumps(
                {
                    "event_id": number,
                    "user_id": user,
                    "event_type": "click",
                    "timestamp": "2024-05-01T10:00:00Z",
                    "agent": agent,
                }
            )
            + "\n"
            for number, user, agent in rows
        )
    )
    ingest(mapping(columns, rule={"from": "events.jsonl"}), lake=lake)
    stored = open_lake(lake).table("events").collect()
    assert sorted(stored["device_type"].fill_null("-").to_list()) == ["-", "desktop", "robot"]
    assert "curl" not in str(stored.to_dicts())
    prepared = prepare_events(open_lake(lake).events(), unique_ids=True)
    account = prepared.preparation
    assert account is not None
    assert (account.events_in, account.robots, account.events_kept) == (3, 1, 2)
    assert account.unchecked == ()


def test_a_device_is_a_text(mapping: Callable[..., Path], lake: Path) -> None:
    columns = {
        "event_id": "event_id",
        "user_id": "user_id",
        "event_type": "event_type",
        "t_us": {"timestamp": "timestamp"},
        "quantity": {"device": "agent"},
    }
    with pytest.raises(ParameterError, match="`device` cannot fill `quantity`, which is int64"):
        ingest(mapping(columns), lake=lake)
