"""Cost of every stream kernel, beside TA-Lib, talipp and river where they have the indicator.

Usage: kernels.py [--out FILE]. MILLRACE_BIN names the program; bench/kernels stands beside it, and the package millrace
can be imported. Kernels are measured by bench/kernels (a plan of one feature with default parameters, in memory, one core),
libraries here: TA-Lib over a whole array, in turn with `millrace.kernels` over the same array, the others value by value.
Answers are compared first, times are of the CPU, medians of 5. FILE is a table for the pages; without it the table is printed.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import library_indicators
import numpy as np
import pyarrow
import pyarrow.parquet

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools/docs"))
from registry import arguments_of, read_goldens, read_kernels, required_parameters  # noqa: E402

PROGRAM = Path(os.environ.get("MILLRACE_BIN", ROOT / "build/release/millrace")).resolve()
COST = PROGRAM.parent / "bench/kernels"
REPETITIONS = 5
ARRAYS = "array"  # millrace.kernels over one
ROWS = {"TA-Lib": 400_000, "talipp": 20_000, "river": 20_000}
COMPARED = 20_000  # rows
CLOSE = 1e-6  # relative difference at the median of the later half: averages that start otherwise have met by then
ALONE = "a column alone"

# Columns that bench/kernels fills for inputs of these names; all others are prices.
COLUMNS = (
    {
        name: name
        for name in (
            "size side bid ask bid_size ask_size vol_24h funding_rate open_interest ts_event ts_recv next_funding_ns trade_id"
        ).split()
    }
    | dict.fromkeys("r z loss dmid dp mu mean skew exkurt rate r_dom r_for r_base r_quote".split(), "pct_chg_24h")
    | dict.fromkeys("sd sigma vol".split(), "funding_rate")
    | dict.fromkeys("volume float order_size signed_volume position inventory".split(), "size")
    | {"sign": "side", "y": "ask", "high": "high_24h", "low": "low_24h", "open": "open_24h", "close": "vwap_24h"}
    | {"expiry": "next_funding_ns", "dollar_volume": "quote_vol_24h", "mid": "bid", "ref": "open_24h", "arrival_mid": "open_24h"}
)
OPTIONAL = {"side", "size", "vol_24h"}  # optional inputs that are given


def expressions(kernel: dict, goldens: list) -> list[str]:
    """With defaults where all parameters have one, else with an example's; then what an example says in full."""
    names = [one["name"] for one in kernel["inputs"] if not one["optional"]]
    with_optional = [
        one["name"] for one in kernel["inputs"] if not one["optional"] or one["name"] in OPTIONAL | {"price"}
    ]
    texts = []
    for named in (required_parameters(kernel, goldens), *(arguments_of(one.call)[1] for one in goldens)):
        for inputs in (names, with_optional):
            words = [COLUMNS.get(name, "price") for name in inputs if name not in named]
            words += [f"{key}={COLUMNS.get(value, value) if key in inputs else value}" for key, value in named.items()]
            texts.append(f"{kernel['name']}({', '.join(words)}).{kernel['outputs'][0]['name']}")
    return list(dict.fromkeys(texts))


def kernel_costs() -> dict[str, tuple[float, str]]:
    """By kernel: nanoseconds a row, and the expression. What bench/kernels refuses is asked for again in another way."""
    goldens = read_goldens(ROOT / "tests/golden")
    streams = [one for one in read_kernels(PROGRAM) if one.get("scope", "stream") in ("stream", "cross")]
    waiting = {
        one["name"]: expressions(one, [g for g in goldens[one["name"]] if not g.is_of_function]) for one in streams
    }
    waiting[ALONE] = ["price"]
    costs: dict[str, tuple[float, str]] = {}
    while waiting:
        asked = {name: texts.pop(0) for name, texts in waiting.items()}
        lines = "".join(f"{name}\t{text}\n" for name, text in asked.items())
        done = subprocess.run([COST], input=lines, capture_output=True, text=True, check=True)
        for line in done.stdout.splitlines():
            name, _, told = line.partition("\t")
            if not told.startswith("error"):
                costs[name] = (float(told), asked[name])
            elif not waiting[name]:
                print(f"not measured: {name}: {asked[name]}: {told}", file=sys.stderr)
        waiting = {name: texts for name, texts in waiting.items() if name not in costs and texts}
    return costs


def make_market(rows: int) -> library_indicators.Market:
    source = np.random.default_rng(5)
    price = np.round(60_000 * np.exp(np.cumsum(source.normal(0, 2e-4, rows))), 2)
    open_ = np.concatenate([price[:1], price[:-1]])
    spread = np.round(source.uniform(0.5, 5, (2, rows)), 2)
    return library_indicators.Market(
        price,
        price + np.round(source.uniform(0.01, 40, rows), 2),
        np.maximum(price, open_) + spread[0],
        np.minimum(price, open_) - spread[1],
    )


