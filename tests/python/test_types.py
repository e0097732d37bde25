"""Types and layouts in memory: every number, text and time that Arrow, NumPy, pandas and Polars have for a column."""

from __future__ import annotations

import millrace
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from millrace import kernels

from python.same_bits import assert_same_array, assert_same_table

VALUES = [3.0, 5.0, 4.0, None, 7.0, 9.0, 8.0, 2.0, 6.0, 1.0]
PLAIN = np.array([np.nan if value is None else value for value in VALUES])
EXPECTED = kernels.rolling_sum(PLAIN, window=3)
FEATURES = {"p": "price + 0", "m": "midprice(bid, ask)", "s": "trade_sign(price, bid, ask, side)"}


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f8", "g", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", ">i4"])
def test_numpys_numbers(dtype) -> None:
    values = np.arange(1, 20).astype(dtype)
    assert_same_array(kernels.rolling_sum(values, window=3), kernels.rolling_sum(np.arange(1.0, 20), window=3), dtype)


def test_views_that_are_not_contiguous() -> None:
    table = np.random.default_rng(1).normal(size=(50, 4))
    for view in (table[:, 1], table[::-3, 2], table[::2, 0], np.asfortranarray(table)[7]):
        assert_same_array(kernels.rolling_sum(view, window=3), kernels.rolling_sum(view.copy(), window=3), "view")
    frozen = table[:, 0].copy()
    frozen.flags.writeable = False
    assert_same_array(kernels.rolling_sum(frozen, window=3), kernels.rolling_sum(table[:, 0].copy(), window=3), "frozen")


@pytest.mark.parametrize(
    "series",
    [
        np.ma.masked_invalid(PLAIN),
        pd.Series(VALUES, dtype="Int64"),
        pd.Series(VALUES, dtype="Float32"),
        pd.Series(VALUES, dtype="int64[pyarrow]"),
        pd.Series(VALUES, dtype="float64"),
        pl.Series(VALUES),
        pl.Series(VALUES).cast(pl.Int32),
        pl.concat([pl.Series(VALUES[:4], dtype=pl.Float32), pl.Series(VALUES[4:], dtype=pl.Float32)], rechunk=False),
        pl.Series([0.0, *VALUES])[1:],
        pa.array(VALUES),
        pa.array(VALUES, pa.int8()),
        pa.array([None, *VALUES], pa.uint16()).slice(1),
        pa.chunked_array([VALUES[:3], [], VALUES[3:]], pa.float32()),
        VALUES[:3] + [float("nan")] + VALUES[4:],
        PLAIN.tolist(),
    ],
    ids=lambda series: f"{type(series).__module__.partition('.')[0]} {getattr(series, 'dtype', getattr(series, 'type', ''))}",
)
def test_series_with_missing_values(series) -> None:
    result = kernels.rolling_sum(series, window=3)
    values = result.to_numpy(zero_copy_only=False) if isinstance(result, pa.Array) else np.asarray(result, dtype=float)
    assert_same_array(values, EXPECTED, str(type(series)))


def test_empty_series() -> None:
    for empty in (np.empty(0), [], pl.Series([], dtype=pl.Float64), pd.Series([], dtype=float), pa.array([], pa.float64()),
                  pl.Series([None, None][:0]), pa.chunked_array([], pa.int64())):  # fmt: skip
        assert len(kernels.rsi(empty)) == 0
        assert [len(one) for one in kernels.macd(empty, by=[], ts=[])] == [0, 0, 0]


def test_nothing_but_nulls() -> None:
    assert kernels.rsi(pl.Series([None, None])).null_count() == 2
    assert np.isnan(kernels.rsi([np.nan, np.inf, -np.inf])).all()


TIMES = pd.date_range("2026-01-01", periods=30, freq="700ms")
PRICES = np.random.default_rng(4).normal(100, 1, 30)


