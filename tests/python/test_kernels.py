"""Every kernel of the registry as a function, against the program; signatures, docstrings, stubs, kinds of series."""

from __future__ import annotations

import ast
import inspect
from datetime import timedelta
from pathlib import Path

import millrace
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from millrace import kernels

from cli.program import succeed
from python.same_bits import assert_same_array, assert_same_column, assert_same_table

COLUMNS = ["price", "bid", "ask", "bid_size", "ask_size", "vol_24h", "open_24h", "high_24h", "low_24h", "vwap_24h"]
COLUMNS += ["mark_price", "index_price"]
ROWS = 3_000
START = 1_763_805_600_000_000_000
OWN = [name for name in kernels.__all__ if getattr(kernels, name).__module__ == "millrace.kernels"]  # no functions
ALL = [name for name in OWN if kernels.describe(name)["scope"] == "stream" and not kernels.describe(name)["why_not"]]


# Where a kernel asks for one parameter or another, or takes none of its defaults in a graph.
ONE_OF_SEVERAL = {"forward_points": {"tau": "0.25"}, "hp_filter": {"one_sided": "true"}}


def series_of(name: str) -> list[str]:
    """The inputs that are series by place; keyword inputs stand for parameters, and the row's own time is `ts`."""
    return [one for one, _, is_keyword in kernels.describe(name)["inputs"] if not is_keyword]


def required_parameters(name: str) -> dict[str, str]:
    """Some allowed value for each parameter without a default."""
    given = dict(ONE_OF_SEVERAL.get(name, {}))
    for param, kind, default, _, _ in kernels.describe(name)["params"]:
        if default == "required":
            given[param] = {"duration": "8h", "shares": "5:0.5,10:0.5"}.get(kind, "0.5")
    return given


def forms(name: str) -> list[dict[str, str]]:
    """The parameters of the kernel's forms: as it comes, and over event time where it has that."""
    base, about = required_parameters(name), kernels.describe(name)
    kinds = {kind: param for param, kind, *_ in about["params"]}
    tried = [{**base, kinds[kind]: "10s"} for kind in ("window", "lag") if kind in kinds]
    tried += [{**base, "half_life": "10s"}] if "weight" in kinds else []
    return [base, *(form for form in tried if is_taken(name, form))]


def is_taken(name: str, form: dict[str, str]) -> bool:
    try:
        getattr(kernels, name)(*[[]] * len(series_of(name)), ts=[], **form)
    except millrace.InvalidInput:
        return False
    return True


CALLS = [(name, form) for name in ALL for form in forms(name)]


