"""Whatever is handed in: an answer or a clear error, never a crash. Hypothesis picks."""

from __future__ import annotations

import math

import millrace
import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from millrace import functions, kernels

QUICK = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
NAMES = st.sampled_from(kernels.__all__)
OF_ROWS = st.sampled_from([name for name in kernels.__all__ if getattr(kernels, name).__module__ == "millrace.kernels"])
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.binary(max_size=4), st.timedeltas(),
    st.sampled_from(["10s", "1h", "expanding", "auto", "0.5", "-1", "any", "reset", "trade", "1e400", "nan"]),
)  # fmt: skip
DTYPES = st.one_of(
    arrays.floating_dtypes(), arrays.integer_dtypes(), arrays.unsigned_integer_dtypes(), arrays.boolean_dtypes(),
    arrays.complex_number_dtypes(), arrays.datetime64_dtypes(), arrays.timedelta64_dtypes(),
    arrays.unicode_string_dtypes(max_len=3), st.just(np.dtype(object)),
)  # fmt: skip
ARRAYS = DTYPES.flatmap(
    lambda dtype: arrays.arrays(dtype, arrays.array_shapes(max_dims=2, min_side=0, max_side=9), elements=SCALARS)
    if dtype == object
    else arrays.arrays(dtype, arrays.array_shapes(max_dims=2, min_side=0, max_side=9))
)
DOUBLES = st.lists(st.floats(width=64), min_size=0, max_size=60)


def is_clear(problem: millrace.Error) -> bool:
    text = str(problem)
    return bool(text) and "std::" not in text and "basic_string" not in text


@QUICK
@given(NAMES, st.lists(st.one_of(ARRAYS, SCALARS, DOUBLES), max_size=6), st.dictionaries(st.text(max_size=6), SCALARS, max_size=3))
def test_anything_as_inputs_and_parameters(name, inputs, parameters) -> None:
    try:
        getattr(kernels, name)(*inputs, **parameters)
    except millrace.InvalidInput as problem:
        assert is_clear(problem)


@QUICK
@given(OF_ROWS, st.data())
def test_any_value_of_a_known_parameter(name, data) -> None:
    about = kernels.describe(name)
    count = data.draw(st.integers(0, 40))
    inputs = [data.draw(st.lists(st.floats(), min_size=count, max_size=count)) for _ in [one for one in about["inputs"] if not one[2]]]
    names = [param for param, *_ in about["params"]] + ["window_ms", "buckets", "min_periods", "nan_policy", "on", "half_life"]
    parameters = data.draw(st.dictionaries(st.sampled_from(names), SCALARS, max_size=3))
    ts = data.draw(st.none() | st.lists(st.integers(0, 2**62), min_size=count, max_size=count))
    by = data.draw(st.none() | st.lists(st.integers(0, 3), min_size=count, max_size=count))
    try:
        result = getattr(kernels, name)(*inputs, ts=ts, by=by, **parameters)
    except millrace.InvalidInput as problem:
        assert is_clear(problem)
        return
    if about["scope"] == "bars":
        assert all(len(values) == len(result.row) for values in result[2:])
        assert not len(result.row) or (result.row[-1] < count and (np.diff(result.row) >= 0).all())
        return
    for values in result if isinstance(result, tuple) else (result,):
        assert values.shape == (count,)
        assert not np.isinf(values).any()


@QUICK
@given(st.sampled_from(functions.__all__), st.data())
def test_any_arguments_of_a_function(name, data) -> None:
    about = functions.describe(name)
    rows, columns = data.draw(st.integers(0, 6)), data.draw(st.integers(0, 4))
    numbers = st.none() | st.floats() | st.floats(0.01, 10)

    def argument(rank: str, kind: str) -> object:
        one = {"number": numbers, "time": st.none() | st.integers(0, 2**62), "side": st.sampled_from(["buy", "sell", 1, -1, None]), "integer": st.integers(-3, 9)}[kind]
        if rank == "scalar":
            return data.draw(one)
        vector = st.lists(one, min_size=rows, max_size=rows)
        return data.draw(vector if rank == "vector" else st.lists(st.lists(one, min_size=columns, max_size=columns), min_size=rows, max_size=rows))

    arguments = {f"{key}_" if key in ("from", "lambda") else key: argument(rank, kind) for key, rank, kind, *_ in about["inputs"]}
    names = [param for param, *_ in about["params"]]
    given = data.draw(st.dictionaries(st.sampled_from(names), st.integers(1, 50) | st.floats(0, 1) | SCALARS, max_size=4)) if names else {}
    required = {param: 3 for param, _, default, *_ in about["params"] if default == "required"}
    try:
        result = getattr(functions, name)(**arguments, **{**required, **given})
    except millrace.InvalidInput as problem:
        assert is_clear(problem)
        return
    for values in result if isinstance(result, tuple) else (result,):
        assert values is None or isinstance(values, str) or not np.isinf(np.asarray(values, dtype=float)).any()


