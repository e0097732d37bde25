"""Every kernel of scope `function`: pure functions of numbers, vectors, matrices, times and sides.

    millrace.functions.risk_parity_weights([[0.04, 0.006], [0.006, 0.01]]).w
    millrace.functions.optimal_ac_schedule(…)

Vectors and matrices (by rows) are NumPy arrays, lists or series, and come back as NumPy arrays. NaN, None and infinities are
"no value". Times are nanoseconds, datetimes, datetime64 or RFC 3339 texts, and come back as datetime64[ns]. A side is "buy",
"sell", 1, -1 or None. A function of several outputs gives a named tuple; a text that says nothing is None. Parameters are given
by name. `millrace.kernels` has a function too where no kernel of rows has its name (`twap`, `hp_filter`, `turnover` are both).
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from millrace import _core
from millrace._core import InvalidInput
from millrace._series import as_doubles, as_times, fail, library_of, nanoseconds, parameter_text
from millrace._signatures import REQUIRED, function_docstring, function_signature, registry_name

_registry = {function["name"]: function for function in _core.functions()}
NO_TIME = -(2**63)
SIDES = {"buy": 1, "sell": -1, 1: 1, -1: -1, None: 0}


class UnknownFunction(InvalidInput, AttributeError):
    """There is no such function."""


def _items_of(value: Any, where: str) -> list[Any]:
    if library_of(value) == "pyarrow":
        return list(value.to_pylist())
    if library_of(value) in ("polars", "pandas"):
        return list(value.to_list())
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return list(value.tolist())
    raise fail(where, "a list, an array or a series", type(value).__name__)


def _number(value: Any, where: str) -> NDArray[np.float64]:
    if isinstance(value, (bool, np.bool_)) or not hasattr(value, "__float__") or getattr(value, "ndim", 0) != 0:
        raise fail(where, "a number", type(value).__name__)
    return _finite(np.asarray(float(value)))


def _numbers(value: Any, where: str) -> NDArray[np.float64]:
    if isinstance(value, (list, tuple)):
        value = [np.nan if one is None else one for one in value]
    return _finite(as_doubles(value, where))


def _matrix(value: Any, where: str) -> NDArray[np.float64]:
    if hasattr(value, "to_numpy"):  # a frame
        value = value.to_numpy()
    if isinstance(value, (list, tuple)):
        rows = [_numbers(row, f"{where}[{i}]") for i, row in enumerate(value)]
        for i, row in enumerate(rows):
            if len(row) != len(rows[0]):
                raise fail(f"{where}[{i}]", f"{len(rows[0])} numbers like the first row", len(row))
        value = np.array(rows) if rows else np.empty((0, 0))
    if not isinstance(value, np.ndarray) or value.ndim != 2 or value.dtype.kind not in "iuf":
        found = f"{value.ndim} dimensions of {value.dtype}" if isinstance(value, np.ndarray) else type(value).__name__
        raise fail(where, "a matrix of numbers by rows", found)
    return _finite(np.ascontiguousarray(value, dtype=np.float64))


def _finite(array: NDArray[np.float64]) -> NDArray[np.float64]:
    return array if np.isfinite(array).all() else np.where(np.isfinite(array), array, np.nan)


def _time(value: Any, where: str) -> int:
    if value is None:
        return NO_TIME
    if isinstance(value, str):
        read = _core.parse_time(value)
        if read is None:
            raise fail(where, "a time (nanoseconds, a datetime or RFC 3339)", repr(value)[:60])
        return read
    return nanoseconds(value, where)


def _times(value: Any, where: str) -> NDArray[np.int64]:
    if isinstance(value, (list, tuple)):
        return np.array([_time(one, f"{where}[{i}]") for i, one in enumerate(value)], dtype=np.int64)
    return as_times(value, where, may_be_null=True)


def _side(value: Any, where: str) -> int:
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float):
        value = None if value != value else int(value) if value == int(value) else value
    if isinstance(value, bool) or not isinstance(value, (str, int, type(None))) or value not in SIDES:
        raise fail(where, "a side (buy, sell, 1, -1)", repr(value)[:60])
    return SIDES[value]


def _whole(value: Any, where: str) -> int:
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**63) < value < 2**63:
        raise fail(where, "a whole number", repr(value)[:60])
    return value


def _elements(read: Callable[[Any, str], int], value: Any, where: str) -> NDArray[np.int64]:
    return np.array([read(one, f"{where}[{i}]") for i, one in enumerate(_items_of(value, where))], dtype=np.int64)


def _argument(value: Any, rank: str, kind: str, where: str) -> NDArray[Any]:
    if kind == "number":
        return {"scalar": _number, "vector": _numbers, "matrix": _matrix}[rank](value, where)
    read = {"time": _time, "side": _side, "integer": _whole}[kind]
    if rank == "scalar":
        return np.asarray(read(value, where), dtype=np.int64)
    return _times(value, where) if kind == "time" else _elements(read, value, where)


def _result(value: Any, kind: str) -> Any:
    if kind != "time":
        return value
    return value.view("datetime64[ns]") if isinstance(value, np.ndarray) else np.datetime64(value, "ns")


def _make(function: _core.Function) -> Callable[..., Any]:
    name = function["name"]
    inputs, outputs = function["inputs"], function["outputs"]
    result = namedtuple(f"{name}_result", [one for one, *_ in outputs]) if len(outputs) > 1 else None  # type: ignore[misc]

    def call(*args: Any, **kwargs: Any) -> Any:
        kwargs = {registry_name(key): value for key, value in kwargs.items()}
        names = [one for one, *_ in inputs]
        if len(args) > len(names):
            raise InvalidInput(f"{name} takes {len(names)} inputs ({', '.join(names)}), was given {len(args)}; parameters are given by name")
        for one, value in zip(names, args, strict=False):
            if kwargs.get(one) is not None:
                raise InvalidInput(f"{name}: input `{one}` is given twice")
            kwargs[one] = value
        known = [*names, *(param for param, *_ in function["params"])]
        for key in kwargs:
            if key not in known:
                raise InvalidInput(f"{name}: unknown name `{key}`{_core.did_you_mean(key, known)}; it takes {', '.join(known)}")
        arguments = [
            None if kwargs.get(one) is None or kwargs[one] is REQUIRED else _argument(kwargs[one], rank, kind, f"{name}: {one}")
            for one, rank, kind, *_ in inputs
        ]
        parameters = [
            (key, parameter_text(value, f"{name}: {key}"))
            for key, value in kwargs.items()
            if key not in names and value is not None and value is not REQUIRED
        ]
        values = _core.call_function(name, parameters, arguments)
        wrapped = [_result(value, kind) for value, (_, _, kind, _) in zip(values, outputs, strict=True)]
        return wrapped[0] if result is None else result(*wrapped)

    call.__name__ = call.__qualname__ = name
    call.__module__ = __name__
    call.__doc__ = function_docstring(function)
    call.__signature__ = function_signature(function)  # type: ignore[attr-defined]
    if result is not None:
        result.__module__ = __name__
        globals()[f"{name}_result"] = result
    return call


for _function in _registry.values():
    globals()[_function["name"]] = _make(_function)

__all__ = sorted(_registry)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    raise UnknownFunction(f"unknown function `{name}`{_core.did_you_mean(name, __all__)}")


def __dir__() -> list[str]:
    return __all__


def describe(name: str) -> _core.Function:
    """All that the registry knows of a function."""
    if name not in _registry:
        raise UnknownFunction(f"unknown function `{name}`{_core.did_you_mean(name, __all__)}")
    return _registry[name]
