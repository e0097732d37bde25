"""The market making of bench/backtest_libraries.py for hftbacktest: the strategy in numba.

Quotes become changes of a book of one level a side: the new level first, then the old one goes, so that the engine never looks
for the next best price further than the new one is. The side that the other would cross goes first.
"""

from __future__ import annotations

import math

import numpy as np
from hftbacktest import (
    BUY_EVENT, DEPTH_EVENT, EXCH_EVENT, GTX, LIMIT, LOCAL_EVENT, SELL_EVENT, TRADE_EVENT, BacktestAsset, ROIVectorMarketDepthBacktest,
)
from hftbacktest.types import event_dtype
from numba import njit

from backtest_job import HALF_SPREAD_BPS, INTERVAL_NS, LATENCY_NS, LOT_SIZE, MAKER_BPS, POSITION_MAX, QUEUE_POWER, SIZE, TAKER_BPS, TICK_SIZE, Run, Stopwatch

BOTH = EXCH_EVENT | LOCAL_EVENT
BID, ASK = BOTH | DEPTH_EVENT | BUY_EVENT, BOTH | DEPTH_EVENT | SELL_EVENT
BOUGHT, SOLD = BOTH | TRADE_EVENT | BUY_EVENT, BOTH | TRADE_EVENT | SELL_EVENT


@njit
def put(out, at, event, ts, price, size):
    out[at].ev = event
    out[at].exch_ts = ts
    out[at].local_ts = ts
    out[at].px = price
    out[at].qty = size
    return at + 1


@njit
def level(out, at, event, ts, price, size, old_price, old_size):
    if price == old_price and size == old_size:
        return at
    at = put(out, at, event, ts, price, size)
    return put(out, at, event, ts, old_price, 0.0) if price != old_price and old_price > 0.0 else at


@njit
def convert(ts, kind, side, price, size, bid, bid_size, ask, ask_size, out):
    at, b, bs, a, az = 0, 0.0, 0.0, 0.0, 0.0
    for i in range(len(ts)):
        if kind[i] == 1:
            at = put(out, at, BOUGHT if side[i] > 0 else SOLD, ts[i], price[i], size[i])
            continue
        is_rising = bid[i] + ask[i] > b + a
        if is_rising:
            at = level(out, at, ASK, ts[i], ask[i], ask_size[i], a, az)
        at = level(out, at, BID, ts[i], bid[i], bid_size[i], b, bs)
        if not is_rising:
            at = level(out, at, ASK, ts[i], ask[i], ask_size[i], a, az)
        b, bs, a, az = bid[i], bid_size[i], ask[i], ask_size[i]
    return at


@njit
def play(hbt, tick, half_spread, size, most, interval):
    """Its orders are numbered anew each time, as an ended order's number cannot be used before it is cleared."""
    next_id, bid_id, ask_id, largest, amended = 1, 0, 0, 0.0, 0
    while hbt.elapse(interval) == 0:
        hbt.clear_inactive_orders(0)
        depth = hbt.depth(0)
        position = hbt.position(0)
        largest = max(largest, abs(position))
        middle = 0.5 * (depth.best_bid + depth.best_ask)
        if not middle > 0.0:
            continue
        orders = hbt.orders(0)
        bid_tick = math.floor(middle * (1.0 - half_spread) / tick + 1e-6)
        ask_tick = math.ceil(middle * (1.0 + half_spread) / tick - 1e-6)
        if bid_id in orders:
            order = orders.get(bid_id)
            if order.cancellable:
                if position + size > most + 1e-9:
                    hbt.cancel(0, bid_id, False)
                elif order.price_tick != bid_tick:
                    hbt.modify(0, bid_id, bid_tick * tick, order.leaves_qty, False)
                    amended += 1
        elif position + size <= most + 1e-9:
            bid_id, next_id = next_id, next_id + 1
            hbt.submit_buy_order(0, bid_id, bid_tick * tick, size, GTX, LIMIT, False)
        if ask_id in orders:
            order = orders.get(ask_id)
            if order.cancellable:
                if position - size < -most - 1e-9:
                    hbt.cancel(0, ask_id, False)
                elif order.price_tick != ask_tick:
                    hbt.modify(0, ask_id, ask_tick * tick, order.leaves_qty, False)
                    amended += 1
        elif position - size >= -most - 1e-9:
            ask_id, next_id = next_id, next_id + 1
            hbt.submit_sell_order(0, ask_id, ask_tick * tick, size, GTX, LIMIT, False)
    return largest, next_id - 1, amended


class HftBacktest:
    name = "hftbacktest"

    def __init__(self, columns: dict[str, np.ndarray]) -> None:
        names = ("ts_event", "kind", "side", "price", "size", "bid", "bid_size", "ask", "ask_size")
        rows = len(columns["ts_event"])
        events = np.zeros(4 * rows, event_dtype)
        self.events = events[: convert(*(columns[name] for name in names), events)].copy()
        self.range = columns["bid"].min() * 0.99, columns["ask"].max() * 1.01

    def __call__(self) -> Run:
        asset = (
            BacktestAsset().data(self.events).linear_asset(1.0).constant_order_latency(LATENCY_NS, LATENCY_NS)
            .power_prob_queue_model(QUEUE_POWER).partial_fill_exchange().trading_value_fee_model(MAKER_BPS * 1e-4, TAKER_BPS * 1e-4)
            .tick_size(TICK_SIZE).lot_size(LOT_SIZE).roi_lb(round(self.range[0])).roi_ub(round(self.range[1])).last_trades_capacity(0)
        )
        hbt = ROIVectorMarketDepthBacktest([asset])
        watch = Stopwatch()
        largest, orders, amended = play(hbt, TICK_SIZE, HALF_SPREAD_BPS * 1e-4, SIZE, POSITION_MAX, INTERVAL_NS)
        seconds = watch.read()
        state = hbt.state_values(0)
        depth = hbt.depth(0)
        net = state.balance - state.fee + state.position * 0.5 * (depth.best_bid + depth.best_ask)
        run = Run(*seconds, fills=int(state.num_trades), orders=int(orders), amended=int(amended), most_position=float(largest), net=float(net))
        hbt.close()
        return run
