"""Features over event-time windows: the expression given to the program, and the same by the oracle.

All windows are shorter than the recorded ticks, so that the windows fill and roll.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from oracle import naive
from oracle.features import node, traded
from oracle.rows import Columns
from oracle.windows import Floats


@dataclass(frozen=True)
class Feature:
    """One line of a feature file, its oracle, and the floor below which errors are not counted (conditioning.txt)."""

    expression: str
    oracle: Callable[[Columns], Floats]
    floor: str = "0"


def _clock(rows: Columns) -> dict[str, object]:
    return {"ts": rows["ts_event"], "observed": traded(rows)}


def _returns(rows: Columns) -> Floats:
    return node(naive.log_returns, traded(rows), rows["price"])


FEATURES = {
    "std_10s": Feature(
        "rolling_std(log_returns(price), window=10s)",
        lambda rows: naive.rolling_std(_returns(rows), window="10s", **_clock(rows)),
    ),
    "volume_60s": Feature(
        "rolling_sum(size, window=60s)",
        lambda rows: naive.rolling_sum(rows["size"], window="60s", **_clock(rows)),
    ),
    # 60 buckets, the default, do not divide 5 s in whole nanoseconds.
    "zscore_5s": Feature(
        "rolling_zscore(price, window=5s, buckets=50)",
        lambda rows: naive.rolling_zscore(rows["price"], window="5s", buckets=50, **_clock(rows)),
        floor="50",
    ),
    "bb_upper_10s": Feature(
        "bollinger_bands(price, window=10s).bb_upper",
        lambda rows: naive.bollinger_bands(rows["price"], window="10s", **_clock(rows)).bb_upper,
    ),
    "realized_var_10s": Feature(
        "realized_var(log_returns(price), window=10s)",
        lambda rows: naive.realized_var(_returns(rows), window="10s", **_clock(rows)),
    ),
    "bipower_var_10s": Feature(
        "bipower_var(log_returns(price), window=10s)",
        lambda rows: naive.bipower_var(_returns(rows), window="10s", **_clock(rows)),
    ),
    "mean_60s": Feature(
        "welford_mean_var(log_returns(price), window=60s).mean",
        lambda rows: naive.welford_mean_var(_returns(rows), window="60s", **_clock(rows)).mean,
        floor="1e-5*scale",
    ),
    "variance_60s": Feature(
        "welford_mean_var(log_returns(price), window=60s).variance",
        lambda rows: naive.welford_mean_var(_returns(rows), window="60s", **_clock(rows)).variance,
    ),
    "ret_10s": Feature(
        "log_returns(price, lag=10s)",
        lambda rows: naive.log_returns(rows["price"], lag="10s", **_clock(rows)),
    ),
    "price_lag_10s": Feature(
        "lag(price, k=10s)",
        lambda rows: naive.lag(rows["price"], k="10s", **_clock(rows)),
    ),
    "ewma_10s": Feature(
        "ewma(price, half_life=10s)",
        lambda rows: naive.ewma(rows["price"], half_life="10s", **_clock(rows)),
    ),
    "ema_5s": Feature(
        "ema(price, tau=5s)",
        lambda rows: naive.ema(rows["price"], tau="5s", **_clock(rows)),
    ),
}


def feature_file() -> str:
    """Text of a feature file with all of them."""
    lines = (f'{name} = "{feature.expression}"' for name, feature in FEATURES.items())
    return "[features]\n" + "\n".join(lines) + "\n"
