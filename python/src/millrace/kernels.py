"""Every kernel of the registry as a function over arrays and series.

    millrace.kernels.macd(prices, fast=12, slow=26).macd_hist
    millrace.kernels.rolling_std(prices, window="10s", ts=times, by=symbols)

Inputs are NumPy arrays, pandas, Polars or pyarrow series of one length, or single numbers beside them; results are of the
same kind, one for each row. NaN, null and infinities are no observations. A kernel of several outputs gives a named tuple.
`by` holds the instrument of each row, and no instrument sees another's rows. `ts` holds the time of each row, for windows
of event time. Parameters are those of expressions: window=100, window="10s", half_life="30s".

Kernels of bars give one row for each bar that closes: `row` is the row that closed it, `key` its instrument. Kernels of a
universe compare the instruments of `by` with one another, in the order of the rows; `peers` holds the group of each row within
which it is compared, such as the quote asset. Functions of vectors and matrices are those of `millrace.functions`, where no
kernel of rows has their name.
"""

from __future__ import annotations

import numbers
from collections import namedtuple
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np

from millrace import _core, functions
from millrace._core import InvalidInput
from millrace._series import as_doubles, as_keys, as_times, bar_shape, fail, parameter_text, rows_of, shape_of
from millrace._signatures import REQUIRED, docstring_of, registry_name, signature_of

_registry = {kernel["name"]: kernel for kernel in _core.kernels()}


class UnknownKernel(InvalidInput, AttributeError):
    """There is no such kernel."""


