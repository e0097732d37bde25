"""Kernels that go by the rows' own times and numbers give what pandas gives on resent, late and incomplete rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cli.market import QUOTE, SCHEMA, START_NS, TICKER, TRADE
from oracle.test_features import run

ROWS = 4000
SECOND = 1_000_000_000
TIMES = ("ts_event", "ts_recv", "next_funding_ns")
EXTRA = {
    "trade_id": pa.uint64(),
    "open_interest": pa.float64(),
    "mark_price": pa.float64(),
    "index_price": pa.float64(),
}
FEATURES = {
    "duplicate": "dedupe_trades(trade_id)",
    "same_trade": "dedupe_trades(ts_event, price, size, side)",
    "offset": "clock_skew_align(ts_event, ts_recv, window=expanding).offset_ns",
    "offset_10m": "clock_skew_align(ts_event, ts_recv).offset_ns",
    "aligned_10m": "clock_skew_align(ts_event, ts_recv).ts_aligned",
    "cost": "funding_cost(sqrt(open_interest - 500), mark_price, funding_rate, next_funding_ns)",
    "fair": "perp_fair_price(index_price, funding_rate, next_funding_ns, interval=1m)",
}


def random_rows(seed: int = 8) -> pd.DataFrame:
    """Rows of one instrument: every tenth trade is sent again later, messages take 1 to 40 ms, clocks drift apart."""
    random = np.random.default_rng(seed)
    ts = START_NS + (random.exponential(0.4, ROWS) * 1e9).astype(np.int64).cumsum()
    kind = random.choice([QUOTE, TRADE, TICKER], ROWS, p=[0.4, 0.5, 0.1])
    price = 30_000 + random.integers(-3, 4, ROWS).cumsum() * 0.5
    is_trade = kind == TRADE
    frame = pd.DataFrame(
        {
            "ts_event": ts,
            "kind": kind,
            "price": np.where(kind == QUOTE, np.nan, price),
            "size": np.where(is_trade, random.integers(1, 4, ROWS) * 0.25, np.nan),
            "side": np.where(is_trade, random.choice([-1, 1, np.nan], ROWS, p=[0.45, 0.45, 0.1]), np.nan),
            "trade_id": pd.array(np.arange(ROWS) + 10**15, dtype="UInt64"),
            "bid": price - 0.5,
            "ask": price + 0.5,
            "open_interest": 500 + random.integers(-2, 8, ROWS).astype(float),
            "mark_price": price + 0.25,
            "index_price": price - 0.25,
            "funding_rate": random.choice([-1e-4, 1e-4, 3e-4], ROWS),
            "next_funding_ns": (ts - 3 * SECOND) // (60 * SECOND) * (60 * SECOND) + 60 * SECOND,
        }
    )
    frame.loc[~is_trade | (random.random(ROWS) < 0.05), "trade_id"] = pd.NA
    again = frame[is_trade].sample(frac=0.1, random_state=seed)
    again.index = again.index + random.integers(1, 50, len(again)) + 0.5
    frame = pd.concat([frame, again]).sort_index(kind="stable").reset_index(drop=True)
    wait = random.integers(1, 40, len(frame)) * 1_000_000 + np.arange(len(frame)) * 10_000
    received = pd.array(frame["ts_event"].cummax() + wait, dtype="Int64")
    received[random.random(len(frame)) < 0.1] = pd.NA
    return frame.assign(ts_recv=received, seq=np.arange(len(frame)) + 1, venue="coinbase", symbol="BTC-USD", flags=0)


def table_of(rows: pd.DataFrame) -> pa.Table:
    stamp = pa.timestamp("ns", "UTC")
    types = {field.name: field.type for field in SCHEMA} | EXTRA | dict.fromkeys(TIMES, stamp)
    columns = {}
    for name in rows:
        kind = types.get(name, pa.float64())
        whole = pa.types.is_timestamp(kind)
        column = pa.array(rows[name], type=pa.int64() if whole else kind, from_pandas=True)
        columns[name] = column.cast(kind) if whole else column
    return pa.table(columns)


@pytest.fixture(scope="module")
def played(tmp_path_factory) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """The rows, with `clock`, and the program's columns; whole numbers stay whole."""
    folder: Path = tmp_path_factory.mktemp("times")
    rows = random_rows()
    pq.write_table(table_of(rows), folder / "rows.parquet")
    lines = "".join(f'{name} = "{expression}"\n' for name, expression in FEATURES.items())
    (folder / "times.toml").write_text("[features]\n" + lines)
    out = folder / "features.parquet"
    run("research", "--in", folder / "rows.parquet", "--out", out, "--features", folder / "times.toml")
    table = pq.read_table(out)
    got = {}
    for name in FEATURES:
        column = table[name].combine_chunks()
        is_whole = pa.types.is_temporal(column.type) or pa.types.is_integer(column.type)
        column = column.cast(pa.int64()) if is_whole else column
        got[name] = pd.Series(column.to_pylist(), dtype="Int64" if is_whole else float)
    assert len(table) == len(rows)
    return rows.assign(clock=rows["ts_event"].cummax()), got


