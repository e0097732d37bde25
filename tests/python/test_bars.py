"""Kernels of bars and of universes over arrays, against the command line and millrace.features."""

from __future__ import annotations

from datetime import timedelta

import millrace
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from millrace import kernels

from cli.program import succeed
from python.same_bits import assert_same_array

ROWS = 3_000
START = 1_763_805_600_000_000_000
BARS = [
    ("resample_ohlc", ["price", "size"], {"interval": "60s"}),
    ("resample_ohlc", ["price", "size"], {"interval": "500ms", "empty": "carry"}),
    ("resample_ohlc", ["price"], {}),
    ("tick_bars", ["price", "size"], {"ticks": 7}),
    ("tick_bars", ["price"], {"ticks": 1}),
    ("volume_bars", ["price", "size"], {"volume": 20}),
    ("dollar_bars", ["price", "size"], {"value": 3000}),
    ("imbalance_bars", ["price", "size", "sign"], {"threshold": 10}),
    ("imbalance_bars", ["price", "size", "sign"], {"threshold": 10, "adaptive": True, "half_life": 5}),
]
UNIVERSES = [
    ("cs_rank", ["price"], {"max_age": "5s"}, None),
    ("cs_rank", ["price"], {}, None),
    ("dominance_index", ["vol_24h"], {}, "quote"),
    ("venue_score", ["bid_size"], {"w_spread": 1, "half_life": "10s"}, "symbol"),
    ("venue_score", ["bid_size", "vol_24h"], {"w_spread": 0.25, "w_depth": 0.75}, "symbol"),
]


@pytest.fixture(scope="module")
def rows() -> pa.Table:
    """Trades of three symbols on two venues, late ones and ones without a size among them."""
    random = np.random.default_rng(5)
    steps = random.integers(0, 400_000_000, ROWS)
    late = np.where(random.random(ROWS) < 0.05, random.integers(0, 3_000_000_000, ROWS), 0)
    size = np.round(random.random(ROWS) * 8, 2) + 0.25
    return pa.table(
        {
            "ts_event": pa.array(START + np.cumsum(steps) - late, pa.timestamp("ns", "UTC")),
            "venue": random.choice(["kraken", "coinbase"], ROWS),
            "symbol": random.choice(["BTC-USD", "ETH-USD", "ADA-EUR"], ROWS),
            "seq": pa.array(range(ROWS), pa.uint64()),
            "kind": pa.array([1] * ROWS, pa.uint8()),
            "price": 100 + np.cumsum(np.round(random.normal(0, 0.05, ROWS), 2)),
            "size": pa.array(np.where(random.random(ROWS) < 0.02, np.nan, size), from_pandas=True),
            "side": pa.array(random.choice([-1, 1], ROWS), pa.int8()),
            "vol_24h": np.round(random.random(ROWS) * 100, 2) + 1,
        }
    )


def written(name: str, inputs: list[str], given: dict) -> str:
    words = [*inputs, *(f"{key}={str(value).lower() if isinstance(value, bool) else value}" for key, value in given.items())]
    return f"{name}({', '.join(words)})"


@pytest.fixture(scope="module")
def told(rows, tmp_path_factory) -> pa.Table:
    """Every call as a feature of the command line: of bars, what the last one says."""
    folder = tmp_path_factory.mktemp("bars")
    pq.write_table(rows, folder / "rows.parquet")
    lines = ['mode = "replace"', "[let]", 'sign = "side"', "[features]"]
    lines += ['price_ = "price"', 'size_ = "size"', 'sign_ = "sign"']
    for number, (name, inputs, given) in enumerate(BARS):
        for output, _ in kernels.describe(name)["outputs"]:
            lines.append(f'b{number}_{output} = "{written(name, inputs, given)}.{output}"')
    (folder / "calls.toml").write_text("\n".join(lines))
    out = folder / "out.parquet"
    succeed("research", "--in", folder / "rows.parquet", "--features", folder / "calls.toml", "--out", out,
            "--order", "time", "--quiet")  # fmt: skip
    return pq.read_table(out)


def columns_of(told: pa.Table, inputs: list[str]) -> list[np.ndarray]:
    return [told[f"{name}_"].to_numpy().astype(np.float64) for name in inputs]


def instruments(table: pa.Table) -> np.ndarray:
    return np.char.add(np.char.add(table["venue"].to_numpy().astype(str), ":"), table["symbol"].to_numpy().astype(str))


def whole(values: np.ndarray | pa.ChunkedArray) -> np.ndarray:
    """Numbers or times as doubles of 64 bits, times as integers that a comparison of bits tells apart."""
    array = values if isinstance(values, np.ndarray) else values.to_numpy()
    return array.astype("datetime64[ns]").view(np.int64).view(np.float64) if array.dtype.kind == "M" else array.astype(np.float64)


@pytest.mark.parametrize("number", range(len(BARS)), ids=[f"{name}-{i}" for i, (name, *_) in enumerate(BARS)])
def test_bars_are_those_of_the_command_line(rows, told, number) -> None:
    """The last bar that a row closes, and no other row changes what the feature says."""
    name, inputs, given = BARS[number]
    by = instruments(told)
    bars = getattr(kernels, name)(*columns_of(told, inputs), by=by, ts=told["ts_event"].to_numpy(), **given)
    assert len(bars.row) > 20 and (np.diff(bars.row) >= 0).all()
    assert (by[bars.row] == bars.key).all()
    for output in bars._fields[2:]:
        feature = told[f"b{number}_{output}"].to_numpy()
        values = getattr(bars, output)
        for key in np.unique(by):
            own, mine = np.flatnonzero(by == key), bars.key == key
            newest = np.searchsorted(bars.row[mine], own, side="right") - 1
            expected = np.where(newest < 0, np.datetime64("NaT", "ns") if values.dtype.kind == "M" else np.nan, values[mine][newest])
            assert_same_array(whole(expected), whole(feature[own]), f"{name}({given}).{output} of {key}")


