"""Kernels by their definitions: the second opinion on the program, slow and plain.

Row forms take a series of which every row is observed (NaN = null, policy skip) and give a series of the same length.
Event-time forms are chosen by a duration ('10s') and take `ts`, the event times of all rows in ns, and `observed`,
the rows on which the input says something new; they answer on every row. How kernels are put on the rows of a
canonical stream is the matter of features.py.
"""

from oracle.quotes import l1_imbalance, microprice, midprice, ofi, quoted_spread, trade_sign, vpin
from oracle.rolling import (
    autocorr,
    bipower_var,
    bollinger_bands,
    diff,
    historical_var,
    lag,
    log_returns,
    realized_var,
    rolling_kurt,
    rolling_skew,
    rolling_std,
    rolling_sum,
    rolling_zscore,
    welford_mean_var,
)
from oracle.smoothing import cusum, ema, ewma, macd, riskmetrics_vol, rsi

__all__ = [
    "autocorr",
    "bipower_var",
    "bollinger_bands",
    "cusum",
    "diff",
    "ema",
    "ewma",
    "historical_var",
    "l1_imbalance",
    "lag",
    "log_returns",
    "macd",
    "microprice",
    "midprice",
    "ofi",
    "quoted_spread",
    "realized_var",
    "riskmetrics_vol",
    "rolling_kurt",
    "rolling_skew",
    "rolling_std",
    "rolling_sum",
    "rolling_zscore",
    "rsi",
    "trade_sign",
    "vpin",
    "welford_mean_var",
]
