"""Kernels of the distribution of a window: ranks, tails, neighbouring returns."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from oracle.rolling import rolling_std
from oracle.windows import (
    NULL,
    Floats,
    Longs,
    Window,
    as_series,
    doubles,
    is_valid,
    means,
    on_valid,
    over_ranges,
    over_rows,
    ratio,
    shifted,
    spread,
    squares,
    time_ranges,
)


def sma(x: ArrayLike, window: Window = 20, **time: object) -> Floats:
    """Mean of the window; a warm event-time window without observations has none."""
    if not isinstance(window, str):
        return on_valid(x, lambda values: over_rows(values, window, means))
    r = time_ranges(as_series(x), window, **time)
    some = r.is_answered & (r.high > r.low)
    total = over_ranges(r.values, r.low, r.high, some, np.sum)
    return doubles(total / np.where(some, r.high - r.low, 1))


# --- Ranks -------------------------------------------------------------------------------------------------------


def _of_bucket_ends(x: ArrayLike, window: str, fewest: int, statistic, **time: object) -> Floats:  # noqa: ANN001
    """Statistic of one sample per bucket: its last observation, of the newest bucket the current one."""
    series = as_series(x)
    r = time_ranges(series, window, **time)
    bucket = r.buckets
    is_last = np.append(bucket[1:] != bucket[:-1], False)
    values = r.values.astype(np.float64)

    def of_range(places: np.ndarray) -> float:
        inside = places[:-1]
        samples = np.append(values[inside[is_last[inside]]], values[places[-1]])
        return statistic(samples) if samples.size >= fewest else np.nan

    some = r.is_answered & (r.high > r.low)
    return doubles(over_ranges(np.arange(values.size), r.low, r.high, some, of_range))


def rolling_quantile(x: ArrayLike, q: float, window: str, **time: object) -> Floats:
    """Type-7 quantile (Hyndman and Fan 1996) of the samples of an event-time window."""
    return _of_bucket_ends(x, window, 1, lambda samples: np.quantile(samples.astype(np.longdouble), q), **time)


def rolling_rank(x: ArrayLike, window: str, **time: object) -> Floats:
    """(average rank of the newest sample - 1) / (n - 1) in [0, 1]."""

    def rank(samples: Floats) -> float:
        below, equal = (samples < samples[-1]).sum(), (samples == samples[-1]).sum()
        return (below + (equal - 1) / 2) / (samples.size - 1)

    return _of_bucket_ends(x, window, 2, rank, **time)


def outlier_flag_mad(x: ArrayLike, window: int = 100, k: float = 3, tick: float = 0) -> Floats:
    """1 where x is further than k deviations from the median of the `window` observations before (Hampel 1974).

    The deviation is 1.4826 times the median one, where that is 0 1.2533 times the mean one, where that is 0 the tick.
    """
    series = as_series(x)
    valid = is_valid(series)
    values = series[valid]

    def limits(block: Floats) -> Floats:
        median = np.median(block, axis=1)
        away = np.abs(block - median[:, None])
        mad, mean = np.median(away, axis=1), away.mean(axis=1)
        width = np.where(mad > 0, k * 1.4826 * mad, np.where(mean > 0, k * 1.2533 * mean, k * tick))
        return np.stack([median, width], axis=1)

    out = np.full(values.size, np.nan)
    medians, widths = (over_rows(values, window, lambda block, i=i: limits(block)[:, i]) for i in range(2))
    prior = slice(window - 1, -1)
    out[window:] = np.abs(values[window:] - medians[prior]) > widths[prior]
    return spread(out, valid)


# --- Tails -------------------------------------------------------------------------------------------------------


def historical_cvar(r: ArrayLike, alpha: float = 0.05, window: int = 100) -> Floats:
    """Minus the mean of the worst alpha of the window, with the exact share of the observation at the edge."""
    mass = np.longdouble(alpha) * window
    k = int(np.ceil(mass - 1e-9))

    def loss(block: Floats) -> Longs:
        worst = np.partition(block, k - 1, axis=1)[:, :k]
        worst = np.sort(worst, axis=1).astype(np.longdouble)
        return -(worst[:, : k - 1].sum(axis=1) + (mass - k + 1) * worst[:, k - 1]) / mass

    series = as_series(r)
    valid = is_valid(series)
    return spread(over_rows(series[valid], window, loss), valid)


def cornish_fisher_var(mean: ArrayLike, sd: ArrayLike, skew: ArrayLike, kurt: ArrayLike, alpha: float = 0.05) -> Floats:
    """Loss at the quantile expanded in skewness and excess kurtosis (Cornish and Fisher 1937).

    Null unless the expansion rises over the whole tail from -max(3, |z|) to z (Maillard 2012).
    """
    m, s, g, k = (as_series(x).astype(np.longdouble) for x in (mean, sd, skew, kurt))
    z = np.longdouble(NormalDist().inv_cdf(alpha))
    far = -max(np.longdouble(3), abs(z))

    def slope(at: Longs) -> Longs:
        return 1 + at * g / 3 + (3 * at**2 - 3) * k / 24 - (6 * at**2 - 5) * g**2 / 36

    # A parabola in z: least at an end of the tail, or where it turns.
    curve = k / 8 - g**2 / 6
    turn = np.clip(np.where(curve > 0, -g / 3 / np.where(curve > 0, 2 * curve, 1), z), far, z)
    rises = np.minimum(np.minimum(slope(z), slope(far)), slope(turn)) >= 0
    z_cf = z + (z**2 - 1) * g / 6 + (z**3 - 3 * z) * k / 24 - (2 * z**3 - 5 * z) * g**2 / 36
    return doubles(np.where(rises, -(m + s * z_cf), NULL))


def rolling_sharpe(r: ArrayLike, window: int = 100) -> Floats:
    """Mean over sample deviation, per observation; no deviation gives null."""
    return doubles(ratio(sma(r, window).astype(np.longdouble), rolling_std(r, window).astype(np.longdouble)))


# --- Neighbouring returns -----------------------------------------------------------------------------------------


def medrv(r: ArrayLike, window: int = 20) -> Floats:
    """Variance from medians of three neighbours (Andersen, Dobrev and Schaumburg 2012), w - 2 of them."""
    pi, n = 2 * np.arctan2(np.longdouble(1), np.longdouble(0)), np.longdouble(window)
    factor = pi / (6 - 4 * np.sqrt(np.longdouble(3)) + pi) * n / (n - 2)

    def of_values(values: Longs) -> Longs:
        size = np.abs(values)
        three = np.sort(np.stack([size, shifted(size, 1), shifted(size, 2)]), axis=0)[1, 2:]
        out = np.full(values.size, NULL)
        out[2:] = factor * over_rows(three**2, window - 2, lambda block: block.sum(axis=1))
        return out

    return on_valid(r, of_values)


def semivar_down(r: ArrayLike, window: int = 20) -> Floats:
    """Sum of squares of the negative returns."""
    return on_valid(r, lambda v: over_rows(np.where(v < 0, v * v, 0), window, lambda block: block.sum(axis=1)))


def variance_ratio(r: ArrayLike, q: int = 5, window: int = 200) -> Floats:
    """Variance of overlapping q-returns per row over that of returns, both unbiased (Lo and MacKinlay 1988)."""
    n = np.longdouble(window)
    m = q * (n - q + 1) * (1 - q / n)

    def of_block(block: Longs) -> Longs:
        mean = means(block)
        total = np.cumsum(block - mean[:, None], axis=1)
        total = np.concatenate([np.zeros((len(block), 1), dtype=np.longdouble), total], axis=1)
        long = ((total[:, q:] - total[:, :-q]) ** 2).sum(axis=1) / m
        return ratio(long, squares(block) / (n - 1))

    return on_valid(r, lambda values: over_rows(values, window, of_block))
