"""Makes measurements.parquet: simulated requests with one planted outage. Run it from anywhere."""

import datetime as dt
import hashlib
from pathlib import Path

import numpy as np

from analytics_lib.synthetic import service_measurements

FOLDER = Path(__file__).parent


def main() -> None:
    """Write the file and its checksum."""
    made = service_measurements(
        requests=60_000,
        days=30,
        rng=np.random.default_rng(20_240_601),
        start=dt.date(2024, 6, 1),
        outage_minutes=180,
    )
    path = FOLDER / "measurements.parquet"
    made.measurements.write_parquet(path, compression="zstd")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (FOLDER / "CHECKSUMS").write_text(f"{digest}  {path.name}\n")
    print(made.truth)


if __name__ == "__main__":
    main()
