"""Figures of report.json against quantstats, empyrical and SciPy, from the same equity curve.

Where definitions differ, the difference is computed and not waved through:

| figure | ours | theirs |
|---|---|---|
| drawdown | positive share of the peak | empyrical, quantstats: negative |
| skewness, kurtosis | moments divided by n | quantstats: corrected for bias, as pandas |
| value at risk | 5 % quantile of the returns | quantstats: of a normal distribution; empyrical: as ours |
| ulcer index | over n points of equity | quantstats: over n - 1 returns |
| longest drawdown | from peak to recovery | quantstats: from the first point below it to the last, in days of the calendar |
| growth a year | days from first to last point | quantstats, empyrical: number of returns; equal where steps are equal |
| probabilistic Sharpe | moments divided by n | quantstats: corrected for bias |
| penalty of autocorrelation | sum of neighbours' products over the sum of all squares | quantstats: correlation of all but the last with all but the first |
| serenity index | total return, depths as they are, volatility a year | quantstats: sum of returns, depths as if normal, deviation of one period |
| return over drawdown | total return | quantstats' recovery factor: sum of returns |
"""

from __future__ import annotations

import json
from pathlib import Path

import empyrical
import numpy as np
import pandas as pd
import pytest
import scipy.stats
from quantstats import stats

MINUTES = 365 * 1440
NEAR = dict(rel=1e-9, abs=1e-13)


@pytest.fixture(scope="module")
def report(folder: Path) -> dict:
    return json.loads((folder / "large.json").read_text())


@pytest.fixture(scope="module")
def equity(folder: Path) -> pd.Series:
    table = pd.read_csv(folder / "large.csv")
    return pd.Series(table["equity"].to_numpy(), index=pd.to_datetime(table["ts"], unit="ns"))


@pytest.fixture(scope="module")
def minutes(equity: pd.Series) -> pd.Series:
    return equity.pct_change().dropna()


@pytest.fixture(scope="module")
def days(equity: pd.Series) -> pd.Series:
    """Daily returns; a minute that ends at midnight belongs to the day before."""
    closes = equity.iloc[1:].resample("D", closed="right", label="left").last()
    return (closes / pd.concat([equity.iloc[:1], closes.iloc[:-1]]).to_numpy() - 1.0).dropna()


@pytest.mark.parametrize("span", ["steps", "days"])
def test_returns_agree(report: dict, minutes: pd.Series, days: pd.Series, span: str) -> None:
    ours = report[span]
    r, year = (minutes, MINUTES) if span == "steps" else (days, 365)
    assert ours["count"] == len(r)
    assert ours["sharpe"] == pytest.approx(empyrical.sharpe_ratio(r, annualization=year), **NEAR)
    assert ours["sharpe"] == pytest.approx(stats.sharpe(r, periods=year), **NEAR)
    assert ours["sortino"] == pytest.approx(empyrical.sortino_ratio(r, annualization=year), **NEAR)
    assert ours["sortino"] == pytest.approx(stats.sortino(r, periods=year), **NEAR)
    assert ours["volatility"] == pytest.approx(empyrical.annual_volatility(r, annualization=year), **NEAR)
    assert ours["volatility"] == pytest.approx(stats.volatility(r, periods=year), **NEAR)
    assert ours["omega"] == pytest.approx(empyrical.omega_ratio(r, annualization=year), **NEAR)
    assert ours["omega"] == pytest.approx(stats.omega(r, periods=year), **NEAR)
    assert ours["gain_to_pain"] == pytest.approx(r.sum() / -r[r < 0].sum(), **NEAR)
    assert ours["tail_ratio"] == pytest.approx(empyrical.tail_ratio(r), **NEAR)
    assert ours["tail_ratio"] == pytest.approx(stats.tail_ratio(r), **NEAR)
    assert ours["var95"] == pytest.approx(empyrical.value_at_risk(r, 0.05), **NEAR)
    assert ours["cvar95"] == pytest.approx(empyrical.conditional_value_at_risk(r, 0.05), **NEAR)
    assert ours["cvar95"] == pytest.approx(stats.conditional_value_at_risk(r, method="historical"), **NEAR)
    assert ours["best"] == pytest.approx(stats.best(r), **NEAR)
    assert ours["worst"] == pytest.approx(stats.worst(r), **NEAR)
    assert ours["skew"] == pytest.approx(scipy.stats.skew(r), rel=1e-8)
    assert ours["kurtosis"] == pytest.approx(scipy.stats.kurtosis(r), rel=1e-8)
    assert ours["autocorrelation"] == pytest.approx(((r - r.mean()) * (r - r.mean()).shift(1)).sum() / ((r - r.mean()) ** 2).sum(), rel=1e-8)
    assert ours["gaining"] == pytest.approx((r > 0).mean(), **NEAR)


