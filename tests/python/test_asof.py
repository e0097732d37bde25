"""millrace.asof: against the command line, pandas, and tables of every library and type."""

from __future__ import annotations

import datetime
import decimal
import threading
import time

import duckdb
import millrace
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cli.program import run, succeed
from python.same_bits import assert_same_table

ROWS = 5_000
KEYS = np.array(["BTC-USD", "ETH-USD", "SOL-USD"])


def side(seed: int, column: str, gap: int = 9, is_sorted: bool = True) -> pa.Table:
    random = np.random.default_rng(seed)
    times = np.cumsum(random.integers(0, gap, ROWS)) * 1000
    keys = KEYS[random.integers(0, 3, ROWS)]
    order = np.arange(ROWS) if is_sorted else random.permutation(ROWS)
    return pa.table({"t": times[order], "k": keys[order], column: np.arange(ROWS)})


def rules() -> list[dict]:
    return [
        {"direction": direction, "strict": strict, "tolerance": tolerance}
        for direction in ("backward", "forward", "nearest")
        for strict in (False, True)
        for tolerance in (0, 5_000, None)
    ]


@pytest.mark.parametrize("rule", rules(), ids=str)
def test_pandas_gives_the_same(rule) -> None:
    left, right = side(1, "l"), side(2, "r")
    right = pa.Table.from_pandas(right.to_pandas().drop_duplicates(["t", "k"]), preserve_index=False)
    expected = pd.merge_asof(
        left.to_pandas(), right.to_pandas(), on="t", by="k", direction=rule["direction"],
        allow_exact_matches=not rule["strict"], tolerance=rule["tolerance"],
    )  # fmt: skip
    ours = millrace.asof(left, right, on="t", by="k", **rule).to_pandas()
    assert ours["l"].tolist() == expected["l"].tolist()
    both = ours["right_r"].notna()
    if rule["direction"] == "nearest":  # pandas takes another of two that are equally near
        assert (both == expected["r"].notna()).all()
    else:
        pd.testing.assert_series_equal(ours["right_r"], expected["r"], check_names=False, check_dtype=False)


@pytest.mark.parametrize("is_sorted", [True, False])
@pytest.mark.parametrize("rule", rules()[::2], ids=str)
def test_the_command_line_gives_the_same_table(tmp_path, rule, is_sorted) -> None:
    left, right = side(3, "l", 3), side(4, "r", 3, is_sorted)
    right = right.append_column("seq", pa.array(np.random.default_rng(5).integers(0, 9, ROWS)))
    pq.write_table(left, tmp_path / "l.parquet")
    pq.write_table(right, tmp_path / "r.parquet", row_group_size=700)
    length = "none" if rule["tolerance"] is None else f"{rule['tolerance']}ns" if rule["tolerance"] else "0"
    words = ["--direction", rule["direction"], "--tolerance", length, *(["--strict"] if rule["strict"] else [])]
    out = tmp_path / "out.parquet"
    succeed("asof", tmp_path / "l.parquet", tmp_path / "r.parquet", "--on", "t", "--by", "k", "--quiet", "--out", out, *words)
    assert_same_table(millrace.asof(left, right, on="t", by="k", **rule).to_arrow(), pq.read_table(out))


def test_the_market_joined_as_the_command_line_joins_it(market, tmp_path) -> None:
    out, path = tmp_path / "out.parquet", tmp_path / "market.parquet"
    market = market.sort_by("ts_event")
    pq.write_table(market, path)
    succeed("asof", path, path, "--by", "venue,symbol", "--strict", "--prefix", "before_", "--quiet", "--out", out)
    ours = millrace.asof(market, market, by=["venue", "symbol"], strict=True, prefix="before_", tolerance="1s")
    theirs = pq.read_table(out)
    assert ours.columns == theirs.column_names and ours.matched == len(ours) - theirs["before_ts"].null_count
    assert_same_table(ours.to_arrow(), theirs)


