"""The program gives the numbers of the oracle, on simulated and recorded ticks, in files that everyone can read."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from oracle.agreement import disagreement, read_floors
from oracle.default_100 import DEFAULT_100, FLAGS, default_100
from oracle.event_time import FEATURES, feature_file
from oracle.random_ticks import write_random_ticks
from oracle.rows import Columns, Instrument, by_instrument, read_rows

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("MILLRACE_BIN", ROOT / "build/release/millrace"))
DATA = Path(os.environ.get("MILLRACE_DATA", ROOT / "../shared/data"))
SIMULATED, RANDOM = "simulated", "random"
RECORDED = {
    "usdm": "binance_usdm_btcusdt_20240808.csv.gz",
    "spot": "binance_spot_ethusdt_20240808.csv.gz",
    "coinm": "binance_coinm_btcusd_perp_20240808.csv.gz",
    "coinbase": "coinbase_exchange_10pairs_20210417.csv.gz",
    "kraken": "kraken_spot_btcusd_20260724.csv.gz",
}
SOURCES = (SIMULATED, RANDOM, *RECORDED)
EVENT_TIME_SOURCES = (SIMULATED, "coinm", "coinbase", "kraken")
KEY_COLUMNS = ("ts_event", "ts_recv", "venue", "symbol", "seq", "kind", "price")
PROGRAM_TIMEOUT_S = 300


def run(*arguments: object) -> None:
    """Runs the program; what it printed is shown when it fails."""
    if not PROGRAM.exists():
        pytest.fail(f"program: expected {PROGRAM}; build it or set MILLRACE_BIN", pytrace=False)
    command = [str(PROGRAM), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PROGRAM_TIMEOUT_S, check=False)
    if done.returncode:
        pytest.fail(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr[-2000:]}", pytrace=False)


class Bench(NamedTuple):
    """Files of this run of the tests, each made once."""

    ticks: Callable[[str], Path]
    features: Callable[..., Path]


@pytest.fixture(scope="session")
def bench(tmp_path_factory) -> Bench:
    folder = tmp_path_factory.mktemp("features")

    @cache
    def ticks(source: str) -> Path:
        if source == SIMULATED:
            path = folder / "simulated.parquet"
            run("simulate", "--out", path, "--rows", 60_000, "--symbols", 6, "--seed", 3)
            return path
        if source == RANDOM:
            path = folder / "random.parquet"
            write_random_ticks(path)
            return path
        path = DATA / "normalized" / RECORDED[source]
        if not path.exists():
            pytest.skip(f"recorded ticks: {path} is absent; set MILLRACE_DATA")
        return path

    @cache
    def features(source: str, *options: str) -> Path:
        path = folder / f"{source}{'_'.join(options).replace('/', '_')}.parquet"
        run("research", "--in", ticks(source), "--out", path, *options)
        return path

    return Bench(ticks, features)


CLUSTERED = ("--order", "instrument")


@cache
def input_rows(path: Path) -> dict[Instrument, Columns]:
    return by_instrument(read_rows(path))


@cache
def expected_features(path: Path) -> dict[Instrument, dict[str, np.ndarray]]:
    return {instrument: default_100(rows) for instrument, rows in input_rows(path).items()}


@cache
def output_rows(path: Path) -> dict[Instrument, Columns]:
    """Columns of the program's file per instrument, in file order, numbers as doubles with NaN for null."""
    table = pq.read_table(path)
    columns: Columns = {}
    for name in table.column_names:
        column = table[name].combine_chunks()
        if name in ("venue", "symbol"):
            columns[name] = np.array(column.to_pylist(), dtype=object)
        elif name == "seq" or pa.types.is_timestamp(column.type):
            columns[name] = column.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
        else:
            columns[name] = column.cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False)
    return by_instrument(columns)


# --- Values ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", SOURCES)
def test_every_row_of_an_instrument_comes_out_once_and_in_order(bench, source) -> None:
    got = output_rows(bench.features(source, *CLUSTERED))
    expected = input_rows(bench.ticks(source))
    assert set(got) == set(expected)
    for instrument, rows in expected.items():
        for name in ("ts_event", "kind", "price"):
            np.testing.assert_array_equal(got[instrument][name], rows[name], err_msg=f"{name}, {instrument}")


