#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include "millrace/base/text.h"
#include "millrace/engine/config.h"
#include "millrace/engine/feature_stream.h"
#include "millrace/engine/lay_over.h"
#include "millrace/engine/leg_text.h"
#include "millrace/python/arrow_capsules.h"
#include "millrace/python/arrow_reader.h"
#include "millrace/python/feature_table.h"
#include "millrace/python/python_calls.h"
#include "millrace/python/row_reader.h"

namespace nb = nanobind;
using nb::literals::operator""_a;

namespace millrace {

namespace {

constexpr std::size_t rows_at_once = 16 * 1024;  // features stay in the last cache until they are put in order
constexpr std::size_t most_threads = 256;

std::size_t checked(std::size_t threads) {
  if (threads >= 1 && threads <= most_threads) return threads;
  fail(Fault::usage, "threads: expected 1 to {}, was {}", most_threads, threads);
}

nb::bytes as_bytes(const Bytes& bytes) { return nb::bytes(bytes.data(), bytes.size()); }

std::span<const std::byte> as_span(const nb::bytes& bytes) {
  return {static_cast<const std::byte*>(bytes.data()), bytes.size()};
}

/// A feature stream with the memory it works in.
class PyStream {
 public:
  explicit PyStream(std::unique_ptr<FeatureStream> stream)
      : stream_(std::move(stream)), rows_(stream_->instruments(), stream_->ledger()) {
    chunk_.reset(stream_->wanted());
    for (const PlannedFeature& feature : stream_->plan().features) keys_.append(nb::str(feature.name.c_str()));
  }

  FeatureStream& stream() { return *stream_; }
  std::atomic_flag& flag() { return busy_; }

  nb::object update(const nb::dict& row);
  std::unique_ptr<FeatureTable> update_batch(const nb::capsule& capsule, bool is_strict);

  void check() const {
    if (is_cut_) fail(Fault::state, "the stream was stopped inside a batch; go on from a snapshot");
  }

 private:
  void check_columns(ColumnSet given) const;

  std::unique_ptr<FeatureStream> stream_;
  RowReader rows_;
  Chunk chunk_, one_;
  FeatureBlock features_;
  nb::list keys_;  // names of the features
  std::atomic_flag busy_ = ATOMIC_FLAG_INIT;
  bool is_cut_ = false;
};

/// Features of one row by name; None where the row cannot be used, which the ledger tells.
nb::object PyStream::update(const nb::dict& row) {
  const Busy hold(busy_);
  check();
  one_.columns = chunk_.columns;
  rows_.read(row, one_);
  if (one_.rows() > 0) stream_->run(one_, features_);
  if (one_.rows() == 0) return nb::none();
  nb::dict values;
  for (std::size_t i = 0; i < features_.columns.size(); ++i) {
    const FeatureColumn& column = features_.columns[i];
    if (is_integer(column.type)) {
      values[keys_[i]] =
          column.integers[0] == no_time ? nb::object(nb::none()) : nb::object(nb::int_(column.integers[0]));
    } else if (column.type == ValueType::flag) {
      values[keys_[i]] = column.flags[0] == no_flag ? nb::object(nb::none()) : nb::object(nb::int_(column.flags[0]));
    } else {
      const double value = column.values[0];
      values[keys_[i]] = value != value ? nb::object(nb::none()) : nb::object(nb::float_(value));
    }
  }
  return values;
}

void PyStream::check_columns(ColumnSet given) const {
  for (const PlannedFeature& feature : stream_->plan().features) {
    for (const ColumnInfo& about : column_table) {
      const Column column = *find_column(about.name);
      if (!feature.columns.has(column) || given.has(column) || column == Column::ts_recv) continue;
      fail(Fault::input, "table: column `{}` is missing; feature `{}` needs it", about.name, feature.name);
    }
  }
}

std::unique_ptr<FeatureTable> PyStream::update_batch(const nb::capsule& capsule, bool is_strict) {
  const Busy hold(busy_);
  check();
  ArrowArrayStream* stream = stream_in(capsule, "table");
  UnlockedWork work;
  ArrowReader reader(stream, stream_->instruments(), stream_->ledger());
  if (is_strict) check_columns(reader.layout().columns());
  const auto has = [&](Part part) {
    return reader.layout().implied_text(part) != unnamed || reader.layout().find(part);
  };
  auto table = std::make_unique<FeatureTable>(stream_->plan(), has(Part::venue), has(Part::symbol));
  is_cut_ = true;
  while (reader.next(chunk_, rows_at_once)) {
    stream_->run(chunk_, features_);
    table->append(chunk_, features_);
    work.look();
  }
  is_cut_ = false;
  table->name(stream_->instruments());
  return table;
}

using Legs = std::vector<std::pair<std::string, std::string>>;
using Texts = std::vector<std::tuple<std::string, std::string, std::string, std::string>>;

std::vector<Definition> definitions_of(const Texts& texts) {
  std::vector<Definition> definitions;
  for (const auto& [name, expression, unit, warmup] : texts) {
    definitions.push_back({.name = name, .expression = expression, .unit = unit, .warmup = warmup});
  }
  return definitions;
}

/// Says which instruments the legs of a set are. The caller's own expressions have the legs that are named here.
void set_legs(FeatureSet& set, const Legs& legs, bool is_own) {
  std::vector<std::string> known;
  for (const Leg& leg : set.legs) known.push_back(leg.name);
  for (const auto& [name, instrument] : legs) {
    if (instrument.empty() || !is_instrument(instrument)) {
      fail(Fault::usage, "legs: `{}`: expected VENUE:SYMBOL such as coinbase:BTC-USD, was `{}`", name, instrument);
    }
    if (is_own && !is_leg_name(name)) {
      fail(Fault::usage, "legs: expected a name of letters, digits and _ that is no column and not x, was `{}`", name);
    }
    if (!is_own && std::find(known.begin(), known.end(), name) == known.end()) {
      fail(Fault::usage, "legs: expected one of the legs of {} ({}), was `{}`{}", set.name,
           known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", ")), name,
           did_you_mean(name, std::vector<std::string_view>(known.begin(), known.end())));
    }
    put_leg(set.legs, {name, instrument});
  }
}