def delays(rows: pd.DataFrame) -> pd.Series:
    return (rows["ts_recv"] - rows["ts_event"]).astype("Int64")


def same(expected: pd.Series, got: pd.Series) -> None:
    """Equal to the last bit, nulls at the same rows; the comparison is worth something."""
    assert expected.nunique() > 1
    pd.testing.assert_series_equal(got, expected.astype(got.dtype), check_names=False, check_exact=True)


def on_trades(rows: pd.DataFrame, flags: pd.Series) -> pd.Series:
    """The answers of trades and tickers, repeated on the rows between."""
    return flags.astype("Int64").where(rows["kind"].isin([TRADE, TICKER])).ffill()


def test_a_trade_number_met_before_is_a_duplicate(played) -> None:
    rows, got = played
    flags = rows["trade_id"].notna() & rows["trade_id"].duplicated()
    same(on_trades(rows, flags), got["duplicate"])


def test_trades_without_numbers_are_told_apart_by_all_they_have(played) -> None:
    rows, got = played
    parts = rows[["ts_event", "price", "size", "side"]]
    same(on_trades(rows, parts.notna().all(axis=1) & parts.duplicated()), got["same_trade"])


def test_the_offset_is_the_least_delay_so_far(played) -> None:
    rows, got = played
    same(delays(rows).cummin(), got["offset"])


def test_the_offset_of_ten_minutes_is_the_least_of_sixty_buckets(played) -> None:
    rows, got = played
    bucket, delay = rows["clock"] // (10 * SECOND), delays(rows).astype(float)
    closed = delay.groupby(bucket).min().reindex(range(bucket.min(), bucket.max() + 1))
    before = bucket.map(closed.rolling(59, min_periods=1).min().shift(1))
    open_one = delay.groupby(bucket).cummin()
    expected = pd.concat([before, open_one], axis=1).min(axis=1).where(delay.notna()).astype("Int64")
    same(expected, got["offset_10m"])
    same(rows["ts_event"] + expected, got["aligned_10m"])
    assert (got["aligned_10m"] <= rows["ts_recv"]).dropna().all()


def test_funding_is_charged_once_at_each_stamp_as_of_the_row_before(played) -> None:
    rows, got = played
    position = np.sqrt((rows["open_interest"] - 500).where(rows["open_interest"] >= 500))
    charge = position * rows["mark_price"] * rows["funding_rate"]
    last = rows[["clock", "next_funding_ns"]].assign(charge=charge)
    stamps = pd.DataFrame({"stamp": np.sort(rows["next_funding_ns"].unique())})
    due = pd.merge_asof(stamps, last, left_on="stamp", right_on="clock", allow_exact_matches=False)
    due = due[due["next_funding_ns"] == due["stamp"]].assign(paid=lambda frame: frame["charge"].fillna(0).cumsum())
    assert (due["charge"].isna().sum() > 0) and len(due) > 10
    shown = pd.merge_asof(rows[["clock"]], due[["stamp", "paid"]], left_on="clock", right_on="stamp")
    expected = shown["paid"].fillna(0).where(charge.notna().cummax())
    np.testing.assert_allclose(got["cost"], expected, rtol=1e-12)


def test_the_fair_price_is_scaled_by_the_time_to_funding(played) -> None:
    rows, got = played
    left = (rows["next_funding_ns"] - rows["clock"]) / (60 * SECOND)
    expected = (rows["index_price"] * (1 + rows["funding_rate"] * left)).where(left.between(0, 1))
    assert expected.isna().any()
    np.testing.assert_allclose(got["fair"], expected, rtol=1e-12)
