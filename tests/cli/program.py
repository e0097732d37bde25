"""The built program, run as a user runs it, and what its files say."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("MILLRACE_BIN", ROOT / "build/release/millrace")).resolve()
DATA = Path(os.environ.get("MILLRACE_DATA", ROOT / "../shared/data")).resolve()
TIMEOUT_S = 60
DONE, FAILED, USAGE, TOO_MUCH_BAD = range(4)
FOREIGN_WORDS = ("Traceback", "std::", "what()", "terminate", "exception", "basic_", "Aborted", "Status", "arrow::")


class Done(NamedTuple):
    """A run that ended."""

    code: int
    out: str
    err: str


def run(*arguments: object, cwd: Path | None = None, **options: Any) -> Done:
    if not PROGRAM.exists():
        pytest.fail(f"program: expected {PROGRAM}; build it or set MILLRACE_BIN", pytrace=False)
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL} | options
    command = [str(PROGRAM), *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, timeout=TIMEOUT_S, check=False, **streams)
    return Done(done.returncode, (done.stdout or b"").decode(), (done.stderr or b"").decode())


def succeed(*arguments: object, cwd: Path | None = None) -> Done:
    done = run(*arguments, cwd=cwd)
    assert done.code == DONE, f"{arguments}: exit {done.code}\n{done.err}"
    assert done.err == ""
    return done


def assert_one_clear_message(done: Done, *parts: str) -> None:
    assert done.err.startswith("millrace: "), done.err
    assert done.err.endswith("\n")
    for part in parts:
        assert part in done.err, f"expected {part!r} in {done.err!r}"
    for word in FOREIGN_WORDS:
        assert word not in done.err, done.err
    assert all(character.isprintable() or character == "\n" for character in done.err), repr(done.err)


def partial_files(folder: Path) -> list[Path]:
    return list(folder.rglob("*.partial"))


def summary_of(path: Path) -> dict:
    return json.loads(path.read_bytes().decode("utf-8"))


def counts_of(ledger: dict) -> dict[str, int]:
    return {entry["reason"]: entry["count"] for entry in ledger["reasons"]}


def assert_conserved(ledger: dict, output: Path) -> None:
    """Every row read was written or is in the ledger as left out."""
    metadata = pq.read_metadata(output)
    left_out = sum(e["count"] for e in ledger["reasons"] if e["consequence"] in ("rejected", "filtered"))
    assert ledger["rows_read"] == metadata.num_rows + left_out, ledger
    assert json.loads(metadata.metadata[b"millrace.ledger"]) == ledger


def assert_same_rows(one: Path, other: Path) -> None:
    """Equal columns, bit for bit; what the metadata say may differ."""
    first, second = pq.read_table(one), pq.read_table(other)
    assert first.column_names == second.column_names
    for name in first.column_names:
        assert_same_bits(first[name], second[name], name)


def assert_same_bits(one: pa.ChunkedArray, other: pa.ChunkedArray, name: str) -> None:
    assert one.type == other.type, name
    if pa.types.is_dictionary(one.type):
        assert one.to_pylist() == other.to_pylist(), name
        return
    assert one.null_count == other.null_count, name
    assert one.is_null().equals(other.is_null()), name
    left, right = (a.combine_chunks().drop_null().to_numpy(zero_copy_only=False) for a in (one, other))
    assert left.tobytes() == right.tobytes(), name
