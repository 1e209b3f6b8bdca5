"""Makes the files beside it: simulated readers of content. Run it from anywhere."""

import datetime as dt
import hashlib
from pathlib import Path

import numpy as np

from analytics_lib.synthetic import content_community

FOLDER = Path(__file__).parent


def main() -> None:
    """Write the files and their checksums."""
    made = content_community(
        users=1_500,
        items=24,
        visits=5_000,
        days=91,
        rng=np.random.default_rng(20_240_401),
        start=dt.date(2024, 4, 1),
    )
    lines = []
    for name in ("events", "content", "costs", "payments"):
        path = FOLDER / f"{name}.parquet"
        getattr(made, name).write_parquet(path, compression="zstd")
        lines.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n")
    (FOLDER / "CHECKSUMS").write_text("".join(lines))
    print(made.truth)


if __name__ == "__main__":
    main()
