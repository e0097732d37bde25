"""What the README shows of Python runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

from cli.program import succeed

README = Path(__file__).resolve().parents[2] / "README.md"
PACKAGE = README.parent / "python/README.md"


def blocks_of(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", page.read_text(), flags=re.M | re.S)


def test_the_code_of_the_readme_runs(tmp_path, monkeypatch) -> None:
    succeed("simulate", "--out", tmp_path / "market.parquet", "--rows", 5000)
    monkeypatch.chdir(tmp_path)
    blocks = blocks_of(README)
    assert len(blocks) >= 3
    names: dict = {}
    for block in blocks:
        exec(compile(block, str(README), "exec"), names)
    assert names["momentum"].shape == (1000,) and len(names["listed"]) == len(names["frame"]) == 5000
    assert names["values"]["midprice"] > 0


def test_the_code_of_the_packages_page_runs() -> None:
    (block,) = blocks_of(PACKAGE)
    exec(compile(block, str(PACKAGE), "exec"), {})
