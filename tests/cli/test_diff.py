"""diff tells what differs between two runs, and where they part first."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from cli.program import FAILED, assert_one_clear_message, run, succeed
from cli.runs import BUSY, TABLES, backtest, simulate, tables_of, write_busy


@pytest.fixture
def one_run(folder: Path) -> str:
    write_busy()
    simulate()
    succeed(*backtest("m.parquet"))
    return "run"


def test_a_run_and_its_repetition_are_the_same(one_run: str) -> None:
    succeed("backtest", "--run", "run/run.toml", "--out", "again", "--quiet")
    done = succeed("diff", one_run, "again")
    assert "configuration:\n  the same\ndata:\n  the same\n" in done.out
    assert done.out.count(": the same, ") == len(TABLES)
    assert done.out.endswith("the runs are the same\n")


def test_what_differs_and_where_they_part(one_run: str) -> None:
    succeed("backtest", "--run", "run/run.toml", "--set", "entry_z=1.6", "--out", "other", "--quiet")
    done = run("diff", one_run, "other")
    assert done.code == FAILED and done.err == ""
    assert '  b: "entry_z" = "1.6"\n' in done.out
    a, b = tables_of(one_run), tables_of("other")
    money = re.search(r"final_equity (\S+) and (\S+)", done.out)
    assert money is not None
    assert [float(x) for x in money.groups()] == [t["equity"]["equity"].iloc[-1] for t in (a, b)]
    firsts = {}
    for name in TABLES:
        left, right = a[name], b[name]
        assert f"\n{name}: {len(left)} and {len(right)} rows" in done.out
        common = min(len(left), len(right))
        same = (left.iloc[:common] == right.iloc[:common]) | (left.iloc[:common].isna() & right.iloc[:common].isna())
        row = int((~same.all(axis=1)).to_numpy().argmax()) if not same.all(axis=None) else common
        assert re.search(rf"\n{name}: .* they part at row {row}, ", done.out)
        column = next(c for c in left.columns if pd.api.types.is_datetime64_any_dtype(left[c]))
        firsts[name] = min(t[column].iloc[row] for t in (left, right) if row < len(t))
    first = min(firsts.values())
    told = re.search(r"they part first at (\S+ \S+): row \d+ of (\w+)", done.out)
    assert told is not None and pd.Timestamp(told.group(1)) == first and firsts[told.group(2)] == first


def test_other_data_under_the_same_name(one_run: str) -> None:
    simulate(seed=8)
    succeed("backtest", "--run", "run/run.toml", "--out", "other", "--quiet")
    done = run("diff", one_run, "other")
    assert done.code == FAILED
    assert "configuration:\n  the same\ndata:\n  a: {" in done.out and '"path":"m.parquet"' in done.out


def test_a_change_deep_in_a_strategy_file_is_shown(one_run: str) -> None:
    write_busy(text=BUSY.replace("z <= 0", "z <= 0.125"))
    succeed(*backtest("m.parquet", out="other"))
    assert "z <= 0.125" in run("diff", one_run, "other").out


def test_what_is_no_run(one_run: str) -> None:
    for make in (lambda: None, lambda: Path("half").mkdir(), lambda: shutil.copy("run/run.toml", "half/run.toml")):
        make()
        done = run("diff", one_run, "half")
        assert done.code == FAILED and done.out == ""
        assert_one_clear_message(done, "half: expected the folder of a finished backtest")
