#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <exception>
#include <iostream>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include <arrow/api.h>
#include <fmt/format.h>

#include "millrace/asof/log_join.h"
#include "millrace/base/error.h"
#include "millrace/io/arrow_result.h"
#include "millrace/io/asof_table.h"
#include "millrace/io/table_file.h"

// ASOF of two sorted tables in memory on one core: trades (price, size) get the quotes (bid, ask) that were valid, by
// symbol, at most 500 ms old. Answers are checked before anything is timed.
//
//   bench/asof               10 M x 10 M rows of 14 symbols of its own
//   bench/asof LEFT RIGHT    these files; joins once for each line it reads and answers with the seconds
//   (bench/asof.py)

namespace {

using namespace millrace;
using Table = std::shared_ptr<arrow::Table>;

constexpr std::size_t own_rows = 10'000'000, own_symbols = 14;
const AsofColumns columns{.by = {"symbol"}};
const AsofRule rule{.tolerance_ns = 500'000'000};

/// Wall time, and the time on a CPU, which a busy neighbour does not lengthen as much.
struct Seconds {
  double wall = 0.0, cpu = 0.0;
};

class Watch {
 public:
  Seconds read() const {
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - wall_;
    return {wall.count(), static_cast<double>(std::clock() - cpu_) / CLOCKS_PER_SEC};
  }

