"""The 100 columns of default-100 for one instrument: those of listed-36, and 64 more built of nodes.

A node has a value on every row, and rows on which it is observed. Rules (kernels.md 1): with a direct input that is
observed on trades a node is observed there, else on the rows of its inputs; elsewhere it repeats its last output. An
event-time window, and a stateless expression of one, changes with time and is evaluated anew on every row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from oracle import bars, distribution, flow, models, naive
from oracle.features import QUOTE, TICKER, TRADE, Columns, listed_36
from oracle.windows import Floats, Ints, Longs, Mask, as_series, doubles, ratio, repeat_last, spread

DEFAULT_100 = (
    "log_return price_diff1 log_return_lag1 log_return_lag5 ret_10s ret_1m ret_5m ret_15m ewma ewma_gap_bps zscore "
    "zscore_5m midprice microprice microprice_gap_bps quoted_spread quoted_spread_bps spread_p95_1h best_bid_qty "
    "best_ask_qty l1_depth_usd l1_imbalance l1_imbalance_ew10s ofi ofi_10s ofi_norm_1m trade_sign signed_volume "
    "effective_spread_bps vpin realized_var realized_vol_1m realized_vol_5m realized_vol_1h vol_ratio_5m_1h "
    "bipower_var medrv jump_ratio semivar_down riskmetrics_vol log_return_std20 parkinson_vol gk_vol rs_vol yz_vol "
    "ema_fast ema_slow ema macd macd_signal macd_hist macd_hist_bps rsi bb_mid bb_upper bb_lower bb_pctb "
    "bb_width_bps stoch_k stoch_d donchian_pos atr kalman_gap_bps log_return_autocorr1 log_return_autocorr5 mean "
    "variance log_return_skew100 log_return_kurt100 entropy100 variance_ratio5 vwap vwap_5m vwap_gap_bps volume_1m "
    "trade_intensity amihud_100 kyle_lambda_100 roll_spread_bps corwin_schultz_bps pnl drawdown cusum_stat "
    "cusum_down cusum_alarm regime_prob var cvar cf_var rolling_sharpe100 vol_regime is_stale outlier_flag gap_ms "
    "book_state tod_sin tod_cos ret_24h range_pos_24h volume_share_24h"
).split()
FLAGS = ("trade_sign", "cusum_alarm", "is_stale", "outlier_flag", "book_state")
DAY_NS = 86_400 * 10**9


@dataclass(frozen=True)
class Node:
    """`on` names the observed rows: trades, quotes, every or bars."""

    values: Floats
    on: str
    changes_with_time: bool = False


class Stream:
    """Rows of one instrument, and how nodes are put on them."""

    def __init__(self, rows: Columns) -> None:
        self.rows = rows
        self.ts: Ints = np.asarray(rows["ts_event"], dtype=np.int64)
        self.clock: Ints = np.maximum.accumulate(self.ts)
        kind = np.asarray(rows["kind"])
        self.is_trade: Mask = kind == TRADE
        self.masks: dict[str, Mask] = {
            "trades": np.isin(kind, (TRADE, TICKER)),
            "quotes": np.isin(kind, (QUOTE, TICKER)),
            "every": np.ones(kind.size, dtype=bool),
        }
        self.price, self.size, self.side = (self.column(name, "trades") for name in ("price", "size", "side"))
        self.bid, self.ask = self.column("bid", "quotes"), self.column("ask", "quotes")
        self.bid_size, self.ask_size = self.column("bid_size", "quotes"), self.column("ask_size", "quotes")
        self.bars = bars.resample_ohlc(rows["price"], rows["size"], self.ts, self.masks["trades"])
        self.masks["bars"] = np.zeros(kind.size, dtype=bool)
        self.masks["bars"][self.bars.row] = True

    def column(self, name: str, on: str) -> Node:
        return Node(as_series(self.rows[name]), on)

    def by_rows(self, kernel: Callable[..., Floats], *inputs: Node, on: str | None = None, **parameters) -> Node:
        """A row kernel: takes its observed rows alone."""
        on = on or _observed_on(inputs)
        mask = self.masks[on]
        return self.repeated(kernel(*(node.values[mask] for node in inputs), **parameters), on)

    def repeated(self, values: Floats, on: str) -> Node:
        """Values of the observed rows, repeated on the others."""
        mask = self.masks[on]
        return Node(repeat_last(spread(values, mask), mask), on)

    def by_time(self, kernel: Callable[..., Floats], node: Node, **parameters) -> Node:
        """An event-time window: answers on every row."""
        return Node(kernel(node.values, ts=self.ts, observed=self.masks[node.on], **parameters), node.on, True)

    def expression(self, function: Callable[..., Longs], *inputs: Node) -> Node:
        """A stateless expression; a non-finite result is null."""
        on = _observed_on(inputs)
        with np.errstate(all="ignore"):
            values = as_series(doubles(function(*(node.values.astype(np.longdouble) for node in inputs))))
        if any(node.changes_with_time for node in inputs):
            return Node(values, on, True)
        return self.repeated(values[self.masks[on]], on)

    def of_bars(self, values: Floats) -> Node:
        """Values of the closed bars, each on the row that closes it."""
        return self.repeated(values, "bars")


def _observed_on(inputs: tuple[Node, ...]) -> str:
    places = {node.on for node in inputs}
    if "trades" in places:
        return "trades"
    return places.pop() if len(places) == 1 else "every"


def default_100(rows: Columns) -> dict[str, Floats]:
    """All columns of the profile in its order, one value per row of the instrument, null as NaN."""
    s = Stream(rows)
    columns = dict(listed_36(rows))
    lr = Node(columns["log_return"], "trades")
    for part in (_prices, _quotes, _trades, _volatility, _bars, _momentum, _statistics, _risk, _feed):
        nodes = part(s, lr, columns)
        columns.update({name: node.values for name, node in nodes.items()})
    return {name: columns[name] for name in DEFAULT_100}


def _bps_gap(a: Longs, b: Longs) -> Longs:
    return 10_000 * (ratio(a, b) - 1)


def _prices(s: Stream, lr: Node, columns: dict[str, Floats]) -> dict[str, Node]:
    price, ewma = s.price, Node(columns["ewma"], "trades")
    return {
        "log_return_lag5": s.by_rows(naive.lag, lr, k=5),
        **{
            name: s.by_time(naive.log_returns, price, lag=lag)
            for name, lag in (("ret_10s", "10s"), ("ret_1m", "60s"), ("ret_5m", "5m"), ("ret_15m", "15m"))
        },
        "ewma_gap_bps": s.expression(_bps_gap, price, ewma),
        "zscore_5m": s.by_time(naive.rolling_zscore, price, window="5m"),
    }


def _quotes(s: Stream, lr: Node, columns: dict[str, Floats]) -> dict[str, Node]:  # noqa: ARG001
    mid, micro, imbalance, ofi = (
        Node(columns[name], "quotes") for name in ("midprice", "microprice", "l1_imbalance", "ofi")
    )
    spread_bps = s.by_rows(naive.quoted_spread, s.bid, s.ask, unit="bps")
    depth = s.expression(lambda b, a: (b + a) / 2, s.bid_size, s.ask_size)
    return {
        "microprice_gap_bps": s.expression(_bps_gap, micro, mid),
        "quoted_spread_bps": spread_bps,
        "spread_p95_1h": s.by_time(distribution.rolling_quantile, spread_bps, q=0.95, window="1h"),
        "l1_depth_usd": s.expression(lambda b, qb, a, qa: b * qb + a * qa, s.bid, s.bid_size, s.ask, s.ask_size),
        "l1_imbalance_ew10s": s.by_time(naive.ewma, imbalance, half_life="10s"),
        "ofi_10s": s.by_time(naive.rolling_sum, ofi, window="10s"),
        "ofi_norm_1m": s.expression(
            ratio,
            s.by_time(naive.rolling_sum, ofi, window="60s"),
            s.by_time(distribution.sma, depth, window="60s"),
        ),
        "book_state": s.by_rows(flow.book_state, s.bid, s.ask),
    }


def _trades(s: Stream, lr: Node, columns: dict[str, Floats]) -> dict[str, Node]:
    on = s.masks["trades"]
    price, size, mid = s.price, s.size, Node(columns["midprice"], "quotes")
    sign = Node(naive.trade_sign(price.values, s.bid.values, s.ask.values, s.side.values, observed=on), "trades")
    signed = s.expression(np.multiply, sign, size)
    effective = flow.effective_spread(price.values, mid.values, sign.values, unit="bps")
    mid_change = s.by_rows(naive.diff, mid, on="trades", k=1)
    value = s.expression(np.multiply, price, size)
    vwap = s.by_rows(flow.vwap_of_day, price, size, clock=s.clock[on])
    volume = s.by_time(naive.rolling_sum, size, window="60s")
    vwap_5m = flow.vwap_of_window(price.values, size.values, "5m", s.ts, on)
    roll = s.by_rows(flow.roll_spread, lr, window=100)
    return {
        "trade_sign": sign,
        "signed_volume": signed,
        "effective_spread_bps": s.repeated(effective[on], "trades"),
        "vwap": vwap,
        "vwap_5m": Node(vwap_5m, "trades", True),
        "vwap_gap_bps": s.expression(_bps_gap, price, vwap),
        "volume_1m": volume,
        "trade_intensity": Node(flow.trade_intensity(s.ts, s.is_trade), "every"),
        "amihud_100": s.by_rows(flow.amihud_illiquidity, lr, value, window=100),
        "kyle_lambda_100": s.by_rows(flow.kyle_lambda, mid_change, s.by_rows(naive.lag, signed, k=1), window=100),
        "roll_spread_bps": s.expression(lambda x: 10_000 * x, roll),
        "volume_share_24h": s.expression(lambda v, day: ratio(1440 * v, day), volume, s.column("vol_24h", "every")),
    }


def _volatility(s: Stream, lr: Node, columns: dict[str, Floats]) -> dict[str, Node]:
    vol = {
        name: s.expression(np.sqrt, s.by_time(naive.realized_var, lr, window=window))
        for name, window in (("realized_vol_1m", "60s"), ("realized_vol_5m", "5m"), ("realized_vol_1h", "1h"))
    }
    bipower, realized = Node(columns["bipower_var"], "trades"), Node(columns["realized_var"], "trades")
    return {
        **vol,
        "vol_ratio_5m_1h": s.expression(
            lambda a, b: ratio(12 * a**2, b**2), vol["realized_vol_5m"], vol["realized_vol_1h"]
        ),
        "medrv": s.by_rows(distribution.medrv, lr, window=20),
        "jump_ratio": s.expression(lambda b, r: np.maximum(0, 1 - ratio(b, r)), bipower, realized),
        "semivar_down": s.by_rows(distribution.semivar_down, lr, window=20),
        "vol_regime": s.by_time(distribution.rolling_rank, vol["realized_vol_5m"], window="24h"),
    }


def _bars(s: Stream, lr: Node, columns: dict[str, Floats]) -> dict[str, Node]:  # noqa: ARG001
    b = s.bars
    ohlc = (b.open, b.high, b.low, b.close)
    stochastic = bars.stochastic_osc(b.high, b.low, b.close)
    highest, lowest = (s.of_bars(edge) for edge in bars.donchian(b.high, b.low, window=20))
    corwin_schultz = s.of_bars(bars.corwin_schultz_spread(b.high, b.low, b.close))
    return {
        "parkinson_vol": s.of_bars(bars.parkinson_vol(b.high, b.low)),
        "gk_vol": s.of_bars(bars.gk_vol(*ohlc)),
        "rs_vol": s.of_bars(bars.rogers_satchell_vol(*ohlc)),
        "yz_vol": s.of_bars(bars.yang_zhang_vol(*ohlc)),
        "stoch_k": s.of_bars(stochastic.stoch_k),
        "stoch_d": s.of_bars(stochastic.stoch_d),
        "donchian_pos": s.expression(lambda p, h, low: ratio(p - low, h - low), s.price, highest, lowest),
        "atr": s.of_bars(bars.atr(b.high, b.low, b.close)),
        "corwin_schultz_bps": s.expression(lambda x: 10_000 * x, corwin_schultz),
    }


def _momentum(s: Stream, lr: Node, columns: dict[str, Floats]) -> dict[str, Node]:  # noqa: ARG001
    price, hist = s.price, Node(columns["macd_hist"], "trades")

    def bands(x: Floats, output: str) -> Floats:
        return getattr(naive.bollinger_bands(x, window=20, k=2), output)

    log_price = s.expression(np.log, price)
    level = s.by_rows(models.kalman_1d, log_price, clock=s.clock[s.masks["trades"]], q_per_s=1e-8, r=1e-8)
    return {
        "macd_hist_bps": s.expression(lambda h, p: ratio(10_000 * h, p), hist, price),
        "bb_pctb": s.by_rows(bands, price, output="bb_pctb"),
        "bb_width_bps": s.expression(lambda x: 10_000 * x, s.by_rows(bands, price, output="bb_width")),
        "kalman_gap_bps": s.expression(lambda x, y: 10_000 * (x - y), log_price, level),
    }


def _statistics(s: Stream, lr: Node, columns: dict[str, Floats]) -> dict[str, Node]:  # noqa: ARG001
    return {
        "log_return_autocorr1": s.by_rows(naive.autocorr, lr, lag=1, window=100),
        "entropy100": s.by_rows(models.entropy_hist, lr, window=100, bins=16),
        "variance_ratio5": s.by_rows(distribution.variance_ratio, lr, q=5, window=200),
    }


def _risk(s: Stream, lr: Node, columns: dict[str, Floats]) -> dict[str, Node]:
    moments = (
        s.by_rows(distribution.sma, lr, window=100),
        s.by_rows(naive.rolling_std, lr, window=100),
        *(Node(columns[name], "trades") for name in ("log_return_skew100", "log_return_kurt100")),
    )
    return {
        "drawdown": s.by_rows(flow.drawdown, Node(columns["pnl"], "trades")),
        "cusum_down": s.by_rows(lambda x: naive.cusum(x, k=0.5, h=5, half_life=500).cusum_down, lr),
        "regime_prob": s.by_rows(models.bocpd, lr, hazard=0.002, recent=10),
        "cvar": s.by_rows(distribution.historical_cvar, lr, alpha=0.05, window=100),
        "cf_var": s.by_rows(distribution.cornish_fisher_var, *moments, alpha=0.05),
        "rolling_sharpe100": s.by_rows(distribution.rolling_sharpe, lr, window=100),
        "outlier_flag": s.by_rows(distribution.outlier_flag_mad, s.price, window=100, k=3),
    }


def _feed(s: Stream, lr: Node, columns: dict[str, Floats]) -> dict[str, Node]:  # noqa: ARG001
    received = np.asarray(s.rows["ts_recv"], dtype=np.int64)
    stale = flow.is_stale(s.ts, received, s.bid.values, s.ask.values, s.masks["quotes"])
    gap = np.full(s.ts.size, np.nan)
    gap[1:] = np.diff(s.ts) / 10**6
    angle = 2 * np.arctan2(np.longdouble(0), np.longdouble(-1)) * (s.ts % DAY_NS) / np.longdouble(DAY_NS)
    change, low, high = (s.column(name, "every") for name in ("pct_chg_24h", "low_24h", "high_24h"))
    return {
        "is_stale": Node(stale, "every"),
        "gap_ms": Node(gap, "every"),
        "tod_sin": Node(doubles(np.sin(angle)), "every"),
        "tod_cos": Node(doubles(np.cos(angle)), "every"),
        "ret_24h": s.expression(lambda x: x / 100, change),
        "range_pos_24h": s.expression(lambda p, l, h: ratio(p - l, h - l), s.price, low, high),
    }
