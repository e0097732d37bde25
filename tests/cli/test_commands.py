"""The verbs keep what their help, their JSON and their files promise."""

from __future__ import annotations

import itertools
import json
import re
import shlex
import subprocess
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from cli.market import (
    QUOTE,
    START_NS,
    STEP_NS,
    TICKER,
    TRADE,
    Rows,
    clean_rows,
    cut,
    merged,
    table_of,
    write_csv,
    write_parquet,
)
from cli.program import (
    DATA,
    FAILED,
    PROGRAM,
    USAGE,
    assert_one_clear_message,
    assert_same_bits,
    assert_same_rows,
    run,
    succeed,
    summary_of,
)

VERBS = ("research", "simulate", "kernels", "features", "inspect", "bench")
PROFILES = ("compat-27", "listed-36", "default-100")
KEY_COLUMNS = ["ts_event", "ts_recv", "venue", "symbol", "seq", "kind", "price"]
INSTRUMENTS = (("coinbase", "BTC-USD"), ("coinbase", "ETH-USD"), ("kraken", "BTC-USD"))


def research(source: object, *options: object, output: str = "out.parquet") -> pa.Table:
    sources = source if isinstance(source, list) else [source]
    succeed("research", "--quiet", "--in", *sources, "--out", output, *options)
    return pq.read_table(output)


def three_instruments(count: int = 1000) -> Rows:
    return merged(*(clean_rows(count, venue, symbol, seed) for seed, (venue, symbol) in enumerate(INSTRUMENTS)))


@pytest.fixture
def market(folder: Path) -> Path:
    return write_parquet(three_instruments(), folder / "market.parquet")


def metadata_of(path: object = "out.parquet") -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in pq.read_metadata(path).metadata.items()}


def names_of(table: pa.Table) -> set[tuple[str, str]]:
    return set(zip(table["venue"].to_pylist(), table["symbol"].to_pylist(), strict=True))


def times_of(table: pa.Table) -> np.ndarray:
    return table["ts_event"].combine_chunks().cast(pa.int64()).to_numpy(zero_copy_only=False)


def of_instrument(table: pa.Table, venue: str, symbol: str) -> pa.Table:
    is_it = [(v, s) == (venue, symbol) for v, s in zip(table["venue"].to_pylist(), table["symbol"].to_pylist(), strict=True)]
    return table.filter(pa.array(is_it))


def assert_same_instruments(one: pa.Table, other: pa.Table) -> None:
    """Equal rows of each instrument; instruments may alternate otherwise."""
    assert names_of(one) == names_of(other)
    assert one.num_rows == other.num_rows
    for venue, symbol in names_of(one):
        first, second = of_instrument(one, venue, symbol), of_instrument(other, venue, symbol)
        for name in set(one.column_names) - {"venue", "symbol"}:
            assert_same_bits(first[name], second[name], f"{name}, {venue}:{symbol}")


# --- Help, JSON, version --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb_ends_with_an_example_of_it(verb) -> None:
    done = succeed(verb, "--help")
    examples = done.out.split("Example", 1)[1]
    lines = [line for line in examples.splitlines() if line.startswith("  ")]
    assert lines
    assert all(line.startswith(f"  millrace {verb} ") for line in lines)


def test_help_names_every_verb_and_exit_code() -> None:
    text = succeed("--help").out
    for word in (*VERBS, "0 done", "1 the run failed", "2 the command line", "3 finished"):
        assert word in text


def test_the_examples_of_the_help_run(folder) -> None:
    Path("data").mkdir()
    Path("mine.toml").write_text('[features]\nfast = "ewma(price, half_life=5s)"\n')
    rows = clean_rows(100)
    rows["ts_event"] = [time + 365 * 86_400_000_000_000 for time in rows["ts_event"]]
    write_parquet(rows, folder / "data/ticks.parquet")
    write_parquet(rows, folder / "ticks.parquet")
    texts = [succeed("--help").out, *(succeed(verb, "--help").out for verb in VERBS if verb != "bench")]
    examples = [line.strip() for text in texts for line in text.splitlines() if line.startswith("  millrace ")]
    assert len(examples) >= len(VERBS)
    for example in examples:
        succeed(*shlex.split(example)[1:])


def test_version_is_one_line_that_names_build_and_flags() -> None:
    out = succeed("--version").out
    assert re.fullmatch(r"\S+ \S.* -O\d .*\n", out), out


