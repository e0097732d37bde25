"""Joins of two tables by time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from millrace import _core
from millrace._series import fail, parameter_text
from millrace._tables import Table, stream_of


class Joined(Table):
    """The left table with, beside each of its rows, the right row that its time asks for; null where there is none.

    The columns are those of the left, those of the right with the prefix but neither its keys nor its time, then the right
    time as prefix + `ts` and the age of the match in nanoseconds. The rows are the left ones in their order.
    """

    def __init__(self, table: _core.JoinedTable) -> None:
        self._table = table

    @property
    def matched(self) -> int:
        """How many rows have a match."""
        return self._table.matched()

    def __repr__(self) -> str:
        return f"<millrace.Joined: {len(self)} rows, {self.matched} matched, {len(self.columns)} columns>"


def _texts(value: Any, where: str) -> list[str]:
    names = [] if value is None else [value] if isinstance(value, str) else list(value)
    if not all(isinstance(one, str) for one in names):
        raise fail(where, "names of columns as texts", names)
    return names


def asof(
    left: Any,
    right: Any,
    on: str = "ts_event",
    by: str | Sequence[str] | None = None,
    direction: str = "backward",
    strict: bool = False,
    tolerance: str | timedelta | int | None = "1000ms",
    prefix: str = "right_",
    seq: str | None = None,
    *,
    right_on: str | None = None,
    age: str = "age_ns",
    unit: str = "ns",
) -> Joined:
    """Joins two tables by time: to each left row the right row that was valid, as `millrace asof` does with files.

    left, right: anything with the Arrow PyCapsule protocol (pyarrow, Polars, pandas, DuckDB, millrace.Features), or the path
      of a Parquet or CSV file or folder. Rows may come in any order; sorted ones are fast.
    on: the column of times, timestamps of any unit or integers of `unit`; `right_on`, where the right one has another name.
    by: columns that have to be equal: integers or texts, plain or in dictionaries. A null matches nothing.
    direction: backward uses nothing of the future; forward and nearest do. `strict`: rows of equal time do not match.
    tolerance: the greatest distance of a match, inclusive: "500ms", a timedelta, nanoseconds, 0, or None for any.
    seq: the right column that orders rows of equal time; `seq` where the right table has it.
    """
    for where, value in (("on", on), ("prefix", prefix), ("age", age), ("unit", unit), ("direction", direction)):
        if not isinstance(value, str):
            raise fail(where, "a text", type(value).__name__)
    text = "none" if tolerance is None else parameter_text(tolerance, "tolerance")
    if isinstance(tolerance, int) and not isinstance(tolerance, bool):
        text = f"{tolerance}ns"
    return Joined(
        _core.asof(
            _core.read_table(stream_of(left, "left"), "left"),  # before the right one is opened
            _core.read_table(stream_of(right, "right"), "right"),
            on=on,
            right_on=right_on or "",
            by=_texts(by, "by"),
            seq=seq or "",
            prefix=prefix,
            age=age,
            unit=unit,
            direction=direction,
            is_strict=bool(strict),
            tolerance=text,
        )
    )
