#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "millrace/base/random.h"
#include "millrace/base/time.h"
#include "millrace/trading/market_row.h"

namespace millrace {

/// How long a message is on its way.
struct LatencyModel {
  enum class Shape : std::uint8_t {
    constant,
    uniform,    // from `least` to `most`
    lognormal,  // median `least`, deviation of the logarithm `sigma`
    recorded,   // ts_recv - ts_event of the newest row: what the recording itself had
  };
  Shape shape = Shape::constant;
  Nanos least = 50'000'000;
  Nanos most = 50'000'000;
  double sigma = 0.0;
  double multiple = 1.0;        // of whatever comes out: how much slower a run would still do
  Nanos cap = 10 * one_second;  // no message takes longer

  static constexpr Nanos longest = 3'600 * one_second;  // for all of the above
};

/// Reads "50ms", "uniform(20ms,80ms)", "lognormal(50ms,0.5)" or "recorded". Throws Error{config} that names `where`.
LatencyModel parse_latency(std::string_view text, std::string_view where);
std::string format_latency(const LatencyModel& model);

/// One kind of message's latencies, each kind with random numbers of its own: one order more leaves the feed as it was.
class LatencyStream {
 public:
  enum class Kind : std::uint8_t { feed, order, ack };

  LatencyStream(const LatencyModel& model, std::uint64_t seed, Kind kind)
      : model_(model),
        random_(seed * 3 + static_cast<std::uint64_t>(kind)),
        is_constant_(model.shape == LatencyModel::Shape::constant) {
    if (is_constant_) constant_ = draw(nullptr);
  }

  /// `newest` is the newest row of the instrument that the message is about; nullptr, or a row without its times, takes
  /// the cap of a recorded latency. Never below 0.
  Nanos next(const MarketRow* newest) { return is_constant_ ? constant_ : draw(newest); }

 private:
  Nanos draw(const MarketRow* newest);

  LatencyModel model_;
  Random random_;
  bool is_constant_;
  Nanos constant_ = 0;
};

}  // namespace millrace
