"""Names, defaults and docstrings of the kernels' functions, out of the registry. Needs no other library."""

from __future__ import annotations

import inspect
import keyword
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from millrace._core import Function, Kernel

WEIGHTS = ("alpha", "lambda", "half_life", "span", "com", "tau")
COMMON = ("by", "ts", "ts_recv", "peers")  # what a call over arrays takes besides
Param = inspect.Parameter


class Text(str):
    """A word in a signature that stands for itself."""

    def __repr__(self) -> str:
        return str(self)


REQUIRED = Text("required")


def python_name(name: str) -> str:
    """`lambda` is a word of Python's: `lambda_`."""
    return name + "_" if keyword.iskeyword(name) else name


def registry_name(name: str) -> str:
    return name[:-1] if name.endswith("_") and keyword.iskeyword(name[:-1]) else name


def default_of(kind: str, text: str) -> Any:
    """The default as a Python value."""
    if text == "required":
        return REQUIRED
    if kind in ("table", "duration") and text == "none":
        return None
    if kind == "flag":
        return text == "true"
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text


def parameters_of(kernel: Kernel) -> list[tuple[str, Any]]:
    """Python names and defaults of a kernel's parameters; None = what the registry has."""
    own = {name for name, *_ in kernel["params"]}
    names: list[tuple[str, Any]] = [(name, None) for name, _, is_keyword in kernel["inputs"] if is_keyword and name not in own]
    kinds = {kind for _, kind, _, _, _ in kernel["params"]}
    for name, kind, default, _, _ in kernel["params"]:
        if kind == "weight":
            names += [(python_name(one), None) for one in WEIGHTS]
        else:
            names.append((python_name(name), default_of(kind, default)))
    if kinds & {"window", "lag"}:
        names.append(("buckets", None))
    if "window" in kinds:
        names.append(("min_periods", None))
    return [*names, ("nan_policy", "skip")]


def signature_of(kernel: Kernel) -> inspect.Signature:
    parameters = [
        Param(python_name(name), Param.POSITIONAL_OR_KEYWORD, default=None if is_optional else Param.empty)
        for name, is_optional, is_keyword in kernel["inputs"]
        if not is_keyword
    ]
    parameters += [Param(name, Param.KEYWORD_ONLY, default=default) for name, default in parameters_of(kernel)]
    extras = COMMON[:3] if kernel["needs_stamps"] else COMMON[:2]
    extras = (*extras, "peers") if kernel["scope"] == "universe" else extras
    parameters += [Param(name, Param.KEYWORD_ONLY, default=None) for name in extras]
    return inspect.Signature(parameters)


def docstring_of(kernel: Kernel) -> str:
    lines = [f"{kernel['title']}.", "", f"    {kernel['formula']}", ""]
    for name, kind, default, allowed, meaning in kernel["params"]:
        shown = " | ".join(map(python_name, WEIGHTS)) if kind == "weight" else python_name(name)
        lines.append(f"{shown}: {meaning} [{allowed}]; default {default}")
    outputs = ", ".join(f"{name} (flag)" if is_flag else name for name, is_flag in kernel["outputs"])
    lines += [
        "nan_policy: skip, or reset to start anew at a missing value",
        "by: the instrument of each row; ts: the time of each row, for windows such as '10s'",
    ]
    if kernel["scope"] == "universe":
        lines.append("peers: the group of each row within which it is compared; without it all rows are of one")
    returned = {
        "bars": f"one row for each bar: row (that closed it), key (its instrument, with by), {outputs}",
        "universe": f"{outputs}; NaN where there is no value",
        "stream": f"{outputs}; NaN where there is no value, flags as numbers",
    }
    lines += [
        "",
        f"Returns: {returned[kernel['scope']]}",
        f"Unit: {kernel['unit']}",
        f"Warm-up: {kernel['warmup']}",
        f"Source: {kernel['reference']}",
    ]
    return "\n".join(lines)


def function_signature(function: Function) -> inspect.Signature:
    """Inputs in their order, parameters by name. A required input behind an optional one says so as its default."""
    parameters, seen_optional = [], False
    for name, _, _, is_optional, *_ in function["inputs"]:
        seen_optional |= is_optional
        default = None if is_optional else REQUIRED if seen_optional else Param.empty
        parameters.append(Param(python_name(name), Param.POSITIONAL_OR_KEYWORD, default=default))
    for name, kind, default, _, _ in function["params"]:
        parameters.append(Param(python_name(name), Param.KEYWORD_ONLY, default=default_of(kind, default)))
    return inspect.Signature(parameters)


MARKS = {"scalar": "", "vector": "[]", "matrix": "[][]"}


def function_docstring(function: Function) -> str:
    lines = [f"{function['title']}.", "", f"    {function['formula']}", ""]
    for name, rank, kind, is_optional, meaning, _ in function["inputs"]:
        of = "" if kind == "number" else f" ({kind})"
        lines.append(f"{python_name(name)}{MARKS[rank]}{of}: {meaning}{'; may be left out' if is_optional else ''}")
    for name, _, default, allowed, meaning in function["params"]:
        lines.append(f"{python_name(name)}: {meaning} [{allowed}]; default {default}")
    lines += ["", "Returns:"]
    for name, rank, kind, meaning in function["outputs"]:
        of = "" if kind == "number" else f" ({kind})"
        lines.append(f"    {name}{MARKS[rank]}{of}: {meaning}")
    lines += [f"Unit: {function['unit']}", f"Source: {function['reference']}"]
    return "\n".join(lines)
