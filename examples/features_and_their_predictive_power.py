# %% [markdown]
# # Features and their predictive power
#
# Does a feature say anything about the next returns, and how sure can one be? This notebook computes a handful of features, measures
# their information coefficient (IC: the rank correlation with the return that follows) by horizon, puts a standard error beside each,
# and asks what is left once it is admitted how many numbers were looked at.
#
# It runs on the simulated market. If MILLRACE_DATA names the folder of recorded ticks, it does the same on Binance futures of
# 2024-08-08. It needs polars and numpy, and the program (MILLRACE_BIN, or `millrace` on the PATH).

# %%
import os
import subprocess
import tempfile
from pathlib import Path
from statistics import NormalDist

import numpy as np
import polars as pl

PROGRAM = os.environ.get("MILLRACE_BIN", "millrace")
TEMPORARY = tempfile.TemporaryDirectory(prefix="millrace-")  # goes with the notebook
FOLDER = Path(TEMPORARY.name)
HORIZONS_S = (1, 2, 5, 10)

# %% [markdown]
# ## The features
#
# Some of the book, some of the tape, some of the price. `mid` is there to compute returns from.

# %%
FEATURES = """
mode = "replace"
[features]
mid = "midprice(bid, ask)"
book_imbalance = "l1_imbalance(bid_size, ask_size)"
micro_gap = "1e4*(microprice(bid, ask, bid_size, ask_size)/mid - 1)"
order_flow_10s = "rolling_sum(ofi(bid, ask, bid_size, ask_size), window=10s)"
trade_flow_10s = "rolling_sum(signed_volume(trade_sign(price, bid, ask, side), size), window=10s)"
stretch_10s = "rolling_zscore(mid, window=10s)"
momentum_10s = "log_returns(mid, lag=10s)"
strength = "rsi(price, period=14)"
"""
(FOLDER / "features.toml").write_text(FEATURES)


def run(*words):
    """Runs the program; its words are printed when it fails."""
    done = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):  # 3: finished, but many rows were marked; they are counted in what it prints
        raise SystemExit(done.stderr)
    return done.stdout


def features_of(ticks):
    out = FOLDER / "features.parquet"
    run("research", "--in", *ticks, "--features", FOLDER / "features.toml", "--out", out, "--quiet")
    return pl.read_parquet(out)


# %% [markdown]
# ## The information coefficient and its error
#
# Returns over overlapping horizons are almost the same number again and again; counting each of them would make every error too
# small. So one row is taken for each stretch of time as long as the horizon: the returns do not overlap, and under the hypothesis
# that the feature says nothing the IC of n pairs has a standard error of 1/sqrt(n - 1).


# %%
def pairs_of(frame, feature, horizon_s):
    """One row for each stretch of `horizon_s`: the feature at its last row, and the mid's log return over the next stretch."""
    rows = frame.select(
        "venue", "symbol", pl.col("ts_event").dt.truncate(f"{horizon_s}s").alias("stretch"), "ts_event", "mid", feature
    ).sort("venue", "symbol", "ts_event")
    last = rows.group_by("venue", "symbol", "stretch", maintain_order=True).last()
    key = ("venue", "symbol")
    is_next = pl.col("stretch").shift(-1).over(key) - pl.col("stretch") == pl.duration(seconds=horizon_s)
    coming = (pl.col("mid").shift(-1).over(key) / pl.col("mid")).log()
    return last.with_columns(pl.when(is_next).then(coming).alias("coming")).drop_nulls([feature, "coming"])


def information(pairs, feature):
    """IC over all instruments, ranks within each, and the number of pairs. None where an instrument has too few."""
    total, count = 0.0, 0
    for part in pairs.partition_by("venue", "symbol"):
        if len(part) < 30:
            continue
        x, y = part[feature].rank().to_numpy(), part["coming"].rank().to_numpy()
        if x.std() == 0 or y.std() == 0:
            continue
        total += len(part) * np.corrcoef(x, y)[0, 1]
        count += len(part)
    return (total / count, count) if count else None


def table_of(frame, title):
    """Prints IC, error and t of each feature and horizon; gives the greatest |t| of all and what chance alone makes likely."""
    names = [name for name in frame.columns[frame.columns.index("mid") + 1 :] if name != "mid"]
    placebo = frame.with_columns(pl.col("book_imbalance").shuffle(seed=1).over("venue", "symbol").alias("shuffled"))
    print(f"\n{title}: {len(frame)} rows, {frame.n_unique(['venue', 'symbol'])} instruments")
    print(f"{'feature':<16}" + "".join(f"{f'IC {h} s':>10}{'error':>8}{'t':>7}" for h in HORIZONS_S))
    greatest, looked_at = 0.0, 0
    for name in [*names, "shuffled"]:
        line = f"{name:<16}"
        for horizon in HORIZONS_S:
            found = information(pairs_of(placebo, name, horizon), name)
            if found is None:
                line += f"{'–':>10}{'–':>8}{'–':>7}"
                continue
            ic, count = found
            error = 1 / np.sqrt(count - 1)
            line += f"{ic:>10.3f}{error:>8.3f}{ic / error:>7.1f}"
            if name != "shuffled":
                greatest, looked_at = max(greatest, abs(ic / error)), looked_at + 1
        print(line)
    bar = NormalDist().inv_cdf(1 - 0.05 / (2 * looked_at))
    print(
        f"{looked_at} numbers were looked at: only |t| above {bar:.1f} is worth a second look (5 %, Bonferroni). Greatest: {greatest:.1f}."
    )
    return greatest, bar


# %% [markdown]
# ## On the simulated market
#
# Its prices are made by a random process with a book around it, so nothing should be found here: this is the check that the method
# does not find what is not there. `shuffled` is the book imbalance in random order: its t shows what chance alone does.

# %%
run("simulate", "--out", FOLDER / "market.parquet", "--rows", 400_000, "--symbols", 4, "--seed", 11)
simulated = features_of([FOLDER / "market.parquet"])
table_of(simulated, "simulated")

# %% [markdown]
# ## On recorded ticks

# %%
DATA = Path(os.environ.get("MILLRACE_DATA", "")) / "normalized"
recordings = sorted(DATA.glob("binance_usdm_*_20240808.csv.gz")) if os.environ.get("MILLRACE_DATA") else []
if recordings:
    table_of(features_of(recordings), "Binance futures, 2024-08-08, less than six minutes")
else:
    print("\nno recorded ticks: MILLRACE_DATA is not set, or has no normalized/binance_usdm_*_20240808.csv.gz")

# %% [markdown]
# ## How to read it
#
# - An IC of 0.05 with an error of 0.01 is a lot in a market; an IC of 0.2 with an error of 0.1 is nothing.
# - A few minutes of two futures that move together are far fewer independent observations than rows: the errors above treat the two
#   as independent and are too small for recorded data. Weeks, not minutes, decide.
# - The book knows about the next second and little about the next minute, so book features fade with the horizon.
# - The mid of a feature's own row is where the return starts. Whoever acts on it pays half the spread and comes late; an IC is no
#   profit. A book imbalance that predicts half a tick does not pay for a spread of one.
# - The table has been looked at. A feature that was chosen for its t has to prove itself on data that nobody has seen.
