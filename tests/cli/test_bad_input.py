"""What is wrong with an input is told once and clearly, or is counted; no row and no older file is lost."""

from __future__ import annotations

import gzip
import json
import os
import resource
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cli.market import BAR, GAP, QUOTE, TRADE, Rows, clean_rows, cut, merged, table_of, write_csv, write_parquet
from cli.program import (
    DATA,
    DONE,
    FAILED,
    TOO_MUCH_BAD,
    USAGE,
    assert_conserved,
    assert_one_clear_message,
    counts_of,
    partial_files,
    run,
    succeed,
    summary_of,
)

OLD = b"an older result"


def research(source: object, *options: object, output: str = "out.parquet") -> tuple:
    return "research", "--in", source, "--out", output, "--quiet", *options


# --- Files that cannot be read --------------------------------------------------------------------------------------


def whole(folder: Path) -> bytes:
    return write_parquet(clean_rows(5000), folder / "whole.parquet").read_bytes()


def write(name: str, content: bytes) -> str:
    Path(name).write_bytes(content)
    return name


def flipped(content: bytes, first: int, end: int) -> bytes:
    return content[:first] + bytes(byte ^ 0x5A for byte in content[first:end]) + content[end:]


def parquet_without(column: str) -> str:
    pq.write_table(table_of(clean_rows(10)).drop_columns([column]), f"no_{column}.parquet")
    return f"no_{column}.parquet"


def parquet_with(column: str, values: pa.Array) -> str:
    table = table_of(clean_rows(len(values)))
    pq.write_table(table.set_column(table.schema.get_field_index(column), column, values), f"{column}.parquet")
    return f"{column}.parquet"


def twice(column: str) -> str:
    table = table_of(clean_rows(10))
    pq.write_table(table.append_column(column, table[column]), "twice.parquet")
    return "twice.parquet"


def pipe(name: str) -> str:
    os.mkfifo(name)
    return name


def empty_folder(name: str) -> str:
    Path(name).mkdir()
    Path(name, "notes.txt").write_text("no data here")
    return name


def features_written_before(folder: Path) -> str:
    write("whole.parquet", whole(folder))
    succeed(*research("whole.parquet", output="features.parquet"))
    return "features.parquet"


class Refused(NamedTuple):
    """A file that cannot be read: how it is made and what the message has to say."""

    make: Callable[[Path], str]
    parts: tuple[str, ...]
    is_of_inspect: bool = True


def looped_folder() -> str:
    Path("loop").mkdir()
    Path("loop/again").symlink_to(".")
    write_parquet(clean_rows(10), Path("loop/ticks.parquet"))
    return "loop"


def folder_with_dead_link(name: str) -> str:
    Path("dead").mkdir()
    Path("dead", name).symlink_to("none")
    return "dead"


