"""Backtests beside hftbacktest (market making) and NautilusTrader (crossing averages), in one run, on the same simulated rows.

Needs the built program and benchmark (MILLRACE_BIN, MILLRACE_BENCH) and the packages of bench/backtest-requirements.txt; an
engine that is not installed is named and left out. Rows are in memory in each engine's own form and numba has compiled before a
clock starts; reports are in no time. What each traded is printed, and there is no ratio where one has more than twice the fills of
the other. Engines take turns.
"""

from __future__ import annotations

import argparse
import importlib
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from backtest_job import (
    FAST, HALF_SPREAD_BPS, INTERVAL_NS, LATENCY_NS, LOT_SIZE, MAKER_BPS, POSITION_MAX, SIZE, SLOW, TAKER_BPS, TICK_SIZE, Run,
)

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = Path(os.environ.get("MILLRACE_BIN", ROOT / "build/release/millrace"))
BENCH = Path(os.environ.get("MILLRACE_BENCH", ROOT / "build/release/bench/backtest_libraries"))

# By job: module and class of the other engine, and the ratio that is aimed at.
JOBS = {
    "fixed_spread": ("library_hftbacktest", "HftBacktest", 3.0),
    "ema_cross": ("library_nautilus", "Nautilus", 20.0),
}
MOST_APART = 2.0  # between the fills of two engines: one that trades less has less to do

SETTINGS = {
    "fees.toml": f"""[simulated]
date = "2026-01-01"
source = "made up, for the simulated market"
borrow_apr = 0.0
tiers = [{{ name = "one", maker_bps = {MAKER_BPS}, taker_bps = {TAKER_BPS} }}]
""",
    "instruments.csv": f"venue,symbol,tick_size,lot_size,contract,max_leverage\nsimulated,BTC-USD,{TICK_SIZE},{LOT_SIZE:f},linear,10\n",
    "fixed_spread.toml": f"""title = "Fixed spread"
kind = "fixed_spread"
needs = ["quotes", "sizes"]
[parameters]
half_spread_bps = {{ value = {HALF_SPREAD_BPS}, meaning = "distance of both quotes from the middle", unit = "bps" }}
size = {{ value = {SIZE}, meaning = "of an order", unit = "base" }}
position_max = {{ value = {POSITION_MAX}, meaning = "largest position", unit = "base" }}
interval = {{ value = "{INTERVAL_NS // 1_000_000}ms", meaning = "time between looks at the market" }}
""",
    "ema_cross.toml": f"""title = "EMA cross"
needs = ["prices"]
[let]
fast = "ema(price, span={FAST})"
slow = "ema(price, span={SLOW})"
[rules]
entry_long = "fast > slow"
exit_long = {{ cross = "fast < slow" }}
sigma = "0.01"
""",
}


def make_ticks(folder: Path, rows: int) -> dict[str, np.ndarray]:
    """Quotes and trades in the order of the venue's clock, which all three take alike. Tickers and gaps are left out."""
    raw = folder / "raw.parquet"
    subprocess.run([str(PROGRAM), "simulate", "--out", str(raw), "--rows", str(rows), "--symbols", "1", "--seed", "7"], check=True,
                   stdout=subprocess.DEVNULL)
    table = pq.read_table(raw)
    table = table.filter(pc.less_equal(table["kind"], 1)).sort_by("ts_event")
    table = table.filter(pc.and_(pc.greater(table["bid"], 0.0), pc.less(table["bid"], table["ask"])))
    for name, values in (("ts_recv", table["ts_event"]), ("seq", pa.array(np.arange(1, len(table) + 1), pa.uint64()))):
        at = table.schema.get_field_index(name)
        table = table.set_column(at, table.schema.field(at), values)
    pq.write_table(table, folder / "ticks.parquet")
    columns = {"ts_event": table["ts_event"].cast(pa.int64())}
    for name in ("kind", "side", "price", "size", "bid", "bid_size", "ask", "ask_size"):
        columns[name] = pc.fill_null(table[name], 0) if name == "side" else table[name]
    return {name: np.ascontiguousarray(column.to_numpy(zero_copy_only=False)) for name, column in columns.items()}


class Millrace:
    name = "millrace"

    def __init__(self, folder: Path, job: str) -> None:
        self.child = subprocess.Popen([str(BENCH), str(folder), job], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.child.stdout.readline() != "ready\n":
            sys.exit("bench/backtest_libraries: the program did not start")

    def __call__(self) -> Run:
        self.child.stdin.write("go\n")
        self.child.stdin.flush()
        words = self.child.stdout.readline().split()
        if len(words) != 7:
            sys.exit("bench/backtest_libraries: the program ended")
        return Run(float(words[0]), float(words[1]), *map(int, words[2:5]), *map(float, words[5:]))


def measure(job: str, folder: Path, columns: dict[str, np.ndarray], repetitions: int) -> None:
    module, name, aim = JOBS[job]
    engines: list[Callable[[], Run]] = [Millrace(folder, job)]
    try:
        engines.append(getattr(importlib.import_module(module), name)(columns))
    except ModuleNotFoundError as error:
        print(f"{job}: {error}; pip install -r bench/backtest-requirements.txt. Only millrace is measured", flush=True)
    runs: list[list[Run]] = [[] for _ in engines]
    for engine in engines:
        engine()  # numba compiles, memory is touched
    for _ in range(repetitions):
        for engine, done in zip(engines, runs):
            done.append(engine())
    rows = len(columns["ts_event"])
    print(f"{job}: {rows} quotes and trades of one instrument, in memory; medians of {repetitions}; load {os.getloadavg()[0]:.1f}")
    cpu = [statistics.median(run.cpu for run in done) for done in runs]
    for engine, done, seconds in zip(engines, runs, cpu):
        one, wall = done[-1], statistics.median(run.wall for run in done)
        print(f"  {engine.name:<16}{rows / seconds / 1e6:>8.3f} M rows/s by CPU time {rows / wall / 1e6:>8.3f} by the clock   {one.orders} orders,"
              f" {one.amended} amended, {one.fills} fills, at most {one.most_position:.4f} held, net {one.net:.2f}")
    if len(engines) == 1:
        return
    fills = [done[-1].fills for done in runs]
    if min(fills) == 0 or max(fills) > MOST_APART * min(fills):
        sys.exit(f"bench/backtest_libraries: {job}: {fills[0]} and {fills[1]} fills are not the same work")
    print(f"  ratio {cpu[1] / cpu[0]:.1f} by CPU time, {statistics.median(a.wall for a in runs[1]) / statistics.median(a.wall for a in runs[0]):.1f}"
          f" by the clock; aimed at {aim:.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="for the files (default: a temporary one)")
    parser.add_argument("--jobs", nargs="+", choices=JOBS, default=list(JOBS))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        columns = make_ticks(folder, options.rows)
        for file, text in SETTINGS.items():
            (folder / file).write_text(text)
        for job in options.jobs:
            measure(job, folder, columns, options.repetitions)


if __name__ == "__main__":
    main()
