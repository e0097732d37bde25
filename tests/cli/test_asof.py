"""millrace asof: what it joins, what it refuses, what it leaves behind."""

from __future__ import annotations

import gzip
import re
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest

from cli.program import FAILED, PROGRAM, TIMEOUT_S, USAGE, assert_one_clear_message, partial_files, run, succeed

SYMBOLS = ["BTC-USD", "ETH-USD", "SOL-USD"]


def table(times: list, symbols: list, **columns: list) -> pa.Table:
    return pa.table({"ts_event": pa.array(times, pa.int64()), "symbol": pa.array(symbols, pa.string()), **columns})


def write(name: str, rows: pa.Table, **options: object) -> str:
    pq.write_table(rows, name, **options)
    return name


def random_table(rows: int, seed: int, column: str, is_sorted: bool = True) -> pa.Table:
    random = np.random.default_rng(seed)
    times = np.cumsum(random.integers(0, 1000, rows))
    if not is_sorted:
        random.shuffle(times)
    symbols = pa.DictionaryArray.from_arrays(pa.array(random.integers(0, 3, rows), pa.int32()), SYMBOLS)
    stamps = pa.array(times, pa.timestamp("ns", "UTC"))
    return pa.table({"ts_event": stamps, "symbol": symbols, column: random.random(rows), "text": [str(i) for i in range(rows)]})


def join(*options: object, left: str = "l.parquet", right: str = "r.parquet", out: str = "out.parquet") -> pa.Table:
    succeed("asof", left, right, "--out", out, "--by", "symbol", *options)
    assert not partial_files(Path())
    return pq.read_table(out)


@pytest.fixture
def small(folder: Path) -> None:  # noqa: ARG001
    write("l.parquet", table([0, 3, 4, 9, 10], ["A"] * 5, price=[1.0, 2.0, 3.0, 4.0, 5.0]))
    write("r.parquet", table([1, 3, 3, 6], ["A"] * 4, seq=[1, 2, 3, 4], v=[10, 11, 12, 13]))


@pytest.mark.usefixtures("small")
def test_the_golden_and_its_schema() -> None:
    out = join("--tolerance", "3ns", "--sorted")
    assert out.column_names == ["ts_event", "symbol", "price", "right_seq", "right_v", "right_ts", "age_ns"]
    assert out["right_v"].to_pylist() == [None, 12, 12, 13, None]
    assert out["age_ns"].to_pylist() == [None, 0, 1, 3, None]
    assert out["right_ts"].to_pylist() == [None, 3, 3, 6, None]
    assert join("--tolerance", "3ns", "--strict")["right_v"].to_pylist() == [None, 10, 12, 13, None]
    assert join("--tolerance", "3ns", "--direction", "forward")["age_ns"].to_pylist() == [-1, 0, -2, None, None]
    assert join("--tolerance", "0")["right_v"].to_pylist() == [None, 12, None, None, None]
    assert join("--tolerance", "none", "--prefix", "q_", "--age", "q_age")["q_v"].to_pylist() == [None, 12, 12, 13, 13]


@pytest.mark.usefixtures("small")
def test_the_summary_counts_rows() -> None:
    done = succeed("asof", "l.parquet", "r.parquet", "--tolerance", "3ns", "--out", "out.parquet")
    assert done.out.startswith("out.parquet: 5 rows, 3 matched, 2 unmatched, 4 right rows, ")
    assert succeed("asof", "l.parquet", "r.parquet", "--out", "out.parquet", "--quiet").out == ""
    assert b'"direction":"backward"' in pq.read_metadata("out.parquet").metadata[b"millrace.asof"]


def test_null_keys_other_keys_and_an_empty_right_side_keep_rows_and_columns(folder) -> None:  # noqa: ARG001
    write("l.parquet", table([5, 5, 5, None], ["A", "B", None, "A"]))
    write("r.parquet", table([4, 4], ["A", None], v=[1, 2]))
    write("none.parquet", table([], [], v=pa.array([], pa.int64())))
    assert join()["right_v"].to_pylist() == [1, None, None, None]
    empty = join(right="none.parquet")
    assert empty.schema.equals(pq.read_table("out.parquet").schema)
    assert empty.column_names == ["ts_event", "symbol", "right_v", "right_ts", "age_ns"]
    assert empty["right_v"].to_pylist() == [None] * 4
    assert join(left="none.parquet", right="r.parquet", out="two.parquet").num_rows == 0


