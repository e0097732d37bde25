"""Writes the type stubs of millrace.kernels from the registry of a built extension: kernel_stubs.py EXTENSION OUTPUT."""

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
    text, result = "", "Series"
    if len(outputs) > 1:
        result = f"{kernel['name']}_result"
        text = f"\nclass {result}(NamedTuple):\n" + "".join(f"    {name}: Any\n" for name in outputs)
    doc = kernel["title"].replace("\\", "\\\\").replace('"', '\\"')
    return f'{text}\ndef {kernel["name"]}({", ".join(words)}) -> {result}:\n    """{doc}."""\n'


def main():
    extension, output = sys.argv[1:]
    core = module_of("_core", extension)
    signatures = module_of("_signatures", Path(__file__).parent / "src/millrace/_signatures.py")
    Path(output).write_text(HEAD + "".join(stub_of(kernel, signatures) for kernel in core.kernels()))


main()
