"""What bench/backtest_libraries.py has every engine do, and what it hears of a run."""

from __future__ import annotations

import time
from dataclasses import dataclass

TICK_SIZE, LOT_SIZE = 0.01, 0.000001
MAKER_BPS, TAKER_BPS = 1.0, 4.0
LATENCY_NS = 50_000_000  # of orders, and of their answers where an engine has that
CASH = 100_000.0

# Market making: a fixed half spread about the middle, one order a side, looked at every INTERVAL_NS.
QUEUE_POWER = 3.0  # millrace's
HALF_SPREAD_BPS, SIZE, POSITION_MAX, INTERVAL_NS = 0.5, 0.001, 0.01, 10_000_000

# Averages of trades: long while the fast one is above.
FAST, SLOW, CROSS_CASH, CROSS_SIZE = 1_000, 5_000, 100.0, 0.0017


@dataclass
class Run:
    """Seconds of one run, by the clock and of all its threads, and what it traded."""

    wall: float
    cpu: float
    orders: int
    amended: int
    fills: int
    most_position: float  # in base
    net: float  # in quote, after fees


class Stopwatch:
    def __init__(self) -> None:
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        return time.perf_counter() - self.wall, time.process_time() - self.cpu
