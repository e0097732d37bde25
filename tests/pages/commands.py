"""Commands that a page shows, and their run.

A fenced block whose info string is `sh` is run by bash, in a folder that the blocks of the page share, unless the
comment `<!-- not run: reason -->` stands before it. Commands of `./dev` are not run; their verb has to exist.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^(?P<indent> *)(?P<fence>```+|~~~+)(?P<info>.*)$")
NOT_RUN = re.compile(r"^\s*<!-- not run: (?P<reason>.*\S) *-->\s*$")
DEV = re.compile(r"^\s*(?:\./dev)(?P<rest>\s.*)?$")
TIMEOUT_S = 300


class PageError(Exception):
    """What is wrong with a page; names its line."""


@dataclass(frozen=True)
class Block:
    """Commands of one fenced block."""

    line: int  # of its first command
    commands: list[str]  # joined where a backslash goes on
    reason: str | None  # why it is not run


def read_blocks(text: str, page: str) -> list[Block]:
    """The `sh` blocks of a page, in order."""
    blocks: list[Block] = []
    lines = text.splitlines()
    at, reason = 0, None
    while at < len(lines):
        if opened := FENCE.match(lines[at]):
            end = find_end(lines, at, opened["fence"], page)
            if opened["info"].strip() == "sh":
                body = [line.removeprefix(opened["indent"]) for line in lines[at + 1 : end]]
                blocks.append(Block(at + 2, commands_of(body), reason))
            at, reason = end, None
        elif told := NOT_RUN.match(lines[at]):
            reason = told["reason"]
        elif lines[at].strip():
            reason = None
        at += 1
    return blocks


def find_end(lines: list[str], opened_at: int, fence: str, page: str) -> int:
    for at in range(opened_at + 1, len(lines)):
        if lines[at].strip().startswith(fence) and not lines[at].strip().strip(fence[0]):
            return at
    raise PageError(f"{page}:{opened_at + 1}: expected an end of this block, was none")


def commands_of(body: list[str]) -> list[str]:
    commands, begun = [], ""
    for line in body:
        begun += line
        if line.endswith("\\"):
            begun += "\n"
            continue
        commands.append(begun)
        begun = ""
    return commands + ([begun] if begun else [])


def dev_verbs(help_text: str) -> set[str]:
    return set(re.findall(r"^\s+dev (\w+)", help_text, flags=re.M))


def run_page(page: Path, folder: Path, program: Path, verbs: set[str]) -> int:
    """Runs the blocks of a page and says how many; raises PageError at the first that fails."""
    count = 0
    for block in read_blocks(page.read_text(), page.name):
        script = []
        for command in block.commands:
            if not (dev := DEV.match(command)):
                script.append(command)
                continue
            verb = ((dev["rest"] or "").split() or ["--help"])[0]
            if verb not in verbs | {"--help"}:
                raise PageError(f"{page.name}:{block.line}: expected a verb of ./dev, was `{verb}`")
        if block.reason is None and any(command.strip() for command in script):
            run_script("\n".join(script), f"{page.name}:{block.line}", folder, program)
            count += 1
    return count


def run_script(script: str, where: str, folder: Path, program: Path) -> None:
    path = os.pathsep.join([str(program.parent), str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=os.environ | {"PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        raise PageError(f"{where}: expected success, was exit {done.returncode}\n{script}\n{done.stderr[-2000:]}")