@pytest.fixture(scope="module")
def rows() -> pa.Table:
    """Tickers of three instruments, so that every column is observed on every row; a null price here and there."""
    random = np.random.default_rng(5)
    mid = 100 + np.cumsum(np.round(random.normal(0, 0.05, ROWS), 2))
    step = random.integers(0, 400_000_000, ROWS)
    ts = START + np.cumsum(step)
    values = {
        "price": np.where(random.random(ROWS) < 0.03, np.nan, mid),
        "bid": mid - 0.01 * random.integers(0, 3, ROWS),
        "ask": mid + 0.01 * random.integers(0, 3, ROWS),
    }
    values |= {name: np.round(random.random(ROWS) * 8, 2) + 0.25 for name in COLUMNS[3:]}
    return pa.table(
        {
            "ts_event": pa.array(ts, pa.timestamp("ns", "UTC")),
            "ts_recv": pa.array(ts + random.integers(0, 2_000_000_000, ROWS), pa.timestamp("ns", "UTC")),
            "venue": ["simulated"] * ROWS,
            "symbol": random.choice(["BTC-USD", "ETH-USD", "ADA-USD"], ROWS),
            "seq": pa.array(range(ROWS), pa.uint64()),
            "kind": pa.array([2] * ROWS, pa.uint8()),
            **{name: pa.array(column, from_pandas=True) for name, column in values.items()},
        }
    )


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every call as a feature, and the columns themselves."""
    lines = ['mode = "replace"', "[features]"]
    lines += [f'c{i} = "{column}"' for i, column in enumerate(COLUMNS)]
    for number, (name, form) in enumerate(CALLS):
        about = kernels.describe(name)
        words = [*COLUMNS[: len(series_of(name))], *(f"{key}='{value}'" if ":" in value else f"{key}={value}" for key, value in form.items()), "on=any"]
        words = words if series_of(name) else ["ts_event", *words]
        for output, _ in about["outputs"]:
            lines.append(f'f{number}_{output} = "{name}({", ".join(words)}).{output}"')
    path = tmp_path_factory.mktemp("kernels") / "calls.toml"
    path.write_text("\n".join(lines))
    return path


@pytest.fixture(scope="module")
def told(rows: pa.Table, calls: Path) -> pa.Table:
    """What the command line says of them."""
    ticks, out = calls.parent / "rows.parquet", calls.parent / "out.parquet"
    pq.write_table(rows, ticks)
    succeed("research", "--in", ticks, "--features", calls, "--out", out, "--order", "time", "--quiet")
    return pq.read_table(out)


def numbers(table: pa.Table, name: str) -> np.ndarray:
    return table[name].to_numpy().astype(np.float64)


@pytest.mark.parametrize(("number", "name"), [(i, name) for i, (name, _) in enumerate(CALLS)])
def test_a_kernel_gives_the_bits_of_the_command_line(rows, told, number, name) -> None:
    about, form = kernels.describe(name), CALLS[number][1]
    inputs = [numbers(told, f"c{i}") for i in range(len(series_of(name)))]
    extra = {"ts_recv": rows["ts_recv"].to_numpy()} if about["needs_stamps"] else {}
    result = getattr(kernels, name)(*inputs, by=rows["symbol"].to_pylist(), ts=rows["ts_event"].to_numpy(), **form, **extra)
    outputs = result if isinstance(result, tuple) else (result,)
    assert len(outputs) == len(about["outputs"])
    for values, (output, _) in zip(outputs, about["outputs"], strict=True):
        assert_same_array(values, numbers(told, f"f{number}_{output}"), f"{name}({form}).{output}")


def test_a_table_of_all_calls_gives_the_bits_of_the_command_line(rows, calls, told) -> None:
    assert_same_table(millrace.features(rows, calls).to_arrow(), told)


def test_rows_one_by_one_give_the_bits_of_the_command_line(rows, calls, told) -> None:
    few, stream = 700, millrace.Stream(calls)
    answers = [stream.update(row) for row in rows.slice(0, few).to_pylist()]
    for name in stream.features:
        expected = told[name].slice(0, few)
        assert_same_column(pa.chunked_array([pa.array([one[name] for one in answers], expected.type)]), expected, name)


def test_event_time_forms_are_among_the_calls() -> None:
    assert len(CALLS) > len(ALL) + 15


def test_values_are_compared_and_not_nulls_alone(told) -> None:
    empty = [name for name in told.column_names if name[0] == "f" and told[name].null_count == told.num_rows]
    assert len(empty) < len(CALLS) / 10, empty


@pytest.mark.parametrize("name", ALL)
def test_a_function_tells_its_definition(name) -> None:
    about, function = kernels.describe(name), getattr(kernels, name)
    for word in (about["title"], about["formula"], about["unit"], about["warmup"], about["reference"]):
        assert word in function.__doc__
    assert (function.__name__, function.__module__) == (name, "millrace.kernels")
    parameters = list(inspect.signature(function).parameters)
    assert parameters[: len(series_of(name))] == series_of(name)
    assert {"by", "ts", "nan_policy"} < set(parameters)


@pytest.mark.parametrize("name", ALL)
def test_the_defaults_of_a_signature_are_those_of_the_registry(name) -> None:
    """Given by name, every default is taken and changes nothing."""
    function, about = getattr(kernels, name), kernels.describe(name)
    inputs = np.abs(np.random.default_rng(3).normal(5, 1, (len(series_of(name)), 400)))
    ts = np.arange(400) * 10**9
    given = required_parameters(name)
    shown = {
        key: parameter.default
        for key, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and key not in ("ts", "by", "ts_recv") and key not in given
    }
    shown = {key: value for key, value in shown.items() if key.removesuffix("_") not in given}
    plain, full = function(*inputs, ts=ts, **given), function(*inputs, ts=ts, **given, **shown)
    for a, b in zip(np.atleast_2d(plain), np.atleast_2d(full), strict=True):
        assert_same_array(a, b, name)


def test_the_stubs_know_every_kernel() -> None:
    stubs = ast.parse((Path(millrace.__file__).parent / "kernels.pyi").read_text())
    functions = {one.name: one.args for one in stubs.body if isinstance(one, ast.FunctionDef) and one.name != "describe"}
    assert sorted(functions) == OWN
    imported = [one.names[0].name for one in stubs.body if isinstance(one, ast.ImportFrom) and one.module == "millrace.functions"]
    assert sorted([*OWN, *imported]) == kernels.__all__
    for name, arguments in functions.items():
        names = [one.arg for one in (*arguments.args, *arguments.kwonlyargs)]
        assert names == list(inspect.signature(getattr(kernels, name)).parameters)
    assert (Path(millrace.__file__).parent / "py.typed").exists()


PRICES = 100 + np.cumsum(np.random.default_rng(1).normal(size=300))


def test_series_come_back_as_they_went_in() -> None:
    expected = kernels.rsi(PRICES, period=5)
    index = pd.date_range("2026-01-01", periods=300, freq="s")
    series = kernels.rsi(pd.Series(PRICES, index, name="p"), period=5)
    assert (series.name, series.index is index or series.index.equals(index)) == ("rsi", True)
    assert_same_array(series.to_numpy(), expected, "pandas")
    column = kernels.rsi(pl.Series("p", PRICES), period=5)
    assert (column.name, column.dtype, column.null_count()) == ("rsi", pl.Float64, 5)
    assert_same_array(column.to_numpy(), expected, "polars")
    array = kernels.rsi(pa.array(PRICES), period=5)
    assert (array.type, array.null_count) == (pa.float64(), 5)
    assert isinstance(kernels.rsi(PRICES.tolist(), period=5), np.ndarray)


def test_several_outputs_are_a_named_tuple() -> None:
    result = kernels.macd(pl.Series(PRICES))
    assert result._fields == ("macd", "macd_signal", "macd_hist")
    assert all(isinstance(one, pl.Series) for one in result)


def test_inputs_may_be_named_and_the_optional_ones_left_out() -> None:
    high, low = PRICES + 0.1, PRICES - 0.1
    close = np.where(np.arange(300) % 2, high, low)
    three = kernels.corwin_schultz_spread(high, low, close)
    assert_same_array(kernels.corwin_schultz_spread(close=close, low=low, high=high), three, "named")
    assert not np.array_equal(kernels.corwin_schultz_spread(high, low), three, equal_nan=True)


def test_a_parameter_may_be_a_series() -> None:
    rate = np.full(300, 1e-4)
    hours = np.where(np.arange(300) < 150, 8.0, 4.0) * 3600
    both = kernels.funding_apr(rate, interval=hours).funding_apr
    assert_same_array(both[:150], kernels.funding_apr(rate[:150], interval="8h").funding_apr, "8h")
    assert_same_array(both[150:], kernels.funding_apr(rate[150:], interval="4h").funding_apr, "4h")


def test_a_kernel_of_times_alone_takes_them() -> None:
    ts = pd.Series(pd.date_range("2026-01-01", periods=300, freq="s"), index=range(5, 305))
    result = kernels.trade_intensity(ts=ts, half_life="2s")
    assert isinstance(result, pd.Series) and result.index.equals(ts.index) and result.iloc[-1] == pytest.approx(1, abs=0.2)


def test_a_number_stands_for_a_column_of_it() -> None:
    assert_same_array(kernels.midprice(PRICES, 90.0), kernels.midprice(PRICES, np.full(300, 90.0)), "midprice")


def test_parameters_may_be_python_values() -> None:
    ts = np.arange(300) * 10**9
    expected = kernels.rolling_std(PRICES, window="10s", ts=ts)
    for window in (timedelta(seconds=10), np.timedelta64(10, "s")):
        assert_same_array(kernels.rolling_std(PRICES, window=window, ts=ts), expected, str(window))
    assert_same_array(kernels.rolling_std(PRICES, window_ms=10_000, ts=ts), expected, "window_ms")
    assert_same_array(kernels.ewma(PRICES, lambda_=0.9), kernels.ewma(PRICES, **{"lambda": 0.9}), "lambda")
    assert_same_array(kernels.ewma(PRICES, lambda_=0.9, adjust=True), kernels.ewma(PRICES, alpha=1 - 0.9, adjust="true"), "a")


def test_no_instrument_sees_another() -> None:
    symbols = np.array(["a", "b", "c"])[np.random.default_rng(2).integers(0, 3, 300)]
    together = kernels.rolling_zscore(PRICES, window=7, by=symbols)
    for symbol in "abc":
        alone = kernels.rolling_zscore(PRICES[symbols == symbol], window=7)
        assert_same_array(together[symbols == symbol], alone, symbol)
    for by in (pl.Series(symbols), pd.Series(symbols, dtype="category"), np.searchsorted(list("abc"), symbols)):
        assert_same_array(kernels.rolling_zscore(PRICES, window=7, by=by), together, str(type(by)))
