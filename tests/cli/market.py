"""Small markets with every value known, as canonical rows in a table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

START_NS = 1_763_805_600_000_000_000  # 2025-11-22T10:00:00Z
STEP_NS = 100_000_000
SCHEMA = pa.schema(
    [
        ("ts_event", pa.timestamp("ns", "UTC")),
        ("venue", pa.string()),
        ("symbol", pa.string()),
        ("seq", pa.uint64()),
        ("kind", pa.uint8()),
        ("price", pa.float64()),
        ("size", pa.float64()),
        ("side", pa.int8()),
        ("bid", pa.float64()),
        ("bid_size", pa.float64()),
        ("ask", pa.float64()),
        ("ask_size", pa.float64()),
        ("flags", pa.uint32()),
    ]
)
QUOTE, TRADE, TICKER, FUNDING, BAR, GAP = range(6)
Rows = dict[str, list]


def clean_rows(count: int, venue: str = "coinbase", symbol: str = "BTC-USD", seed: int = 1, first: int = 0) -> Rows:
    """Quotes and trades in turn, ten a second, without a fault: even rows are quotes, odd ones trades."""
    random = np.random.default_rng(seed)
    mid = 30_000.0 + np.round(np.cumsum(random.normal(0.0, 1.0, count)), 2)
    is_trade = [i % 2 == 1 for i in range(count)]
    return {
        "ts_event": [START_NS + (first + i) * STEP_NS for i in range(count)],
        "venue": [venue] * count,
        "symbol": [symbol] * count,
        "seq": [first + i + 1 for i in range(count)],
        "kind": [TRADE if trade else QUOTE for trade in is_trade],
        "price": [float(m) if trade else None for m, trade in zip(mid, is_trade, strict=True)],
        "size": [0.25 + i % 7 if trade else None for i, trade in enumerate(is_trade)],
        "side": [(1 if i % 4 == 1 else -1) if trade else None for i, trade in enumerate(is_trade)],
        "bid": [float(m) - 0.5 for m in mid],
        "bid_size": [1.0 + i % 5 for i in range(count)],
        "ask": [float(m) + 0.5 for m in mid],
        "ask_size": [2.0 + i % 3 for i in range(count)],
        "flags": [0] * count,
    }


def merged(*parts: Rows) -> Rows:
    """Rows of several instruments in the order of time."""
    rows = {name: [value for part in parts for value in part[name]] for name in parts[0]}
    order = sorted(range(len(rows["ts_event"])), key=lambda i: rows["ts_event"][i])
    return {name: [values[i] for i in order] for name, values in rows.items()}


def cut(rows: Rows, first: int, end: int | None = None) -> Rows:
    return {name: values[first:end] for name, values in rows.items()}


def table_of(rows: Rows) -> pa.Table:
    return pa.table({name: pa.array(values, SCHEMA.field(name).type) for name, values in rows.items()})


def write_parquet(rows: Rows, path: Path) -> Path:
    pq.write_table(table_of(rows), path)
    return path


def write_csv(rows: Rows, path: Path) -> Path:
    """Times as whole nanoseconds, texts as they are: rows may hold what no type allows."""
    lines = [",".join(rows)]
    lines += [",".join("" if value is None else str(value) for value in row) for row in zip(*rows.values(), strict=True)]
    path.write_text("\n".join(lines) + "\n")
    return path
