"""The page of a sweep in a browser: quiet, offline, in both themes and on a telephone, with what sweep.json says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cli.program import succeed
from cli.runs import BUSY, backtest

from .pages import Opened

SPANS = ("--walk-forward", "train=3m,test=1m,purge=10s,embargo=10%")


def number(text: str) -> float:
    """Of a cell, without the standard error behind it."""
    return float(text.split(" ± ")[0].replace("−", "-").replace(",", "").replace("+", ""))


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sweeps along two axes and along one, over a small simulated market."""
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "busy.toml").write_text(BUSY.replace('"1s"', '"30s"'))  # slow enough to keep its capital for a while
    succeed("simulate", "--out", "m.parquet", "--rows", 600_000, "--symbols", 4, "--seed", 7, cwd=folder)
    for out, options in (("plane", ("--grid", "entry_z=2,3,4", "--grid", "window=40..60:20", *SPANS)), ("line", ("--grid", "entry_z=2,4"))):
        succeed("sweep", *backtest("m.parquet", *options, out=out)[1:], cwd=folder)
    return folder


@pytest.fixture(scope="module")
def trials(market: Path) -> list[dict]:
    return json.loads((market / "plane/sweep.json").read_text())["trials"]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (380, "light"), (380, "dark")])
@pytest.mark.parametrize("name", ["plane", "line"])
def test_the_page_is_quiet_offline_and_fits(market: Path, opened, name: str, width: int, scheme: str) -> None:
    file = market / name / "sweep.html"
    report: Opened = opened(file, width=width, scheme=scheme)
    assert report.complaints == [] and report.requests == [file.as_uri()]
    assert report.overflow() <= 0
    assert report.page.evaluate("() => document.documentElement.dataset.theme") == scheme
    assert not re.search(r"\b(NaN|undefined|null|Infinity)\b|\[object", report.page.inner_text("body"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_heat_map_shows_the_trials(market: Path, trials: list[dict], opened, scheme: str) -> None:
    page = opened(market / "plane/sweep.html", scheme=scheme).page
    across, down = ["2", "3", "4"], ["40", "60"]
    assert page.locator("#map thead th").all_inner_texts()[1:] == across
    assert page.locator("#map tbody th").all_inner_texts() == down
    for measure, key in (("Sharpe", "sharpe"), ("Net", "net_pnl"), ("Gross", "gross_pnl")):
        page.select_option("#map select", label=measure)
        cells = page.locator("#map tbody td").all_inner_texts()
        told = [next(t[key] for t in trials if t["parameters"] == {"entry_z": z, "window": w}) for w in down for z in across]
        assert [number(cell) for cell in cells] == pytest.approx(told, rel=1e-3, abs=0.006)
    colors = page.locator("#map tbody td").evaluate_all("cells => cells.map((cell) => getComputedStyle(cell).backgroundColor)")
    assert len(set(colors)) > 1 and "rgba(0, 0, 0, 0)" not in colors


def test_trials_sort(market: Path, trials: list[dict], opened) -> None:
    report: Opened = opened(market / "plane/sweep.html")
    page = report.page
    assert page.locator("#trial-table tbody tr").count() == len(trials) == 6
    best = [number(text) for text in report.column("#trial-table", 3)]
    assert best == sorted(best, reverse=True)
    for label, column, key in (("Net USD", 5, "net_pnl"), ("Fees", 7, "fees"), ("Fills", 9, "fills")):
        page.click(f"#trial-table th button:text-is('{label}')")
        falling = [number(text) for text in report.column("#trial-table", column)]
        assert falling == pytest.approx(sorted((t[key] for t in trials), reverse=True), rel=1e-3, abs=0.006)
        page.click(f"#trial-table th button:text-is('{label}')")
        assert [number(text) for text in report.column("#trial-table", column)] == falling[::-1]
    page.click("#trial-table th button:text-is('window')")
    assert report.column("#trial-table", 2) == ["40"] * 3 + ["60"] * 3
    assert report.complaints == []


def test_folds_are_shown_where_they_were_asked_for(market: Path, opened) -> None:
    folds = json.loads((market / "plane/sweep.json").read_text())["folds"]
    page = opened(market / "plane/sweep.html").page
    assert page.locator("#folds tbody tr").count() == len(folds) > 0
    assert opened(market / "line/sweep.html").page.locator("#folds").count() == 0