STREAM_FIELDS = (
    "name scope family version title formula unit warmup reference inputs outputs params windows state_bytes function".split()
)
FUNCTION_FIELDS = "name scope family version title formula unit warmup reference inputs outputs params".split()


def assert_is_function(function: dict) -> None:
    assert list(function) == FUNCTION_FIELDS, function["name"]
    assert function["scope"] == "function"
    assert {"name", "rank", "type", "meaning", "optional"} == set(function["inputs"][0])
    for value in (*function["inputs"], *function["outputs"]):
        assert value["rank"] in ("scalar", "vector", "matrix")
        assert value["type"] in ("number", "integer", "time", "side", "text")


def test_kernels_as_JSON_have_the_promised_fields() -> None:
    kernels = json.loads(succeed("kernels", "--json").out)
    assert len({kernel["name"] for kernel in kernels}) == len(kernels)
    for kernel in kernels:
        assert all(kernel[field] for field in ("name", "family", "title", "formula", "reference", "inputs", "outputs"))
        assert all(set(param) == {"name", "default", "range", "meaning"} for param in kernel["params"])
        assert json.loads(succeed("kernels", kernel["name"], "--json").out) == kernel
        if kernel["scope"] == "function":
            assert_is_function(kernel)
            continue
        assert list(kernel) == STREAM_FIELDS, kernel["name"]
        assert {"name", "optional"} == set(kernel["inputs"][0])
        if kernel["function"] is not None:
            assert_is_function(kernel["function"])
            assert kernel["function"]["name"] == kernel["name"]


def test_kernels_as_text_name_what_the_JSON_names() -> None:
    text = succeed("kernels").out
    for kernel in json.loads(succeed("kernels", "--json").out):
        assert f"  {kernel['name']} " in text
        one = succeed("kernels", kernel["name"]).out
        for part in (kernel["title"], kernel["formula"], kernel["unit"], *(param["name"] for param in kernel["params"])):
            assert part in one


SCHEDULE = {"quantity": 8, "horizon": 2, "slices": 4, "sigma": 1, "lambda": 0, "gamma": 0, "eta": 1}


def test_a_function_is_called_with_JSON() -> None:
    expected = {"kappa": 0, "holdings": [8, 6, 4, 2, 0], "trades": [2, 2, 2, 2]}
    text = json.dumps(SCHEDULE)
    assert json.loads(succeed("kernels", "optimal_ac_schedule", "--call", text).out) == expected
    piped = subprocess.run([PROGRAM, "kernels", "optimal_ac_schedule", "--call", "-"], input=text, capture_output=True, text=True)
    assert (piped.returncode, piped.stderr, json.loads(piped.stdout)) == (0, "", expected)


BAD_CALLS = {
    "no JSON": ("optimal_ac_schedule", "{", USAGE, ("--call expects a JSON object",)),
    "a list": ("optimal_ac_schedule", "[1]", USAGE, ("--call expects a JSON object",)),
    "an unknown name": ("optimal_ac_schedule", {"horzon": 2}, FAILED, ("unknown name `horzon`", "did you mean `horizon`")),
    "a missing input": ("optimal_ac_schedule", {**SCHEDULE, "quantity": ...}, FAILED, ("`quantity` is required",)),
    "a missing parameter": ("optimal_ac_schedule", {**SCHEDULE, "slices": ...}, FAILED, ("`slices` is required",)),
    "a parameter out of range": ("optimal_ac_schedule", {**SCHEDULE, "slices": 0}, FAILED, ("slices must be", "was `0`")),
    "a parameter of null": ("optimal_ac_schedule", {**SCHEDULE, "slices": None}, FAILED, ("slices must be", "was null")),
    "a list for a number": ("optimal_ac_schedule", {**SCHEDULE, "horizon": [2]}, FAILED, ("horizon must be a number", "[2]")),
    "a value the formula has not": ("optimal_ac_schedule", {**SCHEDULE, "horizon": 0}, FAILED, ("horizon must be above 0",)),
    "a stream": ("rsi", {}, USAGE, ("rsi is no function",)),
    "an unknown function": ("optimal_ac_shedule", {}, USAGE, ("did you mean `optimal_ac_schedule`",)),
}


