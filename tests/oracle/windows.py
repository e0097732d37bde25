"""Series and windows of the oracle: which observations a value at a row may look at.

Written from the specification, not from the program. Everything is done the direct way: a window is the list of its
observations, taken afresh for every row, and arithmetic runs in extended precision (80-bit on x86), so that nothing
drifts and the oracle stands two to three digits above the double arithmetic that it judges.

Vocabulary. A *series* has one entry per row of one instrument, NaN = null. A row is *observed* when the series says
something new there; a *valid observation* is an observed row with a finite value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Longs = NDArray[np.longdouble]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Window = int | str
"""A number of rows, a duration such as '10s', or 'expanding'."""

EPS = np.longdouble(2.0) ** -52
NULL = np.longdouble("nan")
NANOS = {"ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9, "d": 86400 * 10**9}
BUCKETS = {"10s": 50, "60s": 60, "5m": 60, "15m": 60, "1h": 60, "24h": 288}
BLOCK_ROWS = 2048  # windows held in memory at once; 2048 x 100 x 16 bytes is 3 MB


def duration_ns(text: str) -> int:
    """Nanoseconds of '250ms', '10s', '5m', '1h', '3d'."""
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    unit = text[len(number) :]
    if unit not in NANOS or not number.isdigit() or int(number) == 0:
        raise ValueError(f"duration: expected a whole number and ms, s, m, h or d, was {text!r}")
    return int(number) * NANOS[unit]


def bucket_count(window_ns: int, buckets: int | None) -> int:
    """Buckets of a window; they must divide it in whole nanoseconds."""
    defaults = {duration_ns(text): count for text, count in BUCKETS.items()}
    count = defaults.get(window_ns, 60) if buckets is None else buckets
    if window_ns % count:
        raise ValueError(f"buckets: {count} do not divide {window_ns} ns")
    return count


def as_series(x: ArrayLike) -> Floats:
    """Double series in which every null, NaN and infinity is NaN."""
    series = np.array(x, dtype=np.float64)
    series[~np.isfinite(series)] = np.nan
    return series


def is_valid(x: Floats, observed: Mask | None = None) -> Mask:
    """Rows that carry a valid observation; without a mask every row is observed."""
    valid = np.isfinite(x)
    return valid if observed is None else valid & np.asarray(observed, dtype=bool)


def spread(values: ArrayLike, where: Mask) -> Floats:
    """Puts values of the valid observations back on their rows, null elsewhere."""
    out = np.full(where.shape, np.nan)
    out[where] = np.asarray(values, dtype=np.float64)
    return out


def repeat_last(x: Floats, observed: Mask) -> Floats:
    """Repeats the output of the last observed row on the rows that are not observed; null before the first one."""
    rows = np.where(observed, np.arange(x.size), -1)
    last = np.maximum.accumulate(rows) if x.size else rows
    return np.where(last >= 0, x[np.maximum(last, 0)], np.nan)


def doubles(x: ArrayLike) -> Floats:
    """Rounds an extended-precision result once, at the very end."""
    return np.asarray(x, dtype=np.float64)


def on_valid(x: ArrayLike, kernel: Callable[[Longs], ArrayLike]) -> Floats:
    """Applies a kernel to the valid observations alone; null rows get null and leave no trace."""
    series = as_series(x)
    valid = is_valid(series)
    return spread(kernel(series[valid].astype(np.longdouble)), valid)


def shifted(values: Longs, k: int) -> Longs:
    """Value k observations ago, null for the first k."""
    out = np.full(values.size, NULL)
    out[k:] = values[: max(values.size - k, 0)]
    return out


def ratio(numerator: Longs, denominator: Longs) -> Longs:
    """Quotient, null where the denominator is 0."""
    usable = denominator != 0
    return np.where(usable, numerator / np.where(usable, denominator, 1), NULL)


# --- Row windows ------------------------------------------------------------------------------------------------


def window_blocks(values: NDArray, window: int) -> Iterator[tuple[slice, NDArray]]:
    """All full windows over the values, as matrices of some windows x `window`, and which windows they are."""
    if values.size < window:
        return
    views = np.lib.stride_tricks.sliding_window_view(values, window)
    for start in range(0, len(views), BLOCK_ROWS):
        part = slice(start, min(start + BLOCK_ROWS, len(views)))
        yield part, views[part]


def over_rows(values: NDArray, window: int, statistic: Callable[[NDArray], ArrayLike]) -> Longs:
    """Statistic of the window ending at each value, null until it is full."""
    out = np.full(values.size, np.nan, dtype=np.longdouble)
    for part, block in window_blocks(values, window):
        out[part.start + window - 1 : part.stop + window - 1] = statistic(block)
    return out


# --- Event-time windows -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TimeRanges:
    """Event-time window of every row: the valid observations number `low` to `high` - 1.

    The ring of B buckets makes a window reach back to the start of a bucket, not to exactly W ago. Bucket numbers
    never fall along the rows (a late row counts in the newest bucket), hence a window is one range of observations.
    """

    values: Longs  # the valid observations
    low: Ints
    high: Ints
    is_answered: Mask  # warm, and not a row whose own observation is null
    buckets: Ints  # of the valid observations


def time_ranges(
    x: Floats, window: str, ts: ArrayLike, observed: Mask | None = None, buckets: int | None = None
) -> TimeRanges:
    """Windows of all rows. `ts` are the event times of all rows in ns, the first row of any kind included."""
    width_ns = duration_ns(window)
    count = bucket_count(width_ns, buckets)
    clock = np.maximum.accumulate(np.asarray(ts, dtype=np.int64))
    bucket = clock // (width_ns // count)
    seen = np.ones(x.size, dtype=bool) if observed is None else np.asarray(observed, dtype=bool)
    valid = is_valid(x, seen)
    high = np.cumsum(valid)
    low = np.searchsorted(bucket[valid], bucket - count + 1, side="left")
    is_warm = (bucket - bucket[:1] >= count) & (high > 0)
    return TimeRanges(x[valid].astype(np.longdouble), low, high, is_warm & ~(seen & ~valid), bucket[valid])


def over_ranges(
    values: Longs, low: Ints, high: Ints, where: Mask, statistic: Callable[[Longs], float | np.longdouble]
) -> Longs:
    """Statistic of values[low:high] on the rows `where`; equal ranges are evaluated once.

    Sums are differences of one running sum in extended precision: three digits better than asked for, and no window is
    added up again.
    """
    out = np.full(low.size, np.nan, dtype=np.longdouble)
    if statistic is np.sum:
        total = np.concatenate([[np.longdouble(0)], np.cumsum(values)])
        out[where] = (total[high] - total[low])[where]
        return out
    known: dict[tuple[int, int], float | np.longdouble] = {}
    for row in np.flatnonzero(where):
        key = (int(low[row]), int(high[row]))
        if key not in known:
            known[key] = statistic(values[key[0] : key[1]])
        out[row] = known[key]
    return out


# --- Moments ----------------------------------------------------------------------------------------------------


def means(block: Longs) -> Longs:
    """Mean of each row of a matrix, corrected once by the mean of what is left over."""
    rough = block.mean(axis=-1)
    return rough + (block - rough[..., None]).mean(axis=-1)


def squares(block: Longs) -> Longs:
    """Sum of squared deviations of each row of a matrix, exactly 0 below the rounding of the mean (law 9)."""
    mean = means(block)
    total = ((block - mean[..., None]) ** 2).sum(axis=-1)
    return zero_if_rounding(total, mean, block.shape[-1])


def zero_if_rounding(m2: Longs, mean: Longs, n: ArrayLike) -> Longs:
    """Law 9: a sum of squares is zero when M2 <= n (16 eps |mean|)^2."""
    return np.where(m2 <= np.asarray(n) * (16 * EPS * np.abs(mean)) ** 2, np.longdouble(0), m2)


@dataclass(frozen=True)
class Moments:
    """Count, mean and sum of squared deviations of the window at every row; n = 0 where there is no answer."""

    n: Ints
    mean: Longs
    m2: Longs

    def deviation(self, ddof: int) -> Longs:
        """Standard deviation; null where the count does not carry it."""
        return np.sqrt(self.variance(ddof))

    def variance(self, ddof: int) -> Longs:
        """Variance; null with fewer than two observations, whatever ddof is."""
        divisor = np.where(self.n >= 2, self.n - ddof, 1)
        return np.where(self.n >= 2, self.m2 / divisor, np.longdouble("nan"))


def row_moments(x: Floats, window: int, prior: bool = False) -> Moments:
    """Moments over the last `window` valid observations, or over those before the current one."""
    valid = is_valid(x)
    values = x[valid].astype(np.longdouble)
    mean, m2 = over_rows(values, window, means), over_rows(values, window, squares)
    if prior:
        mean, m2 = (np.concatenate([[np.longdouble("nan")], column[:-1]])[: values.size] for column in (mean, m2))
    on_rows = [np.full(x.size, np.nan, dtype=np.longdouble) for _ in range(2)]
    on_rows[0][valid], on_rows[1][valid] = mean, m2
    return Moments(np.where(np.isnan(on_rows[0]), 0, window), *on_rows)


def range_moments(ranges: TimeRanges, prior: bool = False) -> Moments:
    """Moments over event-time windows; `prior` leaves out the newest observation until the next one arrives."""
    high = ranges.high - 1 if prior else ranges.high
    n = np.where(ranges.is_answered, np.maximum(high - ranges.low, 0), 0)
    some = n > 0
    return Moments(
        n,
        over_ranges(ranges.values, ranges.low, high, some, means),
        over_ranges(ranges.values, ranges.low, high, some, squares),
    )
