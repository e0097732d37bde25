"""Features over crypto market data: the kernels, profiles and bits of the program `millrace`.

- `millrace.kernels.rsi(prices, period=14)`: every kernel as a function over arrays and series.
- `millrace.functions.risk_parity_weights(cov)`: every kernel that is a function of vectors and matrices.
- `millrace.features(table, profile=...)`: a feature set over a table of ticks, of any library that speaks Arrow.
- `millrace.Stream(profile)`: the same one tick at a time, with snapshots.
- `millrace.asof(trades, quotes, by="symbol")`: to each row the row of another table that was valid at its time.

What goes wrong is a `millrace.Error`; where a value of the caller's is wrong, a `millrace.InvalidInput`, which is also a
`ValueError`. Times are nanoseconds since 1970 in UTC.
"""

from millrace import functions, kernels
from millrace._asof import Joined, asof
from millrace._core import Error, InvalidInput, build_id, profile_names
from millrace._features import Features, features
from millrace._stream import Stream

__version__ = "0.1.0"
__all__ = [
    "Error",
    "Features",
    "InvalidInput",
    "Joined",
    "Stream",
    "asof",
    "build_id",
    "features",
    "functions",
    "kernels",
    "profile_names",
]
