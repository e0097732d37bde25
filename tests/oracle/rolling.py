"""Kernels over a window of rows or of event time: lags, sums, moments, order statistics."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from oracle.windows import (
    EPS,
    NULL,
    Floats,
    Ints,
    Longs,
    Mask,
    Moments,
    TimeRanges,
    Window,
    as_series,
    doubles,
    is_valid,
    means,
    on_valid,
    over_ranges,
    over_rows,
    range_moments,
    repeat_last,
    row_moments,
    shifted,
    squares,
    time_ranges,
    zero_if_rounding,
)

# --- Prices and lags --------------------------------------------------------------------------------------------


def _as_of(ranges: TimeRanges) -> tuple[Longs, Longs]:
    """Newest observation and the last one before the window, per row; both null where either is missing."""
    some = ranges.is_answered & (ranges.low > 0)
    now, then = np.full(some.size, NULL), np.full(some.size, NULL)
    now[some] = ranges.values[ranges.high[some] - 1]
    then[some] = ranges.values[ranges.low[some] - 1]
    return now, then


def log_returns(
    price: ArrayLike,
    lag: Window = 1,
    ts: Ints | None = None,
    observed: Mask | None = None,
    buckets: int | None = None,
) -> Floats:
    """ln(p_t / p_ref) as log1p((p - q) / q); a price <= 0 is null and never a reference.

    With a duration p_ref is the last valid price before the window's oldest bucket, however old it is.
    """
    series = as_series(price)
    series[series <= 0] = np.nan
    if isinstance(lag, str):
        now, then = _as_of(time_ranges(series, lag, ts, observed, buckets))
        return doubles(np.log1p((now - then) / then))
    return on_valid(series, lambda p: np.log1p((p - shifted(p, lag)) / shifted(p, lag)))


def lag(
    x: ArrayLike, k: Window = 1, ts: Ints | None = None, observed: Mask | None = None, buckets: int | None = None
) -> Floats:
    """Value k valid observations ago, or as of a duration ago."""
    if isinstance(k, str):
        return doubles(_as_of(time_ranges(as_series(x), k, ts, observed, buckets))[1])
    return on_valid(x, lambda values: shifted(values, k))


def diff(x: ArrayLike, k: int = 1) -> Floats:
    """x_t - x_(t-k) over valid observations."""
    return on_valid(x, lambda values: values - shifted(values, k))


# --- Sums and moments -------------------------------------------------------------------------------------------


def rolling_sum(
    x: ArrayLike,
    window: Window = 20,
    ts: Ints | None = None,
    observed: Mask | None = None,
    buckets: int | None = None,
) -> Floats:
    """Sum of the window. A warm event-time window without observations sums to 0."""
    series = as_series(x)
    if window == "expanding":
        return on_valid(series, np.cumsum)
    if isinstance(window, str):
        r = time_ranges(series, window, ts, observed, buckets)
        return doubles(over_ranges(r.values, r.low, r.high, r.is_answered, np.sum))
    return on_valid(series, lambda values: over_rows(values, window, lambda block: block.sum(axis=1)))


def realized_var(r: ArrayLike, window: Window = 20, **time: object) -> Floats:
    """Sum of squared returns; additive, so a warm empty event-time window gives 0."""
    series = as_series(r)
    if isinstance(window, str):
        ranges = time_ranges(series, window, **time)
        return doubles(over_ranges(ranges.values**2, ranges.low, ranges.high, ranges.is_answered, np.sum))
    return on_valid(series, lambda values: over_rows(values * values, window, lambda block: block.sum(axis=1)))


def bipower_var(r: ArrayLike, window: Window = 20, **time: object) -> Floats:
    """(pi/2) (n/m) sum |r_i r_(i-1)| over the n returns of realized_var.

    A row window counts its n - 1 inner products. An event-time window counts the products dated in it by their newer
    return, so the oldest of them may reach one return out of the window; without a product there is no value.
    """
    half_pi = np.arctan2(np.longdouble(1), np.longdouble(0))
    series = as_series(r)
    if not isinstance(window, str):
        factor = half_pi * window / np.longdouble(window - 1)
        return on_valid(
            series, lambda v: factor * _shift_in(over_rows(np.abs(v[1:] * v[:-1]), window - 1, _row_sums), v.size)
        )
    ranges = time_ranges(series, window, **time)
    products = np.concatenate([[np.longdouble(0)], np.abs(ranges.values[1:] * ranges.values[:-1])])
    low = np.maximum(ranges.low, 1)
    some = ranges.is_answered & (ranges.high > low)
    total = over_ranges(products, low, ranges.high, some, np.sum)
    m = np.where(some, ranges.high - low, 1)
    return doubles(half_pi * (ranges.high - ranges.low) / m * total)


def _row_sums(block: Longs) -> Longs:
    return block.sum(axis=1)


def _shift_in(values: Longs, size: int) -> Longs:
    """Dates products by their newer return: the first return has none."""
    return np.concatenate([[NULL], values])[:size]


def _moments(x: ArrayLike, window: Window, prior: bool = False, **time: object) -> Moments:
    series = as_series(x)
    if isinstance(window, str):
        return range_moments(time_ranges(series, window, **time), prior)
    return row_moments(series, window, prior)


class MeanVar(NamedTuple):
    mean: Floats
    variance: Floats
    stddev: Floats


def welford_mean_var(x: ArrayLike, ddof: int = 1, window: Window = "expanding", **time: object) -> MeanVar:
    """Mean and variance. Expanding and event-time windows show the mean from 1 observation, the variance from 2."""
    m = _expanding_moments(x) if window == "expanding" else _moments(x, window, **time)
    return MeanVar(doubles(m.mean), doubles(m.variance(ddof)), doubles(m.deviation(ddof)))


def _expanding_moments(x: ArrayLike) -> Moments:
    """Moments of all observations so far by the recursion of Welford (1962): equal values give exactly 0."""
    series = as_series(x)
    rows = np.flatnonzero(is_valid(series))
    counts = np.zeros(series.size, dtype=np.int64)
    means_so_far, m2_so_far = np.full(series.size, NULL), np.full(series.size, NULL)
    mean = m2 = np.longdouble(0)
    for n, row in enumerate(rows, start=1):
        value = np.longdouble(series[row])
        change = value - mean
        mean = mean + change / n
        m2 = m2 + change * (value - mean)
        counts[row], means_so_far[row], m2_so_far[row] = n, mean, m2
    return Moments(counts, means_so_far, zero_if_rounding(m2_so_far, means_so_far, counts))


def rolling_std(x: ArrayLike, window: Window = 20, ddof: int = 1, **time: object) -> Floats:
    """Standard deviation of the window; exactly 0 where the variance is below the rounding of the mean."""
    return doubles(_moments(x, window, **time).deviation(ddof))


def rolling_zscore(
    x: ArrayLike, window: Window = 100, include_current: bool = False, ddof: int = 1, **time: object
) -> Floats:
    """(x_t - mean) / s over the observations before x_t; s = 0 gives null."""
    series = as_series(x)
    m = _moments(series, window, prior=not include_current, **time)
    newest = series.astype(np.longdouble)
    if isinstance(window, str):
        observed = time.get("observed")
        valid = is_valid(series, observed)
        newest = repeat_last(series, valid).astype(np.longdouble)
    s = m.deviation(ddof)
    usable = s > 0
    return doubles(np.where(usable, (newest - m.mean) / np.where(usable, s, 1), NULL))


class Bands(NamedTuple):
    bb_mid: Floats
    bb_upper: Floats
    bb_lower: Floats
    bb_pctb: Floats
    bb_width: Floats


def bollinger_bands(x: ArrayLike, window: Window = 20, k: float = 2.0, **time: object) -> Bands:
    """Mean +- k population deviations. An event-time window needs two observations for all outputs."""
    series = as_series(x)
    m = _moments(series, window, **time)
    sd = m.deviation(0)
    mid = np.where(np.isnan(sd), NULL, m.mean)
    newest = series if not isinstance(window, str) else repeat_last(series, is_valid(series, time.get("observed")))
    half = k * sd
    wide = half > 0
    pctb = np.where(wide, (newest - (mid - half)) / np.where(wide, 2 * half, 1), NULL)
    sane = mid != 0
    width = np.where(sane, 2 * half / np.where(sane, mid, 1), NULL)
    return Bands(*(doubles(column) for column in (mid, mid + half, mid - half, pctb, width)))


def rolling_skew(x: ArrayLike, window: int = 100) -> Floats:
    """G1 of Joanes and Gill (1998): the bias-corrected skewness; null where the variance is 0."""
    n = np.longdouble(window)

    def skewness(block: Longs) -> Longs:
        d = block - means(block)[:, None]
        m2, m3 = squares(block) / n, (d**3).sum(axis=1) / n
        usable = m2 > 0
        g1 = m3 / np.where(usable, m2, 1) ** np.longdouble(1.5)
        return np.where(usable, g1 * np.sqrt(n * (n - 1)) / (n - 2), NULL)

    return on_valid(x, lambda values: over_rows(values, window, skewness))


def rolling_kurt(x: ArrayLike, window: int = 100) -> Floats:
    """G2 of Joanes and Gill (1998): the bias-corrected excess kurtosis; null where the variance is 0."""
    n = np.longdouble(window)

    def kurtosis(block: Longs) -> Longs:
        d = block - means(block)[:, None]
        m2, m4 = squares(block) / n, (d**4).sum(axis=1) / n
        usable = m2 > 0
        g2 = m4 / np.where(usable, m2, 1) ** 2 - 3
        return np.where(usable, (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * g2 + 6), NULL)

    return on_valid(x, lambda values: over_rows(values, window, kurtosis))


def autocorr(x: ArrayLike, lag: int = 1, window: int = 100) -> Floats:
    """Pearson correlation of x_(t-i) with x_(t-i-lag), i < window, each about its own mean.

    Needs window + lag rows.
    """

    def of_values(values: Longs) -> Longs:
        out = np.full(values.size, NULL)
        newer, older = values[lag:], values[: max(values.size - lag, 0)]
        for start in range(window - 1, newer.size, 2048):
            ends = np.arange(start, min(start + 2048, newer.size))
            index = ends[:, None] + np.arange(1 - window, 1)
            out[ends + lag] = _correlation(newer[index], older[index])
        return out

    return on_valid(x, of_values)


def _correlation(a: Longs, b: Longs) -> Longs:
    """Correlation of matching rows; null for a zero variance, 0 for a covariance below rounding (law 9)."""
    product = ((a - means(a)[:, None]) * (b - means(b)[:, None])).sum(axis=1)
    scale = np.sqrt(squares(a) * squares(b))
    product = np.where(np.abs(product) <= 16 * EPS * scale, 0, product)
    usable = scale > 0
    return np.where(usable, product / np.where(usable, scale, 1), NULL)


def pair_moments(x: ArrayLike, y: ArrayLike, window: int) -> tuple[Longs, Longs, Longs]:
    """S_xy, S_xx and S_yy of the last `window` pairs; a covariance below rounding is exactly 0 (law 9)."""
    a, b = (np.asarray(side, dtype=np.longdouble) for side in (x, y))
    out = [np.full(a.size, NULL) for _ in range(3)]
    for start in range(window - 1, a.size, 2048):
        ends = np.arange(start, min(start + 2048, a.size))
        index = ends[:, None] + np.arange(1 - window, 1)
        p, q = a[index], b[index]
        xx, yy = squares(p), squares(q)
        xy = ((p - means(p)[:, None]) * (q - means(q)[:, None])).sum(axis=1)
        out[0][ends] = np.where(np.abs(xy) <= 16 * EPS * np.sqrt(xx * yy), 0, xy)
        out[1][ends], out[2][ends] = xx, yy
    return tuple(out)


def historical_var(r: ArrayLike, alpha: float = 0.05, window: int = 100) -> Floats:
    """Minus the type-7 quantile (Hyndman and Fan 1996) of the last `window` changes."""
    if window * alpha < 1:
        raise ValueError(f"historical_var: expected window * alpha >= 1, was {window * alpha}")
    place = np.longdouble(alpha) * (window - 1)
    below = int(place)
    above = min(below + 1, window - 1)

    def loss(block: Longs) -> Longs:
        ordered = np.sort(block, axis=1)
        return -(ordered[:, below] + (place - below) * (ordered[:, above] - ordered[:, below]))

    return on_valid(r, lambda values: over_rows(values, window, loss))
