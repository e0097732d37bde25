from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

class Error(Exception):
    """What millrace cannot do, and why."""

class InvalidInput(Error, ValueError):
    """A value, expression, table or snapshot that the caller gave is wrong."""

class Kernel(TypedDict):
    name: str
    family: str
    version: int
    title: str
    formula: str
    unit: str
    warmup: str
    reference: str
    scope: str
    inputs: list[tuple[str, bool, bool]]
    outputs: list[tuple[str, bool]]
    params: list[tuple[str, str, str, str, str]]
    needs_stamps: bool
    why_not: str

class Function(TypedDict):
    name: str
    family: str
    version: int
    title: str
    formula: str
    unit: str
    warmup: str
    reference: str
    inputs: list[tuple[str, str, str, bool, str, str]]
    outputs: list[tuple[str, str, str, str]]
    params: list[tuple[str, str, str, str, str]]

Legs = Sequence[tuple[str, str]]
Texts = Sequence[tuple[str, str]]
Definitions = Sequence[tuple[str, str, str, str]]

class FeatureTable:
    def rows(self) -> int: ...
    def columns(self) -> list[str]: ...
    def stream(self) -> object: ...
    def schema(self) -> object: ...

class TableRows:
    def rows(self) -> int: ...

class JoinedTable:
    def rows(self) -> int: ...
    def matched(self) -> int: ...
    def columns(self) -> list[str]: ...
    def stream(self) -> object: ...
    def schema(self) -> object: ...

class Rows:
    def __init__(
        self,
        inputs: Sequence[NDArray[np.float64]],
        keys: NDArray[np.uint32] | None = None,
        event: NDArray[np.int64] | None = None,
        received: NDArray[np.int64] | None = None,
    ) -> None: ...

class Stream:
    @staticmethod
    def of_profile(name: str, threads: int = 1, legs: Legs = ...) -> Stream: ...
    @staticmethod
    def of_file(path: str, threads: int = 1, legs: Legs = ...) -> Stream: ...
    @staticmethod
    def of_definitions(name: str, lets: Definitions, features: Definitions, threads: int = 1, legs: Legs = ...) -> Stream: ...
    @staticmethod
    def restore(snapshot: bytes, threads: int = 1) -> Stream: ...
    def update(self, row: dict[str, Any]) -> dict[str, float | int | None] | None: ...
    def update_batch(self, stream: object, is_strict: bool) -> FeatureTable: ...
    def snapshot(self) -> bytes: ...
    def features(self) -> list[tuple[str, str, str, str, bool, list[str], str]]: ...
    def profile(self) -> str: ...
    def fingerprint(self) -> str: ...
    def ledger(self) -> str: ...

def kernels() -> list[Kernel]: ...
def functions() -> list[Function]: ...
def call_kernel(
    name: str, parameters: Texts, names: Sequence[str], outputs: Sequence[NDArray[np.float64]], rows: Rows
) -> None: ...
def call_bars(
    name: str, parameters: Texts, names: Sequence[str], rows: Rows
) -> tuple[NDArray[np.int64], list[NDArray[Any]]]: ...
def call_universe(
    name: str,
    parameters: Texts,
    names: Sequence[str],
    outputs: Sequence[NDArray[np.float64]],
    rows: Rows,
    groups: NDArray[np.uint32] | None = None,
) -> None: ...
def call_function(name: str, parameters: Texts, arguments: Sequence[NDArray[Any] | None]) -> list[Any]: ...
def read_table(stream: object, where: str) -> TableRows: ...
def asof(
    left: TableRows,
    right: TableRows,
    *,
    on: str,
    right_on: str,
    by: Sequence[str],
    seq: str,
    prefix: str,
    age: str,
    unit: str,
    direction: str,
    is_strict: bool,
    tolerance: str,
) -> JoinedTable: ...
def parse_time(text: str) -> int | None: ...
def profile_names() -> list[str]: ...
def build_id() -> str: ...
def did_you_mean(word: str, known: Sequence[str]) -> str: ...
