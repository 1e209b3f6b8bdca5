"""Run every benchmark and print its table."""

import importlib

NAMES = (
    "reports",
    "reports_monthly",
    "ingest",
    "synthetic",
    "metrics",
    "growth",
    "privacy",
    "anonymisation",
)

for name in NAMES:
    print(f"\n## {name}\n", flush=True)
    importlib.import_module(f"benchmarks.{name}").main()
