"""The oracle's further kernels give the hand-checkable goldens, and the warm-ups are those of the table."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from oracle import bars, distribution, flow, models
from oracle.default_100 import DEFAULT_100, Stream
from oracle.test_features import PROGRAM, output_rows, run
from oracle.test_naive import FIVE, NAN, RETURNS, SECOND, VAR_R, last, same, seconds

# --- Goldens: each line is the row of that id --------------------------------------------------------------------

OHLC = [np.array(column, dtype=float) for column in (
    [100, 101, 103, 102, 104], [102, 104, 103.5, 105, 106], [99, 100, 101, 101.5, 103], [101, 103, 102, 104, 103.5]
)]  # fmt: skip
MO_8 = [np.array(column, dtype=float) for column in (
    [10, 12, 11, 13, 14, 12], [8, 9, 9, 10, 12, 10], [9, 11, 10, 12, 13, 11]
)]  # fmt: skip
EIGHT = [0.01, -0.02, 0.015, 0.03, -0.01, 0.005, 0.02, -0.015]
TR_4 = {"price": [10, 12, 11, 9, 8], "size": [1, 1, 2, 5, 1], "ts": seconds(0, 30, 59.999, 60, 130)}
MS_11 = {"half_life_s": 10, "warmup_half_lives": 0}
SA_1 = {"received": np.full(4, -1), "bid": [1] * 4, "ask": [2] * 4, "quoted": [True, False, False, True]}
DAY = 86_400


def resampled() -> bars.Bars:
    return bars.resample_ohlc(TR_4["price"], TR_4["size"], TR_4["ts"], np.ones(5, dtype=bool))


GOLDENS = {
    "OS-21": lambda: (last(distribution.variance_ratio(EIGHT, q=2, window=8)), 0.7346460384435068),
    "MS-4": lambda: (flow.effective_spread([NAN, 100.02, 99.99, 99.98], [100] * 4, [1, 1, -1, 1])[1:], [0.04, 0.02, -0.04]),
    "MS-11": lambda: (
        flow.trade_intensity(seconds(0, 10, 20), np.ones(3, dtype=bool), **MS_11),
        [0.06931471805599453, 0.1039720770839918, 0.12130075659799043],
    ),
    "VO-3": lambda: (last(distribution.medrv(RETURNS, window=6)), 0.002022585580381979),
    "VO-8": lambda: (last(distribution.semivar_down(RETURNS, window=6)), 0.0005),
    "VO-10": lambda: (last(bars.parkinson_vol(OHLC[1], OHLC[2], window=5)), 0.018993131872297377),
    "VO-11": lambda: (last(bars.gk_vol(*OHLC, window=5)), 0.02060233646849293),
    "VO-12": lambda: (last(bars.rogers_satchell_vol(*OHLC, window=5)), 0.020665488134073737),
    "VO-13": lambda: (last(bars.yang_zhang_vol(*OHLC, window=4)), 0.020326503395657967),
    "LI-1": lambda: (
        last(flow.kyle_lambda([0.5, -0.25, 1, -0.5, 0.75], [10, -5, 18, -12, 14], window=5)),
        0.050075301204819275,
    ),
    "LI-2": lambda: (last(flow.amihud_illiquidity([0.01, -0.02, 0.005], [1000, 4000, 0], window=3)), 7.5),
    "LI-3": lambda: (last(flow.roll_spread([1, -1, 2, -1, 1, -2], window=6)), 2.756809750418044),
    "LI-4": lambda: (last(flow.roll_spread([1, 2, 3, 4], window=4)), None),
    "LI-5": lambda: (
        last(bars.corwin_schultz_spread(np.array([102.0, 103.0]), np.array([99.0, 100.0]))),
        0.005798536107142383,
    ),
    "EX-1": lambda: (
        flow.vwap_of_day([100, 101, 102, 90], [1, 3, 4, 2], seconds(0, 1, 2, DAY)),
        [100, 100.75, 101.375, 90],
    ),
    "RK-3": lambda: (last(distribution.historical_cvar(VAR_R, alpha=0.25, window=10)), 5.6),
    "RK-4": lambda: (distribution.cornish_fisher_var([0], [0.02], [-0.5], [1]), 0.03524211644905035),
    "RK-5": lambda: (distribution.cornish_fisher_var([0], [0.02], [3], [1]), None),
    "RK-8": lambda: (flow.drawdown([100, 120, 90, 110, 130, 117]), [0, 0, -30, -10, 0, -13]),
    "MO-8 k": lambda: (bars.stochastic_osc(*MO_8, k_period=3, d_period=2).stoch_k, [None, None, 50, 75, 80, 25]),
    "MO-8 d": lambda: (bars.stochastic_osc(*MO_8, k_period=3, d_period=2).stoch_d, [None] * 3 + [62.5, 77.5, 52.5]),
    "MO-9": lambda: (
        bars.atr(*MO_8, period=3),
        [None] * 3 + [2.6666666666666665, 2.4444444444444446, 2.6296296296296298],
    ),
    "FE-8": lambda: (
        last(models.entropy_hist([0.1, 0.2, 0.1, 0.6, 0.9], window=5, bins=4, lo=0, hi=1)),
        0.9502705392332346,
    ),
    "FE-9": lambda: (last(distribution.rolling_sharpe(EIGHT, window=8)), 0.24556545155740767),
    "SA-1": lambda: (flow.is_stale(seconds(0, 0.9, 1.001, 1.002), **SA_1), [0, 0, 1, 0]),
    "SA-6": lambda: (distribution.outlier_flag_mad([100] * 5 + [150], window=5, tick=0.01), [None] * 5 + [1]),
    "TR-4 open": lambda: (resampled().open, [10, 9]),
    "TR-4 high": lambda: (resampled().high, [12, 9]),
    "TR-4 close": lambda: (resampled().close, [11, 9]),
    "TR-4 volume": lambda: (resampled().volume, [4, 5]),
    "TR-4 row": lambda: (resampled().row, [3, 4]),
    "FI-1": lambda: (
        models.kalman_1d([1, 2, 3, NAN, 4], seconds(0, 1, 2, 3, 4), q_per_s=1, r=1),
        [1, 1.6666666666666667, 2.5, None, 3.586206896551724],
    ),
    "FI-4": lambda: (
        models.run_lengths(np.array([0, 0.1, 5], dtype=np.longdouble), 0.1, (0, 1, 1, 1), max_run=9)[2, :4],
        [0.1, 0.4256659774406274, 0.09246942191699806, 0.38186460064237454],
    ),
    "DQ-2": lambda: (flow.book_state([1, 2, 3, NAN, NAN], [2, 2, 2, 2, NAN]), [0, 1, 2, 3, 3]),
    "MO-2": lambda: (distribution.sma(FIVE, window=5), [None] * 4 + [5]),
}


@pytest.mark.parametrize("golden", GOLDENS.values(), ids=GOLDENS.keys())
def test_golden(golden) -> None:
    same(*golden())


def test_the_last_cell_of_run_lengths_is_the_run_of_exactly_so_many_observations() -> None:
    x = np.random.default_rng(3).normal(size=40).astype(np.longdouble)
    cut = models.run_lengths(x, 0.01, (0, 1, 1, 1), max_run=8)
    np.testing.assert_allclose(cut.sum(axis=1), 1, rtol=1e-12)
    whole = models.run_lengths(x, 0.01, (0, 1, 1, 1), max_run=40)
    np.testing.assert_allclose(cut[:8], whole[:8, :9], rtol=1e-12)
    np.testing.assert_allclose(cut[8], [*whole[8, :8], whole[8, 8] + whole[8, 9]], rtol=1e-12)


def test_a_rank_and_a_quantile_take_the_last_observation_of_each_bucket() -> None:
    time = {"window": "10s", "ts": seconds(0, 0.1, 5, 9.9, 10.1, 10.15), "observed": np.ones(6, dtype=bool)}
    x = [5.0, 1.0, 2.0, 7.0, 3.0, 4.0]
    # At 10.1 s the buckets of 200 ms reach back to 0.2 s: samples 2, 7 and the newest.
    same(distribution.rolling_rank(x, **time), [None] * 4 + [0.5, 0.5])
    same(distribution.rolling_quantile(x, q=0.5, **time), [None] * 4 + [3, 4])


# --- Warm-ups ----------------------------------------------------------------------------------------------------

START_NS = 1_767_225_600 * SECOND  # midnight, so that all windows begin with the first row
STEP_NS = 15 * SECOND
NOT_FOUND = -1


@pytest.fixture(scope="module")
def quiet(tmp_path_factory) -> tuple[Path, Path]:
    """A trade without a side, then a quote, in turn for a day and an hour; and its features."""
    count = 25 * 240
    rng = np.random.default_rng(5)
    folder = tmp_path_factory.mktemp("quiet")
    is_trade = np.arange(count) % 2 == 0
    mid = 1000 + np.cumsum(rng.normal(size=count)) / 10
    price = np.round(mid + rng.choice([-0.3, 0.3], count), 4)
    nulls = np.full(count, None, dtype=object)
    table = pa.table({
        "ts_event": pa.array(START_NS + np.arange(count) * STEP_NS, pa.timestamp("ns", "UTC")),
        "ts_recv": pa.array(START_NS + np.arange(count) * STEP_NS + 1000, pa.timestamp("ns", "UTC")),
        "venue": ["coinbase"] * count,
        "symbol": ["BTC-USD"] * count,
        "seq": pa.array(np.arange(count, dtype=np.uint64)),
        "kind": pa.array(is_trade.astype(np.uint8)),
        "price": pa.array(np.where(is_trade, price, nulls).tolist(), pa.float64()),
        "size": pa.array(np.where(is_trade, 1.0, nulls).tolist(), pa.float64()),
        **{
            name: pa.array(np.where(is_trade, nulls, values).tolist(), pa.float64())
            for name, values in (
                ("bid", np.round(mid - 0.2, 4)),
                ("ask", np.round(mid + 0.2, 4)),
                ("bid_size", rng.uniform(1, 2, count)),
                ("ask_size", rng.uniform(1, 2, count)),
            )
        },
        "vol_24h": np.full(count, 50.0),  # a bucket of vpin holds one trade
        "pct_chg_24h": np.full(count, 1.0),
        "high_24h": np.full(count, 1200.0),
        "low_24h": np.full(count, 800.0),
        "flags": pa.array(np.zeros(count, dtype=np.uint32)),
    })  # fmt: skip
    ticks, out = folder / "quiet.parquet", folder / "features.parquet"
    pq.write_table(table, ticks)
    run("research", "--in", ticks, "--out", out)
    return ticks, out


def table_of_warmups() -> dict[str, str]:
    done = subprocess.run([PROGRAM, "features", "--json"], capture_output=True, check=True)
    return {feature["name"]: feature["warmup"] for feature in json.loads(done.stdout)["features"]}


EVERY_ROW = ("is_stale", "gap_ms", "tod_sin", "tod_cos", "ret_24h")
ON_QUOTES = (
    "midprice microprice microprice_gap_bps quoted_spread quoted_spread_bps best_bid_qty best_ask_qty l1_depth_usd "
    "l1_imbalance l1_imbalance_ew10s ofi book_state"
).split()


def first_at_the_earliest(name: str, warmup: str, kind: np.ndarray, ts: np.ndarray) -> int:
    """Row of the first value that the table allows, on these rows."""
    trades, quotes = np.flatnonzero(kind == 1), np.flatnonzero(kind == 0)
    number, unit = re.search(r"(\d+) ?(s|m|h|bars|buckets|$|,)", warmup.split(" else ")[-1]).groups()
    if unit in ("s", "m", "h"):
        length = int(number) * {"s": 1, "m": 60, "h": 3600}[unit] * SECOND
        row = int(np.searchsorted(ts, ts[0] + length))
        return max(row, int(quotes[1])) if name.startswith("ofi") else row  # what it sums begins with the second quote
    if unit == "bars":
        closed = np.searchsorted(ts, ts[0] + int(number) * 60 * SECOND)
        return int(trades[np.searchsorted(trades, closed)]) if name == "donchian_pos" else int(closed)
    if unit == "buckets":  # the sign of the first trade is not known
        return int(trades[int(number)])
    places = np.arange(ts.size) if name in EVERY_ROW else quotes if name in ON_QUOTES else trades
    return int(places[int(number) - 1])


@pytest.mark.parametrize("name", DEFAULT_100)
def test_the_first_value_stands_on_the_row_of_the_table(quiet, name) -> None:
    (columns,) = output_rows(quiet[1]).values()
    expected = first_at_the_earliest(name, table_of_warmups()[name], columns["kind"], columns["ts_event"])
    given = np.flatnonzero(np.isfinite(columns[name]))
    got = int(given[0]) if given.size else NOT_FOUND
    if name == "roll_spread_bps":  # null while the covariance is not negative
        assert got >= expected
    else:
        assert got == expected


def test_bars_of_a_stream_close_once_a_minute(quiet) -> None:
    (columns,) = output_rows(quiet[1]).values()
    rows = {name: np.full(columns["ts_event"].size, np.nan) for name in ("size", "side", "bid", "ask", "bid_size", "ask_size")}
    stream = Stream({**columns, **rows})
    assert stream.bars.row.tolist() == list(range(4, columns["ts_event"].size, 4))
    assert (stream.bars.trades == 2).all()