ARROW_TYPES = st.sampled_from([
    pa.float64(), pa.float32(), pa.int64(), pa.uint64(), pa.int8(), pa.string(), pa.string_view(), pa.bool_(),
    pa.timestamp("ns"), pa.timestamp("s", "UTC"), pa.null(), pa.date32(), pa.dictionary(pa.int8(), pa.string()),
])  # fmt: skip
COLUMNS = st.sampled_from(
    ["ts_event", "ts_recv", "venue", "symbol", "seq", "kind", "price", "size", "side", "trade_id", "bid", "bid_size", "ask",
     "ask_size", "vol_24h", "n_trades_24h", "funding_rate", "next_funding_ns", "flags", "best_bid", "remark"]
)  # fmt: skip


@st.composite
def tables(draw) -> pa.Table:
    count = draw(st.integers(0, 30))
    columns = {"ts_event": pa.array(draw(st.lists(st.integers(-(2**62), 2**62), min_size=count, max_size=count)), pa.int64())}
    for name in draw(st.lists(COLUMNS, max_size=8, unique=True)):
        kind = draw(ARROW_TYPES)
        if pa.types.is_dictionary(kind) or pa.types.is_string(kind) or pa.types.is_string_view(kind):
            values = draw(st.lists(st.none() | st.sampled_from(["", "coinbase", "BTC-USD", "1", "buy", "trade", "é"]),
                                   min_size=count, max_size=count))  # fmt: skip
        elif pa.types.is_floating(kind):
            values = draw(st.lists(st.none() | st.floats(width=32), min_size=count, max_size=count))
        else:
            values = draw(st.lists(st.none() | st.integers(0, 6), min_size=count, max_size=count))
        column = pa.array([None if value is None else bool(value) for value in values], kind) if pa.types.is_boolean(kind) \
            else pa.nulls(count) if pa.types.is_null(kind) else pa.array(values, kind)  # fmt: skip
        cut = draw(st.integers(0, count))
        columns[name] = pa.chunked_array([column.slice(0, cut), column.slice(cut)], column.type)
    return pa.table(columns)


@QUICK
@given(tables(), tables(), st.sampled_from([None, "venue", "kind", "price", ["venue", "symbol"]]), st.sampled_from(["backward", "forward", "nearest"]),
       st.booleans(), st.sampled_from([0, "1s", None]))  # fmt: skip
def test_any_two_tables_join(left, right, by, direction, is_strict, tolerance) -> None:
    try:
        result = millrace.asof(left, right, by=by, direction=direction, strict=is_strict, tolerance=tolerance)
    except millrace.InvalidInput as problem:
        assert is_clear(problem)
        return
    out = result.to_arrow()
    out.validate(full=True)
    assert out.num_rows == left.num_rows and out["ts_event"].equals(left["ts_event"])
    assert result.matched == out["right_ts"].drop_null().length() == out["age_ns"].drop_null().length()


@QUICK
@given(tables(), st.sampled_from(["listed-36", {"p": "price + 0", "m": "midprice(bid, ask)"}]), st.integers(1, 3))
def test_any_table(table, profile, threads) -> None:
    try:
        result = millrace.features(table, profile, threads=threads)
    except millrace.InvalidInput as problem:
        assert is_clear(problem)
        return
    out = result.to_arrow()
    out.validate(full=True)
    lost = sum(one["count"] for one in result.ledger["reasons"] if one["consequence"] in ("rejected", "filtered"))
    assert result.ledger["rows_read"] == table.num_rows == out.num_rows + lost
    for name in out.column_names[-3:]:
        assert not any(isinstance(value, float) and not math.isfinite(value) for value in out[name].to_pylist())


@QUICK
@given(st.lists(st.dictionaries(COLUMNS | st.text(max_size=5) | st.integers(), SCALARS | st.integers(0, 2**62), max_size=6), max_size=8))
def test_any_rows(rows) -> None:
    stream = millrace.Stream("compat-27")
    for row in rows:
        try:
            answer = stream.update(row)
        except millrace.InvalidInput as problem:
            assert is_clear(problem)
            continue
        assert answer is None or list(answer) == stream.features


@QUICK
@given(st.data())
def test_any_snapshot(data) -> None:
    stream = millrace.Stream({"z": "rolling_zscore(price, window=5)"})
    for i in range(10):
        stream.update(ts_event=i, price=1.0 + i % 3)
    snapshot = bytearray(stream.snapshot())
    for at in data.draw(st.lists(st.integers(0, len(snapshot) - 1), max_size=4)):
        snapshot[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(snapshot)))
    for one in (bytes(snapshot), bytes(snapshot[:cut]), data.draw(st.binary(max_size=64))):
        try:
            restored = millrace.Stream.restore(one)
        except millrace.InvalidInput as problem:
            assert str(problem).startswith("snapshot: ")
            continue
        assert restored.snapshot() == one


@QUICK
@given(st.dictionaries(st.text(max_size=6), SCALARS | st.text(alphabet="price()+-*/.,=0123456789 smawindow^", max_size=30), max_size=3))
def test_any_profile(profile) -> None:
    try:
        millrace.Stream(profile)
    except millrace.InvalidInput as problem:
        assert is_clear(problem)
