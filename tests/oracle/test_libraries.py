"""The program gives the numbers of the libraries that have its kernels, on random series and on recorded trades."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from cli.market import START_NS, TRADE, write_parquet
from oracle.agreement import disagreement
from oracle.features import traded
from oracle.libraries import FEATURES, FITTED, SKIPPED, Trades, feature_file
from oracle.rows import Columns, Instrument, by_instrument, read_rows
from oracle.test_features import DATA, RECORDED, output_rows, report, run

RANDOM = "random"
SOURCES = (RANDOM, "usdm", "coinm", "spot")
FEWEST_TRADES = 100  # of a recorded instrument that is compared at all


def random_trades(rows: int = 3000, seed: int = 5) -> dict[str, list]:
    """Trades of two instruments, one after the other, without a tie: a library has its own way with each tie."""
    random = np.random.default_rng(seed)
    steps = random.standard_t(4, rows) * 2e-4
    price = np.where(np.arange(rows) % 2 == 0, 60_000 * np.exp(steps.cumsum()), 0.02 * np.exp(-steps.cumsum()))
    return {
        "ts_event": [START_NS + i * 50_000_000 for i in range(rows)],
        "venue": ["coinbase"] * rows,
        "symbol": ["BTC-USD" if i % 2 == 0 else "DOGE-USD" for i in range(rows)],
        "seq": list(range(1, rows + 1)),
        "kind": [TRADE] * rows,
        "price": price.tolist(),
        "size": random.gamma(2.0, 1.0, rows).tolist(),
        "side": random.choice([-1, 1], rows).tolist(),
        "bid": (price * 0.9999).tolist(),
        "bid_size": [1.0] * rows,
        "ask": (price * 1.0001).tolist(),
        "ask_size": [1.0] * rows,
        "flags": [0] * rows,
    }


@pytest.fixture(scope="session")
def trades(tmp_path_factory):
    """Trades of a source by instrument, with the program's columns; each source is run once."""
    folder = tmp_path_factory.mktemp("libraries")
    set_path = folder / "libraries.toml"
    set_path.write_text(feature_file())

    @cache
    def of(source: str) -> dict[Instrument, tuple[Trades, Columns]]:
        path = folder / "random.parquet" if source == RANDOM else DATA / "normalized" / RECORDED[source]
        if source == RANDOM:
            write_parquet(random_trades(), path)
        elif not path.exists():
            pytest.skip(f"recorded ticks: {path} is absent; set MILLRACE_DATA")
        out = folder / f"{source}_features.parquet"
        run("research", "--in", path, "--out", out, "--features", set_path, "--order", "instrument")
        got = output_rows(Path(out))
        found = {}
        for instrument, rows in by_instrument(read_rows(path)).items():
            where = np.flatnonzero(traded(rows) & np.isfinite(rows["price"]) & np.isfinite(rows["size"]))
            if where.size >= FEWEST_TRADES:
                columns = {name: column[where] for name, column in rows.items()}
                values = {name: got[instrument][name][where] for name in (*FEATURES, *FITTED)}
                found[instrument] = Trades(columns["price"], columns["size"], values), columns
        return found

    return of


@pytest.mark.parametrize("name", FEATURES)
@pytest.mark.parametrize("source", SOURCES)
def test_a_kernel_is_that_of_the_library(trades, source, name) -> None:
    feature, complaints, compared = FEATURES[name], [], 0
    for instrument, (series, columns) in trades(source).items():
        with np.errstate(all="ignore"):
            expected = np.array(feature.oracle(series), dtype=float)
        got = series.got[name]
        keep = (expected != SKIPPED) & (np.arange(expected.size) >= feature.after)
        keep &= ~np.asarray(feature.undefined(series), dtype=bool)
        rows = {key: column[keep] for key, column in columns.items()} | {"expected_squared": expected[keep] ** 2}
        compared += int((keep & np.isfinite(expected)).sum())
        complaints.append(disagreement(name, instrument, expected[keep], got[keep], rows, feature.floor, feature.rtol))
    report(complaints)
    assert compared > 0
