"""Metrics against hand-written lazy polars and hand-written DuckDB SQL, in one run.

Peers: what an analyst would write by hand for the same numbers (one query
each, same definitions). Ours: the public functions on the same Parquet file
through the same engine. Alternating, median of the repeats; the answers are
compared before anything is printed.
"""

import argparse
import datetime as dt
import statistics
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from analytics_lib import metrics
from analytics_lib.core.periods import day_number
from analytics_lib.synthetic import clickstream

REPEATS = 3
DAYS = 91
START = dt.date(2024, 1, 1)
AS_OF = START + dt.timedelta(days=DAYS - 1)
LAST = day_number(AS_OF)
WINDOW = 30
AGES = [1, 7, 30]


def polars_rolling(path):
    days = pl.scan_parquet(path).filter(pl.col("day") <= LAST).select("user_id", "day").unique()
    following = pl.col("day").sort().shift(-1).over("user_id", mapping_strategy="explode")
    ordered = days.sort("user_id", "day").with_columns(next=following)
    end = pl.min_horizontal(pl.col("day") + WINDOW, "next")
    moves = ordered.select("day", end=end).collect()
    joined = (
        moves["day"]
        .value_counts(name="up")
        .join(moves["end"].value_counts(name="down"), left_on="day", right_on="end", how="left")
    )
    up = joined.sort("day").fill_null(0)
    net = (up["up"].cast(pl.Int64) - up["down"].cast(pl.Int64)).cum_sum()
    return net.to_list()[WINDOW - 1 :]


SQL_ROLLING = f"""
WITH days AS (SELECT DISTINCT user_id, day FROM log WHERE day <= {LAST}),
spells AS (SELECT day, least(day + {WINDOW}, lead(day) OVER (PARTITION BY user_id ORDER BY day)) AS
  stop FROM days),
moves AS (SELECT day, count(*) AS n FROM spells GROUP BY 1
  UNION ALL SELECT stop, -count(*) FROM spells GROUP BY 1)
SELECT day, sum(sum(n)) OVER (ORDER BY day)::BIGINT FROM moves GROUP BY day
QUALIFY day <= {LAST} ORDER BY day
"""


def duckdb_rolling(path):
    log = duckdb.read_parquet(path)  # noqa: F841 - named in the query
    return [users for _, users in duckdb.sql(SQL_ROLLING).fetchall()][WINDOW - 1 :]


def polars_retention(path):
    days = pl.scan_parquet(path).filter(pl.col("day") <= LAST).select("user_id", "day").unique()
    offsets = days.with_columns(first=pl.col("day").min().over("user_id")).with_columns(
        age=pl.col("day") - pl.col("first")
    )
    counts = offsets.filter(pl.col("age").is_in([0, *AGES])).group_by("first", "age").len()
    found = counts.collect()
    result = []
    for age in AGES:
        mature = found.filter(pl.col("first") + age <= LAST)
        result.append(
            tuple(mature.filter(pl.col("age") == wanted)["len"].sum() for wanted in (0, age))
        )
    return result


SQL_RETENTION = """
WITH days AS (SELECT DISTINCT user_id, day FROM log WHERE day <= {last}),
ages AS (SELECT day - min(day) OVER (PARTITION BY user_id) AS age,
  min(day) OVER (PARTITION BY user_id) AS first FROM days)
SELECT {columns} FROM ages
"""


def duckdb_retention(path):
    log = duckdb.read_parquet(path)  # noqa: F841 - named in the query
    columns = ", ".join(
        f"count(*) FILTER (age = 0 AND first + {age} <= {LAST}), count(*) FILTER (age = {age})"
        for age in AGES
    )
    [row] = duckdb.sql(SQL_RETENTION.format(last=LAST, columns=columns)).fetchall()
    return list(zip(row[::2], row[1::2], strict=True))


def polars_monthly(path):
    month = pl.from_epoch(pl.col("day").cast(pl.Int64), time_unit="d").dt.truncate("1mo")
    log = pl.scan_parquet(path).filter(pl.col("day") <= LAST)
    counts = log.group_by(month.alias("month")).agg(pl.col("user_id").n_unique())
    return counts.collect().sort("month")["user_id"].to_list()


