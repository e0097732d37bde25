"""The golden rows of functions, tests/golden/functions/*.txt: a call and its inputs, as texts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).resolve().parent.parent / "golden/functions"


class GoldenCall(NamedTuple):
    name: str
    parameters: dict[str, Any]
    inputs: dict[str, Any]


def word(text: str) -> Any:
    """null, a number or a text."""
    if text == "null":
        return None
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text


def value(text: str, rank: str) -> Any:
    words = text.strip()
    if rank == "matrix":
        return [[word(one) for one in row.split()] for row in words.split("/")]
    return [word(one) for one in words.split()] if rank == "vector" else word(words)


def golden_calls(ranks: dict[str, dict[str, str]]) -> list[GoldenCall]:
    """Every row's call; `ranks` tells scalar, vector or matrix by function and input."""
    calls = []
    for path in sorted(FOLDER.glob("*.txt")):
        for line in path.read_text().splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            _, call, inputs, *_ = (part.strip() for part in line.split(" | "))
            name, rest = re.fullmatch(r"(\w+)\((.*)\)", call).groups()
            parameters = dict(one.strip().split("=") for one in rest.split(",")) if rest else {}
            given = dict(one.strip().split("=", 1) for one in inputs.split(";")) if inputs else {}
            calls.append(
                GoldenCall(
                    name,
                    {key: word(text) for key, text in parameters.items()},
                    {key: value(text, ranks[name][key.strip()]) for key, text in given.items()},
                )
            )
    return calls
