"""Kernels of trades and of the age of quotes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from oracle.rolling import pair_moments
from oracle.windows import (
    NULL,
    Floats,
    Ints,
    Mask,
    as_series,
    doubles,
    is_valid,
    over_ranges,
    over_rows,
    ratio,
    spread,
    time_ranges,
)

DAY_NS = 86_400 * 10**9


def _previous(x: ArrayLike) -> Floats:
    """Value on the row before, of any kind."""
    series = as_series(x)
    return np.concatenate([[np.nan], series[:-1]])[: series.size]


def effective_spread(price: ArrayLike, mid: ArrayLike, sign: ArrayLike, unit: str = "price") -> Floats:
    """2 D (p - m) with the middle before the trade; takes all rows of the key."""
    p, m, d = (as_series(x).astype(np.longdouble) for x in (price, _previous(mid), sign))
    spread_ = 2 * d * (p - m)
    return doubles(spread_ if unit == "price" else ratio(10_000 * spread_, m))


def book_state(bid: ArrayLike, ask: ArrayLike) -> Floats:
    """0 sound, 1 locked, 2 crossed, 3 one-sided or empty."""
    b, a = as_series(bid), as_series(ask)
    return np.select([np.isnan(b) | np.isnan(a), b == a, b > a], [3.0, 1.0, 2.0], 0.0)


def is_stale(
    ts: Ints, received: Ints, bid: ArrayLike, ask: ArrayLike, quoted: Mask, max_age_ns: int = 10**9
) -> Floats:
    """1 without a quote of both sides at most max_age old, and on a quote row that came late or lacks a side.

    Times are the rows' own; `received` is negative where it is not known.
    """
    has_sides = np.isfinite(as_series(bid)) & np.isfinite(as_series(ask))
    out = np.ones(ts.size)
    updated = None
    for row in range(ts.size):
        if quoted[row] and has_sides[row]:
            updated = int(ts[row])
        is_slow = quoted[row] and received[row] >= 0 and int(received[row]) - int(ts[row]) > max_age_ns
        is_broken = quoted[row] and not has_sides[row]
        is_fresh = updated is not None and int(ts[row]) - updated <= max_age_ns
        out[row] = 0.0 if is_fresh and not is_slow and not is_broken else 1.0
    return out


def trade_intensity(ts: Ints, traded: Mask, half_life_s: float = 30, warmup_half_lives: float = 3) -> Floats:
    """Trades per second: each adds ln 2 / half-life to a rate that halves in a half-life; shown on every row."""
    clock = np.maximum.accumulate(ts)
    out = np.full(ts.size, np.nan)
    half_life = np.longdouble(half_life_s)
    rate, last = NULL, 0
    for row in range(ts.size):
        elapsed = np.longdouble(int(clock[row]) - last) / 10**9
        shown = rate * np.exp2(-elapsed / half_life)
        if traded[row]:
            shown = (0 if np.isnan(shown) else shown) + np.log(np.longdouble(2)) / half_life
            rate, last = shown, int(clock[row])
        if int(clock[row]) - int(clock[0]) >= warmup_half_lives * half_life_s * 10**9:
            out[row] = shown
    return out


def vwap_of_day(price: ArrayLike, size: ArrayLike, clock: Ints) -> Floats:
    """Sum of price x size over sum of size since 00:00 UTC; observed rows only are handed in."""
    p, v = as_series(price), as_series(size)
    valid = np.isfinite(p) & np.isfinite(v)
    day = clock[valid] // DAY_NS
    value, volume = (p[valid].astype(np.longdouble) * v[valid]), v[valid].astype(np.longdouble)
    out = np.full(value.size, NULL)
    for number in np.unique(day):
        own = day == number
        out[own] = ratio(np.cumsum(value[own]), np.cumsum(volume[own]))
    return spread(out, valid)


def vwap_of_window(price: ArrayLike, size: ArrayLike, window: str, ts: Ints, observed: Mask) -> Floats:
    """As vwap_of_day over an event-time window; no volume gives null."""
    p, v = as_series(price), as_series(size)
    both = np.where(np.isfinite(v), p, np.nan)
    ranges = time_ranges(both, window, ts, observed)
    volume = v[is_valid(both, observed)].astype(np.longdouble)
    sums = [
        over_ranges(terms, ranges.low, ranges.high, ranges.is_answered, np.sum)
        for terms in (ranges.values * volume, volume)
    ]
    return doubles(ratio(*sums))


def amihud_illiquidity(r: ArrayLike, dollar_volume: ArrayLike, window: int = 100) -> Floats:
    """1e6 times the mean of |r| / dollar volume over the rows of the window with volume (Amihud 2002)."""
    x, v = as_series(r), as_series(dollar_volume)
    valid = np.isfinite(x) & np.isfinite(v)
    has_volume = v[valid] > 0
    impact = np.abs(x[valid]).astype(np.longdouble) / np.where(has_volume, v[valid], 1)
    total = over_rows(np.where(has_volume, impact, np.longdouble(0)), window, lambda block: block.sum(axis=1))
    count = over_rows(has_volume.astype(float), window, lambda block: block.sum(axis=1))
    return spread(10**6 * ratio(total, count), valid)


def kyle_lambda(dmid: ArrayLike, signed_volume: ArrayLike, window: int = 100) -> Floats:
    """Slope of the price change on signed volume, with intercept (Kyle 1985); no variance of volume gives null."""
    y, x = as_series(dmid), as_series(signed_volume)
    valid = np.isfinite(x) & np.isfinite(y)
    product, xx, _ = pair_moments(x[valid], y[valid], window)
    return spread(ratio(product, xx), valid)


def roll_spread(dp: ArrayLike, window: int = 100) -> Floats:
    """2 sqrt(-cov) of neighbouring changes (Roll 1984), sample covariance of the window's w - 1 pairs; null if >= 0."""
    series = as_series(dp)
    valid = is_valid(series)
    values = series[valid]
    out = np.full(values.size, NULL)
    product, _, _ = pair_moments(values[1:], values[:-1], window - 1)
    covariance = product / (window - 2)
    out[1:] = np.where(covariance < 0, 2 * np.sqrt(-np.minimum(covariance, 0)), NULL)
    return spread(out, valid)


def drawdown(equity: ArrayLike) -> Floats:
    """Equity less its highest value so far."""
    series = as_series(equity)
    valid = is_valid(series)
    values = series[valid].astype(np.longdouble)
    return spread(values - np.maximum.accumulate(values) if values.size else values, valid)
