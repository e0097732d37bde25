"""A backtest's files agree with one another, come whole or not at all, and bad input is told clearly."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

from cli.market import START_NS, STEP_NS, TRADE, clean_rows, merged, write_parquet
from cli.program import DATA, DONE, FAILED, PROGRAM, USAGE, assert_one_clear_message, run, succeed
from cli.runs import BUSY, NAMES, TABLES, backtest, files_of, simulate, tables_of, write_busy

REAL = {
    "Binance USD-M": ["binance_usdm_btcusdt_20240808.csv.gz"],
    "Binance spot and COIN-M": ["binance_spot_btcusdt_20240808.csv.gz", "binance_coinm_btcusd_perp_20240808.csv.gz"],
    "Coinbase": ["coinbase_exchange_10pairs_20210417.csv.gz"],
}
MONEY = {
    "Binance USD-M": ["--capital", "100000"],
    "Binance spot and COIN-M": [
        *("--capital", "binance:USDT=100000", "--capital", "binance_coinm:BTC=1", "--asset", "USDT"),
        *("--rate", "BTC=binance:BTC-USDT"),
    ],
    "Coinbase": ["--symbols", "YFI-BTC", "--capital", "10"],
}


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(simulate(str(tmp_path_factory.mktemp("market") / "m.parquet")))


@pytest.fixture
def busy(folder: Path, market: Path) -> Path:
    """The market and the strategy, in the working directory."""
    shutil.copy2(market, "m.parquet")
    write_busy()
    return folder


# --- What a run leaves ----------------------------------------------------------------------------------------------


def assert_books_agree(folder: str, tolerance: float = 1e-9) -> None:
    """`tolerance`: sums over assets are counted at the rate of the day, those of fills at the rate of the fill."""
    tables = tables_of(folder)
    orders, fills, trades, equity = (tables[name] for name in ("orders", "fills", "trades", "equity"))
    report = json.loads(Path(folder, "report.json").read_text())
    last, first = equity.iloc[-1], equity.iloc[0]
    for name in TABLES[:4]:
        assert report["counts"][name] == len(tables[name])
    assert fills["fee"].sum() == pytest.approx(last["fees"], rel=tolerance, abs=1e-6)
    assert fills["realised"].sum() == pytest.approx(last["realised"], rel=tolerance, abs=1e-6)
    still_open = sum(symbol["unrealised"] for symbol in report["symbols"])
    booked = last["realised"] - last["fees"] + last["funding"] + last["borrow"]
    assert last["equity"] == pytest.approx(first["equity"] + booked + still_open, rel=tolerance)
    by_order = fills.groupby("order_id")["size"].sum()
    filled = orders.set_index("order_id")["filled"]
    assert filled[filled > 0].sort_index().to_dict() == pytest.approx(by_order.sort_index().to_dict())
    assert (orders.loc[orders["status"] == "filled", "filled"] == orders.loc[orders["status"] == "filled", "size"]).all()
    assert orders.loc[orders["status"] == "blocked", "filled"].eq(0.0).all()
    net = (trades["pnl"] - trades["fees"] + trades["funding"]).sum()
    if tolerance < 1e-6:
        assert net == pytest.approx(last["equity"] - first["equity"], rel=1e-6, abs=1e-5)
    assert equity["ts"].is_monotonic_increasing
    assert (fills["ts_local"] >= fills["ts_venue"]).all()
    assert (orders["ts_sent"] >= orders["ts_decided"]).all()
    assert report["money"]["net"] == pytest.approx(last["equity"] - first["equity"])


def test_the_files_agree_with_one_another(busy: Path) -> None:
    succeed(*backtest("m.parquet"))
    assert set(files_of("run")) == NAMES
    assert len(tables_of("run")["fills"]) > 100
    assert_books_agree("run")


def test_pandas_polars_and_duckdb_read_the_same(busy: Path) -> None:
    succeed(*backtest("m.parquet"))
    for name in TABLES:
        path = f"run/{name}.parquet"
        one = pd.read_parquet(path)
        two = pl.read_parquet(path)
        three = duckdb.sql(f"select * from '{path}'").pl()
        assert list(one.columns) == two.columns == three.columns
        assert len(one) == len(two) == len(three) > 0
        for column in one.columns:
            if pd.api.types.is_float_dtype(one[column]):
                expected = one[column].to_numpy()
                np.testing.assert_array_equal(expected, two[column].cast(pl.Float64).to_numpy())
                np.testing.assert_array_equal(expected, three[column].cast(pl.Float64).to_numpy())


@pytest.mark.parametrize("name", REAL)
def test_real_ticks(folder: Path, name: str) -> None:
    files = [DATA / "normalized" / file for file in REAL[name]]
    if not all(file.exists() for file in files):
        pytest.skip(f"MILLRACE_DATA: no {files[0]}")
    write_busy()
    sources = [part for file in files[1:] for part in ("--in", file)]
    succeed(*backtest(files[0], *sources, *MONEY[name]))
    assert_books_agree("run", 1e-2 if "--rate" in MONEY[name] else 1e-9)
    succeed(*backtest(files[0], *sources, *MONEY[name], "--threads", "2", out="two"))
    assert files_of("two") == files_of("run")


def test_run_toml_gives_the_same_bytes_again(busy: Path) -> None:
    succeed(*backtest("m.parquet", "--set", "entry_z=1.75", "--seed", "9", "--latency", "lognormal(50ms,0.5)"))
    before = files_of("run")
    Path("busy.toml").unlink()  # its text is in run.toml
    succeed("backtest", "--run", "run/run.toml", "--out", "again", "--quiet")
    assert files_of("again") == before
    succeed("backtest", "--run", "run/run.toml", "--out", "run", "--quiet")
    assert files_of("run") == before


def test_threads_do_not_matter(busy: Path) -> None:
    for threads in (1, 2, 5):
        succeed(*backtest("m.parquet", "--threads", threads, out=f"t{threads}"))
    assert files_of("t1") == files_of("t2") == files_of("t5")


def test_chunks_of_the_input_do_not_matter(busy: Path) -> None:
    import pyarrow.parquet as pq

    table = pq.read_table("m.parquet")
    succeed(*backtest("m.parquet", "--feed-latency", "20ms"))
    pq.write_table(table, "m.parquet", row_group_size=777)
    succeed(*backtest("m.parquet", "--feed-latency", "20ms", out="small"))
    for name in TABLES:
        pd.testing.assert_frame_equal(tables_of("run")[name], tables_of("small")[name])


def test_what_is_given_beside_run_toml_counts(busy: Path) -> None:
    succeed(*backtest("m.parquet", "--set", "entry_z=1.75"))
    succeed("backtest", "--run", "run/run.toml", "--set", "entry_z=2.5", "--seed", "4", "--out", "other", "--quiet")
    text = Path("other/run.toml").read_text()
    assert '"entry_z" = "2.5"' in text and "1.75" not in text and "seed = 4" in text
    Path("busy.toml").write_text(BUSY.replace('"Busy"', '"Busier"'))
    succeed("backtest", "--run", "run/run.toml", "--strategy", "busy.toml", "--out", "new", "--quiet")
    assert "Busier" in Path("new/run.toml").read_text()


def test_a_run_without_trades_says_so(busy: Path) -> None:
    done = succeed(*[part for part in backtest("m.parquet", "--set", "entry_z=20") if part != "--quiet"])
    assert "0 orders, 0 fills, 0 round trips: nothing was traded" in done.out
    report = json.loads(Path("run/report.json").read_text())
    assert report["counts"]["fills"] == 0 and report["money"]["net"] == 0
    assert report["steps"]["sharpe"] is None
    assert all(len(tables_of("run")[name]) == 0 for name in ("orders", "fills", "trades"))


# --- Bad input ------------------------------------------------------------------------------------------------------

BAD = {
    "no capital": (["--capital", "0"], "--capital: expected an amount above 0"),
    "debt": (["--capital", "-5"], "--capital: expected an amount above 0"),
    "too much capital": (["--capital", "1e30"], "at most 1000000000, was `1e30`"),
    "a foreign wallet": (
        ["--capital", "simulated:USD=5", "--capital", "binance:USDT=5", "--asset", "USD"],
        "--capital: binance:USDT is counted in USD: expected --rate USDT=NUMBER",
    ),
    "an unknown symbol": (["--symbols", "NOPE"], "--symbols: the input has no `NOPE`; it has simulated:"),
    "an unknown parameter": (["--set", "entri_z=2"], "busy has no parameter `entri_z` (did you mean `entry_z`?)"),
    "a parameter beyond its range": (["--set", "entry_z=0"], "parameter `entry_z`: expected 0.1 to 20, was 0"),
    "a parameter twice": (["--set", "entry_z=2", "--set", "entry_z=3"], "--set: `entry_z` is given twice"),
    "leverage": (["--set", "cap=3"], "parameter `cap`: expected at most the limit name_max of 0.25 of the equity, was 3"),
    "a limit beyond its range": (["--limit", "gross_max=200"], "--limit gross_max: expected a number from 0 to 100"),
    "an unknown limit": (["--limit", "gros_max=2"], "was `gros_max` (did you mean `gross_max`?)"),
    "a worthless asset": (["--rate", "EUR=0"], "--rate EUR: expected a number above 0, was `0`"),
    "an unknown rate": (["--rate", "EUR=x:Y"], "--rate EUR: the first rows have no instrument `x:Y`; they have"),
    "an account in an unknown asset": (["--asset", "EUR"], "expected --rate USD=NUMBER or --rate USD=VENUE:SYMBOL"),
    "a tier": (["--tier", "simulated=vip"], "--tier: expected a tier of simulated (usual, free), was `vip`"),
    "a latency": (["--latency", "50"], "--latency: expected a latency such as 50ms"),
    "a long latency": (["--feed-latency", "10h"], "--feed-latency: expected a latency of at most 1h"),
    "a gap": (["--gap-limit", "5"], "--gap-limit: expected a length of time such as 10m, was `5`"),
    "no rows": (["--from", "2030-01-01"], "the input has no row between --from and --to"),
    "times the wrong way round": (["--from", "2026-01-02", "--to", "2026-01-01"], "--from: expected a time before --to"),
    "a seed": (["--seed", "18446744073709551615"], "--seed: expected a whole number from 0 to 9223372036854775807"),
    "a folder as instruments": (["--instruments", "."], ".: expected a file, was a folder"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_options(busy: Path, what: str) -> None:
    options, message = BAD[what]
    done = run(*backtest("m.parquet", *options))
    assert done.code in (FAILED, USAGE)
    assert_one_clear_message(done, message)
    assert not Path("run").exists()


def test_fees_are_asked_for(busy: Path) -> None:
    done = run("backtest", "--in", "m.parquet", "--strategy", "busy.toml", "--out", "run")
    assert done.code == USAGE
    assert_one_clear_message(done, "--fees: expected a fee table", "a run without fees is refused")
    Path("fees.toml").write_text('[kraken]\ndate = "2024-01-01"\ntiers = [{name="a", maker_bps=1, taker_bps=2}]\n')
    done = run("backtest", "--in", "m.parquet", "--strategy", "busy.toml", "--fees", "fees.toml", "--out", "run")
    assert done.code == FAILED
    assert_one_clear_message(done, "--fees: the table has no fees of simulated; it has kraken")
    Path("fees.toml").write_text('[kraken]\ndate = "2024-01-01"\ntier = "b"\ntiers = [{name="a", maker_bps=1, taker=2}]\n')
    done = run("backtest", "--in", "m.parquet", "--strategy", "busy.toml", "--fees", "fees.toml", "--out", "run")
    assert_one_clear_message(done, "fees.toml:4:", "expected one of name, maker_bps, taker_bps, was `taker`")


def test_every_error_of_a_strategy_file_is_told(busy: Path) -> None:
    wrong = """titel = "x"