@pytest.mark.parametrize(
    "ts",
    [
        TIMES.to_numpy(),
        TIMES.to_numpy().astype("datetime64[ms]"),
        TIMES.to_numpy().astype("datetime64[us]").tolist(),
        TIMES.as_unit("ns").astype("int64").to_numpy(),
        TIMES.as_unit("ns").astype("int64").tolist(),
        pd.Series(TIMES),
        pd.Series(TIMES.tz_localize("UTC").tz_convert("Asia/Tokyo")),
        pl.Series(TIMES.to_numpy()),
        pl.Series(TIMES.to_numpy()).cast(pl.Datetime("ms", "America/New_York")),
        pa.array(TIMES.to_numpy()),
        pa.chunked_array([pa.array(TIMES.to_numpy()).cast(pa.timestamp("us", "UTC"))]),
    ],
    ids=range(11),
)
def test_times_of_kernels(ts) -> None:
    expected = kernels.sma(PRICES, window="10s", ts=TIMES.as_unit("ns").asi8)
    assert np.isfinite(expected).any()
    assert_same_array(kernels.sma(PRICES, window="10s", ts=ts), expected, "ts")


# --- Columns of tables ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ticks() -> pa.Table:
    count = 200
    random = np.random.default_rng(6)
    kind = random.integers(0, 2, count)
    return pa.table(
        {
            "ts_event": pa.array(1_763_805_600_000_000_000 + np.arange(count) * 1_000_000_000, pa.int64()),
            "venue": pa.array(["elsewhere"] * count),
            "symbol": pa.array(random.choice(["BTC-USD", "A-LONG-NAME-OF-AN-ASSET-USD"], count)),
            "kind": pa.array(kind, pa.uint8()),
            "price": pa.array([float(p) if k else None for p, k in zip(random.integers(50, 60, count), kind)]),
            "side": pa.array([int(s) if k else None for s, k in zip(random.choice([-1, 1], count), kind)], pa.int8()),
            "bid": pa.array(random.integers(40, 50, count).astype(float)),
            "ask": pa.array([None if i % 9 == 0 else float(i % 20 + 60) for i in range(count)]),
        }
    )


@pytest.fixture(scope="module")
def expected(ticks) -> pa.Table:
    result = millrace.features(ticks, FEATURES).to_arrow()
    assert result.num_rows == ticks.num_rows
    assert set(result["s"].to_pylist()) == {1, -1, None} and result["m"].null_count < 20
    return result


def replaced(table: pa.Table, name: str, column: pa.Array | pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)


@pytest.mark.parametrize("kind", [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64(),
                                  pa.float32(), pa.float64()], ids=str)  # fmt: skip
def test_numbers_of_tables(ticks, expected, kind) -> None:
    table = ticks
    for name in ("price", "bid", "ask", "kind"):
        table = replaced(table, name, table[name].cast(kind))
    assert_same_table(millrace.features(table, FEATURES).to_arrow(), expected)


@pytest.mark.parametrize("kind", [pa.timestamp("s"), pa.timestamp("ms", "UTC"), pa.timestamp("us"), pa.timestamp("ns", "Asia/Tokyo")], ids=str)
def test_times_of_tables(ticks, expected, kind) -> None:
    plain = ticks["ts_event"].cast(pa.timestamp("ns")).cast(pa.timestamp(kind.unit)).cast("int64").cast(kind)
    assert_same_table(millrace.features(replaced(ticks, "ts_event", plain), FEATURES).to_arrow(), expected)


TEXTS = [pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.dictionary(pa.int8(), pa.string()),
         pa.dictionary(pa.uint16(), pa.string()), pa.dictionary(pa.int32(), pa.large_string()),
         pa.dictionary(pa.uint64(), pa.string())]  # fmt: skip


@pytest.mark.parametrize("kind", TEXTS, ids=str)
def test_texts_of_tables(ticks, expected, kind) -> None:
    def cast(column: pa.ChunkedArray) -> pa.ChunkedArray:
        if not pa.types.is_dictionary(kind):
            return column.cast(kind)
        coded = column.combine_chunks().dictionary_encode()
        return pa.chunked_array(
            [pa.DictionaryArray.from_arrays(coded.indices.cast(kind.index_type), coded.dictionary.cast(kind.value_type))]
        )

    table = replaced(replaced(ticks, "symbol", cast(ticks["symbol"])), "venue", cast(ticks["venue"]))
    assert_same_table(millrace.features(table, FEATURES).to_arrow(), expected)


