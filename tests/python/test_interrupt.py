"""Ctrl-C during long work, and work beside it."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time

import millrace
import numpy as np
import polars as pl
import pytest

SOON_S = 2.0  # a shared machine may sleep; the work below takes far longer
START = 1_763_805_600_000_000_000


@pytest.fixture(autouse=True)
def listens():
    """Whoever starts a background job may have told it to ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before if before is not None else signal.SIG_DFL)


def interrupted_after(seconds: float) -> threading.Timer:
    timer = threading.Timer(seconds, signal.raise_signal, [signal.SIGINT])
    timer.start()
    return timer


def assert_stops_soon(work) -> None:
    timer, start = interrupted_after(0.2), time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        work()
    timer.join()
    assert time.monotonic() - start < 0.2 + SOON_S


def test_a_kernel_stops() -> None:
    prices = np.random.default_rng(1).normal(size=3_000_000)
    assert_stops_soon(lambda: [millrace.kernels.rolling_quantile(prices, window=100_000) for _ in range(100)])


def test_a_batch_stops_and_the_stream_says_so() -> None:
    count = 3_000_000
    frame = pl.DataFrame({"ts_event": START + np.arange(count), "price": np.random.default_rng(1).uniform(1, 2, count)})
    stream = millrace.Stream({f"q{i}": f"rolling_quantile(price, q=0.{i}, window=50000)" for i in range(1, 10)})
    assert_stops_soon(lambda: stream.update_batch(frame))
    with pytest.raises(millrace.InvalidInput, match="stopped inside a batch"):
        stream.snapshot()


def test_a_join_stops() -> None:
    random = np.random.default_rng(1)
    table = pl.DataFrame({"t": random.integers(0, 2**40, 3_000_000), "k": random.integers(0, 1000, 3_000_000)})
    assert_stops_soon(lambda: [millrace.asof(table, table, on="t", by="k", tolerance=None) for _ in range(100)])


def test_bars_and_universes_stop() -> None:
    count = 3_000_000
    prices, ts = np.random.default_rng(1).uniform(1, 2, count), START + np.arange(count)
    assert_stops_soon(lambda: [millrace.kernels.tick_bars(prices, ticks=10, ts=ts) for _ in range(1000)])
    by = np.arange(count) % 500
    assert_stops_soon(lambda: [millrace.kernels.cs_rank(prices, by=by, ts=ts) for _ in range(1000)])


def test_other_threads_run_meanwhile() -> None:
    """The interpreter's lock is free during the work."""
    prices, ticks = np.random.default_rng(1).normal(size=1_000_000), []
    worker = threading.Thread(target=lambda: millrace.kernels.rolling_quantile(prices, window=10_000))
    worker.start()
    while worker.is_alive():
        ticks.append(time.monotonic())
        time.sleep(0.001)
    worker.join()
    assert len(ticks) > 20


def test_an_interpreter_that_ends_during_the_work_ends_quietly() -> None:
    script = """
import threading, numpy, millrace
work = lambda: millrace.kernels.rolling_quantile(numpy.random.default_rng(1).normal(size=5_000_000), window=50_000)
threading.Thread(target=work, daemon=True).start()
import time; time.sleep(0.5)
print("end", flush=True)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")
