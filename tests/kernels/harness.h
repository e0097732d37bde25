#pragma once

#include <cctype>
#include <cmath>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "millrace/graph/expression.h"
#include "millrace/graph/parameters.h"
#include "millrace/kernels/emissions.h"
#include "millrace/kernels/registry.h"

/// Runs a kernel as the graph does, without a graph: packs observations, keeps history, repeats outputs.
namespace millrace::testing {

/// A call as users write it, `macd(x, fast=2)`: kernel, parameters and form.
struct Call {
  const KernelInfo* kernel = nullptr;
  Parameters parameters{};
  Expression expression{};
  std::string wrong{};  // empty, or why the call is refused

  const FormInfo& form() const { return *parameters.form; }
  bool is_of_time() const { return kernel->of_times != nullptr && parameters.form == kernel->of_times; }
  const void* params() const { return parameters.data(); }
};

inline Call make_call(const std::string& text) {
  Call call;
  auto parsed = parse_expression(text);
  if (const auto* complaint = std::get_if<Complaint>(&parsed)) {
    call.wrong = text + ": " + complaint->message;
    return call;
  }
  call.expression = std::get<Expression>(parsed);
  call.kernel = find_kernel(call.expression.name);
  if (call.kernel == nullptr) {
    call.wrong = text + ": no such kernel";
    return call;
  }
  for (Argument& argument : call.expression.arguments) {  // as the graph does with `interval=column`
    for (const InputInfo& input : call.kernel->inputs) {
      const bool is_name = std::isalpha(static_cast<unsigned char>(argument.value[0])) != 0;
      if (input.is_keyword && input.name == argument.name && is_name) argument.value = bound_to_input;
    }
  }
  std::vector<Complaint> complaints;
  call.parameters = read_parameters(*call.kernel, 0, call.expression.arguments, complaints);
  const bool is_of_time = !call.expression.operands.empty() && call.expression.operands[0].name == "ts_event";
  if (is_of_time && call.kernel->of_times != nullptr) call.parameters.form = call.kernel->of_times;
  for (const Complaint& complaint : complaints) call.wrong += text + ": " + complaint.message;
  return call;
}

/// Rows of one instrument. An input without rows is left out of the call.
struct Series {
  std::vector<std::vector<double>> inputs;
  std::vector<Nanos> clock;
  std::vector<std::uint8_t> seen;  // observed or unobserved
  std::vector<Nanos> received{};   // empty = not known
  // Of kernels over several legs, by input: whether the row is an observation of it. Empty: as `seen`.
  std::vector<std::vector<std::uint8_t>> fresh{};

  std::size_t rows() const { return clock.size(); }
};

using Outputs = std::vector<std::vector<double>>;  // by output, by row

inline bool is_missing(const InputInfo& info, double x) {
  if (info.is_time || info.is_id) return Cell::is_null(x);
  return !has_value(x) || (info.is_positive && !(x > 0.0));
}
inline bool is_integer_output(const OutputInfo& info) { return info.is_time || info.is_span; }

/// Times and spans as numbers of ns.
inline Outputs as_numbers(const KernelInfo& kernel, Outputs out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!is_integer_output(kernel.outputs[i])) continue;
    for (double& value : out[i]) value = Cell::is_null(value) ? value : static_cast<double>(Cell::time(value));
  }
  return out;
}

/// Whether a row is an observation of an input, and a null one.
inline Seen seen_of(const KernelInfo& kernel, const Series& series, std::size_t input, std::size_t row) {
  const std::uint8_t seen = series.fresh.empty() ? series.seen[row] : series.fresh[input][row];
  if (seen == unobserved || series.inputs[input].empty()) return unobserved;
  const bool is_null = !kernel.inputs[input].is_nullable && is_missing(kernel.inputs[input], series.inputs[input][row]);
  return is_null ? observed_null : observed;
}

