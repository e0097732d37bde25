"""millrace.Stream: one row at a time gives the bits of the table; snapshots go on, or are refused."""

from __future__ import annotations

import datetime
import struct
import threading

import millrace
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from python.same_bits import assert_same_table

START = 1_763_805_600_000_000_000


def rows_of(table: pa.Table) -> list[dict]:
    """Rows as a caller would have them, times as nanoseconds."""
    for name in ("ts_event", "ts_recv"):
        at = table.column_names.index(name)
        table = table.set_column(at, name, table[name].cast("int64"))
    return table.to_pylist()


def bits_of(value: float | int | None) -> bytes | int | None:
    return struct.pack("d", value) if isinstance(value, float) else value


def assert_rows_are(answers: list[dict], told: pa.Table, first: int = 0) -> None:
    names = told.column_names[told.column_names.index("price") + 1 :]
    expected = told.slice(first, len(answers)).select(names).to_pylist()
    for number, (answer, row) in enumerate(zip(answers, expected, strict=True)):
        assert list(answer) == names
        for name in names:
            assert bits_of(answer[name]) == bits_of(row[name]), f"row {first + number}, {name}"


def test_rows_one_at_a_time_give_the_bits_of_the_command_line(market, told, profile) -> None:
    stream = millrace.Stream(profile)
    assert_rows_are([stream.update(row) for row in rows_of(market)], told)
    assert stream.ledger == millrace.features(market, profile).ledger | {
        "reasons": [one | {"first": one["first"].replace("table", "row"), "last": one["last"].replace("table", "row")}
                    for one in millrace.features(market, profile).ledger["reasons"]]}  # fmt: skip


def test_rows_and_tables_may_be_mixed(market, told, profile) -> None:
    stream, at = millrace.Stream(profile, threads=2), 0
    for size in (1, 700, 1, 0, 3000, 1):
        part = market.slice(at, size)
        if size == 1:
            assert_rows_are([stream.update(row) for row in rows_of(part)], told, at)
        else:
            assert_same_table(stream.update_batch(part).to_arrow(), told.slice(at, size))
        at += size


@pytest.mark.parametrize("at", [0, 1, 500, 3333])
def test_a_snapshot_goes_on_with_the_bits_of_a_run_that_never_stopped(market, told, profile, at) -> None:
    stream = millrace.Stream(profile)
    stream.update_batch(market.slice(0, at))
    snapshot = stream.snapshot()
    assert snapshot == stream.snapshot()
    other = millrace.Stream.restore(snapshot, profile)
    assert (other.profile, other.features, other.fingerprint) == (stream.profile, stream.features, stream.fingerprint)
    assert_same_table(other.update_batch(market.slice(at)).to_arrow(), told.slice(at))
    assert_same_table(stream.update_batch(market.slice(at)).to_arrow(), told.slice(at))
    assert other.snapshot() == stream.snapshot()


def test_a_snapshot_brings_its_expressions() -> None:
    stream = millrace.Stream({"let": {"m": "midprice(bid, ask)"}, "features": {"f": "ewma(m, span=3)"}})
    for i in range(5):
        stream.update(ts_event=START + i, bid=1.0 + i, ask=2.0 + i)
    other = millrace.Stream.restore(stream.snapshot())
    row = {"ts_event": START + 9, "bid": 4.0, "ask": 5.0}
    assert other.update(row) == stream.update(row)


def test_a_snapshot_that_does_not_fit_is_refused(market) -> None:
    stream = millrace.Stream("compat-27")
    stream.update_batch(market.slice(0, 200))
    snapshot = stream.snapshot()
    with pytest.raises(millrace.InvalidInput, match="made by another feature set \\(compat-27\\)"):
        millrace.Stream.restore(snapshot, "listed-36")
    for at in (0, 4, 7, 40, len(snapshot) // 2, len(snapshot) - 1):
        broken = bytearray(snapshot)
        broken[at] ^= 1
        with pytest.raises(millrace.InvalidInput, match="^snapshot: (damaged|expected the mark|written by another version)"):
            millrace.Stream.restore(bytes(broken))
    for length in (0, 3, 6, 9, 100, len(snapshot) - 1):
        with pytest.raises(millrace.InvalidInput, match="^snapshot: "):
            millrace.Stream.restore(snapshot[:length])
    with pytest.raises(millrace.InvalidInput, match="^snapshot: "):
        millrace.Stream.restore(snapshot + b"\0")
    with pytest.raises(millrace.InvalidInput, match="snapshot: expected bytes, found str"):
        millrace.Stream.restore("text")


def test_a_row_is_what_it_says_it_is() -> None:
    stream = millrace.Stream({"m": "midprice(bid, ask)", "p": "price + 0", "s": "trade_sign(price, bid, ask, side)"})
    assert stream.update(ts_event=START, bid=1, ask=np.float32(2.0)) == {"m": 1.5, "p": None, "s": None}
    trade = stream.update({"ts_event": START + 1, "price": 2, "size": 1.0, "side": "buy", "kind": "trade"})
    assert trade == {"m": 1.5, "p": 2.0, "s": 1}
    assert stream.update(ts_event=np.int64(START + 2), price=3.0, side=-1)["s"] == -1
    assert stream.update(ts_event=START + 3, best_bid=1.5, best_ask=None)["m"] == 1.75
    assert stream.ledger == {"rows_read": 4, "reasons": []}


def test_times_may_be_datetimes() -> None:
    stream = millrace.Stream({"t": "rolling_sum(price, window=10s)"})
    utc = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    for number, ts in enumerate([utc, utc.replace(tzinfo=None), pd.Timestamp(utc), np.datetime64("2026-01-01T00:00:01")]):
        assert stream.update(ts_event=ts, price=1.0, kind=1, seq=number) == {"t": None}
    assert "late" not in str(stream.ledger)


def test_what_cannot_be_used_is_none_and_counted() -> None:
    stream = millrace.Stream({"p": "price + 0"})
    assert stream.update(ts_event=-5, price=1.0) is None
    assert stream.update(ts_event=START, price=1.0, kind=7) is None
    assert stream.update(ts_event=START, price=1.0, venue="binance", symbol="NOSUCHTHING") is None
    assert stream.update(ts_event=START, price=float("nan"), kind=1) == {"p": None}
    assert stream.update(ts_event=START, price=-1.0, kind=1) == {"p": None}
    reasons = {one["reason"]: one["count"] for one in stream.ledger["reasons"]}
    assert reasons == {"unparsable_time": 1, "unknown_kind": 1, "unknown_symbol": 1, "bad_price": 2}
    assert stream.ledger["rows_read"] == 5


def test_one_thread_at_a_time(market) -> None:
    """Two threads on one stream: each call is whole, or refused; never a race."""
    stream = millrace.Stream("listed-36")
    refused, done = [], []

    def work() -> None:
        for _ in range(10):
            try:
                done.append(len(stream.update_batch(market)))
            except millrace.InvalidInput as problem:
                refused.append(str(problem))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(done) == {market.num_rows} and len(done) + len(refused) == 40
    assert all("in use by another thread" in text for text in refused)
    assert stream.ledger["rows_read"] == len(done) * market.num_rows
