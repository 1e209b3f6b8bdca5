"""Make the Parquet files of this folder from the published text files.

`python data/cdnow/prepare.py FOLDER` where FOLDER holds the originals,
CDNOW_master.txt and CDNOW_sample.txt: columns parted by spaces, dates such as
19970101. Row order stays as published; dates become dates, and customers keep
their numbers as text, with the leading zeros.
"""

import hashlib
import sys
from pathlib import Path

import polars as pl

HERE = Path(__file__).parent
TABLES = {
    "transactions": ("CDNOW_master.txt", 1, ("customer_id",)),
    "sample": ("CDNOW_sample.txt", 0, ("customer_id", "sample_id")),
}


def read(path: Path, *, header: int, ids: tuple[str, ...]) -> pl.DataFrame:
    """A published table with its types."""
    lines = path.read_text(encoding="ascii").splitlines()[header:]
    names = (*ids, "date", "quantity", "dollars")
    rows = [line.split() for line in lines if line.strip()]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    return frame.with_columns(
        pl.col("date").str.to_date("%Y%m%d"),
        pl.col("quantity").cast(pl.Int64),
        pl.col("dollars").cast(pl.Float64),
    )


def main(folder: Path) -> None:
    """Convert both tables and write the checksums."""
    lines = []
    for name, (source, header, ids) in TABLES.items():
        path = HERE / f"{name}.parquet"
        frame = read(folder / source, header=header, ids=ids)
        frame.write_parquet(path, compression="zstd", compression_level=19)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        lines.append(f"{digest}  {path.name}\n")
        print(f"{path.name}: {frame.height} rows, {path.stat().st_size / 1e6:.2f} MB")
    (HERE / "CHECKSUMS").write_text("".join(lines))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
