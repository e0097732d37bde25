"""millrace.features over tables of every library, against the command line."""

from __future__ import annotations

import json

import duckdb
import millrace
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from cli.program import counts_of, succeed
from python.same_bits import assert_same_table


def as_chunks(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table.slice(0, 0), table.slice(0, 1), table.slice(1, 1000), table.slice(1001)])


SOURCES = {
    "pyarrow": lambda table: table,
    "chunks": as_chunks,
    "reader": lambda table: pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=777)),
    "batch": lambda table: table.combine_chunks().to_batches()[0],
    "polars": pl.from_arrow,
    "pandas": lambda table: table.to_pandas(),
    "duckdb": lambda ticks: duckdb.sql("select * from ticks"),
}


@pytest.mark.parametrize("library", SOURCES)
def test_a_table_gives_the_bits_of_the_command_line(market, told, profile, library) -> None:
    result = millrace.features(SOURCES[library](market), profile)
    assert_same_table(result.to_arrow(), told)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_change_no_bit(market, told, profile, threads) -> None:
    assert_same_table(millrace.features(market, profile, threads=threads).to_arrow(), told)


def test_files_and_folders_are_streamed(market, market_path, told, profile, tmp_path) -> None:
    assert_same_table(millrace.features(market_path, profile).to_arrow(), told)
    assert_same_table(millrace.features(str(market_path), profile).to_arrow(), told)
    place = tmp_path / "venue=simulated"
    place.mkdir()
    pq.write_table(market.drop(["venue"]), place / "part.parquet")
    assert_same_table(millrace.features(tmp_path, profile).to_arrow(), told)
    pyarrow.csv.write_csv(
        market.set_column(0, "ts_event", market["ts_event"].cast("int64")).set_column(
            1, "ts_recv", market["ts_recv"].cast("int64")
        ),
        tmp_path / "ticks.csv",
    )
    assert_same_table(millrace.features(tmp_path / "ticks.csv", profile).to_arrow(), told)


def test_a_result_is_taken_by_every_library_as_often_as_wanted(market) -> None:
    result = millrace.features(market, {"m": "midprice(bid, ask)", "s": "book_state(bid, ask)"})
    frames = [result.to_arrow(), pa.table(result), pl.DataFrame(result).to_arrow(), pa.table(result)]
    assert all(frame.num_rows == len(result) == market.num_rows for frame in frames)
    assert_same_table(frames[1], frames[3])
    assert result.to_polars()["m"].to_list() == frames[0]["m"].to_pylist()
    assert len(pd.DataFrame.from_arrow(result)) == len(result.to_pandas()) == len(result)
    assert duckdb.sql("select count(m) from result").fetchall() == [(market.num_rows - frames[0]["m"].null_count,)]
    assert pa.schema(result) == frames[0].schema
    assert result.columns == ["ts_event", "ts_recv", "venue", "symbol", "seq", "kind", "price", "m", "s"]
    assert frames[0].schema.field("s").type == pa.int8()


def test_a_result_outlives_what_it_was_made_of(market) -> None:
    frame = pl.DataFrame(millrace.features(market, {"m": "midprice(bid, ask)"}))
    again = pl.DataFrame(millrace.features(market, {"m": "midprice(bid, ask)"}))
    assert frame.equals(again)


def test_a_result_tells_what_it_is(market) -> None:
    result = millrace.features(market, {"z": {"expression": "rolling_zscore(price)", "unit": "sd"}, "r": "rsi(price)"})
    assert result.expressions == {"z": "rolling_zscore(price)", "r": "rsi(price)"}
    assert result.units["z"] == "sd"
    assert "100" in millrace.kernels.rsi.__doc__ and result.units["r"].startswith("0 to 100")
    assert "6000 rows" in repr(result)


