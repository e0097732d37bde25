"""The program's joins beside those of pandas, Polars and DuckDB, within what each of them promises."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cli.program import succeed

ROWS = 20_000
DIRECTIONS = ("backward", "forward", "nearest")


def frames(seed: int, gap: int, unique_right: bool = False) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both sides in the order of time. A small gap makes many equal times."""
    random = np.random.default_rng(seed)

    def side(column: str) -> pd.DataFrame:
        times = np.cumsum(random.integers(0, gap, ROWS))
        keys = np.array(["BTC-USD", "ETH-USD", "SOL-USD", "DOGE-USD"])[random.integers(0, 4, ROWS)]
        return pd.DataFrame({"t": times, "k": keys, column: np.arange(ROWS)})

    left, right = side("l"), side("r")
    if unique_right:
        right = right.drop_duplicates(["t", "k"], ignore_index=True)
    return left, right


def joined(left: pd.DataFrame, right: pd.DataFrame, folder: Path, *options: object) -> list:
    for name, frame in (("left", left), ("right", right)):
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), folder / f"{name}.parquet", row_group_size=3000)
    out = folder / "out.parquet"
    succeed("asof", folder / "left.parquet", folder / "right.parquet", "--on", "t", "--by", "k", "--sorted", "--quiet", "--out", out, *options)
    table = pq.read_table(out)
    assert table["l"].to_pylist() == left["l"].tolist()
    return table["right_r"].to_pylist()


def flags(direction: str, is_strict: bool, tolerance: int | None) -> tuple:
    words = ("--direction", direction, "--tolerance", "none" if tolerance is None else f"{tolerance}ns" if tolerance else "0")
    return (*words, "--strict") if is_strict else words


def as_list(series: pd.Series) -> list:
    return [None if pd.isna(value) else int(value) for value in series]


@pytest.mark.parametrize("tolerance", [0, 1, 40, None])
@pytest.mark.parametrize("is_strict", [False, True])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_pandas_gives_the_same(tmp_path, direction, is_strict, tolerance) -> None:
    for seed, gap in enumerate((2, 9, 60)):
        left, right = frames(seed, gap)
        theirs = pd.merge_asof(left, right, on="t", by="k", direction=direction, tolerance=tolerance, allow_exact_matches=not is_strict)
        ours = joined(left, right, tmp_path, *flags(direction, is_strict, tolerance))
        assert ours == as_list(theirs["r"])
        assert any(row is not None for row in ours) == (not is_strict or tolerance != 0)


@pytest.mark.parametrize("tolerance", [1, 40, None])
@pytest.mark.parametrize("is_strict", [False, True])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_polars_gives_the_same(tmp_path, direction, is_strict, tolerance) -> None:
    """Equally distant pairs are left out for nearest, and equal right times, whose order Polars does not promise."""
    for seed, gap in enumerate((2, 9, 60)):
        left, right = frames(seed, gap, unique_right=True)
        theirs = pl.from_pandas(left).join_asof(
            pl.from_pandas(right), on="t", by="k", strategy=direction, tolerance=tolerance, allow_exact_matches=not is_strict, check_sortedness=False
        )["r"].to_list()
        ours = joined(left, right, tmp_path, *flags(direction, is_strict, tolerance))
        differing = [i for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b]
        if direction == "nearest":
            time = dict(zip(right["r"], right["t"], strict=True))
            differing = [i for i in differing if ours[i] is None or theirs[i] is None
                         or abs(time[ours[i]] - left["t"][i]) != abs(time[theirs[i]] - left["t"][i])]
        assert not differing


@pytest.mark.parametrize(("direction", "is_strict", "sign"), [("backward", False, ">="), ("backward", True, ">"), ("forward", False, "<="), ("forward", True, "<")])
@pytest.mark.parametrize("tolerance", [0, 40, None])
def test_duckdb_gives_the_same(tmp_path, direction, is_strict, sign, tolerance) -> None:
    """(k, t) is unique on the right, and the tolerance is applied afterwards: DuckDB knows neither ties nor tolerance."""
    for seed, gap in enumerate((2, 9, 60)):
        left, right = frames(seed, gap, unique_right=True)
        query = f"SELECT l.l, r.r, r.t FROM l ASOF LEFT JOIN r ON l.k = r.k AND l.t {sign} r.t ORDER BY l.l"
        with duckdb.connect() as connection:
            connection.register("l", left)
            connection.register("r", right)
            theirs = connection.sql(query).fetchall()
        limit = float("inf") if tolerance is None else tolerance
        expected = [r if r is not None and abs(t - left["t"][i]) <= limit else None for i, r, t in theirs]
        assert joined(left, right, tmp_path, *flags(direction, is_strict, tolerance)) == expected
