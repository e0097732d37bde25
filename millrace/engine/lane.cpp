#include "millrace/engine/lane.h"

#include <algorithm>
#include <utility>

#include "millrace/base/error.h"

namespace millrace {

Lane::Lane(std::unique_ptr<Strategy> strategy, const Options& options, const SpecBook& specs, const FeeTable& fees,
           Rates rates)
    : specs_(specs),
      options_(options),
      strategy_(std::move(strategy)),
      exchange_(specs, fees, options.sim),
      desk_(options.desk, specs, fees, std::move(rates), exchange_, *strategy_) {}

void Lane::deposit(std::string_view venue, std::string_view asset, Amount amount) {
  desk_.deposit(venue, asset, amount);
  exchange_.account().deposit(venue, asset, amount);
}

void Lane::deposit_inventory(InstrumentId instrument, Lots size, Ticks price) {
  desk_.deposit_inventory(instrument, size, price);
  exchange_.account().deposit_inventory(instrument, size, price);
}

std::uint32_t Lane::feed_of(InstrumentId instrument) {
  if (instrument >= feed_at_.size()) feed_at_.resize(instrument + 1, 0);
  std::uint32_t& at = feed_at_[instrument];
  if (at == 0) {
    const std::string& venue = specs_[instrument].venue;
    const auto known = std::find_if(feeds_.begin(), feeds_.end(), [&](const Feed& one) { return one.venue == venue; });
    at = static_cast<std::uint32_t>(known - feeds_.begin()) + 1;
    if (known == feeds_.end()) {
      const std::uint64_t seed = options_.sim.seed + 1000 * feeds_.size();
      feeds_.push_back({.venue = venue, .latency = LatencyStream(options_.feed, seed, LatencyStream::Kind::feed)});
    }
  }
  return at - 1;
}

void Lane::play(std::shared_ptr<const MarketBatch> batch) {
  const std::size_t rows = batch->chunk.rows();
  if (rows == 0) return;
  if (batches_.size() >= most_batches) {
    fail(Fault::config, "--feed-latency: more than {} batches of rows are on their way; expected a shorter latency",
         most_batches);
  }
  attention_.assign(rows, 0);
  strategy_->prepare(*batch, attention_);
  const MarketBatch& now = *batch;
  batches_.emplace_back(std::move(batch), rows);
  const std::uint32_t number = first_batch_ + static_cast<std::uint32_t>(batches_.size()) - 1;
  const bool is_recorded = options_.feed.shape == LatencyModel::Shape::recorded;
  for (std::uint32_t row = 0; row < rows; ++row) {
    const Nanos ts = now.chunk.ts_event[row];
    const bool is_late = ts < clock_;
    clock_ = std::max(clock_, ts);  // a late row comes when it comes
    advance(clock_);
    Feed& feed = feeds_[feed_of(now.chunk.instrument[row])];
    if (is_recorded || is_late) [[unlikely]] {
      MarketRow market = market_row_of(now.chunk, row);
      feed.last = std::max(feed.last, clock_ + feed.latency.next(&market));
      market.ts_event = clock_;
      exchange_.on_market(market);
    } else {
      feed.last = std::max(feed.last, clock_ + feed.latency.next(nullptr));
      exchange_.on_market(now.chunk, row);
    }
    if ((now.chunk.flags[row] & flag_within_bar) != 0) {  // the venue traded there, but nobody saw it then
      --batches_.back().second;
      continue;
    }
    Pending& waiting = feed.rows.emplace_back();  // filled in place: a copy would wait for its parts
    waiting.at = feed.last;
    waiting.batch = number;
    waiting.row = row;
    waiting.attention = attention_[row];
  }
  retire();
}

Lane::Feed* Lane::earliest() {
  Feed* first = nullptr;
  for (Feed& one : feeds_) {
    if (!one.rows.empty() && (first == nullptr || one.rows.front().at < first->rows.front().at)) first = &one;
  }
  return first;
}

/// All that happens before `until`. At one time the venue comes first, then its answers, then rows.
void Lane::advance(Nanos until) {
  for (;;) {
    Feed* feed = earliest();
    const Nanos at_venue = exchange_.next_time();
    const Nanos at_desk = feed == nullptr ? INT64_MAX : feed->rows.front().at;
    if (std::min(at_venue, at_desk) >= until) return;
    if (at_venue <= at_desk) {
      exchange_.advance(at_venue + 1);
      answer(at_venue);
    } else {
      deliver(*feed);
    }
  }
}

void Lane::answer(Nanos now) {
  ExchangeEvent event;
  while (exchange_.poll(now, event)) desk_.on_event(event);
}

void Lane::deliver(Feed& feed) {
  const Pending& next = feed.rows.front();
  auto& [batch, left] = batches_[next.batch - first_batch_];
  const Nanos at = next.at;
  const std::uint32_t row = next.row;
  const std::uint8_t attention = next.attention;
  feed.rows.pop_front();
  --left;
  desk_.on_row(*batch, row, attention, at);
}

void Lane::retire() {
  while (!batches_.empty() && batches_.front().second == 0) {
    desk_.release(*batches_.front().first);
    batches_.pop_front();
    ++first_batch_;
  }
}

void Lane::finish() {
  // A desk that answers each event with an order would never end: give what is on its way one more minute.
  constexpr Nanos last_orders = 60 * one_second;
  Nanos end = clock_;
  for (const Feed& one : feeds_) end = std::max(end, one.last);
  if (end != no_time) advance(end + last_orders);
  desk_.finish(end);
  retire();
}

}  // namespace millrace