REFUSED = {
    "a missing file": Refused(lambda _: "none.parquet", ("none.parquet: ", "o such file")),
    "a pattern that fits nothing": Refused(lambda _: "none*.parquet", ("none*.parquet: ", "no file"), False),
    "a folder without data": Refused(lambda _: empty_folder("nothing"), ("nothing: ", "expected"), True),
    "a folder that links to itself": Refused(
        lambda _: looped_folder(), ("loop: the folder cannot be read", "Too many levels of symbolic links"), False
    ),
    "a folder with a link that leads nowhere": Refused(
        lambda _: folder_with_dead_link("ticks.parquet"), ("dead/ticks.parquet: ", "No such file"), False
    ),
    "an empty name": Refused(lambda _: "", ("no such file",), False),
    "a pipe": Refused(lambda _: pipe("pipe"), ("pipe: ", "expected a file", "was a device or a pipe")),
    "a device": Refused(lambda _: "/dev/zero", ("/dev/zero: ", "expected a file", "was a device or a pipe")),
    "an empty file": Refused(lambda _: write("e.parquet", b""), ("e.parquet: ", "empty")),
    "an empty text": Refused(lambda _: write("e.csv", b"\n\n"), ("e.csv: ", "empty", "expected a line of column names")),
    "bytes": Refused(lambda _: write("b.parquet", bytes(range(256))), ("b.parquet: ", "neither Parquet", "00 01 02 03")),
    "a text": Refused(lambda _: write("t.csv", b"hello\nworld\n"), ("t.csv: ", "layout", "found columns hello", "known")),
    "JSON": Refused(lambda _: write("j.jsonl", b'{"a":1}\n{"a":2}\n'), ("j.jsonl: ", "expected column names", "found")),
    "Parquet in gzip": Refused(
        lambda folder: write("p.csv.gz", gzip.compress(whole(folder))), ("p.csv.gz: ", "expected column names", "found")
    ),
    "Parquet cut in its middle": Refused(
        lambda folder: write("half.parquet", whole(folder)[:20_000]), ("half.parquet: ", "not a parquet file")
    ),
    "Parquet of its mark alone": Refused(lambda _: write("mark.parquet", b"PAR1"), ("mark.parquet: ",)),
    "Parquet with a damaged footer": Refused(
        lambda folder: write("foot.parquet", flipped(whole(folder), -600, -8)), ("foot.parquet: ",)
    ),
    "gzip cut in its middle": Refused(
        lambda folder: write("cut.csv.gz", gzip.compress(csv_of(folder))[:-5000]), ("cut.csv.gz: ", "cut short")
    ),
    "gzip with damage": Refused(
        lambda folder: write("bad.csv.gz", flipped(gzip.compress(csv_of(folder)), 9000, 9100)),
        ("bad.csv.gz: ", "damaged"),
    ),
    "no column of times": Refused(lambda _: parquet_without("ts_event"), ("no_ts_event.parquet: ", "layout", "found")),
    "no column of venues": Refused(
        lambda _: parquet_without("venue"), ("column `venue` is missing", "expected in layout", "found ts_event")
    ),
    "no column of symbols": Refused(lambda _: parquet_without("symbol"), ("column `symbol` is missing", "found")),
    "no column of kinds": Refused(lambda _: parquet_without("kind"), ("column `kind` is missing",)),
    "prices as text": Refused(
        lambda _: parquet_with("price", pa.array(["1.5"] * 9)),
        ("price.parquet: column `price` has the wrong type", "expected double", "found string"),
    ),
    "prices as lists": Refused(
        lambda _: parquet_with("price", pa.array([[1.5]] * 9)), ("column `price` has the wrong type", "found list")
    ),
    "prices as Booleans": Refused(
        lambda _: parquet_with("price", pa.array([True] * 9)), ("column `price` has the wrong type", "found bool")
    ),
    "times as doubles": Refused(
        lambda _: parquet_with("ts_event", pa.array([1.5e18] * 9)),
        ("column `ts_event` has the wrong type", "expected timestamp", "found double"),
    ),
    "times as text": Refused(
        lambda _: parquet_with("ts_event", pa.array(["2025"] * 9)), ("column `ts_event` has the wrong type", "found")
    ),
    "symbols as numbers": Refused(
        lambda _: parquet_with("symbol", pa.array([1] * 9)), ("column `symbol` has the wrong type", "expected text")
    ),
    "a column twice": Refused(lambda _: twice("price"), ("twice.parquet: column `price` is there twice",)),
    "features": Refused(features_written_before, ("features.parquet: expected ticks, were features",), False),
}


def csv_of(folder: Path) -> bytes:
    return write_csv(clean_rows(5000), folder / "whole.csv").read_bytes()


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_read_ends_the_run_and_leaves_the_output(folder, name) -> None:
    source = REFUSED[name].make(folder)
    Path("out.parquet").write_bytes(OLD)
    Path("old.json").write_bytes(OLD)
    done = run(*research(source, "--summary", "old.json", "--save-state", "new.state"))
    assert done.code == FAILED
    assert_one_clear_message(done, *REFUSED[name].parts)
    assert done.err.count("\n") == 1
    assert done.out == ""
    assert Path("out.parquet").read_bytes() == Path("old.json").read_bytes() == OLD
    assert not Path("new.state").exists()
    assert not partial_files(folder)


@pytest.mark.parametrize("name", [name for name, refused in REFUSED.items() if refused.is_of_inspect])
def test_inspect_refuses_the_same_files(folder, name) -> None:
    done = run("inspect", REFUSED[name].make(folder))
    assert done.code == FAILED
    assert_one_clear_message(done, REFUSED[name].parts[0] if name != "a folder without data" else "nothing: ")
    assert done.err.count("\n") == 1


def test_damage_behind_the_first_rows_names_the_row(folder) -> None:
    path = folder / "late.parquet"
    pq.write_table(table_of(clean_rows(400_000)), path, row_group_size=100_000, compression="zstd")
    at = pq.read_metadata(path).row_group(2).column(5).data_page_offset
    content = path.read_bytes()
    path.write_bytes(flipped(content, at + 40, at + 400))
    done = run(*research("late.parquet"))
    assert done.code == FAILED
    assert_one_clear_message(done, "late.parquet: behind row ")
    assert not Path("out.parquet").exists()
    assert not partial_files(folder)


