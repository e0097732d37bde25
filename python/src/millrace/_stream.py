"""Features one tick at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from millrace import _core
from millrace._core import InvalidInput
from millrace._features import Features, checked_threads
from millrace._series import fail, nanoseconds
from millrace._tables import DEFAULT_PROFILE, Legs, Profile, start, stream_of

TIMES = ("ts_event", "ts_recv", "next_funding_ns")


class Stream:
    """A feature set at work: rows go in one at a time or as tables, in any mixture, with the bits of one table.

    profile, legs: as for `millrace.features`.
    """

    def __init__(self, profile: Profile = DEFAULT_PROFILE, *, legs: Legs | None = None, threads: int = 1) -> None:
        self._core, self._is_own = start(profile, checked_threads(threads), legs)

    def update(self, row: Mapping[str, Any] | None = None, /, **columns: Any) -> dict[str, float | int | None] | None:
        """The features after one tick, by name; None where the row cannot be used, which `ledger` then tells.

        The row is a mapping or keywords of canonical column names. Times are nanoseconds or datetimes. A value that is left
        out or None is carried forward as in files.
        """
        if row is not None and not isinstance(row, Mapping):
            raise fail("row", "a mapping of column names to values", type(row).__name__)
        values = columns if row is None else {**row, **columns}
        for name in TIMES:
            value = values.get(name)
            if value is not None and type(value) is not int:
                values[name] = nanoseconds(value, f"row: `{name}`")
        return self._core.update(values)

    def update_batch(self, table: Any) -> Features:
        """The features of a table's rows, as `millrace.features` gives them, after all rows that came before."""
        return Features(self._core.update_batch(stream_of(table), self._is_own), self._core)

    def snapshot(self) -> bytes:
        """The feature set and all state. A stream restored from it goes on with the bits of this one."""
        return self._core.snapshot()

    @classmethod
    def restore(
        cls, snapshot: bytes, profile: Profile | None = None, *, legs: Legs | None = None, threads: int = 1
    ) -> Stream:
        """Goes on where a snapshot was taken; the ledger starts anew.

        A damaged snapshot is refused, and so is one of other kernel versions or, where `profile` is given, of another
        feature set or other legs.
        """
        if not isinstance(snapshot, (bytes, bytearray, memoryview)):
            raise fail("snapshot", "bytes", type(snapshot).__name__)
        stream = cls.__new__(cls)
        stream._core = _core.Stream.restore(bytes(snapshot), checked_threads(threads))
        stream._is_own = stream._core.profile() == "expressions"
        if profile is not None and start(profile, 1, legs)[0].fingerprint() != stream._core.fingerprint():
            raise InvalidInput(f"snapshot: made by another feature set ({stream._core.profile()})")
        return stream

    @property
    def profile(self) -> str:
        return self._core.profile()

    @property
    def features(self) -> list[str]:
        """Names of the features."""
        return [name for name, *_ in self._core.features()]

    @property
    def fingerprint(self) -> str:
        """Of everything that decides the bits."""
        return self._core.fingerprint()

    @property
    def ledger(self) -> dict[str, Any]:
        """What was noticed about the rows so far."""
        ledger: dict[str, Any] = json.loads(self._core.ledger())
        return ledger

    def __repr__(self) -> str:
        return f"<millrace.Stream of {self.profile}: {len(self.features)} features>"