@pytest.mark.parametrize("case", BAD_CALLS)
def test_a_call_that_cannot_be_says_why(case: str) -> None:
    name, call, code, parts = BAD_CALLS[case]
    if isinstance(call, dict):
        call = json.dumps({key: value for key, value in call.items() if value is not ...})
    done = run("kernels", name, "--call", call)
    assert done.code == code
    assert_one_clear_message(done, *parts)


@pytest.mark.parametrize("profile", PROFILES)
def test_features_as_JSON_are_the_columns_of_a_run(market, profile) -> None:
    described = json.loads(succeed("features", profile, "--json").out)
    assert list(described) == ["profile", "fingerprint", "state_bytes", "features"]
    assert described["profile"] == profile
    assert len(described["features"]) == int(profile.split("-")[1])
    for feature in described["features"]:
        assert list(feature) == ["name", "expression", "unit", "warmup", "flag"]
        assert feature["expression"]
    table = research(market, "--profile", profile)
    assert table.column_names == KEY_COLUMNS + [feature["name"] for feature in described["features"]]
    flags = {feature["name"] for feature in described["features"] if feature["flag"]}
    assert flags == {name for name in table.column_names if table.schema.field(name).type == pa.int8()}
    assert metadata_of()["millrace.fingerprint"] == described["fingerprint"]


def test_a_feature_file_extends_a_profile_or_replaces_it(market) -> None:
    definitions = '[features]\nfast = { expression = "ewma(price, half_life=5s)", unit = "px" }\n'
    Path("f.toml").write_text(definitions)
    assert research(market, "--features", "f.toml").num_columns == len(KEY_COLUMNS) + 100 + 1
    Path("f.toml").write_text('mode = "replace"\n' + definitions)
    assert research(market, "--features", "f.toml").column_names == [*KEY_COLUMNS, "fast"]
    (feature,) = json.loads(succeed("features", "--features", "f.toml", "--json").out)["features"]
    assert (feature["name"], feature["unit"]) == ("fast", "px")


@pytest.mark.parametrize("container", ["Parquet", "CSV"])
def test_inspect_as_JSON_tells_rows_and_times_of_each_instrument(folder, container) -> None:
    rows = merged(clean_rows(10), clean_rows(20, "kraken", "XBT/USD", first=5))
    write_parquet(rows, folder / "ticks.parquet")
    write_csv(rows, folder / "ticks.csv")
    done = json.loads(succeed("inspect", f"ticks.{container.lower()}", "--json").out)
    fields = "path container layout rows row_groups schema instruments metadata renamed ledger".split()
    assert list(done) == fields
    assert (done["container"], done["layout"], done["rows"]) == (container, "canonical", 30)
    bitcoin = {"symbol": "BTC-USD", "longest_gap_s": 0.1, "gap_rows": 0}
    coinbase = {"venue": "coinbase", "rows": 10, "first": text_of(0), "last": text_of(9), "longest_gap_from": text_of(0)}
    kraken = {"venue": "kraken", "rows": 20, "first": text_of(5), "last": text_of(24), "longest_gap_from": text_of(5)}
    assert done["instruments"] == [bitcoin | coinbase, bitcoin | kraken]
    assert done["renamed"] == ["XBT/USD -> BTC-USD"]
    assert "ts_event" in done["schema"]
    assert done["ledger"] == {"rows_read": 0, "reasons": []}


def text_of(row: int) -> str:
    seconds, rest = divmod(START_NS + row * STEP_NS, 1_000_000_000)
    text = datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{rest:09}Z" if rest else f"{text}Z"


# --- Which rows -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("symbols", "expected"),
    [
        ("ETH-USD", {("coinbase", "ETH-USD")}),
        ("BTC-USD", {("coinbase", "BTC-USD"), ("kraken", "BTC-USD")}),
        ("kraken:BTC-USD", {("kraken", "BTC-USD")}),
        ("kraken:BTC-USD,ETH-USD", {("kraken", "BTC-USD"), ("coinbase", "ETH-USD")}),
        ("BTC-USD,ETH-USD,BTC-USD", set(INSTRUMENTS)),
    ],
)
def test_symbols_choose_instruments_and_leave_their_features_as_they_are(market, symbols, expected) -> None:
    everything = research(market, output="all.parquet")
    chosen = research(market, "--symbols", symbols)
    assert names_of(chosen) == expected
    for venue, symbol in expected:
        assert_same_instruments(of_instrument(chosen, venue, symbol), of_instrument(everything, venue, symbol))


