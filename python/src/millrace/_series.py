"""Columns of NumPy, pandas, Polars and Arrow as the arrays that the C++ part reads, and back."""

from __future__ import annotations

import datetime
import numbers
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from millrace._core import InvalidInput

EXACT = 2**53  # the largest whole number that a double surely holds
NS_PER = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


def library_of(value: Any) -> str:
    """`pandas`, `polars`, `pyarrow`, or nothing of them. Imports none."""
    root = type(value).__module__.partition(".")[0]
    return root if root in ("pandas", "polars", "pyarrow") else ""


def fail(where: str, expected: str, found: Any) -> InvalidInput:
    return InvalidInput(f"{where}: expected {expected}, found {found}")


# --- Numbers ----------------------------------------------------------------------------------------------------------


def as_doubles(value: Any, where: str) -> NDArray[np.float64]:
    """A column of numbers as contiguous doubles; what is missing becomes NaN."""
    library = library_of(value)
    if library == "polars":
        return doubles_of_polars(value, where)
    if library == "pandas":
        return doubles_of_pandas(value, where)
    if library == "pyarrow":
        return doubles_of_arrow(value, where)
    return doubles_of_array(array_of(value, where), where)


def array_of(value: Any, where: str) -> NDArray[Any]:
    if isinstance(value, (str, bytes, dict, set)) or value is None:
        raise fail(where, "numbers in an array or a series", type(value).__name__)
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, OverflowError) as problem:
        raise fail(where, "numbers in an array or a series", f"{type(value).__name__} ({problem})") from None
    if isinstance(value, np.ma.MaskedArray):
        if array.dtype.kind not in "iuf":
            raise fail(where, "numbers", array.dtype)
        array = np.where(np.ma.getmaskarray(value), np.nan, array)
    if array.ndim != 1:
        raise fail(where, "one dimension", f"{array.ndim}")
    return array


def doubles_of_array(array: NDArray[Any], where: str) -> NDArray[np.float64]:
    if array.size == 0 and array.dtype == object:
        return np.empty(0)
    if array.dtype.kind not in "iuf":
        raise fail(where, "numbers", f"an array of {array.dtype}")
    if array.dtype.kind in "iu" and array.dtype.itemsize == 8 and array.size:
        if int(array.max()) > EXACT or int(array.min()) < -EXACT:
            raise fail(where, "whole numbers up to 2**53, which a double holds", "greater ones")
    return np.ascontiguousarray(array, dtype=np.float64)


def doubles_of_polars(value: Any, where: str) -> NDArray[np.float64]:
    dtype = getattr(value, "dtype", None)
    if dtype is None or type(value).__name__ != "Series":
        raise fail(where, "a series", f"polars.{type(value).__name__}")
    if str(dtype) == "Null":
        return np.full(len(value), np.nan)
    if not (dtype.is_float() or dtype.is_integer()):
        raise fail(where, "numbers", f"a series of {dtype}")
    if value.null_count() and dtype.is_integer():
        doubles_of_array(value.drop_nulls().to_numpy(), where)  # says what no double holds
        value = value.cast(type(value)([0.0]).dtype)
    return doubles_of_array(value.to_numpy(), where)


def doubles_of_pandas(value: Any, where: str) -> NDArray[np.float64]:
    if getattr(value, "ndim", 0) != 1:
        raise fail(where, "a series", f"pandas.{type(value).__name__}")
    dtype = value.dtype
    if isinstance(dtype, np.dtype):
        return doubles_of_array(value.to_numpy(), where)
    kind = getattr(dtype, "kind", "O")
    if kind not in "iuf" or str(dtype) in ("category",):
        raise fail(where, "numbers", f"a series of {dtype}")
    if kind in "iu" and not value.isna().all():
        known = value[~value.isna()]
        if int(known.max()) > EXACT or int(known.min()) < -EXACT:
            raise fail(where, "whole numbers up to 2**53, which a double holds", "greater ones")
    return np.ascontiguousarray(value.to_numpy(dtype=np.float64, na_value=np.nan))


def doubles_of_arrow(value: Any, where: str) -> NDArray[np.float64]:
    import pyarrow as pa

    if not isinstance(value, (pa.Array, pa.ChunkedArray)):
        raise fail(where, "an array", f"pyarrow.{type(value).__name__}")
    if not (pa.types.is_integer(value.type) or pa.types.is_floating(value.type)):
        raise fail(where, "numbers", f"an array of {value.type}")
    if isinstance(value, pa.ChunkedArray):
        value = value.combine_chunks()
        if isinstance(value, pa.ChunkedArray):
            value = pa.concat_arrays(value.chunks) if value.num_chunks else pa.array([], value.type)
    if pa.types.is_integer(value.type) and value.null_count:
        doubles_of_array(value.drop_null().to_numpy(), where)
    return doubles_of_array(value.to_numpy(zero_copy_only=False), where)


# --- Times and keys ---------------------------------------------------------------------------------------------------


