"""Kernels with exponential weights."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from oracle.weights import alpha_of, averages, averages_in_time, tau_ns
from oracle.windows import (
    EPS,
    NULL,
    Floats,
    Ints,
    Longs,
    Mask,
    as_series,
    is_valid,
    on_valid,
    repeat_last,
    spread,
)


def ewma(
    x: ArrayLike,
    *,
    alpha: float | None = None,
    lambda_: float | None = None,
    half_life: float | str | None = None,
    span: float | None = None,
    com: float | None = None,
    tau: str | None = None,
    adjust: bool = False,
    ts: Ints | None = None,
    observed: Mask | None = None,
) -> Floats:
    """Exponentially weighted average; default lambda = 0.94, that is weight 0.06 on the newest value.

    With a duration the value moves only at observations and is repeated between them, a null included.
    """
    series = as_series(x)
    time_constant = tau_ns(half_life, tau)
    if time_constant is None:
        if (alpha, lambda_, half_life, span, com) == (None,) * 5:
            lambda_ = 0.94
        weight = alpha_of(alpha=alpha, lambda_=lambda_, half_life=half_life, span=span, com=com)
        return on_valid(series, lambda values: averages(values, weight, adjust))
    clock = np.maximum.accumulate(np.asarray(ts, dtype=np.int64))
    seen = np.ones(series.size, dtype=bool) if observed is None else np.asarray(observed, dtype=bool)
    valid = is_valid(series, seen)
    at_observations = averages_in_time(series[valid].astype(np.longdouble), clock[valid], time_constant)
    return repeat_last(spread(at_observations, valid), seen)


def ema(x: ArrayLike, **weight: object) -> Floats:
    """As ewma, with alpha = 0.1 unless another weight is given; starts at the first value, not at a simple mean."""
    names = {"alpha", "lambda_", "half_life", "span", "com", "tau"}
    return ewma(x, **(weight if names & weight.keys() else {"alpha": 0.1, **weight}))


def riskmetrics_vol(r: ArrayLike, lambda_: float = 0.94) -> Floats:
    """Root of the exponential average of squared returns, started at the first valid one."""
    return on_valid(r, lambda values: np.sqrt(averages(values * values, alpha_of(lambda_=lambda_))))


class Macd(NamedTuple):
    macd: Floats
    macd_signal: Floats
    macd_hist: Floats


def macd(x: ArrayLike, fast: int = 12, slow: int = 26, signal: int = 9) -> Macd:
    """Difference of two EMAs that start at the first value.

    It is shown from row `slow`, where the signal EMA starts too.
    """
    series = as_series(x)
    valid = is_valid(series)
    values = series[valid].astype(np.longdouble)
    line = averages(values, alpha_of(span=fast)) - averages(values, alpha_of(span=slow))
    line[: slow - 1] = NULL
    smooth = np.full(line.size, NULL)
    smooth[slow - 1 :] = averages(line[slow - 1 :], alpha_of(span=signal))
    smooth[: slow + signal - 2] = NULL
    return Macd(spread(line, valid), spread(smooth, valid), spread(line - smooth, valid))


def rsi(x: ArrayLike, period: int = 14) -> Floats:
    """Wilder (1978): the first averages are means of the first `period` gains and losses; a flat series gives 50."""

    def of_values(values: Longs) -> Longs:
        out = np.full(values.size, NULL)
        if values.size <= period:
            return out
        change = np.diff(values)
        up, down = np.maximum(change, 0), np.maximum(-change, 0)
        gain, loss = up[:period].mean(), down[:period].mean()
        for row in range(period, values.size):
            if row > period:
                gain = (gain * (period - 1) + up[row - 1]) / period
                loss = (loss * (period - 1) + down[row - 1]) / period
            out[row] = 100 * gain / (gain + loss) if gain + loss > 0 else 50
        return out

    return on_valid(x, of_values)


class Cusum(NamedTuple):
    cusum_stat: Floats
    cusum_up: Floats
    cusum_down: Floats
    cusum_alarm: Floats


def cusum(
    x: ArrayLike,
    k: float = 0.5,
    h: float = 5.0,
    half_life: float = 500,
    min_periods: int | None = None,
    mu: float | None = None,
    sigma: float | None = None,
) -> Cusum:
    """Two-sided CUSUM (Page 1954) of z = (x - mu) / sigma, with exponential mu and sigma of the rows before.

    Both sums are 0 before the first output row and take that row's z. `min_periods` counts past observations (100)
    unless mu and sigma are fixed (1, the current row included). Where sigma is 0 the row gives null and leaves the
    sums alone, but mu and sigma take its value. Shown are the sums before the reset of an alarm.
    """
    series = as_series(x)
    is_fixed = mu is not None and sigma is not None
    needed = min_periods if min_periods is not None else (1 if is_fixed else 100)
    alpha = alpha_of(half_life=half_life)
    columns = [np.full(series.size, np.nan) for _ in range(4)]
    up = down = mean = variance = np.longdouble(0)
    for seen, row in enumerate(np.flatnonzero(is_valid(series))):
        value = np.longdouble(series[row])
        centre, deviation = (mu, sigma) if is_fixed else (mean, _ew_deviation(mean, variance))
        if seen + is_fixed >= needed and deviation > 0:
            z = (value - centre) / deviation
            up, down = max(np.longdouble(0), up + z - k), max(np.longdouble(0), down - z - k)
            stat = max(up, down)
            alarm = 0 if stat <= h else (1 if up >= down else -1)
            for column, shown in zip(columns, (stat, up, down, alarm), strict=True):
                column[row] = shown
            if alarm:
                up = down = np.longdouble(0)
        change = value - mean
        mean, variance = (value, variance) if seen == 0 else (mean + alpha * change, variance)
        variance = variance if seen == 0 else (1 - alpha) * (variance + alpha * change * change)
    return Cusum(*columns)


def _ew_deviation(mean: np.longdouble, variance: np.longdouble) -> np.longdouble:
    """Law 9: an exponential variance is zero when V <= (16 eps |m|)^2."""
    return np.longdouble(0) if variance <= (16 * EPS * abs(mean)) ** 2 else np.sqrt(variance)
