#!/usr/bin/env python3
"""listed-36 the way a Polars user would write it, measured: the number that millrace has to be compared with.

    bench/polars_listed36.py --memory ticks.parquet
    bench/polars_listed36.py --file ticks.parquet --out features.parquet

The input is canonical Parquet of ticker rows (kind 2), so that every row observes everything and no carrying forward
is needed. The table is split by instrument and each part gets its columns from one lazy query of shift, rolling_* and
ewm_* expressions. CUSUM restarts after an alarm and has no expression; it runs as NumPy over the stretches between
alarms. Choices in favour of Polars: no nulls are expected inside the input, rolling sums are in double, the expanding
variance is the one-pass formula, vpin, which is null on ticker rows, is a null literal, and the file is written with
the faster codec.

`--memory`: one thread, the table in memory, the split is part of the time. `--file`: two threads, Parquet to Parquet,
with the peak of resident memory. Both are the median of five runs. Before the clock starts a child process compares
all columns with the oracle on the first rows of every instrument. One JSON line is printed.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import polars as pl

RUNS = 5
THREADS = {"memory": 1, "file": 2}
KEY = ("venue", "symbol")
KEPT = ("ts_event", "ts_recv", *KEY, "seq", "kind", "price")
INPUTS = ("bid", "ask", "bid_size", "ask_size")
CHECKED_ROWS = 2000  # of each instrument
RTOL = 1e-6  # Polars sums in plain doubles
CUSUM_STRETCH = 512  # rows looked at in one go between two alarms


# --- Columns -----------------------------------------------------------------------------------------------------


def price_columns() -> list[list[pl.Expr]]:
    """Prices, averages and oscillators; a later list uses columns of the earlier ones."""
    p = pl.col("price")
    before = p.shift(1)
    spread = before.rolling_std(100)
    first = [
        ((p - before) / before).log1p().alias("log_return"),
        p.diff().alias("price_diff1"),
        p.ewm_mean(alpha=0.06, adjust=False).alias("ewma"),
        pl.when(spread > 0).then((p - before.rolling_mean(100)) / spread).alias("zscore"),
        p.ewm_mean(span=12, adjust=False).alias("ema_fast"),
        p.ewm_mean(span=26, adjust=False).alias("ema_slow"),
        p.ewm_mean(alpha=0.1, adjust=False).alias("ema"),
        p.rolling_mean(20).alias("bb_mid"),
        p.rolling_std(20, ddof=0).alias("bb_sd"),
        wilder(p.diff().clip(lower_bound=0)).alias("gain"),
        wilder((-p.diff()).clip(lower_bound=0)).alias("loss"),
    ]
    swing = pl.col("gain") + pl.col("loss")
    second = [
        pl.when(pl.int_range(pl.len()) >= 25).then(pl.col("ema_fast") - pl.col("ema_slow")).alias("macd"),
        pl.when(swing > 0).then(100 * pl.col("gain") / swing).when(swing == 0).then(50.0).alias("rsi"),
        (pl.col("bb_mid") + 2 * pl.col("bb_sd")).alias("bb_upper"),
        (pl.col("bb_mid") - 2 * pl.col("bb_sd")).alias("bb_lower"),
    ]
    signal = pl.col("macd").ewm_mean(span=9, adjust=False)
    third = [pl.when(pl.int_range(pl.len()) >= 33).then(signal).alias("macd_signal")]
    return [first, second, third, [(pl.col("macd") - pl.col("macd_signal")).alias("macd_hist")]]


def wilder(change: pl.Expr, period: int = 14) -> pl.Expr:
    """Average that starts with the mean of the first `period` changes and goes on with weight 1/period."""
    row = pl.int_range(pl.len())
    seeded = pl.when(row == period).then(change.slice(1, period).mean()).when(row > period).then(change)
    return seeded.ewm_mean(alpha=1 / period, adjust=False)


def quote_columns() -> list[pl.Expr]:
    """Columns of the best quotes."""
    b, a, qb, qa = (pl.col(name) for name in INPUTS)
    b0, a0, qb0, qa0 = (side.shift(1) for side in (b, a, qb, qa))
    bought = pl.when(b >= b0).then(qb).otherwise(0.0) - pl.when(b <= b0).then(qb0).otherwise(0.0)
    sold = pl.when(a <= a0).then(qa).otherwise(0.0) - pl.when(a >= a0).then(qa0).otherwise(0.0)
    return [
        pl.when((b > 0) & (b <= a)).then((b + a) / 2).alias("midprice"),
        pl.when(qb + qa > 0).then((b * qa + a * qb) / (qb + qa)).alias("microprice"),
        (a - b).alias("quoted_spread"),
        qb.alias("best_bid_qty"),
        qa.alias("best_ask_qty"),
        pl.when(qb + qa > 0).then((qb - qa) / (qb + qa)).alias("l1_imbalance"),
        pl.when(b0.is_not_null()).then(bought - sold).alias("ofi"),
        pl.lit(None, dtype=pl.Float64).alias("vpin"),
    ]


def return_columns() -> list[pl.Expr]:
    """Columns of the log returns."""
    r = pl.col("log_return")
    n, total = r.cum_count(), r.cum_sum()
    return [
        r.shift(1).alias("log_return_lag1"),
        (r * r).rolling_sum(20).alias("realized_var"),
        ((math.pi / 2) * (20 / 19) * (r * r.shift(1)).abs().rolling_sum(19)).alias("bipower_var"),
        (r * r).ewm_mean(alpha=0.06, adjust=False).sqrt().alias("riskmetrics_vol"),
        r.rolling_std(20).alias("log_return_std20"),
        pl.rolling_corr(r, r.shift(5), window_size=100).alias("log_return_autocorr5"),
        pl.when(n > 0).then(total / n).alias("mean"),
        pl.when(n > 1).then(((r * r).cum_sum() - total * total / n) / (n - 1)).alias("variance"),
        r.rolling_skew(100, bias=False).alias("log_return_skew100"),
        r.rolling_kurtosis(100, fisher=True, bias=False).alias("log_return_kurt100"),
        total.alias("pnl"),
        (-r.rolling_quantile(0.05, interpolation="linear", window_size=100)).alias("var"),
        surprise(r).map_batches(cusum, return_dtype=cusum_dtype()).alias("cusum"),
    ]


def surprise(r: pl.Expr, half_life: int = 500, min_periods: int = 100) -> pl.Expr:
    """z of a return against the exponential mean and deviation of the rows before it."""
    alpha = 1 - 2 ** (-1 / half_life)
    mean = r.ewm_mean(alpha=alpha, adjust=False).shift(1)
    deviation = r.ewm_std(alpha=alpha, adjust=False, bias=True).shift(1)
    return pl.when((r.cum_count() > min_periods) & (deviation > 0)).then((r - mean) / deviation)


def cusum_dtype() -> pl.Struct:
    return pl.Struct({"cusum_stat": pl.Float64, "cusum_alarm": pl.Int8})


def cusum(z: pl.Series, k: float = 0.5, h: float = 5.0) -> pl.Series:
    """Larger of the two sums and the alarm. Between alarms a sum is its cumulated drift above its own minimum."""
    valid = z.is_not_null().to_numpy()
    values = z.drop_nulls().to_numpy()
    stat, alarm = np.empty(values.size), np.zeros(values.size, dtype=np.int8)
    up = down = 0.0
    start = 0
    while start < values.size:
        part = values[start : start + CUSUM_STRETCH]
        ups, downs = floored_sums(part - k, up), floored_sums(-part - k, down)
        larger = np.maximum(ups, downs)
        over = np.flatnonzero(larger > h)
        size = int(over[0]) + 1 if over.size else part.size
        stat[start : start + size] = larger[:size]
        up, down = ups[size - 1], downs[size - 1]
        start += size
        if over.size:
            alarm[start - 1] = 1 if up >= down else -1
            up = down = 0.0
    columns = {"cusum_stat": scatter(stat, valid), "cusum_alarm": scatter(alarm, valid)}
    return pl.DataFrame(columns).to_struct("cusum")


def floored_sums(steps: np.ndarray, start: float) -> np.ndarray:
    """s = max(0, s + step) along the steps, from `start`."""
    total = start + np.cumsum(steps)
    return total - np.minimum(np.minimum.accumulate(total), 0.0)


def scatter(values: np.ndarray, where: np.ndarray) -> pl.Series:
    """Puts values on the rows `where`, null on the others."""
    out = np.zeros(where.size, dtype=values.dtype)
    out[where] = values
    return pl.Series(out).set(pl.Series(~where), None)


def with_features(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Query of all columns for the rows of one instrument."""
    first, second, third, fourth = price_columns()
    return (
        rows.with_columns(*first, *quote_columns())
        .with_columns(*second, *return_columns())
        .with_columns(*third)
        .with_columns(*fourth)
        .unnest("cusum")
        .select(*KEPT, *LISTED_36)
    )


