"""Makes the sample of data/marketplace from parameters.yaml. Run it from anywhere."""

import hashlib
import json
from pathlib import Path

import polars as pl
import yaml

from analytics_lib.core.strict import validate
from analytics_lib.synthetic import MarketplaceParameters, marketplace

FOLDER = Path(__file__).parent
SEED = 20_240_630
TABLES = (
    "users", "bookings", "reviews", "tutor_slots", "courses", "content", "enrolments", "payments",
    "payouts", "acquisition_costs", "events",
)  # fmt: skip
NAMED_BY = {
    "event_id": ["user_id", "event_type", "t_us"],
    "payment_id": ["user_id", "kind", "plan", "t_us"],
}


def main() -> None:
    """Write the tables, the truth and the checksums."""
    asked = yaml.safe_load((FOLDER / "parameters.yaml").read_text(encoding="utf-8"))
    parameters = validate(MarketplaceParameters, asked, name="parameters.yaml")
    made = marketplace(parameters, seed=SEED)
    people = made.users.sort("created_day", "user_type", "user_id")
    numbers = {
        name: f"{kind[0]}{number}"
        for number, (name, kind) in enumerate(people.select("user_id", "user_type").rows())
    }
    for name in TABLES:
        table = _short(getattr(made, name), numbers)
        table.write_parquet(FOLDER / f"{name}.parquet", compression="zstd", compression_level=19)
    made.expected.with_columns(pl.exclude("day").round(6)).write_csv(FOLDER / "expected.csv")
    _short(made.tutors, numbers).write_csv(FOLDER / "tutors.csv")
    truth = json.dumps(dict(made.truth), indent=2)
    (FOLDER / "truth.json").write_text(truth + "\n", encoding="utf-8")
    files = sorted(
        path for path in FOLDER.iterdir() if path.suffix in {".parquet", ".csv", ".json"}
    )
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (FOLDER / "CHECKSUMS").write_text("".join(lines), encoding="utf-8")


def _short(table: pl.DataFrame, numbers: dict[str, str]) -> pl.DataFrame:
    """Short names for people and visits, of which the door makes pseudonyms.

    In place of the random digests of events and payments there is how many like
    ones came before at the same second, so that the files stay small.
    """
    people = [name for name in ("user_id", "tutor_id") if name in table.columns]
    renamed = table.with_columns(pl.col(name).replace_strict(numbers) for name in people)
    for digest, key in NAMED_BY.items():
        if digest in renamed.columns:
            repeat = pl.int_range(pl.len(), dtype=pl.Int32).over(key)
            renamed = renamed.with_columns(repeat.alias("repeat")).drop(digest)
    if "session_id" not in renamed.columns:
        return renamed
    seen = renamed["session_id"].drop_nulls().unique(maintain_order=True)
    visits = pl.DataFrame({"session_id": seen, "session": range(len(seen))})
    return renamed.join(visits, on="session_id", how="left", maintain_order="left").drop(
        "session_id"
    )


if __name__ == "__main__":
    main()
