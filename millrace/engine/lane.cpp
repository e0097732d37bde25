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

std::uint32_t Lane::open_feed(InstrumentId instrument) {
  if (instrument >= feed_at_.size()) feed_at_.resize(instrument + 1, 0);
  const std::string& venue = specs_[instrument].venue;
  const auto known = std::find_if(feeds_.begin(), feeds_.end(), [&](const Feed& one) { return one.venue == venue; });
  const auto at = static_cast<std::uint32_t>(known - feeds_.begin());
  if (known == feeds_.end()) {
    const std::uint64_t seed = options_.sim.seed + 1000 * feeds_.size();
    feeds_.push_back({.venue = venue, .latency = LatencyStream(options_.feed, seed, LatencyStream::Kind::feed)});
  }
  feed_at_[instrument] = at + 1;
  return at;
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
  Held& held = batches_.emplace_back(Held{std::move(batch), rows});
  const bool is_recorded = options_.feed.shape == LatencyModel::Shape::recorded;
  for (std::uint32_t row = 0; row < rows; ++row) {
    const MarketRow& market = held.batch->rows[row];
    const bool is_late = market.ts_event < clock_;
    clock_ = std::max(clock_, market.ts_event);  // a late row comes when it comes
    advance(clock_);
    Feed& feed = feed_of(market.instrument);
    feed.last = std::max(feed.last, clock_ + feed.latency.next(is_recorded || is_late ? &market : nullptr));
    if (is_late) [[unlikely]] {
      MarketRow now = market;
      now.ts_event = clock_;
      exchange_.on_market(now);
    } else {
      exchange_.on_market(market);
    }
    if ((market.flags & flag_within_bar) != 0) {  // the venue traded there, but nobody saw it then
      --held.left;
      continue;
    }
    Pending& waiting = feed.rows.push();  // filled in place: a copy would wait for its parts
    waiting.at = feed.last;
    waiting.from = &held;
    waiting.row = row;
    waiting.attention = attention_[row];
  }
  retire();
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
  feed.rows.pop();
  --next.from->left;
  desk_.on_row(*next.from->batch, next.row, next.attention, next.at);
}

void Lane::retire() {
  while (!batches_.empty() && batches_.front().left == 0) {
    desk_.release(*batches_.front().batch);
    batches_.pop_front();
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
