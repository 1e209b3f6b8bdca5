import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

KEY = "ab" * 32
NOW = dt.datetime(2024, 6, 1, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("ANALYTICS_PSEUDONYM_KEY", KEY)
    monkeypatch.delenv("ANALYTICS_LAKE", raising=False)
    return KEY


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return tmp_path / "lake"


@pytest.fixture
def now() -> dt.datetime:
    return NOW


def event_rows(*ids: str, day: str = "2024-05-01") -> pl.DataFrame:
    """Sound events by canonical names, one a named id."""
    return pl.DataFrame(
        {
            "event_id": list(ids),
            "user_id": [f"user-{name}" for name in ids],
            "event_type": ["click"] * len(ids),
            "timestamp": [f"{day}T10:00:00Z"] * len(ids),
        },
        schema=dict.fromkeys(["event_id", "user_id", "event_type", "timestamp"], pl.String),
    )


@pytest.fixture
def events() -> Callable[..., pl.DataFrame]:
    return event_rows


@pytest.fixture
def csv(tmp_path: Path) -> Callable[..., Path]:
    """Write sound events to a CSV file."""

    def write(*ids: str, name: str = "events.csv", day: str = "2024-05-01") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        event_rows(*ids, day=day).write_csv(path)
        return path

    return write


@pytest.fixture
def mapping(tmp_path: Path) -> Callable[..., Path]:
    """Write a mapping of events; given entries replace or add to it."""

    def write(
        columns: dict[str, Any] | None = None,
        *,
        table: str = "events",
        name: str = "source.yaml",
        rule: dict[str, Any] | None = None,
        **entries: Any,
    ) -> Path:
        basic = {
            "event_id": "event_id",
            "user_id": "user_id",
            "event_type": "event_type",
            "t_us": {"timestamp": "timestamp"},
        }
        table_rule = {
            "from": "events.csv",
            "consent": {"declared": "test data"},
            "columns": basic if columns is None else columns,
            **(rule or {}),
        }
        data = {
            "source": "shop",
            "title": "Shop",
            "licence": "CC0",
            "kind": "real",
            "zone": "UTC",
            "tables": {table: {k: v for k, v in table_rule.items() if v is not None}},
            **entries,
        }
        path = tmp_path / name
        path.write_text(yaml.safe_dump(data), encoding="utf-8")
        return path

    return write