def test_types_and_encodings_stay_and_units_do_not_show(folder) -> None:  # noqa: ARG001
    times = [1_000, 2_000, 5_000]
    answers = set()
    for unit, factor in (("ms", 1), ("us", 1_000), ("ns", 1_000_000)):
        stamps = pa.array([t * factor for t in times], pa.timestamp(unit))
        symbols = pa.array(["A", "B", "A"]).dictionary_encode()
        left = pa.table({"ts_event": stamps, "symbol": symbols})
        right = pa.table({
            "ts_event": stamps,
            "symbol": pa.array(["A", "B", "A"]),
            "side": pa.array(["x", None, "y"]).dictionary_encode(),
            "flag": [True, None, False],
            "list": pa.array([[1], None, [2, 3]]),
            "small": pa.array([1, 2, None], pa.int8()),
            "price": pa.array([1, 2, None], pa.decimal128(20, 3)),
        })
        write("l.parquet", left)
        write("r.parquet", right)
        out = join("--strict", "--tolerance", "10s")
        assert out.schema.field("symbol").type == symbols.type
        for name in ("side", "flag", "list", "small", "price"):
            assert out.schema.field(f"right_{name}").type == right.schema.field(name).type
            assert out[f"right_{name}"].to_pylist() == [None, None, right[name][0].as_py()]
        assert out.schema.field("right_ts").type == pa.timestamp(unit)
        answers.add(tuple(out["age_ns"].to_pylist()))
    assert answers == {(None, None, 4_000_000_000)}
    write("i.parquet", table([1, 2], ["A", "A"]))
    assert join("--strict", "--unit", "ms", left="i.parquet", right="i.parquet")["age_ns"].to_pylist() == [None, 1_000_000]


def test_several_keys_of_integers_and_texts(folder) -> None:  # noqa: ARG001
    left = pa.table({"t": [5, 5, 5, 5], "a": [1, 1, 2, None], "b": ["x", "y", "x", "x"]})
    right = pa.table({"u": [4, 4, 4], "a": [1, 2, None], "b": ["y", "x", "x"], "v": [1, 2, 3]})
    write("l.parquet", left)
    write("r.parquet", right)
    succeed("asof", "l.parquet", "r.parquet", "--on", "t", "--right-on", "u", "--by", "a,b", "--out", "out.parquet")
    out = pq.read_table("out.parquet")
    assert out.column_names == ["t", "a", "b", "right_v", "right_ts", "age_ns"]
    assert out["right_v"].to_pylist() == [None, 1, 2, None]


def test_csv_is_read_as_parquet_is(folder) -> None:  # noqa: ARG001
    left, right = random_table(500, 1, "price"), random_table(500, 2, "bid")
    expected = None
    for name, rows in (("l", left), ("r", right)):
        plain = rows.set_column(0, "ts_event", rows["ts_event"].cast(pa.int64())).set_column(1, "symbol", rows["symbol"].cast(pa.string()))
        write(f"{name}.parquet", plain)
        csv.write_csv(plain, f"{name}.csv")
        Path(f"{name}.csv.gz").write_bytes(gzip.compress(Path(f"{name}.csv").read_bytes()))
    expected = join()["right_bid"].to_pylist()
    assert sum(value is not None for value in expected) > 400
    for end in ("csv", "csv.gz"):
        assert join(left=f"l.{end}", right=f"r.{end}")["right_bid"].to_pylist() == expected


# --- Order and memory -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["backward", "forward", "nearest"])
@pytest.mark.parametrize("memory", ["1000", "1"])
def test_unsorted_files_give_what_sorted_ones_give(folder, direction, memory) -> None:
    """With one megabyte the sort goes through several files beside the output."""
    for name, seed, column in (("l", 1, "price"), ("r", 2, "bid")):
        rows = random_table(200_000, seed, column, is_sorted=False)
        write(f"{name}.parquet", rows, row_group_size=10_000)
        order = pc.sort_indices(rows.append_column("i", pa.array(range(len(rows)))), [("ts_event", "ascending"), ("i", "ascending")])
        write(f"s{name}.parquet", rows.take(order), row_group_size=7_000)
    options = ("--direction", direction, "--tolerance", "2us")
    expected = join("--sorted", *options, left="sl.parquet", right="sr.parquet")
    assert expected["right_bid"].null_count not in (0, len(expected))
    for left, right in (("l", "r"), ("l", "sr"), ("sl", "r")):
        out = join("--memory", memory, *options, left=f"{left}.parquet", right=f"{right}.parquet", out="two.parquet")
        assert out.equals(expected)
    assert sorted(path.name for path in folder.iterdir()) == sorted(["l.parquet", "r.parquet", "sl.parquet", "sr.parquet", "out.parquet", "two.parquet"])


