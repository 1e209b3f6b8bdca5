"""Makes the sample of data/sharing from parameters.yaml. Run it from anywhere."""

import hashlib
import json
from pathlib import Path

import polars as pl
import yaml

from analytics_lib.core.strict import validate
from analytics_lib.synthetic import SharingParameters, sharing_platform

FOLDER = Path(__file__).parent
SEED = 20_240_630
TABLES = (
    "users", "groups", "memberships", "partnerships", "exchanges", "interactions", "events",
    "payments", "acquisition_costs", "credits", "reputations",
)  # fmt: skip
PEOPLE = ("user_id", "giver_id", "recipient_id", "from_user", "to_user")


def main() -> None:
    """Write the tables, the truth and the checksums."""
    asked = yaml.safe_load((FOLDER / "parameters.yaml").read_text(encoding="utf-8"))
    made = sharing_platform(validate(SharingParameters, asked, name="parameters.yaml"), seed=SEED)
    numbers = {name: f"u{number}" for number, name in enumerate(made.users["user_id"])}
    for name in TABLES:
        table = _short(getattr(made, name), numbers)
        table.write_parquet(FOLDER / f"{name}.parquet", compression="zstd", compression_level=19)
    made.expected.with_columns(pl.exclude("day").round(6)).write_csv(FOLDER / "expected.csv")
    truth = json.dumps(dict(made.truth), indent=2)
    (FOLDER / "truth.json").write_text(truth + "\n", encoding="utf-8")
    files = sorted(
        path for path in FOLDER.iterdir() if path.suffix in {".parquet", ".csv", ".json"}
    )
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (FOLDER / "CHECKSUMS").write_text("".join(lines), encoding="utf-8")


def _short(table: pl.DataFrame, numbers: dict[str, str]) -> pl.DataFrame:
    """Short names for people and visits, of which the door makes pseudonyms.

    Random digests of events and payments are left out, so that the files stay small.
    """
    kept = table.drop("event_id", "payment_id", strict=False)
    organisations = [
        name
        for column in PEOPLE
        if column in kept.columns
        for name in kept[column].unique().sort().to_list()
        if name not in numbers
    ]
    known = numbers | {name: f"o{name[:6]}" for name in organisations}
    renamed = kept.with_columns(
        pl.col(column).replace_strict(known) for column in PEOPLE if column in kept.columns
    )
    if "session_id" not in renamed.columns:
        return renamed
    return renamed.with_columns(session=pl.col("session_id").rank("dense")).drop("session_id")


if __name__ == "__main__":
    main()
