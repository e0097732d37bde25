"""Features over several instruments: legs in tables, rows, snapshots."""

from __future__ import annotations

import millrace
import numpy as np
import pyarrow as pa
import pytest

from python.same_bits import assert_same_array, assert_same_table

LEGS = {"btc": "simulated:BTC-USD"}
EXPRESSIONS = {
    "gap": "x.midprice_/asof(btc.midprice_, tolerance=5s) - 1",
    "far": "0*x.midprice_ + asof(btc.price, tolerance=1h)",
    "beta": "rolling_std(log_returns(grid(x.price, every=100ms)/grid(btc.price, every=100ms)), window=20)",
    "own": "rolling_std(price, window=10)",
}
PROFILE = {"let": {"midprice_": "midprice(bid, ask)"}, "features": EXPRESSIONS}


@pytest.fixture(scope="module")
def instruments(market: pa.Table) -> list[str]:
    pairs = zip(market["venue"].to_pylist(), market["symbol"].to_pylist(), strict=True)
    return sorted({f"{venue}:{symbol}" for venue, symbol in pairs})


@pytest.fixture(scope="module")
def legs(instruments: list[str]) -> dict[str, str]:
    return {"btc": instruments[0]}


def test_a_leg_is_what_the_rows_say(market, legs) -> None:
    """asof(btc.price) is the price of the newest row of the leg that came before."""
    result = millrace.features(market, PROFILE, legs=legs).to_arrow()
    venue, symbol = legs["btc"].split(":")
    price = result["price"].to_numpy()
    names = zip(result["venue"].to_pylist(), result["symbol"].to_pylist(), strict=True)
    is_leg = np.array([one == (venue, symbol) for one in names])
    is_trade = is_leg & np.isin(result["kind"].to_numpy(), [1, 2])
    ts = result["ts_event"].to_numpy().view(np.int64)
    expected = np.full(len(price), np.nan)
    for row in range(len(price)):
        seen = np.flatnonzero(is_trade[: row + 1] & (ts[: row + 1] <= ts[row]))
        if len(seen):
            expected[row] = price[seen[np.lexsort((seen, ts[seen]))[-1]]]
    far = result["far"].to_numpy()
    both = np.isfinite(far) & np.isin(result["kind"].to_numpy(), [0, 2])  # a trade repeats what the last quote gave
    assert both.sum() > len(far) / 10
    assert_same_array(far[both], expected[both], "far")
    assert result["beta"].null_count < len(far) and result["gap"].null_count < len(far)


def test_rows_one_by_one_give_the_same(market, legs) -> None:
    few = market.slice(0, 1500)
    whole = millrace.features(few, PROFILE, legs=legs).to_arrow()
    stream = millrace.Stream(PROFILE, legs=legs)
    rows = [row for row in map(stream.update, few.to_pylist()) if row is not None]
    assert len(rows) == len(whole)
    for name in EXPRESSIONS:
        assert [row[name] for row in rows] == whole[name].to_pylist(), name


def test_a_snapshot_brings_its_legs(market, legs, instruments) -> None:
    stream = millrace.Stream(PROFILE, legs=legs)
    stream.update_batch(market.slice(0, 2000))
    again = millrace.Stream.restore(stream.snapshot(), PROFILE, legs=legs)
    assert again.fingerprint == stream.fingerprint
    assert_same_table(again.update_batch(market.slice(2000)).to_arrow(), stream.update_batch(market.slice(2000)).to_arrow())
    with pytest.raises(millrace.InvalidInput, match="snapshot: made by another feature set"):
        millrace.Stream.restore(stream.snapshot(), PROFILE, legs={"btc": instruments[1]})


def test_threads_change_no_bit(market, legs) -> None:
    one, many = (millrace.features(market, PROFILE, legs=legs, threads=n).to_arrow() for n in (1, 4))
    assert_same_table(one, many)


def test_a_file_has_its_own_legs(market, legs, tmp_path) -> None:
    path = tmp_path / "own.toml"
    lines = ['mode = "replace"', "[legs]", 'btc = ""', "[let]", 'midprice_ = "midprice(bid, ask)"', "[features]"]
    path.write_text("\n".join(lines + [f'{name} = "{text}"' for name, text in EXPRESSIONS.items()]))
    without = millrace.features(market, path)
    assert sorted(without.missing) == ["beta", "far", "gap"] and without.missing["far"] == "leg `btc` is not configured"
    assert without.to_arrow()["far"].null_count == len(without)
    given = millrace.features(market, path, legs=legs)
    assert given.missing == {}
    expected = millrace.features(market, PROFILE, legs=legs).to_arrow()
    assert_same_table(given.to_arrow(), expected)


WRONG = [
    ({"btc": "BTC-USD"}, "legs: `btc`: expected VENUE:SYMBOL such as coinbase:BTC-USD, was `BTC-USD`"),
    ({"price": "a:b"}, "legs: expected a name of letters, digits and _ that is no column and not x, was `price`"),
    ({"btc": 3}, "legs: expected names and instruments as texts"),
    ("btc=a:b", "legs: expected names and instruments as texts"),
]


@pytest.mark.parametrize(("given", "message"), WRONG)
def test_what_is_wrong_is_said(market, given, message) -> None:
    with pytest.raises(millrace.InvalidInput, match=message):
        millrace.features(market, PROFILE, legs=given)


def test_a_profile_tells_its_legs(market) -> None:
    with pytest.raises(millrace.InvalidInput, match="legs: expected one of the legs of listed-36 .none., was `btc`"):
        millrace.features(market, "listed-36", legs=LEGS)
    with pytest.raises(millrace.InvalidInput, match="legs: expected one of the legs of cross-12 .a, b, rate, btc, .*, was `btcc` .did you mean `btc`"):
        millrace.Stream("cross-12", legs={"btcc": "simulated:BTC-USD"})
