"""The report of features: its numbers by NumPy and SciPy from the same rows, and its page in a browser."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.stats
from cli.market import START_NS, clean_rows, merged, write_parquet

from .pages import PROGRAM, Opened

ROWS = 12_000
HORIZONS_NS = [10**9, 10 * 10**9, 60 * 10**9, 300 * 10**9]
FEATURES = ["rsi", "zscore", "ewma", "midprice", "log_return"]


def research(folder: Path, name: str, *arguments: object) -> None:
    done = subprocess.run([str(PROGRAM), "research", "--in", "market.parquet", "--out", "out.parquet", "--quiet", "--report", f"{name}.html",
                           "--profile", "listed-36", *map(str, arguments)], cwd=folder, check=True, timeout=60, capture_output=True)
    assert done.stderr == b""


def data_of(page: Path) -> dict:
    return json.loads(re.search(r'id="data">(.*?)</script>', page.read_text(), re.S).group(1))


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two instruments, a row a second, and a gap."""
    folder = tmp_path_factory.mktemp("features")
    parts = []
    for seed, symbol in enumerate(["BTC-USD", "ETH-USD"]):
        rows = clean_rows(ROWS if seed == 0 else ROWS // 2, "coinbase", symbol, seed)
        rows["ts_event"] = [START_NS + i * 10**9 + (i > 5000) * 45 * 10**9 for i in range(len(rows["ts_event"]))]
        parts.append(rows)
    write_parquet(merged(*parts), folder / "market.parquet")
    research(folder, "report")
    return folder


@pytest.fixture(scope="module")
def study(market: Path) -> dict:
    return data_of(market / "report.html")


@pytest.fixture(scope="module")
def rows(market: Path) -> dict[str, np.ndarray]:
    """Of the first instrument: times, mids, features."""
    table, source = pq.read_table(market / "out.parquet"), pq.read_table(market / "market.parquet")
    table = table.filter(pa.compute.equal(table["symbol"].cast(pa.string()), "BTC-USD"))
    source = source.filter(pa.compute.equal(source["symbol"], "BTC-USD"))
    values = {name: np.array(table[name].cast(pa.float64()).combine_chunks().fill_null(np.nan)) for name in FEATURES}
    times = np.array(table["ts_event"].cast(pa.int64()))
    return values | {"times": times, "mid": 0.5 * (np.array(source["bid"]) + np.array(source["ask"]))}


def later_returns(times: np.ndarray, mid: np.ndarray, horizon_ns: int) -> np.ndarray:
    at = np.searchsorted(times, times + horizon_ns, side="right")
    return np.log(np.where(at < len(times), mid[np.minimum(at, len(times)) - 1], np.nan) / mid)


def clustered_error(x: np.ndarray, y: np.ndarray, blocks: np.ndarray) -> float:
    x, y = (x - x.mean()) / x.std(), (y - y.mean()) / y.std()
    r = (x * y).mean()
    sums = np.bincount(blocks, x * y - r * (x * x + y * y) / 2)[np.unique(blocks)]
    return np.sqrt((sums**2).sum() * len(sums) / (len(sums) - 1)) / len(x)


@pytest.mark.parametrize("name", FEATURES)
def test_coefficients_and_their_errors_are_scipys(study: dict, rows: dict[str, np.ndarray], name: str) -> None:
    told = study["instruments"][0]["features"][study["names"].index(name)]
    times = rows["times"]
    for h, horizon in enumerate(HORIZONS_NS):
        later = later_returns(times, rows["mid"], horizon)
        both = ~np.isnan(rows[name]) & ~np.isnan(later)
        x, y = rows[name][both], later[both]
        length = max(5 * horizon, (times[-1] - times[0] + 1) // 200 + 1)
        blocks = ((times - times[0]) // length)[both]
        rank, rank_error, linear, linear_error, count, _ = told["coefficients"][h]
        assert count == both.sum()
        assert rank == pytest.approx(scipy.stats.spearmanr(x, y).statistic, rel=1e-4, abs=1e-6)
        assert linear == pytest.approx(np.corrcoef(x, y)[0, 1], rel=1e-4, abs=1e-6)
        assert rank_error == pytest.approx(clustered_error(scipy.stats.rankdata(x), scipy.stats.rankdata(y), blocks), rel=1e-4)
        assert linear_error == pytest.approx(clustered_error(x, y, blocks), rel=1e-4)
    later = later_returns(times, rows["mid"], HORIZONS_NS[2])
    hours = times // (3600 * 10**9) % 24
    for hour, value in enumerate(told["by_hour"]):
        some = ~np.isnan(rows[name]) & ~np.isnan(later) & (hours == hour)
        if some.sum() < 30:
            assert value is None
        else:
            assert value == pytest.approx(scipy.stats.spearmanr(rows[name][some], later[some]).statistic, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("name", FEATURES)
def test_distribution_series_and_autocorrelation_are_numpys(study: dict, rows: dict[str, np.ndarray], name: str) -> None:
    instrument = study["instruments"][0]
    told, values = instrument["features"][study["names"].index(name)], rows[name]
    given = values[~np.isnan(values)]
    low, high = np.quantile(given, (0.005, 0.995))
    assert (told["values"], told["nulls"]) == (len(given), len(values) - len(given))
    assert (told["from"], told["to"]) == pytest.approx((low, high), rel=1e-5)
    assert (told["below"], told["above"]) == ((given < low).sum(), (given > high).sum())
    assert sum(told["counts"]) + told["below"] + told["above"] == len(given)
    counts, _ = np.histogram(given, 40, (low, high))
    assert np.abs(np.array(told["counts"]) - counts).sum() <= 4  # edges are rounded in another way
    bucket = (rows["times"] - rows["times"][0]) // ((rows["times"][-1] - rows["times"][0]) // 120 + 1)
    for b in range(120):
        part = values[bucket == b]
        if not len(part):
            assert told["mean"][b] is None and told["null_shares"][b] is None
            continue
        assert told["null_shares"][b] == pytest.approx(np.isnan(part).mean(), abs=1e-6)
        if not np.isnan(part).all():
            assert [told[key][b] for key in ("low", "mean", "high")] == pytest.approx([np.nanmin(part), np.nanmean(part), np.nanmax(part)], rel=1e-5, abs=1e-12)
    for k, lag in enumerate([1, 2, 3, 5, 8, 13, 21, 34, 55, 89]):
        products = (values[lag:] - given.mean()) * (values[:-lag] - given.mean())
        assert told["autocorrelation"][k] == pytest.approx(np.clip(np.nanmean(products) / given.var(ddof=1), -1, 1), rel=1e-4, abs=1e-6)
        assert instrument["lags"][k] == pytest.approx(np.median(rows["times"][lag:] - rows["times"][:-lag]) / 1e9)


def test_regimes_are_terciles_of_the_past(study: dict, rows: dict[str, np.ndarray]) -> None:
    times, mid = rows["times"], rows["mid"]
    volatility, squares, days = np.full(len(times), np.nan), 0.0, 0.0
    for i in range(1, len(times)):
        kept = 2.0 ** (-(times[i] - times[i - 1]) / 300e9)
        squares, days = kept * squares + np.log(mid[i] / mid[i - 1]) ** 2, kept * days + (times[i] - times[i - 1]) / 86400e9
        if times[i] - times[0] >= 300e9:
            volatility[i] = np.sqrt(squares / days)
    bounds = np.nanquantile(volatility, (1 / 3, 2 / 3))
    assert study["instruments"][0]["volatility_bounds"] == pytest.approx(list(bounds), rel=1e-5)
    later = later_returns(times, mid, HORIZONS_NS[2])
    told = study["instruments"][0]["features"][study["names"].index("zscore")]["by_regime"]
    regime = np.where(np.isnan(volatility), -1, np.searchsorted(bounds, volatility, side="left"))
    for r in range(3):
        some = (regime == r) & ~np.isnan(later) & ~np.isnan(rows["zscore"])
        assert told[r] == pytest.approx(scipy.stats.spearmanr(rows["zscore"][some], later[some]).statistic, rel=1e-3, abs=1e-6)


def test_the_matrix_is_symmetric_and_ordered_by_its_clusters(study: dict) -> None:
    n = len(study["names"])
    matrix = np.array(study["correlation"], dtype=float).reshape(n, n)
    assert sorted(study["order"]) == list(range(n))
    assert np.array_equal(matrix, matrix.T, equal_nan=True)
    diagonal = np.diag(matrix)
    assert np.all(diagonal[~np.isnan(diagonal)] == 1.0)
    neighbours = np.nanmean(np.abs(np.diag(matrix, 1)))
    assert neighbours > 2 * np.nanmean(np.abs(matrix[~np.eye(n, dtype=bool)]))


def test_threads_make_no_difference(market: Path) -> None:
    for threads in (1, 3):
        research(market, f"threads-{threads}", "--threads", threads)
    assert (market / "threads-1.html").read_bytes() == (market / "threads-3.html").read_bytes()


def test_an_input_without_rows_gives_a_page_that_says_so(market: Path, opened) -> None:
    research(market, "none", "--from", "2031-01-01")
    report: Opened = opened(market / "none.html")
    assert report.complaints == []
    assert "No row came in." in report.page.inner_text("#feature")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (380, "light")])
def test_the_page_is_quiet_offline_and_fits(market: Path, opened, width: int, scheme: str) -> None:
    report: Opened = opened(market / "report.html", width=width, scheme=scheme)
    page = report.page
    assert report.complaints == [] and report.requests == [(market / "report.html").as_uri()]
    assert report.overflow() <= 0
    assert report.colors_of("#matrix") > 10
    page.fill("input[type=search]", "rsi")
    assert all("rsi" in name for name in report.column("#feature-table", 1))
    page.click("#feature-table tbody tr:first-child")
    assert page.locator("#feature-name option:checked").inner_text() == report.column("#feature-table", 1)[0]
    page.select_option("#feature-place", label="coinbase:ETH-USD")
    assert page.locator("#feature svg.plot").count() >= 6
    assert report.complaints == [] and report.overflow() <= 0
    assert not re.search(r"\b(NaN|undefined|null|Infinity)\b|\[object", page.inner_text("body"))
