"""A sweep's trials are backtests with their parameters, chosen and judged on spans that do not meet."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cli.program import FAILED, USAGE, assert_one_clear_message, run, succeed
from cli.runs import backtest, files_of, simulate, tables_of, write_busy

YEAR_OF_MINUTES = 365.0 * 1440.0


@pytest.fixture
def market(folder: Path) -> str:
    write_busy()
    return simulate(rows=400_000)


def sweep(source: object, *options: object, out: str = "sweep") -> tuple:
    return ("sweep", *backtest(source, *options, out=out)[1:])


def result_of(folder: str) -> dict:
    return json.loads(Path(folder, "sweep.json").read_text())


def test_a_trial_is_a_backtest_with_its_parameters(market: str) -> None:
    succeed(*sweep(market, "--grid", "entry_z=1.5,2.5", "--grid", "window=40..60:20"))
    result = result_of("sweep")
    assert result["trials_made"] == len(result["trials"]) == 4
    assert [trial["parameters"] for trial in result["trials"]] == [
        {"entry_z": z, "window": w} for z in ("1.5", "2.5") for w in ("40", "60")
    ]
    assert result["plans"] == 2  # those of one window share their features
    for trial in result["trials"]:
        sets = [part for pair in trial["parameters"].items() for part in ("--set", "=".join(pair))]
        succeed(*backtest(market, *sets, "--no-scenarios", out="single"))
        tables = tables_of("single")
        equity = tables["equity"]["equity"]
        assert trial["net_pnl"] == equity.iloc[-1] - equity.iloc[0]
        assert trial["fills"] == len(tables["fills"]) > 0
        assert trial["fees"] == tables["equity"]["fees"].iloc[-1]
        assert trial["blocked"] == (tables["orders"]["status"] == "blocked").sum()
        returns = (equity / equity.shift() - 1.0).dropna()
        assert trial["sharpe"] == pytest.approx(returns.mean() / returns.std() * np.sqrt(YEAR_OF_MINUTES), rel=1e-9)
        assert 0.0 <= trial["deflated_sharpe"] <= 1.0
        assert trial["max_drawdown"] == pytest.approx((1.0 - equity / equity.cummax()).max(), rel=1e-9)
    best = max(result["trials"], key=lambda trial: trial["sharpe"])
    assert result["trials"][result["best"]] == best


def test_threads_and_a_second_time_give_the_same_bytes(market: str) -> None:
    walk = ("--walk-forward", "train=3m,test=1m,purge=30s,embargo=1%")
    for threads in (1, 2):
        succeed(*sweep(market, "--grid", "entry_z=1.5..3:0.5", *walk, "--threads", threads, out=f"t{threads}"))
    assert files_of("t1") == files_of("t2")
    succeed("sweep", "--run", "t1/run.toml", "--out", "again", "--quiet")
    assert files_of("again") == files_of("t1")


def test_walk_forward_by_hand(market: str) -> None:
    succeed(*sweep(market, "--grid", "entry_z=1.5,2,2.5", "--walk-forward", "train=3m,test=1m,purge=30s,embargo=10%"))
    result = result_of("sweep")
    equities = []
    for trial in result["trials"]:
        succeed(*backtest(market, "--set", f"entry_z={trial['parameters']['entry_z']}", "--no-scenarios", out="single"))
        table = tables_of("single")["equity"]
        equities.append(pd.Series(table["equity"].to_numpy(), index=table["ts"]))

    def returns(equity: pd.Series, start: str, end: str) -> pd.Series:
        steps = pd.Series((equity.to_numpy()[1:] / equity.to_numpy()[:-1]) - 1.0, index=equity.index[:-1])
        return steps[(steps.index >= pd.Timestamp(start)) & (steps.index < pd.Timestamp(end))]

    def sharpe(steps: pd.Series) -> float:
        spread = steps.std() if len(steps) > 1 else 0.0
        return steps.mean() / spread * np.sqrt(YEAR_OF_MINUTES) if spread > 0 else -np.inf

    assert len(result["folds"]) >= 2
    together = 0.0
    for fold, after in zip(result["folds"], [*result["folds"][1:], None], strict=True):
        start, end = pd.Timestamp(fold["test_from"]), pd.Timestamp(fold["test_to"])
        assert start - pd.Timestamp(fold["train_to"]) == pd.Timedelta("30s")
        assert start - pd.Timestamp(fold["train_from"]) == pd.Timedelta("3m")
        assert end - start == pd.Timedelta("1m")
        if after is not None:
            assert pd.Timestamp(after["test_from"]) - end == pd.Timedelta("18s")
        trained = [sharpe(returns(equity, fold["train_from"], fold["train_to"])) for equity in equities]
        if fold["trial"] is None:
            assert max(trained) == -np.inf and fold["test_net"] == 0.0
            continue
        assert fold["trial"] == int(np.argmax(trained))
        assert fold["train_sharpe"] == pytest.approx(max(trained), rel=1e-9)
        tested = returns(equities[fold["trial"]], fold["test_from"], fold["test_to"])
        assert fold["test_net"] == pytest.approx(result["capital"] * ((1.0 + tested).prod() - 1.0), rel=1e-6, abs=1e-6)
        together += fold["test_net"]
    assert any(fold["trial"] is not None for fold in result["folds"])
    assert result["walk_net"] == pytest.approx(together)


BAD = {
    "no grid": ([], "--grid: expected NAME=1..4 or NAME=50,100,200, was none"),
    "no values": (["--grid", "entry_z="], "--grid: expected NAME=1..4 or NAME=50,100,200, was `entry_z=`"),
    "an unknown parameter": (["--grid", "entri_z=1..2"], "--grid: busy has no parameter `entri_z` (did you mean `entry_z`?)"),
    "a value beyond its range": (["--grid", "entry_z=0..2"], "--grid: parameter `entry_z`: expected 0.1 to 20, was 0"),
    "a value twice": (["--grid", "entry_z=1,1"], "--grid: `1` stands in `entry_z=1,1` twice"),
    "an axis twice": (["--grid", "entry_z=1..2", "--grid", "entry_z=3,4"], "--grid: `entry_z` is given twice"),
    "an axis that is set": (["--grid", "entry_z=1..2", "--set", "entry_z=3"], "--grid: `entry_z` is given with --set too"),
    "backwards": (["--grid", "entry_z=3..2"], "--grid: expected NAME=FIRST..LAST"),
    "too many": (["--grid", "entry_z=1..2:1e-6"], "--grid: expected at most 10000 values"),
    "too many together": (["--grid", "entry_z=1..2:0.001", "--grid", "window=50..100"], "expected at most 10000 trials"),
    "spans that overlap": (
        ["--grid", "entry_z=1..2", "--walk-forward", "train=3m,test=1m"],
        "expected a purge shorter than the training span of 3m, was 15m (as none is given)",
    ),
    "no test span": (["--grid", "entry_z=1..2", "--walk-forward", "train=3m"], "expected train=… and test=…"),
    "a negative embargo": (
        ["--grid", "entry_z=1..2", "--walk-forward", "train=3m,test=1m,purge=1s,embargo=-1%"],
        "--walk-forward: embargo: expected a share such as 1%, was `-1%`",
    ),
    "spans longer than the input": (
        ["--grid", "entry_z=1..2", "--walk-forward", "train=3h,test=1h"],
        "--walk-forward: train and test together are longer than the input",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_options(market: str, what: str) -> None:
    options, message = BAD[what]
    done = run(*sweep(market, *options))
    assert done.code in (FAILED, USAGE)
    assert done.err.startswith("millrace: ") and message in done.err
    assert not Path("sweep").exists()


def test_a_sweep_in_which_nothing_trades(market: str) -> None:
    succeed(*sweep(market, "--grid", "entry_z=19,20"))
    for trial in result_of("sweep")["trials"]:
        assert trial["fills"] == 0 and trial["net_pnl"] == 0.0
        assert trial["sharpe"] is None and trial["deflated_sharpe"] is None


def test_results_do_not_come_among_the_inputs(market: str) -> None:
    done = run(*sweep(market, "--grid", "entry_z=1..2", out="."))
    assert done.code == FAILED
    assert_one_clear_message(done, ".: expected a folder apart from the input m.parquet")
