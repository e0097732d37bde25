"""Functions give the numbers of libraries that others wrote: scikit-learn, statsmodels, SciPy, pandas, the time zone database."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from sklearn.covariance import ledoit_wolf
from statsmodels.tsa.filters.hp_filter import hpfilter

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("MILLRACE_BIN", ROOT / "build/release/millrace"))
SECOND_NS = 1_000_000_000
START_NS = 1_700_000_000 * SECOND_NS


def plain(value: Any) -> Any:
    """What JSON can hold: null for NaN, lists for arrays."""
    if isinstance(value, np.ndarray):
        return [plain(one) for one in value]
    if isinstance(value, np.integer):
        return int(value)
    return None if isinstance(value, float) and np.isnan(value) else value


def call(name: str, **inputs: Any) -> dict[str, Any]:
    text = json.dumps({key: plain(value) for key, value in inputs.items()})
    command = [str(PROGRAM), "kernels", name, "--call", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def array(values: list) -> np.ndarray:
    return np.array(values, dtype=float)


def returns(seed: int, rows: int, columns: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    mixing = random.normal(size=(columns, columns))
    return 0.01 * random.normal(size=(rows, columns)) @ mixing + 0.002


@pytest.mark.parametrize(("rows", "columns"), [(2, 3), (30, 4), (200, 25), (40, 60)])
def test_ledoit_wolf_is_that_of_scikit_learn(rows: int, columns: int) -> None:
    x = returns(rows + columns, rows, columns)
    cov, delta = ledoit_wolf(x)
    ours = call("ledoit_wolf_shrinkage", x=x)
    assert ours["reason"] is None
    assert ours["delta"] == pytest.approx(delta, rel=1e-10)
    np.testing.assert_allclose(array(ours["cov"]), cov, rtol=1e-10, atol=1e-16)


@pytest.mark.parametrize("rows", [3, 4, 50, 2000])
@pytest.mark.parametrize("price_of_bending", [1e-3, 6.25, 1600.0, 129_600.0])
def test_hp_filter_is_that_of_statsmodels(rows: int, price_of_bending: float) -> None:
    y = np.cumsum(np.random.default_rng(rows).normal(size=rows)) + 100.0
    cycle, trend = hpfilter(y, lamb=price_of_bending)
    ours = call("hp_filter", y=y, **{"lambda": price_of_bending})
    np.testing.assert_allclose(array(ours["trend"]), trend, rtol=1e-9)
    np.testing.assert_allclose(array(ours["cycle"]), cycle, atol=1e-7)


def test_the_fix_is_at_four_in_london() -> None:
    london = ZoneInfo("Europe/London")
    for day in range(0, 365 * 40, 61):
        date = datetime(1997, 1, 1) + timedelta(days=day)
        # the days about the changes of the clock as well
        for near in (date, datetime(date.year, 3, 25) + timedelta(days=day % 7), datetime(date.year, 10, 25) + timedelta(days=day % 7)):
            fix = near.replace(hour=16, tzinfo=london)
            ours = call("wmr_schedule", date=near.date().isoformat(), quantity=10.0)
            assert ours["slice_times"][0] == (round(fix.timestamp()) - 150) * SECOND_NS, near
            assert ours["slice_qty"] == [2.0] * 5


@pytest.mark.parametrize("assets", [2, 5, 12])
def test_risk_parity_is_the_minimum_that_scipy_finds(assets: int) -> None:
    cov = np.cov(returns(assets, 300, assets).T) * 1e4
    budgets = np.arange(1.0, assets + 1.0)
    share = budgets / budgets.sum()

    def value(z: np.ndarray) -> tuple[float, np.ndarray]:
        x = np.exp(z)
        return float(x @ cov @ x / 2 - share @ z), x * (cov @ x) - share

    best = np.exp(minimize(value, -np.log(np.diag(cov)) / 2, jac=True, tol=1e-14).x)
    ours = call("risk_parity_weights", cov=cov, budgets=budgets)
    np.testing.assert_allclose(array(ours["w"]), best / best.sum(), rtol=1e-5)


def test_ewcov_matrix_is_the_smoothed_products_of_pandas() -> None:
    r = returns(3, 200, 4)
    r[50, 1] = np.nan
    whole = pd.DataFrame(r).dropna().to_numpy()
    ours = array(call("ewcov_matrix", r=r, **{"lambda": 0.97})["cov"])
    for i in range(4):
        for j in range(4):
            smoothed = pd.Series(whole[:, i] * whole[:, j]).ewm(alpha=0.03, adjust=False).mean().iloc[-1]
            assert ours[i, j] == pytest.approx(smoothed, rel=1e-10)


def test_turnover_is_the_sum_of_differences_in_pandas() -> None:
    weights = np.random.default_rng(4).dirichlet(np.ones(6), size=50)
    expected = pd.DataFrame(weights).diff().abs().sum(axis=1, skipna=False).rolling(3).sum()
    ours = array(call("turnover", weights=weights, window=3)["turnover"])
    np.testing.assert_allclose(ours, expected, rtol=1e-12)


def test_gap_fill_is_the_reindexing_of_pandas() -> None:
    random = np.random.default_rng(5)
    ts = START_NS + np.cumsum(random.integers(1, 4 * SECOND_NS, size=300))
    x = np.where(random.uniform(size=300) < 0.2, np.nan, random.normal(size=300))
    ours = call("gap_fill", ts_event=ts, x=x, grid="1s", max_age="5s")
    known = pd.Series(x, index=ts).dropna()
    grid = pd.Index(ours["grid_ts"])
    assert list(grid) == list(range(-(-ts[0] // SECOND_NS) * SECOND_NS, ts[-1] + 1, SECOND_NS))
    np.testing.assert_array_equal(array(ours["filled"]), known.reindex(grid, method="ffill", tolerance=5 * SECOND_NS))
    stale = known.reindex(grid - SECOND_NS, method="ffill").to_numpy() == known.reindex(grid, method="ffill").to_numpy()
    assert ours["fill_flag"] == [int(old and value is not None) for old, value in zip(stale, ours["filled"], strict=True)]


def test_labels_are_the_signs_of_shifted_prices() -> None:
    price = 100.0 * np.exp(np.cumsum(0.001 * np.random.default_rng(6).normal(size=500)))
    move = pd.Series(price).shift(-7) / price - 1.0
    expected = np.where(move > 0.002, 1.0, np.where(move < -0.002, -1.0, 0.0))
    expected[move.isna()] = np.nan
    np.testing.assert_array_equal(array(call("label_next_move", price=price, horizon=7, threshold=0.002)["label"]), expected)
