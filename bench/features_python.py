"""millrace.features from a Polars frame in memory, beside the same job in C++ (bench/features_memory.cpp), one thread.

Needs the package installed and the built program (MILLRACE_BIN). The bits of both are compared before anything is timed.
Runs alternate and seconds are the processor's,
so that a busy neighbour slows both or none; medians are printed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import millrace
import numpy as np
import polars as pl

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = Path(os.environ.get("MILLRACE_BIN", ROOT / "build/release/millrace"))
REFERENCE = PROGRAM.parent / "bench/features_memory"
PROFILE = "listed-36"


def in_cpp(path: Path, repetitions: int) -> dict:
    done = subprocess.run([REFERENCE, path, str(repetitions)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def in_python(frame: pl.DataFrame, take=lambda result: result) -> float:
    """Seconds of one of three runs in a row, the middle one, as in C++."""
    seconds = []
    for _ in range(3):
        start = time.process_time()
        take(millrace.features(frame, PROFILE, threads=1))
        seconds.append(time.process_time() - start)
    return statistics.median(seconds)


def sum_of_bits(result: millrace.Features) -> int:
    total = 0
    for column in result.to_polars().drop("ts_event", "ts_recv", "venue", "symbol", "seq", "kind", "price").iter_columns():
        values = column.drop_nulls().to_numpy()
        bits = values.view(np.uint64) if values.dtype == np.float64 else values.astype(np.int64).view(np.uint64)
        total += int(bits.sum(dtype=np.uint64))
    return total % 2**64


def check_answers(path: Path, frame: pl.DataFrame) -> None:
    ours, theirs = millrace.features(frame, PROFILE), in_cpp(path, 1)
    if (len(ours), sum_of_bits(ours)) != (theirs["rows"], theirs["sum"]):
        sys.exit("bench/features_python: Python and C++ give different bits")


def measure(folder: Path, kinds: str, rows: int, repetitions: int) -> None:
    path = folder / f"{kinds}.parquet"
    subprocess.run([PROGRAM, "simulate", "--out", path, "--rows", str(rows), "--symbols", "14", "--seed", "7", "--kinds", kinds],
                   check=True, stdout=subprocess.DEVNULL)  # fmt: skip
    frame = pl.read_parquet(path)
    text = frame.with_columns(pl.col("venue", "symbol").cast(pl.String))
    check_answers(path, frame)
    seconds: dict[str, list[float]] = {"C++": [], "from Polars": [], "from Polars, names as text": [], "and back to Polars": []}
    for _ in range(repetitions):
        seconds["C++"].append(statistics.median(in_cpp(path, 3)["seconds"]))
        seconds["from Polars"].append(in_python(frame))
        seconds["from Polars, names as text"].append(in_python(text))
        seconds["and back to Polars"].append(in_python(frame, pl.DataFrame))
    reference = statistics.median(seconds["C++"])
    print(f"\n{kinds}, {rows} rows, 14 instruments, {PROFILE}, one thread")
    for name, runs in seconds.items():
        median = statistics.median(runs)
        print(f"  {name:<30}{rows / median / 1e6:>8.2f} M rows/s{100 * (median / reference - 1):>+8.1f} %", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repetitions", type=int, default=7)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for kinds in ("mixed", "ticker"):
            measure(Path(folder), kinds, given.rows, given.repetitions)


main()