def test_a_link_that_leads_nowhere_is_passed_over_where_it_is_no_data(folder) -> None:
    place = folder / folder_with_dead_link("notes.txt")
    write_parquet(clean_rows(10), place / "ticks.parquet")
    succeed(*research("dead"))


def test_an_inspected_file_of_features_is_told_as_such(folder) -> None:
    done = succeed("inspect", features_written_before(folder))
    assert "millrace.schema" in done.out
    assert "features 1" in done.out


# --- Rows that are wrong --------------------------------------------------------------------------------------------


def put(**changes: dict[int, object]) -> Callable[[Rows], None]:
    """Sets values by column and row."""

    def plant(rows: Rows) -> None:
        for name, values in changes.items():
            for row, value in values.items():
                rows[name][row] = value

    return plant


def repeat_rows(rows: Rows) -> None:
    for values in rows.values():
        values[300:300] = [values[299], values[299]]


class Planted(NamedTuple):
    """Faults put into clean rows and what the ledger says of them."""

    plant: Callable[[Rows], None]
    expected: dict[str, int]
    is_of_csv_alone: bool = False


NAN, INF = float("nan"), float("inf")
PLANTED = {
    "nothing": Planted(lambda _: None, {}),
    "times missing": Planted(put(ts_event={5: None, 990: None}), {"unparsable_time": 2}),
    "times before 1970": Planted(put(ts_event={7: -1}), {"unparsable_time": 1}),
    "times that are no times": Planted(
        put(ts_event={7: "yesterday", 8: "12:00", 9: "99999999999999999999", 10: "2025-13-01T00:00:00Z"}),
        {"unparsable_time": 4},
        True,
    ),
    "symbols missing": Planted(put(symbol={3: None}, venue={4: None}), {"missing_symbol": 2}),
    "unknown kinds": Planted(put(kind={3: 6, 4: 200}), {"unknown_kind": 2}),
    "kinds that are no kinds": Planted(put(kind={3: "trades", 4: -1}), {"unknown_kind": 2}, True),
    "prices that are none": Planted(put(price={1: NAN, 3: INF, 5: -INF, 7: -1.0, 9: 0.0}), {"bad_price": 5}),
    "prices that are words": Planted(put(price={1: "high", 3: "0.-1", 5: "1e999"}), {"bad_price": 3}, True),
    "sizes that are none": Planted(put(size={1: -2.0, 3: NAN, 5: INF}), {"bad_size": 3}),
    "quotes that are none": Planted(
        put(bid={2: NAN, 4: -5.0}, ask={6: INF}, bid_size={8: -1.0}, ask_size={10: NAN}),
        {"bad_quote": 5, "one_sided": 3},
    ),
    "a crossed book": Planted(put(bid={10: 40_000.0, 20: 40_000.0}), {"crossed": 2}),
    "a locked book": Planted(put(bid={10: 30_000.0}, ask={10: 30_000.0}), {"locked": 1}),
    "an empty side": Planted(put(bid={10: None}, flags={10: 32}), {"one_sided": 1}),
    "a time out of order": Planted(put(ts_event={501: 1_763_805_600_000_000_000}), {"late": 1}),
    "repeated rows": Planted(repeat_rows, {"duplicate": 2}),
    "a gap": Planted(put(kind={600: GAP}), {"gap": 1}),
    "a snapshot": Planted(put(flags={600: 1}), {"snapshot": 1}),
    "sides that are none": Planted(put(side={1: 7, 3: -2}), {"bad_number": 2}),
    "numbers that are no whole ones": Planted(put(seq={1: "x", 3: "-1", 5: "1.5"}), {"bad_number": 3}, True),
    "bytes that are no text": Planted(put(price={1: "\udcff\udcfe", 3: "é" * 100}), {"bad_price": 2}, True),
    "much at once": Planted(
        put(ts_event={5: None}, symbol={6: None}, kind={8: 9}, price={11: -1.0}, bid={12: 40_000.0}),
        {"unparsable_time": 1, "missing_symbol": 1, "unknown_kind": 1, "bad_price": 1, "crossed": 1},
    ),
}
CONTAINERS = ("parquet", "csv", "csv.gz")
CASES = [
    (name, container)
    for name, planted in PLANTED.items()
    for container in CONTAINERS
    if container != "parquet" or not planted.is_of_csv_alone
]


