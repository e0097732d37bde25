"""Kernels of scope `function` from Python, against `millrace kernels NAME --call`."""

from __future__ import annotations

import ast
import inspect
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import millrace
import numpy as np
import pandas as pd
import polars as pl
import pytest
from millrace import functions, kernels

from cli.program import run, succeed
from python.golden_calls import golden_calls

RANKS = {name: {one: rank for one, rank, *_ in functions.describe(name)["inputs"]} for name in functions.__all__}
CALLS = golden_calls(RANKS)


def told(name: str, call: dict[str, Any]) -> dict[str, Any]:
    """The program's answer; numbers as it prints them, which is enough for their bits."""
    answer: dict[str, Any] = json.loads(succeed("kernels", name, "--call", json.dumps(call)).out)
    return answer


def plain(value: Any) -> Any:
    """A result as JSON has it."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "M":
            value = value.view(np.int64)
        return [plain(one) for one in value]
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else int(value.astype("datetime64[ns]").astype(np.int64))
    if isinstance(value, (float, np.floating)):
        return None if np.isnan(value) else float(value)
    return int(value) if isinstance(value, np.integer) else value


def given(call: Any) -> dict[str, Any]:
    """Python's way to write it: a number that is not there is NaN, as None leaves the input out."""
    return {
        key: np.nan if value is None and RANKS[call.name][key] == "scalar" else value for key, value in call.inputs.items()
    }


@pytest.mark.parametrize("call", CALLS, ids=[f"{i}-{call.name}" for i, call in enumerate(CALLS)])
def test_a_function_gives_the_bits_of_the_command_line(call) -> None:
    answer = told(call.name, {**call.inputs, **call.parameters})
    result = getattr(functions, call.name)(**given(call), **call.parameters)
    outputs = [name for name, *_ in functions.describe(call.name)["outputs"]]
    values = dict(zip(outputs, result if isinstance(result, tuple) else [result], strict=True))
    assert {name: plain(value) for name, value in values.items()} == answer


OF_ONE_ROW = sorted(set(functions.__all__) - {call.name for call in CALLS})  # stateless kernels; their goldens are of rows


@pytest.mark.parametrize("name", OF_ONE_ROW)
def test_a_function_of_one_row_gives_the_bits_of_the_command_line(name) -> None:
    assert set(RANKS[name].values()) == {"scalar"}
    numbers = np.random.default_rng(9).uniform(0.5, 2.0, len(RANKS[name])).tolist()
    call = dict(zip(RANKS[name], numbers, strict=True))
    given = {param: 0.5 for param, _, default, _, _ in functions.describe(name)["params"] if default == "required"}
    given |= {"forward_points": {"tau": 0.25}, "cip_basis": {"T": 0.25}, "pip_value": {"pip": 1e-4}}.get(name, {})
    result = getattr(functions, name)(*numbers, **given)
    values = result if isinstance(result, tuple) else (result,)
    assert [plain(one) for one in values] == list(told(name, {**call, **given}).values())
    assert any(one is not None for one in map(plain, values))


@pytest.mark.parametrize("name", functions.__all__)
def test_a_function_tells_its_definition(name) -> None:
    about, function = functions.describe(name), getattr(functions, name)
    for word in (about["title"], about["formula"], about["unit"], about["reference"]):
        assert word in function.__doc__
    assert (function.__name__, function.__module__) == (name, "millrace.functions")
    parameters = list(inspect.signature(function).parameters)
    assert [one.rstrip("_") for one in parameters[: len(about["inputs"])]] == [one for one, *_ in about["inputs"]]


def test_the_stubs_know_every_function() -> None:
    stubs = ast.parse((Path(millrace.__file__).parent / "functions.pyi").read_text())
    known = {one.name: one.args for one in stubs.body if isinstance(one, ast.FunctionDef) and one.name != "describe"}
    assert sorted(known) == functions.__all__
    for name, arguments in known.items():
        names = [one.arg for one in (*arguments.args, *arguments.kwonlyargs)]
        assert names == list(inspect.signature(getattr(functions, name)).parameters)


def test_a_free_name_is_a_kernel_too() -> None:
    assert kernels.optimal_ac_schedule is functions.optimal_ac_schedule
    for name in ("twap", "hp_filter", "turnover"):
        assert getattr(kernels, name) is not getattr(functions, name)
        assert getattr(kernels, name).__module__ == "millrace.kernels"
    assert set(functions.__all__) <= set(kernels.__all__)


COV = [[0.04, 0.006, 0.0], [0.006, 0.01, 0.002], [0.0, 0.002, 0.09]]


