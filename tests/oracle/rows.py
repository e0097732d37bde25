"""Canonical rows read without the program: canonical Parquet, and the normalised csv.gz files of recorded ticks.

A row carries the full state of its instrument; `kind` says what is new. Nulls are NaN, rows stay in file order.
"""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

STATISTICS = ("vol_24h", "pct_chg_24h", "high_24h", "low_24h")
NUMBERS = ("price", "size", "side", "bid", "bid_size", "ask", "ask_size", *STATISTICS)
POSITIVE = ("price", "bid", "ask", "high_24h", "low_24h")
NOT_NEGATIVE = ("size", "bid_size", "ask_size", "vol_24h")
UNKNOWN_TIME = -1
Columns = dict[str, NDArray]


@dataclass(frozen=True)
class Instrument:
    """Name of one stream of rows."""

    venue: str
    symbol: str

    def __str__(self) -> str:
        return f"{self.venue} {self.symbol}"


VENUES = {
    "binance_spot": "binance",
    "binance_usdm": "binance_usdm",
    "binance_coinm": "binance_coinm",
    "coinbase_exchange": "coinbase",
    "kraken_spot": "kraken",
}
BINANCE_SYMBOLS = {
    ("binance_spot", "BTCUSDT"): "BTC-USDT",
    ("binance_spot", "ETHUSDT"): "ETH-USDT",
    ("binance_usdm", "BTCUSDT"): "BTC-USDT:PERP",
    ("binance_usdm", "ETHUSDT"): "ETH-USDT:PERP",
    ("binance_coinm", "BTCUSD_PERP"): "BTC-USD:PERP",
    ("binance_coinm", "ETHUSD_PERP"): "ETH-USD:PERP",
}
ALIASES = {"XBT": "BTC", "XDG": "DOGE", "MATIC": "POL"}
SIDES = {"buy": 1.0, "sell": -1.0}
KINDS = {"quote": 0, "trade": 1}


def canonical_symbol(venue: str, symbol: str) -> str:
    """Printed name of a venue's instrument: BASE-QUOTE, by table where the venue has no separator."""
    if (venue, symbol) in BINANCE_SYMBOLS:
        return BINANCE_SYMBOLS[venue, symbol]
    base, quote = symbol.replace("/", "-").split("-")
    return f"{ALIASES.get(base, base)}-{ALIASES.get(quote, quote)}"


def read_rows(path: Path) -> Columns:
    """All rows of a file, whichever of the two layouts it has."""
    columns = read_normalized(path) if path.name.endswith(".csv.gz") else read_canonical(path)
    return _without_invalid(columns)


def read_canonical(path: Path) -> Columns:
    """Rows of a Parquet file with the canonical columns; a column that is absent is null throughout."""
    table = pq.read_table(path)
    columns: Columns = {
        "ts_event": _int64(table, "ts_event"),
        "ts_recv": _times(table, "ts_recv"),
        "kind": _int64(table, "kind").astype(np.uint8),
        "venue": np.array(table["venue"].to_pylist(), dtype=object),
        "symbol": np.array(table["symbol"].to_pylist(), dtype=object),
    }
    for name in NUMBERS:
        present = name in table.column_names
        columns[name] = _float64(table, name) if present else np.full(table.num_rows, np.nan)
    return columns


def _int64(table, name: str) -> NDArray[np.int64]:  # noqa: ANN001
    column = table[name].combine_chunks()
    if column.null_count:
        raise ValueError(f"{name}: expected no null, was {column.null_count} nulls")
    return column.cast("int64").to_numpy(zero_copy_only=False)


def _times(table, name: str) -> NDArray[np.int64]:  # noqa: ANN001
    if name not in table.column_names:
        return np.full(table.num_rows, UNKNOWN_TIME)
    column = table[name].combine_chunks().cast("int64").fill_null(UNKNOWN_TIME)
    return column.to_numpy(zero_copy_only=False)


def _float64(table, name: str) -> NDArray[np.float64]:  # noqa: ANN001
    column = table[name].combine_chunks().cast("float64")
    return np.array(column.fill_null(np.nan).to_numpy(zero_copy_only=False))


def read_normalized(path: Path) -> Columns:
    """Rows of a normalised csv.gz file. Python's own float() reads the decimals: correctly rounded, no fast path."""
    with gzip.open(path, "rt", newline="") as file:
        records = list(csv.DictReader(file))
    is_trade = [record["event"] == "trade" for record in records]
    columns: Columns = {
        "ts_event": np.array([_event_time(record) for record in records], dtype=np.int64),
        "kind": np.array([KINDS[record["event"]] for record in records], dtype=np.uint8),
        "venue": np.array([VENUES[record["venue"]] for record in records], dtype=object),
        "symbol": np.array([canonical_symbol(r["venue"], r["symbol"]) for r in records], dtype=object),
        "ts_recv": np.array([int(record["ts_ns"]) for record in records], dtype=np.int64),
    }
    columns |= {name: np.full(len(records), np.nan) for name in STATISTICS}
    names = {"price": "price", "size": "last_size", "bid": "best_bid", "ask": "best_ask"}
    names |= {"bid_size": "best_bid_quantity", "ask_size": "best_ask_quantity"}
    for name, original in names.items():
        columns[name] = np.array([_number(record[original]) for record in records])
    columns["side"] = np.array([SIDES.get(record["side"], np.nan) for record in records])
    for name in ("size", "side"):  # of this trade only
        columns[name] = np.where(is_trade, columns[name], np.nan)
    return columns


def _event_time(record: dict[str, str]) -> int:
    """Venue time where the message had one, else the time of receipt."""
    milliseconds = record["exch_ts_ms"]
    return int(milliseconds) * 1_000_000 if milliseconds else int(record["ts_ns"])


def _number(text: str) -> float:
    return float(text) if text else np.nan


def _without_invalid(columns: Columns) -> Columns:
    """Prices, bids and asks <= 0 and sizes < 0 are null, as NaN and infinity are."""
    for name in NUMBERS:
        column = columns[name]
        column[~np.isfinite(column)] = np.nan
        if name in POSITIVE:
            column[column <= 0] = np.nan
        if name in NOT_NEGATIVE:
            column[column < 0] = np.nan
    return columns


def by_instrument(columns: Columns) -> dict[Instrument, Columns]:
    """Rows of each instrument in file order, instruments in the order of their first row."""
    keys = [Instrument(*pair) for pair in zip(columns["venue"], columns["symbol"], strict=True)]
    places: dict[Instrument, list[int]] = {}
    for row, key in enumerate(keys):
        places.setdefault(key, []).append(row)
    return {key: {name: column[rows] for name, column in columns.items()} for key, rows in places.items()}