@pytest.mark.parametrize(("name", "container"), CASES)
def test_the_ledger_counts_what_was_planted(folder, name, container) -> None:
    rows = clean_rows(1000)
    PLANTED[name].plant(rows)
    path = folder / f"ticks.{container}"
    if container == "parquet":
        write_parquet(rows, path)
    else:
        write_text(rows, path)
    done = run(*research(path.name, "--summary", "s.json", "--max-bad", "1", "--profile", "listed-36"))
    assert done.code == DONE, done.err
    ledger = summary_of(folder / "s.json")["ledger"]
    assert counts_of(ledger) == PLANTED[name].expected
    assert ledger["rows_read"] == len(rows["ts_event"])
    assert_conserved(ledger, folder / "out.parquet")


def write_text(rows: Rows, path: Path) -> None:
    plain = path.with_suffix("") if path.suffix == ".gz" else path
    lines = [",".join(rows)]
    lines += [",".join("" if v is None else str(v) for v in row) for row in zip(*rows.values(), strict=True)]
    content = ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape")
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(content))
    else:
        plain.write_bytes(content)


def test_a_ledger_entry_names_the_first_and_last_place_and_shows_a_sample(folder) -> None:
    rows = clean_rows(100)
    rows["ts_event"][20] = "yesterday"
    rows["ts_event"][40] = "tomorrow"
    write_csv(rows, folder / "ticks.csv")
    run(*research("ticks.csv", "--summary", "s.json", "--max-bad", "1"))
    (entry,) = summary_of(folder / "s.json")["ledger"]["reasons"]
    assert entry["first"] == "ticks.csv:22"
    assert entry["last"] == "ticks.csv:42"
    assert entry["sample"] == "yesterday"


def test_lines_that_are_no_rows_are_counted(folder) -> None:
    write_csv(clean_rows(100), folder / "ticks.csv")
    lines = Path("ticks.csv").read_text().splitlines()
    lines[10] = "1,2,3"
    lines[20] += ",surplus"
    lines[30] = 'an "open quote'
    Path("ticks.csv").write_text("\n".join(lines) + "\n")
    done = run(*research("ticks.csv", "--summary", "s.json", "--max-bad", "1"))
    assert done.code == DONE
    ledger = summary_of(folder / "s.json")["ledger"]
    assert counts_of(ledger) == {"unparsable_row": 3}
    assert ledger["rows_read"] == 100
    assert_conserved(ledger, folder / "out.parquet")


def test_a_symbol_the_venue_does_not_have_is_counted(folder) -> None:
    rows = merged(clean_rows(50, "binance", "BTCUSDT"), clean_rows(50, "binance", "NOSUCHPAIR"))
    write_parquet(rows, folder / "ticks.parquet")
    done = run(*research("ticks.parquet", "--summary", "s.json", "--max-bad", "1"))
    assert done.code == DONE
    ledger = summary_of(folder / "s.json")["ledger"]
    assert counts_of(ledger) == {"unknown_symbol": 50}
    assert_conserved(ledger, folder / "out.parquet")


def test_rows_that_are_filtered_are_counted(folder) -> None:
    rows = merged(clean_rows(100, symbol="BTC-USD"), clean_rows(100, symbol="ETH-USD"))
    write_parquet(rows, folder / "ticks.parquet")
    options = "--symbols", "BTC-USD", "--from", "2025-11-22T10:00:02Z", "--to", "2025-11-22T10:00:05Z"
    succeed(*research("ticks.parquet", "--summary", "s.json", *options))
    ledger = summary_of(folder / "s.json")["ledger"]
    assert counts_of(ledger) == {"before_from": 20, "after_to": 50, "not_selected": 100}
    assert_conserved(ledger, folder / "out.parquet")


def test_a_file_without_rows_gives_a_file_without_rows(folder) -> None:
    write_parquet(cut(clean_rows(1), 1), folder / "none.parquet")
    write_csv(cut(clean_rows(1), 1), folder / "none.csv")
    for name in ("none.parquet", "none.csv"):
        succeed(*research(name, "--summary", "s.json"))
        ledger = summary_of(folder / "s.json")["ledger"]
        assert ledger["rows_read"] == 0
        assert_conserved(ledger, folder / "out.parquet")
        assert "rsi" in pq.read_schema("out.parquet").names


def test_numbers_at_the_ends_of_double_give_a_summary_that_is_JSON(folder) -> None:
    rows = clean_rows(500)
    for name in ("price", "bid", "ask"):
        rows[name] = [None if value is None else (1e308 if i % 3 else 1e-308) for i, value in enumerate(rows[name])]
    write_parquet(rows, folder / "ticks.parquet")
    done = run(*research("ticks.parquet", "--summary", "s.json"))
    assert done.code == DONE, done.err
    assert_conserved(summary_of(folder / "s.json")["ledger"], folder / "out.parquet")