def _inputs_of(kernel: _core.Kernel, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The call's series in the order of the kernel's inputs, by place or by name; taken out of `kwargs`."""
    name, names = kernel["name"], [one for one, _, is_keyword in kernel["inputs"] if not is_keyword]
    if len(args) > len(names):
        shown = ", ".join(f"{one} (optional)" if optional else one for one, optional, is_keyword in kernel["inputs"] if not is_keyword)
        raise InvalidInput(
            f"{name} takes {len(names)} input{'' if len(names) == 1 else 's'} ({shown}), was given {len(args)}; "
            "parameters are given by name"
        )
    given: list[Any] = list(args)
    for one in names[: len(args)]:
        if kwargs.get(one) is not None:
            raise InvalidInput(f"{name}: input `{one}` is given twice")
    given += [kwargs.get(one) for one in names[len(args) :]]
    for one in names:
        kwargs.pop(one, None)
    found = {one: value for one, value in zip(names, given, strict=True) if value is not None}
    for one, optional, is_keyword in kernel["inputs"]:
        if is_keyword and is_series(kwargs.get(one)):
            found[one] = kwargs.pop(one)
        elif not is_keyword and not optional and one not in found and found:
            raise InvalidInput(f"{name}: input `{one}` is missing")
    return found


def is_series(value: Any) -> bool:
    """A column rather than a parameter's value."""
    return value is not None and not isinstance(value, (str, bytes, numbers.Number, timedelta, np.generic))


def _columns_of(name: str, given: dict[str, Any]) -> list[Any]:
    """Each input as doubles; a single number stands for a column of it."""
    names, series = list(given), list(given.values())
    is_single = [isinstance(one, numbers.Real) and not isinstance(one, (bool, np.bool_)) for one in series]
    columns = [
        float(one) if single else as_doubles(one, f"{name}: {where}")
        for one, single, where in zip(series, is_single, names, strict=False)
    ]
    arrays = [one for one in columns if not isinstance(one, float)]
    if columns and not arrays:
        raise fail(f"{name}: {names[0]}", "numbers in an array or a series", "a single number")
    return [np.full(len(arrays[0]), one) if isinstance(one, float) else one for one in columns]


class _Call:
    """What one call was given, in the ways that the C++ part reads."""

    def __init__(self, kernel: _core.Kernel, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        name = kernel["name"]
        if kernel["why_not"]:
            raise InvalidInput(f"{name} cannot be called with arrays: {kernel['why_not']}")
        kwargs = {registry_name(key): value for key, value in kwargs.items()}
        self.by, self.ts, ts_recv = (kwargs.pop(key, None) for key in ("by", "ts", "ts_recv"))
        if ts_recv is not None and not kernel["needs_stamps"]:
            raise InvalidInput(f"{name}: it does not read the time of receipt; ts_recv is not taken")
        self.peers = kwargs.pop("peers", None) if kernel["scope"] == "universe" else None
        self.series = _inputs_of(kernel, args, kwargs)
        self.parameters = [
            (key, parameter_text(value, f"{name}: {key}"))
            for key, value in kwargs.items()
            if value is not None and value is not REQUIRED
        ]
        columns = _columns_of(name, self.series)
        times = None if self.ts is None else as_times(self.ts, f"{name}: ts")
        if times is None and all(is_keyword for *_, is_keyword in kernel["inputs"]):
            raise InvalidInput(f"{name}: it works by event time; expected `ts`, the times of the rows")
        self.count = len(columns[0]) if columns else 0 if times is None else len(times)
        self.rows = _core.Rows(
            columns,
            None if self.by is None else as_keys(self.by, f"{name}: by"),
            times,
            None if ts_recv is None else as_times(ts_recv, f"{name}: ts_recv", may_be_null=True),
        )

    @property
    def shaped_like(self) -> list[Any]:
        return list(self.series.values()) or [self.ts]


def _make(kernel: _core.Kernel) -> Callable[..., Any]:
    """The function of a kernel that gives a value for each row."""
    name = kernel["name"]
    outputs = [one for one, _ in kernel["outputs"]]
    result = namedtuple(f"{name}_result", outputs) if len(outputs) > 1 else None  # type: ignore[misc]

    def function(*args: Any, **kwargs: Any) -> Any:
        call = _Call(kernel, args, kwargs)
        shape = shape_of(call.shaped_like, name)
        out = list(np.empty((len(outputs), call.count)))  # few faults for pages: large blocks get large ones
        if kernel["scope"] == "universe":
            if call.by is None:
                raise InvalidInput(f"{name}: it compares instruments; expected `by`, the instrument of each row")
            groups = None if call.peers is None else as_keys(call.peers, f"{name}: peers")
            _core.call_universe(name, call.parameters, list(call.series), out, call.rows, groups)
        else:
            _core.call_kernel(name, call.parameters, list(call.series), out, call.rows)
        wrapped = [shape.wrap(values, one) for values, one in zip(out, outputs, strict=True)]
        return wrapped[0] if result is None else result(*wrapped)

    return _named(function, kernel, result)


def _make_bars(kernel: _core.Kernel) -> Callable[..., Any]:
    """The function of a kernel that gives a row for each bar."""
    name = kernel["name"]
    outputs = [one for one, _ in kernel["outputs"]]
    result = namedtuple(f"{name}_result", ["row", "key", *outputs])  # type: ignore[misc]

    def function(*args: Any, **kwargs: Any) -> Any:
        call = _Call(kernel, args, kwargs)
        rows, columns = _core.call_bars(name, call.parameters, list(call.series), call.rows)
        wrap = bar_shape(call.shaped_like)
        times = [one.view("datetime64[ns]") if one.dtype == np.int64 else one for one in columns]
        wrapped = [wrap(values, one) for values, one in zip(times, outputs, strict=True)]
        return result(wrap(rows, "row"), None if call.by is None else rows_of(call.by, rows), *wrapped)

    return _named(function, kernel, result)


def _named(function: Callable[..., Any], kernel: _core.Kernel, result: Any) -> Callable[..., Any]:
    function.__name__ = function.__qualname__ = kernel["name"]
    function.__module__ = __name__
    function.__doc__ = docstring_of(kernel)
    function.__signature__ = signature_of(kernel)  # type: ignore[attr-defined]
    if result is not None:
        result.__module__ = __name__
        globals()[result.__name__] = result
    return function


for _kernel in _registry.values():
    globals()[_kernel["name"]] = (_make_bars if _kernel["scope"] == "bars" else _make)(_kernel)

_free = [name for name in functions.__all__ if name not in _registry]
for _name in _free:
    globals()[_name] = getattr(functions, _name)

__all__ = sorted([*_registry, *_free])


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    raise UnknownKernel(f"unknown kernel `{name}`{_core.did_you_mean(name, __all__)}")


def __dir__() -> list[str]:
    return __all__


def describe(name: str) -> _core.Kernel:
    """All that the registry knows of a kernel of rows; of a function, see `millrace.functions.describe`."""
    if name not in _registry:
        raise UnknownKernel(f"unknown kernel `{name}`{_core.did_you_mean(name, __all__)}")
    return _registry[name]
