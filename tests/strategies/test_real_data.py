"""Strategies over recorded ticks and candles, through the command line: what they must show."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cli.program import DATA, FAILED, ROOT, assert_one_clear_message, run, succeed

TICKS = DATA / "normalized"
CANDLES = DATA / "ohlcv/binance_1m_2021"
PERPETUALS = TICKS / "binance_usdm_*_20240808.csv.gz"
# The ticks span six minutes: a breaker that needs five of them to know anything would leave one.
SHORT = ("--limit", "breaker_window=60s", "--no-scenarios")
MINUTE_NS = 60_000_000_000
FEES = """
[binance]
date = "2024-10-01"
source = "of this test"
borrow_apr = 0.1
tiers = [{ name = "paid", maker_bps = 10, taker_bps = 10 }, { name = "free", maker_bps = 0, taker_bps = 0 }]
[binance_usdm]
date = "2024-10-01"
source = "of this test"
tiers = [{ name = "paid", maker_bps = 2, taker_bps = 5 }, { name = "free", maker_bps = 0, taker_bps = 0 }]
"""


@pytest.fixture
def fees(tmp_path: Path) -> Path:
    path = tmp_path / "fees.toml"
    path.write_text(FEES)
    return path


@pytest.fixture
def candles(tmp_path: Path) -> Path:
    """Names of the instruments as folders; DOGE's volumes turn from whole numbers to fractions late in the file."""
    for path in sorted(CANDLES.glob("*.csv.gz")):
        base = path.name.split("USDT")[0]
        if base == "DOGE":
            continue
        folder = tmp_path / f"bars/venue=binance/symbol={base}-USDT"
        folder.mkdir(parents=True)
        (folder / "bars.csv.gz").symlink_to(path)
    return tmp_path / "bars"


def backtest(out: Path, strategy: str, fees: Path, *options: object) -> dict:
    succeed("backtest", "--strategy", strategy, "--fees", fees, "--out", out, "--quiet", *options)
    return json.loads((out / "report.json").read_text())


def rows_of(out: Path, table: str) -> list[dict]:
    return pq.read_table(out / f"{table}.parquet").to_pylist()


def decided_ns(out: Path) -> list[tuple[str, int]]:
    table = pq.read_table(out / "orders.parquet")
    times = table["ts_decided"].cast("int64").to_pylist()
    return list(zip(table["why"].to_pylist(), times, strict=True))


def test_mean_reversion_holds_from_entry_to_exit_on_ticks(tmp_path: Path, fees: Path) -> None:
    out = tmp_path / "run"
    backtest(out, "mean_reversion", fees, "--in", PERPETUALS, *SHORT, "--tier", "binance_usdm=free", "--no-edge-test")
    trades = rows_of(out, "trades")
    assert trades  # volatility is known after five of the six minutes
    for trade in trades:
        assert trade["ts_exit"] > trade["ts_entry"]
        assert trade["entry_why"] in ("entry_long", "entry_short")
        assert trade["exit_why"] in ("reverted", "rsi_back", "adverse_alarm", "stop", "time_stop", "end of run")


def test_mean_reversion_enters_nothing_that_does_not_pay_its_costs(tmp_path: Path, fees: Path) -> None:
    out = tmp_path / "run"
    backtest(out, "mean_reversion", fees, "--in", PERPETUALS, *SHORT)
    entries = [order for order in rows_of(out, "orders") if order["why"].startswith("entry")]
    assert entries
    for order in entries:
        assert order["expected_cost_bps"] > 10.0
        assert (order["reason"] == "no_edge") == (order["expected_gain_bps"] < 1.5 * order["expected_cost_bps"])


def test_trend_following_decides_on_finished_bars(tmp_path: Path, fees: Path, candles: Path) -> None:
    out = tmp_path / "run"
    bars = candles / "venue=binance/symbol=BTC-USDT"
    free = ("--tier", "binance=free", "--no-scenarios", "--no-edge-test")
    backtest(out, "trend_following", fees, "--in", bars, "--to", "2021-04-08", *free)
    decisions = [(why, time) for why, time in decided_ns(out) if why != "trailing_stop"]
    assert len(decisions) > 20
    assert {time % MINUTE_NS for _, time in decisions} == {0}  # the row that begins the next bar


