"""The notebooks of examples/ run from the first cell to the last."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("MILLRACE_BIN", ROOT / "build/release/millrace")).resolve()
EXAMPLES = ROOT / "examples"


def run(name: str, folder: Path, **variables: str) -> str:
    """What a notebook prints; temporary files go to `folder`. Data of the machine is not handed on unless named."""
    environment = {key: value for key, value in os.environ.items() if key != "MILLRACE_DATA"}
    done = subprocess.run(
        [sys.executable, EXAMPLES / f"{name}.py"],
        cwd=folder,
        env=environment | {"MILLRACE_BIN": str(PROGRAM), "TMPDIR": str(folder)} | variables,
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def table_of(text: str, title: str) -> dict[str, list[float]]:
    """Numbers by feature of the table under a title."""
    rows = {}
    for line in text.partition(title)[2].partition("numbers were looked at")[0].splitlines()[2:]:
        words = line.split()
        if len(words) > 1 and re.fullmatch(r"[a-z_0-9]+", words[0]):
            rows[words[0]] = [float(word) for word in words[1:] if word != "–"]
    return rows


def test_nothing_predicts_the_simulated_market(tmp_path) -> None:
    text = run("features_and_their_predictive_power", tmp_path)
    rows = table_of(text, "simulated:")
    assert {"book_imbalance", "momentum_10s", "strength", "shuffled"} <= set(rows)
    greatest, bar = (
        float(re.search(pattern, text)[1]) for pattern in (r"Greatest: (\d+\.\d)", r"above (\d+\.\d) is worth")
    )
    assert 2.5 < bar < 4
    assert greatest < bar
    assert "no recorded ticks" in text


def test_the_book_predicts_the_next_second_of_recorded_futures(tmp_path) -> None:
    data = Path(os.environ.get("MILLRACE_DATA", ROOT / "../shared/data")).resolve()
    if not list((data / "normalized").glob("binance_usdm_*_20240808.csv.gz")):
        pytest.skip("recorded ticks are absent; set MILLRACE_DATA")
    rows = table_of(run("features_and_their_predictive_power", tmp_path, MILLRACE_DATA=str(data)), "Binance futures")
    coefficient, error, t = rows["book_imbalance"][:3]
    assert coefficient == pytest.approx(error * t, abs=0.01)
    assert t > 5
    assert abs(rows["shuffled"][2]) < 4


def test_a_kernel_is_written_built_and_run(tmp_path) -> None:
    text = run("write_your_own_kernel", tmp_path)
    if text.startswith("skipped: "):
        pytest.skip(text.strip())
    assert "efficiency_ratio(x) -> efficiency_ratio" in text
    assert "[None, None, None, 0.5, 0.6]" in text
    assert text.rstrip().endswith("efficiency_ratio was built, listed and computed")


def test_examples_are_notebooks() -> None:
    names = sorted(path.stem for path in EXAMPLES.glob("*.py"))
    assert names == ["features_and_their_predictive_power", "write_your_own_kernel"]
    for name in names:
        text = (EXAMPLES / f"{name}.py").read_text()
        assert text.startswith("# %% [markdown]\n# # ")
        assert text.count("\n# %%\n") >= 4
