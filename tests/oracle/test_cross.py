"""cross-12 gives the numbers of the specification, on a simulated market and on one market at several venues."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from oracle.legs import (
    QUOTE_KINDS,
    SECOND,
    TRADE_KINDS,
    as_of,
    beta,
    clock,
    grid,
    hayashi_yoshida,
    kalman_z,
    lead,
    observed,
    of,
    on_rows,
    ranks,
    shares,
    shown,
)

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("MILLRACE_BIN", ROOT / "build/release/millrace"))
DATA = Path(os.environ.get("MILLRACE_DATA", ROOT / "../shared/data"))
PACE = 200  # the simulated market is fast: an hour must pass
EXPIRY = pd.Timestamp("2026-03-27T08:00Z").value
LEGS = {
    "a": "simulated:BTC-USD",
    "b": "simulated:ETH-USD",
    "rate": "simulated:DOGE-USD",
    "btc": "simulated:BTC-USD",
    "eth": "simulated:ETH-USD",
    "fut": "simulated:BTC-USD:20260327",
    "spot": "simulated:BTC-USD",
}
LEG_OPTIONS = [option for leg, name in LEGS.items() for option in ("--leg", f"{leg}={name}")]


def run(*arguments: object) -> subprocess.CompletedProcess:
    command = [str(PROGRAM), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def research(*arguments: object) -> subprocess.CompletedProcess:
    done = run("research", "--order", "time", *arguments)
    assert done.returncode == 0, done.stderr[-2000:]
    return done


def table_of(path: Path) -> pd.DataFrame:
    table = pq.read_table(path).to_pandas()
    table["t"] = table["ts_event"].astype("int64")
    table["name"] = table["venue"].astype(str) + ":" + table["symbol"].astype(str)
    return table


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """ticks.parquet, cross.parquet and own.parquet, rows in the same order."""
    folder = tmp_path_factory.mktemp("cross")
    done = run("simulate", "--out", folder / "fast.parquet", "--rows", 40_000, "--symbols", 4, "--seed", 3)
    assert done.returncode == 0, done.stderr
    table = pq.read_table(folder / "fast.parquet")
    start = table["ts_event"].cast(pa.int64())[0].as_py()
    for name in ("ts_event", "ts_recv"):
        slow = (table[name].cast(pa.int64()).to_numpy() - start) * PACE + start
        at = table.column_names.index(name)
        table = table.set_column(at, table.schema.field(at), pa.array(slow).cast(table.schema.field(at).type))
    symbols = ["BTC-USD:20260327" if s == "XRP-USD" else s for s in table["symbol"].to_pylist()]
    at = table.column_names.index("symbol")
    table = table.set_column(at, "symbol", pa.array(symbols))
    pq.write_table(table, folder / "ticks.parquet")
    ticks = folder / "ticks.parquet"
    done = research("--in", ticks, "--out", folder / "cross.parquet", "--profile", "cross-12", *LEG_OPTIONS)
    assert "leg `perp` is not configured: null in funding_apr, oi_delta_1h, carry_edge_bps" in done.stderr
    research("--in", ticks, "--out", folder / "own.parquet", "--profile", "default-100")
    return folder


@pytest.fixture(scope="module")
def rows(folder) -> pd.DataFrame:
    ticks = table_of(folder / "ticks.parquet")
    own, cross = table_of(folder / "own.parquet"), table_of(folder / "cross.parquet")
    assert (own["t"] == ticks["t"]).all() and (cross["t"] == ticks["t"]).all(), "rows are in one order"
    is_book = (ticks["bid"] > 0) & (ticks["bid"] <= ticks["ask"])
    ticks["mid"] = np.where(is_book, (ticks["bid"] + ticks["ask"]) / 2, np.nan)
    for name in ("ret_1m", "ret_5m"):
        ticks[name] = own[name]
    for name in cross.columns[cross.columns.get_loc("price") + 1 :]:
        if name not in ticks:
            ticks[name] = cross[name].astype(float)
    return ticks


def expect_equal(expected: np.ndarray, got: np.ndarray, fewest: int, scale: float = 0.0) -> None:
    differs = np.flatnonzero(np.isnan(expected) != np.isnan(got))
    assert differs.size == 0, f"nulls differ first at {differs[:3]}"
    assert np.sum(~np.isnan(got)) >= fewest
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-9 * scale)


def mids(rows: pd.DataFrame, leg: str) -> pd.Series:
    return observed(of(rows, LEGS[leg]), "mid", QUOTE_KINDS)


def trades(rows: pd.DataFrame, name: str) -> pd.Series:
    return observed(of(rows, name), "price", TRADE_KINDS)


def test_the_gap_between_venues_is_an_asof_join(rows):
    a = mids(rows, "a")
    places = a.index.to_numpy()
    b = as_of(rows, mids(rows, "b"), places, SECOND // 2)
    rate = as_of(rows, mids(rows, "rate"), places, 60 * SECOND)
    gap = pd.Series(1e4 * (a.to_numpy() / (b * rate) - 1), index=places)
    mine = of(rows, LEGS["a"])
    expect_equal(shown(gap, mine.index.to_numpy()), mine["xvenue_mid_gap_bps"].to_numpy(), 1000)
    assert rows.loc[rows["name"] != LEGS["a"], "xvenue_mid_gap_bps"].isna().all()


def test_the_lead_is_that_of_returns_on_a_grid(rows):
    times, sample = grid(rows, {LEGS[leg]: mids(rows, leg) for leg in ("a", "b")}, SECOND // 10)
    a, b = (np.diff(np.log(sample[LEGS[leg]])) for leg in ("a", "b"))
    start = int(np.argmax(~np.isnan(a + b)))
    mine = of(rows, LEGS["a"])
    now = clock(rows, [LEGS["a"], LEGS["b"]])
    for place, row in mine.iloc[:: len(mine) // 60].iterrows():
        last = np.searchsorted(times, now[place], side="left") - 1  # returns up to this sample
        is_full = last - 3000 >= start
        expected = 100 * lead(a[last - 3000 : last], b[last - 3000 : last], 10) if is_full else np.nan
        assert np.array_equal(expected, row["xvenue_lead_ms"], equal_nan=True), row["t"]


def betas(rows: pd.DataFrame, name: str) -> np.ndarray:
    legs = {name: trades(rows, name), LEGS["btc"]: trades(rows, LEGS["btc"])}
    times, sample = grid(rows, legs, 10 * SECOND)
    return on_rows(times, beta(sample[name], sample[LEGS["btc"]], 360), clock(rows, list(legs))[of(rows, name).index].to_numpy())


def test_beta_and_what_it_leaves_of_a_return(rows):
    for name in rows["name"].unique():
        mine = of(rows, name)
        slope = betas(rows, name)
        expect_equal(slope, mine["beta_btc_1h"].to_numpy(), 500, scale=1.0)
        btc = as_of(rows, of(rows, LEGS["btc"])["ret_1m"], mine.index.to_numpy(), 2 * SECOND)
        expect_equal(mine["ret_1m"].to_numpy() - slope * btc, mine["resid_ret_1m"].to_numpy(), 300, scale=1e-3)


def test_correlation_of_ticks_is_the_double_sum(rows):
    names = [LEGS["eth"], LEGS["btc"]]
    now = clock(rows, names)

    def returns(name: str) -> tuple[np.ndarray, np.ndarray]:
        price = trades(rows, name)
        return now[price.index].to_numpy()[1:], np.diff(np.log(price.to_numpy()))

    ends, r = zip(*map(returns, names), strict=True)
    firsts = [int(of(rows, name)["t"].iloc[0]) for name in names]
    mine = of(rows, LEGS["eth"])
    sampled = mine.iloc[:: len(mine) // 40]
    expected = [hayashi_yoshida(list(ends), list(r), firsts, int(t), 300 * SECOND) for t in now[sampled.index]]
    expect_equal(np.array(expected), sampled["corr_btc_hy_5m"].to_numpy(), 30, scale=1.0)


def test_the_spread_of_a_pair_is_the_filters_innovation(rows):
    times, sample = grid(rows, {LEGS[leg]: mids(rows, leg) for leg in ("eth", "btc")}, SECOND)
    y, x = (np.log(sample[LEGS[leg]]) for leg in ("eth", "btc"))
    valid = ~np.isnan(x + y)
    z = np.full(len(times), np.nan)
    z[valid] = kalman_z(y[valid], x[valid], 1e-7, 1e-6)
    mine = of(rows, LEGS["eth"])
    now = clock(rows, [LEGS["eth"], LEGS["btc"]])[mine.index].to_numpy()
    expect_equal(on_rows(times, z, now), mine["pairs_z_eth_btc"].to_numpy(), 5000, scale=100.0)


def test_the_basis_runs_to_the_expiry_in_the_symbol(rows):
    price = {leg: trades(rows, LEGS[leg]) for leg in ("fut", "spot")}
    places = np.union1d(price["fut"].index, price["spot"].index)
    future, spot = (as_of(rows, price[leg], places, SECOND // 2) for leg in ("fut", "spot"))
    years = (EXPIRY - clock(rows, [LEGS["fut"], LEGS["spot"]])[places].to_numpy()) / (365 * 86_400 * SECOND)
    basis = pd.Series(np.log(future / spot) / years, index=places)
    mine = of(rows, LEGS["fut"])
    expect_equal(shown(basis, mine.index.to_numpy()), mine["basis_apr"].to_numpy(), 100)


def test_ranks_and_shares_are_those_of_all_instruments(rows):
    expect_equal(ranks(rows, rows["ret_5m"].to_numpy(), 60 * SECOND), rows["ret_rank_5m"].to_numpy(), 30_000, scale=1.0)
    expect_equal(shares(rows, rows["quote_vol_24h"].to_numpy()), rows["dominance"].to_numpy(), 30_000)


def test_saved_and_loaded_it_goes_on_as_in_one_run(folder):
    ticks = pq.read_table(folder / "ticks.parquet")
    parts = []
    for number, (start, count) in enumerate(((0, 25_000), (25_000, None))):
        part = folder / f"part{number}.parquet"
        pq.write_table(ticks.slice(start, count), part)
        load = ["--load-state", folder / "state"] if number else ["--save-state", folder / "state"]
        research("--in", part, "--out", folder / f"out{number}.parquet", "--profile", "cross-12", *LEG_OPTIONS, *load)
        parts.append(pq.read_table(folder / f"out{number}.parquet"))
    whole = pq.read_table(folder / "cross.parquet").to_pandas()
    pd.testing.assert_frame_equal(pa.concat_tables(parts).to_pandas(), whole, check_exact=True, check_categorical=False)


def test_a_leg_whose_instrument_never_comes_ends_the_run(folder):
    done = run("research", "--in", folder / "ticks.parquet", "--out", folder / "none.parquet", "--profile", "cross-12",
               "--leg", "btc=coinbase:BTC-USD", "--quiet")  # fmt: skip
    assert done.returncode != 0
    assert "leg btc: no row of `coinbase:BTC-USD` came in; the input has simulated:" in done.stderr
    assert not (folder / "none.parquet").exists()


RECORDED = """
[legs]
b = "kraken:BTC-USD"
tether = "coinbase:USDT-USD"
[features]
gap = "1e4*(x.price/asof(b.price, tolerance=2m) - 1)"
fair = "x.price*asof(tether.price, tolerance=10m) - asof(b.price, tolerance=2m)"
beta = "fx_beta(log_returns(grid(x.price, every=60s)), log_returns(grid(b.price, every=60s)), window=120)"
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> pd.DataFrame:
    """Closes of one-minute bars of one market on several venues, each a trade at the bar's end."""
    folder = tmp_path_factory.mktemp("recorded")
    frames = []
    for file, name in (("kraken_btcusd", "kraken:BTC-USD"), ("coinbase_usdtusd", "coinbase:USDT-USD"),
                       ("coinbase_btcusd", "coinbase:BTC-USD"), ("coinbase_btcusdt", "coinbase:BTC-USDT")):  # fmt: skip
        path = DATA / "cross_venue_1m_202303" / f"{file}.csv.gz"
        if not path.exists():
            pytest.skip(f"recorded bars: {path} is absent; set MILLRACE_DATA")
        bars = pd.read_csv(path)
        frames.append(pd.DataFrame({"t": (bars["ts_ms"] + 60_000) * 1_000_000, "name": name, "price": bars["close"]}))
    rows = pd.concat(frames).sort_values("t", kind="stable").reset_index(drop=True)
    rows["kind"] = 1
    parts = rows["name"].str.split(":", n=1, expand=True)
    ticks = pa.table({"ts_event": pa.array(rows["t"]).cast(pa.timestamp("ns", "UTC")), "venue": parts[0].tolist(),
                      "symbol": parts[1].tolist(), "seq": pa.array(range(len(rows)), pa.uint64()),
                      "kind": pa.array(rows["kind"], pa.uint8()), "price": rows["price"].tolist()})  # fmt: skip
    pq.write_table(ticks, folder / "ticks.parquet")
    (folder / "mine.toml").write_text('mode = "replace"\n' + RECORDED)
    research("--in", folder / "ticks.parquet", "--out", folder / "out.parquet", "--features", folder / "mine.toml")
    out = table_of(folder / "out.parquet")
    assert (out["t"] == rows["t"]).all()
    return rows.assign(**{name: out[name].astype(float) for name in ("gap", "fair", "beta")})


@pytest.mark.parametrize("name", ["coinbase:BTC-USD", "coinbase:BTC-USDT"])
def test_recorded_venues_are_joined_as_pandas_joins_them(recorded, name):
    mine = of(recorded, name)
    left = pd.DataFrame({"t": mine["t"]})

    def joined(leg: str, minutes: int) -> np.ndarray:
        right = of(recorded, leg)[["t", "price"]]
        return pd.merge_asof(left, right, on="t", tolerance=minutes * 60 * SECOND)["price"].to_numpy()

    kraken, price = joined("kraken:BTC-USD", 2), mine["price"].to_numpy()
    expect_equal(1e4 * (price / kraken - 1), mine["gap"].to_numpy(), 10_000, scale=1.0)
    expect_equal(price * joined("coinbase:USDT-USD", 10) - kraken, mine["fair"].to_numpy(), 10_000, scale=1e4)
    legs = {leg: trades(recorded, leg) for leg in (name, "kraken:BTC-USD")}
    times, sample = grid(recorded, legs, 60 * SECOND)
    expected = on_rows(times, beta(sample[name], sample["kraken:BTC-USD"], 120), mine["t"].to_numpy())
    expect_equal(expected, mine["beta"].to_numpy(), 10_000, scale=1.0)