/// The first row of an input's instrument: the first that is an observation of it, of rows that have been played.
inline Nanos first_of(const Series& series, std::size_t input, std::size_t rows) {
  const auto& seen = series.fresh.empty() ? series.seen : series.fresh[input];
  for (std::size_t row = 0; row < rows; ++row) {
    if (seen[row] != unobserved) return series.clock[row];
  }
  return INT64_MAX / 2;
}

inline bool is_null_row(const KernelInfo& kernel, const Series& series, std::size_t row) {
  for (std::size_t i = 0; i < kernel.inputs.size(); ++i) {
    if (kernel.inputs[i].is_nullable || series.inputs[i].empty()) continue;
    if (is_missing(kernel.inputs[i], series.inputs[i][row])) return true;
  }
  return false;
}

/// One instrument's state of one call. A copy is a snapshot.
class Player {
 public:
  Player(const Call& call, bool defined) : call_(&call), is_defined_(defined) {
    const FormInfo& form = call.form();
    const std::size_t bytes = form.is_stateless ? 0 : form.state_bytes(call.params());
    EXPECT_EQ(bytes % 8, 0U);
    state_.assign(bytes / 8 + 1, 0.0);
    if (bytes > 0) form.start(call.params(), state_.data());
    history_.resize(call.kernel->inputs.size());
    last_.assign(call.kernel->outputs.size(), no_value);
  }

  /// Plays the rows [from, to) and appends their outputs.
  void play(const Series& series, std::size_t from, std::size_t to, Outputs& out) {
    out.resize(call_->kernel->outputs.size());
    if (first_ == no_time) first_ = series.clock.at(0);
    for (std::size_t at = from; at < to;) {
      std::size_t end = std::min(to, at + block_rows);
      for (std::size_t i = 0; i < series.fresh.size();
           ++i) {  // like the graph: an instrument's first row begins a block
        const Nanos first = first_of(series, i, at + 1);
        std::size_t row = at + 1;
        while (row < end && first_of(series, i, row + 1) == first) ++row;
        end = row;
      }
      if (!series.fresh.empty()) first_ = 0;  // the latest of the legs' first rows
      for (std::size_t i = 0; i < series.fresh.size(); ++i) first_ = std::max(first_, first_of(series, i, at + 1));
      call_->form().is_dense && !call_->form().is_stateless ? dense(series, at, end, out) : all(series, at, end, out);
      at = end;
    }
  }

 private:
  void run(const Frame& frame) {
    (is_defined_ ? call_->form().update_each : call_->form().run)(call_->params(), state_.data(), frame);
    for (std::size_t i = 0; i < call_->kernel->outputs.size() && !call_->form().is_emitting; ++i) {
      if (is_integer_output(call_->kernel->outputs[i])) continue;
      for (std::size_t row = 0; row < frame.rows; ++row) {
        if (std::isnan(frame.out[i][row])) frame.out[i][row] = no_value;
      }
    }
  }

  void all(const Series& series, std::size_t from, std::size_t to, Outputs& out) {
    std::vector<std::uint8_t> seen(series.seen.begin() + static_cast<std::ptrdiff_t>(from),
                                   series.seen.begin() + static_cast<std::ptrdiff_t>(to));
    for (std::size_t row = from; row < to; ++row) {
      if (seen[row - from] == observed && is_null_row(*call_->kernel, series, row)) seen[row - from] = observed_null;
    }
    std::vector<Nanos> received(to - from, no_time);
    for (std::size_t row = from; row < to && !series.received.empty(); ++row)
      received[row - from] = series.received[row];
    std::vector<const double*> in;
    for (const auto& input : series.inputs) in.push_back(input.empty() ? nullptr : input.data() + from);
    std::vector<double*> into;
    for (auto& column : out) {
      column.resize(column.size() + (to - from));
      into.push_back(column.data() + (column.size() - (to - from)));
    }
    std::vector<std::vector<std::uint8_t>> fresh(in.size());
    std::vector<const std::uint8_t*> fresh_at;
    std::vector<Nanos> firsts;
    for (std::size_t i = 0; i < in.size() && call_->form().needs_fresh; ++i) {
      for (std::size_t row = from; row < to; ++row) fresh[i].push_back(seen_of(*call_->kernel, series, i, row));
      fresh_at.push_back(fresh[i].data());
      firsts.push_back(first_of(series, i, from + 1));
    }
    Emissions bars(out.size());
    run({.rows = to - from,
         .in = in.data(),
         .out = into.data(),
         .clock = series.clock.data() + from,
         .first = first_,
         .seen = seen.data(),
         .event = series.clock.data() + from,
         .received = received.data(),
         .emissions = &bars,
         .fresh = fresh_at.data(),
         .firsts = firsts.data()});
    if (call_->form().is_emitting) repeat(bars, to - from, into);
  }

