"""One-minute bars of trades, and the kernels that take bars. Bars are in the order in which they close."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from oracle.windows import (
    NULL,
    Floats,
    Ints,
    Longs,
    Mask,
    as_series,
    doubles,
    duration_ns,
    means,
    on_valid,
    over_rows,
    ratio,
    squares,
)


class Bars(NamedTuple):
    """Closed bars; `row` is the row of the key on which each closes."""

    row: Ints
    start: Ints
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    vwap: Floats
    trades: Ints


def resample_ohlc(
    price: ArrayLike, size: ArrayLike, ts: ArrayLike, observed: Mask, interval: str = "60s"
) -> Bars:
    """Bars [t, t + interval) on the grid of the epoch, closed by the first row of any kind at or after their end.

    Only rows with a price are trades; one without a size adds no volume. The bar that is open at the end never closes.
    """
    prices, sizes = as_series(price), as_series(size)
    clock = np.maximum.accumulate(np.asarray(ts, dtype=np.int64))
    width = duration_ns(interval)
    slot = clock // width
    trades = np.flatnonzero(np.asarray(observed, dtype=bool) & np.isfinite(prices))
    closed = []
    for number in np.unique(slot[trades]):
        row = np.searchsorted(slot, number, side="right")
        if row == slot.size:
            continue
        inside = trades[slot[trades] == number]
        p, v = prices[inside], sizes[inside].astype(np.longdouble)
        given = np.isfinite(v)
        volume = v[given].sum()
        vwap = float((p[given] * v[given]).sum() / volume) if volume > 0 else np.nan
        closed.append(
            (row, number * width, p[0], p.max(), p.min(), p[-1], float(volume), vwap, inside.size)
        )
    columns = [np.array(column) for column in zip(*closed, strict=True)] or [np.array([])] * len(Bars._fields)
    whole = {"row", "start", "trades"}
    typed = (c.astype(np.int64 if name in whole else float) for name, c in zip(Bars._fields, columns, strict=True))
    return Bars(*typed)


def _log(upper: ArrayLike, lower: ArrayLike) -> Longs:
    return np.log(np.asarray(upper, dtype=np.longdouble) / np.asarray(lower, dtype=np.longdouble))


def _root_of_mean(terms: Longs, window: int) -> Floats:
    return doubles(np.sqrt(over_rows(terms, window, means)))


def parkinson_vol(high: Floats, low: Floats, window: int = 20) -> Floats:
    """Parkinson (1980): root of the mean of ln^2(H/L) / (4 ln 2)."""
    return _root_of_mean(_log(high, low) ** 2 / (4 * np.log(np.longdouble(2))), window)


def gk_vol(open_: Floats, high: Floats, low: Floats, close: Floats, window: int = 20) -> Floats:
    """Garman and Klass (1980)."""
    two = np.longdouble(2)
    return _root_of_mean(_log(high, low) ** 2 / 2 - (2 * np.log(two) - 1) * _log(close, open_) ** 2, window)


def _rogers_satchell(open_: Floats, high: Floats, low: Floats, close: Floats) -> Longs:
    return _log(high, close) * _log(high, open_) + _log(low, close) * _log(low, open_)


def rogers_satchell_vol(open_: Floats, high: Floats, low: Floats, close: Floats, window: int = 20) -> Floats:
    """Rogers and Satchell (1991)."""
    return _root_of_mean(_rogers_satchell(open_, high, low, close), window)


def yang_zhang_vol(open_: Floats, high: Floats, low: Floats, close: Floats, window: int = 20) -> Floats:
    """Yang and Zhang (2000); the first bar supplies a previous close only."""
    out = np.full(close.size, np.nan)
    n = np.longdouble(window)
    k = np.longdouble(34) / 100 / (np.longdouble(134) / 100 + (n + 1) / (n - 1))
    overnight, session = _log(open_[1:], close[:-1]), _log(close[1:], open_[1:])
    inside = _rogers_satchell(open_[1:], high[1:], low[1:], close[1:])

    def variance(x: Longs) -> Longs:
        return over_rows(x, window, squares) / (n - 1)

    total = variance(overnight) + k * variance(session) + (1 - k) * over_rows(inside, window, means)
    out[1:] = doubles(np.sqrt(total))
    return out


class Stochastic(NamedTuple):
    stoch_k: Floats
    stoch_d: Floats


def stochastic_osc(high: Floats, low: Floats, close: Floats, k_period: int = 14, d_period: int = 3) -> Stochastic:
    """Lane (1984). %D is the mean of the last valid %K; where the range is 0 both are null."""
    highest = over_rows(high, k_period, lambda block: block.max(axis=1))
    lowest = over_rows(low, k_period, lambda block: block.min(axis=1))
    k = 100 * ratio(close - lowest, highest - lowest)
    return Stochastic(doubles(k), on_valid(k, lambda values: over_rows(values, d_period, means)))


def donchian(high: Floats, low: Floats, window: int = 20) -> tuple[Floats, Floats]:
    """Highest high and lowest low of the last `window` bars, the newest included."""
    return (
        doubles(over_rows(high, window, lambda block: block.max(axis=1))),
        doubles(over_rows(low, window, lambda block: block.min(axis=1))),
    )


def atr(high: Floats, low: Floats, close: Floats, period: int = 14) -> Floats:
    """Wilder (1978): true ranges from the second bar, their first mean, then (atr (n - 1) + tr) / n."""
    out = np.full(close.size, np.nan)
    h, l, c = (x.astype(np.longdouble) for x in (high, low, close))
    true_range = np.maximum(h[1:] - l[1:], np.maximum(abs(h[1:] - c[:-1]), abs(l[1:] - c[:-1])))
    value = NULL
    for bar, wide in enumerate(true_range, start=1):
        if bar == period:
            value = true_range[:period].mean()
        elif bar > period:
            value = (value * (period - 1) + wide) / period
        out[bar] = value
    return out


def corwin_schultz_spread(high: Floats, low: Floats, close: Floats | None = None) -> Floats:
    """Corwin and Schultz (2012) from each bar and the one before; negative values count as 0.

    With closes the second bar is moved by the gap over night; a pair that this takes to a price <= 0 has no value.
    """
    out = np.full(high.size, np.nan)
    root = 3 - 2 * np.sqrt(np.longdouble(2))
    for bar in range(1, high.size):
        h1, l1 = np.longdouble(high[bar - 1]), np.longdouble(low[bar - 1])
        h2, l2 = np.longdouble(high[bar]), np.longdouble(low[bar])
        if close is not None:
            shift = max(l2 - close[bar - 1], 0) + min(h2 - close[bar - 1], 0)
            h2, l2 = h2 - shift, l2 - shift
        if l2 <= 0:
            continue
        beta = np.log(h1 / l1) ** 2 + np.log(h2 / l2) ** 2
        gamma = np.log(max(h1, h2) / min(l1, l2)) ** 2
        a = (np.sqrt(2 * beta) - np.sqrt(beta)) / root - np.sqrt(gamma / root)
        out[bar] = max(np.longdouble(0), 2 * np.expm1(a) / (1 + np.exp(a)))
    return out