@pytest.mark.parametrize("symbols", ["BTC-EUR", "kraken:ETH-USD", "btc-usd", "BTC-USD,NONE"])
def test_an_unknown_symbol_ends_the_run(market, symbols) -> None:
    done = run("research", "--in", market, "--out", "out.parquet", "--symbols", symbols)
    assert done.code == FAILED
    assert_one_clear_message(done, "--symbols", symbols.split(",")[-1], "kraken:BTC-USD")


def test_from_is_the_first_time_and_to_the_first_no_longer_wanted(folder) -> None:
    rows = clean_rows(100)
    write_parquet(rows, folder / "ticks.parquet")
    for first, end in ((10, 20), (0, 100), (10, 11), (10, None), (None, 20)):
        options = [*(() if first is None else ("--from", text_of(first))), *(() if end is None else ("--to", text_of(end)))]
        table = research("ticks.parquet", *options)
        assert times_of(table).tolist() == rows["ts_event"][first:end]
    assert research("ticks.parquet", "--from", "2025-11-22", "--to", "2025-11-23").num_rows == 100
    assert research("ticks.parquet", "--from", "2025-11-23").num_rows == 0


def test_features_start_anew_at_from(folder) -> None:
    rows = clean_rows(500)
    write_parquet(rows, folder / "ticks.parquet")
    write_parquet(cut(rows, 200), folder / "later.parquet")
    research("ticks.parquet", "--from", text_of(200), output="a.parquet")
    research("later.parquet", output="b.parquet")
    assert_same_rows(Path("a.parquet"), Path("b.parquet"))


# --- How the output is written --------------------------------------------------------------------------------------


def test_the_number_of_threads_changes_no_bit(folder) -> None:
    succeed("simulate", "--out", "market.parquet", "--rows", 200_000, "--symbols", 20)
    for threads in (1, 2, 5):
        research("market.parquet", "--threads", threads, "--summary", f"{threads}.json", output=f"{threads}.parquet")
    for threads in (2, 5):
        assert_same_rows(Path("1.parquet"), Path(f"{threads}.parquet"))
        assert summary_of(folder / "1.json")["summary"] == summary_of(folder / f"{threads}.json")["summary"]


def test_the_same_run_twice_gives_the_same_file(market) -> None:
    for options in ((), ("--order", "time"), ("--float32",)):
        research(market, *options, output="a.parquet")
        research(market, *options, output="b.parquet")
        assert Path("a.parquet").read_bytes() == Path("b.parquet").read_bytes()


def test_names_are_stored_as_dictionaries_of_the_instruments_written(market) -> None:
    table = research(market, "--symbols", "coinbase:BTC-USD,coinbase:ETH-USD")
    assert table["venue"].chunk(0).dictionary.to_pylist() == ["coinbase"]
    assert sorted(table["symbol"].chunk(0).dictionary.to_pylist()) == ["BTC-USD", "ETH-USD"]
    group = pq.read_metadata("out.parquet").row_group(0)
    for name in ("venue", "symbol"):
        assert "RLE_DICTIONARY" in group.column(table.column_names.index(name)).encodings


def test_order_time_keeps_the_order_of_the_input(market) -> None:
    rows = three_instruments()
    table = research(market, "--order", "time")
    assert times_of(table).tolist() == rows["ts_event"]
    assert table["symbol"].to_pylist() == rows["symbol"]
    assert_same_instruments(table, research(market))


def test_float32_halves_the_features_and_leaves_the_rest(market) -> None:
    wide, narrow = research(market, output="wide.parquet"), research(market, "--float32")
    for name in wide.column_names:
        is_feature = name not in KEY_COLUMNS and wide.schema.field(name).type == pa.float64()
        assert narrow.schema.field(name).type == (pa.float32() if is_feature else wide.schema.field(name).type), name
        expected = wide[name].cast(pa.float32(), safe=False) if is_feature else wide[name]
        assert_same_bits(expected, narrow[name], name)