def duckdb_monthly(path):
    log = duckdb.read_parquet(path)  # noqa: F841 - named in the query
    query = f"""SELECT date_trunc('month', DATE '1970-01-01' + day) AS month,
        count(DISTINCT user_id) FROM log WHERE day <= {LAST} GROUP BY 1 ORDER BY 1"""
    return [users for _, users in duckdb.sql(query).fetchall()]


PAUSE_US = 30 * 60 * 1_000_000


def polars_sessions(path):
    log = pl.scan_parquet(path).filter(pl.col("day") <= LAST).select("user_id", "t_us", "day")
    before = pl.col("t_us").shift(1).over("user_id", order_by="t_us")
    begins = (pl.col("t_us") - before > PAUSE_US).fill_null(value=True).cast(pl.Int64)
    number = pl.col("begins").cum_sum().over("user_id", order_by="t_us")
    sessions = (
        log.with_columns(begins=begins)
        .with_columns(session=number)
        .group_by("user_id", "session")
        .agg(pl.col("day").min(), start=pl.col("t_us").min(), end=pl.col("t_us").max())
    )
    length = pl.col("end") - pl.col("start")
    month = pl.from_epoch(pl.col("day").cast(pl.Int64), time_unit="d").dt.truncate("1mo")
    counts = sessions.group_by(month.alias("month")).agg(
        pl.len(), (length.filter(length > 0).mean() / 1e6).round(6).alias("seconds")
    )
    return counts.collect().sort("month").select("len", "seconds").rows()


SQL_SESSIONS = f"""
WITH paused AS (SELECT user_id, t_us, day, t_us - lag(t_us) OVER w AS pause FROM log
  WHERE day <= {LAST} WINDOW w AS (PARTITION BY user_id ORDER BY t_us)),
numbered AS (SELECT *, sum((pause IS NULL OR pause > {PAUSE_US})::INT)
  OVER (PARTITION BY user_id ORDER BY t_us ROWS UNBOUNDED PRECEDING) AS session FROM paused),
sessions AS (SELECT min(day) AS day, max(t_us) - min(t_us) AS length FROM numbered
  GROUP BY user_id, session)
SELECT count(*), round(avg(length) FILTER (length > 0) / 1e6, 6) FROM sessions
GROUP BY date_trunc('month', DATE '1970-01-01' + day)
ORDER BY date_trunc('month', DATE '1970-01-01' + day)
"""


def duckdb_sessions(path):
    log = duckdb.read_parquet(path)  # noqa: F841 - named in the query
    return duckdb.sql(SQL_SESSIONS).fetchall()


STEPS = ["page_view", "click", "search", "content_view"]
WEEK_US = 7 * 86_400_000_000


def polars_funnel(path):
    log = pl.scan_parquet(path).filter(pl.col("event_type").is_in(STEPS), pl.col("day") <= LAST)
    frame = log.select("user_id", "t_us", "event_type")
    start = pl.when(pl.col("event_type") == STEPS[0]).then("t_us").otherwise(-1)
    frame = frame.with_columns(s0=start)
    for step in range(1, len(STEPS)):
        best = pl.col(f"s{step - 1}").cum_max().over("user_id", order_by="t_us")
        frame = frame.with_columns(best=best)
        frame = frame.with_columns(
            best=pl.col("best").shift(1).over("user_id", order_by="t_us").fill_null(-1)
        )
        came = (
            (pl.col("event_type") == STEPS[step])
            & (pl.col("best") >= 0)
            & (pl.col("t_us") - pl.col("best") <= WEEK_US)
        )
        frame = frame.with_columns(pl.when(came).then("best").otherwise(-1).alias(f"s{step}"))
    names = [f"s{step}" for step in range(len(STEPS))]
    users = frame.group_by("user_id").agg(pl.col(names).max() >= 0)
    return list(users.select(pl.col(names).sum()).collect().row(0))


