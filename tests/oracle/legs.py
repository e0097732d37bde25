"""Values of several instruments, from the specification's text, on rows that lie in order of time."""

from __future__ import annotations

from bisect import insort

import numpy as np
import pandas as pd

from oracle.windows import Floats

SECOND = 1_000_000_000
QUOTE_KINDS, TRADE_KINDS = (0, 2), (1, 2)
Table = pd.DataFrame  # one row a tick: name, t (ns), kind, price, bid, ask, …; its index is the place in the log


def of(rows: Table, name: str) -> Table:
    return rows[rows["name"] == name]


def observed(rows: Table, value: str, kinds: tuple[int, ...]) -> pd.Series:
    """Values on the rows of these kinds, by place in the log."""
    return rows.loc[rows["kind"].isin(kinds), value]


def shown(values: pd.Series, places: np.ndarray) -> Floats:
    """The newest of `values` at or before each place, null before the first: what a column repeats."""
    at = np.searchsorted(values.index.to_numpy(), places, side="right") - 1
    return np.where(at < 0, np.nan, values.to_numpy(dtype=float)[np.maximum(at, 0)] if len(values) else np.nan)


def clock(rows: Table, names: list[str]) -> pd.Series:
    """Greatest time so far of these instruments, by place in the log: late rows count there."""
    return rows.loc[rows["name"].isin(names), "t"].cummax()


def as_of(rows: Table, values: pd.Series, places: np.ndarray, tolerance: int) -> Floats:
    """Backward as-of in the order of the log: of the values before a row in it, the newest at or before its time, of
    the 17 newest by time; null where that is older than the tolerance."""
    t = rows["t"].to_numpy()
    kept: list[tuple[int, int, float]] = []
    waiting = list(zip(values.index, values, strict=True))[::-1]
    out = np.full(len(places), np.nan)
    for i, place in enumerate(places):
        while waiting and waiting[-1][0] <= place:
            at, value = waiting.pop()
            insort(kept, (t[at], at, value))
            del kept[:-17]
        older = [one for one in kept if one[0] <= t[place]]
        if older and t[place] - older[-1][0] <= tolerance:
            out[i] = older[-1][2]
    return out


def grid(rows: Table, legs: dict[str, pd.Series], every: int) -> tuple[np.ndarray, dict[str, Floats]]:
    """Multiples of `every` from the latest first row of the legs on, and each leg's last valid value at or before."""
    now = clock(rows, list(legs))
    first = max(of(rows, name)["t"].iloc[0] for name in legs)
    times = np.arange(-(-first // every), now.iloc[-1] // every + 1) * every
    samples = {}
    for name, values in legs.items():
        right = pd.DataFrame({"t": now[values.index], "value": values}).dropna()
        samples[name] = pd.merge_asof(pd.DataFrame({"t": times}), right, on="t")["value"].to_numpy()
    return times, samples


def on_rows(times: np.ndarray, values: np.ndarray, t: np.ndarray) -> Floats:
    """A multiple is taken on the first row later than it."""
    at = np.searchsorted(times, t, side="left") - 1
    return np.where(at < 0, np.nan, values[np.maximum(at, 0)])


def beta(y: Floats, x: Floats, window: int) -> Floats:
    """Slope of log returns of y on those of x, over `window` pairs."""
    pairs = pd.DataFrame({"y": np.diff(np.log(y), prepend=np.nan), "x": np.diff(np.log(x), prepend=np.nan)})
    valid = pairs.dropna()
    slope = valid["y"].rolling(window).cov(valid["x"]) / valid["x"].rolling(window).var()
    return slope.reindex(pairs.index).to_numpy()


def kalman_z(y: Floats, x: Floats, q: float, r: float) -> Floats:
    theta, p = np.array([1.0, 0.0]), np.eye(2)
    z = []
    for one, other in zip(y, x, strict=True):
        f = np.array([other, 1.0])
        prior = p + q * np.eye(2)
        variance = f @ prior @ f + r
        error = one - f @ theta
        gain = prior @ f / variance
        theta = theta + gain * error
        p = prior - np.outer(gain, f @ prior)
        z.append(error / np.sqrt(variance))
    return np.array(z)


def hayashi_yoshida(ends: list[np.ndarray], returns: list[Floats], firsts: list[int], now: int, window: int) -> float:
    """Correlation by the double sum over all pairs of intervals, buckets of a sixtieth of the window."""
    width = window // 60
    if now // width - max(firsts) // width < 60:
        return np.nan
    begins = [np.concatenate([[first], end[:-1]]) for first, end in zip(firsts, ends, strict=True)]
    recent = [(end <= now) & (end // width > now // width - 60) for end in ends]
    squares = [np.sum(r[keep] ** 2) for r, keep in zip(returns, recent, strict=True)]
    overlap = (begins[0][:, None] < ends[1]) & (begins[1] < ends[0][:, None])
    later = np.maximum(ends[0][:, None], ends[1])
    overlap &= (later <= now) & (later // width > now // width - 60)
    return float(returns[0] @ overlap @ returns[1] / np.sqrt(squares[0] * squares[1]))


def lead(a: Floats, b: Floats, most: int) -> float:
    """The shift at which the returns correlate most; null below two standard errors."""
    n = len(a)
    a, b = (a - a.mean()) / a.std(), (b - b.mean()) / b.std()
    rho = {k: float(a[max(0, -k) : n - max(0, k)] @ b[max(0, k) : n - max(0, -k)]) / n for k in range(-most, most + 1)}
    best = min(rho, key=lambda k: (-abs(rho[k]), abs(k), -k))
    return best if abs(rho[best]) >= 2 / np.sqrt(n) else np.nan


def ranks(rows: Table, values: Floats, max_age: int) -> Floats:
    """Average rank among the last valid values that are fresh."""
    last: dict[str, tuple[int, float]] = {}
    out = np.full(len(rows), np.nan)
    now = rows["t"].cummax()
    for place, (name, t, x) in enumerate(zip(rows["name"], now, values, strict=True)):
        if np.isnan(x):
            continue
        last[name] = (t, x)
        fresh = np.array([value for time, value in last.values() if t - time <= max_age])
        if len(fresh) >= 2:
            out[place] = (np.sum(fresh < x) + 0.5 * (np.sum(fresh == x) - 1)) / (len(fresh) - 1)
    return out


def shares(rows: Table, values: Floats) -> Floats:
    """Share of each instrument in the sum of the last valid values; all of one quote asset."""
    last: dict[str, float] = {}
    out = np.full(len(rows), np.nan)
    for place, (name, x) in enumerate(zip(rows["name"], values, strict=True)):
        last[name] = x if not np.isnan(x) else last.get(name, np.nan)
        if not np.isnan(x):
            out[place] = x / sum(last.values())
    return out
