"""What the program says about kernels and feature sets, and the golden examples of tests/golden."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Golden:
    """A row of a golden file. A list has a value for each row, or for the last row alone; "null" is no value."""

    call: str
    inputs: dict[str, list[str]]
    expected: dict[str, list[str]]
    source: str
    is_of_function: bool

    @property
    def kernel(self) -> str:
        return self.call.partition("(")[0]


def ask(program: Path, *words: str):
    """JSON that the program prints; fails with what it says."""
    done = subprocess.run([program, *words, "--json"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{program.name} {' '.join(words)}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def read_kernels(program: Path) -> list[dict]:
    """All kernels, by family as the program lists them. A function that has the name of a stream kernel is in its `function`."""
    return ask(program, "kernels")


def read_profiles(program: Path, root: Path) -> list[dict]:
    """Feature sets as the program resolves them; one that it cannot resolve alone (its legs are the user's) as its file says,
    without `state_bytes`."""
    profiles = []
    for path in sorted((root / "profiles").glob("*.toml")):
        done = subprocess.run([program, "features", path.stem, "--json"], capture_output=True, text=True, check=False)
        profiles.append(json.loads(done.stdout) if done.returncode == 0 else profile_of_file(path, done.stderr))
    return profiles


def profile_of_file(path: Path, refusal: str) -> dict:
    text = tomllib.loads(path.read_text())
    features = [
        {"name": name, "flag": False}
        | (one if isinstance(one, dict) else {"expression": one, "unit": "", "warmup": ""})
        for name, one in text["features"].items()
    ]
    return {
        "profile": path.stem,
        "features": features,
        "legs": list(text.get("legs", {})),
        "refusal": refusal.splitlines()[0],
    }


def lists_of(text: str) -> dict[str, list[str]]:
    pairs = (one.split("=", 1) for one in text.split(";") if one.strip())
    return {name.strip(): values.split() for name, values in pairs}


def read_goldens(folder: Path) -> dict[str, list[Golden]]:
    """Golden examples by kernel, of functions and of streams."""
    goldens = defaultdict(list)
    for path in sorted(folder.rglob("*.txt")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if not line or line.startswith("#"):
                continue
            fields = [field.strip() for field in re.split(r"(?<!\|)\|(?!\|)", line)]
            if len(fields) != 5:
                raise SystemExit(f"{path}:{number}: expected 5 fields, found {len(fields)}")
            golden = Golden(
                fields[1],
                lists_of(fields[2]),
                lists_of(fields[3]),
                f"{fields[4]} ({fields[0]})",
                path.parent.name == "functions",
            )
            goldens[golden.kernel].append(golden)
    return goldens


def arguments_of(call: str) -> tuple[list[str], dict[str, str]]:
    """The inputs and the named parameters of a call, as text; brackets and quotes hold commas together."""
    parts, depth, quote, part = [], 0, "", ""
    for sign in call.partition("(")[2].rstrip()[:-1] + ",":
        quote = "" if sign == quote else quote or (sign if sign in "'\"" else "")
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0 and not quote:
            parts.append(part.strip())
            part = ""
        else:
            part += sign
    named = dict(one.split("=", 1) for one in parts if re.match(r"\w+=", one))
    return [one for one in parts if one and not re.match(r"\w+=", one)], named


def required_parameters(kernel: dict, goldens: list[Golden]) -> dict[str, str]:
    """Values of the parameters that have no default, as the first example that names them has them."""
    required = {one["name"] for one in kernel["params"] if one["default"] == "required"}
    examples = [arguments_of(golden.call)[1] for golden in reversed(goldens)]
    return {name: value for example in examples for name, value in example.items() if name in required}
