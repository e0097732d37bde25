"""The 36 columns of listed-36 for one instrument: the kernels of naive.py put on the rows of a canonical stream.

Observation rules (kernels.md 1): a node with a trade input moves on rows of kind trade and ticker, any other on quote
and ticker rows, and repeats its last output, a null included, on the rows between. A bare source column passes
through on every row. Rows of kind 3, 4 and 5 observe nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike

from oracle import naive
from oracle.windows import Floats, Mask, as_series, repeat_last, spread

QUOTE, TRADE, TICKER = 0, 1, 2
Columns = Mapping[str, ArrayLike]

LISTED_36 = (
    "log_return",
    "price_diff1",
    "log_return_lag1",
    "ewma",
    "zscore",
    "midprice",
    "microprice",
    "quoted_spread",
    "best_bid_qty",
    "best_ask_qty",
    "l1_imbalance",
    "ofi",
    "vpin",
    "realized_var",
    "bipower_var",
    "riskmetrics_vol",
    "log_return_std20",
    "ema_fast",
    "ema_slow",
    "ema",
    "macd",
    "macd_signal",
    "macd_hist",
    "rsi",
    "bb_mid",
    "bb_upper",
    "bb_lower",
    "log_return_autocorr5",
    "mean",
    "variance",
    "log_return_skew100",
    "log_return_kurt100",
    "pnl",
    "cusum_stat",
    "cusum_alarm",
    "var",
)


def traded(rows: Columns) -> Mask:
    """Rows that observe price, size and side."""
    return np.isin(np.asarray(rows["kind"]), (TRADE, TICKER))


def quoted(rows: Columns) -> Mask:
    """Rows that observe bid, ask and their sizes."""
    return np.isin(np.asarray(rows["kind"]), (QUOTE, TICKER))


def node(kernel: Callable[..., Floats], observed: Mask, *inputs: ArrayLike, **parameters: object) -> Floats:
    """Runs a row kernel over the observed rows alone and repeats its output on the others."""
    at_observed = kernel(*(as_series(x)[observed] for x in inputs), **parameters)
    return repeat_last(spread(at_observed, observed), observed)


def nodes(
    kernel: Callable[..., tuple], observed: Mask, *inputs: ArrayLike, **parameters: object
) -> dict[str, Floats]:
    """As `node` for a kernel of several outputs, by their names."""
    at_observed = kernel(*(as_series(x)[observed] for x in inputs), **parameters)
    columns = zip(at_observed._fields, at_observed, strict=True)
    return {name: repeat_last(spread(column, observed), observed) for name, column in columns}


def listed_36(rows: Columns) -> dict[str, Floats]:
    """All columns of the profile in its order, one value per row of the instrument, null as NaN."""
    columns = {**_price(rows), **_quotes(rows)}
    columns["vpin"] = _vpin(rows)
    columns.update(_momentum(rows))
    columns.update(_returns(columns["log_return"], traded(rows)))
    return {name: columns[name] for name in LISTED_36}


def _price(rows: Columns) -> dict[str, Floats]:
    on, price = traded(rows), rows["price"]
    log_return = node(naive.log_returns, on, price)
    return {
        "log_return": log_return,
        "price_diff1": node(naive.diff, on, price, k=1),
        "log_return_lag1": node(naive.lag, on, log_return, k=1),
        "ewma": node(naive.ewma, on, price, lambda_=0.94),
        "zscore": node(naive.rolling_zscore, on, price, window=100),
    }


def _quotes(rows: Columns) -> dict[str, Floats]:
    on = quoted(rows)
    quote = (rows["bid"], rows["ask"])
    sizes = (rows["bid_size"], rows["ask_size"])
    return {
        "midprice": node(naive.midprice, on, *quote),
        "microprice": node(naive.microprice, on, *quote, *sizes),
        "quoted_spread": node(naive.quoted_spread, on, *quote),
        "best_bid_qty": as_series(rows["bid_size"]),
        "best_ask_qty": as_series(rows["ask_size"]),
        "l1_imbalance": node(naive.l1_imbalance, on, *sizes),
        "ofi": node(naive.ofi, on, *quote, *sizes),
    }


def _vpin(rows: Columns) -> Floats:
    on = traded(rows)
    sign = naive.trade_sign(rows["price"], rows["bid"], rows["ask"], rows["side"], observed=on)
    return node(naive.vpin, on, rows["size"], sign, rows["price"], rows["vol_24h"])


def _momentum(rows: Columns) -> dict[str, Floats]:
    on, price = traded(rows), rows["price"]
    return {
        "ema_fast": node(naive.ema, on, price, span=12),
        "ema_slow": node(naive.ema, on, price, span=26),
        "ema": node(naive.ema, on, price, alpha=0.1),
        **nodes(naive.macd, on, price, fast=12, slow=26, signal=9),
        "rsi": node(naive.rsi, on, price, period=14),
        **nodes(naive.bollinger_bands, on, price, window=20, k=2),
    }


def _returns(log_return: Floats, on: Mask) -> dict[str, Floats]:
    return {
        "realized_var": node(naive.realized_var, on, log_return, window=20),
        "bipower_var": node(naive.bipower_var, on, log_return, window=20),
        "riskmetrics_vol": node(naive.riskmetrics_vol, on, log_return, lambda_=0.94),
        "log_return_std20": node(naive.rolling_std, on, log_return, window=20),
        "log_return_autocorr5": node(naive.autocorr, on, log_return, lag=5, window=100),
        **nodes(naive.welford_mean_var, on, log_return, window="expanding"),
        "log_return_skew100": node(naive.rolling_skew, on, log_return, window=100),
        "log_return_kurt100": node(naive.rolling_kurt, on, log_return, window=100),
        "pnl": node(naive.rolling_sum, on, log_return, window="expanding"),
        **nodes(naive.cusum, on, log_return, k=0.5, h=5, half_life=500),
        "var": node(naive.historical_var, on, log_return, alpha=0.05, window=100),
    }
