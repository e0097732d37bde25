"""`research --where`: rows are left out by an expression, after all features have seen them."""

import pandas as pd

from .program import FAILED, USAGE, run


def research(market, out, *options):
    return run("research", "--in", market, "--out", out, "--profile", "compat-27", "--tables", "0", *options)


def simulate(folder):
    market = folder / "market.parquet"
    assert run("simulate", "--out", market, "--rows", "20000", "--symbols", "3").code == 0
    return market


def by_row(path):
    table = pd.read_parquet(path)
    return table.astype({"symbol": str, "venue": str}).set_index(["symbol", "seq"])


def test_bars_become_rows(tmp_path):
    market = simulate(tmp_path)
    done = research(market, tmp_path / "bars.parquet", "--where", "closes(tick_bars(price, ticks=50))")
    assert done.code == 0, done.err
    ticks = pd.read_parquet(market)
    trades = ticks[ticks.kind.isin([1, 2]) & ticks.price.notna()].groupby("symbol").size()
    bars = pd.read_parquet(tmp_path / "bars.parquet")
    assert bars.groupby("symbol").size().to_dict() == (trades // 50).to_dict()
    assert f"left out by --where {20000 - len(bars)}" in done.out


def test_the_rows_that_stay_have_the_features_they_have_among_all(tmp_path):
    market = simulate(tmp_path)
    for order in ("instrument", "time"):
        assert research(market, tmp_path / "all.parquet", "--order", order).code == 0
        done = research(market, tmp_path / "some.parquet", "--order", order, "--where", "bid_size > ask_size")
        assert done.code == 0
        ticks, every = by_row(market), by_row(tmp_path / "all.parquet")
        kept = (ticks.bid_size.groupby("symbol").ffill() > ticks.ask_size.groupby("symbol").ffill()).reindex(every.index)
        some = by_row(tmp_path / "some.parquet")
        pd.testing.assert_frame_equal(some, every[kept], check_exact=True)


def test_days_of_the_week_and_duplicates(tmp_path):
    market = simulate(tmp_path)  # begins on a Thursday
    out = tmp_path / "out.parquet"
    for condition, rows in (("day_of_week(ts_event) == 3", 20000), ("day_of_week(ts_event) == 4", 0)):
        assert research(market, out, "--where", condition).code == 0
        assert len(pd.read_parquet(out)) == rows
    assert research(market, out, "--where", "dedupe_trades(trade_id) == 0").code == 0
    assert len(pd.read_parquet(out)) > 0


def test_what_is_no_condition_is_refused(tmp_path):
    market = simulate(tmp_path)
    for condition, complaint in (
        ("bid", "--where: expected a condition such as day_of_week(ts_event) < 5, was `bid`"),
        ("closes(bid)", "closes takes a bar"),
        ("bid >", "expected a value, was the end"),
    ):
        done = research(market, tmp_path / "out.parquet", "--where", condition)
        assert done.code in (FAILED, USAGE) and complaint in done.err
        assert not (tmp_path / "out.parquet").exists()
