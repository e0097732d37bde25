"""Kernels that well-known Python libraries have too: the expression given to the program, and the same by the library.

All look at the trades of one instrument, one after the other. An oracle that is slow answers on some rows only and puts
`SKIPPED` on the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import talib
from arch.unitroot import VarianceRatio
from numpy.lib.stride_tricks import sliding_window_view
from scipy import stats
from statsmodels.tsa.filters.hp_filter import hpfilter

from oracle.windows import Floats

SKIPPED = np.inf
R = "log_returns(price)"
HIGH, LOW = "max(price, lag(price, k=1))", "min(price, lag(price, k=1))"  # of a bar of two trades
EVERY = 61  # rows from one answer of a slow oracle to the next


@dataclass(frozen=True)
class Trades:
    """The trades of one instrument, and what the program gave on them."""

    price: Floats
    size: Floats
    got: Mapping[str, Floats]

    @cached_property
    def p(self) -> pd.Series:
        return pd.Series(self.price)

    @cached_property
    def s(self) -> pd.Series:
        return pd.Series(self.size)

    @cached_property
    def r(self) -> pd.Series:
        """Log returns; log1p of the relative change keeps the digits that the ratio of two close prices loses."""
        return pd.Series(np.log1p(self.p.diff() / self.p.shift(1)))

    @cached_property
    def bars(self) -> tuple[Floats, Floats, Floats]:
        """High, low and close from the second trade on."""
        before, now = self.price[:-1], self.price[1:]
        return np.maximum(before, now), np.minimum(before, now), now


@dataclass(frozen=True)
class Feature:
    """A line of a feature file and its library. Rows before `after` are not compared; errors below `floor` (see
    agreement.py) times `rtol` do not count. On rows of `undefined` the value is one divided by 0, which a library may
    take for a number."""

    expression: str
    oracle: Callable[[Trades], object]
    floor: str = "0"
    rtol: float = 1e-9
    after: int = 0
    undefined: Callable[[Trades], object] = lambda t: np.zeros(t.price.size, dtype=bool)


def windows(x: object, w: int, of: Callable[[Floats], object]) -> Floats:
    """A statistic over the last w values, by rows of a matrix; null until there are w, none of them null."""
    values = np.asarray(x, dtype=float)
    out = np.full(values.size, np.nan)
    if values.size >= w:
        blocks = sliding_window_view(values, w)
        out[w - 1 :] = np.where(np.isnan(blocks).any(axis=1), np.nan, of(blocks))
    return out


def sampled(t: Trades, w: int, of: Callable[[int], float]) -> Floats:
    """of(row) on every EVERYth row from the w-th on, null before it."""
    out = np.full(t.price.size, SKIPPED)
    out[: w - 1] = np.nan
    for row in range(w - 1, t.price.size, EVERY):
        out[row] = of(row)
    return out


def late(x: Floats, rows: int = 1) -> Floats:
    """After `rows` rows without a value."""
    return np.concatenate([np.full(rows, np.nan), x])


def without_first(x: pd.Series) -> pd.Series:
    """pandas calls the variance of one observation 0."""
    return x.mask(x.notna().cumsum() == 1)


def is_flat(w: int) -> Callable[[Trades], object]:
    """Windows of prices or returns that are all the same."""
    return lambda t: (t.p.rolling(w).max() == t.p.rolling(w).min()).to_numpy()


def is_still(w: int) -> Callable[[Trades], object]:
    return lambda t: ((t.r != 0).rolling(w, min_periods=1).sum() == 0).to_numpy()


def fit(x: Floats, y: Floats) -> tuple[float, float]:
    if np.ptp(x) == 0:
        return np.nan, np.nan
    line = stats.linregress(x, y)
    return line.slope, line.intercept


def half_life(t: Trades, row: int) -> float:
    phi = fit(t.price[row - 100 : row] - t.price[row], t.price[row - 99 : row + 1] - t.price[row])[0]
    return -np.log(2) / np.log(phi) if 0 < phi < 1 else np.nan


def variance_ratio(t: Trades, row: int) -> VarianceRatio | None:
    returns = t.r.to_numpy()[row - 199 : row + 1]
    if np.ptp(returns) == 0:
        return None
    return VarianceRatio(np.concatenate([[0.0], returns.cumsum()]), lags=5, robust=False)


def frac_diff(t: Trades) -> Floats:
    weights = [1.0]
    while abs(weights[-1] * (0.4 - len(weights) + 1) / len(weights)) >= 1e-3:
        weights.append(-weights[-1] * (0.4 - len(weights) + 1) / len(weights))
    if t.price.size < len(weights):
        return np.full(t.price.size, np.nan)
    return late(np.convolve(t.price, weights, mode="valid"), len(weights) - 1)


def pareto_var(t: Trades) -> Floats:
    """From the program's own fit: scipy has the quantile, not the probability-weighted moments."""
    xi, beta = t.got["evt_xi"], t.got["evt_beta"]
    out = np.full(xi.size, np.nan)
    losses = t.r.to_numpy()
    for row in np.flatnonzero(np.isfinite(xi)):
        fitted = 1 + 200 + (row - 1 - 199) // 50 * 50  # returns start on the second trade
        window = losses[fitted - 200 : fitted]
        u = np.quantile(window, 0.8)
        out[row] = u + stats.genpareto.ppf(1 - 0.01 * 200 / (window > u).sum(), xi[row], scale=beta[row])
    return out


