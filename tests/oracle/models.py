"""Filters and change-point models."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from oracle.weights import alpha_of
from oracle.windows import EPS, NULL, Floats, Ints, Longs, as_series, is_valid, over_rows, spread


def kalman_1d(x: ArrayLike, clock: Ints, q_per_s: float, r: float) -> Floats:
    """Level of a random walk seen through noise (Kalman 1960); q grows with the time since the last observation.

    A null only predicts: the uncertainty of the level grows by q as if the row had not been there.
    """
    series = as_series(x)
    out = np.full(series.size, np.nan)
    level, p, last = NULL, np.longdouble(r), 0
    for row in np.flatnonzero(is_valid(series)):
        if np.isnan(level):
            level = np.longdouble(series[row])
        else:
            prior = p + np.longdouble(q_per_s) * np.longdouble(clock[row] - last) / 10**9
            gain = prior / (prior + r)
            level = level + gain * (series[row] - level)
            p = (1 - gain) * prior
        last = int(clock[row])
        out[row] = level
    return out


def deviations_before(values: Longs, half_life: float) -> tuple[Longs, Longs]:
    """Exponential mean and deviation of the observations before each; null before two, 0 below rounding (law 9)."""
    alpha = alpha_of(half_life=half_life)
    mean, sd = np.full(values.size, NULL), np.full(values.size, NULL)
    m = v = np.longdouble(0)
    for i, value in enumerate(values):
        if i >= 1:
            mean[i] = m
        if i >= 2:
            sd[i] = 0 if v <= (16 * EPS * abs(m)) ** 2 else np.sqrt(v)
        change = value - m
        if i == 0:
            m = value
        else:
            m = m + alpha * change
            v = (1 - alpha) * (v + alpha * change * change)
    return mean, sd


def entropy_hist(
    x: ArrayLike,
    window: int = 100,
    bins: int = 16,
    half_life: float = 500,
    lo: float | None = None,
    hi: float | None = None,
) -> Floats:
    """Shannon entropy in nats of the bins of the last `window` observations.

    Each keeps the bin that it got on arrival: by lo and hi, else in 16 steps over 4 deviations either side of the
    mean, both exponential and of the observations before; one without a deviation is not counted.
    """
    series = as_series(x)
    valid = is_valid(series)
    values = series[valid].astype(np.longdouble)
    if lo is not None and hi is not None:
        place, counted = (values - lo) * bins / (np.longdouble(hi) - lo), np.ones(values.size, dtype=bool)
    else:
        mean, sd = deviations_before(values, half_life)
        counted = sd > 0
        place = ((values - mean) / np.where(counted, sd, 1) + 4) * bins / 8
    bin_of = np.clip(np.floor(place[counted]), 0, bins - 1).astype(np.int64)

    def entropy(block: Ints) -> Longs:
        shares = np.stack([(block == b).sum(axis=1) for b in range(bins)], axis=1).astype(np.longdouble) / window
        return -(shares * np.log(np.where(shares > 0, shares, 1))).sum(axis=1)

    on_values = spread(over_rows(bin_of, window, entropy), counted)
    return spread(on_values, valid)


def run_lengths(x: Longs, hazard: float, prior: tuple[float, float, float, float], max_run: int) -> Floats:
    """Posterior of the run length after each observation (Adams and MacKay 2007), one row per observation.

    Column r is P(run = r), the last one P(run >= max_run), predicted from exactly the last max_run observations.
    """
    mu0, kappa0, alpha0, beta0 = prior
    run = np.arange(max_run + 1)
    kappa, alpha = kappa0 + run, alpha0 + run / 2
    log_scale = np.array([math.lgamma(a + 0.5) - math.lgamma(a) for a in alpha])
    sums = np.concatenate([[np.longdouble(0)], np.cumsum(x)])
    squares = np.concatenate([[np.longdouble(0)], np.cumsum(x * x)])
    posterior = np.zeros((x.size, max_run + 1))
    now = np.zeros(max_run + 1)
    now[0] = 1
    for t, value in enumerate(x):
        runs = min(t, max_run) + 1
        back = t - run[:runs]
        total, n = sums[t] - sums[back], np.maximum(run[:runs], 1)
        spread_out = np.maximum(squares[t] - squares[back] - total * total / n, 0)
        mu = ((kappa0 * mu0 + total) / kappa[:runs]).astype(float)
        away = kappa0 * run[:runs] * (total / n - mu0) ** 2 / (2 * kappa[:runs])
        beta = (beta0 + spread_out / 2 + away).astype(float)
        width = 2 * beta * (kappa[:runs] + 1) / kappa[:runs]  # nu s^2, with nu = 2 alpha
        z = 1 + (float(value) - mu) ** 2 / width
        likely = now[:runs] * np.exp(log_scale[:runs] - 0.5 * np.log(np.pi * width) - (alpha[:runs] + 0.5) * np.log(z))
        grown = np.zeros(max_run + 2)
        grown[0] = hazard * likely.sum()
        grown[1 : runs + 1] = (1 - hazard) * likely
        grown[max_run] += grown[max_run + 1]
        now = grown[:-1] / grown[:-1].sum()
        posterior[t] = now
    return posterior


def bocpd(x: ArrayLike, hazard: float = 0.002, recent: int = 10, half_life: float = 500, max_run: int = 200) -> Floats:
    """P(run < recent) of x over its exponential deviation before each observation; null for the first `recent`."""
    series = as_series(x)
    valid = is_valid(series)
    values = series[valid].astype(np.longdouble)
    _, sd = deviations_before(values, half_life)
    counted = sd > 0
    posterior = run_lengths(values[counted] / sd[counted], hazard, (0, 1, 1, 1), max_run)
    change = posterior[:, :recent].sum(axis=1)
    change[: recent - 1] = np.nan
    return spread(spread(change, counted), valid)