@pytest.mark.parametrize(("bad", "limit", "code"), [(1, "0.1%", DONE), (2, "0.1%", TOO_MUCH_BAD), (2, "0.002", DONE)])
def test_more_bad_rows_than_allowed_give_exit_3_and_a_complete_output(folder, bad, limit, code) -> None:
    rows = clean_rows(1000)
    for i in range(bad):
        rows["price"][2 * i + 1] = -1.0
    write_parquet(rows, folder / "ticks.parquet")
    done = run(*research("ticks.parquet", "--max-bad", limit))
    assert done.code == code
    assert pq.read_metadata("out.parquet").num_rows == 1000
    if code == TOO_MUCH_BAD:
        assert_one_clear_message(done, "0.200 %", "--max-bad 0.1%", "ledger")


# --- Recorded defects -----------------------------------------------------------------------------------------------

DEFECTS = DATA / "bad_inputs"
needs_defects = pytest.mark.skipif(not DEFECTS.is_dir(), reason=f"{DEFECTS} is absent; set MILLRACE_DATA")


@needs_defects
@pytest.mark.parametrize("name", sorted(path.name for path in DEFECTS.glob("*")) if DEFECTS.is_dir() else [])
def test_a_recorded_file_of_another_layout_is_refused_with_what_was_found(folder, name) -> None:
    done = run(*research(DEFECTS / name))
    assert done.code == FAILED
    told = ("bars of which venue?",) if "constant_price" in name else ("layout is not known", "found")
    assert_one_clear_message(done, name, *told)
    assert not Path("out.parquet").exists()
    assert not partial_files(folder)


def canonical_trades(name: str, venue: str, ns_per_count: int) -> pd.DataFrame:
    raw = pd.read_csv(DEFECTS / name)
    return pd.DataFrame(
        {
            "ts_event": raw.EventTime * ns_per_count,
            "ts_recv": raw.TimestampOfReceive * ns_per_count,
            "venue": venue,
            "symbol": raw.Symbol,
            "trade_id": raw.TradeId,
            "kind": TRADE,
            "price": raw.Price,
            "size": raw.Quantity,
            "side": np.where(raw.IsBuyerMarketMaker == 1, -1, 1),
        }
    )


def canonical_depth(name: str) -> pd.DataFrame:
    raw = pd.read_csv(DEFECTS / name)
    is_ask = raw.IsAsk == 1
    return pd.DataFrame(
        {
            "ts_event": raw.EventTime * 1000,
            "ts_recv": raw.TimestampOfReceive * 1000,
            "venue": "binance",
            "symbol": raw.Symbol,
            "seq": raw.FinalUpdateId,
            "kind": QUOTE,
            "bid": raw.Price.where(~is_ask),
            "ask": raw.Price.where(is_ask),
        }
    )


def canonical_bars(name: str) -> pd.DataFrame:
    raw = pd.read_csv(DEFECTS / name)
    times = raw.ts_ms * 1_000_000
    return pd.DataFrame(
        {"ts_event": times, "venue": "cryptocom", "symbol": "BTC-USDC", "kind": BAR, "price": raw.close.astype(float)}
    )


def steps_back(times: pd.Series) -> int:
    return int((times < times.cummax()).sum())


RECORDED = {
    "spot trades": lambda: canonical_trades("spot_trades_corrupted.csv.gz", "binance", 1000),
    "coin trades": lambda: canonical_trades("coinm_trades_corrupted.csv.gz", "binance_coinm", 1_000_000),
    "spot depth": lambda: canonical_depth("spot_depth_corrupted.csv.gz"),
    "a price that never moves": lambda: canonical_bars("cryptocom_btcusdc_1m_202303_constant_price.csv.gz"),
}


