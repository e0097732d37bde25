"""Features over crypto market data: the kernels, profiles and bits of the program `millrace`.

- `millrace.kernels.rsi(prices, period=14)`: every kernel as a function over arrays and series.
- `millrace.features(table, profile=...)`: a feature set over a table of ticks, of any library that speaks Arrow.
- `millrace.Stream(profile)`: the same one tick at a time, with snapshots.

What goes wrong is a `millrace.Error`; where a value of the caller's is wrong, a `millrace.InvalidInput`, which is also a
`ValueError`. Times are nanoseconds since 1970 in UTC.
"""

from millrace import kernels
from millrace._core import Error, InvalidInput, build_id, profile_names
from millrace._features import Features, features
from millrace._stream import Stream

__version__ = "0.1.0"
__all__ = ["Error", "Features", "InvalidInput", "Stream", "build_id", "features", "kernels", "profile_names"]
