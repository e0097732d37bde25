"""When a column of the program agrees with the oracle, and how a disagreement is told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from oracle.windows import Floats

RTOL = 1e-9
CONDITIONING = Path(__file__).with_name("conditioning.txt")


def read_floors(path: Path = CONDITIONING) -> dict[str, str]:
    """Floor expression of each badly conditioned column; the file explains itself."""
    lines = (line.split("#")[0].strip() for line in path.read_text().splitlines())
    pairs = (line.split("=", 1) for line in lines if line)
    return {name.strip(): expression.strip() for name, expression in pairs}


def floor_of(expression: str, expected: Floats, columns: Mapping[str, NDArray]) -> Floats:
    """Evaluates a floor on every row; 0 where the expression has no value."""
    scale = np.nanmax(np.abs(expected), initial=0.0)
    with np.errstate(all="ignore"):
        # The expressions are our own data, beside this file.
        value = eval(expression, {"__builtins__": {}}, {**columns, "scale": scale})
    return np.nan_to_num(np.broadcast_to(np.asarray(value, dtype=float), expected.shape), posinf=0.0)


def disagreement(
    feature: str,
    instrument: object,
    expected: Floats,
    got: Floats,
    columns: Mapping[str, NDArray],
    floor: str = "0",
    rtol: float = RTOL,
) -> str | None:
    """Says which rows differ in their nulls or by more than rtol * max(|value|, floor); None where none does.

    `columns` are the rows of the instrument, for the floor and for naming the first bad row.
    """
    if got.shape != expected.shape:
        return f"{feature}, {instrument}: expected {expected.size} rows, got {got.size}"
    limit = rtol * np.maximum(np.abs(expected), floor_of(floor, expected, columns))
    differs_in_null = np.isnan(expected) != np.isnan(got)
    bad = np.flatnonzero(differs_in_null | (np.abs(got - expected) > limit))
    if bad.size == 0:
        return None
    row = bad[0]
    where = ", ".join(f"{name} {columns[name][row]}" for name in ("ts_event", "kind", "price") if name in columns)
    return (
        f"{feature}, {instrument}: first bad row {row} of {expected.size} ({where}): "
        f"expected {_shown(expected[row])}, got {_shown(got[row])}, allowed error {limit[row]:.3g}; "
        f"{bad.size} bad rows, {int(differs_in_null.sum())} of them by a null"
    )


def _shown(value: float) -> str:
    return "null" if np.isnan(value) else repr(float(value))
