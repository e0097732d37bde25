"""Writes the type stubs of millrace.kernels and millrace.functions from the registry of a built extension:
kernel_stubs.py EXTENSION FOLDER."""

import importlib.util
import sys
from pathlib import Path

HEAD = '''"""Every kernel of the registry as a function; written from the registry when the package was built."""

from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

from millrace._core import InvalidInput, Kernel

Series = TypeVar("Series")
Input = Any  # a series, or a number that stands for a column of it
Value = float | str | bool | timedelta | None

class UnknownKernel(InvalidInput, AttributeError): ...

def describe(name: str) -> Kernel: ...
'''


FUNCTIONS_HEAD = '''"""Every function of the registry; written from the registry when the package was built."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from millrace._core import Function, InvalidInput

Value = float | str | bool | timedelta | None
Time = int | str | datetime | np.datetime64

class UnknownFunction(InvalidInput, AttributeError): ...

def describe(name: str) -> Function: ...
'''


def module_of(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def stub_of(kernel, signatures):
    parameters = list(signatures.signature_of(kernel).parameters.values())
    words, is_keyword = [], False
    for number, one in enumerate(parameters):
        if one.kind is one.KEYWORD_ONLY and not is_keyword:
            words.append("*")
            is_keyword = True
        if not is_keyword:
            kind = "Series" if number == 0 else "Input"
            words.append(f"{one.name}: {kind}" + ("" if one.default is one.empty else " | None = None"))
        elif one.name in signatures.COMMON:
            words.append(f"{one.name}: Any = None")
        else:
            default = "" if one.default is signatures.REQUIRED else f" = {one.default!r}"
            words.append(f"{one.name}: Value{default}")
    outputs = [name for name, _ in kernel["outputs"]]
    outputs = ["row", "key", *outputs] if kernel["scope"] == "bars" else outputs
    text, result = "", "Series"
    if len(outputs) > 1:
        result = f"{kernel['name']}_result"
        text = f"\nclass {result}(NamedTuple):\n" + "".join(f"    {name}: Any\n" for name in outputs)
    return f'{text}\ndef {kernel["name"]}({", ".join(words)}) -> {result}:\n    """{doc_of(kernel)}."""\n'


def doc_of(about):
    return about["title"].replace("\\", "\\\\").replace('"', '\\"')


def argument_type(rank, kind):
    if rank == "scalar":
        return {"number": "float", "time": "Time", "side": "str | int", "integer": "int"}[kind]
    return "ArrayLike | Any"


def result_type(rank, kind):
    if kind == "text":
        return "str | None"
    if rank == "scalar":
        return {"number": "float", "integer": "int", "time": "np.datetime64"}[kind]
    return {"number": "NDArray[np.float64]", "integer": "NDArray[np.int64]", "time": "NDArray[np.datetime64]"}[kind]


def function_stub(function, signatures):
    shapes = {signatures.python_name(name): (rank, kind) for name, rank, kind, *_ in function["inputs"]}
    words, is_keyword = [], False
    for one in signatures.function_signature(function).parameters.values():
        if one.kind is one.KEYWORD_ONLY and not is_keyword:
            words.append("*")
            is_keyword = True
        if is_keyword:
            default = "" if one.default is signatures.REQUIRED else f" = {one.default!r}"
            words.append(f"{one.name}: Value{default}")
        else:
            default = "" if one.default is one.empty else " | None = None"
            words.append(f"{one.name}: {argument_type(*shapes[one.name])}{default}")
    outputs = function["outputs"]
    text, result = "", result_type(*outputs[0][1:3])
    if len(outputs) > 1:
        result = f"{function['name']}_result"
        lines = [f"    {name}: {result_type(rank, kind)}\n" for name, rank, kind, _ in outputs]
        text = f"\nclass {result}(NamedTuple):\n" + "".join(lines)
    return f'{text}\ndef {function["name"]}({", ".join(words)}) -> {result}:\n    """{doc_of(function)}."""\n'


def main():
    extension, folder = sys.argv[1:]
    core = module_of("_core", extension)
    signatures = module_of("_signatures", Path(__file__).parent / "src/millrace/_signatures.py")
    kernels, functions = core.kernels(), core.functions()
    own = {kernel["name"] for kernel in kernels}
    free = sorted(function["name"] for function in functions if function["name"] not in own)
    text = HEAD + "".join(f"from millrace.functions import {name} as {name}\n" for name in free)
    text += "".join(stub_of(kernel, signatures) for kernel in kernels)
    (Path(folder) / "kernels.pyi").write_text(text)
    text = FUNCTIONS_HEAD + "".join(function_stub(function, signatures) for function in functions)
    (Path(folder) / "functions.pyi").write_text(text)


main()
