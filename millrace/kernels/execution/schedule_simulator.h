#pragma once

#include <array>

#include "millrace/kernels/function_family.h"

namespace millrace {

/// Replays a schedule over a recorded tape: orders arrive late, take what the book showed, then wait in the queue. The
/// tape is as it was: nobody reacts to us, and of its sizes each is given out once.
struct ScheduleSimulator {
  static constexpr Doc doc{
      .name = "schedule_simulator",
      .title = "Fills and cost of a schedule on a recorded tape",
      .formula =
          "live at sent + latency; the marketable part takes the book of the last row at or before that, level by "
          "level; the rest waits behind the size shown at its price; an opposite aggressor at that price serves the "
          "queue first, one through it fills; cost = 1e4 * side * sum size * (price - mid when sent) / sum size * mid "
          "+ fees",
      .unit = "fills: base asset; cost_bps: bps, a cost is positive",
      .warmup = "none; cost null without fills, or where a filled order has no mid when sent",
      .reference = "Bertsimas, Lo (1998), J. Financial Markets 1, 1-50",
  };

  enum Queue : std::uint8_t { displayed, uniform, front };
  static constexpr std::array<std::string_view, 3> queues{"displayed", "uniform", "front"};
  struct Params {
    Nanos latency = 0;
    std::uint8_t queue = displayed;
    double impact = 0.0, maker_fee_bps = 0.0, taker_fee_bps = 0.0;
    std::int64_t seed = 0;
  };
  static constexpr std::array params{
      duration<&Params::latency>("latency", 1, 3600 * one_second, "from sent to live; 1ns: at once"),
      choice<&Params::queue>("queue", queues, "ahead of us: all that is shown, an even share u_i of it, or nothing"),
      number<&Params::impact>("impact", 0.0, 1e12, "price per unit taken, for this fill and all later takes; 0: none"),
      number<&Params::maker_fee_bps>("maker_fee_bps", -1000.0, 1000.0, "of the filled value; below 0 a rebate"),
      number<&Params::taker_fee_bps>("taker_fee_bps", -1000.0, 1000.0, "of the filled value"),
      number<&Params::seed>("seed", 0, 9e15, "of queue=uniform: u_i = splitmix64(seed) for order i")};

  struct Results {
    std::vector<double> fills;
    std::vector<std::int64_t> order;
    std::vector<Nanos> ts;
    std::vector<double> price, size;
    std::vector<std::int64_t> is_maker;
    double cost_bps = no_value;
  };
  static constexpr std::array inputs{
      argument::side("side", "of all orders"),
      argument::times("order_ts", "by order: when it is sent"),
      argument::vector("order_size", "by order", "order_ts"),
      argument::optional(
          argument::vector("limit_px", "by order; null or left out: a market order, which never waits", "order_ts")),
      argument::optional(
          argument::vector("queue_ahead", "by order: ahead of it at its price; null: by `queue`", "order_ts")),
      argument::times("tape_ts", "by row, not decreasing"),
      argument::optional(argument::vector("trade_px", "by row; null where the row has no trade", "tape_ts")),
      argument::optional(argument::vector("trade_size", "by row", "tape_ts")),
      argument::optional(
          argument::sides("trade_side", "by row: the aggressor's; one not known fills nothing", "tape_ts")),
      argument::optional(argument::matrix("bid", "by row and level, the best first", "tape_ts")),
      argument::optional(argument::matrix("bid_size", "by row and level", "bid")),
      argument::optional(argument::matrix("ask", "by row and level, the best first", "tape_ts")),
      argument::optional(argument::matrix("ask_size", "by row and level", "ask"))};
  static constexpr std::array outputs{
      result<&Results::fills>("fills", "by row: filled by its trade, or from its book before the next row"),
      result<&Results::order>("fill_order", "by fill: number of the order, from 0"),
      result_times<&Results::ts>("fill_ts", "by fill"),
      result<&Results::price>("fill_px", "by fill"),
      result<&Results::size>("fill_size", "by fill"),
      result<&Results::is_maker>("fill_is_maker", "by fill: 1 where it had waited"),
      result<&Results::cost_bps>("cost_bps", "of all fills, with fees")};

  static Results evaluate(const Params& p, Side side, std::span<const Nanos> order_ts,
                          std::span<const double> order_size, std::span<const double> limit_px,
                          std::span<const double> queue_ahead, std::span<const Nanos> tape_ts,
                          std::span<const double> trade_px, std::span<const double> trade_size,
                          std::span<const Nanos> trade_side, MatrixView bid, MatrixView bid_size, MatrixView ask,
                          MatrixView ask_size);
};

}  // namespace millrace