def test_volatility_breakout_needs_trades(tmp_path: Path, fees: Path, candles: Path) -> None:
    out = tmp_path / "run"
    free = ("--tier", "binance=free", "--no-scenarios", "--no-edge-test")
    backtest(out, "volatility_breakout", fees, "--in", candles / "venue=binance/symbol=BTC-USDT", *free)
    assert len(rows_of(out, "trades")) > 10
    succeed("simulate", "--out", tmp_path / "ticker.parquet", "--rows", 1000, "--symbols", 2, "--kinds", "ticker")
    ticker = ("--in", tmp_path / "ticker.parquet", "--fees", "shipped", "--out", tmp_path / "never")
    refused = run("backtest", "--strategy", "volatility_breakout", *ticker)
    assert refused.code == FAILED
    assert_one_clear_message(refused, "volatility_breakout needs", "size")


def test_the_overlay_is_reported_against_the_strategy_without_it(tmp_path: Path, fees: Path, candles: Path) -> None:
    bars = candles / "venue=binance/symbol=BTC-USDT"
    span = ("--in", bars, "--to", "2021-04-08", "--tier", "binance=free", "--no-edge-test")
    report = backtest(tmp_path / "with", "regime_aware", fees, *span, "--set", "over=trend_following")
    scenario = next(one for one in report["scenarios"] if one["name"] == "without regime_aware")
    alone = backtest(tmp_path / "alone", "trend_following", fees, *span, "--no-scenarios")
    assert scenario["net"] == pytest.approx(alone["money"]["net"], abs=1e-6)
    assert scenario["fills"] == len(rows_of(tmp_path / "alone", "fills"))
    assert scenario["max_drawdown"] > 0.0
    assert sum(order["why"] == "defensive" for order in rows_of(tmp_path / "with", "orders")) > 3  # alarms re-arm


def test_market_making_is_filled_in_the_queue_and_its_profit_taken_apart(tmp_path: Path, fees: Path) -> None:
    out = tmp_path / "run"
    steps = tmp_path / "instruments.csv"
    steps.write_text("venue,symbol,tick_size,lot_size\nbinance_usdm,BTC-USDT:PERP,0.1,0.001\n")
    ticks = ("--in", TICKS / "binance_usdm_btcusdt_20240808.csv.gz", "--instruments", steps)
    own = ("--set", "half_spread_bps=0.5", "--set", "vpin_bucket=5")
    report = backtest(out, "market_making", fees, *ticks, *own, *SHORT)
    fills = rows_of(out, "fills")
    assert len(fills) >= 5
    assert all(fill["is_maker"] or fill["why"] == "flatten" for fill in fills)
    one = report["symbols"][0]
    gross = -one["spread"] - one["impact"] + one["markout_5s"] + one["inventory"]
    assert gross - one["fees"] == pytest.approx(one["net"], abs=1e-6)


def test_stat_arb_basket_is_hedged_and_pays_mostly_fees(tmp_path: Path, fees: Path, candles: Path) -> None:
    out = tmp_path / "run"
    report = backtest(out, "stat_arb_basket", fees, "--in", candles, "--to", "2021-04-12", "--no-scenarios")
    exposures = sorted(one["value"] for one in rows_of(out, "signals") if one["signal"] == "factor_exposure")
    assert len(exposures) > 100
    assert exposures[len(exposures) * 95 // 100] < 0.05
    first_day_ns = 1_617_321_600_000_000_000 + 86_400_000_000_000  # of 2021-04-03: nothing is fitted before
    assert min(time for _, time in decided_ns(out)) >= first_day_ns
    money = report["money"]
    assert money["fees"] > abs(money["net"] + money["fees"])  # turnover and costs dominate


def test_stat_arb_basket_needs_ten_instruments(tmp_path: Path, fees: Path, candles: Path) -> None:
    few = ("--symbols", "BTC-USDT,ETH-USDT,LTC-USDT", "--fees", fees, "--out", tmp_path / "never")
    refused = run("backtest", "--strategy", "stat_arb_basket", "--in", candles, *few)
    assert refused.code == FAILED
    assert_one_clear_message(refused, "stat_arb_basket needs 10 instruments or more", "have 3")


PAGES = sorted((ROOT / "docs/strategies").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_strategys_page_has_its_parameters(page: Path) -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| ([^|]*) \|", page.read_text(), re.MULTILINE))
    strategy = tomllib.loads((ROOT / f"strategies/{page.stem}.toml").read_text())
    for name, parameter in strategy["parameters"].items():
        assert told[name] == str(parameter["value"]), name