@needs_defects
@pytest.mark.parametrize("container", ["csv", "parquet"])
@pytest.mark.parametrize("name", RECORDED)
def test_recorded_defects_are_counted_and_no_row_is_lost(folder, name, container) -> None:
    rows = RECORDED[name]()
    path = folder / f"ticks.{container}"
    if container == "csv":
        rows.to_csv(path, index=False)
    else:
        rows.to_parquet(path)
    done = run(*research(path.name, "--summary", "s.json", "--max-bad", "1"))
    assert done.code == DONE, done.err
    ledger = summary_of(folder / "s.json")["ledger"]
    counts = counts_of(ledger)
    assert ledger["rows_read"] == len(rows)
    assert_conserved(ledger, folder / "out.parquet")
    assert counts.get("late", 0) == steps_back(rows.ts_event)
    quotes = [rows[column] for column in ("bid", "ask") if column in rows]
    assert counts.get("bad_quote", 0) == sum(int((quote <= 0).sum()) for quote in quotes)
    if "trade_id" in rows:
        is_repeated = (rows[["ts_event", "trade_id"]] == rows[["ts_event", "trade_id"]].shift()).all(axis=1)
        assert counts.get("duplicate", 0) == int(is_repeated.sum())


# --- Features and options that are wrong ----------------------------------------------------------------------------

BAD_FEATURES = {
    "an unknown kernel": ('[features]\na = "emwa(price, half_life=10s)"', ("f.toml:2:6", "unknown kernel `emwa`", "did you")),
    "an unknown column": ('[features]\na = "price - aks"', ("f.toml:2:14", "unknown name `aks`")),
    "an unknown parameter": (
        '[features]\na = "ewma(price, haf_life=10s)"',
        ("f.toml:2:18", "unknown parameter `haf_life`", "did you mean `half_life`", "it takes"),
    ),
    "a parameter out of range": ('[features]\na = "rsi(price, period=0)"', ("f.toml:2:", "`a`", "`0`")),
    "a window without an end": ('[features]\na = "rolling_std(price, window=-5)"', ("f.toml:2:", "rolling_std", "`-5`")),
    "an open bracket": ('[features]\na = "ewma(price, half_life=10s"', ("f.toml:2:31", "expected `,` or `)`", "was the end")),
    "an expression without an end": ('[features]\na = "1 +"', ("f.toml:2:9", "expected a value", "was the end")),
    "features in a circle": ('[features]\na = "b + 1"\nb = "a"', ("f.toml:3:", "a -> b -> a")),
    "a feature of itself": ('[features]\na = "a"', ("f.toml:2:", "a -> a")),
    "lets in a circle": ('[let]\na = "b"\nb = "a"\n[features]\nc = "a"', ("f.toml:3:", "a -> b -> a")),
    "a name of a column": ('[features]\nbid = "price"', ("f.toml:2:", "`bid`", "expected another name")),
    "the name venue": ('[features]\nvenue = "price"', ("f.toml:2:", "`venue`", "expected another name")),
    "the name symbol": ('[let]\nsymbol = "price"\n[features]\na = "symbol"', ("f.toml:2:", "`symbol`", "another name")),
    "no TOML": ("[features\n", ("f.toml:1:", "expected TOML")),
    "a number for an expression": ("[features]\na = 1", ("f.toml:2:1", "expected an expression", "was a whole number")),
    "an unknown key": ('nmae = "x"\n[features]\na = "bid"', ("f.toml:1:1", "expected one of name", "did you mean `name`")),
    "no feature": ("", ("f.toml:1:1", "expected at least one feature", "was none")),
    "files that extend one another": ('extends = "./f.toml"', ("f.toml:1:1", "does not extend itself")),
    "an unknown profile": ('extends = "listed-63"', ("f.toml:1:1", "expected one of", "did you mean `listed-36`")),
}


@pytest.mark.parametrize("name", BAD_FEATURES)
def test_a_wrong_feature_file_is_told_by_line_and_column(ticks, folder, name) -> None:
    text, parts = BAD_FEATURES[name]
    Path("f.toml").write_text(text)
    Path("out.parquet").write_bytes(OLD)
    for command in (research(ticks, "--features", "f.toml"), ("features", "--features", "f.toml")):
        done = run(*command)
        assert done.code == FAILED
        assert_one_clear_message(done, *parts)
    assert Path("out.parquet").read_bytes() == OLD
    assert not partial_files(folder)


def test_all_that_is_wrong_in_a_feature_file_is_told_at_once(ticks) -> None:
    Path("f.toml").write_text('[features]\na = "aks"\nb = "emwa(bid)"\nc = "1 +"\n')
    done = run(*research(ticks, "--features", "f.toml"))
    assert done.code == FAILED
    assert_one_clear_message(done, "f.toml:2:", "f.toml:3:", "f.toml:4:")


@pytest.mark.parametrize("path", ["none.toml", "."])
def test_a_feature_file_that_is_none_is_told(ticks, path) -> None:
    done = run(*research(ticks, "--features", path))
    assert done.code == FAILED
    assert_one_clear_message(done, f"{path}: expected a feature file")