def pareto_shortfall(t: Trades) -> Floats:
    """Beyond its quantile a Pareto tail is one again, with the scale grown by xi times the way to it."""
    xi, beta, var = (t.got[name] for name in ("evt_xi", "evt_beta", "evt_var"))
    out = np.full(xi.size, np.nan)
    for row in np.flatnonzero(np.isfinite(xi)):
        fitted = 201 + (row - 200) // 50 * 50
        u = np.quantile(t.r.to_numpy()[fitted - 200 : fitted], 0.8)
        out[row] = var[row] + stats.genpareto.mean(xi[row], scale=beta[row] + xi[row] * (var[row] - u))
    return out


def hodrick_prescott(t: Trades, row: int) -> float:
    """The last trend of the two-sided fit to the rows so far; about the newest price, which keeps its digits."""
    start = max(0, row - 600)  # what lies 600 rows back weighs less than 1e-20 at lambda = 10
    return hpfilter(t.price[start : row + 1] - t.price[row], 10)[1][-1] + t.price[row]


def hampel(t: Trades) -> Floats:
    prior = sliding_window_view(t.price, 20)[:-1]
    median = np.median(prior, axis=1)
    deviation = np.abs(prior - median[:, None])
    mad = 1.4826 * np.median(deviation, axis=1)
    scale = np.where(mad > 0, mad, 1.2533 * deviation.mean(axis=1))
    now = t.price[20:]
    return late(np.where(np.abs(now - median) > 3 * scale, median, now), 20)


def entropy(block: Floats) -> list[float]:
    return [stats.entropy(np.histogram(np.clip(row, -1e-3, 1e-3), 8, (-1e-3, 1e-3))[0]) for row in block]


def on_bars(t: Trades, of: Callable[..., Floats]) -> Floats:
    return late(of(*t.bars))


def stoch_k(t: Trades) -> Floats:
    """TA-Lib shows %K only where it shows %D; an average of one shows all of it."""
    return on_bars(t, lambda *bars: talib.STOCHF(*bars, 14, 1, 0)[0])


def stoch_d(t: Trades) -> Floats:
    return on_bars(t, lambda *bars: talib.STOCHF(*bars, 14, 3, 0)[1])


def bands(t: Trades, which: int) -> Floats:
    return talib.BBANDS(t.price, 20, 2, 2)[which]


BARS = f"{HIGH}, {LOW}, price"
HP = "hp_filter(price, one_sided=true, lambda=10)"
TAIL = f"evt_pot_var({R}, window=200, u_quantile=0.8)"
# A flat price leaves %K, and with it %D for three rows, without a range.
FLAT_BARS = is_flat(15)