def all_features(table: pl.DataFrame) -> pl.DataFrame:
    """Splits the table by instrument and runs the queries of all parts together."""
    parts = table.partition_by(KEY, maintain_order=True)
    return pl.concat(pl.collect_all([with_features(part.lazy()) for part in parts]), rechunk=False)


# --- Check -------------------------------------------------------------------------------------------------------


def check(path: Path) -> None:
    """Raises unless every column agrees with the oracle on the first rows of every instrument."""
    from oracle.agreement import disagreement, read_floors
    from oracle.features import listed_36

    # The one-pass variance of the first two or three returns is mostly rounding.
    floors = read_floors() | {"zscore": "1", "log_return_kurt100": "0.1", "variance": "1e-3*scale"}
    table = read_ticks(path)
    for part in table.partition_by(KEY, maintain_order=True):
        rows = part.head(CHECKED_ROWS)
        got = all_features(rows)
        columns = {name: numbers(rows, name) for name in rows.columns if name not in KEY}
        columns |= {name: np.full(rows.height, np.nan) for name in ("size", "side", "vol_24h")}
        for name, expected in listed_36(columns).items():
            instrument = f"{rows['venue'][0]} {rows['symbol'][0]}"
            told = disagreement(name, instrument, expected, numbers(got, name), columns, floors.get(name, "0"), RTOL)
            if told:
                raise SystemExit(f"check: {told}")