def test_null_times_are_sorted_last_and_match_nothing(folder) -> None:  # noqa: ARG001
    write("l.parquet", table([5, None, 3], ["A"] * 3, n=[0, 1, 2]))
    write("r.parquet", table([None, 4, 1], ["A"] * 3, v=[0, 1, 2]))
    done = succeed("asof", "l.parquet", "r.parquet", "--by", "symbol", "--out", "out.parquet")
    assert "l.parquet was not in the order of time and was sorted\n" in done.out
    out = pq.read_table("out.parquet")
    assert out["n"].to_pylist() == [2, 0, 1]
    assert out["right_v"].to_pylist() == [2, 1, None]


@pytest.mark.parametrize(("side", "row"), [("l", 3), ("r", 150_001)])
def test_a_row_out_of_order_under_sorted_is_named(folder, side, row) -> None:  # noqa: ARG001
    times = {"l": list(range(0, 400_000, 2)), "r": list(range(0, 400_000, 2))}
    times[side][row - 1] = 1
    for name in "lr":
        write(f"{name}.parquet", table(times[name], ["A"] * len(times[name])), row_group_size=1000)
    Path("out.parquet").write_bytes(b"an older result")
    done = run("asof", "l.parquet", "r.parquet", "--sorted", "--out", "out.parquet")
    assert done.code == FAILED
    before = f"1970-01-01T00:00:00.{(row - 2) * 2:09}Z"
    assert_one_clear_message(done, f"{side}.parquet: row {row}: column `ts_event`: expected a time at or after {before}",
                             "found 1970-01-01T00:00:00.000000001Z")
    assert Path("out.parquet").read_bytes() == b"an older result"
    assert not partial_files(Path())


def peak_mb(*arguments: object) -> float:
    """As the run tells it. A child starts with the memory of what started it: a shell stands between, this is large."""
    command = ["bash", "-c", '"$@"; exit $?', "bash", str(PROGRAM), "asof", *map(str, arguments)]
    out = subprocess.run(command, check=True, capture_output=True, text=True, timeout=TIMEOUT_S).stdout
    return float(re.search(r"(\d+) MB at most", out)[1])


@pytest.mark.parametrize("options", [(), ("--direction", "nearest"), ("--tolerance", "none")])
def test_memory_does_not_grow_with_sorted_files(folder, options) -> None:  # noqa: ARG001
    peaks = []
    for rows in (2_000_000, 4_000_000):  # by the first, buffers are full
        random = np.random.default_rng(1)
        for name in "lr":
            times = np.cumsum(random.integers(0, 1_000_000, rows))
            symbols = pa.DictionaryArray.from_arrays(pa.array(random.integers(0, 100, rows), pa.int32()), [str(i) for i in range(100)])
            write(f"{name}.parquet", pa.table({"ts_event": times, "symbol": symbols, "v": random.random(rows)}), row_group_size=100_000)
        peaks.append(peak_mb("l.parquet", "r.parquet", "--by", "symbol", "--sorted", "--out", "out.parquet", *options))
    assert peaks[1] < peaks[0] * 1.2 + 10, peaks


