"""A run that goes on from a saved state gives the bits of one run over all of the input."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from cli.market import Rows, clean_rows, cut, merged, write_csv, write_parquet
from cli.program import (
    DATA,
    FAILED,
    assert_one_clear_message,
    assert_same_bits,
    partial_files,
    run,
    succeed,
)

ROWS = 3000
OLD = b"an older result"
FEATURE_FILE = """
[features]
spread_3s = "rolling_std(quoted_spread, window=3s)"
slow = "ewma(price, half_life=30s)"
"""


def research(*options: object) -> None:
    """Rows as they arrived, so that two outputs follow on each other."""
    succeed("research", "--quiet", "--order", "time", *options)


def assert_follows_on(whole: Path, parts: list[Path]) -> None:
    expected, got = pq.read_table(whole), pa.concat_tables([pq.read_table(part) for part in parts])
    assert got.column_names == expected.column_names
    for name in expected.column_names:
        if name in ("venue", "symbol"):
            assert got[name].to_pylist() == expected[name].to_pylist()
        else:
            assert_same_bits(got[name], expected[name], name)


def run_in_parts(parts: list[Path], *options: object) -> list[Path]:
    """Each part goes on where the one before it ended."""
    outputs = []
    for number, part in enumerate(parts):
        outputs.append(Path(f"part{number}.parquet"))
        load = ("--load-state", f"state{number - 1}") if number > 0 else ()
        research("--in", part, "--out", outputs[-1], "--save-state", f"state{number}", *load, *options)
    return outputs


def three_instruments() -> Rows:
    return merged(
        clean_rows(ROWS, "coinbase", "BTC-USD", seed=1),
        clean_rows(ROWS, "kraken", "BTC-USD", seed=2),
        clean_rows(ROWS, "coinbase", "ETH-USD", seed=3),
    )


def delta_rows() -> Rows:
    """Rows that give a quote only where it changed: the rest has to be carried, also from one day to the next."""
    rows = clean_rows(ROWS, seed=4)
    random = np.random.default_rng(5)
    for name in ("bid", "bid_size", "ask", "ask_size"):
        is_told = random.random(ROWS) < 0.2
        rows[name] = [value if told or i == 0 else None for i, (value, told) in enumerate(zip(rows[name], is_told, strict=True))]
    return rows


@pytest.mark.parametrize("cuts", [[1], [2], [1500], [8999], [4000, 4001], [100, 3000, 8000]])
@pytest.mark.parametrize("options", [(), ("--profile", "compat-27"), ("--features", "f.toml", "--threads", 3)])
def test_parts_give_the_bits_of_the_whole(folder, cuts, options) -> None:
    Path("f.toml").write_text(FEATURE_FILE)
    rows = three_instruments()
    write_parquet(rows, folder / "whole.parquet")
    research("--in", "whole.parquet", "--out", "out.parquet", *options)
    ends = [0, *cuts, len(rows["ts_event"])]
    parts = [
        write_parquet(cut(rows, first, end), folder / f"in{first}.parquet")
        for first, end in zip(ends, ends[1:], strict=False)
    ]
    assert_follows_on(Path("out.parquet"), run_in_parts(parts, *options))


@pytest.mark.parametrize("at", [1, 700, 2999])
def test_quotes_are_carried_over_the_cut(folder, at) -> None:
    rows = delta_rows()
    write_csv(rows, folder / "whole.csv")
    research("--in", "whole.csv", "--out", "out.parquet")
    parts = [write_csv(cut(rows, 0, at), folder / "a.csv"), write_csv(cut(rows, at), folder / "b.csv")]
    assert_follows_on(Path("out.parquet"), run_in_parts(parts))
    spread = pq.read_table("out.parquet")["quoted_spread"].combine_chunks()
    assert pc.sum(pc.is_valid(spread)).as_py() == ROWS  # without carried quotes most would be null


def test_an_instrument_may_appear_or_be_away_on_any_day(folder) -> None:
    early, late = clean_rows(1000, seed=1), clean_rows(1000, symbol="ETH-USD", seed=2, first=1000)
    again = clean_rows(1000, seed=3, first=2000)
    days = [early, late, merged(again, clean_rows(500, "kraken", "ETH-USD", seed=4, first=2200))]
    write_parquet(merged(*days), folder / "whole.parquet")
    research("--in", "whole.parquet", "--out", "out.parquet")
    parts = [write_parquet(rows, folder / f"day{i}.parquet") for i, rows in enumerate(days)]
    assert_follows_on(Path("out.parquet"), run_in_parts(parts))


def test_a_day_without_rows_changes_nothing(folder) -> None:
    rows = clean_rows(1000)
    days = [cut(rows, 0, 500), cut(rows, 0, 0), cut(rows, 500)]
    write_parquet(rows, folder / "whole.parquet")
    research("--in", "whole.parquet", "--out", "out.parquet")
    parts = [write_parquet(day, folder / f"day{i}.parquet") for i, day in enumerate(days)]
    assert_follows_on(Path("out.parquet"), run_in_parts(parts))
    assert Path("state0").read_bytes()[18:-4] == Path("state1").read_bytes()[18:-4]  # but for the rows of the run


def test_a_repeated_row_is_known_over_the_cut(folder) -> None:
    rows = clean_rows(100)
    write_parquet(cut(rows, 0, 50), folder / "a.parquet")
    write_parquet(cut(rows, 49), folder / "b.parquet")
    run_in_parts([Path("a.parquet"), Path("b.parquet")])
    assert b'"duplicate"' in pq.read_metadata("part1.parquet").metadata[b"millrace.ledger"]


RECORDED = ("binance_coinm_btcusd_perp_20240808.csv.gz", "coinbase_exchange_10pairs_20210417.csv.gz")


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_days_go_on(folder, name) -> None:
    path = DATA / "normalized" / name
    if not path.exists():
        pytest.skip(f"recorded ticks: {path} is absent; set MILLRACE_DATA")
    header, *lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    research("--in", path, "--out", "out.parquet")
    for share in (0.001, 0.37, 0.9):
        at = max(1, int(share * len(lines)))
        parts = [folder / "a.csv", folder / "b.csv"]
        for part, kept in zip(parts, (lines[:at], lines[at:]), strict=True):
            part.write_text("\n".join([header, *kept]) + "\n")
        assert_follows_on(Path("out.parquet"), run_in_parts(parts))


# --- States that do not fit -----------------------------------------------------------------------------------------


@pytest.fixture
def state(folder: Path, ticks: Path) -> Path:
    research("--in", ticks, "--out", "day1.parquet", "--save-state", "state")
    return folder / "state"


def refuse(ticks: Path, *parts: str, options: tuple[object, ...] = ()) -> None:
    Path("out.parquet").write_bytes(OLD)
    done = run("research", "--in", ticks, "--out", "out.parquet", "--load-state", "state", "--save-state", "new", *options)
    assert done.code == FAILED
    assert_one_clear_message(done, "state: ", *parts)
    assert done.err.count("\n") == 1
    assert Path("out.parquet").read_bytes() == OLD
    assert not Path("new").exists()
    assert not partial_files(Path.cwd())


def test_a_state_that_is_none_is_refused(ticks) -> None:
    refuse(ticks, "No such file")
    for content, part in ((b"", "expected a state file"), (b"MRS", "expected a state file"), (b"PAR1" * 9, "expected a state")):
        Path("state").write_bytes(content)
        refuse(ticks, part)
    Path("state").unlink()
    Path("state").mkdir()
    refuse(ticks, "directory")


def test_a_state_cut_anywhere_is_refused(state, ticks) -> None:
    content = state.read_bytes()
    for length in (4, 5, 6, 9, 10, 17, 18, 30, 200, len(content) // 2, len(content) - 4, len(content) - 1):
        state.write_bytes(content[:length])
        refuse(ticks)
    state.write_bytes(content + b"\0")
    refuse(ticks, "damaged")


def test_a_state_with_a_flipped_bit_is_refused(state, ticks) -> None:
    content = state.read_bytes()
    for at in np.linspace(0, len(content) - 1, 25).astype(int):
        state.write_bytes(content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1 :])
        refuse(ticks)


def test_a_state_of_another_version_is_refused(state, ticks) -> None:
    content = bytearray(state.read_bytes())
    content[4] = 99
    state.write_bytes(content)
    refuse(ticks, "another version")


def test_a_state_of_other_features_is_refused_with_the_reason(state, ticks) -> None:
    before = state.read_bytes()
    refuse(ticks, "made by another feature set", options=("--profile", "compat-27"))
    Path("f.toml").write_text('[features]\nmore = "ewma(price, half_life=10s)"')
    refuse(ticks, "made by another feature set", options=("--features", "f.toml"))
    assert state.read_bytes() == before


def test_a_state_is_replaced_in_one_step_also_by_the_run_that_loads_it(state, folder) -> None:
    before = state.read_bytes()
    write_parquet(clean_rows(10, first=1000), folder / "day2.parquet")
    research("--in", "day2.parquet", "--out", "out.parquet", "--load-state", "state", "--save-state", "state")
    after = state.read_bytes()
    assert after != before
    state.write_bytes(before)
    research("--in", "day2.parquet", "--out", "out2.parquet", "--load-state", "state", "--save-state", "other")
    assert Path("other").read_bytes() == after
    assert run("research", "--in", "none", "--out", "a", "--load-state", "state", "--save-state", "state").code == FAILED
    assert state.read_bytes() == before
    assert not partial_files(folder)