needs = "trades"
[parameters]
k = { value = 9.0, min = 1.0, max = 2.0 }
j = true
[let]
z = 3
[rules]
entry_lon = "1"
exit_long = { a = 1, b = "z > 0" }
entry_long = "z < 0"
"""
    done = run(*backtest("m.parquet", strategy=write_busy("wrong.toml", wrong)))
    assert done.code == FAILED
    lines = done.err.removeprefix("millrace: ").splitlines()
    assert [line.split(":")[1] for line in lines] == ["1", "2", "4", "5", "7", "9", "10", "8"]
    assert "key `titel`: expected one of" in lines[0] and "(did you mean `title`?)" in lines[0]
    assert "expected a list of texts, was a text" in lines[1]
    assert "expected a value from 1 to 2, was 9" in lines[2]
    assert "(did you mean `entry_long`?)" in lines[5]
    assert "expected sigma" in lines[7]


def test_every_unknown_name_of_its_expressions_is_told(busy: Path) -> None:
    text = BUSY.replace("z >= 0", "z >= $exit_z").replace("z <= 0", "z <= $entri_z")
    done = run(*backtest("m.parquet", strategy=write_busy("wrong.toml", text)))
    assert_one_clear_message(done, "`$exit_z`: expected a parameter", "`$entri_z`", "(did you mean `entry_z`?)")
    text = BUSY.replace("z >= 0", "zz >= 0").replace("z <= 0", "yy <= 0")
    done = run(*backtest("m.parquet", strategy=write_busy("wrong.toml", text)))
    assert_one_clear_message(done, "wrong.toml:13:", "`zz`", "wrong.toml:14:", "`yy`")


@pytest.mark.parametrize(
    ("expression", "message"),
    [("label_next_move(price) > 0", "label_next_move"), ("hp_filter(price) > 0", "one_sided=false looks ahead")],
)
def test_a_rule_that_looks_ahead_is_refused(busy: Path, expression: str, message: str) -> None:
    done = run(*backtest("m.parquet", strategy=write_busy("wrong.toml", BUSY.replace("z >= 0", expression))))
    assert done.code == FAILED
    assert_one_clear_message(done, "wrong.toml:13:", message)


def test_missing_columns_and_trades(folder: Path) -> None:
    rows = clean_rows(200)
    write_parquet(rows, Path("both.parquet"))
    quotes = {name: values[::2] for name, values in rows.items()}
    write_parquet(quotes, Path("quotes.parquet"))
    needs = BUSY.replace('["prices"]', '["trades"]')
    done = run(*backtest("quotes.parquet", strategy=write_busy("wrong.toml", needs)))
    assert done.code == FAILED
    assert_one_clear_message(done, "wrong needs trades: no row of the first 100 is one")
    done = run(*backtest("both.parquet", strategy=write_busy("wrong.toml", BUSY.replace("prices", "funding"))))
    assert_one_clear_message(done, "wrong needs funding: the input has no column `funding_rate`")
    done = run(*backtest("both.parquet", strategy=write_busy("wrong.toml", BUSY.replace("prices", "money"))))
    assert_one_clear_message(done, "key `needs`: expected prices, quotes", 'was "money"')


def one_price(rows: dict, price_of: object) -> dict:
    """Trades and quotes around a price that is given by row."""
    count = len(rows["ts_event"])
    prices = [price_of(i) for i in range(count)]
    rows["price"] = [p if kind == TRADE else None for p, kind in zip(prices, rows["kind"], strict=True)]
    rows["bid"] = [p - 0.5 for p in prices]
    rows["ask"] = [p + 0.5 for p in prices]
    return rows


def test_a_jump_of_ten_times_trips_the_breaker(folder: Path) -> None:
    rows = one_price(clean_rows(4000), lambda i: (3000.0 if i < 2000 else 30_000.0) + (i * 7919 % 101) / 10)
    write_parquet(rows, Path("jump.parquet"))
    write_busy(text="\n".join(line for line in BUSY.splitlines() if "short" not in line))
    Path("free.toml").write_text(
        '[coinbase]\ndate = "2024-01-01"\ntiers = [{ name = "free", maker_bps = 0, taker_bps = 0 }]\n'
    )
    fixed = ("--fees", "free.toml", "--no-edge-test", "--quiet", "--limit", "breaker_window=12s")
    succeed("backtest", "--in", "jump.parquet", "--strategy", "busy.toml", "--out", "run", *fixed)
    orders = tables_of("run")["orders"]
    jump = pd.Timestamp(START_NS + 2000 * STEP_NS, unit="ns", tz="UTC")
    entries = orders[(orders["ts_decided"] >= jump) & ~orders["reduce_only"]]
    within = entries[entries["ts_decided"] < jump + pd.Timedelta("300s")]
    assert len(within) > 0 and (within["status"] == "blocked").all()
    assert "circuit_breaker" in set(within["reason"])
    assert_books_agree("run")


# --- Gaps -----------------------------------------------------------------------------------------------------------


def gapped(folder: Path) -> str:
    """A fall that is bought and still held when the instrument is silent for an hour; another one goes on."""
    fall = one_price(clean_rows(600), lambda i: 30_000.0 + (i * 37 % 11) - max(0, i - 580) * 5.0)
    later = one_price(clean_rows(600, first=36_600), lambda i: 29_900.0 - i * 0.5)
    other = one_price(clean_rows(3700, symbol="ETH-USD", seed=2), lambda i: 2000.0 + (i * 37 % 11))
    other["ts_event"] = [START_NS + i * 1_000_000_000 for i in range(3700)]
    write_parquet(merged(fall, later, other), folder / "gap.parquet")
    return "gap.parquet"


def test_a_long_silence_is_counted_and_noted(folder: Path) -> None:
    write_busy()
    done = succeed(*[part for part in backtest(gapped(folder)) if part != "--quiet"])
    assert "1 silences of an instrument were longer than 10m: coinbase:BTC-USD 1 (longest 3600.1 s, from 2025-11-22T10:00:59.9" in done.out
    assert "kept at their last mark" in done.out
    done = succeed(*[part for part in backtest("gap.parquet", "--gap-limit", "2h", out="long") if part != "--quiet"])
    assert "silences" not in done.out


def test_positions_are_closed_after_a_gap_where_asked_for(folder: Path) -> None:
    write_busy(text=BUSY.replace('exit_long = "z >= 0"', 'exit_long = "z > 100"'))
    gapped(folder)
    wide = ("--limit", "quote_age_max=2h")
    succeed(*backtest("gap.parquet", *wide, out="kept"))
    kept = tables_of("kept")["trades"]
    back = pd.Timestamp(START_NS + 36_600 * STEP_NS, unit="ns", tz="UTC")
    assert "gap" not in set(kept["exit_why"].dropna())
    over_gap = kept[(kept["ts_entry"] < back) & (kept["symbol"] == "BTC-USD") & (kept["is_open"] | (kept["ts_exit"] > back))]
    assert len(over_gap) == 1
    succeed(*backtest("gap.parquet", *wide, "--close-at-gap", out="closed"))
    trades = tables_of("closed")["trades"]
    closed = trades[trades["exit_why"] == "gap"]
    assert list(closed["symbol"]) == ["BTC-USD"]
    assert back <= closed["ts_exit"].iloc[0] <= back + pd.Timedelta("1s")
    marked = tables_of("closed")["equity"].set_index("ts")["open_positions"]
    assert marked.loc[: back - pd.Timedelta("1s")].iloc[-1] >= 1
    assert_books_agree("closed")


# --- Whole or not at all --------------------------------------------------------------------------------------------


def test_an_older_run_is_replaced_whole(busy: Path) -> None:
    succeed("sweep", *backtest("m.parquet", "--grid", "entry_z=2..3", out="run")[1:])
    Path("run/notes.txt").write_text("mine")
    succeed(*backtest("m.parquet"))
    assert set(files_of("run")) == NAMES | {"notes.txt"}
    before = files_of("run")
    done = run(*backtest("m.parquet", "--symbols", "NOPE"))
    assert done.code == FAILED
    assert files_of("run") == before


def test_results_do_not_come_among_the_inputs(busy: Path) -> None:
    Path("ticks").mkdir()
    shutil.copy2("m.parquet", "ticks/fills.parquet")
    before = Path("ticks/fills.parquet").read_bytes()
    for source, out in (("ticks", "ticks"), ("ticks", "ticks/run"), ("ticks/fills.parquet", "./ticks"), ("ticks/*", "ticks")):
        done = run(*backtest(source, out=out))
        assert done.code == FAILED
        assert_one_clear_message(done, f"{out}: expected a folder apart from the input ticks")
        assert list(Path("ticks").iterdir()) == [Path("ticks/fills.parquet")]
    assert Path("ticks/fills.parquet").read_bytes() == before


def test_a_folder_that_cannot_be_written(busy: Path) -> None:
    for out in ("m.parquet", "m.parquet/run", "/proc/run"):
        done = run(*backtest("m.parquet", out=out))
        assert done.code == FAILED
        assert_one_clear_message(done, f"{out}: expected a folder to write to")


def test_a_full_disk_leaves_the_older_run(busy: Path, small_disk: Path) -> None:
    done = run(*backtest("m.parquet", out=str(small_disk / "run")))
    assert done.code == FAILED
    assert_one_clear_message(done, "o space left on device")
    assert list(small_disk.iterdir()) == []


def wait_until(holds: Callable[[], bool], process: subprocess.Popen) -> None:
    for _ in range(2000):
        if holds():
            return
        assert process.poll() is None, "the run ended too early"
        time.sleep(0.01)
    raise AssertionError("the run did not come so far")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_stopped_run_leaves_nothing_under_a_final_name(busy: Path, how: signal.Signals) -> None:
    simulate("big.parquet", rows=3_000_000)
    succeed(*backtest("m.parquet"))
    before = files_of("run")
    for out in ("run", "fresh"):
        process = subprocess.Popen([str(PROGRAM), *map(str, backtest("big.parquet", out=out))], stderr=subprocess.PIPE)
        wait_until(lambda folder=Path(out): any(folder.glob("run.partial/*.parquet.partial")), process)
        os.kill(process.pid, how)
        assert process.wait(timeout=30) != DONE
        process.stderr.close()
    left = {name: data for name, data in ((p.name, p.read_bytes()) for p in Path("run").iterdir() if p.is_file())}
    assert left == before
    if how == signal.SIGKILL:
        assert [p.name for p in Path("fresh").iterdir()] == ["run.partial"]
        succeed(*backtest("m.parquet", out="fresh"))
        assert set(files_of("fresh")) == NAMES
    else:
        assert not Path("fresh").exists()
        assert not Path("run/run.partial").exists()


def test_two_runs_do_not_write_to_one_folder(busy: Path) -> None:
    simulate("big.parquet", rows=3_000_000)
    first = subprocess.Popen([str(PROGRAM), *map(str, backtest("big.parquet"))], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: any(Path("run").glob("run.partial/*.partial")), first)
        done = run(*backtest("m.parquet"))
        assert done.code == FAILED
        assert_one_clear_message(done, "run: another run is writing to it")
    finally:
        assert first.wait(timeout=60) == DONE
    assert set(files_of("run")) == NAMES