BAD_OPTIONS = {
    "no verb": ((), ("subcommand",)),
    "an unknown verb": (("reserch",), ("expected one of research", "was `reserch`", "did you mean `research`")),
    "an unknown option": (research("ticks.parquet", "--thread", 2), ("--thread",)),
    "no input": (("research", "--out", "out.parquet"), ("--in is required",)),
    "no output": (("research", "--in", "ticks.parquet"), ("--out is required",)),
    "a time that is none": (research("ticks.parquet", "--from", "yesterday"), ("--from", "expected a time", "`yesterday`")),
    "a day that is none": (research("ticks.parquet", "--to", "2026-02-30"), ("--to", "expected a time", "`2026-02-30`")),
    "times that leave nothing": (
        research("ticks.parquet", "--from", "2026-01-02", "--to", "2026-01-01"),
        ("--from", "expected a time before --to 2026-01-01", "was 2026-01-02"),
    ),
    "a share that is none": (research("ticks.parquet", "--max-bad", "much"), ("--max-bad", "expected a share", "`much`")),
    "a negative share": (research("ticks.parquet", "--max-bad", "-1%"), ("--max-bad", "expected a share")),
    "no threads": (research("ticks.parquet", "--threads", 0), ("--threads", "1 to 256")),
    "an unknown order": (research("ticks.parquet", "--order", "size"), ("--order", "size", "instrument")),
    "an unknown compression": (research("ticks.parquet", "--compression", "rar"), ("--compression", "rar", "zstd")),
    "an unknown kernel": (("kernels", "rsj"), ("unknown kernel `rsj`", "did you mean `rsi`")),
    "too many rows": (("simulate", "--out", "a.parquet", "--rows", "10000000001"), ("--rows", "10000000001")),
    "rows that are no number": (("simulate", "--out", "a.parquet", "--rows", "many"), ("--rows", "many")),
    "no symbols": (("simulate", "--out", "a.parquet", "--symbols", 0), ("--symbols", "0")),
    "an unknown kind": (("simulate", "--out", "a.parquet", "--kinds", "trades"), ("--kinds", "trades", "mixed")),
    "the input as output": (research("ticks.parquet", output="./ticks.parquet"), ("--out", "ticks.parquet is an input")),
    "one file for two": (research("ticks.parquet", "--summary", "a", "--save-state", "a"), ("--summary", "a is --save-state")),
}


@pytest.mark.parametrize("name", BAD_OPTIONS)
def test_a_command_line_that_cannot_be_understood_gives_exit_2(ticks, folder, name) -> None:
    arguments, parts = BAD_OPTIONS[name]
    before = ticks.read_bytes()
    done = run(*arguments)
    assert done.code == USAGE
    assert done.out == ""
    for part in parts:
        assert part in done.err
    assert ticks.read_bytes() == before
    assert [path.name for path in folder.iterdir()] == ["ticks.parquet"]


def test_an_unknown_profile_is_told(ticks) -> None:
    for command in (research(ticks, "--profile", "listed-63"), ("features", "listed-63"), ("bench", "--profile", "listed-63")):
        done = run(*command)
        assert done.code == FAILED
        assert_one_clear_message(done, "expected one of compat-27, cross-12, default-100, listed-36", "was `listed-63`")


def test_a_symbol_the_input_does_not_have_is_told_with_those_it_has(ticks, folder) -> None:
    Path("out.parquet").write_bytes(OLD)
    done = run(*research(ticks, "--symbols", "BTC-USD,ETH-USD"))
    assert done.code == FAILED
    assert_one_clear_message(done, "--symbols", "no `ETH-USD`", "coinbase:BTC-USD")
    assert Path("out.parquet").read_bytes() == OLD
    assert not partial_files(folder)


# --- Outputs that cannot be written ---------------------------------------------------------------------------------

OUTPUTS = ("--out", "--save-state", "--summary")
BAD_PLACES = {
    "a missing folder": ("none/file", ("none/file: the folder none does not exist", "make it first")),
    "a folder": ("some", ("some: expected a file name", "was a folder")),
    "a device": ("/dev/null", ("/dev/null: expected a file name", "was a device")),
    "a folder that is a file": ("ticks.parquet/file", ("the folder ticks.parquet does not exist",)),
}