def test_words_for_kind_and_side(ticks, expected) -> None:
    kinds = pa.array(["trade" if k else "quote" for k in ticks["kind"].to_pylist()])
    sides = pa.array([None if s is None else "buy" if s > 0 else "sell" for s in ticks["side"].to_pylist()])
    table = replaced(replaced(ticks, "kind", kinds), "side", sides)
    assert_same_table(millrace.features(table, FEATURES).to_arrow(), expected)


def test_slices_and_chunks_of_any_size(ticks, expected) -> None:
    for cut in (1, 7, 8, 63, 64, 65, 199):
        parts = [ticks.slice(at, cut) for at in range(0, ticks.num_rows, cut)]
        assert_same_table(millrace.features(pa.concat_tables(parts), FEATURES).to_arrow(), expected)
    padded = pa.concat_tables([ticks.slice(0, 5), ticks]).combine_chunks().slice(5)
    assert_same_table(millrace.features(padded, FEATURES).to_arrow(), expected)
    batch = pa.concat_tables([ticks.slice(0, 5), ticks]).combine_chunks().to_batches()[0]
    struct = pa.array(batch.to_struct_array()).slice(5)
    sliced = pa.RecordBatchReader.from_batches(batch.schema, [pa.RecordBatch.from_struct_array(struct)])
    assert_same_table(millrace.features(sliced, FEATURES).to_arrow(), expected)


def test_polars_of_every_kind(ticks, expected) -> None:
    frame = pl.from_arrow(ticks)
    coded = frame.with_columns(pl.col("symbol").cast(pl.Categorical), pl.col("venue").cast(pl.Enum(["x", "elsewhere"])))
    pieces = pl.concat([frame[:3], frame[3:90], frame[90:]], rechunk=False)
    for one in (frame, coded, pieces, frame.with_columns(pl.from_epoch("ts_event", time_unit="ns"))):
        assert_same_table(millrace.features(one, FEATURES).to_arrow(), expected)


def test_a_column_of_nulls_alone(ticks) -> None:
    result = millrace.features(replaced(ticks, "price", pa.nulls(ticks.num_rows)), FEATURES).to_arrow()
    assert result["p"].null_count == ticks.num_rows


@pytest.mark.parametrize("kind", [pa.bool_(), pa.decimal128(38, 0), pa.date32(), pa.float16(), pa.list_(pa.float64()),
                                  pa.struct([("a", pa.int64())]), pa.duration("s")], ids=str)  # fmt: skip
def test_types_that_hold_no_price_are_refused(ticks, kind) -> None:
    column = pa.nulls(ticks.num_rows, kind)
    with pytest.raises(millrace.InvalidInput, match="column `price` has the wrong type; expected double, or another number"):
        millrace.features(replaced(ticks, "price", column), FEATURES)
    other = ticks.append_column("remark", column)  # what no feature reads may be of any type
    assert len(millrace.features(other, FEATURES)) == ticks.num_rows


def test_an_empty_table(ticks) -> None:
    for empty in (ticks.slice(0, 0), pa.Table.from_batches([], ticks.schema), pl.from_arrow(ticks).clear()):
        result = millrace.features(empty, FEATURES)
        assert (len(result), result.to_arrow().num_rows, result.to_polars().height) == (0, 0, 0)
        assert result.ledger == {"rows_read": 0, "reasons": []}


def test_rows_without_a_name_are_counted(ticks) -> None:
    symbols = ["" if i == 1 else None if i == 0 else s for i, s in enumerate(ticks["symbol"].to_pylist())]
    result = millrace.features(replaced(ticks, "symbol", pa.array(symbols)), FEATURES)
    assert (len(result), result.ledger["reasons"][0]["reason"]) == (198, "missing_symbol")
    assert result.ledger["reasons"][0]["count"] == 2
