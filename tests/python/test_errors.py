"""Bad input: what the caller did wrong is said, in the words of the command line; nothing crashes."""

from __future__ import annotations

import millrace
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from millrace import kernels

from cli.program import FAILED, run

P = np.linspace(1, 2, 20)
TS = 10**18 + np.arange(20)
TICKS = pa.table({"ts_event": TS, "price": P})


def test_errors_are_value_errors() -> None:
    assert issubclass(millrace.InvalidInput, ValueError) and issubclass(millrace.InvalidInput, millrace.Error)
    assert not issubclass(millrace.Error, ValueError)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: kernels.rsi(P, perod=3), "rsi: unknown parameter `perod` (did you mean `period`?)"),
        (lambda: kernels.rsi(P, period=0), "rsi: period must be a whole number from 1 to 1000000, was `0`"),
        (lambda: kernels.rsi(P, period=2.5), "rsi: period must be a whole number from 1 to 1000000, was `2.5`"),
        (lambda: kernels.rsi(P, period=[3]), "rsi: period: expected a number, a text or a duration, found list"),
        (lambda: kernels.rsi(P, 14), "rsi takes 1 input (x), was given 2; parameters are given by name"),
        (lambda: kernels.rsi(), "rsi takes 1 input (x), was given 0"),
        (lambda: kernels.rsi(P, x=P), "rsi: input `x` is given twice"),
        (lambda: kernels.midprice(ask=P), "midprice: input `bid` is missing"),
        (lambda: kernels.midprice(P, P[:5]), "midprice: ask has 5 rows; expected 20 as in bid"),
        (lambda: kernels.macd(P, fast=9, slow=3), "macd: "),
        (lambda: kernels.vol_target(P), "vol_target: parameter `target` is required"),
        (lambda: kernels.ewma(P, alpha=0.1, span=3), "ewma: expected one of"),
        (lambda: kernels.sma(P, window="10s"), "expected `ts`, the times of the rows"),
        (lambda: kernels.sma(P, window="10s", ts=TS[:3]), "sma: ts has 3 rows; expected 20"),
        (lambda: kernels.sma(P, by=["a"]), "sma: by has 1 rows; expected 20"),
        (lambda: kernels.sma(P, by=[None] * 20), "sma: by: expected a key on every row, found a missing one"),
        (lambda: kernels.sma(P, by=[[1]] * 20), "sma: by: expected "),
        (lambda: kernels.sma(P, ts=P), "sma: ts: expected nanoseconds as whole numbers, or timestamps"),
        (lambda: kernels.sma(P, ts=TS - 2 * 10**18), "sma: ts[0] is -1000000000000000000 ns; expected a time since 1970"),
        (lambda: kernels.sma(P, ts=pd.Series([pd.NaT] * 20)), "sma: ts[0] is missing"),
        (lambda: kernels.sma(P, ts_recv=TS), "sma: it does not read the time of receipt"),
        (lambda: kernels.sma(P, on="trade"), "sma: rows of arrays have no kind; on must be any"),
        (lambda: kernels.sma("prices"), "sma: x: expected numbers in an array or a series, found str"),
        (lambda: kernels.sma(None), "sma takes 1 input (x), was given 0"),
        (lambda: kernels.sma(3.5), "sma: x: expected numbers in an array or a series, found a single number"),
        (lambda: kernels.sma(P.reshape(4, 5)), "sma: x: expected one dimension, found 2"),
        (lambda: kernels.sma(np.array(["1"])), "sma: x: expected numbers, found an array of <U1"),
        (lambda: kernels.sma(np.array([1, None])), "sma: x: expected numbers, found an array of object"),
        (lambda: kernels.sma(np.array([True])), "sma: x: expected numbers, found an array of bool"),
        (lambda: kernels.sma(P + 1j), "sma: x: expected numbers, found an array of complex128"),
        (lambda: kernels.sma(np.array([2**60])), "sma: x: expected whole numbers up to 2**53"),
        (lambda: kernels.sma([[1], [2, 3]]), "sma: x: expected numbers in an array or a series, found list"),
        (lambda: kernels.sma(pl.Series(["a"])), "sma: x: expected numbers, found a series of String"),
        (lambda: kernels.sma(pl.DataFrame({"a": P})), "sma: x: expected a series, found polars.DataFrame"),
        (lambda: kernels.sma(pd.DataFrame({"a": P})), "sma: x: expected a series, found pandas.DataFrame"),
        (lambda: kernels.sma(pd.Series(["a"])), "sma: x: expected numbers, found a"),
        (lambda: kernels.sma(pd.Series(["a"], dtype="category")), "sma: x: expected numbers, found a series of category"),
        (lambda: kernels.sma(pa.array(["a"])), "sma: x: expected numbers, found an array of string"),
        (lambda: kernels.midprice(pd.Series(P), pd.Series(P, index=range(5, 25))), "midprice: expected series with one index"),
        (lambda: kernels.describe("rsj"), "unknown kernel `rsj` (did you mean `rsi`?)"),
        (lambda: millrace.features(TICKS, "listed-37"), "`listed-37` (did you mean `listed-36`?)"),
        (lambda: millrace.features(TICKS, 5), "profile: expected the name of a profile, a .toml file or {name: expression}"),
        (lambda: millrace.features(TICKS, {}), "expected at least one feature"),
        (lambda: millrace.features(TICKS, {"a b": "price + 0"}), "expected a name of letters, digits and _"),
        (lambda: millrace.features(TICKS, {1: "price"}), "profile: expected names of features as texts, found int"),
        (lambda: millrace.features(TICKS, {"a": 5}), "profile: `a`: expected an expression as a text, found 5"),
        (lambda: millrace.features(TICKS, {"a": {"expr": "price"}}), "expected expression, unit and warmup, found expr"),
        (lambda: millrace.features(TICKS, {"a": "rsj(price)"}), "`a`: unknown kernel `rsj` (did you mean `rsi`?)"),
        (lambda: millrace.features(TICKS, {"a": "sma(prise)"}), "`a`: unknown name `prise` (did you mean `price`?)"),
        (lambda: millrace.features(TICKS, {"a": "sma(bid)"}), "table: column `bid` is missing; feature `a` needs it"),
        (lambda: millrace.features(TICKS, "/nowhere.toml"), "/nowhere.toml: expected a feature file"),
        (lambda: millrace.features(TICKS, threads=0), "threads: expected a whole number from 1"),
        (lambda: millrace.features("/nowhere.parquet"), "/nowhere.parquet: expected a file or a folder, found neither"),
        (lambda: millrace.features(__file__), "test_errors.py: "),
        (lambda: millrace.features([1, 2]), "table: expected a table with the Arrow PyCapsule protocol"),
        (lambda: millrace.features(pa.chunked_array([[1]])), "table: expected columns with names, found an array of int64"),
        (lambda: millrace.features(pa.table({"price": P})), "its layout is not known; found columns price"),
        (lambda: millrace.features(pa.table({"ts_event": P, "price": P})), "column `ts_event` has the wrong type"),
        (lambda: millrace.features(TICKS.append_column("bid", [["x"] * 20])), "column `bid` has the wrong type; expected"),
        (lambda: millrace.features(TICKS.append_column("symbol", [range(20)])), "column `symbol` has the wrong type"),
        (lambda: millrace.features(TICKS.append_column("price", [P])), "column `price` is there twice"),
        (lambda: millrace.Stream(7), "profile: expected"),
        (lambda: millrace.Stream("compat-27").update(5), "row: expected a mapping of column names to values, found int"),
        (lambda: millrace.Stream("compat-27").update(price=1.0), "row: column `ts_event` is missing"),
        (lambda: millrace.Stream("compat-27").update(ts_event=1.5), "row: `ts_event`: expected nanoseconds as a whole number"),
        (lambda: millrace.Stream("compat-27").update(ts_event=1, prise=1), "row: unknown column `prise` (did you mean `price`?)"),
        (lambda: millrace.Stream("compat-27").update(ts_event=1, price="1"), "row: `price` has the wrong type; expected a number"),
        (lambda: millrace.Stream("compat-27").update(ts_event=1, symbol=5), "row: `symbol` has the wrong type; expected text"),
        (lambda: millrace.Stream("compat-27").update({1: 2, "ts_event": 1}), "expected text, found int"),
        (lambda: millrace.Stream("compat-27").update(ts_event=1, bid=1, size=1), "column `kind` is missing"),
    ],
)
def test_bad_input_is_told(call, text) -> None:
    with pytest.raises(millrace.InvalidInput) as caught:
        call()
    assert text in str(caught.value), str(caught.value)
    assert "std::" not in str(caught.value)


