"""The report of a backtest that was run, and not made up: its page shows what its files say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from cli.program import succeed
from cli.runs import BUSY, backtest

from .pages import Opened


def number(text: str) -> float:
    return float(text.split(" ± ")[0].replace("−", "-").replace(",", "").replace("+", "").replace("%", ""))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backtest")
    (folder / "busy.toml").write_text(BUSY.replace('"1s"', '"30s"'))  # slow enough to keep its capital for a while
    succeed("simulate", "--out", "m.parquet", "--rows", 600_000, "--symbols", 4, "--seed", 7, cwd=folder)
    succeed(*backtest("m.parquet"), cwd=folder)
    return folder / "run"


@pytest.fixture(scope="module")
def told(run: Path) -> dict:
    return json.loads((run / "report.json").read_text())


def value_of(report: Opened, title: str, label: str) -> str:
    """Of a line in a table of figures."""
    table = report.page.locator("#figures .columns > div", has=report.page.locator(f"h3:text-is('{title}')"))
    return table.locator("tr", has=report.page.locator(f"td.left:text-is('{label}')")).locator("td").nth(1).inner_text()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (380, "light")])
def test_the_page_is_quiet_offline_and_fits(run: Path, opened, width: int, scheme: str) -> None:
    report: Opened = opened(run / "report.html", width=width, scheme=scheme)
    assert report.complaints == [] and report.requests == [(run / "report.html").as_uri()]
    assert report.overflow() <= 0
    assert report.colors_of("#equity-chart") > 10 and report.colors_of("#price-chart") > 10
    assert not re.search(r"\b(NaN|undefined|null|Infinity)\b|\[object", report.page.inner_text("body"))


def test_its_figures_are_those_of_its_files(run: Path, told: dict, opened) -> None:
    report: Opened = opened(run / "report.html")
    equity, trades = pd.read_parquet(run / "equity.parquet"), pd.read_parquet(run / "trades.parquet")
    net = equity["equity"].iloc[-1] - told["money"]["capital"]
    assert told["money"]["net"] == pytest.approx(net, rel=1e-6)
    shown = report.page.locator(".figure", has_text="Net profit").locator(".value").inner_text()
    assert number(shown) == pytest.approx(net, rel=1e-3, abs=0.006)
    closed = trades[~trades["is_open"]] if "is_open" in trades else trades
    assert number(value_of(report, "All trades", "Closed")) == told["trades"]["count"] == len(closed) > 50
    assert f"of {len(trades):,}" in report.page.inner_text("#trade-table")
    for label, key in (("Common sense ratio", "common_sense_ratio"), ("CPC index", "cpc_index"), ("Omega", "omega")):
        text, figure = value_of(report, "Returns of 1 min", label), told["steps"][key]
        assert text == "–" if figure is None else number(text) == pytest.approx(figure, rel=1e-2, abs=6e-4)
    assert number(value_of(report, "Growth and drawdown", "Serenity index")) == pytest.approx(told["money"]["serenity"], rel=1e-2, abs=6e-4)


def test_months_are_a_table_and_what_is_not_known_a_dash(run: Path, told: dict, opened) -> None:
    page = opened(run / "report.html").page
    (month,) = told["by_month"]
    year, number_of_month = month["month"].split("-")
    cells = page.locator("#month-table tbody td").all_inner_texts()
    assert page.locator("#month-table tbody th").all_inner_texts() == [year]
    assert len(cells) == 13
    assert number(cells[int(number_of_month) - 1]) == pytest.approx(100 * month["return"], abs=0.0051)
    assert cells[12] == cells[int(number_of_month) - 1]
    assert sum(cell == "–" for cell in cells) == 11
