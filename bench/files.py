"""Parquet -> listed-36 -> Parquet: speed and memory, beside the same features in Polars, in one run; and default-100 alone.

Needs the built program (MILLRACE_BIN) and the packages of tests/requirements.txt. The answers of both are compared before
anything is timed. Runs alternate, so that a busy neighbour slows both; medians are printed. `--rows-large 50000000` adds the
run whose memory must not have grown.
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

import numpy as np
import polars as pl

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = Path(os.environ.get("MILLRACE_BIN", ROOT / "build/release/millrace"))
POLARS = ROOT / "bench/polars_listed36.py"


def run(*words: object) -> tuple[float, int]:
    """Seconds and peak resident bytes of a command."""
    start = time.monotonic()
    child = subprocess.Popen([str(word) for word in words], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - start
    if status != 0:
        sys.exit(f"bench/files: {words} ended with {status}")
    return seconds, usage.ru_maxrss * 1024


def simulate(folder: Path, kinds: str, rows: int) -> Path:
    path = folder / f"{kinds}-{rows}.parquet"
    run(PROGRAM, "simulate", "--out", path, "--rows", rows, "--symbols", 14, "--seed", 7, "--kinds", kinds)
    return path


def research(ticks: Path, out: Path, *more: object, profile: str = "listed-36") -> tuple[float, int]:
    return run(PROGRAM, "research", "--in", ticks, "--out", out, "--profile", profile, "--threads", 2, "--quiet", *more)


def polars(mode: str, ticks: Path, *more: object) -> dict[str, float]:
    answer = subprocess.run([sys.executable, str(POLARS), f"--{mode}", str(ticks), *map(str, more)], check=True,
                            capture_output=True, text=True)
    return json.loads(answer.stdout.splitlines()[-1])


def check_answers(ticks: Path, folder: Path) -> None:
    """Both give the same numbers, per instrument, on the columns that Polars computes exactly."""
    ours, theirs = folder / "ours.parquet", folder / "theirs.parquet"
    research(ticks, ours)
    polars("file", ticks, "--out", theirs)
    # Tolerances are those of plain double sums, which is what Polars uses.
    tolerance = {"log_return": 1e-9, "ewma": 1e-12, "rsi": 1e-6, "bb_mid": 1e-9, "realized_var": 1e-6, "microprice": 1e-12}
    for symbol in ("BTC-USD", "DOGE-USD"):
        a, b = (pl.scan_parquet(path).filter(pl.col("symbol").cast(pl.String) == symbol).collect() for path in (ours, theirs))
        if len(a) != len(b) or len(a) == 0:
            sys.exit(f"bench/files: {symbol} has {len(a)} rows here and {len(b)} in Polars")
        for column, rtol in tolerance.items():
            x, y = (frame[column].to_numpy().astype(float) for frame in (a, b))
            if not np.allclose(x, y, rtol=rtol, atol=0.0 if rtol < 1e-10 else 1e-15, equal_nan=True):
                sys.exit(f"bench/files: {symbol} {column} differs from Polars")


def report(name: str, rows: int, runs: list[tuple[float, int]]) -> float:
    speed = rows / statistics.median(seconds for seconds, _ in runs)
    memory = max(peak for _, peak in runs)
    print(f"{name:<52}{speed / 1e6:>8.2f} M rows/s{memory / 1e6:>8.0f} MB", flush=True)
    return speed


def report_polars(name: str, measured: dict[str, float]) -> None:
    print(f"{name:<52}{measured['rows_per_s'] / 1e6:>8.2f} M rows/s{measured['peak_rss_mib'] * 1.048576:>8.0f} MB", flush=True)


def measured_in_memory() -> float:
    words = [PROGRAM, "bench", "--symbols", 14, "--kinds", "ticker", "--json"]
    answer = subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True)
    return json.loads(answer.stdout)[0]["rows_per_second"]


def measure_default(folder: Path, rows: int, repetitions: int) -> None:
    """default-100, whose 100 columns bound the run; fewer rows, as its files are three times as wide."""
    out = folder / "default.parquet"
    for kinds, told in (("mixed", "quotes and trades"), ("ticker", "tickers")):
        ticks = simulate(folder, kinds, rows)
        for words, width in (((), ""), (("--float32",), ", float32")):
            runs = [research(ticks, out, *words, profile="default-100") for _ in range(repetitions)]
            report(f"millrace, default-100, {told}{width}", rows, runs)
            print(f"{'':<52}{out.stat().st_size / rows:>8.0f} bytes a row", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rows-large", type=int, default=0, help="0: not run")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="for the files (default: a temporary one)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        small = simulate(folder, "ticker", 200_000)
        check_answers(small, folder)
        ticker, mixed = (simulate(folder, kinds, options.rows) for kinds in ("ticker", "mixed"))
        out = folder / "features.parquet"
        ours: dict[str, list[tuple[float, int]]] = {"mixed": [], "ticker": [], "float32": []}
        theirs: list[tuple[float, int]] = []
        polars_file = polars("file", ticker, "--out", out)  # a median of five runs of its own, as is the next
        polars_memory = polars("memory", ticker)
        for _ in range(options.repetitions):
            ours["mixed"].append(research(mixed, out))
            ours["ticker"].append(research(ticker, out))
            ours["float32"].append(research(ticker, out, "--float32"))
            theirs.append(run(sys.executable, POLARS, "--file", ticker, "--out", out, "--runs", 1, "--unchecked"))
        report("millrace, file to file, quotes and trades", options.rows, ours["mixed"])
        to_file = report("millrace, file to file, tickers", options.rows, ours["ticker"])
        report("millrace, file to file, tickers, float32", options.rows, ours["float32"])
        as_program = report("Polars, file to file, tickers, as a program", options.rows, theirs)
        report_polars("Polars, file to file, tickers, once it is running", polars_file)
        in_memory = measured_in_memory()
        print(f"{'millrace, in memory, one core, tickers':<52}{in_memory / 1e6:>8.2f} M rows/s", flush=True)
        report_polars("Polars, in memory, one core, tickers", polars_memory)
        peak = max(peak for _, peak in ours["ticker"]) / 2**20
        print(f"ratios: file to file {to_file / as_program:.2f} as programs ({to_file / polars_file['rows_per_s']:.2f} once Polars is running), "
              f"in memory {in_memory / polars_memory['rows_per_s']:.1f}, memory 1/{polars_file['peak_rss_mib'] / peak:.1f}")
        measure_default(folder, options.rows // 5, options.repetitions)
        if options.rows_large:
            for kinds in ("mixed", "ticker"):
                large = simulate(folder, kinds, options.rows_large)
                report(f"millrace, {options.rows_large} rows, {kinds}", options.rows_large, [research(large, out)])
                large.unlink()


if __name__ == "__main__":
    main()