def test_an_unknown_kernel_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="unknown kernel `zscore_rolling`"):
        _ = kernels.zscore_rolling
    with pytest.raises(millrace.InvalidInput, match="did you mean `rsi`"):
        _ = kernels.rsj
    assert not hasattr(kernels, "rsj") and dir(kernels) == kernels.__all__


@pytest.mark.parametrize("expression", ["rsi(price, period=0)", "rsj(price)", "sma(price, window=-1)", "macd(price).hist", "price +"])
def test_an_expression_is_refused_in_the_words_of_the_command_line(tmp_path, expression) -> None:
    (tmp_path / "f.toml").write_text(f'mode = "replace"\n[features]\nf = "{expression}"\n')
    done = run("features", "--features", tmp_path / "f.toml")
    with pytest.raises(millrace.InvalidInput) as caught:
        millrace.Stream({"f": expression})
    assert done.code == FAILED
    place, _, words = str(caught.value).partition(": ")
    assert place.startswith("line 1, column ")
    assert words in done.err


def test_a_parameter_is_refused_in_the_words_of_the_command_line(tmp_path) -> None:
    (tmp_path / "f.toml").write_text('mode = "replace"\n[features]\nf = "rsi(price, perod=0)"\n')
    with pytest.raises(millrace.InvalidInput) as caught:
        kernels.rsi(P, perod=0)
    assert str(caught.value) in run("features", "--features", tmp_path / "f.toml").err