def kernel_values(
    market: library_indicators.Market, kernels: list[str], costs: dict, folder: Path
) -> dict[str, np.ndarray]:
    """What the program computes of the same series."""
    rows = len(market.price)
    times = 1_767_225_600_000_000_000 + 1_000_000 * np.arange(rows, dtype=np.int64)
    columns = {
        "price": market.price,
        "ask": market.ask,
        "bid": market.price - 1,
        "high_24h": market.high,
        "low_24h": market.low,
    }
    table = pyarrow.table(
        {"ts_event": times, "venue": ["made"] * rows, "symbol": ["BTC-USD"] * rows, "kind": np.full(rows, 2, np.uint8)}
        | columns
        | {"vwap_24h": market.price}
    )
    pyarrow.parquet.write_table(table, folder / "market.parquet")
    lines = ['mode = "replace"', "[features]", *(f'f_{name} = "{costs[name][1]}"' for name in kernels)]
    (folder / "features.toml").write_text("\n".join(lines) + "\n")
    command = [PROGRAM, "research", "--in", folder / "market.parquet", "--features", folder / "features.toml"]
    subprocess.run([*command, "--out", folder / "out.parquet", "--quiet", "--max-bad", "100%"], check=True)
    out = pyarrow.parquet.read_table(folder / "out.parquet")
    return {name: out[f"f_{name}"].to_numpy().astype(float) for name in kernels}


def compare(library: str, name: str, theirs: np.ndarray, ours: np.ndarray) -> None:
    half = len(ours) // 2
    theirs, ours = theirs[half:] * library_indicators.FACTORS.get((library, name), 1.0), ours[half:]
    both = np.isfinite(theirs) & np.isfinite(ours)
    scale = np.maximum(np.abs(ours[both]), np.median(np.abs(ours[both])))
    difference = np.median(np.abs(theirs[both] - ours[both]) / scale)
    if both.sum() < 0.9 * half or not difference < CLOSE:
        raise SystemExit(
            f"{library} {name}: expected the kernel's values, differs by {difference:.2g}, {both.sum()} of {half} compared"
        )


def cpu_time(run) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


def library_costs(costs: dict, folder: Path) -> dict[str, dict[str, float]]:
    """By library and kernel: nanoseconds a row."""
    makers = {
        "TA-Lib": library_indicators.arrays,
        "talipp": library_indicators.talipp_streams,
        "river": library_indicators.river_streams,
    }
    market = make_market(max(ROWS.values()))
    compared = {library: make(market.first(COMPARED)) for library, make in makers.items()}
    names = sorted({name for runs in compared.values() for name in runs})
    ours = kernel_values(market.first(COMPARED), names, costs, folder)
    ours_of_arrays = library_indicators.millrace_arrays(list(compared["TA-Lib"]), market.first(COMPARED))
    for name, run in ours_of_arrays.items():
        compare(ARRAYS, name, run(), ours[name])
    found = {}
    for library, make in makers.items():
        for name, run in compared[library].items():
            compare(library, name, run(), ours[name])
        timed = make(market.first(ROWS[library]))
        if library == "TA-Lib":
            found[ARRAYS], found[library] = in_turn(library_indicators.millrace_arrays(list(timed), market), timed)
            continue
        found[library] = {
            name: 1e9 * statistics.median(cpu_time(run) for _ in range(REPETITIONS)) / ROWS[library]
            for name, run in timed.items()
        }
    return found


def in_turn(ours: dict, theirs: dict) -> tuple[dict[str, float], dict[str, float]]:
    """Nanoseconds a row of both, one after the other each time: they last some thousandths of a second."""
    costs: tuple[dict[str, float], dict[str, float]] = ({}, {})
    for name in theirs:
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(3 * REPETITIONS):
            times[0].append(cpu_time(ours[name]))
            times[1].append(cpu_time(theirs[name]))
        for cost, seconds in zip(costs, times, strict=True):
            cost[name] = 1e9 * statistics.median(seconds[1:]) / ROWS["TA-Lib"]
    return costs


def machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown processor"
    )
    return f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def write(out, costs: dict, libraries: dict[str, dict[str, float]]) -> None:
    writer = csv.writer(out, lineterminator="\n")
    print(
        f"# Measured on {datetime.date.today()} by `./dev bench kernels` on {machine()}; CPU time, medians of {REPETITIONS}.",
        file=out,
    )
    print(
        "# Nanoseconds a row; `array`: millrace.kernels over one array. `times` is how many times longer the library takes: "
        "TA-Lib than the array, the others than the feature.",
        file=out,
    )
    others = [library for library in libraries if library != ARRAYS]
    writer.writerow(
        ["kernel", "ns per row", ARRAYS, *(head for library in others for head in (library, f"times, {library}"))]
    )
    for name in [ALONE, *sorted(set(costs) - {ALONE})]:
        of_array = libraries[ARRAYS].get(name)
        row = [name, f"{costs[name][0]:.1f}", "" if of_array is None else f"{of_array:.2f}"]
        for library in others:
            own, found = of_array if library == "TA-Lib" else costs[name][0], libraries[library]
            row += [f"{found[name]:.3g}", f"{found[name] / own:.3g}"] if name in found else ["", ""]
        writer.writerow(row)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path)
    told = parser.parse_args()
    costs = kernel_costs()
    with tempfile.TemporaryDirectory() as folder:
        libraries = library_costs(costs, Path(folder))
    if not told.out:
        write(sys.stdout, costs, libraries)
        return
    told.out.parent.mkdir(parents=True, exist_ok=True)
    with told.out.open("w") as out:
        write(out, costs, libraries)


if __name__ == "__main__":
    main()
