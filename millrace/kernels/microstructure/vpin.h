#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/compensated.h"
#include "millrace/kernels/numerics/power_sums.h"

namespace millrace {

/// Time is counted in volume: every bucket holds the same, and a trade that is larger than what is left of a bucket is
/// split over the next ones. Every row is watched, since with mode=bulk the clock closes a bar.
struct Vpin {
  static constexpr bool watches_every_row = true;
  static constexpr Doc doc{
      .name = "vpin",
      .title = "Probability of informed trading by volume",
      .formula = "sum |bought - sold| / sum (bought + sold) over the last full buckets of equal volume",
      .unit = "1, from 0 to 1",
      .warmup = "`buckets` full buckets",
      .reference = "Easley, Lopez de Prado, O'Hara (2012), Review of Financial Studies 25, 1457-1493",
  };

  enum Mode : std::uint8_t { side, tick, bulk };
  static constexpr std::array<std::string_view, 3> modes{"side", "tick", "bulk"};
  struct Params {
    double bucket_volume = no_value;  // auto: vol_24h / 50
    std::int64_t buckets = 50;
    std::uint8_t mode = side;
  };
  static constexpr std::array params{
      auto_number<&Params::bucket_volume>("bucket_volume", 1e-12, 1e18,
                                          "base asset; auto: vol_24h / 50 as a bucket opens"),
      number<&Params::buckets>("buckets", 1, 10'000, "full buckets in the average"),
      choice<&Params::mode>("mode", modes, "who bought: the sign, the price change, or the share of a minute's move")};

  static constexpr std::array inputs{InputInfo{"size"}, InputInfo{.name = "sign", .is_nullable = true},
                                     InputInfo{.name = "price", .is_optional = true},
                                     InputInfo{.name = "vol_24h", .is_optional = true, .is_nullable = true}};
  static constexpr std::array outputs{OutputInfo{"vpin"}};

  struct State {
    double capacity = 0.0, room = 0.0;              // of the open bucket, and what it still takes; 0 = none is open
    double bought = 0.0, sold = 0.0;                // in the open bucket
    CompensatedSum imbalance, volume;               // of the last full buckets
    std::int64_t full = 0;                          // buckets filled so far
    double price = no_value, direction = no_value;  // of the last trade and the last non-zero change
    Nanos bar_end = no_time;                        // of the open bar; no_time = none
    double bar_volume = 0.0, bar_close = no_value, close_before = no_value;
    double mean = no_value, variance = 0.0;  // exponential, of the changes between closes
    std::int64_t changes = 0;
    double value = no_value, output = no_value;  // of the full buckets; of the row
  };
  static constexpr Nanos bar = 60 * one_second;
  static constexpr double change_alpha = 0.013767295506640798;  // 1 - 2^(-1/50)

  static std::size_t tail(const Params& p) { return 2 * static_cast<std::size_t>(p.buckets); }

  static double bulk_share(double change, double sigma) noexcept {
    return 0.5 * std::erfc(-change / (sigma * 1.4142135623730951));
  }

  static void close_bucket(const Params& p, State& s, Tail ring) noexcept {
    double* slot = ring + 2 * (s.full % p.buckets);
    const double imbalance = std::abs(s.bought - s.sold), volume = s.bought + s.sold;
    s.imbalance.exchange(imbalance, slot[0]);  // an unused slot holds 0
    s.volume.exchange(volume, slot[1]);
    slot[0] = imbalance;
    slot[1] = volume;
    ++s.full;
    s.capacity = s.room = s.bought = s.sold = 0.0;
    if (s.full >= p.buckets) s.value = s.imbalance.value() / s.volume.value();
  }

  /// Fills buckets with `volume`, of which `share` was bought.
  static void pour(const Params& p, State& s, Tail ring, double volume, double share, double vol_24h) noexcept {
    const double fresh = std::isnan(p.bucket_volume) ? vol_24h / 50.0 : p.bucket_volume;
    while (volume > 0.0) {
      if (s.capacity == 0.0) {
        if (!(fresh > 0.0)) return;
        s.capacity = s.room = fresh;
        // A volume that fills all buckets twice over leaves only its last ones; this bounds the loop.
        const double most = 2.0 * static_cast<double>(p.buckets) * fresh;
        if (volume > most) volume = most + std::fmod(volume - most, fresh);
      }
      const double part = std::min(volume, s.room);
      s.bought += part * share;
      s.sold += part * (1.0 - share);
      volume -= part;
      s.room -= part;
      if (s.room <= 1e-12 * s.capacity) close_bucket(p, s, ring);
    }
  }

  static void close_bar(const Params& p, State& s, Tail ring, double vol_24h) noexcept {
    const double change = s.bar_close - s.close_before;  // NaN on the first bar
    if (!std::isnan(change)) {
      if (s.changes >= 2 && !is_zero_variance(s.variance, s.mean)) {
        pour(p, s, ring, s.bar_volume, bulk_share(change, std::sqrt(s.variance)), vol_24h);
      }
      const double delta = s.changes == 0 ? 0.0 : change - s.mean;
      s.mean = s.changes == 0 ? change : s.mean + change_alpha * delta;
      s.variance = (1.0 - change_alpha) * (s.variance + change_alpha * delta * delta);
      ++s.changes;
    }
    s.close_before = s.bar_close;
    s.bar_end = no_time;
    s.bar_volume = 0.0;
    s.output = s.value;
  }

  static void observe(const Params& p, State& s, Tail ring, double size, double sign, double price, double vol_24h,
                      Nanos clock) noexcept {
    if (p.mode == bulk) {
      if (!has_value(price)) return;
      if (s.bar_end == no_time) s.bar_end = (clock / bar + (clock % bar < 0 ? 0 : 1)) * bar;
      s.bar_volume += size;
      s.bar_close = price;
    } else {
      if (p.mode == tick) {
        s.direction = price > s.price ? 1.0 : price < s.price ? -1.0 : s.direction;
        s.price = price;
        sign = s.direction;
      }
      if (!(sign > 0.0 || sign < 0.0)) return;
      pour(p, s, ring, size, sign > 0.0 ? 1.0 : 0.0, vol_24h);
    }
    s.output = s.value;
  }

  static double update(const Params& p, State& s, double size, double sign, double price, double vol_24h, Now now,
                       Seen seen, Tail ring) noexcept {
    if (s.bar_end != no_time && now.clock >= s.bar_end) close_bar(p, s, ring, vol_24h);
    if (seen != unobserved) {
      s.output = no_value;
      if (seen == observed) observe(p, s, ring, size, sign, price, vol_24h, now.clock);
    }
    return s.output;
  }
};

}  // namespace millrace
