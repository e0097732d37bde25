"""Features of a whole table."""

from __future__ import annotations

import json
import os
from typing import Any

from millrace import _core
from millrace._series import fail
from millrace._tables import DEFAULT_PROFILE, Legs, Profile, Table, start, stream_of


class Features(Table):
    """Features, one row for each row of the table that could be used, in its order.

    The columns are ts_event, ts_recv, venue and symbol (where the table had them), seq, kind, price and the features; null
    where there is no value.
    """

    def __init__(self, table: _core.FeatureTable, stream: _core.Stream) -> None:
        self._table = table
        self._ledger = stream.ledger()
        self._about = stream.features()
        self.profile: str = stream.profile()
        self.fingerprint: str = stream.fingerprint()

    def __repr__(self) -> str:
        return f"<millrace.Features of {self.profile}: {len(self)} rows, {len(self.columns)} columns>"

    @property
    def ledger(self) -> dict[str, Any]:
        """What was noticed about the rows: `rows_read`, and `reasons` with counts, places and samples."""
        ledger: dict[str, Any] = json.loads(self._ledger)
        return ledger

    @property
    def expressions(self) -> dict[str, str]:
        """The expression behind each feature."""
        return {name: expression for name, expression, *_ in self._about}

    @property
    def units(self) -> dict[str, str]:
        return {name: unit for name, _, unit, *_ in self._about}

    @property
    def warmups(self) -> dict[str, str]:
        """When each feature has its first value."""
        return {name: warmup for name, _, _, warmup, *_ in self._about}

    @property
    def missing(self) -> dict[str, str]:
        """The features that are null throughout, such as those of a leg without an instrument, and why."""
        return {name: why for name, *_, why in self._about if why}


def all_cores() -> int:
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 64)


def checked_threads(threads: int | None) -> int:
    if threads is None:
        return all_cores()
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise fail("threads", "a whole number from 1, or None for all cores", repr(threads)[:60])
    return min(threads, 256)


def features(
    table: Any, profile: Profile = DEFAULT_PROFILE, *, legs: Legs | None = None, threads: int | None = None
) -> Features:
    """Computes a feature set over a table of ticks.

    table: anything with the Arrow PyCapsule protocol (pyarrow, Polars, pandas, DuckDB), or the path of a Parquet or CSV
      file or folder, which pyarrow then streams. Columns are found by their canonical names or the predecessor's; only
      `ts_event` is needed (int64 nanoseconds, or timestamps of any unit). Without `venue` and `symbol` all rows are of one
      instrument; without `kind` rows are trades, quotes or both, as their columns say. Rows are checked as the command line
      checks them: see `.ledger`.
    profile: the name of a profile (see `profile_names()`), a feature file (.toml), or expressions
      by name: `{"z": "rolling_zscore(price, window=100)"}`, also `{"let": {…}, "features": {…}}`. A profile gives null
      where a column is missing; a column that the caller's own expressions need has to be there.
    legs: which instruments the legs of a feature set are, by name: `{"btc": "coinbase:BTC-USD"}`. What a leg without an
      instrument would give is null, see `.missing`. Expressions of the caller's own name the legs that are given here.
    threads: cores to use, all by default; they change no bit.
    """
    stream, is_own = start(profile, checked_threads(threads), legs)
    return Features(stream.update_batch(stream_of(table), is_own), stream)