FEATURES = {
    # pandas
    "ewma_adjusted": Feature("ewma(price, half_life=20, adjust=true)", lambda t: t.p.ewm(halflife=20).mean()),
    "ew_var": Feature(
        f"ew_var({R}, span=12).ew_var",
        lambda t: without_first(t.r.ewm(span=12, adjust=False).var(bias=True)),
        floor="1e-3*scale",
    ),
    "ewcov": Feature(
        f"ewcov({R}, size, alpha=0.1)",
        lambda t: without_first(t.r.ewm(alpha=0.1, adjust=False).cov(t.s.where(t.r.notna()), bias=True)),
        floor="1e-3*scale",
    ),
    "ewcorr": Feature(
        f"ewcorr({R}, size, alpha=0.02)",
        lambda t: t.r.ewm(alpha=0.02, adjust=False).corr(t.s.where(t.r.notna())),
        floor="1",
        undefined=is_still(20),
        after=60,
    ),
    "corr": Feature(
        f"rolling_corr({R}, size, window=50)",
        lambda t: t.r.rolling(50).corr(t.s),
        floor="1",
        undefined=is_still(50),
    ),
    "quantile": Feature("rolling_quantile(price, q=0.9, window=50)", lambda t: t.p.rolling(50).quantile(0.9)),
    "rank": Feature("rolling_rank(price, window=50)", lambda t: (t.p.rolling(50).rank() - 1) / 49),
    "lowest": Feature("rolling_min(price, window=30)", lambda t: t.p.rolling(30).min(), rtol=0),
    "highest": Feature("rolling_max(price, window=30)", lambda t: t.p.rolling(30).max(), rtol=0),
    "drawdown": Feature("drawdown_equity(price).drawdown", lambda t: t.p / t.p.cummax() - 1, floor="1e-6"),
    "autocorr": Feature(
        f"autocorr({R}, lag=3, window=60)",
        lambda t: t.r.rolling(60).corr(t.r.shift(3)),
        floor="1",
        undefined=lambda t: is_still(60)(t) | np.roll(is_still(60)(t), 3),
    ),
    # TA-Lib
    "sma": Feature("sma(price)", lambda t: talib.SMA(t.price, 20)),
    "macd": Feature("macd(price).macd", lambda t: talib.MACD(t.price)[0], floor="price*1e-3", after=600),
    "macd_signal": Feature("macd(price).macd_signal", lambda t: talib.MACD(t.price)[1], floor="price*1e-3", after=600),
    "rsi": Feature("rsi(price)", lambda t: talib.RSI(t.price, 14), undefined=lambda t: t.got["rsi"] == 50),
    "upper": Feature("bollinger_bands(price).bb_upper", lambda t: bands(t, 0)),
    "middle": Feature("bollinger_bands(price).bb_mid", lambda t: bands(t, 1)),
    "lower": Feature("bollinger_bands(price).bb_lower", lambda t: bands(t, 2)),
    "stoch_k": Feature(f"stochastic_osc({BARS}).stoch_k", stoch_k, floor="100", undefined=FLAT_BARS),
    "stoch_d": Feature(
        f"stochastic_osc({BARS}).stoch_d",
        stoch_d,
        floor="100",
        undefined=lambda t: pd.Series(FLAT_BARS(t)).rolling(t.price.size, min_periods=1).max() > 0,
    ),
    "atr": Feature(f"atr({BARS}).atr", lambda t: on_bars(t, lambda *bars: talib.ATR(*bars, 14))),
    "adx": Feature(
        f"adx({BARS}).adx", lambda t: on_bars(t, lambda *bars: talib.ADX(*bars, 14)), floor="100", after=600
    ),
    # SciPy
    "kyle": Feature(
        "kyle_lambda(diff(price), size, window=30)",
        lambda t: sampled(t, 31, lambda row: fit(t.size[row - 29 : row + 1], np.diff(t.price)[row - 30 : row])[0]),
        floor="1e-3*scale",
    ),
    "half_life": Feature(
        "ou_half_life(price, window=100).ou_half_life",
        lambda t: sampled(t, 101, lambda row: half_life(t, row)),
        floor="expected_squared",
        rtol=1e-8,
    ),
    "boxcox": Feature("boxcox(price, lambda=0.3)", lambda t: stats.boxcox(t.price, 0.3)),
    "yeo_johnson": Feature(
        f"yeo_johnson(1000*{R}, lambda=0.7)", lambda t: stats.yeojohnson(1000 * t.r.to_numpy(), 0.7), rtol=1e-8
    ),
    "entropy": Feature(
        f"entropy_hist({R}, window=40, bins=8, lo=-0.001, hi=0.001)",
        lambda t: windows(t.r, 40, entropy),
        floor="1",
    ),
    "evt_var": Feature(f"{TAIL}.evt_var", pareto_var),
    "evt_es": Feature(
        f"{TAIL}.evt_es",
        pareto_shortfall,
        undefined=lambda t: t.got["evt_xi"] < -5,  # a tail of one tick, whose scale at its end is rounding
    ),
    # statsmodels and arch
    "hp_trend": Feature(f"{HP}.trend", lambda t: sampled(t, 3, lambda row: hodrick_prescott(t, row))),
    "variance_ratio": Feature(
        f"variance_ratio({R}).variance_ratio",
        lambda t: sampled(t, 201, lambda row: getattr(variance_ratio(t, row), "vr", np.nan)),
        floor="1",
    ),
    "vr_z": Feature(
        f"variance_ratio({R}).vr_z",
        lambda t: sampled(t, 201, lambda row: getattr(variance_ratio(t, row), "stat", np.nan)),
        floor="10",
    ),
    # NumPy
    "fracdiff": Feature("frac_diff(price, threshold=0.001)", frac_diff),
    "hampel": Feature("robust_hampel(price, window=20).hampel", hampel),
    "winsorized": Feature(
        "winsorize(price, window=40, lo=0.1, hi=0.9)",
        lambda t: np.clip(
            t.p,
            pd.Series(windows(t.p, 40, lambda x: np.quantile(x, 0.1, axis=1))).shift(1),
            pd.Series(windows(t.p, 40, lambda x: np.quantile(x, 0.9, axis=1))).shift(1),
        ).where(t.p.index >= 40),
    ),
    "roll": Feature(
        f"roll_spread({R}, window=50, signed=true)",
        lambda t: windows(t.r, 50, lambda x: [roll(np.cov(row[1:], row[:-1])[0, 1]) for row in x]),
        floor="1e-2*scale",
        undefined=lambda t: t.got["roll"] == 0,  # a covariance that is rounding alone
    ),
    "quarticity": Feature(
        f"realized_quarticity({R})", lambda t: windows(t.r, 20, lambda x: 20 / 3 * (x**4).sum(axis=1))
    ),
    "semivariance": Feature(
        f"semivariance({R}).semivar_down", lambda t: windows(t.r, 20, lambda x: (np.minimum(x, 0) ** 2).sum(axis=1))
    ),
    "cvar": Feature(
        f"historical_cvar({R})", lambda t: windows(t.r, 100, lambda x: -np.sort(x, axis=1)[:, :5].mean(axis=1))
    ),
    "sharpe": Feature(
        f"rolling_sharpe({R}).sharpe",
        lambda t: windows(t.r, 100, lambda x: x.mean(axis=1) / x.std(axis=1, ddof=1)),
        floor="1",
        undefined=is_still(100),
    ),
    "turnover": Feature("turnover(size, price, window=30)", lambda t: (t.s / t.p).rolling(30).sum()),
    "pnl": Feature("pnl_fx(size, price, price).pnl_base", lambda t: t.s.shift(1) * (t.p**2).diff(), floor="price*size"),
}

# What an oracle needs of the program, since no library has it.
FITTED = {"evt_xi": f"{TAIL}.evt_xi", "evt_beta": f"{TAIL}.evt_beta"}


def roll(covariance: float) -> float:
    return -2 * np.sign(covariance) * np.sqrt(abs(covariance))


def feature_file() -> str:
    """Text of a feature file with all of them."""
    expressions = {name: feature.expression for name, feature in FEATURES.items()} | FITTED
    return "[features]\n" + "".join(f'{name} = "{expression}"\n' for name, expression in expressions.items())