std::unique_ptr<PyStream> start(FeatureSet set, std::size_t threads, const Legs& legs, bool is_own = false) {
  set_legs(set, legs, is_own);
  return std::make_unique<PyStream>(std::make_unique<FeatureStream>(std::move(set), checked(threads)));
}

nb::list features_of(PyStream& self) {
  nb::list list;
  for (const PlannedFeature& feature : self.stream().plan().features) {
    nb::list columns;
    for (const ColumnInfo& about : column_table) {
      if (feature.columns.has(*find_column(about.name))) columns.append(std::string(about.name));
    }
    list.append(nb::make_tuple(feature.name, feature.expression, feature.unit, feature.warmup,
                               feature.type == ValueType::flag, columns, feature.why_null));
  }
  return list;
}

std::vector<std::string> column_names(const FeatureTable& table) {
  std::vector<std::string> names;
  for (const TableColumn& column : table.columns()) names.push_back(column.name);
  return names;
}

}  // namespace

void bind_streams(nb::module_& module) {
  nb::class_<FeatureTable>(module, "FeatureTable")
      .def("rows", &FeatureTable::rows)
      .def("columns", &column_names)
      .def("stream", [](const FeatureTable& table) { return capsule_of_stream(table); })
      .def("schema", [](const FeatureTable& table) { return capsule_of_schema(table); });
  nb::class_<PyStream>(module, "Stream")
      .def_static(
          "of_profile",
          [](const std::string& name, std::size_t threads, const Legs& legs) {
            return start(load_profile(name), threads, legs);
          },
          "name"_a, "threads"_a = 1, "legs"_a = Legs())
      .def_static(
          "of_file",
          [](const std::string& path, std::size_t threads, const Legs& legs) {
            return start(read_feature_file(path), threads, legs);
          },
          "path"_a, "threads"_a = 1, "legs"_a = Legs())
      .def_static(
          "of_definitions",
          [](const std::string& name, const Texts& lets, const Texts& features, std::size_t threads, const Legs& legs) {
            return start(make_feature_set(name, definitions_of(lets), definitions_of(features)), threads, legs, true);
          },
          "name"_a, "lets"_a, "features"_a, "threads"_a = 1, "legs"_a = Legs())
      .def_static(
          "restore",
          [](const nb::bytes& snapshot, std::size_t threads) {
            return std::make_unique<PyStream>(FeatureStream::restore(as_span(snapshot), checked(threads)));
          },
          "snapshot"_a, "threads"_a = 1)
      .def("update", &PyStream::update, "row"_a)
      .def("update_batch", &PyStream::update_batch, "stream"_a, "is_strict"_a)
      .def("snapshot",
           [](PyStream& self) {
             const Busy hold(self.flag());
             self.check();
             return as_bytes(self.stream().snapshot());
           })
      .def("features", &features_of)
      .def("profile", [](PyStream& self) { return self.stream().plan().profile; })
      .def("fingerprint", [](PyStream& self) { return fmt::format("{:016x}", self.stream().plan().fingerprint); })
      .def("ledger", [](PyStream& self) {
        const Busy hold(self.flag());
        return self.stream().ledger().to_json();
      });
}

}  // namespace millrace