def numbers(frame: pl.DataFrame, name: str) -> np.ndarray:
    """A column as doubles, null as NaN; times as integers."""
    column = frame[name].to_physical()
    return column.to_numpy() if name.startswith("ts_") else column.cast(pl.Float64).fill_null(np.nan).to_numpy()


# --- Measurement -------------------------------------------------------------------------------------------------


def read_ticks(path: Path) -> pl.DataFrame:
    """Rows of the file with the columns that the features need; all must be ticker rows."""
    table = pl.read_parquet(path, columns=[*KEPT, *INPUTS])
    kinds = table["kind"].unique().to_list()
    if kinds != [2]:
        raise SystemExit(f"{path}: expected ticker rows (kind 2) only, was {kinds}")
    return table


def median_s(work: Callable[[], object], runs: int) -> float:
    """Median time of the runs; the result of each is dropped within its time."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def measure(arguments: argparse.Namespace) -> dict[str, object]:
    """Numbers of one mode."""
    path, codec = arguments.ticks, arguments.compression
    if arguments.mode == "memory":
        table = read_ticks(path)
        rows = table.height
        seconds = median_s(lambda: all_features(table), arguments.runs)
    else:
        with tempfile.TemporaryDirectory() as folder:
            target = arguments.out or Path(folder) / "features.parquet"
            seconds = median_s(lambda: all_features(read_ticks(path)).write_parquet(target, compression=codec), arguments.runs)
        rows = pl.scan_parquet(path).select(pl.len()).collect().item()
    return {
        "bench": "polars_listed36",
        "mode": arguments.mode,
        "compression": codec if arguments.mode == "file" else None,
        "threads": pl.thread_pool_size(),
        "rows": rows,
        "median_s": round(seconds, 4),
        "rows_per_s": round(rows / seconds),
        "peak_rss_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "polars": pl.__version__,
        "runs": arguments.runs,
    }


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    modes = parser.add_mutually_exclusive_group(required=True)
    for name in ("memory", "file", "check"):
        modes.add_argument(f"--{name}", dest="mode", action="store_const", const=name)
    parser.add_argument("ticks", type=Path)
    parser.add_argument("--out", type=Path, help="where --file writes (default: a temporary file)")
    parser.add_argument("--runs", type=int, default=RUNS, help="of each measurement")
    parser.add_argument("--unchecked", action="store_true", help="for a caller that has compared the answers itself")
    parser.add_argument("--compression", choices=("lz4", "zstd"), default="lz4", help="of the file written")
    return parser.parse_args()


def main() -> None:
    arguments = parsed_arguments()
    if arguments.mode == "check":
        check(arguments.ticks)
        return
    # A child process, so that its memory does not count.
    if not arguments.unchecked:
        subprocess.run([sys.executable, __file__, "--check", arguments.ticks], check=True)
    print(json.dumps(measure(arguments)))


if __name__ == "__main__":
    # Polars reads the number of its threads when it is imported.
    os.environ["POLARS_MAX_THREADS"] = str(THREADS.get("file" if "--file" in sys.argv else "memory"))
    import polars as pl

    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
    from oracle.features import LISTED_36

    main()