 private:
  std::chrono::steady_clock::time_point wall_ = std::chrono::steady_clock::now();
  std::clock_t cpu_ = std::clock();
};

double median(std::vector<Seconds> values, double Seconds::*which) {
  std::sort(values.begin(), values.end(), [&](const auto& a, const auto& b) { return a.*which < b.*which; });
  return values[values.size() / 2].*which;
}

Table own_table(std::uint64_t seed, const std::vector<std::string>& values) {
  std::mt19937_64 random(seed);
  arrow::StringBuilder words;
  for (std::size_t i = 0; i < own_symbols; ++i) check(words.Append(fmt::format("S{}-USD", i)), Fault::input, "symbols");
  arrow::Int64Builder times;
  arrow::Int32Builder symbols;
  std::vector<arrow::DoubleBuilder> numbers(values.size());
  Nanos time = 0;
  for (std::size_t i = 0; i < own_rows; ++i) {
    time += static_cast<Nanos>(random() % 2'000'000);
    check(times.Append(time), Fault::input, "times");
    check(symbols.Append(static_cast<std::int32_t>(random() % own_symbols)), Fault::input, "symbols");
    for (auto& one : numbers) check(one.Append(static_cast<double>(random() % 1'000'000)), Fault::input, "values");
  }
  arrow::FieldVector fields{arrow::field("ts_event", arrow::int64())};
  arrow::ArrayVector arrays{times.Finish().ValueOrDie()};
  arrays.push_back(
      arrow::DictionaryArray::FromArrays(symbols.Finish().ValueOrDie(), words.Finish().ValueOrDie()).ValueOrDie());
  fields.push_back(arrow::field("symbol", arrays.back()->type()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    arrays.push_back(numbers[i].Finish().ValueOrDie());
    fields.push_back(arrow::field(values[i], arrow::float64()));
  }
  return arrow::Table::Make(arrow::schema(fields), arrays);
}

Table read_table(const std::string& path) {
  const TableFile file(path, {});
  const Table table = take(file.batches()->ToTable(), Fault::input, path);
  return take(table->CombineChunks(), Fault::input, path);
}

/// The last quote of the symbol while both sides go by: another algorithm than the join's.
void check_answer(const arrow::Table& left, const arrow::Table& right, const arrow::Table& joined) {
  AsofKeys coder(1);
  const auto side = [&](const arrow::Table& table) {
    const AsofTimes times(table.GetColumnByName("ts_event")->chunk(0), 1, "bench", "ts_event");
    return std::pair(std::vector<Nanos>(times.values().begin(), times.values().end()),
                     coder.code({table.GetColumnByName("symbol")->chunk(0)}));
  };
  const auto [left_times, left_keys] = side(left);
  const auto [right_times, right_keys] = side(right);
  const auto bids = std::static_pointer_cast<arrow::DoubleArray>(right.GetColumnByName("bid")->chunk(0));
  const auto table = joined.CombineChunks().ValueOrDie();
  const auto found = std::static_pointer_cast<arrow::DoubleArray>(table->GetColumnByName("right_bid")->chunk(0));
  std::vector<std::int64_t> last(1000, -1);
  std::size_t r = 0;
  for (std::size_t l = 0; l < left_times.size(); ++l) {
    for (; r < right_times.size() && right_times[r] <= left_times[l]; ++r) {
      last.at(right_keys[r]) = static_cast<std::int64_t>(r);
    }
    const std::int64_t row = last.at(left_keys[l]);
    const bool is_match =
        row >= 0 && left_times[l] - right_times[static_cast<std::size_t>(row)] <= static_cast<Nanos>(rule.tolerance_ns);
    const auto at = static_cast<std::int64_t>(l);
    if (found->IsValid(at) != is_match || (is_match && found->Value(at) != bids->Value(row))) {
      fail(Fault::input, "row {}: the join is wrong", l);
    }
  }
}

Seconds join_once(const arrow::Table& left, const arrow::Table& right, Workers& workers) {
  const Watch watch;
  const auto joined = asof_join_tables(left, right, columns, rule, workers);
  const Seconds seconds = watch.read();
  if (joined->num_rows() != left.num_rows()) fail(Fault::input, "the join has lost rows");
  return seconds;
}

Seconds bare_once(const AsofRows& left, const AsofRows& right, Workers& workers) {
  const Watch watch;
  AlignedVector<std::int64_t> rows(left.size());
  asof_join(left, right, rule, workers, rows);
  return watch.read();
}

/// A right row and a left row through order=log, in nanoseconds for both.
Seconds live_once(const AsofRows& left, const AsofRows& right, std::size_t count) {
  StreamingAsofJoinKernel join(rule, 32);
  const std::vector<std::byte> slot(32);
  std::size_t matched = 0, l = 0, r = 0;
  const Watch watch;
  while (l < count && r < count) {
    if (right.times[r] <= left.times[l]) {
      join.on_right(right.key(r), right.times[r], no_seq, slot);
      ++r;
    } else {
      matched += static_cast<std::size_t>(join.on_left(left.key(l), left.times[l]).time != no_time);
      ++l;
    }
  }
  const Seconds seconds = watch.read();
  if (matched < count / 2) fail(Fault::input, "order=log matched only {} rows", matched);
  const double left_rows = static_cast<double>(l);
  return {seconds.wall / left_rows * 1e9, seconds.cpu / left_rows * 1e9};
}

void measure(const arrow::Table& left, const arrow::Table& right, Workers& workers) {
  constexpr int repetitions = 7;
  AsofKeys coder(1);
  const auto times = [](const arrow::Table& table) {
    return AsofTimes(table.GetColumnByName("ts_event")->chunk(0), 1, "bench", "ts_event");
  };
  const AsofTimes left_times = times(left), right_times = times(right);
  const auto left_keys = coder.code({left.GetColumnByName("symbol")->chunk(0)});
  const auto right_keys = coder.code({right.GetColumnByName("symbol")->chunk(0)});
  const AsofRows l{left_times.values(), left_keys}, r{right_times.values(), right_keys};
  std::vector<Seconds> tables, bare, live;
  for (int i = 0; i < repetitions; ++i) {
    tables.push_back(join_once(left, right, workers));
    bare.push_back(bare_once(l, r, workers));
    live.push_back(live_once(l, r, std::min<std::size_t>(l.size(), 2'000'000)));
  }
  const double rows = static_cast<double>(left.num_rows()) / 1e6;
  fmt::print("{:.0f} M x {:.0f} M rows, sorted, in memory, one core\n", rows,
             static_cast<double>(right.num_rows()) / 1e6);
  const auto print = [&](const char* what, const std::vector<Seconds>& seconds) {
    fmt::print("  {:<22}{:7.1f} M left rows/s by the clock{:7.1f} by CPU time\n", what,
               rows / median(seconds, &Seconds::wall), rows / median(seconds, &Seconds::cpu));
  };
  print("tables to table", tables);
  print("row numbers alone", bare);
  fmt::print("  order=log, row by row {:7.1f} ns by the clock for a left and a right row{:7.1f} by CPU time\n",
             median(live, &Seconds::wall), median(live, &Seconds::cpu));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const bool is_asked = argc == 3;
    const Table left = is_asked ? read_table(argv[1]) : own_table(1, {"price", "size"});
    const Table right = is_asked ? read_table(argv[2]) : own_table(2, {"bid", "ask"});
    Workers workers(1);
    check_answer(*left, *right, *asof_join_tables(*left, *right, columns, rule, workers));
    if (!is_asked) {
      measure(*left, *right, workers);
      return 0;
    }
    fmt::print("ready\n");
    std::fflush(stdout);
    for (std::string line; std::getline(std::cin, line);) {
      const auto [wall, cpu] = join_once(*left, *right, workers);
      fmt::print("{:.6f} {:.6f}\n", wall, cpu);
      std::fflush(stdout);
    }
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench/asof: {}\n", error.what());
    return 1;
  }
}
