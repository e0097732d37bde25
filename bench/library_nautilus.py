"""The crossing averages of bench/backtest_libraries.py for NautilusTrader: its own averages, over trades, with market orders.

The rules are those of millrace's position machine: an entry where the fast average comes to be above the slow one while nothing
is held or asked for, an exit where it is below. The strategy hears of trades alone; the venue sees quotes as well.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.backtest.models import LatencyModel
from nautilus_trader.common.config import LoggingConfig
from nautilus_trader.config import RiskEngineConfig, StrategyConfig
from nautilus_trader.indicators import ExponentialMovingAverage
from nautilus_trader.model.currencies import BTC, USD
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import CurrencyPair
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.persistence.wranglers import QuoteTickDataWrangler, TradeTickDataWrangler
from nautilus_trader.trading.strategy import Strategy

from backtest_job import CASH, CROSS_SIZE, FAST, LATENCY_NS, LOT_SIZE, MAKER_BPS, SLOW, TAKER_BPS, TICK_SIZE, Run, Stopwatch

VENUE = Venue("SIMULATED")
FLAT, ENTERING, OPEN, EXITING = range(4)


def instrument() -> CurrencyPair:
    return CurrencyPair(
        instrument_id=InstrumentId(Symbol("BTCUSD"), VENUE), raw_symbol=Symbol("BTCUSD"), base_currency=BTC, quote_currency=USD,
        price_precision=2, size_precision=6, price_increment=Price(TICK_SIZE, 2), size_increment=Quantity(LOT_SIZE, 6),
        margin_init=Decimal(0), margin_maint=Decimal(0), maker_fee=Decimal(str(MAKER_BPS * 1e-4)), taker_fee=Decimal(str(TAKER_BPS * 1e-4)),
        ts_event=0, ts_init=0,
    )


class CrossConfig(StrategyConfig, frozen=True):
    instrument_id: InstrumentId


class Cross(Strategy):
    def __init__(self, config: CrossConfig) -> None:
        super().__init__(config)
        self.fast, self.slow = ExponentialMovingAverage(FAST), ExponentialMovingAverage(SLOW)
        self.forget()

    def forget(self) -> None:
        self.phase, self.was_above, self.fills, self.held, self.most = FLAT, False, 0, 0.0, 0.0

    def on_start(self) -> None:
        self.size = self.cache.instrument(self.config.instrument_id).make_qty(CROSS_SIZE)
        self.register_indicator_for_trade_ticks(self.config.instrument_id, self.fast)
        self.register_indicator_for_trade_ticks(self.config.instrument_id, self.slow)
        self.subscribe_trade_ticks(self.config.instrument_id)

    def on_trade_tick(self, tick) -> None:
        is_above = self.fast.value > self.slow.value
        if self.phase == OPEN:
            if self.fast.value < self.slow.value:
                self.send(OrderSide.SELL, EXITING)
        elif self.phase == FLAT and is_above and not self.was_above:
            self.send(OrderSide.BUY, ENTERING)
        self.was_above = is_above

    def send(self, side: OrderSide, phase: int) -> None:
        self.phase = phase
        self.submit_order(self.order_factory.market(self.config.instrument_id, side, self.size))

    def on_order_filled(self, event) -> None:
        self.fills += 1
        self.held += float(event.last_qty) * (1.0 if event.order_side == OrderSide.BUY else -1.0)
        self.most = max(self.most, self.held)
        if self.phase == ENTERING and self.held > float(self.size) - 1e-9:
            self.phase = OPEN
        elif self.phase == EXITING and self.held < 1e-9:
            self.phase = FLAT

    def on_reset(self) -> None:
        self.fast.reset()
        self.slow.reset()
        self.forget()


class Nautilus:
    name = "NautilusTrader"

    def __init__(self, columns: dict[str, np.ndarray]) -> None:
        self.engine = BacktestEngine(
            BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True), risk_engine=RiskEngineConfig(bypass=True), run_analysis=False)
        )
        self.engine.add_venue(VENUE, OmsType.NETTING, AccountType.MARGIN, [Money(CASH, USD)], base_currency=USD, default_leverage=Decimal(10),
                              latency_model=LatencyModel(LATENCY_NS))
        traded = instrument()
        self.engine.add_instrument(traded)
        frame = pd.DataFrame(columns, index=pd.to_datetime(columns["ts_event"], utc=True))
        quotes, trades = frame[frame["kind"] == 0], frame[frame["kind"] == 1]
        names = {"bid": "bid_price", "ask": "ask_price"}
        self.engine.add_data(QuoteTickDataWrangler(traded).process(quotes[["bid", "ask", "bid_size", "ask_size"]].rename(columns=names)), sort=False)
        trades = pd.DataFrame({"price": trades["price"], "quantity": trades["size"], "trade_id": range(len(trades)), "side": np.where(trades["side"] > 0, "BUY", "SELL")},
                              index=trades.index)
        self.engine.add_data(TradeTickDataWrangler(traded).process(trades), sort=True)
        self.strategy = Cross(CrossConfig(instrument_id=traded.id))
        self.engine.add_strategy(self.strategy)

    def __call__(self) -> Run:
        self.engine.reset()
        watch = Stopwatch()
        self.engine.run()
        seconds = watch.read()
        net = self.engine.portfolio.account(VENUE).balance_total(USD).as_double() - CASH
        return Run(*seconds, fills=self.strategy.fills, orders=self.engine.cache.orders_total_count(), amended=0,
                   most_position=self.strategy.most, net=net)