def sql_funnel():
    window = "(PARTITION BY user_id ORDER BY t_us ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    parts = [
        f"""w0 AS (SELECT user_id, t_us, event_type,
        CASE WHEN event_type = '{STEPS[0]}' THEN t_us END AS s0
        FROM log WHERE day <= {LAST} AND event_type IN {tuple(STEPS)})"""
    ]
    parts += [
        f"""b{step} AS (SELECT *, max(s{step - 1}) OVER {window} AS best{step} FROM w{step - 1}),
        w{step} AS (SELECT *, CASE WHEN event_type = '{STEPS[step]}'
        AND t_us - best{step} <= {WEEK_US} THEN best{step} END AS s{step} FROM b{step})"""
        for step in range(1, len(STEPS))
    ]
    ends = ", ".join(f"max(s{step}) IS NOT NULL AS r{step}" for step in range(len(STEPS)))
    sums = ", ".join(f"count(*) FILTER (r{step})" for step in range(len(STEPS)))
    return f"WITH {', '.join(parts)} SELECT {sums} FROM (SELECT {ends} FROM w3 GROUP BY user_id)"


def duckdb_funnel(path):
    log = duckdb.read_parquet(path)  # noqa: F841 - named in the query
    return list(duckdb.sql(sql_funnel()).fetchall()[0])


def ours_sessions(log):
    found = frame(metrics.session_quality(log, granularity="month", as_of=AS_OF))
    return found.select("sessions", pl.col("mean_seconds").round(6)).rows()


def ours_funnel(log):
    found = metrics.funnel(log, steps=STEPS, as_of=AS_OF, include_incomplete=True)
    return frame(found)["reached"].to_list()


def ours_rolling(log):
    found = frame(metrics.rolling_active_users(log, days=WINDOW, as_of=AS_OF))
    return found["active_users"].to_list()[WINDOW - 1 :]


def ours_retention(log):
    found = frame(metrics.retention_curve(log, kind="on", ages=AGES, as_of=AS_OF))
    return found.select("users", "retained").rows()


def ours_monthly(log):
    found = frame(metrics.active_users(log, granularity="month", as_of=AS_OF))
    return found["active_users"].to_list()


def frame(result):
    return result.pl() if isinstance(result, duckdb.DuckDBPyRelation) else result


OPEN = {"polars": pl.scan_parquet, "DuckDB": lambda path: duckdb.read_parquet(str(path))}
QUESTIONS = {
    f"rolling {WINDOW}-day users": (ours_rolling, polars_rolling, duckdb_rolling),
    "retention on days 1, 7, 30": (ours_retention, polars_retention, duckdb_retention),
    "monthly active users": (ours_monthly, polars_monthly, duckdb_monthly),
    "sessions by month": (ours_sessions, polars_sessions, duckdb_sessions),
    "funnel of 4 steps in 7 days": (ours_funnel, polars_funnel, duckdb_funnel),
}


def timed(function, argument):
    begun = time.perf_counter()
    answer = function(argument)
    return answer, time.perf_counter() - begun


def main(rows=1_000_000):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.parquet"
        log = clickstream(
            users=max(1, rows // 50), days=DAYS, rng=np.random.default_rng(42), start=START,
            event_ids=False,
        )  # fmt: skip
        log.write_parquet(path)
        print(f"{log.height:,} events, {rows // 50:,} users, {DAYS} days, median of {REPEATS}\n")
        del log
        print("| question | engine | ours, s | by hand, s | ratio |")
        print("|---|---|---:|---:|---:|")
        for question, (ours, *peers) in QUESTIONS.items():
            for (engine, opened), peer in zip(OPEN.items(), peers, strict=True):
                mine, theirs = [], []
                for _ in range(REPEATS):
                    expected, seconds = timed(peer, str(path))
                    theirs.append(seconds)
                    found, seconds = timed(lambda p, o=opened, f=ours: f(o(p)), path)
                    mine.append(seconds)
                    assert found == expected, f"{question} on {engine}: answers differ"
                a, b = statistics.median(mine), statistics.median(theirs)
                print(f"| {question} | {engine} | {a:.2f} | {b:.2f} | {a / b:.2f} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Metrics against hand-written queries.")
    parser.add_argument("--rows", type=int, default=1_000_000, help="Number of events.")
    main(parser.parse_args().rows)
