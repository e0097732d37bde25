#include "millrace/graph/bar_call.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>

#include "millrace/base/error.h"
#include "millrace/graph/call_rows.h"
#include "millrace/kernels/emissions.h"

namespace millrace {

namespace {

constexpr std::size_t rows_at_once = 16 * 1024;

/// The rows of each key, in their order: those of key k from begins[k] on.
struct RowsByKey {
  std::vector<std::uint32_t> rows;
  std::vector<std::size_t> begins;

  explicit RowsByKey(const KernelRows& given) : rows(given.count) {
    if (given.keys.empty()) {
      std::iota(rows.begin(), rows.end(), 0U);
      begins = {0, given.count};
      return;
    }
    begins.resize(*std::max_element(given.keys.begin(), given.keys.end()) + std::size_t{2});
    for (const InstrumentId key : given.keys) ++begins[key + 1];
    std::partial_sum(begins.begin(), begins.end(), begins.begin());
    std::vector<std::size_t> next(begins.begin(), begins.end() - 1);
    for (std::uint32_t row = 0; row < given.count; ++row) rows[next[given.keys[row]]++] = row;
  }
};

}  // namespace

/// The kernel at work on the rows of one key.
class BarCall::Instrument {
 public:
  explicit Instrument(const BarCall& call)
      : call_(call),
        state_((call.form().state_bytes(call.parameters_.data()) + 7) / 8),
        emissions_(call.kernel_.outputs.size()) {
    call.form().start(call.parameters_.data(), state_.data());
  }

  void run(const KernelRows& given, std::span<const std::uint32_t> rows, ClosedBars& bars) {
    load(given, rows);
    const double* in[largest_inputs] = {};
    for (std::size_t i = 0; i < call_.places_.size(); ++i) {
      if (call_.places_[i] >= 0) in[i] = values_[i].data();
    }
    emissions_.clear();
    call_.form().run(call_.parameters_.data(), state_.data(),
                     {.rows = rows.size(),
                      .in = in,
                      .count = count_,
                      .clock = clock_.data(),
                      .first = first_,
                      .seen = seen_.data(),
                      .event = event_.data(),
                      .received = received_.data(),
                      .emissions = &emissions_});
    count_ += rows.size();
    take(rows, bars);
  }

 private:
  void load(const KernelRows& given, std::span<const std::uint32_t> rows) {
    for (std::size_t j = 0; j < rows.size(); ++j) {
      event_[j] = given.event[rows[j]];
      received_[j] = given.received.empty() ? no_time : given.received[rows[j]];
      if (latest_ == no_time) first_ = event_[j];
      latest_ = std::max(latest_, event_[j]);
      clock_[j] = latest_;
      seen_[j] = observed;
    }
    for (std::size_t i = 0; i < call_.places_.size(); ++i) {
      if (call_.places_[i] < 0) continue;
      const InputInfo& info = call_.kernel_.inputs[i];
      const auto from = given.inputs[static_cast<std::size_t>(call_.places_[i])];
      for (std::size_t j = 0; j < rows.size(); ++j) {
        const double value = from[rows[j]];
        values_[i][j] = std::isfinite(value) ? value : no_value;
        const bool is_valid = has_value(values_[i][j]) && (!info.is_positive || value > 0.0);
        if (!is_valid && !info.is_nullable) seen_[j] = observed_null;
      }
    }
  }

  void take(std::span<const std::uint32_t> rows, ClosedBars& bars) {
    for (const std::uint32_t row : emissions_.rows()) bars.rows.push_back(rows[row]);
    for (std::size_t i = 0; i < emissions_.outputs(); ++i) {
      const std::span<const double> values(emissions_.column(i), emissions_.size());
      if (call_.kernel_.outputs[i].is_time || call_.kernel_.outputs[i].is_span) {
        for (const double value : values) bars.integers[i].push_back(std::bit_cast<std::int64_t>(value));
      } else {
        bars.numbers[i].insert(bars.numbers[i].end(), values.begin(), values.end());
      }
    }
  }

  const BarCall& call_;
  std::vector<std::uint64_t> state_;
  Emissions emissions_;
  std::array<std::array<double, block_rows>, largest_inputs> values_{};
  std::array<Nanos, block_rows> clock_{}, event_{}, received_{};
  std::array<std::uint8_t, block_rows> seen_{};
  Nanos first_ = 0, latest_ = no_time;
  std::uint64_t count_ = 0;
};

namespace {

template <class T>
void reorder(std::vector<T>& values, const std::vector<std::size_t>& order) {
  if (values.empty()) return;
  std::vector<T> sorted(values.size());
  for (std::size_t i = 0; i < order.size(); ++i) sorted[i] = values[order[i]];
  values = std::move(sorted);
}

/// Bars of several keys by the rows that closed them.
void sort_by_row(ClosedBars& bars) {
  std::vector<std::size_t> order(bars.rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return bars.rows[a] < bars.rows[b]; });
  reorder(bars.rows, order);
  for (auto& values : bars.numbers) reorder(values, order);
  for (auto& values : bars.integers) reorder(values, order);
}

}  // namespace

bool is_bar_kernel(const KernelInfo& kernel) { return kernel.rows != nullptr && kernel.rows->is_emitting; }

BarCall::BarCall(const KernelInfo& kernel, const std::vector<Argument>& arguments,
                 const std::vector<std::string_view>& inputs)
    : kernel_(kernel), inputs_(inputs), places_(places_of_inputs(kernel, inputs)) {
  parameters_ = read_call_parameters(kernel, arguments);
}

const FormInfo& BarCall::form() const { return *parameters_.form; }

ClosedBars BarCall::run(const KernelRows& rows, const std::function<void()>& between) const {
  check_rows(kernel_, inputs_, rows);
  if (rows.count > UINT32_MAX) {
    fail(Fault::input, "{}: expected at most {} rows, found {}", kernel_.doc.name, UINT32_MAX, rows.count);
  }
  if (rows.event.empty() && rows.count > 0) {
    fail(Fault::input, "{}: bars have times; expected `ts`, the times of the rows", kernel_.doc.name);
  }
  ClosedBars bars;
  bars.numbers.resize(kernel_.outputs.size());
  bars.integers.resize(kernel_.outputs.size());
  if (rows.count == 0) return bars;
  const RowsByKey by_key(rows);
  std::size_t done = 0;
  for (std::size_t key = 0; key + 1 < by_key.begins.size(); ++key) {
    Instrument instrument(*this);
    for (std::size_t from = by_key.begins[key]; from < by_key.begins[key + 1]; from += block_rows) {
      if (done % rows_at_once < block_rows) between();
      const std::size_t count = std::min(block_rows, by_key.begins[key + 1] - from);
      instrument.run(rows, std::span(by_key.rows).subspan(from, count), bars);
      done += count;
    }
  }
  if (!rows.keys.empty()) sort_by_row(bars);
  return bars;
}

}  // namespace millrace
