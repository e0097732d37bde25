"""A run that is stopped, killed or not listened to leaves nothing half written."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cli.market import clean_rows, write_parquet
from cli.program import (
    DONE,
    FAILED,
    PROGRAM,
    TIMEOUT_S,
    assert_one_clear_message,
    partial_files,
    run,
    succeed,
)

BIG_ROWS = 4_000_000
UNENDING_ROWS = 2_000_000_000
STOP_LIMIT_S = 1.0
POLL_S = 0.002
OLD = b"an older result"
VERBS = ("research", "simulate")


@pytest.fixture(scope="session")
def big_ticks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("big") / "ticks.parquet"
    succeed("simulate", "--out", path, "--rows", BIG_ROWS)
    return path


@pytest.fixture
def command(big_ticks: Path, folder: Path) -> Callable[[str], tuple[object, ...]]:  # noqa: ARG001
    """Arguments of a run that lasts long enough to be stopped; it writes out.parquet."""

    def of(verb: str) -> tuple[object, ...]:
        if verb == "simulate":
            return "simulate", "--out", "out.parquet", "--rows", UNENDING_ROWS
        return "research", "--in", big_ticks, "--out", "out.parquet", "--save-state", "state", "--summary", "s.json"

    return of


@contextmanager
def started(*arguments: object, **options: object) -> Iterator[subprocess.Popen]:
    """The program while it writes out.parquet; it is gone at the end."""
    process = subprocess.Popen(
        [str(PROGRAM), *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )
    try:
        wait_until(lambda: writes_much(Path("out.parquet.partial")), process)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=TIMEOUT_S)


def writes_much(partial: Path) -> bool:
    return partial.exists() and partial.stat().st_size > 1_000_000


def wait_until(is_so: Callable[[], bool], process: subprocess.Popen) -> None:
    end = time.monotonic() + TIMEOUT_S
    while not is_so():
        assert process.poll() is None, "the run ended before it could be stopped"
        assert time.monotonic() < end
        time.sleep(POLL_S)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("verb", VERBS)
def test_a_stopped_run_ends_within_a_second_and_leaves_what_was_there(folder, command, verb, stop) -> None:
    Path("out.parquet").write_bytes(OLD)
    with started(*command(verb)) as process:
        start = time.monotonic()
        process.send_signal(stop)
        out, err = process.communicate(timeout=TIMEOUT_S)
        assert time.monotonic() - start < STOP_LIMIT_S
    assert process.returncode == FAILED
    assert out == ""
    assert err == "millrace: stopped by a signal; nothing was written\n"
    assert Path("out.parquet").read_bytes() == OLD
    assert [path.name for path in folder.iterdir()] == ["out.parquet"]


@pytest.mark.parametrize("verb", VERBS)
def test_a_run_after_a_killed_one_replaces_what_was_left(folder, ticks, command, verb) -> None:
    with started(*command(verb)) as process:
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert not Path("out.parquet").exists()
    assert [path.name for path in partial_files(folder)] == ["out.parquet.partial"]
    if verb == "simulate":
        succeed("simulate", "--out", "out.parquet", "--rows", 1000)
    else:
        succeed("research", "--in", ticks, "--out", "out.parquet")
    assert pq.read_table("out.parquet").num_rows == 1000
    assert not partial_files(folder)


def test_a_second_run_with_the_output_of_one_that_goes_on_is_refused(folder, ticks, command) -> None:
    with started(*command("simulate")) as process:
        done = run("research", "--in", ticks, "--out", "out.parquet", "--quiet")
        assert done.code == FAILED
        assert_one_clear_message(done, "out.parquet: another run is writing out.parquet.partial")
        assert Path("out.parquet.partial").exists()
        process.send_signal(signal.SIGTERM)
        process.wait(TIMEOUT_S)
    assert not partial_files(folder)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_verb_that_writes_nothing_is_ended_by_the_signal_itself(folder, stop) -> None:  # noqa: ARG001
    process = subprocess.Popen([str(PROGRAM), "bench", "--rows", "5000000"], stdout=subprocess.PIPE)
    wait_until(lambda: "millrace" in Path(f"/proc/{process.pid}/comm").read_text(), process)
    process.send_signal(stop)
    process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == -stop


# --- Nobody reads, nothing is open ----------------------------------------------------------------------------------

TALKERS = {
    "--help": ("--help",),
    "--version": ("--version",),
    "research --help": ("research", "--help"),
    "kernels": ("kernels",),
    "kernels --json": ("kernels", "--json"),
    "kernels rsi": ("kernels", "rsi"),
    "features": ("features",),
    "features --json": ("features", "--json"),
    "inspect": ("inspect", "ticks.parquet"),
    "inspect --json": ("inspect", "ticks.parquet", "--json"),
    "simulate": ("simulate", "--out", "out.parquet", "--rows", 100),
    "research": ("research", "--in", "ticks.parquet", "--out", "out.parquet"),
}


@pytest.mark.parametrize("name", TALKERS)
def test_a_closed_pipe_ends_a_verb_quietly(ticks, name) -> None:  # noqa: ARG001
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = run(*TALKERS[name], stdout=write_end)
    os.close(write_end)
    assert done.code == FAILED
    assert done.err == ""


def test_head_gets_its_line(folder) -> None:
    script = f"set -o pipefail; {PROGRAM} kernels --json | head -n 1"
    done = subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
    assert done.returncode in (DONE, FAILED)  # it may have ended before head did


@pytest.mark.parametrize("name", TALKERS)
def test_a_full_disk_behind_the_output_of_a_verb_is_told(ticks, name) -> None:  # noqa: ARG001
    with Path("/dev/full").open("wb") as full:
        done = run(*TALKERS[name], stdout=full)
    assert done.code == FAILED
    assert_one_clear_message(done, "millrace: stdout: No space left on device\n")


@pytest.mark.parametrize("name", TALKERS)
def test_a_closed_standard_output_is_told(ticks, name) -> None:  # noqa: ARG001
    done = run(*TALKERS[name], stdout=None, preexec_fn=lambda: os.close(1))
    assert done.code == FAILED
    assert_one_clear_message(done, "millrace: stdout: Bad file descriptor\n")


def close_all() -> None:
    for stream in range(3):
        os.close(stream)


def test_with_all_streams_closed_nothing_is_printed_into_a_file(folder, ticks) -> None:
    succeed("research", "--in", ticks, "--out", "expected.parquet", "--quiet")
    closed = {"stdin": None, "stdout": None, "stderr": None, "preexec_fn": close_all}
    done = run("research", "--in", ticks, "--out", "out.parquet", "--quiet", **closed)
    assert done.code == DONE
    assert Path("out.parquet").read_bytes() == Path("expected.parquet").read_bytes()
    done = run("research", "--in", "none.parquet", "--out", "new.parquet", **closed)
    assert done.code == FAILED
    assert sorted(path.name for path in folder.iterdir()) == ["expected.parquet", "out.parquet", "ticks.parquet"]


def test_what_research_writes_is_complete_though_nobody_reads_its_tables(folder) -> None:
    write_parquet(clean_rows(1000), folder / "ticks.parquet")
    with Path("/dev/full").open("wb") as full:
        done = run("research", "--in", "ticks.parquet", "--out", "out.parquet", "--summary", "s.json", stdout=full)
    assert done.code == FAILED
    assert pq.read_table("out.parquet").num_rows == 1000
    assert Path("s.json").stat().st_size > 0
    assert not partial_files(folder)
