"""Recorded data that are no ticks, as canonical CSV; what each conversion assumes stands beside it."""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("MILLRACE_DATA", ROOT / "../shared/data")).resolve()
COLUMNS = (
    "ts_event,venue,symbol,kind,price,size,bid,bid_size,ask,ask_size,funding_rate,next_funding_ns,funding_interval_s"
).split(",")
TICKER, FUNDING = 2, 3
MINUTE_NS, HOUR_NS = 60 * 10**9, 3600 * 10**9
Row = dict[str, object]


def recorded(path: str) -> Path:
    """A file of the recorded data; the test is passed over without it."""
    found = DATA / path
    if not found.exists():
        pytest.skip(f"recorded data: {found} is absent; set MILLRACE_DATA")
    return found


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", newline="") as file:
        yield from csv.DictReader(file)


def candles(path: Path, venue: str, symbol: str, half_spread_bps: float, size: float) -> Iterator[Row]:
    """One ticker at the end of each minute that traded: its close, and a quote of an assumed spread and size around it."""
    for row in rows_of(path):
        if not float(row["volume"] or 0) > 0:
            continue
        close = float(row["close"])
        yield {
            "ts_event": int(row["ts_ms"]) * 10**6 + MINUTE_NS - 10**6,
            "venue": venue,
            "symbol": symbol,
            "kind": TICKER,
            "price": close,
            "size": row["volume"],
            "bid": close * (1 - 1e-4 * half_spread_bps),
            "bid_size": size,
            "ask": close * (1 + 1e-4 * half_spread_bps),
            "ask_size": size,
        }


def write_rows(rows: Iterable[Row], path: Path) -> None:
    """Sorted by time; rows of one time stay as they come."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda row: int(str(row["ts_event"]))))


def fee_table(path: Path, venues: dict[str, float], withdrawal: float = 0.0) -> None:
    """Taker fees in bps by venue; makers pay the same."""
    path.write_text(
        "".join(
            f'[{venue}]\ndate = "2023-03-01"\nsource = "assumed by the test"\nwithdrawal = {withdrawal:.1f}\n'
            f'tiers = [{{ name = "only", maker_bps = {bps}, taker_bps = {bps} }}]\n'
            for venue, bps in venues.items()
        )
    )
