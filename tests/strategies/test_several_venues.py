"""The three strategies of several instruments on recorded data, run as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from cli.program import run
from strategies.market_files import FUNDING, HOUR_NS, TICKER, candles, fee_table, recorded, rows_of, write_rows

VENUES = {"coinbase": "coinbase_btcusd", "kraken": "kraken_btcusd", "cryptocom": "cryptocom_btcusd"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def backtest(*arguments: object) -> tuple[dict, list[dict]]:
    """The report and the signals of a run."""
    done = run("backtest", *arguments, "--out", "run", "--no-scenarios")
    assert done.code == 0, done.err
    table = pq.read_table("run/signals.parquet")
    at = table.schema.get_field_index("ts_event")
    table = table.set_column(at, "ts_event", table.column(at).cast("int64"))
    return json.loads(Path("run/report.json").read_text()), table.to_pylist()


def arbitrage(fees_bps: float, *more: object) -> tuple[dict, list[dict]]:
    fee_table(Path("fees.toml"), dict.fromkeys(VENUES, fees_bps))
    capital = [text for venue in VENUES for text in (f"{venue}:USD=100000", f"{venue}:BTC-USD=4")]
    options = [part for text in capital for part in ("--capital", text)]
    return backtest(
        "--in", "market.csv", "--strategy", "cross_exchange_arbitrage", "--fees", "fees.toml", *options,
        "--set", "age_max=2m", "--set", "hold_time=1m", "--limit", "quote_age_max=2m", "--limit", "net_max=1", *more,
    )  # fmt: skip


def test_arbitrage_of_march_2023_reports_what_fees_leave(folder: Path) -> None:
    """Minute closes of one pair on three venues, spread of 2 bps assumed: a close is no touch, so this shows counting."""
    rows = []
    for venue, name in VENUES.items():
        rows += candles(recorded(f"cross_venue_1m_202303/{name}.csv.gz"), venue, "BTC-USD", 1.0, 0.5)
    write_rows(rows, Path("market.csv"))
    report, signals = arbitrage(40.0)
    note = next(text for text in report["notes"] if "comparisons" in text)
    assert "deals" in note
    deals = [row for row in signals if row["signal"] == "deal" and row["effect"] == "order"]
    assert f"{len(deals)} deals" in note
    dear, cheap = len(deals), arbitrage(5.0)[1]
    assert dear <= len([row for row in cheap if row["signal"] == "deal" and row["effect"] == "order"])


def test_a_stablecoin_off_its_peg_is_no_arbitrage(folder: Path) -> None:
    """2023-03-11: USDC at 0.88. BTC-USDC against BTC-USD looks 10 % dear to who takes USDC for the dollar."""
    market = "cross_venue_1m_202303"
    rows = [
        *candles(recorded(f"{market}/kraken_usdcusd.csv.gz"), "kraken", "USDC-USD", 1.0, 1e6),
        *candles(recorded(f"{market}/kraken_btcusdc.csv.gz"), "kraken", "BTC-USDC", 1.0, 0.5),
        *candles(recorded(f"{market}/coinbase_btcusd.csv.gz"), "coinbase", "BTC-USD", 1.0, 0.5),
    ]
    write_rows(rows, Path("market.csv"))
    fee_table(Path("fees.toml"), {"kraken": 40.0, "coinbase": 40.0})
    base = [
        "--in", "market.csv", "--strategy", "cross_exchange_arbitrage", "--fees", "fees.toml", "--from", "2023-03-10",
        "--to", "2023-03-13", "--capital", "coinbase:USD=100000", "--capital", "kraken:USD=1000", "--capital", "coinbase:BTC-USD=4",
        "--capital", "kraken:BTC-USDC=4", "--set", "age_max=2m", "--set", "hold_time=1ms", "--limit", "net_max=1",
    ]  # fmt: skip
    refused = run("backtest", *base, "--out", "run")
    assert refused.code != 0
    assert "--rate USDC=" in refused.err
    gaps = {}
    for rate in ("1", "kraken:USDC-USD"):
        signals = backtest(*base, "--rate", f"USDC={rate}")[1]
        gaps[rate] = [row["value"] for row in signals if row["signal"] == "gap"]
    assert max(gaps["1"]) > 300  # bps when it opens, of a peg that did not hold
    assert len(gaps["kraken:USDC-USD"]) < 0.5 * len(gaps["1"])


def test_the_pair_on_a_month_of_minutes(folder: Path) -> None:
    """Binance spot closes of April 2021 with an assumed spread of 1 bps, played as perpetuals so that shorts need no loan."""
    rows = []
    for asset in ("BTC", "ETH"):
        path = recorded(f"ohlcv/binance_1m_2021/{asset}USDT.csv.gz")
        rows += candles(path, "binance_usdm", f"{asset}-USDT:PERP", 0.5, 100.0)
    write_rows(rows, Path("market.csv"))
    fee_table(Path("fees.toml"), {"binance_usdm": 5.0})
    report, signals = backtest(
        "--in", "market.csv", "--strategy", "btc_eth_pairs", "--fees", "fees.toml", "--leg",
        "eth=binance_usdm:ETH-USDT:PERP", "--leg", "btc=binance_usdm:BTC-USDT:PERP", "--set", "step=60s", "--set", "q=6e-14",
        "--set", "r=2.5e-5", "--limit", "quote_age_max=90s",
    )  # fmt: skip
    hedges = [row["value"] for row in signals if row["signal"] == "hedge"]
    assert all(value < 0.05 for value in hedges)
    reasons = {row["effect"] for row in signals if row["signal"].startswith(("entry", "exit"))}
    assert reasons <= {
        "order", "no_edge", "alarm", "hedge_ratio_moves", "half_life_unknown", "half_life_too_short", "half_life_too_long", "leg_stale",
        "reverted", "stop", "time_stop", "price_outlier", "circuit_breaker", "position_limit", "loss_limit", "size_too_small", "fat_finger",
    }  # fmt: skip
    assert report["strategy"]


def carry_rows(days: range) -> list[dict]:
    """8-hour closes of Binance in 2023; the rate that is settled at a stamp is told an hour before it, with the closes."""
    rows = []
    for row in rows_of(recorded("funding/spot_perp_funding_8h_3venues_2023.csv.gz")):
        if row["exchange"] != "binance" or row["crypto"] != "bitcoin" or row["pair"].endswith("CM"):
            continue
        opened = int(row["ts_ms_utc"]) * 10**6
        if int(row["ts_ms_utc"]) // 86_400_000 - 19_358 not in days:
            continue
        is_spot = row["contract"] == "spot"
        venue, symbol = ("binance", "BTC-USDT") if is_spot else ("binance_usdm", "BTC-USDT:PERP")
        price = float(row["open"])
        for step in range(8):  # the open, held for the eight hours of the candle
            rows.append({
                "ts_event": opened + step * HOUR_NS + (0 if is_spot else 10**6), "venue": venue, "symbol": symbol, "kind": TICKER,
                "price": price, "size": 1, "bid": price * 0.99995, "bid_size": 1000, "ask": price * 1.00005, "ask_size": 1000,
            })  # fmt: skip
        if not is_spot and row["funding_rate"]:
            rows.append({
                "ts_event": opened - HOUR_NS + 2 * 10**6, "venue": venue, "symbol": symbol, "kind": FUNDING,
                "funding_rate": row["funding_rate"], "next_funding_ns": opened, "funding_interval_s": 28_800,
            })  # fmt: skip
    return rows


def test_carry_books_the_recorded_funding_of_its_stamps(folder: Path) -> None:
    rows = carry_rows(range(365))
    write_rows(rows, Path("market.csv"))
    fee_table(Path("fees.toml"), {"binance": 10.0, "binance_usdm": 5.0})
    report, signals = backtest(
        "--in", "market.csv", "--strategy", "funding_carry", "--fees", "fees.toml", "--leg", "spot=binance:BTC-USDT",
        "--leg", "perp=binance_usdm:BTC-USDT:PERP", "--capital", "binance:USDT=60000", "--capital", "binance_usdm:USDT=40000",
        "--limit", "quote_age_max=9h", "--limit", "breaker_window=9h", "--limit", "breaker_band=0.5",
    )  # fmt: skip
    rates = {row["next_funding_ns"]: float(row["funding_rate"]) for row in rows if row["kind"] == FUNDING}
    prices = {row["ts_event"]: row["price"] for row in rows if row["kind"] == TICKER and row["venue"] == "binance_usdm"}
    fills = pq.read_table("run/fills.parquet", columns=["ts_venue", "venue", "side", "size"])
    fills = fills.set_column(0, "ts_venue", fills.column(0).cast("int64")).to_pylist()
    paid = [row for row in signals if row["signal"] == "funding"]
    assert len(paid) > 300
    for row in paid:
        # The answer is known after the first row behind the stamp; the payment is on the last price before it.
        stamp = row["ts_event"] // (8 * HOUR_NS) * 8 * HOUR_NS
        mark = prices[stamp - HOUR_NS + 10**6]
        short = sum(
            (1 if one["side"] in ("sell", -1) else -1) * one["size"]
            for one in fills
            if one["venue"] == "binance_usdm" and one["ts_venue"] < stamp
        )
        assert row["value"] == pytest.approx(rates[stamp] * short * mark, rel=1e-5)  # a positive rate is its income
        assert row["effect"] == ("received" if rates[stamp] > 0 else "paid")
    assert report["strategy"]
