"""Every command that a page shows works."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from pages.commands import PageError, dev_verbs, read_blocks, run_page

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("MILLRACE_BIN", ROOT / "build/release/millrace")).resolve()
PAGES = [name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md") if (ROOT / name).exists()]
PAGES += [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs").rglob("*.md"))]


@pytest.fixture(scope="session")
def verbs() -> set[str]:
    done = subprocess.run([str(ROOT / "dev"), "--help"], capture_output=True, text=True, check=True)
    return dev_verbs(done.stdout)


@pytest.mark.parametrize("name", PAGES)
def test_the_commands_of_a_page_run(tmp_path, verbs, name) -> None:
    if not PROGRAM.exists():
        pytest.fail(f"program: expected {PROGRAM}; build it or set MILLRACE_BIN", pytrace=False)
    try:
        run_page(ROOT / name, tmp_path, PROGRAM, verbs)
    except PageError as problem:
        pytest.fail(str(problem), pytrace=False)


# --- The runner itself, on made pages -------------------------------------------------------------------------------


@pytest.fixture
def run_text(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()

    def run(text: str) -> int:
        page = tmp_path / "PAGE.md"
        page.write_text(text)
        return run_page(page, folder, PROGRAM, {"build", "test"})

    run.folder = folder
    return run


def test_blocks_share_a_folder_and_have_the_program(run_text) -> None:
    text = """# Page
```sh
millrace simulate --out market.parquet \\
  --rows 100
echo one > word
```
text
  ```sh
  grep one word
  millrace inspect market.parquet
  ```
"""
    assert run_text(text) == 2
    assert (run_text.folder / "market.parquet").exists()


@pytest.mark.parametrize("failing", ["false", "false\ntrue", "false | cat", "echo $no_such_variable", "millrace nothing"])
def test_a_command_that_fails_is_told_with_page_and_line(run_text, failing) -> None:
    with pytest.raises(PageError, match=r"PAGE\.md:4: expected success, was exit"):
        run_text(f"# Page\n\n```sh\n{failing}\n```\n")


def test_only_sh_blocks_are_run_and_not_those_that_say_why_not(run_text) -> None:
    text = """```
false
```
```text
false
```
```toml
[features]
```
<!-- not run: takes an hour -->

```sh
false
```
````md
```sh
false
```
````
"""
    assert run_text(text) == 0
    (block,) = read_blocks(text, "PAGE.md")
    assert (block.line, block.commands, block.reason) == (13, ["false"], "takes an hour")


@pytest.mark.parametrize("comment", ["<!-- not run -->", "<!-- not run: -->", "<!-- not run: why -->\ntext"])
def test_a_block_is_run_where_no_reason_stands_right_before_it(run_text, comment) -> None:
    with pytest.raises(PageError):
        run_text(f"{comment}\n```sh\nfalse\n```\n")


def test_commands_of_dev_are_not_run_but_have_to_exist(run_text) -> None:
    assert run_text("```sh\n./dev build asan\n./dev test --quick\n./dev\n./dev --help\n```\n") == 0
    assert run_text("```sh\n./dev build\necho run > proof\n```\n") == 1
    assert (run_text.folder / "proof").exists()
    for text in ("```sh\n./dev biuld\n```\n", "<!-- not run: slow -->\n```sh\n./dev biuld\n```\n"):
        with pytest.raises(PageError, match=r"PAGE\.md:\d: expected a verb of ./dev, was `biuld`"):
            run_text(text)


def test_a_block_without_an_end_is_told(run_text) -> None:
    with pytest.raises(PageError, match=r"PAGE\.md:2: expected an end of this block"):
        run_text("text\n```sh\ntrue\n")


def test_verbs_are_read_from_the_help_of_dev(verbs) -> None:
    assert {"setup", "build", "test", "demo", "bench", "lint", "fuzz", "clean"} <= verbs
