"""Make the Parquet files of this folder from the published CSV files.

`python data/oulad/prepare.py FOLDER` where FOLDER holds the originals:
courses.csv, assessments.csv, studentInfo.csv, studentRegistration.csv,
studentAssessment.csv, vle.csv and the clicks of the three complete
presentations as studentVle_AAA2013J_AAA2014J_BBB2013B_complete.parquet.
Column names and row order stay as published; numbers become integers and
empty cells null.
"""

import hashlib
import sys
from pathlib import Path

import polars as pl

HERE = Path(__file__).parent
TABLES = {
    "courses": "courses.csv",
    "assessments": "assessments.csv",
    "student_info": "studentInfo.csv",
    "student_registration": "studentRegistration.csv",
    "student_assessment": "studentAssessment.csv",
    "vle": "vle.csv",
    "clicks": "studentVle_AAA2013J_AAA2014J_BBB2013B_complete.parquet",
}
TEXTS = {
    "code_module", "code_presentation", "assessment_type", "gender", "region", "imd_band",
    "highest_education", "age_band", "disability", "final_result", "activity_type",
}  # fmt: skip


def read(path: Path) -> pl.DataFrame:
    """A published table with its types."""
    if path.suffix == ".parquet":
        return pl.read_parquet(path)
    frame = pl.read_csv(path, infer_schema=False)
    frame = frame.with_columns(pl.all().replace({"": None}))
    return frame.with_columns(_number(name, frame) for name in frame.columns if name not in TEXTS)


def _number(name: str, frame: pl.DataFrame) -> pl.Expr:
    whole = frame[name].drop_nulls().str.contains(r"^-?\d+$").all()
    return pl.col(name).cast(pl.Int64 if whole else pl.Float64)


def main(folder: Path) -> None:
    """Convert every table and write the checksums."""
    lines = []
    for name, source in TABLES.items():
        path = HERE / f"{name}.parquet"
        read(folder / source).write_parquet(path, compression="zstd", compression_level=19)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        lines.append(f"{digest}  {path.name}\n")
        print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")
    (HERE / "CHECKSUMS").write_text("".join(lines))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