def test_a_matrix_comes_in_any_kind() -> None:
    expected = functions.risk_parity_weights(COV)
    array = np.array(COV)
    for cov in (array, np.asfortranarray(array), array[::1, :], pd.DataFrame(array), pl.DataFrame(array), array.tolist()):
        for one, other in zip(functions.risk_parity_weights(cov), expected, strict=True):
            assert np.array_equal(one, other, equal_nan=True) if isinstance(one, np.ndarray) else one == other


def test_a_matrix_goes_out_by_rows() -> None:
    returns = np.random.default_rng(1).normal(0, 0.01, (50, 3))
    cov = functions.ewcov_matrix(returns, lambda_=0.94)
    assert cov.shape == (3, 3) and np.array_equal(cov, cov.T)
    assert plain(cov) == told("ewcov_matrix", {"r": returns.tolist(), "lambda": 0.94})["cov"]


def test_times_come_in_any_kind() -> None:
    start, end = "2026-01-15T10:00:00Z", "2026-01-15T10:00:10Z"
    expected = functions.twap(-10, start, end, slices=4).slice_times
    assert expected.dtype == "datetime64[ns]" and expected[1] == np.datetime64("2026-01-15T10:00:02.5")
    first = datetime(2026, 1, 15, 10, tzinfo=timezone.utc)
    for one in (first, pd.Timestamp(first), np.datetime64("2026-01-15T10:00"), int(first.timestamp()) * 10**9):
        assert np.array_equal(functions.twap(-10, one, end, slices=4).slice_times, expected)
    days = ["2026-01-15T00:00:00.2", "2026-01-15T00:00:01.4", None]
    stamps = [one if one is None else f"{one}Z" for one in days]
    text = functions.gap_fill(stamps[:2], [1, 2], grid="1s", max_age="5s")
    for ts in (np.array(days[:2], "datetime64[ns]"), pd.Series(pd.to_datetime(days[:2], format="ISO8601")), pl.Series(days[:2]).str.to_datetime(time_unit="ns")):
        for a, b in zip(functions.gap_fill(ts, [1, 2], grid="1s", max_age="5s"), text, strict=True):
            assert np.array_equal(a, b)


def test_sides_and_numbers_come_in_any_kind() -> None:
    call = {"quantity": 100, "decision_px": 50, "size": [60, 20, None], "fee": [2, 1, None]}
    price = [50.2, 50.4, 50.5]
    expected = functions.implementation_shortfall(side="buy", price=price, **call)
    for side in ("buy", 1, np.int8(1), 1.0):
        for prices in (np.array(price), pl.Series(price), pd.Series(price)):
            assert np.array_equal(functions.implementation_shortfall(side=side, price=prices, **call), expected, equal_nan=True)


WRONG = [
    (lambda: functions.risk_parity_weights([[1.0, 2.0], [3.0]]), r"risk_parity_weights: cov\[1\]: expected 2 numbers like the first row, found 1"),
    (lambda: functions.risk_parity_weights(None), "risk_parity_weights: argument `cov` is required"),
    (lambda: functions.risk_parity_weights([1.0, 2.0]), "cov"),
    (lambda: functions.risk_parity_weights(COV, covv=1), "unknown name `covv` .did you mean `cov`"),
    (lambda: functions.twap(1.0), "parameter `slices` is required"),
    (lambda: functions.twap(1.0, slices=0), "slices must be"),
    (lambda: functions.twap("1", slices=2), "twap: quantity: expected a number, found str"),
    (lambda: functions.twap(1.0, "soon", "2026-01-15", slices=2), "twap: start: expected a time"),
    (lambda: functions.twap(1.0, 2, 3, 4, slices=2), "twap takes 3 inputs"),
    (lambda: functions.twap(1.0, quantity=2.0, slices=2), "input `quantity` is given twice"),
    (lambda: functions.implementation_shortfall(side=2, quantity=1, decision_px=1, price=[1], size=[1]), "a side .buy, sell"),
    (lambda: functions.implementation_shortfall(side="buy", quantity=1, decision_px=1, price=[1, 2], size=[1]), "must be as long as"),
    (lambda: functions.hp_filterr, "unknown function `hp_filterr` .did you mean `hp_filter`"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), WRONG)
def test_what_is_wrong_is_said(call, message) -> None:
    with pytest.raises(millrace.InvalidInput, match=message):
        call()


def test_the_words_are_those_of_the_command_line() -> None:
    with pytest.raises(millrace.InvalidInput) as problem:
        functions.twap(1.0, slices=0)
    assert str(problem.value) in run("kernels", "twap", "--call", '{"quantity": 1, "slices": 0}').err
