"""Kernels of best quotes and trades."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import ArrayLike

from oracle.windows import EPS, NULL, Floats, Mask, as_series, doubles, ratio, repeat_last, spread


def midprice(bid: ArrayLike, ask: ArrayLike) -> Floats:
    """(bid + ask) / 2; null when one-sided, not positive or crossed. A locked book has a middle."""
    b, a = (as_series(side).astype(np.longdouble) for side in (bid, ask))
    return doubles(np.where((b > 0) & (a > 0) & (b <= a), (b + a) / 2, NULL))


def microprice(bid: ArrayLike, ask: ArrayLike, bid_size: ArrayLike, ask_size: ArrayLike) -> Floats:
    """Bid weighted by the ask size and ask by the bid size; null when both sizes are 0."""
    b, a, qb, qa = (as_series(side).astype(np.longdouble) for side in (bid, ask, bid_size, ask_size))
    return doubles(ratio(b * qa + a * qb, qb + qa))


def quoted_spread(bid: ArrayLike, ask: ArrayLike, unit: str = "price") -> Floats:
    """ask - bid as written, negative on a crossed book; or in bps of the middle."""
    b, a = (as_series(side).astype(np.longdouble) for side in (bid, ask))
    return doubles(a - b if unit == "price" else ratio(10_000 * (a - b), (b + a) / 2))


def l1_imbalance(bid_size: ArrayLike, ask_size: ArrayLike) -> Floats:
    """(b - a) / (b + a); null when both are 0."""
    b, a = (as_series(side).astype(np.longdouble) for side in (bid_size, ask_size))
    return doubles(ratio(b - a, b + a))


def ofi(bid: ArrayLike, ask: ArrayLike, bid_size: ArrayLike, ask_size: ArrayLike) -> Floats:
    """Order flow imbalance of one quote change (Cont, Kukanov and Stoikov 2014); the first quote gives null."""
    columns = [as_series(side) for side in (bid, ask, bid_size, ask_size)]
    valid = np.logical_and.reduce([np.isfinite(column) for column in columns])
    b, a, qb, qa = (column[valid].astype(np.longdouble) for column in columns)
    out = np.full(b.size, NULL)
    bought = qb[1:] * (b[1:] >= b[:-1]) - qb[:-1] * (b[1:] <= b[:-1])
    sold = qa[1:] * (a[1:] <= a[:-1]) - qa[:-1] * (a[1:] >= a[:-1])
    out[1:] = bought - sold
    return spread(out, valid)


def trade_sign(
    price: ArrayLike,
    bid: ArrayLike,
    ask: ArrayLike,
    side: ArrayLike | None = None,
    observed: Mask | None = None,
    quote: str = "previous",
) -> Floats:
    """Aggressor side: the venue's own, else price against the middle before the trade (Lee and Ready 1991).

    Takes all rows of the instrument: the quote before the trade is the one on the previous row of any kind. At the
    middle the sign is that of the last non-zero price change, the present one included. Prices of rows signed by the
    venue, or without a middle, are remembered too. A row without side and middle gives null.
    """
    p, b, a = as_series(price), as_series(bid), as_series(ask)
    s = np.full(p.size, np.nan) if side is None else as_series(side)
    seen = np.ones(p.size, dtype=bool) if observed is None else np.asarray(observed, dtype=bool)
    if quote == "previous":
        b, a = (np.concatenate([[np.nan], column[:-1]])[: p.size] for column in (b, a))
    has_middle = np.isfinite(midprice(b, a))
    out = np.full(p.size, np.nan)
    last_price, last_change = np.nan, np.nan
    for row in np.flatnonzero(seen & np.isfinite(p)):
        if np.isfinite(last_price) and p[row] != last_price:
            last_change = 1.0 if p[row] > last_price else -1.0
        last_price = p[row]
        if np.isfinite(s[row]):
            out[row] = s[row]
        elif has_middle[row]:
            out[row] = _sign_by_quote(p[row], b[row], a[row], last_change)
    return repeat_last(out, seen)


def _sign_by_quote(price: float, bid: float, ask: float, last_change: float) -> float:
    above = 2 * np.longdouble(price) - bid - ask
    if abs(above) <= 4 * EPS * (np.longdouble(bid) + ask):
        return last_change
    return 1.0 if above > 0 else -1.0


def vpin(
    size: ArrayLike,
    sign: ArrayLike,
    price: ArrayLike | None = None,
    vol_24h: ArrayLike | None = None,
    bucket_volume: float | str = "auto",
    buckets: int = 50,
) -> Floats:
    """Mean absolute imbalance of the last full equal-volume buckets (Easley, Lopez de Prado and O'Hara 2012).

    A trade larger than the room left is split over buckets. With `auto` a bucket holds vol_24h / 50 as known on the
    row whose volume opens it; where that is null or not positive the volume that would have opened it is dropped,
    and the row still shows the value of the full buckets (volume that fits in an open bucket counts as usual).
    """
    sizes, signs = as_series(size), as_series(sign)
    prices = np.ones(sizes.size) if price is None else as_series(price)
    limits = as_series(vol_24h) / 50 if bucket_volume == "auto" else np.full(sizes.size, float(bucket_volume))
    out = np.full(sizes.size, np.nan)
    full: deque[tuple[np.longdouble, np.longdouble]] = deque(maxlen=buckets)  # signed and total volume
    value = NULL
    limit = signed = filled = np.longdouble(0)  # of the open bucket; limit 0 = none is open
    for row in np.flatnonzero(np.isfinite(sizes) & np.isfinite(signs) & np.isfinite(prices)):
        rest = np.longdouble(sizes[row])
        while rest > 0:
            if limit == 0:
                if not limits[row] > 0:
                    break
                limit = np.longdouble(limits[row])
            part = min(rest, limit - filled)
            rest, filled, signed = rest - part, filled + part, signed + part * signs[row]
            if limit - filled <= 1e-12 * limit:
                full.append((signed, filled))
                limit = signed = filled = np.longdouble(0)
                if len(full) == buckets:
                    value = sum(abs(imbalance) for imbalance, _ in full) / sum(total for _, total in full)
        out[row] = value
    return out
