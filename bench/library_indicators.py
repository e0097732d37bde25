"""The indicators of TA-Lib, talipp and river that kernels have too, with the kernels' default parameters.

Each is a function of a market of arrays: it computes everything and returns the values of the kernel's first output, NaN
where there are none, so that answers can be compared before anything is timed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import talib
import talipp.indicators as streaming
from millrace import kernels
from river import stats, utils
from talipp.ohlcv import OHLCV


@dataclass(frozen=True)
class Market:
    """Series of equal length; `close` is `price`."""

    price: np.ndarray
    ask: np.ndarray
    high: np.ndarray
    low: np.ndarray

    def first(self, rows: int) -> Market:
        return Market(self.price[:rows], self.ask[:rows], self.high[:rows], self.low[:rows])


def before(values: np.ndarray) -> np.ndarray:
    """Of the rows before this one."""
    return np.concatenate([[np.nan], values[:-1]])


def arrays(m: Market) -> dict[str, Callable[[], np.ndarray]]:
    """TA-Lib over whole arrays. Its deviation divides by n, the kernel's by n - 1; the factor is part of no timing."""
    return {
        "sma": lambda: talib.SMA(m.price, 20),
        "ema": lambda: talib.EMA(m.price, 19),  # alpha = 0.1
        "macd": lambda: talib.MACD(m.price, 12, 26, 9)[0],
        "rsi": lambda: talib.RSI(m.price, 14),
        "bollinger_bands": lambda: talib.BBANDS(m.price, 20, 2, 2)[1],
        "stochastic_osc": lambda: talib.STOCHF(m.high, m.low, m.price, 14, 3)[0],
        "atr": lambda: talib.ATR(m.high, m.low, m.price, 14),
        "adx": lambda: talib.ADX(m.high, m.low, m.price, 14),
        "donchian_channel": lambda: (before(talib.MAX(m.high, 20)), talib.MIN(m.low, 20))[0],
        "rolling_std": lambda: talib.STDDEV(m.price, 20),
        "rolling_min": lambda: talib.MIN(m.price, 20),
        "rolling_max": lambda: talib.MAX(m.price, 20),
        "rolling_sum": lambda: talib.SUM(m.price, 20),
        "rolling_corr": lambda: talib.CORREL(m.price, m.ask, 100),
        "diff": lambda: talib.MOM(m.price, 1),
    }


def millrace_arrays(names: list[str], m: Market) -> dict[str, Callable[[], np.ndarray]]:
    """`millrace.kernels` over the same arrays."""
    series = {"high": m.high, "low": m.low, "y": m.ask}

    def make(name: str) -> Callable[[], np.ndarray]:
        inputs = [series.get(one, m.price) for one, is_optional, _ in kernels.describe(name)["inputs"] if not is_optional]

        def run() -> np.ndarray:
            values = getattr(kernels, name)(*inputs)
            return values[0] if isinstance(values, tuple) else values

        return run

    return {name: make(name) for name in names}


def by_talipp(indicator, m: Market, value: Callable = float, has_bars: bool = False) -> np.ndarray:
    """Adds one value after the other and looks at each result, as a live user does."""
    out = np.full(len(m.price), np.nan)
    values = (
        [OHLCV(*bar) for bar in zip(m.price, m.high, m.low, m.price, strict=True)] if has_bars else m.price.tolist()
    )
    for row, one in enumerate(values):
        indicator.add(one)
        if len(indicator) and (last := indicator[-1]) is not None and (number := value(last)) is not None:
            out[row] = number
    return out


def talipp_streams(m: Market) -> dict[str, Callable[[], np.ndarray]]:
    return {
        "sma": lambda: by_talipp(streaming.SMA(20), m),
        "ema": lambda: by_talipp(streaming.EMA(19), m),
        "macd": lambda: by_talipp(streaming.MACD(12, 26, 9), m, lambda one: one.macd),
        "rsi": lambda: by_talipp(streaming.RSI(14), m),
        "bollinger_bands": lambda: by_talipp(streaming.BB(20, 2), m, lambda one: one.cb),
        "stochastic_osc": lambda: by_talipp(streaming.Stoch(14, 3), m, lambda one: one.k, True),
        "atr": lambda: by_talipp(streaming.ATR(14), m, float, True),
        "adx": lambda: by_talipp(streaming.ADX(14, 14), m, lambda one: one.adx, True),
        "donchian_channel": lambda: before(by_talipp(streaming.DonchianChannels(20), m, lambda one: one.ub, True)),
        "rolling_std": lambda: by_talipp(streaming.StdDev(20), m),
    }


def by_river(stat, m: Market, warm: int = 1, value: Callable = float, pairs: bool = False) -> np.ndarray:
    out = np.full(len(m.price), np.nan)
    if pairs:
        for row, (x, y) in enumerate(zip(m.price.tolist(), m.ask.tolist(), strict=True)):
            stat.update(x, y)
            out[row] = value(stat.get())
    else:
        for row, x in enumerate(m.price.tolist()):
            stat.update(x)
            out[row] = value(stat.get())
    out[: warm - 1] = np.nan
    return out


def river_streams(m: Market) -> dict[str, Callable[[], np.ndarray]]:
    return {
        "sma": lambda: by_river(utils.Rolling(stats.Mean(), 20), m, 20),
        "ewma": lambda: by_river(stats.EWMean(0.06), m),
        "rolling_sum": lambda: by_river(utils.Rolling(stats.Sum(), 20), m, 20),
        "rolling_std": lambda: by_river(utils.Rolling(stats.Var(), 20), m, 20, math.sqrt),
        "rolling_min": lambda: by_river(stats.RollingMin(20), m, 20),
        "rolling_max": lambda: by_river(stats.RollingMax(20), m, 20),
        "rolling_quantile": lambda: by_river(stats.RollingQuantile(0.5, 100), m, 100),
        "rolling_corr": lambda: by_river(utils.Rolling(stats.PearsonCorr(), 100), m, 100, pairs=True),
        "welford_mean_var": lambda: by_river(stats.Mean(), m),
    }


# What the library's number has to be multiplied with to be the kernel's.
FACTORS = {("TA-Lib", "rolling_std"): math.sqrt(20 / 19), ("talipp", "rolling_std"): math.sqrt(20 / 19)}
