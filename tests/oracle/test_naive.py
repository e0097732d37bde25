"""The oracle is right: it gives the hand-checkable goldens, and agrees with libraries that have the same kernel."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import talib

from oracle import features, naive
from oracle.windows import bucket_count, duration_ns

NAN = np.nan
SECOND = 10**9
RETURNS = [0.01, -0.02, 0.015, 0.03, -0.01, 0.005]
FIVE = [1, 2, 4, 7, 11]


def seconds(*times: float) -> np.ndarray:
    return np.array([round(time * SECOND) for time in times], dtype=np.int64)


def same(got, expected, rtol: float = 1e-11, atol: float = 1e-15) -> None:
    """Same nulls, and equal within the pass rule of the goldens."""
    expected = np.array([NAN if value is None else value for value in np.atleast_1d(expected)], dtype=float)
    np.testing.assert_allclose(np.atleast_1d(got), expected, rtol=rtol, atol=atol, equal_nan=True)


def last(column: np.ndarray) -> float:
    return column[-1]


# --- Goldens: each line is the row of that id --------------------------------------------------------------------

MACD_X = [10, 11, 12, 11, 13, 14]
OFI_BID = [100, 100.5, 100.5, 100, 100, 100, 100]
OFI_ASK = [101, 101, 101, 101, 100.75, 101, 101]
OFI_BID_SIZE = [10, 5, 7, 10, 10, 10, 12]
OFI_ASK_SIZE = [8, 8, 8, 8, 3, 6, 9]
VAR_R = [-5, 3, -1, 2, -8, 4, 1, -2, 6, 0]
OS_3 = [2, 4, 4, 4, 5, 5, 7, 9]
CUSUM_X = [0.25, 1.5, 1.75, 1, -3, 0]
CUSUM = {"mu": 0, "sigma": 1, "k": 0.5, "h": 2}
MACD = {"fast": 2, "slow": 3, "signal": 2}
OS_6 = {"half_life": "10s", "ts": seconds(0, 10, 10, 30)}
OS_20 = {"window": "10s", "buckets": 10, "ts": seconds(0.2, 3.5, 9.9, 10.1, 13.0)}
HUGE = 1_000_000_000

GOLDENS = {
    "OS-1": lambda: (
        naive.log_returns([100, 110, NAN, 0, 99]),
        [None, 0.09531017980432487, None, None, -0.1053605156578263],
    ),
    "OS-2 A": lambda: (naive.log_returns([100, 101]), [None, 0.009950330853168083]),
    "OS-2 B": lambda: (naive.log_returns([10, 9.9]), [None, -0.010050335853501442]),
    "OS-3 mean": lambda: (last(naive.welford_mean_var(OS_3).mean), 5),
    "OS-3 variance": lambda: (last(naive.welford_mean_var(OS_3).variance), 4.571428571428571),
    "OS-3 stddev": lambda: (last(naive.welford_mean_var(OS_3).stddev), 2.138089935299395),
    "OS-3 row 1": lambda: (naive.welford_mean_var(OS_3).variance[0], None),
    "OS-4": lambda: (naive.ewma([100, 101, 102, NAN, 103], lambda_=0.94), [100, 100.06, 100.1764, None, 100.345816]),
    "OS-5": lambda: (naive.ewma([1, 2, 3, 4], span=3), [1, 1.5, 2.25, 3.125]),
    "OS-6": lambda: (naive.ewma([1, 3, 5, 1], **OS_6), [1, 2, 3, 1.5]),
    "OS-10": lambda: (naive.rolling_zscore([1, 2, 3, 4, 10], window=4), [None] * 4 + [5.809475019311125]),
    "OS-11": lambda: (
        naive.rolling_zscore([HUGE + x for x in (1, 2, 3, 4, 10)], window=4),
        [None] * 4 + [5.809475019311125],
    ),
    "OS-12": lambda: (naive.rolling_zscore([5, 5, 5, 5, 6], window=4), [None] * 5),
    "OS-20": lambda: (naive.rolling_sum([1, 2, 4, 8, 16], **OS_20), [None, None, None, 14, 28]),
    "MS-1": lambda: (naive.midprice([100, 103, NAN], [102, 102, 102]), [101, None, None]),
    "MS-2": lambda: (naive.microprice([100], [101], [30], [10]), 100.75),
    "MS-3 price": lambda: (naive.quoted_spread([100], [101]), 1),
    "MS-3 bps": lambda: (naive.quoted_spread([100], [101], unit="bps"), 99.50248756218906),
    "MS-5": lambda: (naive.l1_imbalance([30, 0], [10, 0]), [0.5, None]),
    "MS-6": lambda: (naive.ofi(OFI_BID, OFI_ASK, OFI_BID_SIZE, OFI_ASK_SIZE), [None, 5, 2, -7, -3, 3, -1]),
    "MS-7": lambda: (naive.vpin([6, 4, 15, 5], [1, -1, 1, -1], bucket_volume=10, buckets=3), [None] * 3 + [0.4]),
    "MS-9": lambda: (
        # A quote row comes first: the quote before a trade is the one on the previous row.
        naive.trade_sign([NAN, 100, 100.5, 100, 100, 99], [99] * 6, [101] * 6, observed=np.arange(6) > 0)[1:],
        [None, 1, -1, -1, -1],
    ),
    "VO-1": lambda: (last(naive.realized_var(RETURNS, window=6)), 0.00175),
    "VO-1 root": lambda: (np.sqrt(last(naive.realized_var(RETURNS, window=6))), 0.04183300132670378),
    "VO-2": lambda: (last(naive.bipower_var(RETURNS, window=6)), 0.002450442269800039),
    "VO-9": lambda: (
        naive.riskmetrics_vol([NAN, 0.01, -0.02, 0.015], lambda_=0.94),
        [None, 0.01, 0.010862780491200215, 0.011154371340420759],
    ),
    "RK-1 stat": lambda: (naive.cusum(CUSUM_X, **CUSUM).cusum_stat, [0, 1, 2.25, 0.5, 2.5, 0]),
    "RK-1 alarm": lambda: (naive.cusum(CUSUM_X, **CUSUM).cusum_alarm, [0, 0, 1, 0, -1, 0]),
    "RK-2": lambda: (last(naive.historical_var(VAR_R, alpha=0.25, window=10)), 1.75),
    "MO-1": lambda: (naive.ema([10, NAN, 20, 20], alpha=0.1), [10, None, 11, 11.9]),
    "MO-3 macd": lambda: (
        naive.macd(MACD_X, **MACD).macd,
        [None, None, 0.3055555555555556, 0.06018518518518518, 0.3325617283950617, 0.43377057613168724],
    ),
    "MO-3 signal": lambda: (
        naive.macd(MACD_X, **MACD).macd_signal,
        [None, None, None, 0.1419753086419753, 0.2690329218106996, 0.37885802469135804],
    ),
    "MO-3 hist": lambda: (
        naive.macd(MACD_X, **MACD).macd_hist,
        [None, None, None, -0.08179012345679013, 0.06352880658436214, 0.05491255144032922],
    ),
    "MO-4": lambda: (naive.rsi([10, 11, 10, 12, 13, 11], period=3), [None, None, None, 75, 81.81818181818181, 45]),
    "MO-5 flat": lambda: (last(naive.rsi([5, 5, 5, 5], period=3)), 50),
    "MO-5 tiny": lambda: (last(naive.rsi([1e-7, 2e-7, 1e-7, 2e-7], period=3)), 66.66666666666667),
    "MO-6": lambda: (
        [last(column) for column in naive.bollinger_bands([20, 21, 22, 21, 26], window=5, k=2)[:4]],
        [22, 26.195235392680605, 17.804764607319395, 0.9767312946227962],
    ),
    "FE-1 lag": lambda: (naive.lag(FIVE, k=2), [None, None, 1, 2, 4]),
    "FE-1 diff": lambda: (naive.diff(FIVE, k=2), [None, None, 3, 5, 7]),
    "FE-3": lambda: (last(naive.rolling_std(FIVE, window=5)), 4.06201920231798),
    "FE-4": lambda: (last(naive.rolling_skew(FIVE, window=5)), 0.8206099398622182),
    "FE-5": lambda: (last(naive.rolling_kurt(FIVE, window=5)), -0.42424242424242425),
    "FE-6": lambda: (naive.autocorr([1, 3, 2, 5, 4, 6], lag=1, window=5), [None] * 5 + [0.3]),
}


@pytest.mark.parametrize("golden", GOLDENS.values(), ids=GOLDENS.keys())
def test_golden(golden) -> None:
    same(*golden())


def test_golden_mo_11_bands_of_a_large_level_keep_their_width() -> None:
    bands = naive.bollinger_bands([HUGE + x for x in (20, 21, 22, 21, 26)], window=5, k=2)
    same(last(bands.bb_upper) - last(bands.bb_mid), 4.1952353926806065, atol=1e-6)
    same(last(bands.bb_width) * last(bands.bb_mid), 8.390470785361213, atol=1e-6)


def test_the_variance_of_equal_values_is_exactly_0_whatever_follows() -> None:
    got = naive.welford_mean_var([0, 0, 0, 1e-6, -3e-6]).variance
    assert np.isnan(got[0])
    assert got[1] == got[2] == 0 < got[3]


def test_vpin_sizes_a_bucket_by_the_row_that_opens_it() -> None:
    size, sign, vol_24h = [0.5, 0.7, 2, 1], [1, -1, 1, 1], [50, 50, 100, NAN]
    # Full buckets, signed of total: 0 of 1, 0.6 of 1, 2 of 2. The last 0.2 can open none and are dropped.
    same(naive.vpin(size, sign, vol_24h=vol_24h, buckets=2), [None, None, 0.3, 2.6 / 3])


# --- Libraries ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def price() -> np.ndarray:
    """A thousand ticks near 60,000 on a grid of 0.1, with repeats."""
    steps = np.random.default_rng(7).integers(-3, 4, size=1000)
    return 60_000 + np.cumsum(steps) / 10


@pytest.fixture(scope="module")
def returns() -> np.ndarray:
    return np.random.default_rng(8).standard_t(4, size=1000) * 1e-5


def with_nulls(x: np.ndarray) -> np.ndarray:
    """The series with every seventh value taken out."""
    holed = x.copy()
    holed[::7] = NAN
    return holed


def test_null_rows_give_null_and_leave_no_trace(price) -> None:
    holed = with_nulls(price)
    valid = np.isfinite(holed)
    kernels = (naive.log_returns, naive.ewma, naive.rsi, naive.rolling_zscore, naive.rolling_std, naive.autocorr)
    for kernel in kernels:
        got = kernel(holed)
        assert np.isnan(got[~valid]).all()
        np.testing.assert_array_equal(got[valid], kernel(price[valid]))


def test_pandas_agrees(price, returns) -> None:
    p, r = pd.Series(price), pd.Series(returns)
    same(naive.log_returns(price), np.log(p).diff(), rtol=1e-6, atol=1e-14)
    same(naive.diff(price, k=3), p.diff(3))
    same(naive.lag(price, k=3), p.shift(3))
    same(naive.ewma(price), p.ewm(alpha=0.06, adjust=False).mean())
    same(naive.ewma(price, com=4, adjust=True), p.ewm(com=4, adjust=True).mean())
    same(naive.ewma(price, half_life=9), p.ewm(halflife=9, adjust=False).mean())
    holed = pd.Series(with_nulls(price))
    filled = holed.ewm(alpha=0.06, adjust=False, ignore_na=True).mean()
    same(naive.ewma(holed), filled.where(holed.notna()))
    prior = p.shift(1).rolling(100)
    same(naive.rolling_zscore(price), (p - prior.mean()) / prior.std(), rtol=1e-6)
    same(naive.rolling_std(returns), r.rolling(20).std(), rtol=1e-9)
    same(naive.rolling_sum(returns), r.rolling(20).sum(), rtol=1e-9)
    same(naive.realized_var(returns), (r**2).rolling(20).sum(), rtol=1e-9)
    same(naive.rolling_skew(returns), r.rolling(100).skew(), rtol=1e-8)
    same(naive.rolling_kurt(returns), r.rolling(100).kurt(), rtol=1e-8)
    same(naive.historical_var(returns), -r.rolling(100).quantile(0.05), rtol=1e-9)
    same(naive.autocorr(returns, lag=5), r.rolling(100).corr(r.shift(5)), rtol=1e-7, atol=1e-9)
    same(naive.riskmetrics_vol(returns), np.sqrt((r**2).ewm(alpha=0.06, adjust=False).mean()))
    same(naive.welford_mean_var(returns).variance, r.expanding().var(), rtol=1e-9)
    same(naive.rolling_sum(returns, window="expanding"), r.cumsum(), rtol=1e-9)


def test_talib_agrees(price) -> None:
    same(naive.rsi(price), talib.RSI(price, 14), rtol=1e-9)
    upper, middle, lower = talib.BBANDS(price, 20, 2, 2)
    bands = naive.bollinger_bands(price)
    same(bands.bb_mid, middle)
    same(bands.bb_upper, upper, rtol=1e-9)
    same(bands.bb_lower, lower, rtol=1e-9)


def test_macd_is_the_difference_of_pandas_averages(price) -> None:
    p = pd.Series(price)
    line = p.ewm(span=12, adjust=False).mean() - p.ewm(span=26, adjust=False).mean()
    line[:25] = NAN
    smooth = line[25:].ewm(span=9, adjust=False).mean().reindex(p.index)
    smooth[:33] = NAN
    got = naive.macd(price)
    same(got.macd, line, rtol=1e-6, atol=1e-9)
    same(got.macd_signal, smooth, rtol=1e-6, atol=1e-9)


# --- Event-time windows against a second writing ----------------------------------------------------------------


@pytest.fixture(scope="module")
def stream() -> dict[str, np.ndarray]:
    """Six hundred rows of uneven time with late rows, silences, unobserved rows and nulls."""
    rng = np.random.default_rng(9)
    gaps = rng.choice([0, 3, 40, 700, -250], p=[0.1, 0.3, 0.4, 0.17, 0.03], size=600) * 10**6
    gaps[200] = 20 * SECOND
    x = 100 + np.cumsum(rng.normal(size=600)) / 50
    x[rng.random(600) < 0.05] = NAN
    ts = 1_700_000_000 * SECOND + np.cumsum(gaps)
    return {"x": x, "ts": ts, "observed": rng.random(600) < 0.6}


def brute_force(stream, window: str, buckets: int, row: int) -> tuple[list[float], list[float]]:
    """Observations in and before the window of one row, bucket by bucket; None instead where it is not warm."""
    width = duration_ns(window) // buckets
    newest, index = None, []
    for ts in stream["ts"][: row + 1]:
        newest = int(ts) // width if newest is None else max(int(ts) // width, newest)
        index.append(newest)
    seen = [i for i in range(row + 1) if stream["observed"][i] and np.isfinite(stream["x"][i])]
    is_null_row = stream["observed"][row] and not np.isfinite(stream["x"][row])
    if index[row] - index[0] < buckets or not seen or is_null_row:
        return None, None
    first = index[row] - buckets + 1
    inside = [stream["x"][i] for i in seen if index[i] >= first]
    return inside, [stream["x"][i] for i in seen if index[i] < first]


def test_event_time_windows_hold_whole_buckets(stream) -> None:
    time = {"ts": stream["ts"], "observed": stream["observed"], "buckets": 20}
    got = {
        "sum": naive.rolling_sum(stream["x"], window="2s", **time),
        "std": naive.rolling_std(stream["x"], window="2s", **time),
        "zscore": naive.rolling_zscore(stream["x"], window="2s", **time),
        "mean": naive.welford_mean_var(stream["x"], window="2s", **time).mean,
        "upper": naive.bollinger_bands(stream["x"], window="2s", **time).bb_upper,
        "lag": naive.lag(stream["x"], k="2s", **time),
        "ret": naive.log_returns(stream["x"], lag="2s", **time),
        "rv": naive.realized_var(stream["x"], window="2s", **time),
        "bv": naive.bipower_var(stream["x"], window="2s", **time),
    }
    answered = 0
    for row in range(600):
        inside, before = brute_force(stream, "2s", 20, row)
        expected = dict.fromkeys(got, NAN) if inside is None else by_lists(inside, before)
        answered += inside is not None
        for name, column in got.items():
            same(column[row], expected[name], rtol=1e-9)
    assert answered > 300


def by_lists(inside: list[float], before: list[float]) -> dict[str, float]:
    """The kernels from lists of observations."""
    everything = before + inside
    newest, prior = everything[-1], inside[:-1]
    products = [abs(everything[i] * everything[i - 1]) for i in range(1, len(everything)) if i >= len(before)]
    can_vary, prior_varies = len(inside) >= 2, len(prior) >= 2
    return {
        "sum": sum(inside),
        "std": np.std(inside, ddof=1) if can_vary else NAN,
        "zscore": (newest - np.mean(prior)) / np.std(prior, ddof=1) if prior_varies else NAN,
        "mean": np.mean(inside) if inside else NAN,
        "upper": np.mean(inside) + 2 * np.std(inside) if can_vary else NAN,
        "lag": before[-1] if before else NAN,
        "ret": np.log(newest / before[-1]) if before else NAN,
        "rv": sum(x * x for x in inside),
        "bv": np.pi / 2 * len(inside) / len(products) * sum(products) if products else NAN,
    }


@pytest.mark.parametrize("rows", range(4))
def test_a_series_shorter_than_every_window_gives_nulls(rows) -> None:
    short = {
        name: np.ones(rows) for name in ("price", "size", "side", "bid", "ask", "bid_size", "ask_size", "vol_24h")
    }
    columns = features.listed_36({**short, "kind": np.full(rows, 1)})
    assert np.isnan(columns["zscore"]).all()
    assert np.isnan(columns["log_return_autocorr5"]).all()
    assert all(column.size == rows for column in columns.values())


def test_buckets_must_divide_the_window() -> None:
    assert bucket_count(duration_ns("10s"), None) == 50
    with pytest.raises(ValueError, match="do not divide"):
        bucket_count(duration_ns("5s"), None)


# --- The laws that the feature builder itself must keep ---------------------------------------------------------


@pytest.fixture(scope="module")
def canonical() -> dict[str, np.ndarray]:
    """Nine hundred rows of one instrument with all kinds, nulls and a venue side on trades only."""
    rng = np.random.default_rng(10)
    kind = rng.choice([0, 1, 2, 3, 5], p=[0.5, 0.25, 0.2, 0.03, 0.02], size=900)
    bid = 60_000 + np.cumsum(rng.integers(-2, 3, size=900)) / 10
    size = np.where(kind == 1, rng.integers(1, 50, size=900) / 100, NAN)
    bid[rng.random(900) < 0.01] = NAN
    return {
        "ts_event": 1_700_000_000 * SECOND + np.cumsum(rng.integers(0, 10**9, size=900)),
        "kind": kind,
        "price": bid + 0.1 * (rng.random(900) < 0.5),
        "size": size,
        "side": np.where((kind == 1) & (rng.random(900) < 0.8), rng.choice([-1.0, 1.0], size=900), NAN),
        "bid": bid,
        "ask": bid + 0.1,
        "bid_size": rng.integers(0, 90, size=900) / 10,
        "ask_size": rng.integers(0, 90, size=900) / 10,
        "vol_24h": np.full(900, 20.0),
    }


def test_every_column_has_values_and_repeats_on_unobserved_rows(canonical) -> None:
    columns = features.listed_36(canonical)
    assert tuple(columns) == features.LISTED_36
    on_quotes = {"midprice", "microprice", "quoted_spread", "l1_imbalance", "ofi"}
    for name, column in columns.items():
        assert np.isfinite(column).any(), name
        if name.startswith("best_"):
            continue
        observed = features.quoted(canonical) if name in on_quotes else features.traded(canonical)
        repeats = np.flatnonzero(~observed)[1:]
        np.testing.assert_array_equal(column[repeats], column[repeats - 1], err_msg=name)


def test_a_prefix_of_the_rows_gives_a_prefix_of_the_columns(canonical) -> None:
    whole = features.listed_36(canonical)
    part = features.listed_36({name: column[:500] for name, column in canonical.items()})
    for name, column in part.items():
        np.testing.assert_array_equal(column, whole[name][:500], err_msg=name)