  /// Between its bars a kernel shows the last one; of several that one row closes, the last.
  void repeat(Emissions& bars, std::size_t rows, const std::vector<double*>& into) {
    std::size_t next = 0;
    for (std::size_t row = 0; row < rows; ++row) {
      for (; next < bars.size() && bars.rows()[next] == row; ++next) {
        for (std::size_t i = 0; i < into.size(); ++i) last_[i] = bars.column(i)[next];
      }
      for (std::size_t i = 0; i < into.size(); ++i) into[i][row] = last_[i];
    }
  }

  void dense(const Series& series, std::size_t from, std::size_t to, Outputs& out) {
    std::vector<std::size_t> packed;
    for (std::size_t row = from; row < to; ++row) {
      if (series.seen[row] == observed && !is_null_row(*call_->kernel, series, row)) packed.push_back(row);
    }
    const std::size_t depth = call_->form().lookback(call_->params());
    std::vector<std::vector<double>> buffers(series.inputs.size());
    std::vector<const double*> in(series.inputs.size(), nullptr);
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      if (series.inputs[i].empty()) continue;
      std::vector<double>& buffer = buffers[i];
      buffer.assign(depth - history_[i].size(), no_value);  // before the first observation there is nothing to read
      buffer.insert(buffer.end(), history_[i].begin(), history_[i].end());
      for (const std::size_t row : packed) buffer.push_back(series.inputs[i][row]);
      in[i] = buffer.data() + depth;
      const std::size_t known = std::min(depth, history_[i].size() + packed.size());
      history_[i].assign(buffer.end() - static_cast<std::ptrdiff_t>(known), buffer.end());
    }
    Outputs results(out.size(), std::vector<double>(packed.size()));
    std::vector<double*> into;
    for (auto& column : results) into.push_back(column.data());
    std::vector<Nanos> clock;
    for (const std::size_t row : packed) clock.push_back(series.clock[row]);
    run({.rows = packed.size(),
         .in = in.data(),
         .out = into.data(),
         .count = count_,
         .clock = clock.data(),
         .first = first_});
    count_ += packed.size();
    for (std::size_t i = 0; i < out.size(); ++i) {
      std::size_t next = 0;
      for (std::size_t row = from; row < to; ++row) {
        if (next < packed.size() && packed[next] == row) {
          last_[i] = results[i][next++];
        } else if (series.seen[row] == observed) {
          last_[i] = no_value;
        }
        out[i].push_back(last_[i]);
      }
    }
  }

  const Call* call_;
  bool is_defined_;
  std::vector<double> state_;
  std::vector<std::vector<double>> history_;  // by input
  std::vector<double> last_;                  // by output
  std::uint64_t count_ = 0;
  Nanos first_ = no_time;
};

inline Outputs play(const Call& call, const Series& series, std::size_t chunk, bool is_defined = false) {
  Player player(call, is_defined);
  Outputs out(call.kernel->outputs.size());
  for (std::size_t at = 0; at < series.rows(); at += chunk) {
    player.play(series, at, std::min(series.rows(), at + chunk), out);
  }
  return out;
}

}  // namespace millrace::testing
