"""A market, a busy strategy and their run, for the tests of backtests."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cli.program import succeed

NAMES = {
    "report.html",
    "report.json",
    "run.toml",
    "orders.parquet",
    "fills.parquet",
    "trades.parquet",
    "signals.parquet",
    "equity.parquet",
}
TABLES = ("orders", "fills", "trades", "signals", "equity")
BUSY = """
title = "Busy"
needs = ["prices"]
[parameters]
entry_z = { value = 1.5, min = 0.1, max = 20.0 }
window = 50
cooldown = "1s"
[let]
z = "rolling_zscore(price, window=$window)"
[rules]
entry_long = "z < -$entry_z"
entry_short = "z > $entry_z"
exit_long = "z >= 0"
exit_short = "z <= 0"
gain = "1e4*rolling_std(price, window=$window)/price"
sigma = "rolling_std(price, window=$window)/price + 1e-5"
"""


def simulate(path: str = "m.parquet", rows: int = 200_000, seed: int = 7) -> str:
    """Prices that do not stand still for long, so that a busy strategy trades."""
    succeed("simulate", "--out", path, "--rows", rows, "--symbols", 4, "--seed", seed)
    return path


def write_busy(name: str = "busy.toml", text: str = BUSY) -> str:
    Path(name).write_text(text)
    return name


def backtest(source: object, *options: object, out: str = "run", strategy: str = "busy.toml") -> tuple:
    fixed = ("--fees", "shipped", "--no-edge-test", "--limit", "breaker_window=3s", "--quiet")
    return "backtest", "--in", source, "--strategy", strategy, "--out", out, *fixed, *options


def files_of(folder: str | Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def tables_of(folder: str | Path) -> dict[str, pd.DataFrame]:
    return {name: pd.read_parquet(Path(folder) / f"{name}.parquet") for name in TABLES}
