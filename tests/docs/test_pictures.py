"""Curves keep what matters: spikes, gaps, and a scale that can be read."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/docs"))
from pictures import BUCKETS, MOST_PANELS, arrange, draw, label, thinned  # noqa: E402
from registry import arguments_of, lists_of  # noqa: E402
from responses import STEPS, price_path  # noqa: E402


def test_thinning_keeps_every_spike_and_the_ends_of_gaps() -> None:
    values: list[float | None] = [0.0] * 10_000
    values[4_321] = 9.0
    values[6_000:7_000] = [None] * 1_000
    runs = thinned(values)
    assert len(runs) == 2
    points = [point for run in runs for point in run]
    assert len(points) <= 2 * BUCKETS + 4
    assert max(points, key=lambda one: one[1]) == (4_321 / 9_999, 9.0)
    assert not [x for x, _ in points if 6_000 / 9_999 <= x < 7_000 / 9_999]
    assert thinned([None, None]) == []


def test_curves_of_one_scale_share_a_panel_and_others_do_not() -> None:
    price = ("price", [float(i % 50) for i in range(500)])
    curves = {
        "near": [float(i % 50) + 2 for i in range(500)],
        "far": [1e6 + i for i in range(500)],
        "none": [None] * 500,
        "flat": [25.0] * 500,
    }
    panels, left_out = arrange(price, curves)
    assert [[name for name, _ in panel.curves] for panel in panels] == [["price", "near"], ["far"], ["flat"]]
    assert left_out == ["none"]
    many, left_out = arrange(price, {f"c{i}": [10.0**i, 2 * 10.0**i] for i in range(2, 9)})
    assert len(many) == MOST_PANELS
    assert len(left_out) == 7 - (MOST_PANELS - 1)


def test_a_drawing_stays_in_its_frame() -> None:
    panels, _ = arrange(("price", price_path()), {"one": [float(i) for i in range(STEPS)], "dot": [None, 1.0, None]})
    svg = draw(panels, "a < b", ("0", "9 s"))
    width, height = map(float, re.search(r'viewBox="0 0 (\d+) (\d+)"', svg).groups())
    points = [
        tuple(map(float, one.split(","))) for line in re.findall(r'points="([^"]+)"', svg) for one in line.split()
    ]
    assert len(points) > 100
    assert all(0 <= x <= width and 0 <= y <= height for x, y in points)
    assert 'aria-label="a &lt; b"' in svg
    assert svg.count("<circle") == 1


def test_the_path_is_fixed_and_has_its_jump() -> None:
    path = price_path()
    assert path == price_path()
    assert len(path) == STEPS
    jumps = [after / before for before, after in zip(path, path[1:], strict=False)]
    assert max(jumps) > 1.05
    assert sum(one > 1.02 for one in jumps) == 1


@pytest.mark.parametrize(
    ("value", "span", "text"),
    [(0.0, 1.0, "0"), (102.25, 2.3, "102.2"), (1e-5, 1e-4, "1.00e-5"), (2.5e7, 1e7, "2.50e7"), (0.5, 0.3, "0.50")],
)
def test_labels_have_the_decimals_of_their_scale(value, span, text) -> None:
    assert label(value, span) == text


def test_calls_and_lists_of_golden_rows_are_read() -> None:
    assert arguments_of("f(x, y, k=2, mix='10:0.25,20:0.75')") == (["x", "y"], {"k": "2", "mix": "'10:0.25,20:0.75'"})
    assert arguments_of("f()") == ([], {})
    assert lists_of("x=1 null 3; y=4") == {"x": ["1", "null", "3"], "y": ["4"]}