@pytest.mark.parametrize(("left_rows", "right_rows"), [(100, 3_000_000), (3_000_000, 100)])
def test_memory_does_not_grow_where_one_side_is_sparse(folder, left_rows, right_rows) -> None:  # noqa: ARG001
    end = 3_000_000_000
    for name, rows in (("l", left_rows), ("r", right_rows)):
        times = np.arange(rows) * (end // rows)
        write(f"{name}.parquet", pa.table({"ts_event": times, "v": np.ones(rows)}), row_group_size=100_000)
    assert peak_mb("l.parquet", "r.parquet", "--sorted", "--tolerance", "none", "--out", "out.parquet") < 160
    out = pq.read_table("out.parquet")
    assert out.num_rows == left_rows
    assert out["right_v"].null_count == 0


# --- What is refused ------------------------------------------------------------------------------------------------


def float_times() -> None:
    write("l.parquet", pa.table({"ts_event": [1.5], "symbol": ["A"]}))


def other_keys() -> None:
    write("l.parquet", pa.table({"ts_event": [1], "symbol": [7]}))


def float_keys() -> None:
    for name in "lr":
        write(f"{name}.parquet", pa.table({"ts_event": [1], "symbol": [0.5]}))


def twice() -> None:
    write("l.parquet", pa.Table.from_arrays([pa.array([1]), pa.array(["A"]), pa.array([1])], ["ts_event", "symbol", "right_v"]))


def far_times() -> None:
    write("l.parquet", pa.table({"ts_event": pa.array([2**62], pa.timestamp("us")), "symbol": ["A"]}))


def nothing() -> None:
    Path("l.parquet").write_bytes(b"")


def cut_short() -> None:
    Path("l.parquet").write_bytes(Path("r.parquet").read_bytes()[:100])


BAD = {
    "float times": (float_times, (), "l.parquet: column `ts_event` has the wrong type; expected a timestamp or integers, found double"),
    "unequal keys": (other_keys, ("--by", "symbol"), "column `symbol`: expected one type on both sides, found int64 in l.parquet and string in r.parquet"),
    "float keys": (float_keys, ("--by", "symbol"), "l.parquet: column `symbol` has the wrong type; expected integers or texts to join by, found double"),
    "a clash": (twice, (), "column `right_v` would stand twice in the output"),
    "a missing key": (lambda: None, ("--by", "symbl"), "l.parquet: column `symbl` is missing (did you mean `symbol`?)"),
    "a missing time": (lambda: None, ("--on", "ts"), "l.parquet: column `ts` is missing"),
    "a missing right time": (lambda: None, ("--right-on", "ts"), "r.parquet: column `ts` is missing"),
    "a missing seq": (lambda: None, ("--seq", "number"), "r.parquet: column `number` is missing"),
    "times out of range": (far_times, (), "l.parquet: column `ts_event`: row 1: expected a time between 1678 and 2262"),
    "an empty file": (nothing, (), "l.parquet: expected Parquet or CSV, was empty"),
    "a file cut short": (cut_short, (), "l.parquet: "),
}


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_joined_is_told_before_anything_is_written(name) -> None:
    prepare, options, message = BAD[name]
    prepare()
    done = run("asof", "l.parquet", "r.parquet", "--out", "out.parquet", *options)
    assert done.code == FAILED
    assert_one_clear_message(done, message)
    assert not Path("out.parquet").exists()
    assert not partial_files(Path())


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(("options", "message"), [
    (("--tolerance", "3 parsecs"), "--tolerance: expected a length of time such as 500ms, 0 or none, was `3 parsecs`"),
    (("--tolerance", "-3ms"), "--tolerance: expected a length of time"),
    (("--out", "r.parquet"), "--out: expected another file, r.parquet is an input"),
])
def test_options_that_cannot_be_used_are_told(options, message) -> None:
    before = Path("r.parquet").read_bytes()
    words = options if "--out" in options else ("--out", "out.parquet", *options)
    done = run("asof", "l.parquet", "r.parquet", *words)
    assert done.code == USAGE
    assert_one_clear_message(done, message)
    assert Path("r.parquet").read_bytes() == before
    assert run("asof", "l.parquet", "r.parquet", "--out", "out.parquet", "--direction", "sideways").code == USAGE
    done = run("asof", "l.parquet", "missing.parquet", "--out", "out.parquet")
    assert done.code == FAILED
    assert "missing.parquet" in done.err


@pytest.mark.parametrize("is_sorted", [True, False])
def test_a_stopped_join_leaves_what_was_there(folder, is_sorted) -> None:
    """Stopped while it writes, and stopped while it sorts."""
    for name, seed, column in (("l", 1, "price"), ("r", 2, "bid")):
        rows = random_table(300_000, seed, column, is_sorted)
        write(f"{name}.parquet", pa.concat_tables([rows] * (1 if is_sorted else 10)), row_group_size=2_000)
    Path("out.parquet").write_bytes(b"an older result")
    command = [str(PROGRAM), "asof", "l.parquet", "r.parquet", "--by", "symbol", "--memory", "30", "--out", "out.parquet"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + TIMEOUT_S
    while not Path("out.parquet.partial").exists():
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.002)
    time.sleep(0.05)
    assert process.poll() is None, "the run ended before it could be stopped"
    process.send_signal(signal.SIGINT)
    start = time.monotonic()
    out, err = process.communicate(timeout=TIMEOUT_S)
    assert time.monotonic() - start < 1.0
    assert process.returncode == FAILED
    assert (out, err) == ("", "millrace: stopped by a signal; nothing was written\n")
    assert Path("out.parquet").read_bytes() == b"an older result"
    assert sorted(path.name for path in folder.iterdir()) == ["l.parquet", "out.parquet", "r.parquet"]