@pytest.mark.parametrize("number", range(len(UNIVERSES)), ids=[f"{name}-{i}" for i, (name, *_) in enumerate(UNIVERSES)])
def test_universes_are_those_of_features(rows, number) -> None:
    name, inputs, given, peers = UNIVERSES[number]
    outputs = [one for one, _ in kernels.describe(name)["outputs"]]
    calls = {f"u_{output}": f"{written(name, inputs, given)}.{output}" for output in outputs}
    quotes = rows.set_column(4, "kind", pa.array([2] * ROWS, pa.uint8())).rename_columns({"size": "bid_size"}).append_column("bid", rows["price"])
    told = millrace.features(quotes, calls | {f"{one}_": one for one in inputs}).to_arrow()
    symbols = told["symbol"].to_numpy().astype(str)
    groups = {None: None, "symbol": symbols, "quote": np.array([one.split("-")[1] for one in symbols])}[peers]
    result = getattr(kernels, name)(
        *columns_of(told, inputs), by=instruments(told), ts=told["ts_event"].to_numpy(), peers=groups, **given
    )
    for values, output in zip(result if isinstance(result, tuple) else (result,), outputs, strict=True):
        feature = told[f"u_{output}"].to_numpy()
        assert np.isfinite(feature).sum() > ROWS / 2
        assert_same_array(values, feature, f"{name}({given}).{output}")


PRICES = 100 + np.cumsum(np.random.default_rng(1).normal(size=300))
TS = START + np.arange(300) * 10**9


def test_bars_come_back_as_series_went_in() -> None:
    expected = kernels.tick_bars(PRICES, ticks=10, ts=TS)
    assert expected._fields[:3] == ("row", "key", "open") and expected.key is None
    assert expected.row.tolist() == list(range(9, 300, 10)) and expected.close.tolist() == PRICES[9::10].tolist()
    assert expected.ts_close.dtype == "datetime64[ns]" and (expected.ts_close.view(np.int64) == TS[9::10]).all()
    frame = kernels.tick_bars(pd.Series(PRICES, index=range(5, 305)), ticks=10, ts=TS)
    assert isinstance(frame.open, pd.Series) and frame.open.index.tolist() == list(range(30))
    column = kernels.tick_bars(pl.Series(PRICES), ticks=10, ts=TS)
    assert column.open.name == "open" and column.ts_open.dtype == pl.Datetime("ns") and column.volume.null_count() == 30
    assert kernels.tick_bars(pa.array(PRICES), ticks=10, ts=TS).close.to_pylist() == expected.close.tolist()
    assert len(kernels.tick_bars([], ticks=10, ts=[]).row) == 0


def test_keys_of_bars_are_of_the_kind_of_by() -> None:
    texts = np.array(["a", "b", "b"])[np.arange(300) % 3]
    expected = kernels.tick_bars(PRICES, ticks=10, ts=TS, by=texts).key.tolist()
    assert expected.count("a") == 10 and expected.count("b") == 20
    for by in (pd.Series(texts), pd.Series(texts, dtype="category"), pl.Series(texts), texts.tolist()):
        assert list(kernels.tick_bars(PRICES, ticks=10, ts=TS, by=by).key) == expected
    assert kernels.tick_bars(PRICES, ticks=10, ts=TS, by=pa.array(texts)).key.to_pylist() == expected


def test_bars_take_python_values_and_say_what_is_wrong() -> None:
    minute = kernels.resample_ohlc(PRICES, ts=TS, interval=timedelta(seconds=60))
    assert minute.close.tolist() == kernels.resample_ohlc(PRICES, ts=TS).close.tolist()
    for call, message in [
        (lambda: kernels.tick_bars(PRICES, ticks=3), "tick_bars: bars have times; expected `ts`"),
        (lambda: kernels.tick_bars(PRICES, ts=TS), "parameter `ticks` is required"),
        (lambda: kernels.tick_bars(PRICES, PRICES[1:], ticks=3, ts=TS), "size has 299 rows; expected 300"),
        (lambda: kernels.tick_bars(PRICES, ticks=3, ts=TS[1:]), "ts has 299 rows; expected 300"),
        (lambda: kernels.tick_bars(PRICES, ticks=3, ts=-TS), r"ts\[0\] is -\d+ ns; expected a time since 1970"),
        (lambda: kernels.tick_bars(PRICES, ticks=3, ts=TS, nan_policy="reset"), "nan_policy must be skip"),
        (lambda: kernels.volume_bars(PRICES, volume=3, ts=TS), "input `size` is missing"),
        (lambda: kernels.cs_rank(PRICES, ts=TS), "cs_rank: it compares instruments; expected `by`"),
        (lambda: kernels.cs_rank(PRICES, by=["a"] * 300), "cs_rank: it works by event time; expected `ts`"),
        (lambda: kernels.dominance_index(PRICES, by=["a"] * 300, peers=["u"]), "peers has 1 rows; expected 300"),
        (lambda: kernels.rsi(PRICES, peers=["u"] * 300), "unknown parameter `peers`|a number, a text or a duration"),
    ]:
        with pytest.raises(millrace.InvalidInput, match=message):
            call()