def test_a_feature_file_and_lets_are_expressions_too(market, tmp_path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('mode = "replace"\n[let]\nmid = "midprice(bid, ask)"\n[features]\nfast = "ewma(mid, span=5)"\n')
    by_file = millrace.features(market, path).to_arrow()
    by_words = millrace.features(market, {"let": {"mid": "midprice(bid, ask)"}, "features": {"fast": "ewma(mid, span=5)"}})
    assert_same_table(by_file, by_words.to_arrow())
    assert_same_table(by_file, millrace.features(market, {"fast": "ewma(midprice(bid, ask), span=5)"}).to_arrow())


def test_the_ledger_is_that_of_the_command_line(market, tmp_path) -> None:
    columns = {name: market[name].to_pylist() for name in market.column_names}
    columns["price"][10] = -1.0
    columns["kind"][11] = 9
    columns["ts_event"] = [pd.Timestamp(one).value for one in columns["ts_event"]]
    columns["ts_event"][12] = None
    columns["ts_event"][20] -= 10**10
    columns["bid"][30] = float("inf")
    columns["ts_recv"] = [pd.Timestamp(one).value for one in columns["ts_recv"]]
    broken = pa.table({name: pa.array(values, pa.int64() if name[:2] == "ts" else market[name].type.value_type
                      if pa.types.is_dictionary(market[name].type) else market[name].type)
                      for name, values in columns.items()})  # fmt: skip
    pq.write_table(broken, tmp_path / "broken.parquet")
    out, summary = tmp_path / "out.parquet", tmp_path / "summary.json"
    succeed("research", "--in", tmp_path / "broken.parquet", "--out", out, "--profile", "listed-36", "--order", "time",
            "--quiet", "--max-bad", "5%", "--summary", summary)  # fmt: skip
    result = millrace.features(broken, "listed-36")
    assert_same_table(result.to_arrow(), pq.read_table(out))
    theirs = json.loads(pq.read_metadata(out).metadata[b"millrace.ledger"])
    assert counts_of(result.ledger) == counts_of(theirs)
    assert result.ledger["rows_read"] == theirs["rows_read"] == len(result) + 2


def test_a_table_without_names_is_one_instrument(market) -> None:
    one = market.filter(pa.compute.equal(market["symbol"].cast("string"), "BTC-USD"))
    named = millrace.features(one, "listed-36").to_arrow()
    bare = millrace.features(one.drop(["venue", "symbol"]), "listed-36").to_arrow()
    assert_same_table(bare, named.drop(["venue", "symbol"]))
    half = millrace.features(one.drop(["venue"]), "listed-36").to_arrow()
    assert_same_table(half, named.drop(["venue"]))


def test_a_row_without_kind_is_what_its_columns_say() -> None:
    ts = list(range(10**18, 10**18 + 5))
    ticker = millrace.features(pa.table({"ts_event": ts, "price": [1.0] * 5, "bid": [0.9] * 5}), {"p": "price + 0"})
    assert ticker.to_arrow()["kind"].to_pylist() == [2] * 5
    trade = millrace.features(pa.table({"ts_event": ts, "price": [1.0] * 5, "size": [2.0] * 5}), {"p": "price*size"})
    assert trade.to_arrow()["kind"].to_pylist() == [1] * 5
    with pytest.raises(millrace.InvalidInput, match="column `kind` is missing"):
        millrace.features(pa.table({"ts_event": ts, "size": [2.0] * 5, "bid": [1.0] * 5}), {"p": "size + 0"})


def test_the_predecessors_records_are_tables_too() -> None:
    flat = pa.table({"product_id": ["MATIC-USD"] * 3, "parent_timestamp": [f"2026-01-01T00:00:0{i}Z" for i in range(3)],
                     "price": ["1.5", "1.6", "1.7"], "best_bid": ["1.4"] * 3, "best_ask": ["1.8"] * 3})  # fmt: skip
    result = millrace.features(flat, {"m": "midprice(bid, ask)"}).to_arrow()
    assert result["symbol"].to_pylist() == ["POL-USD"] * 3
    assert result["venue"].to_pylist() == ["coinbase"] * 3
    assert result["m"].to_pylist() == [1.6] * 3


def test_a_profile_gives_null_where_a_column_is_missing(market) -> None:
    result = millrace.features(market.drop(["bid", "ask"]), "listed-36").to_arrow()
    assert result["midprice"].null_count == result.num_rows
    assert result["rsi"].null_count < result.num_rows


def test_the_default_is_the_largest_profile(market) -> None:
    assert millrace.features(market).profile == millrace.Stream().profile == "default-100"
    assert "default-100" in millrace.profile_names()