@pytest.mark.parametrize("option", OUTPUTS)
@pytest.mark.parametrize("name", BAD_PLACES)
def test_a_place_that_cannot_be_written_is_told_before_the_run(ticks, folder, name, option) -> None:
    Path("some").mkdir()
    place, parts = BAD_PLACES[name]
    output = place if option == "--out" else "out.parquet"
    done = run(*research(ticks, *(() if option == "--out" else (option, place)), output=output))
    assert done.code == FAILED
    assert_one_clear_message(done, *parts)
    assert not Path("out.parquet").exists()
    assert not partial_files(folder)
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("name", BAD_PLACES)
def test_simulate_tells_the_same(ticks, folder, name) -> None:
    Path("some").mkdir()
    place, parts = BAD_PLACES[name]
    done = run("simulate", "--rows", 10, "--out", place)
    assert done.code == FAILED
    assert_one_clear_message(done, *parts)
    assert not partial_files(folder)
    assert Path("/dev/null").is_char_device()


def test_an_empty_output_name_is_told(ticks) -> None:
    for command in (research(ticks, output=""), ("simulate", "--rows", 10, "--out", "")):
        done = run(*command)
        assert done.code == FAILED
        assert_one_clear_message(done, "expected a file name", "was empty")


@pytest.mark.parametrize("verb", ["research", "simulate"])
def test_a_full_disk_ends_the_run_and_leaves_the_output(small_disk, folder, verb) -> None:
    write_parquet(clean_rows(30_000), folder / "ticks.parquet")
    output = small_disk / "out.parquet"
    output.write_bytes(OLD)
    command = research("ticks.parquet", output=str(output))
    done = run(*(command if verb == "research" else ("simulate", "--rows", 100_000, "--out", output)))
    assert done.code == FAILED
    assert_one_clear_message(done, str(output), "No space left on device")
    assert output.read_bytes() == OLD
    assert list(small_disk.iterdir()) == [output]


@pytest.mark.parametrize("verb", ["research", "simulate"])
def test_a_limit_of_file_sizes_ends_the_run_as_a_full_disk_does(folder, verb) -> None:
    write_parquet(clean_rows(30_000), folder / "ticks.parquet")
    Path("out.parquet").write_bytes(OLD)
    command = research("ticks.parquet") if verb == "research" else ("simulate", "--rows", 100_000, "--out", "out.parquet")
    limit = (100_000, 100_000)
    done = run(*command, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
    assert done.code == FAILED
    assert_one_clear_message(done, "out.parquet: ", "File too large")
    assert Path("out.parquet").read_bytes() == OLD
    assert not partial_files(folder)


@pytest.mark.parametrize("option", ["--save-state", "--summary"])
def test_a_full_disk_leaves_an_older_state_and_summary(small_disk, ticks, option) -> None:
    place = small_disk / "result"
    place.write_bytes(OLD)
    with (small_disk / "ballast").open("wb", buffering=0) as ballast:
        try:
            while ballast.write(bytes(4096)):
                pass
        except OSError:
            pass
    done = run(*research(ticks, option, place))
    assert done.code == FAILED
    assert_one_clear_message(done, str(place), "No space left on device")
    assert place.read_bytes() == OLD
    assert sorted(path.name for path in small_disk.iterdir()) == ["ballast", "result"]


def test_an_older_output_is_replaced(ticks) -> None:
    Path("out.parquet").write_bytes(OLD)
    succeed(*research(ticks))
    assert pq.read_metadata("out.parquet").num_rows == 1000


def test_a_link_stays_a_link_and_its_target_is_replaced(ticks, folder) -> None:
    Path("place").mkdir()
    Path("out.parquet").symlink_to("place/real.parquet")
    succeed(*research(ticks))
    assert Path("out.parquet").is_symlink()
    assert pq.read_metadata("place/real.parquet").num_rows == 1000
    assert not partial_files(folder)


def test_the_output_of_a_run_is_refused_as_input_of_the_next_one_over_its_folder(folder) -> None:
    Path("data").mkdir()
    write_parquet(clean_rows(100), folder / "data/ticks.parquet")
    succeed(*research("data", output="data/out.parquet"))
    before = Path("data/out.parquet").read_bytes()
    done = run(*research("data", output="data/out.parquet"))
    assert done.code == USAGE
    assert_one_clear_message(done, "--out", "data/out.parquet is an input")
    assert Path("data/out.parquet").read_bytes() == before


def test_inspect_tells_as_JSON_what_a_file_cannot_give(folder) -> None:
    rows = clean_rows(100)
    rows["ts_event"][3] = "\udcff"
    write_text(rows, folder / "ticks.csv")
    done = succeed("inspect", "ticks.csv", "--json")
    assert counts_of(json.loads(done.out)["ledger"]) == {"unparsable_time": 1}
