"""The fixed price path of the pictures, and each kernel's response to it, computed by the program."""

from __future__ import annotations

import csv
import json
import math
import random
import re
import subprocess
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet

from registry import Golden, arguments_of, required_parameters

STEPS = 1500  # each a quote and, a millisecond later, a trade
STEP_NS = 500_000_000
START_NS = 1_767_225_600_000_000_000  # 2026-01-01 UTC
FUNDING_NS = 60 * 10**9  # between two payments
REPEATED = 97  # each trade of this many is reported twice
QUIET = (900, 6)  # before this step the market is silent for so many seconds
COLUMNS = (
    "ts_event ts_recv venue symbol seq kind price size side bid bid_size ask ask_size vol_24h quote_vol_24h "
    "funding_rate mark_price index_price open_interest next_funding_ns trade_id"
).split()


@dataclass
class Response:
    """What a kernel gave on the path. Outputs are by row, None where null."""

    call: str
    lets: dict[str, str]  # what the inputs of the call are
    outputs: dict[str, list[float | None]] = field(default_factory=dict)


def price_path() -> list[float]:
    """Noise, a trend, a jump up, a calm, a fall, and noise that turns back: what indicators are asked to tell apart."""
    source, log_price, path = random.Random(11), 0.0, []
    for step in range(STEPS):
        part = step / STEPS
        drift, noise = 0.0, 6e-4
        if 0.15 <= part < 0.35:
            drift = 1.6e-4
        elif 0.47 <= part < 0.6:
            noise = 1e-4
        elif 0.6 <= part < 0.68:
            drift, noise = -8e-4, 1.2e-3
        elif part >= 0.68:
            noise = 1e-3
            log_price -= 0.02 * log_price
        log_price += drift + noise * source.gauss(0, 1) + (0.06 if step == int(0.45 * STEPS) else 0.0)
        path.append(round(100 * math.exp(log_price), 3))
    return path


def write_ticks(path: Path) -> None:
    """Quotes and trades by turns, with figures of a perpetual contract beside."""
    source = random.Random(12)
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS)
        index, interest, before = 100.0, 500.0, 100.0
        for step, price in enumerate(price_path()):
            ts = START_NS + step * STEP_NS + (QUIET[1] * 10**9 if step >= QUIET[0] else 0)
            half = 0.005 * (1 + source.randrange(4))
            middle = 0.5 * (price + before)
            index += 0.1 * (price - index)
            interest = max(100.0, interest + source.gauss(0, 1) + 40 * (price - before))
            sizes = [round(0.2 + source.expovariate(1.0), 3) for _ in range(3)]
            rate = 1e-4 * math.sin(step / 200)
            quote = [middle - half, sizes[1], middle + half, sizes[2]]
            known = [
                5000 + step,
                500_000 + 100 * step,
                rate,
                price * (1 + rate),
                index,
                interest,
                ts // FUNDING_NS * FUNDING_NS + FUNDING_NS,
            ]
            trade = [price, sizes[0], 1 if price >= middle else -1]
            before = price
            for kind, at, market in ((0, ts, ["", "", "", *quote]), (1, ts + 1_000_000, [*trade, "", "", "", ""])):
                numbers = [f"{one:.6f}" if isinstance(one, float) else one for one in market + known]
                numbers.append(step + 1 - (step % REPEATED == 1) if kind else "")
                out.writerow([at, at + 2_000_000, "made", "PATH-USD", 2 * step + kind, kind, *numbers])