SOURCES = {
    "chunks": lambda table: pa.concat_tables([table.slice(0, 1), table.slice(1, 0), table.slice(1, 2000), table.slice(2001)]),
    "reader": lambda table: pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=777)),
    "polars": pl.from_arrow,
    "polars chunks": lambda table: pl.concat([pl.from_arrow(table.slice(0, 99)), pl.from_arrow(table.slice(99))], rechunk=False),
    "pandas": lambda table: table.to_pandas(),
    "duckdb": lambda table: duckdb.from_arrow(table),
    "dictionary": lambda table: table.set_column(1, "k", table["k"].dictionary_encode()),
    "large texts": lambda table: table.set_column(1, "k", table["k"].cast(pa.large_string())),
    "views": lambda table: table.set_column(1, "k", table["k"].cast(pa.string_view())),
    "categories": lambda table: pl.from_arrow(table).with_columns(pl.col("k").cast(pl.Categorical)),
}


@pytest.mark.parametrize("right", SOURCES)
@pytest.mark.parametrize("left", SOURCES)
def test_every_kind_of_table_gives_the_same(left, right) -> None:
    one, other = side(6, "l"), side(7, "r")
    expected = millrace.asof(one, other, on="t", by="k", tolerance=20_000).to_arrow()
    result = millrace.asof(SOURCES[left](one), SOURCES[right](other), on="t", by="k", tolerance=20_000).to_arrow()
    for name in ("t", "l", "right_r", "right_ts", "age_ns"):
        assert result[name].to_pylist() == expected[name].to_pylist()
    assert [str(one) for one in result["k"].to_pylist()] == expected["k"].to_pylist()


UNITS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


@pytest.mark.parametrize("unit", UNITS)
def test_times_are_of_any_unit(unit) -> None:
    moments = np.array([1, 4, 9]) * 10**9
    left = pa.table({"ts_event": pa.array(moments + 10**9, pa.timestamp("ns", "UTC"))})
    counts = moments // UNITS[unit]
    for times in (pa.array(counts, pa.timestamp(unit)), pa.array(counts, pa.timestamp(unit, "UTC"))):
        joined = millrace.asof(left, pa.table({"ts_event": times, "v": [1, 2, 3]}), tolerance="1s").to_arrow()
        assert joined["right_v"].to_pylist() == [1, 2, 3] and joined["right_ts"].type == times.type
        assert joined["age_ns"].to_pylist() == [10**9] * 3
    for kind in (pa.int64(), pa.uint64()):
        both = pa.table({"ts_event": pa.array(counts, kind)})
        assert millrace.asof(both, both, unit=unit, tolerance=0).matched == 3
        assert millrace.asof(both, both, unit=unit, tolerance=datetime.timedelta(seconds=2), strict=True).matched == 0


def payload() -> pa.Table:
    """A column of every type that rows can be taken of, nulls among them."""
    words = ["a", None, "much longer than a view holds in place", ""]
    times = [datetime.datetime(2026, 1, i + 1) if i != 1 else None for i in range(4)]
    columns = {
        "string": pa.array(words),
        "large": pa.array(words, pa.large_string()),
        "view": pa.array(words, pa.string_view()),
        "bytes": pa.array([None if one is None else one.encode() for one in words]),
        "dictionary": pa.array(words).dictionary_encode(),
        "numbers": pa.array([1, 2, None, 1]).dictionary_encode(),
        "flag": pa.array([True, None, False, True]),
        "none": pa.nulls(4),
        "decimal": pa.array([decimal.Decimal("1.5"), None, decimal.Decimal("-2.25"), decimal.Decimal(0)]),
        "wide": pa.array([decimal.Decimal(10) ** 40, None, None, decimal.Decimal(3)], pa.decimal256(50, 2)),
        "fixed": pa.array([b"abc", None, b"def", b"ghi"], pa.binary(3)),
        "stamp": pa.array(times, pa.timestamp("us", "Europe/Berlin")),
        "date": pa.array(times, pa.date32()),
        "span": pa.array([1, None, 3, 4], pa.duration("ns")),
        "half": pa.array(np.array([1, 2, 3, 4], np.float16)),
    }
    for kind in (pa.int8(), pa.uint8(), pa.int16(), pa.uint16(), pa.int32(), pa.uint32(), pa.int64(), pa.uint64(), pa.float32(), pa.float64()):
        columns[str(kind)] = pa.array([1, None, 3, 4], kind)
    return pa.table({"t": [10, 20, 30, 40], **columns})