@pytest.mark.parametrize("span", ["steps", "days"])
def test_the_error_of_the_sharpe_ratio_is_quantstats_but_for_the_bias_of_its_moments(report: dict, minutes: pd.Series, days: pd.Series, span: str) -> None:
    r, year = (minutes, MINUTES) if span == "steps" else (days, 365)
    sharpe, n = stats.sharpe(r, periods=year, annualize=False), len(r)
    skew, kurtosis = scipy.stats.skew(r), scipy.stats.kurtosis(r) + 3
    error = np.sqrt((1 - skew * sharpe + (kurtosis - 1) / 4 * sharpe**2) / (n - 1))
    assert report[span]["sharpe_error"] == pytest.approx(error * np.sqrt(year), rel=1e-8)
    assert report[span]["probabilistic_sharpe"] == pytest.approx(scipy.stats.norm.cdf(sharpe / error), rel=1e-8)
    assert report[span]["probabilistic_sharpe"] == pytest.approx(stats.probabilistic_sharpe_ratio(r, periods=year, annualize=False), rel=5e-3)


@pytest.mark.parametrize("span", ["steps", "days"])
def test_figures_of_wins_and_losses_are_quantstats(report: dict, minutes: pd.Series, days: pd.Series, span: str) -> None:
    ours, r = report[span], minutes if span == "steps" else days
    assert ours["outlier_win"] == pytest.approx(stats.outlier_win_ratio(r), **NEAR)
    assert ours["outlier_loss"] == pytest.approx(stats.outlier_loss_ratio(r), **NEAR)
    assert ours["cpc_index"] == pytest.approx(stats.cpc_index(r), **NEAR)
    assert ours["common_sense_ratio"] == pytest.approx(stats.common_sense_ratio(r), **NEAR)
    assert ours["risk_of_ruin"] == pytest.approx(stats.risk_of_ruin(r), rel=1e-8, abs=0)


@pytest.mark.parametrize("span", ["steps", "days"])
def test_smart_ratios_are_quantstats_but_for_the_autocorrelation(report: dict, minutes: pd.Series, days: pd.Series, span: str) -> None:
    ours, r, year = (report["steps"], minutes, MINUTES) if span == "steps" else (report["days"], days, 365)
    n, k = len(r), np.arange(1, len(r))
    penalty = np.sqrt(1 + 2 * ((n - k) / n * abs(ours["autocorrelation"]) ** k).sum())
    assert ours["autocorrelation_penalty"] == pytest.approx(penalty, rel=1e-8)
    theirs = stats.autocorr_penalty(r)
    assert penalty == pytest.approx(theirs, rel=1e-4 if span == "steps" else 0.05)
    assert ours["smart_sharpe"] == pytest.approx(stats.smart_sharpe(r, periods=year) * theirs / penalty, rel=1e-8)
    assert ours["smart_sortino"] == pytest.approx(stats.smart_sortino(r, periods=year) * theirs / penalty, rel=1e-8)


def test_the_serenity_index_is_quantstats_but_for_what_is_said_above(report: dict, equity: pd.Series, minutes: pd.Series) -> None:
    depth = 1 - equity / equity.cummax()
    cdar = depth[depth >= depth.quantile(0.95)].mean()
    assert report["drawdown"]["cdar95"] == pytest.approx(cdar, **NEAR)
    ours, total = report["money"]["serenity"], report["money"]["total_return"]
    assert ours == pytest.approx(total / (report["drawdown"]["ulcer"] * cdar / stats.volatility(minutes, periods=MINUTES)), rel=1e-8)
    normal = -stats.cvar(stats.to_drawdown_series(minutes))
    sums, depths, ulcers = minutes.sum() / total, cdar / normal, report["drawdown"]["ulcer"] / stats.ulcer_index(minutes)
    assert ours * sums * depths * ulcers / np.sqrt(MINUTES) == pytest.approx(stats.serenity_index(minutes), rel=1e-6)


def test_the_error_of_the_sharpe_ratio_is_what_repeated_samples_show(report: dict, minutes: pd.Series) -> None:
    """The bootstrap's spread of the ratio: an opinion without a formula."""
    random = np.random.default_rng(7)
    values = minutes.to_numpy()
    sharpes = []
    for _ in range(300):
        sample = random.choice(values, len(values))
        sharpes.append(sample.mean() / sample.std(ddof=1) * np.sqrt(MINUTES))
    assert report["steps"]["sharpe_error"] == pytest.approx(np.std(sharpes), rel=0.15)