class PathRun:
    """Feature files over the path, checked and run by the program."""

    def __init__(self, program: Path, folder: Path):
        self.program, self.folder = program, folder
        folder.mkdir(parents=True, exist_ok=True)
        write_ticks(folder / "path.csv")
        table = tomllib.loads((Path(__file__).parent / "series.toml").read_text())
        self.lets, self.series = table["let"], table["inputs"]

    def call_of(self, kernel: dict, named: dict[str, str], given=tuple(COLUMNS)) -> Response:
        """With those optional inputs that are `given`: as a rule the columns of ticks."""
        inputs = [one["name"] for one in kernel["inputs"] if not one["optional"] or one["name"] in given]
        by_name = [name for name in inputs if named.get(name) == name]  # as in `f(x, expiry=expiry)`
        inputs = [name for name in inputs if name not in by_name]
        words = inputs + [f"{name}={value}" for name, value in named.items()]
        lets = {name: self.series[name] for name in inputs + by_name if name in self.series}
        return Response(f"{kernel['name']}({', '.join(words)})", lets)

    def attempts(self, kernel: dict, goldens: list[Golden]) -> list[Response]:
        """Calls from the plainest on: with default parameters, then with those of each example."""
        examples = [arguments_of(golden.call)[1] for golden in goldens] or [{}]
        needed = required_parameters(kernel, goldens)
        calls = [self.call_of(kernel, needed), self.call_of(kernel, needed, ())]
        calls += [self.call_of(kernel, example) for example in examples]
        return list({one.call: one for one in calls}.values())

    def feature_file(self, name: str, features: dict[str, tuple[Response, str]]) -> Path:
        """Inputs are written out in the calls, so that each picture has its own."""
        lines = [
            'mode = "replace"',
            "[let]",
            *(f"{one} = {json.dumps(text)}" for one, text in self.lets.items()),
            "[features]",
        ]
        for feature, (response, output) in features.items():
            call, (inputs, named) = response.call, arguments_of(response.call)
            words = [f"({response.lets[one]})" if one in response.lets else one for one in inputs]
            by_name = {one: response.lets[one] for one, value in named.items() if value == one and one in response.lets}
            words += [f"{parameter}={value}" for parameter, value in (named | by_name).items()]
            lines.append(f"{feature} = {json.dumps(call.partition('(')[0] + '(' + ', '.join(words) + ').' + output)}")
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n")
        return path

    def refused(self, chosen: dict[str, tuple[dict, Response]]) -> set[str]:
        """Names of the kernels whose calls the program refuses; it tells all of them, with their lines, at once."""
        features = {
            f"f_{name}": (response, kernel["outputs"][0]["name"]) for name, (kernel, response) in chosen.items()
        }
        path = self.feature_file("check.toml", features)
        done = subprocess.run(
            [self.program, "features", "--features", path], capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            return set()
        lines = path.read_text().splitlines()
        named = {
            lines[int(number) - 1].partition(" = ")[0] for number in re.findall(r"check\.toml:(\d+):", done.stderr)
        }
        found = {name.removeprefix("f_") for name in named} & set(chosen)
        if not found:
            raise SystemExit(f"the pictures' features: {done.stderr.strip()}")
        return found

    def run(self, chosen: dict[str, tuple[dict, Response]]) -> None:
        """Fills the outputs of the chosen calls, all in one pass over the path."""
        features = {
            f"f{number}_{output['name']}": (response, output["name"])
            for number, (kernel, response) in enumerate(chosen.values())
            for output in kernel["outputs"]
        }
        if not features:
            return
        out = self.folder / "responses.parquet"
        command = [self.program, "research", "--in", self.folder / "path.csv", "--quiet", "--max-bad", "100%"]
        command += ["--features", self.feature_file("all.toml", features), "--out", out]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"the pictures' features: {done.stderr.strip()}")
        table = pyarrow.parquet.read_table(out)
        for name, (response, output) in features.items():
            if pyarrow.types.is_temporal(table.schema.field(name).type):
                continue  # a time of day is no curve
            response.outputs[output] = table[name].to_pylist()[1::2]  # on the trades

    def responses(self, kernels: list[dict], goldens: dict[str, list[Golden]]) -> dict[str, Response]:
        """By kernel, of those that can be computed on the path: of its calls the first that gives values."""
        waiting = {one["name"]: (one, self.attempts(one, goldens.get(one["name"], []))) for one in kernels}
        found = {}
        while waiting:
            chosen = {name: (kernel, calls.pop(0)) for name, (kernel, calls) in waiting.items()}
            while chosen and (refused := self.refused(chosen)):
                chosen = {name: one for name, one in chosen.items() if name not in refused}
            self.run(chosen)
            for name, (_, response) in chosen.items():
                if any(one is not None for values in response.outputs.values() for one in values):
                    found[name] = response
            waiting = {name: rest for name, rest in waiting.items() if name not in found and rest[1]}
        return found
