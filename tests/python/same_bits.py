"""Equality of tables and arrays to the last bit."""

from __future__ import annotations

import numpy as np
import pyarrow as pa


def plain(column: pa.ChunkedArray) -> pa.Array:
    column = column.combine_chunks()
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def assert_same_column(one: pa.ChunkedArray, other: pa.ChunkedArray, name: str) -> None:
    if pa.types.is_dictionary(one.type) or pa.types.is_dictionary(other.type):
        assert one.to_pylist() == other.to_pylist(), name
        return
    assert one.type == other.type, name
    a, b = plain(one), plain(other)
    if pa.types.is_string(a.type) or pa.types.is_large_string(a.type):
        assert a.equals(b), name
        return
    assert a.is_null().equals(b.is_null()), f"{name}: nulls are in other rows"
    assert a.drop_null().to_numpy(False).tobytes() == b.drop_null().to_numpy(False).tobytes(), name


def assert_same_table(one: pa.Table, other: pa.Table) -> None:
    assert one.column_names == other.column_names
    assert one.num_rows == other.num_rows
    for name in one.column_names:
        assert_same_column(one[name], other[name], name)


def assert_same_array(one: np.ndarray, other: np.ndarray, name: str) -> None:
    """NaNs are equal whatever their bits."""
    assert one.shape == other.shape, name
    nan = np.isnan(one)
    assert np.array_equal(nan, np.isnan(other)), f"{name}: NaNs are in other rows"
    assert one[~nan].tobytes() == other[~nan].tobytes(), name
