"""Bars of the program are those of pandas, and kernels observe them with on=bar."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from oracle import naive
from oracle.random_ticks import write_random_ticks
from oracle.rows import Columns
from oracle.test_features import input_rows, output_rows, run

SIGN = "trade_sign(price, bid, ask, side)"
OUTPUTS = ("open", "high", "low", "close", "volume", "value", "trades", "vwap", "ts_open", "ts_close")
RESAMPLED = ("open", "high", "low", "close", "volume", "vwap", "trades", "bar_start")
RTOL = 1e-9
REACHED = 1 - 1e-12


class Kernel(NamedTuple):
    """A call that closes a bar once the absolute sum of `measure` over its trades reaches `threshold`."""

    call: str
    measure: str
    threshold: float


KERNELS = {
    "volume_bars": Kernel("volume_bars(price, size, volume=1.5)", "size", 1.5),
    "dollar_bars": Kernel("dollar_bars(price, size, value=100000)", "value", 100_000),
    "tick_bars": Kernel("tick_bars(price, size, ticks=7)", "one", 7),
    "imbalance_bars": Kernel(f"imbalance_bars(price, size, {SIGN}, threshold=0.8)", "imbalance", 0.8),
}


@pytest.fixture(scope="module")
def ticks(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("bars") / "random.parquet"
    write_random_ticks(path)
    return path


@pytest.fixture(scope="module")
def features(ticks):  # noqa: ANN201
    @cache
    def of(**expressions: str) -> dict:
        path = ticks.parent / f"{'_'.join(expressions)[:40]}_{abs(hash(tuple(expressions.values())))}"
        lines = "".join(f'{name} = "{expression}"\n' for name, expression in expressions.items())
        path.with_suffix(".toml").write_text(f'mode = "replace"\n[features]\n{lines}')
        run("research", "--in", ticks, "--out", path.with_suffix(".parquet"), "--features", path.with_suffix(".toml"))
        return output_rows(path.with_suffix(".parquet"))

    return of


def trades_of(rows: Columns, with_size: bool) -> pd.DataFrame:
    """Rows of a trade in file order, with the clock of the key and what bars may count.

    Bars of volume, value and imbalance know no trade without a size, nor one of size 0; bars of ticks and of time do.
    """
    clock = np.maximum.accumulate(rows["ts_event"])
    sign = naive.trade_sign(rows["price"], rows["bid"], rows["ask"], rows["side"], observed=np.isin(rows["kind"], (1, 2)))
    frame = pd.DataFrame({name: rows[name] for name in ("price", "size", "kind")} | {"clock": clock, "sign": sign})
    frame = frame[frame["kind"].isin([1, 2]) & frame["price"].notna()]
    frame = frame[frame["size"] > 0] if with_size else frame
    return frame.assign(value=frame["price"] * frame["size"], imbalance=frame["sign"] * frame["size"], one=1.0)


def summed(trades: pd.DataFrame, bar: object) -> pd.DataFrame:
    """One row per bar, by its number; `row` is that of its last trade."""
    groups = trades.assign(row=trades.index).groupby(bar)
    table = groups.agg(
        open=("price", "first"),
        high=("price", "max"),
        low=("price", "min"),
        close=("price", "last"),
        volume=("size", lambda sizes: sizes.sum(min_count=1)),
        value=("value", lambda values: values.sum(min_count=1)),
        trades=("price", "size"),
        imbalance=("imbalance", "sum"),
        ts_open=("clock", "first"),
        ts_close=("clock", "last"),
        row=("row", "last"),
    )
    return table.assign(vwap=table["value"] / table["volume"].where(table["volume"] > 0))


def on_rows(values: np.ndarray, closed_at: np.ndarray, count: int) -> np.ndarray:
    """Value of the last closed bar on every row; null before the first."""
    bar = pd.Series(np.nan, index=range(count))
    bar.iloc[closed_at] = np.arange(closed_at.size)
    bar = bar.ffill().to_numpy()
    return np.where(np.isnan(bar), np.nan, np.asarray(values)[np.nan_to_num(bar).astype(int)])


def same(got: np.ndarray, expected: np.ndarray, what: str) -> None:
    """Equal nulls (-1 of a time) and values within 1e-9."""
    got = np.where(got == -1, np.nan, got.astype(float)) if got.dtype == np.int64 else got
    np.testing.assert_allclose(got, expected, rtol=RTOL, equal_nan=True, err_msg=what)


def numbers_by_threshold(measure: np.ndarray, threshold: float) -> tuple[np.ndarray, int]:
    """Which bar each trade falls into, and how many bars close; the sum starts anew with each."""
    numbers, total, number = np.empty(measure.size, dtype=np.int64), 0.0, 0
    for i, step in enumerate(measure):
        numbers[i] = number
        total += step
        if abs(total) >= threshold * REACHED:
            total, number = 0.0, number + 1
    return numbers, number


@pytest.mark.parametrize("name", KERNELS)
def test_bars_of_trades_are_groups_of_a_running_sum(ticks, features, name) -> None:
    kernel = KERNELS[name]
    outputs = (*OUTPUTS, "imbalance") if name == "imbalance_bars" else OUTPUTS
    got = features(**{f"bar_{output}": f"{kernel.call}.{output}" for output in outputs})
    for instrument, rows in input_rows(ticks).items():
        trades = trades_of(rows, with_size=name != "tick_bars")
        trades = trades[trades[kernel.measure].notna()]
        numbers, closed = numbers_by_threshold(trades[kernel.measure].to_numpy(), kernel.threshold)
        table = summed(trades, numbers)[:closed]
        assert len(table) > 20
        for output in outputs:
            expected = on_rows(table[output].to_numpy(), table["row"].to_numpy(), rows["kind"].size)
            same(got[instrument][f"bar_{output}"], expected, f"{name}.{output}, {instrument}")


def resampled(rows: Columns, interval: str) -> pd.DataFrame:
    """Bars by pandas; `row` is the first row of any kind at or after the end, bars without one are left out."""
    trades = trades_of(rows, with_size=False)
    at = pd.to_datetime(trades["clock"])
    grid = trades.set_index(at).resample(interval, closed="left", label="left", origin="epoch")
    table = grid["price"].ohlc()
    sums = grid[["size", "value"]].sum()
    table = table.assign(volume=sums["size"], vwap=sums["value"] / sums["size"].where(sums["size"] > 0), trades=grid.size())
    table = table[table["trades"] > 0]
    starts = table.index.as_unit("ns").asi8
    ends = starts + pd.Timedelta(interval).value
    table = table.assign(bar_start=starts, row=np.searchsorted(np.maximum.accumulate(rows["ts_event"]), ends))
    return table[table["row"] < rows["kind"].size]


@pytest.mark.parametrize("interval", ["60s", "15min"])
def test_resample_ohlc_is_that_of_pandas(ticks, features, interval) -> None:
    call = f"resample_ohlc(price, size, interval={interval.removesuffix('in')})"
    got = features(**{f"bar_{output}": f"{call}.{output}" for output in RESAMPLED})
    for instrument, rows in input_rows(ticks).items():
        table = resampled(rows, interval)
        assert len(table) > 100
        for output in RESAMPLED:
            expected = on_rows(table[output].to_numpy(), table["row"].to_numpy(), rows["kind"].size)
            same(got[instrument][f"bar_{output}"], expected, f"{output}, {instrument}")


BAR = "resample_ohlc(price, size, interval=60s)"
ON_BARS = {
    "mean of closes": (f"sma({BAR}.close, window=5)", lambda bars: bars["close"].rolling(5).mean()),
    "mean on=bar": (f"sma({BAR}.close, window=5, on=bar)", lambda bars: bars["close"].rolling(5).mean()),
    "mean of an expression": (
        f"sma(({BAR}.high + {BAR}.low) / 2, window=5, on=bar)",
        lambda bars: ((bars["high"] + bars["low"]) / 2).rolling(5).mean(),
    ),
    "volume": (f"rolling_sum({BAR}.volume, window=10, on=bar)", lambda bars: bars["volume"].rolling(10).sum()),
    "highest": (f"rolling_max({BAR}.high, window=20)", lambda bars: bars["high"].rolling(20).max()),
    "average": (
        f"ewma({BAR}.close, lambda=0.94)",
        lambda bars: bars["close"].ewm(alpha=0.06, adjust=False).mean(),
    ),
}


@pytest.mark.parametrize("name", ON_BARS)
def test_a_kernel_of_bars_observes_each_once(ticks, features, name) -> None:
    expression, of_bars = ON_BARS[name]
    got = features(value=expression)
    for instrument, rows in input_rows(ticks).items():
        table = resampled(rows, "60s")
        expected = on_rows(of_bars(table).to_numpy(), table["row"].to_numpy(), rows["kind"].size)
        same(got[instrument]["value"], expected, f"{name}, {instrument}")


def test_on_bar_takes_the_price_of_the_row_that_closes(ticks, features) -> None:
    """A price that is not of bars, observed with on=bar beside one that is: the value that it has on that row."""
    got = features(value=f"sma(price - {BAR}.close, window=3, on=bar)")
    for instrument, rows in input_rows(ticks).items():
        table = resampled(rows, "60s")
        seen = rows["kind"] >= 0
        price = pd.Series(rows["price"])
        traded = pd.Series(np.isin(rows["kind"], (1, 2)) & seen)
        # The difference is observed on trades: on another row it shows what it was on the last one.
        closes = on_rows(table["close"].to_numpy(), table["row"].to_numpy(), rows["kind"].size)
        difference = (price - closes).to_numpy()
        last = np.maximum.accumulate(np.where(traded, np.arange(price.size), -1))
        shown = np.where(last >= 0, difference[np.maximum(last, 0)], np.nan)[table["row"].to_numpy()]
        given = pd.Series(shown)[pd.Series(shown).notna()]
        means = pd.Series(np.nan, index=range(len(table)))
        means[given.index] = given.rolling(3).mean()
        expected = on_rows(means.to_numpy(), table["row"].to_numpy(), rows["kind"].size)
        np.testing.assert_allclose(got[instrument]["value"], expected, rtol=RTOL, atol=1e-9, equal_nan=True)