@pytest.mark.parametrize("is_cut", [False, True])
def test_every_type_of_column_is_carried(is_cut) -> None:
    right = payload()
    pieces = pa.concat_tables([right.slice(0, 1), right.slice(1, 2), right.slice(3)]) if is_cut else right.slice(0)
    left = pa.table({"t": [5, 10, 41, 25, 33, 30]})
    joined = millrace.asof(left, pieces, on="t", tolerance=None).to_arrow()
    joined.validate(full=True)
    rows = [None, 0, 3, 1, 2, 2]
    for name in right.column_names[1:]:
        column = joined[f"right_{name}"]
        values = right[name].to_pylist()
        assert column.to_pylist() == [None if row is None else values[row] for row in rows], name
        assert column.type == right[name].type, name


def test_dictionaries_that_differ_are_put_into_one() -> None:
    parts = [pa.array(words).dictionary_encode() for words in (["b", "a", None], ["c", "b"])]
    right = pa.table({"t": range(5), "word": pa.chunked_array(parts)})
    joined = millrace.asof(pa.table({"t": range(5)}), right, on="t").to_arrow()
    assert joined["right_word"].to_pylist() == ["b", "a", None, "c", "b"]
    assert joined.to_pandas()["right_word"].tolist()[3:] == ["c", "b"]


def test_the_left_table_is_not_copied_and_may_be_anything() -> None:
    nested = pa.table({"t": [1, 2, 3], "list": [[1], [], None], "row": [{"a": 1}, None, {"a": 3}]})
    joined = millrace.asof(nested.slice(1), pa.table({"t": [0], "v": ["x"]}), on="t", tolerance=None)
    table = joined.to_arrow()
    table.validate(full=True)
    assert table["list"].to_pylist() == [[], None] and table["row"].to_pylist() == [None, {"a": 3}]
    numbers = pa.table({"t": np.arange(10), "n": np.arange(10.0)})
    again = millrace.asof(numbers, numbers, on="t").to_arrow()
    assert again["n"].chunk(0).buffers()[1].address == numbers["n"].chunk(0).buffers()[1].address


def test_integers_and_several_columns_are_keys() -> None:
    left = pa.table({"t": [5, 5, 5, 5], "a": [1, 1, 2, None], "b": ["x", "y", "x", "x"]})
    right = pa.table({"t": [1, 2, 3, 4], "a": [1, 1, 2, None], "b": ["y", "x", "z", "x"], "v": [10, 20, 30, 40]})
    assert millrace.asof(left, right, on="t", by=["a", "b"]).to_arrow()["right_v"].to_pylist() == [20, 10, None, None]
    assert millrace.asof(left, right, on="t", by="a").to_arrow()["right_v"].to_pylist() == [20, 20, 30, None]


def test_equal_times_are_ordered_by_seq() -> None:
    left = pa.table({"t": [1]})
    right = pa.table({"t": [1, 1, 1], "seq": [3, 7, 5], "order": [9, 1, 2]})
    assert millrace.asof(left, right, on="t").to_arrow()["right_seq"].to_pylist() == [7]
    assert millrace.asof(left, right, on="t", seq="order").to_arrow()["right_seq"].to_pylist() == [3]


def test_it_can_be_read_again_and_by_every_library() -> None:
    joined = millrace.asof(side(8, "l"), side(9, "r"), on="t", by="k", tolerance=9_000)
    first = joined.to_arrow()
    assert_same_table(pa.table(joined), first)
    assert joined.to_polars().to_arrow()["right_r"].to_pylist() == first["right_r"].to_pylist()
    assert len(joined.to_pandas()) == len(joined) == ROWS
    assert duckdb.sql("select count(right_r) from joined").fetchall()[0][0] == joined.matched
    assert pa.schema(joined) == first.schema