def test_a_stream_is_read_once() -> None:
    class Once:
        capsule = TICKS.__arrow_c_stream__()

        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return self.capsule

    assert len(millrace.features(Once(), {"p": "price + 0"})) == 20
    with pytest.raises(millrace.InvalidInput, match="they come only once"):
        millrace.features(Once(), {"p": "price + 0"})


def test_a_reader_that_fails_is_told() -> None:
    def batches():
        yield TICKS.to_batches()[0]
        raise RuntimeError("the cable is cut")

    reader = pa.RecordBatchReader.from_batches(TICKS.schema, batches())
    with pytest.raises(millrace.InvalidInput, match="table: no more rows: .*the cable is cut"):
        millrace.features(reader, {"p": "price + 0"})


def test_a_stream_that_was_cut_short_says_so() -> None:
    def batches():
        yield TICKS.to_batches()[0]
        raise RuntimeError("cut")

    stream = millrace.Stream({"p": "price + 0"})
    with pytest.raises(millrace.InvalidInput):
        stream.update_batch(pa.RecordBatchReader.from_batches(TICKS.schema, batches()))
    for call in (lambda: stream.update(ts_event=1), stream.snapshot, lambda: stream.update_batch(TICKS)):
        with pytest.raises(millrace.InvalidInput, match="stopped inside a batch"):
            call()


def test_a_table_of_the_wrong_kind_leaves_a_stream_usable() -> None:
    stream = millrace.Stream({"p": "price + 0"})
    with pytest.raises(millrace.InvalidInput, match="wrong type"):
        stream.update_batch(pa.table({"ts_event": ["x"], "price": [1.0]}))
    assert len(stream.update_batch(TICKS)) == 20
