"""Tables of other libraries as Arrow streams, and feature sets in the ways that a caller may write them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from millrace import _core
from millrace._core import Error, InvalidInput
from millrace._series import fail

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

DEFAULT_PROFILE = "default-100"
Profile = str | os.PathLike[str] | Mapping[str, Any]
Legs = Mapping[str, str]


class Table:
    """A table in memory that any library that speaks Arrow takes: `polars.DataFrame(t)`, `pyarrow.table(t)`,
    `pandas.DataFrame.from_arrow(t)`, `duckdb.sql("from t")`. It can be read as often as wanted.
    """

    _table: _core.FeatureTable | _core.JoinedTable

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.stream()

    def __arrow_c_schema__(self) -> object:
        return self._table.schema()

    def __len__(self) -> int:
        return self._table.rows()

    @property
    def columns(self) -> list[str]:
        """Names of all columns."""
        return self._table.columns()

    def to_arrow(self) -> pyarrow.Table:
        table: pyarrow.Table = pyarrow_for("to_arrow() goes").table(self)
        return table

    def to_pandas(self) -> pandas.DataFrame:
        frame: pandas.DataFrame = self.to_arrow().to_pandas()
        return frame

    def to_polars(self) -> polars.DataFrame:
        import polars

        return polars.DataFrame(self)


def stream_of(table: Any, where: str = "table") -> object:
    """The table's PyCapsule with an Arrow stream. A path is read through pyarrow, a piece at a time."""
    if isinstance(table, (str, os.PathLike)):
        return reader_of(Path(table)).__arrow_c_stream__()
    if hasattr(table, "__arrow_c_stream__"):
        capsule = table.__arrow_c_stream__()
    elif hasattr(table, "__arrow_c_array__"):
        capsule = stream_of_batch(table)
    else:
        raise fail(
            where,
            "a table with the Arrow PyCapsule protocol (pyarrow, Polars, pandas, DuckDB) or a path",
            f"{type(table).__module__}.{type(table).__name__}",
        )
    if type(capsule).__name__ != "PyCapsule":
        raise fail(where, "a capsule from __arrow_c_stream__", type(capsule).__name__)
    return capsule


def stream_of_batch(batch: Any) -> object:
    pyarrow = pyarrow_for("a single record batch is read")
    return pyarrow.Table.from_batches([pyarrow.record_batch(batch)]).__arrow_c_stream__()


def reader_of(path: Path) -> Any:
    pyarrow_for("a path is read")
    import pyarrow
    import pyarrow.dataset

    if not path.exists():
        raise fail(f"{path}", "a file or a folder", "neither")
    kind = "csv" if path.suffix == ".csv" else "parquet"
    try:
        dataset = pyarrow.dataset.dataset(path, format=kind, partitioning="hive")
        return dataset.scanner(batch_readahead=2, fragment_readahead=1).to_reader()
    except (pyarrow.ArrowInvalid, OSError) as problem:
        raise InvalidInput(f"{path}: {problem}") from None


def pyarrow_for(what: str) -> Any:
    try:
        import pyarrow
    except ImportError:
        raise Error(f"{what} through pyarrow, which is not installed; pip install pyarrow") from None
    return pyarrow


def start(profile: Profile, threads: int, legs: Legs | None = None) -> tuple[_core.Stream, bool]:
    """A stream of a profile's name, a feature file (.toml) or expressions by name; and whether the caller wrote them."""
    given = legs_of(legs)
    if isinstance(profile, os.PathLike) or (isinstance(profile, str) and profile.endswith(".toml")):
        return _core.Stream.of_file(os.fspath(profile), threads, given), False
    if isinstance(profile, str):
        return _core.Stream.of_profile(profile, threads, given), False
    if isinstance(profile, Mapping):
        lets, features = definitions_of(profile)
        return _core.Stream.of_definitions("expressions", lets, features, threads, given), True
    raise fail("profile", "the name of a profile, a .toml file or {name: expression}", type(profile).__name__)


def legs_of(legs: Legs | None) -> list[tuple[str, str]]:
    if legs is None:
        return []
    if not isinstance(legs, Mapping) or not all(isinstance(one, str) for pair in legs.items() for one in pair):
        raise fail("legs", "names and instruments as texts, such as {'btc': 'coinbase:BTC-USD'}", repr(legs)[:60])
    return list(legs.items())


Definition = tuple[str, str, str, str]


def definitions_of(profile: Mapping[str, Any]) -> tuple[list[Definition], list[Definition]]:
    """{name: expression}, or {"let": {…}, "features": {…}} as in a feature file."""
    if set(profile) <= {"let", "features"} and any(isinstance(value, Mapping) for value in profile.values()):
        return read_definitions(profile.get("let", {})), read_definitions(profile.get("features", {}))
    return [], read_definitions(profile)


def read_definitions(given: Any) -> list[Definition]:
    if not isinstance(given, Mapping):
        raise fail("profile", "{name: expression}", type(given).__name__)
    definitions = []
    for name, value in given.items():
        if not isinstance(name, str):
            raise fail("profile", "names of features as texts", type(name).__name__)
        more = value if isinstance(value, Mapping) else {"expression": value}
        unknown = set(more) - {"expression", "unit", "warmup"}
        if unknown:
            raise fail(f"profile: `{name}`", "expression, unit and warmup", ", ".join(sorted(map(str, unknown))))
        texts = [more.get(key, "") for key in ("expression", "unit", "warmup")]
        if not all(isinstance(text, str) for text in texts) or not texts[0]:
            raise fail(f"profile: `{name}`", "an expression as a text", repr(value)[:60])
        definitions.append((name, texts[0], texts[1], texts[2]))
    return definitions