def test_empty_tables_join() -> None:
    left, right = side(1, "l"), side(2, "r")
    nothing = millrace.asof(left, right.slice(0, 0), on="t", by="k")
    assert (nothing.matched, nothing.to_arrow()["right_r"].null_count) == (0, ROWS)
    assert len(millrace.asof(left.slice(0, 0), right, on="t", by="k").to_arrow()) == 0


def test_features_join_as_they_are(market) -> None:
    features = millrace.features(market, {"mid": "midprice(bid, ask)"})
    joined = millrace.asof(market, features, by=["venue", "symbol"], prefix="f_", tolerance=0)
    assert joined.matched == len(market)


LEFT = pa.table({"t": [1], "k": ["a"], "n": [1]})
WRONG = [
    ({"on": "tt"}, "left: column `tt` is missing .did you mean `t`"),
    ({"on": "k"}, "left: column `k` has the wrong type; expected a timestamp or integers, found string"),
    ({"on": "t", "by": "x"}, "left: column `x` is missing"),
    ({"on": "t", "by": "f"}, "expected integers or texts to join by, found double"),
    ({"on": "t", "by": "m"}, "column `m`: expected one type on both sides, found int64 in left and string in right"),
    ({"on": "t", "seq": "k"}, "right: column `k` has the wrong type; expected integers, found string"),
    ({"on": "t", "prefix": ""}, "left and right: column `k` would stand twice in the output"),
    ({"on": "t", "direction": "up"}, "direction: expected backward, forward or nearest, was `up`"),
    ({"on": "t", "tolerance": "soon"}, "tolerance: expected a length of time such as 500ms, 0 or none, was `soon`"),
    ({"on": "t", "tolerance": -5}, "tolerance: expected a length of time"),
    ({"on": "t", "unit": "m"}, "unit: expected s, ms, us or ns"),
    ({"on": 3}, "on: expected a text, found int"),
]


@pytest.mark.parametrize(("call", "message"), WRONG)
def test_what_is_wrong_is_said(call, message) -> None:
    left = LEFT.append_column("f", pa.array([0.5])).append_column("m", pa.array([1]))
    right = LEFT.append_column("f", pa.array([0.5])).append_column("m", pa.array(["1"]))
    with pytest.raises(millrace.InvalidInput, match=message):
        millrace.asof(left, right, **call)


class Once:
    """Gives the same capsule again."""

    capsule = LEFT.__arrow_c_stream__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.capsule


def test_what_cannot_be_taken_or_read_is_said() -> None:
    with pytest.raises(millrace.InvalidInput, match="right: column `l` has the wrong type; .* found list"):
        millrace.asof(LEFT, pa.table({"t": [1], "l": [[1]]}), on="t")
    with pytest.raises(millrace.InvalidInput, match="left: expected a table with the Arrow PyCapsule protocol"):
        millrace.asof(3, LEFT, on="t")
    with pytest.raises(millrace.InvalidInput, match="right: its rows were read before; they come only once"):
        millrace.asof(Once(), Once(), on="t")
    with pytest.raises(millrace.InvalidInput, match="expected a time between 1678 and 2262"):
        millrace.asof(pa.table({"t": [2**62]}), LEFT, on="t", unit="ms")


def test_the_words_are_those_of_the_command_line(tmp_path) -> None:
    path = tmp_path / "left.parquet"
    pq.write_table(LEFT, path)
    with pytest.raises(millrace.InvalidInput) as problem:
        millrace.asof(LEFT, LEFT, on="t", by="kk")
    told = run("asof", path, path, "--on", "t", "--by", "kk", "--out", tmp_path / "out.parquet").err
    assert str(problem.value).removeprefix("left: ") in told


def test_others_work_while_it_does() -> None:
    random = np.random.default_rng(1)
    big = pa.table({"t": random.integers(0, 2**40, 1_500_000), "v": random.random(1_500_000)})
    counted, is_done = 0, threading.Event()

    def work() -> None:
        millrace.asof(big, big, on="t", tolerance=None)
        is_done.set()

    worker = threading.Thread(target=work)
    worker.start()
    while not is_done.is_set():
        counted += 1
        time.sleep(0.001)
    worker.join()
    assert counted > 20