@pytest.mark.parametrize("feature", DEFAULT_100)
@pytest.mark.parametrize("source", SOURCES)
def test_a_column_of_default_100_is_that_of_the_oracle(bench, source, feature) -> None:
    rows = input_rows(bench.ticks(source))
    got = output_rows(bench.features(source, *CLUSTERED))
    floor = read_floors().get(feature, "0")
    complaints = [
        disagreement(
            feature, instrument, expected[feature], got[instrument][feature], {**rows[instrument], **expected}, floor
        )
        for instrument, expected in expected_features(bench.ticks(source)).items()
    ]
    report(complaints)


def test_every_column_has_values_on_the_random_ticks(bench) -> None:
    got = output_rows(bench.features(RANDOM, *CLUSTERED))
    for instrument, columns in got.items():
        for name in DEFAULT_100:
            assert np.isfinite(columns[name]).any(), f"{name}, {instrument}"


@pytest.mark.parametrize("source", [SIMULATED, RANDOM])
def test_a_column_has_the_same_bits_in_every_profile(bench, source) -> None:
    wide = output_rows(bench.features(source, *CLUSTERED))
    for profile, count in (("listed-36", 36), ("compat-27", 27)):
        narrow = output_rows(bench.features(source, "--profile", profile, *CLUSTERED))
        for instrument, columns in narrow.items():
            names = [name for name in columns if name not in KEY_COLUMNS]
            assert len(names) == count
            for name in names:
                np.testing.assert_array_equal(columns[name], wide[instrument][name], err_msg=f"{name}, {instrument}")


@pytest.fixture(scope="session")
def event_time_options(tmp_path_factory) -> tuple[str, ...]:
    path = tmp_path_factory.mktemp("event_time") / "event_time.toml"
    path.write_text(feature_file())
    return "--features", str(path), "--order", "instrument"


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("source", EVENT_TIME_SOURCES)
def test_an_event_time_window_is_that_of_the_oracle(bench, event_time_options, source, feature) -> None:
    got = output_rows(bench.features(source, *event_time_options))
    rows = input_rows(bench.ticks(source))
    expected = {instrument: FEATURES[feature].oracle(columns) for instrument, columns in rows.items()}
    if source == "coinm":  # six minutes of one instrument: every window must have been warm
        assert all(np.isfinite(column).any() for column in expected.values())
    floor = FEATURES[feature].floor
    complaints = [
        disagreement(feature, instrument, column, got[instrument][feature], rows[instrument], floor)
        for instrument, column in expected.items()
    ]
    report(complaints)


def report(complaints: list[str | None]) -> None:
    """Fails with one line per instrument that disagrees."""
    lines = [complaint for complaint in complaints if complaint]
    if lines:
        pytest.fail("\n".join(lines), pytrace=False)


# --- Orders and widths -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", [SIMULATED, "coinbase"])
def test_order_time_keeps_the_rows_as_they_arrived(bench, source) -> None:
    table = pq.read_table(bench.features(source, "--order", "time"))
    arrived = read_rows(bench.ticks(source))
    for name in ("venue", "symbol"):
        assert table[name].to_pylist() == arrived[name].tolist(), name
    times = table["ts_event"].combine_chunks().cast(pa.int64()).to_numpy(zero_copy_only=False)
    np.testing.assert_array_equal(times, arrived["ts_event"])


@pytest.mark.parametrize("source", [SIMULATED, "coinbase"])
def test_both_orders_hold_the_same_bits(bench, source) -> None:
    clustered = output_rows(bench.features(source, *CLUSTERED))
    arrived = output_rows(bench.features(source, "--order", "time"))
    assert set(clustered) == set(arrived)
    for instrument, columns in clustered.items():
        for name, column in columns.items():
            np.testing.assert_array_equal(column, arrived[instrument][name], err_msg=f"{name}, {instrument}")


