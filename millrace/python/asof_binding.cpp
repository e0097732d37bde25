#include <memory>
#include <string>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include "millrace/base/time.h"
#include "millrace/python/arrow_capsules.h"
#include "millrace/python/joined_table.h"
#include "millrace/python/python_calls.h"

namespace nb = nanobind;
using nb::literals::operator""_a;

namespace millrace {

namespace {

AsofRule rule_of(const std::string& direction, bool is_strict, const std::string& tolerance) {
  AsofRule rule{.is_strict = is_strict};
  const auto side = parse_direction(direction);
  if (!side) fail(Fault::usage, "direction: expected backward, forward or nearest, was `{}`", direction);
  rule.direction = *side;
  const auto length = parse_duration(tolerance);
  if (tolerance == "none") {
    rule.tolerance_ns = no_tolerance;
  } else if (tolerance == "0" || tolerance == "0ns") {
    rule.tolerance_ns = 0;
  } else if (!length) {
    fail(Fault::usage, "tolerance: expected a length of time such as 500ms, 0 or none, was `{}`", tolerance);
  } else {
    rule.tolerance_ns = static_cast<std::uint64_t>(*length);
  }
  return rule;
}

Nanos unit_of(const std::string& unit) {
  if (unit == "s") return one_second;
  if (unit == "ms") return 1'000'000;
  if (unit == "us") return 1'000;
  if (unit != "ns") fail(Fault::usage, "unit: expected s, ms, us or ns, was `{}`", unit);
  return 1;
}

std::unique_ptr<TableRows> read_table(const nb::capsule& capsule, const std::string& where) {
  ArrowArrayStream* stream = stream_in(capsule, where);
  UnlockedWork work;
  return std::make_unique<TableRows>(stream, where, [&] { work.look(); });
}

std::unique_ptr<JoinedTable> join(const TableRows& left, const TableRows& right, const JoinNames& names,
                                  const AsofRule& rule) {
  UnlockedWork work;
  return JoinedTable::join(left, right, names, rule, [&] { work.look(); });
}

}  // namespace

void bind_asof(nb::module_& module) {
  nb::class_<JoinedTable>(module, "JoinedTable")
      .def("rows", &JoinedTable::rows)
      .def("matched", &JoinedTable::matched)
      .def("columns", &JoinedTable::columns)
      .def("stream", [](const JoinedTable& table) { return capsule_of_stream(table); })
      .def("schema", [](const JoinedTable& table) { return capsule_of_schema(table); });
  nb::class_<TableRows>(module, "TableRows").def("rows", &TableRows::rows);
  module.def("read_table", &read_table, "stream"_a, "where"_a, "Reads an Arrow stream to its end.");
  module.def(
      "asof",
      [](const TableRows& left, const TableRows& right, std::string on, std::string right_on,
         std::vector<std::string> by, std::string seq, std::string prefix, std::string age, const std::string& unit,
         const std::string& direction, bool is_strict, const std::string& tolerance) {
        const JoinNames names{.by = std::move(by),
                              .on = std::move(on),
                              .right_on = std::move(right_on),
                              .seq = std::move(seq),
                              .prefix = std::move(prefix),
                              .age = std::move(age),
                              .unit_ns = unit_of(unit)};
        return join(left, right, names, rule_of(direction, is_strict, tolerance));
      },
      "left"_a, "right"_a, nb::kw_only(), "on"_a, "right_on"_a, "by"_a, "seq"_a, "prefix"_a, "age"_a, "unit"_a,
      "direction"_a, "is_strict"_a, "tolerance"_a, "Joins two tables by time.");
}

}  // namespace millrace
