"""A simulated market and what the program computes from it; shared by the tests of the package."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cli.program import succeed

ROWS = 6_000


@pytest.fixture(scope="session")
def market_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("market") / "ticks.parquet"
    succeed("simulate", "--out", path, "--rows", ROWS, "--symbols", 3, "--seed", 7)
    return path


@pytest.fixture(scope="session")
def market(market_path: Path) -> pa.Table:
    return pq.read_table(market_path)


@pytest.fixture(scope="session", params=["compat-27", "listed-36", "default-100"])
def profile(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def told(market_path: Path, profile: str, tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    """What the command line says of the market under `profile`, in the order of the rows."""
    out = tmp_path_factory.mktemp("told") / "features.parquet"
    succeed("research", "--in", market_path, "--out", out, "--profile", profile, "--order", "time", "--quiet")
    return pq.read_table(out)