@pytest.mark.parametrize("codec", ["lz4", "zstd", "snappy"])
def test_each_compression_holds_the_same_rows(market, codec) -> None:
    research(market, "--compression", codec)
    research(market, output="default.parquet")
    assert_same_rows(Path("out.parquet"), Path("default.parquet"))
    group = pq.read_metadata("out.parquet").row_group(0)
    used = {group.column(i).compression for i in range(group.num_columns)}
    assert codec.upper() in used
    assert used <= {codec.upper(), "UNCOMPRESSED"}


def test_the_metadata_tell_where_the_file_comes_from(market) -> None:
    research(market)
    told = metadata_of()
    assert told["millrace.schema"] == "features 1"
    assert told["millrace.profile"] == "default-100"
    assert told["millrace.order"] == "instrument"
    assert told["millrace.build"] in succeed("--version").out
    assert re.fullmatch("[0-9a-f]{16}", told["millrace.fingerprint"])
    described = json.loads(succeed("features", "--json").out)["features"]
    assert json.loads(told["millrace.expressions"]) == {one["name"]: one["expression"] for one in described}
    assert json.loads(told["millrace.ledger"]) == {"rows_read": 3000, "reasons": []}
    (source,) = json.loads(told["millrace.inputs"])
    about = market.stat()
    assert source["path"] == str(market)
    assert (source["layout"], source["bytes"], source["rows"]) == ("canonical", about.st_size, 3000)
    modified = datetime.fromtimestamp(about.st_mtime_ns // 1_000_000_000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    assert source["modified"].startswith(modified)


# --- Many files -----------------------------------------------------------------------------------------------------


def test_files_folders_globs_and_datasets_give_the_rows_of_one_file(folder) -> None:
    rows = three_instruments(600)
    write_parquet(rows, folder / "one.parquet")
    expected = research("one.parquet", output="expected.parquet")
    Path("parts/deeper").mkdir(parents=True)
    third = len(rows["ts_event"]) // 3
    write_parquet(cut(rows, 0, third), folder / "parts/a.parquet")
    write_csv(cut(rows, third, 2 * third), folder / "parts/deeper/b.csv")
    write_parquet(cut(rows, 2 * third), folder / "parts/c.parquet")
    Path("parts/notes.txt").write_text("no data")
    Path("parts/_SUCCESS").touch()
    Path("parts/.hidden.parquet").write_bytes(b"no data")
    files = ["parts/c.parquet", "parts/a.parquet", "parts/deeper/b.csv"]
    for source in (files, ["parts"], ["parts/*.parquet", "parts/*/*.csv"], ["parts", *files, "./parts/a.parquet"]):
        assert_same_instruments(research(source), expected)
    assert_same_instruments(research(",".join(files[:1]), "--in", *files[1:]), expected)


def test_a_dataset_partitioned_by_venue_and_date_is_read_whole(folder) -> None:
    rows = merged(three_instruments(300), clean_rows(300, "kraken", "XBT/USD", seed=9, first=1_000_000))
    write_parquet(rows, folder / "one.parquet")
    expected = research("one.parquet", output="expected.parquet")
    dates = [str(np.datetime64(time, "ns").astype("datetime64[D]")) for time in rows["ts_event"]]
    assert len(set(dates)) == 2
    table = table_of(rows).append_column("date", pa.array(dates))
    for keys in (["venue", "date"], ["venue", "symbol"], ["date"]):
        place = "by_" + "_".join(keys)
        flavor = ds.partitioning(pa.schema([(key, pa.string()) for key in keys]), flavor="hive")
        plain = table if "date" in keys else table.drop_columns(["date"])
        ds.write_dataset(plain, place, format="parquet", partitioning=flavor)
        assert_same_instruments(research(place), expected)


def test_many_files_that_follow_on_each_other_are_read_in_the_order_of_time(folder) -> None:
    rows = clean_rows(2000)
    Path("parts").mkdir()
    for number, first in enumerate(range(0, 2000, 20)):
        write_parquet(cut(rows, first, first + 20), folder / f"parts/{99 - number:03}.parquet")
    table = research("parts")
    assert times_of(table).tolist() == rows["ts_event"]
    assert len(json.loads(metadata_of()["millrace.inputs"])) == 100


# --- Simulation -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kinds", ["mixed", "ticker"])
def test_one_seed_gives_one_file(folder, kinds) -> None:
    options = "--rows", 30_000, "--symbols", 5, "--kinds", kinds
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        succeed("simulate", "--out", f"{name}.parquet", "--seed", seed, *options)
    assert Path("a.parquet").read_bytes() == Path("b.parquet").read_bytes()
    assert not pq.read_table("a.parquet").equals(pq.read_table("c.parquet"))
    assert {path.name for path in folder.iterdir()} == {"a.parquet", "b.parquet", "c.parquet"}
    table = pq.read_table("a.parquet")
    assert table.num_rows == 30_000
    assert len(names_of(table)) <= 5
    received = table["ts_recv"].combine_chunks().cast(pa.int64()).to_numpy(zero_copy_only=False)
    assert np.all(np.diff(received) >= 0)


@pytest.mark.parametrize(("rows", "symbols"), [(1, 1), (1, 14), (16_384, 3), (16_385, 3)])
def test_a_simulation_has_exactly_the_rows_asked_for(folder, rows, symbols) -> None:  # noqa: ARG001
    succeed("simulate", "--out", "a.parquet", "--rows", rows, "--symbols", symbols)
    assert pq.read_metadata("a.parquet").num_rows == rows
    assert research("a.parquet").num_rows == rows


# --- Summary --------------------------------------------------------------------------------------------------------

HORIZONS_NS = {"corr_1s": 10**9, "corr_10s": 10 * 10**9, "corr_60s": 60 * 10**9, "corr_300s": 300 * 10**9}


def later_returns(times: np.ndarray, mid: np.ndarray, horizon_ns: int) -> np.ndarray:
    """Log return to the last mid known at t + horizon; none where the rows end before that."""
    at = np.searchsorted(times, times + horizon_ns, side="right")
    later = np.where(at < len(times), mid[np.minimum(at, len(times)) - 1], np.nan)
    return np.log(later / mid)


def lacking(name: str, capabilities: list[str], columns: list[str], kinds: list[str] | None = None) -> dict:
    """What the summary says of a feature that is null on every row."""
    parts = {"missing_capabilities": capabilities, "missing_columns": columns, "missing_kinds": kinds or []}
    return {"name": name, **parts}


def expected_summary(values: np.ndarray, returns: dict[str, np.ndarray]) -> dict[str, float]:
    given = values[~np.isnan(values)]
    expected: dict[str, float] = {"values": len(given), "nulls": len(values) - len(given)}
    if len(given) == 0:
        return expected
    expected |= {"mean": given.mean(), "min": given.min(), "max": given.max(), "sd": given.std(ddof=1)}
    expected |= dict(zip(("q25", "median", "q75"), np.quantile(given, (0.25, 0.5, 0.75)), strict=True))
    for name, later in returns.items():
        both = ~np.isnan(values) & ~np.isnan(later)
        with np.errstate(invalid="ignore"):  # of a column that does not move
            expected[name] = np.corrcoef(values[both], later[both])[0, 1] if both.sum() > 2 else np.nan
    return expected


def test_the_summary_says_what_numpy_says(folder) -> None:
    rows = merged(*(clean_rows(1500, venue, symbol, seed) for seed, (venue, symbol) in enumerate(INSTRUMENTS[:2])))
    for i in range(700, len(rows["ts_event"])):
        rows["ts_event"][i] += 2 * STEP_NS + 123  # a gap
    write_parquet(rows, folder / "market.parquet")
    table = research("market.parquet", "--summary", "s.json", "--profile", "listed-36")
    summary = summary_of(folder / "s.json")["summary"]
    assert (summary["rows"], summary["sampled"], summary["stride"]) == (3000, 3000, 1)
    assert summary["empty"] == [lacking("vpin", ["stats24h"], ["vol_24h"])]
    for told in summary["instruments"]:
        part = of_instrument(table, told["venue"], told["symbol"])
        own = [i for i, name in enumerate(zip(rows["venue"], rows["symbol"], strict=True)) if name == (told["venue"], told["symbol"])]
        times = np.array([rows["ts_event"][i] for i in own])
        mid = np.array([0.5 * (rows["bid"][i] + rows["ask"][i]) for i in own])
        assert (told["rows"], told["rejected"], told["sampled"]) == (1500, 0, 1500)
        assert told["longest_gap_s"] == pytest.approx(np.diff(times).max() / 1e9, abs=1e-9)
        returns = {name: later_returns(times, mid, horizon) for name, horizon in HORIZONS_NS.items()}
        for feature in told["features"]:
            column = part[feature["name"]].combine_chunks().cast(pa.float64())
            expected = expected_summary(np.array(column.fill_null(np.nan)), returns)
            assert_close(feature, expected, f"{feature['name']}, {told['symbol']}")


def assert_close(told: dict, expected: dict[str, float], what: str) -> None:
    scale = max(abs(expected.get("mean", 0.0)), abs(expected.get("max", 0.0)))
    is_constant = expected.get("sd", 0.0) <= 1e-9 * scale
    for name, value in told.items():
        if name == "name" or (is_constant and name.startswith("corr")):
            continue
        wanted = expected.get(name, np.nan)
        if np.isnan(wanted):
            assert value is None, f"{name} of {what}"
        else:
            assert value == pytest.approx(wanted, rel=1e-9, abs=1e-12 * scale if name == "sd" else 1e-12), f"{name} of {what}"


def test_the_printed_tables_hold_what_the_summary_holds(market) -> None:
    done = succeed("research", "--in", market, "--out", "out.parquet", "--summary", "s.json")
    for told, feature in itertools.product(summary_of(Path("s.json"))["summary"]["instruments"], ("rsi", "zscore")):
        assert f"{told['venue']}:{told['symbol']}  {told['rows']} rows" in done.out
        assert feature in done.out
    assert "3000 rows read" in done.out
    assert "out.parquet: 3000 rows, 100 features" in done.out


# --- What a feed lacks ----------------------------------------------------------------------------------------------

QUOTE_COLUMNS = ("bid", "bid_size", "ask", "ask_size")
SLOW = "ret_5m ret_15m zscore_5m realized_vol_5m realized_vol_1h vol_ratio_5m_1h vol_regime spread_p95_1h vwap_5m".split()


def without(rows: Rows, kind: int, columns: tuple[str, ...]) -> Rows:
    """The rows of other kinds, and in these no value in `columns`."""
    kept = [i for i, other in enumerate(rows["kind"]) if other != kind]
    return {name: [None if name in columns else values[i] for i in kept] for name, values in rows.items()}


def explained(source: Path, *options: object) -> tuple[dict[str, dict], str]:
    """Features without a value by name, and what was printed about them."""
    done = succeed("research", "--in", source, "--out", "out.parquet", "--summary", "s.json", *options)
    empty = summary_of(Path("s.json"))["summary"]["empty"]
    table = pq.read_table("out.parquet")
    features = table.column_names[len(KEY_COLUMNS) :]
    assert [one["name"] for one in empty] == [n for n in features if table[n].null_count == table.num_rows]
    return {one["name"]: one for one in empty}, done.out


def test_a_feed_without_trades_says_which_features_need_them(folder) -> None:
    rows = without(clean_rows(2000), TRADE, ("price", "size", "side"))
    empty, text = explained(write_parquet(rows, folder / "quotes.parquet"))
    assert empty["log_return"] == lacking("log_return", ["trades"], ["price"])
    assert empty["amihud_100"] == lacking("amihud_100", ["trades"], ["price", "size"])
    assert empty["trade_intensity"] == lacking("trade_intensity", ["trades"], [], ["trade"])
    assert empty["vpin"] == lacking("vpin", ["trades", "stats24h"], ["price", "size", "side", "vol_24h"])
    assert "midprice" not in empty
    assert "log_return: null on every row: the input has no trades (price)\n" in text
    assert "trade_intensity: null on every row: the input has no trades (rows of kind trade)\n" in text
    assert "vpin: null on every row: the input has no trades, no stats24h (price, size, side, vol_24h)\n" in text


def test_tickers_have_prices_but_no_trades(folder) -> None:
    rows = clean_rows(2000)
    rows |= {"kind": [TICKER] * 2000, "price": rows["bid"], "size": [None] * 2000, "side": [None] * 2000}
    empty, text = explained(write_parquet(rows, folder / "tickers.parquet"))
    assert empty["trade_intensity"] == lacking("trade_intensity", ["trades"], [], ["trade"])
    assert empty["volume_1m"] == lacking("volume_1m", ["trades"], ["size"])
    assert empty["signed_volume"] == lacking("signed_volume", ["trades"], ["size", "side"])
    assert not {"log_return", "trade_sign", "effective_spread_bps", "midprice"} & empty.keys()
    assert "volume_1m: null on every row: the input has no trades (size)\n" in text


def test_a_feed_without_quotes_says_which_features_need_them(folder) -> None:
    rows = without(clean_rows(2000), QUOTE, QUOTE_COLUMNS)
    empty, text = explained(write_parquet(rows, folder / "trades.parquet"))
    assert empty["midprice"] == lacking("midprice", ["quotes"], ["bid", "ask"])
    assert empty["l1_imbalance_ew10s"] == lacking("l1_imbalance_ew10s", ["quotes"], ["bid_size", "ask_size"])
    assert empty["effective_spread_bps"] == lacking("effective_spread_bps", ["quotes"], ["bid", "ask"])
    assert not {"log_return", "trade_sign", "signed_volume", "trade_intensity", "is_stale"} & empty.keys()
    assert "midprice: null on every row: the input has no quotes (bid, ask)\n" in text


def test_a_feed_without_statistics_says_which_features_need_them(market) -> None:
    empty, text = explained(market)
    stats = {name for name, one in empty.items() if one["missing_capabilities"] == ["stats24h"]}
    assert stats == {"vpin", "ret_24h", "range_pos_24h", "volume_share_24h"}
    assert empty["range_pos_24h"] == lacking("range_pos_24h", ["stats24h"], ["high_24h", "low_24h"])
    never_warm = {name for name, one in empty.items() if one == lacking(name, [], [])}
    assert never_warm >= {*SLOW}
    assert never_warm | stats == empty.keys()
    assert "ret_24h: null on every row: the input has no stats24h (pct_chg_24h)\n" in text
    assert "vol_regime: null on every row (never warm)\n" in text


@pytest.mark.parametrize(
    ("path", "capability"),
    [
        ("normalized/binance_usdm_btcusdt_20240808.csv.gz", "stats24h"),
        ("normalized/kraken_spot_btcusd_20260724.csv.gz", "stats24h"),
    ],
)
def test_recorded_feeds_say_what_they_lack(folder, path, capability) -> None:  # noqa: ARG001
    source = DATA / path
    if not source.exists():
        pytest.skip(f"recorded ticks: {source} is absent; set MILLRACE_DATA")
    empty, _ = explained(source)
    assert {c for one in empty.values() for c in one["missing_capabilities"]} == {capability}
    assert {"vpin", "ret_24h", "range_pos_24h", "volume_share_24h"} <= empty.keys()


# --- Projections ----------------------------------------------------------------------------------------------------

LIVE_22 = (
    "timestamp symbol price log_return ewma zscore midprice microprice l1_imbalance ofi realized_var riskmetrics_vol "
    "macd macd_signal macd_hist rsi bb_mid bb_upper bb_lower cusum_stat cusum_alarm var"
).split()


@pytest.mark.parametrize("options", [(), ("--order", "time"), ("--profile", "compat-27"), ("--float32",)])
def test_live_22_is_the_predecessors_live_row(market, options) -> None:
    narrow = research(market, "--projection", "live-22", *options)
    wide = research(market, *options, output="wide.parquet")
    assert narrow.column_names == LIVE_22
    assert narrow.schema.field("timestamp") == pa.field("timestamp", pa.int64(), nullable=False)
    assert narrow["timestamp"].to_pylist() == (times_of(wide) // 1_000_000).tolist()
    for name in LIVE_22[1:]:
        assert_same_bits(narrow[name], wide[name], name)
    assert metadata_of()["millrace.projection"] == "live-22"


def test_an_unknown_projection_is_told(market) -> None:
    done = run("research", "--in", market, "--out", "out.parquet", "--projection", "live-23")
    assert done.code == USAGE
    assert_one_clear_message(done, "--projection: expected live-22, was `live-23` (did you mean `live-22`?)")


def test_a_feature_set_without_the_columns_of_a_projection_is_told(market) -> None:
    Path("f.toml").write_text('mode = "replace"\n[features]\nrsi = "rsi(price)"\nvar = "price"\n')
    done = run("research", "--in", market, "--out", "out.parquet", "--features", "f.toml", "--projection", "live-22")
    assert done.code == USAGE
    assert_one_clear_message(done, "--projection live-22: expected a feature set with its columns, f lacks log_return")
    assert "cusum_alarm" in done.err
    assert "rsi" not in done.err
    assert not Path("out.parquet").exists()
