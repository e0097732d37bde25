#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/recent_ids.h"

namespace millrace {

/// Remembers a fixed number of trades: a set without a limit would grow for as long as the feed runs. Where the venue
/// numbers none, a trade is known by its time, price, size and side, of which a hash of 64 bits is kept.
struct DedupeTrades {
  static constexpr Doc doc{
      .name = "dedupe_trades",
      .title = "Trade that was there before",
      .formula =
          "1 where trade_id, or (ts_event, price, size, side), is among the last `capacity` different ones; "
          "a null in it: 0",
      .unit = "1: 0 or 1",
      .warmup = "none",
      .reference = "Knuth (1998), The Art of Computer Programming 3, 6.4: linear probing",
  };

  enum Mode : std::uint8_t { flag, drop };
  static constexpr std::array<std::string_view, 2> modes{"flag", "drop"};
  struct Params {
    std::int64_t capacity = 4096;
    std::uint8_t mode = flag;
  };
  static constexpr std::array params{
      number<&Params::capacity>("capacity", 1, 65'536, "trades remembered, 16 bytes each"),
      choice<&Params::mode>("mode", modes, "flag; drop removes rows, which features do not")};
  static std::string_view check(const Params& p) {
    return p.mode == flag ? "" : "mode=drop removes rows, and a feature is a value on each row; flag them and filter";
  }

  static constexpr std::array inputs{
      InputInfo{.name = "trade_id", .is_nullable = true, .is_id = true},
      InputInfo{.name = "price", .is_optional = true, .is_nullable = true, .is_beside_time = true},
      InputInfo{.name = "size", .is_optional = true, .is_nullable = true, .is_beside_time = true},
      InputInfo{.name = "side", .is_optional = true, .is_nullable = true, .is_beside_time = true}};
  static constexpr std::array outputs{OutputInfo{.name = "duplicate", .is_flag = true}};

  using State = RecentIds;
  static std::size_t tail(const Params& p) { return State::doubles(p.capacity); }

  static double update(const Params& p, State& s, Nanos id, double, double, double, Tail tail) noexcept {
    return id != no_time && s.meets(static_cast<std::uint64_t>(id), p.capacity, tail) ? 1.0 : 0.0;
  }

  struct OfTimes {
    using State = RecentIds;
    static std::size_t tail(const Params& p) { return State::doubles(p.capacity); }

    static double update(const Params& p, State& s, Nanos event, double price, double size, double side,
                         Tail tail) noexcept {
      if (event == no_time || !has_value(price) || !has_value(size) || !has_value(side)) return 0.0;
      std::uint64_t hash = mix_bits(static_cast<std::uint64_t>(event));
      for (const double part : {price, size, side}) hash = mix_bits(hash ^ std::bit_cast<std::uint64_t>(part + 0.0));
      return s.meets(hash, p.capacity, tail) ? 1.0 : 0.0;
    }
  };
};

}  // namespace millrace
