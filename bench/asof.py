"""ASOF in memory on one core, beside Polars and DuckDB, in one run: trades get the quotes that were valid, by symbol.

Needs the built benchmark (build/release/bench/asof) and the packages of tests/requirements.txt. All three join the same two
sorted tables and have to give the same quotes before anything is timed; then they take turns. Choices in favour of the others:
Polars gets symbols as an Enum and is told not to look whether its input is sorted; DuckDB gets an ENUM and no tolerance. CPU time
stands beside the clock's, since on a shared machine the clock counts the neighbours.
"""

from __future__ import annotations

import os

os.environ["POLARS_MAX_THREADS"] = "1"

import argparse
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = Path(os.environ.get("MILLRACE_BENCH", ROOT / "build/release/bench/asof"))
SYMBOLS = [f"S{i}-USD" for i in range(14)]
TOLERANCE_NS = 500_000_000
Seconds = tuple[float, float]  # by the clock, on a CPU


def make_table(rows: int, seed: int, columns: tuple[str, str]) -> pa.Table:
    random = np.random.default_rng(seed)
    symbols = pa.DictionaryArray.from_arrays(pa.array(random.integers(0, len(SYMBOLS), rows), pa.int32()), SYMBOLS)
    # At least one nanosecond apart: DuckDB does not order equal times.
    table = pa.table({"ts_event": np.cumsum(random.integers(1, 2_000_000, rows)), "symbol": symbols})
    for column in columns:
        table = table.append_column(column, pa.array(random.random(rows)))
    return table


class Millrace:
    def __init__(self, left: Path, right: Path) -> None:
        self.child = subprocess.Popen([str(PROGRAM), str(left), str(right)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.child.stdout.readline() != "ready\n":
            raise SystemExit("bench/asof: the program did not start")

    def __call__(self) -> Seconds:
        self.child.stdin.write("go\n")
        self.child.stdin.flush()
        wall, cpu = self.child.stdout.readline().split()
        return float(wall), float(cpu)


def timed(work: Callable[[], object]) -> Seconds:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def polars_join(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    return left.join_asof(right, on="ts_event", by="symbol", tolerance=TOLERANCE_NS, suffix="_right", coalesce=False, check_sortedness=False)


class Duck:
    def __init__(self, left: pa.Table, right: pa.Table) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("SET threads = 1")
        self.connection.execute(f"CREATE TYPE symbol AS ENUM ({', '.join(repr(word) for word in SYMBOLS)})")
        for name, table in (("l", left), ("r", right)):
            self.connection.register("source", table)
            self.connection.execute(f"CREATE TABLE {name} AS SELECT * REPLACE (symbol::VARCHAR::symbol AS symbol) FROM source")
            self.connection.unregister("source")

    def join(self) -> None:
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE o AS SELECT l.*, r.bid, r.ask, r.ts_event AS right_ts, l.ts_event - r.ts_event AS age_ns "
            "FROM l ASOF LEFT JOIN r ON l.symbol = r.symbol AND l.ts_event >= r.ts_event"
        )

    def bids(self) -> np.ndarray:
        query = f"SELECT CASE WHEN age_ns <= {TOLERANCE_NS} THEN bid END AS bid FROM o ORDER BY ts_event"
        return self.connection.sql(query).to_arrow_table()["bid"].to_numpy()


def check(left: pa.Table, right: pa.Table, folder: Path, polars: pl.DataFrame, duck: Duck) -> None:
    """The program of the same name checks itself against a definition; here the command does against both others."""
    program = PROGRAM.parent.parent / "millrace"
    out = folder / "out.parquet"
    subprocess.run([str(program), "asof", str(folder / "left.parquet"), str(folder / "right.parquet"), "--by", "symbol", "--tolerance", "500ms",
                    "--sorted", "--quiet", "--out", str(out)], check=True)
    ours = pq.read_table(out, columns=["right_bid"])["right_bid"].to_numpy()
    for name, theirs in (("Polars", polars["bid"].to_numpy()), ("DuckDB", duck.bids())):
        if not np.array_equal(ours, np.asarray(theirs, dtype=float), equal_nan=True):
            raise SystemExit(f"bench/asof: {name} gives other quotes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--repetitions", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        left, right = make_table(options.rows, 1, ("price", "size")), make_table(options.rows, 2, ("bid", "ask"))
        pq.write_table(left, folder / "left.parquet")
        pq.write_table(right, folder / "right.parquet")
        enum = pl.Enum(SYMBOLS)
        frames = [pl.from_arrow(table).with_columns(pl.col("symbol").cast(pl.String).cast(enum)).rechunk() for table in (left, right)]
        duck = Duck(left, right)
        duck.join()
        check(left, right, folder, polars_join(*frames), duck)
        millrace = Millrace(folder / "left.parquet", folder / "right.parquet")
        engines = {"millrace": millrace, "Polars": lambda: timed(lambda: polars_join(*frames)), "DuckDB": lambda: timed(duck.join)}
        runs: dict[str, list[Seconds]] = {engine: [] for engine in engines}
        for _ in range(options.repetitions):
            for engine, run in engines.items():
                runs[engine].append(run())
    print(f"{options.rows / 1e6:.0f} M x {options.rows / 1e6:.0f} M rows by {len(SYMBOLS)} symbols, sorted, in memory, one core; medians of {options.repetitions}")
    first = None
    for engine, seconds in runs.items():
        wall, cpu = (statistics.median(one[i] for one in seconds) for i in (0, 1))
        first = first or (wall, cpu)
        print(f"  {engine:<10}{options.rows / wall / 1e6:>7.1f} M left rows/s by the clock{options.rows / cpu / 1e6:>7.1f} by CPU time"
              f"{wall / first[0]:>7.1f} and {cpu / first[1]:.1f} times ours")


if __name__ == "__main__":
    main()
