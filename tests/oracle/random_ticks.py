"""More than a day of two instruments as no market would send them, so that every window of default-100 fills and rolls.

Rows are as the door would leave them: what a row does not bring is carried forward, an empty side of the book is
flagged and stays empty until a quote fills it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from oracle.rows import STATISTICS

START_NS = 1_700_000_000_123_456_789
ONE_SIDED = 1 << 5
QUOTE, TRADE, TICKER, FUNDING, GAP = 0, 1, 2, 3, 5


def write_random_ticks(path: Path, count: int = 12_000, seed: int = 11) -> None:
    """Some thirty hours: bursts, silences, late rows, jumps, flat prices, locked, crossed and one-sided books, nulls."""
    parts = [_ticks(symbol, count // 2, seed + number) for number, symbol in enumerate(("BTC-USD", "ETH-USD"))]
    times = np.concatenate([now for now, _ in parts])
    pq.write_table(pa.concat_tables([table for _, table in parts]).take(np.argsort(times, kind="stable")), path)


def _ticks(symbol: str, count: int, seed: int) -> tuple[np.ndarray, pa.Table]:
    """When each row arrives, and the rows."""
    rng = np.random.default_rng(seed)
    kind = rng.choice([QUOTE, TRADE, TICKER, FUNDING, GAP], count, p=[0.4, 0.35, 0.2, 0.03, 0.02])
    steps = rng.exponential(27e9, count) * (rng.random(count) < 0.7) + (rng.random(count) < 0.002) * 600e9
    now = START_NS + np.cumsum(steps.astype(np.int64))
    moves = rng.integers(-90, 91, count) * 0.1 * (rng.random(count) < 0.6)
    moves += rng.choice([-3000.0, 3000.0], count) * (rng.random(count) < 0.0005)
    moves[count // 3 : count // 3 + 400] = 0  # flat for longer than a window
    mid = np.round(60_000 + np.cumsum(moves), 2)
    is_trade, is_quote = np.isin(kind, (TRADE, TICKER)), np.isin(kind, (QUOTE, TICKER))
    price = np.where(is_trade & (rng.random(count) > 0.02), mid, np.nan)
    empty = is_quote & (rng.random(count) < 0.03)
    from_mid = rng.integers(-1, 4, (2, count)) * 0.01
    sizes = rng.integers(0, 8, (2, count)) * 0.25
    own = kind == TRADE
    columns = {
        "ts_event": now - (rng.random(count) < 0.02) * 2_000_000_000,
        "ts_recv": now + rng.choice([5_000_000, 1_500_000_000], count, p=[0.97, 0.03]),
        "kind": kind.astype(np.uint8),
        "price": _carried(price, is_trade),
        "size": np.where(own & (rng.random(count) > 0.03), rng.integers(0, 50, count) / 100, np.nan),
        "side": np.where(own & (rng.random(count) > 0.1), rng.choice([-1.0, 1.0], count), np.nan),
        "bid": _carried(np.where(empty, np.nan, np.round(mid - from_mid[0], 2)), is_quote, is_kept=False),
        "bid_size": _carried(np.where(empty, np.nan, sizes[0]), is_quote, is_kept=False),
        "ask": _carried(np.round(mid + from_mid[1], 2), is_quote),
        "ask_size": _carried(sizes[1], is_quote),
        "flags": (empty * ONE_SIDED).astype(np.uint32),
    }
    for name in STATISTICS:
        spread = {"vol_24h": 100 + 50 * rng.random(count), "pct_chg_24h": rng.normal(size=count)}
        level = spread.get(name, mid + (1 if name == "high_24h" else -1) * rng.integers(0, 900, count))
        columns[name] = np.where(np.arange(count) < 50, np.nan, level)
    arrays = {name: pa.array(column, from_pandas=column.dtype.kind == "f") for name, column in columns.items()}
    arrays["side"] = arrays["side"].cast(pa.int8())
    arrays |= {name: arrays[name].cast(pa.timestamp("ns", "UTC")) for name in ("ts_event", "ts_recv")}
    arrays |= {"venue": pa.array(["coinbase"] * count), "symbol": pa.array([symbol] * count)}
    return now, pa.table({**arrays, "seq": pa.array(np.arange(count, dtype=np.uint64))})


def _carried(values: np.ndarray, observed: np.ndarray, is_kept: bool = True) -> np.ndarray:
    """Repeats the last observed value on the rows between; `is_kept`: a null one is not, the value before it is."""
    source = observed & np.isfinite(values) if is_kept else observed
    last = np.maximum.accumulate(np.where(source, np.arange(values.size), -1))
    carried = np.where(last >= 0, values[np.maximum(last, 0)], np.nan)
    return np.where(observed, values, carried)