def test_float32_is_the_rounded_double(bench) -> None:
    wide = pq.read_table(bench.features(SIMULATED, *CLUSTERED))
    narrow = pq.read_table(bench.features(SIMULATED, *CLUSTERED, "--float32"))
    assert wide.column_names == narrow.column_names
    for name in DEFAULT_100:
        if name in FLAGS:
            assert narrow[name].equals(wide[name])
            continue
        assert narrow.schema.field(name).type == pa.float32(), name
        rounded = doubles(wide, name).astype(np.float32)
        np.testing.assert_array_equal(
            np.array(narrow[name].combine_chunks().fill_null(np.nan)), rounded, err_msg=name
        )


# --- Readers -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def feature_path(bench) -> Path:
    return bench.features(SIMULATED, *CLUSTERED)


@pytest.fixture(scope="session")
def table(feature_path) -> pa.Table:
    return pq.read_table(feature_path)


def doubles(table: pa.Table, name: str) -> np.ndarray:
    return np.array(table[name].combine_chunks().cast(pa.float64()).fill_null(np.nan))


def times_ns(table: pa.Table) -> np.ndarray:
    return np.array(table["ts_event"].combine_chunks().cast(pa.int64()))


def texts(table: pa.Table, name: str) -> list[str]:
    return table[name].to_pylist()


def test_the_file_has_the_promised_columns_and_types(table) -> None:
    assert table.column_names == [*KEY_COLUMNS, *DEFAULT_100]
    for name in ("ts_event", "ts_recv"):
        assert table.schema.field(name).type == pa.timestamp("ns", tz="UTC"), name
    for name in ("venue", "symbol"):
        assert pa.types.is_dictionary(table.schema.field(name).type), name
    whole = {"seq": pa.uint64(), "kind": pa.uint8(), **dict.fromkeys(FLAGS, pa.int8())}
    for name in ("seq", "kind", "price", *DEFAULT_100):
        assert table.schema.field(name).type == whole.get(name, pa.float64()), name


def test_no_value_is_null_and_never_nan(table) -> None:
    for name in DEFAULT_100:
        column = table[name].cast(pa.float64())
        assert pc.all(pc.is_finite(column.drop_null())).as_py() in (True, None), name
    assert table["zscore"].null_count > 0


def test_pandas_reads_the_same_values(feature_path, table) -> None:
    frame = pd.read_parquet(feature_path)
    assert str(frame["ts_event"].dtype) == "datetime64[ns, UTC]"
    np.testing.assert_array_equal(frame["ts_event"].astype("int64"), times_ns(table))
    for name in ("venue", "symbol"):
        assert isinstance(frame[name].dtype, pd.CategoricalDtype), name
        assert frame[name].tolist() == texts(table, name)
    for name in DEFAULT_100:
        np.testing.assert_array_equal(frame[name].astype(float), doubles(table, name), err_msg=name)


def test_polars_reads_the_same_values(feature_path, table) -> None:
    frame = pl.read_parquet(feature_path)
    assert frame.schema["ts_event"] == pl.Datetime("ns", "UTC")
    assert all(frame.schema[name] == pl.Int8 for name in FLAGS)
    np.testing.assert_array_equal(frame["ts_event"].to_physical().to_numpy(), times_ns(table))
    for name in ("venue", "symbol"):
        assert frame[name].cast(pl.String).to_list() == texts(table, name)
    for name in DEFAULT_100:
        got = frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
        np.testing.assert_array_equal(got, doubles(table, name), err_msg=name)


def test_duckdb_reads_the_same_values(feature_path, table) -> None:
    relation = duckdb.read_parquet(str(feature_path))
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    assert types["ts_event"] == "TIMESTAMPTZ_NS"
    assert {types[name] for name in FLAGS} == {"TINYINT"}
    assert {types[name] for name in DEFAULT_100 if name not in FLAGS} == {"DOUBLE"}
    got = relation.to_arrow_table()
    np.testing.assert_array_equal(times_ns(got), times_ns(table))
    for name in ("venue", "symbol"):
        assert texts(got, name) == texts(table, name)
    for name in DEFAULT_100:
        np.testing.assert_array_equal(doubles(got, name), doubles(table, name), err_msg=name)