def as_times(value: Any, where: str, may_be_null: bool = False) -> NDArray[np.int64]:
    """Times of rows as nanoseconds: whole numbers, datetime64, or a column of timestamps."""
    library = library_of(value)
    if library == "polars" and type(value).__name__ == "Series":
        if str(value.dtype).startswith("Datetime"):
            value = value.dt.timestamp("ns")
        if value.null_count() and not may_be_null:
            raise fail(where, "a time on every row", "null")
        array = value.fill_null(-(2**63)).to_numpy() if value.null_count() else value.to_numpy()
    elif library == "pandas" and getattr(value, "ndim", 0) == 1:
        has_zone = getattr(value.dtype, "tz", None) is not None
        array = (value.dt.tz_convert("UTC").dt.tz_localize(None) if has_zone else value).to_numpy()
    elif library == "pyarrow":
        array = np.asarray(value)
    else:
        array = array_of(value, where)
    if array.dtype == object and array.size:
        array = np.array([nanoseconds(one, where) for one in array.tolist()], dtype=object)
        try:
            array = array.astype(np.int64)
        except OverflowError:
            raise fail(where, "times that fit into 64 bits of nanoseconds", "others") from None
    if array.dtype.kind == "M":
        if np.datetime_data(array.dtype)[0] not in NS_PER:
            array = array.astype("datetime64[s]")
        whole = array.astype("datetime64[ns]")
        if not np.array_equal(whole.astype(array.dtype), array, equal_nan=True):
            raise fail(where, "times that fit into 64 bits of nanoseconds", "others")
        array = whole.view(np.int64)
    if array.dtype.kind not in "iu" or (array.dtype == np.uint64 and array.size and int(array.max()) >= 2**63):
        if array.size == 0 and array.dtype.kind in "fO":
            return np.empty(0, dtype=np.int64)
        raise fail(where, "nanoseconds as whole numbers, or timestamps", f"an array of {array.dtype}")
    return np.ascontiguousarray(array, dtype=np.int64)


def as_keys(value: Any, where: str) -> NDArray[np.uint32]:
    """The key of each row as a dense number, in the order of first appearance."""
    library = library_of(value)
    items = value.to_list() if library in ("polars", "pandas") else value.to_pylist() if library == "pyarrow" else None
    if items is None:
        array = array_of(value, where)
        if array.dtype.kind in "iub":
            return np.unique(array, return_inverse=True)[1].astype(np.uint32)
        items = array.tolist()
    numbers_of: dict[Any, int] = {}
    try:
        keys = np.fromiter((numbers_of.setdefault(item, len(numbers_of)) for item in items), np.uint32, len(items))
    except TypeError:
        raise fail(where, "keys that can be compared, such as texts", type(items[0]).__name__) from None
    if any(item is None or item != item for item in numbers_of):
        raise fail(where, "a key on every row", "a missing one")
    return keys


def nanoseconds(value: Any, where: str) -> int:
    """One time: a whole number, a datetime with or without a zone (UTC then), numpy's or pandas's."""
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, np.datetime64):
        return int(as_times(np.array([value]), where)[0])
    if isinstance(value, datetime.datetime):
        if hasattr(value, "nanosecond"):  # pandas
            return int(value.as_unit("ns").value)  # type: ignore[attr-defined]
        zoned = value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)
        since = zoned - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
        return (since.days * 86_400 + since.seconds) * 10**9 + since.microseconds * 1000
    raise fail(where, "nanoseconds as a whole number, or a datetime", type(value).__name__)


# --- Parameters -------------------------------------------------------------------------------------------------------


def parameter_text(value: Any, where: str) -> str:
    """A parameter as it is written in an expression."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, datetime.timedelta):
        return f"{((value.days * 86_400 + value.seconds) * 10**6 + value.microseconds) * 1000}ns"
    if isinstance(value, np.timedelta64):
        return f"{int(value.astype('timedelta64[ns]').astype(np.int64))}ns"
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, numbers.Real):
        return repr(float(value))
    raise fail(where, "a number, a text or a duration", type(value).__name__)


# --- The way back -----------------------------------------------------------------------------------------------------


class Shape(NamedTuple):
    """What the caller's series are: what makes a result of their kind, and their rows."""

    wrap: Callable[[NDArray[np.float64], str], Any]


def shape_of(series: list[Any], where: str) -> Shape:
    """Results are of the kind of the first series that is no plain array; pandas's rows have to be the same rows."""
    for one in series:
        library = library_of(one)
        if library == "pandas" and hasattr(one, "index") and hasattr(one, "array"):
            return pandas_shape(one, series, where)
        if library == "polars":
            make = type(one)
            return Shape(lambda values, name: make(name, values).fill_nan(None))
        if library == "pyarrow":
            import pyarrow as pa

            return Shape(lambda values, name: pa.array(values, from_pandas=True))
    return Shape(lambda values, name: values)


def pandas_shape(first: Any, series: list[Any], where: str) -> Shape:
    index = first.index
    for one in series:
        if hasattr(one, "index") and library_of(one) == "pandas" and one.index is not index:
            if len(one) == len(first) and not one.index.equals(index):
                raise fail(where, "series with one index", "different ones; align them first")
    make = type(first)
    return Shape(lambda values, name: make(values, index=index, name=name))


def bar_shape(series: list[Any]) -> Callable[[NDArray[Any], str], Any]:
    """As `shape_of`, for rows that are bars and so have no index of the caller's; times are datetime64."""
    for one in series:
        library = library_of(one)
        if library == "pandas" and hasattr(one, "index") and hasattr(one, "array"):
            make_pandas = type(one)
            return lambda values, name: make_pandas(values, name=name)
        if library == "polars":
            make = type(one)
            return lambda values, name: make(name, values).fill_nan(None) if values.dtype.kind == "f" else make(name, values)
        if library == "pyarrow":
            import pyarrow as pa

            return lambda values, name: pa.array(values, from_pandas=True)
    return lambda values, name: values


def rows_of(column: Any, rows: NDArray[np.int64]) -> Any:
    """Some rows of a column, of its kind."""
    library = library_of(column)
    if library == "pandas":
        return column.iloc[rows].reset_index(drop=True) if hasattr(column, "iloc") else column.take(rows)
    if library == "polars":
        return column.gather(rows)
    if library == "pyarrow":
        return column.take(rows)
    return np.asarray(column)[rows]
