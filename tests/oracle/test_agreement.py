"""The comparison itself: it lets rounding pass, and tells every other difference in one line."""

from __future__ import annotations

import numpy as np
import pytest

from oracle.agreement import disagreement, read_floors
from oracle.features import LISTED_36

ROWS = {"ts_event": np.arange(4), "kind": np.ones(4), "price": np.full(4, 6e4)}
EXPECTED = np.array([np.nan, 1.0, 0.0, -2.0])


def compare(got: list[float], floor: str = "0") -> str | None:
    return disagreement("rsi", "kraken BTC-USD", EXPECTED, np.array(got), ROWS, floor)


def test_rounding_passes() -> None:
    assert compare([np.nan, 1 + 9e-10, 0.0, -2 - 1e-9]) is None


def test_a_floor_forgives_an_error_near_zero() -> None:
    near_zero = [np.nan, 1.0, 5e-10, -2.0]
    assert compare(near_zero) is not None
    assert compare(near_zero, floor="1e-5*price") is None
    assert compare(near_zero, floor="scale") is None


@pytest.mark.parametrize("got", [[0.0, 1.0, 0.0, -2.0], [np.nan, np.nan, 0.0, -2.0]])
def test_a_null_too_few_or_too_many_is_told(got) -> None:
    assert "1 bad rows, 1 of them by a null" in compare(got, floor="1e9")


def test_the_first_bad_row_is_named() -> None:
    told = compare([np.nan, 1.0, 0.5, 7.0])
    assert told.startswith("rsi, kraken BTC-USD: first bad row 2 of 4 (ts_event 2, kind 1.0, price 60000.0)")
    assert "expected 0.0, got 0.5" in told
    assert "2 bad rows" in told


def test_a_missing_row_is_told() -> None:
    assert compare([np.nan, 1.0]) == "rsi, kraken BTC-USD: expected 4 rows, got 2"


def test_floors_are_read_with_their_columns() -> None:
    floors = read_floors()
    assert floors["macd"] == "1e-5*price"
    assert {"zscore", "ofi", "pnl", "var"} <= floors.keys() & set(LISTED_36)