def test_drawdowns_agree(report: dict, equity: pd.Series, minutes: pd.Series) -> None:
    ours = report["drawdown"]
    assert ours["deepest"] == pytest.approx(-empyrical.max_drawdown(minutes), **NEAR)
    assert ours["deepest"] == pytest.approx(-stats.max_drawdown(equity), **NEAR)
    depth = 1 - equity / equity.cummax()
    assert pd.Timestamp(ours["deepest_at"]).tz_localize(None) == depth.idxmax()
    below = depth > 0
    episodes = (below & ~below.shift(1, fill_value=False)).cumsum()[below]
    assert ours["episodes"] == episodes.nunique()
    assert ours["average"] == pytest.approx(depth[below].groupby(episodes).max().mean(), **NEAR)
    assert ours["under_water"] == pytest.approx(below.mean(), **NEAR)
    n = len(minutes)
    assert ours["ulcer"] * np.sqrt((n + 1) / (n - 1)) == pytest.approx(stats.ulcer_index(minutes), rel=1e-8)
    peaks = equity[~below].index
    longest = max(after - before for before, after in zip(peaks, [*peaks[1:], equity.index[-1]]))
    assert ours["longest_s"] == longest.total_seconds()


def test_growth_agrees(report: dict, equity: pd.Series, minutes: pd.Series) -> None:
    money = report["money"]
    assert money["total_return"] == pytest.approx(empyrical.cum_returns_final(minutes), rel=1e-8)
    assert money["cagr"] == pytest.approx(empyrical.cagr(minutes, annualization=MINUTES), rel=1e-7)
    assert money["cagr"] == pytest.approx(stats.cagr(minutes, periods=MINUTES), rel=1e-7)
    assert money["calmar"] == pytest.approx(empyrical.calmar_ratio(minutes, annualization=MINUTES), rel=1e-7)
    assert money["return_over_drawdown"] == pytest.approx(stats.recovery_factor(minutes), rel=0.05)  # theirs sums returns
    assert money["lowest_equity"] == equity.min() and money["highest_equity"] == equity.max()


def test_days_and_hours_are_the_equity_by_day_and_hour(report: dict, equity: pd.Series, days: pd.Series) -> None:
    assert [day["day"] for day in report["by_day"]] == [str(day.date()) for day in days.index]
    assert [day["return"] for day in report["by_day"]] == pytest.approx(list(days), **NEAR)
    gains = equity.diff().dropna()
    starts = equity.index[:-1]
    grid = pd.Series(gains.to_numpy()).groupby([starts.day_of_week, starts.hour]).sum()
    for day, row in enumerate(report["by_hour"]):
        for hour, value in enumerate(row):
            assert value == pytest.approx(grid[(day, hour)], rel=1e-6, abs=1e-6)


def test_months_are_quantstats(report: dict, equity: pd.Series, minutes: pd.Series) -> None:
    starts = pd.Series(minutes.to_numpy(), index=equity.index[:-1])  # a step belongs to the month in which it starts
    theirs = stats.monthly_returns(starts, eoy=False)
    names = list(theirs.columns)
    for one in report["by_month"]:
        year, month = one["month"].split("-")
        assert one["return"] == pytest.approx(theirs.loc[year, names[int(month) - 1]], rel=1e-8)
    assert len(report["by_month"]) == (theirs != 0).to_numpy().sum() >= 2
    assert sum(one["pnl"] for one in report["by_month"]) == pytest.approx(report["money"]["net"])


def test_money_adds_up(report: dict) -> None:
    money, symbols = report["money"], report["symbols"]
    assert money["net"] == pytest.approx(money["final_equity"] - money["capital"])
    assert money["gross"] == pytest.approx(money["net"] + money["fees"] - money["funding"] - money["borrow"])
    assert sum(symbol["net"] for symbol in symbols) == pytest.approx(money["net"], rel=1e-6)
    assert sum(symbol["fees"] for symbol in symbols) == pytest.approx(money["fees"])
    assert report["trades"]["net"] == pytest.approx(money["net"], rel=1e-6)  # none is open at the end
    assert sum(row["trades"]["count"] for row in report["by_exit"]) == report["trades"]["count"] == 10_000


def test_nothing_is_nan(folder: Path) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(f"report.json: expected numbers and null, has {word}")

    for name in ("large", "empty"):
        json.loads((folder / f"{name}.json").read_text(), parse_constant=refuse)
