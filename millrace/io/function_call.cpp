#include "millrace/io/function_call.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <simdjson.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/graph/function_parameters.h"

namespace millrace {

namespace {

using Element = simdjson::dom::element;
using Type = simdjson::dom::element_type;

/// An argument that owns what its view shows.
struct Values {
  bool is_given = false;
  std::size_t rows = 1, columns = 1;
  std::vector<double> numbers;
  std::vector<std::int64_t> integers;

  ArgumentView view() const {
    return {.is_given = is_given, .rows = rows, .columns = columns, .numbers = numbers, .integers = integers};
  }
};

class Reader {
 public:
  Reader(std::string_view function, const ArgumentInfo& info) : function_(function), info_(info) {}

  Values read(const Element& element) {
    values_.is_given = true;
    if (info_.rank == Rank::scalar) {
      read_one(element, std::string(info_.name));
    } else if (info_.rank == Rank::vector) {
      values_.rows = read_list(element, std::string(info_.name));
    } else {
      read_matrix(element);
    }
    return std::move(values_);
  }

 private:
  void read_matrix(const Element& element) {
    simdjson::dom::array rows;
    if (element.get(rows) != simdjson::SUCCESS) wrong(info_.name, "a list of rows", element);
    values_.rows = rows.size();
    values_.columns = 0;
    std::size_t at = 0;
    for (const Element row : rows) {
      const std::string where = fmt::format("{}[{}]", info_.name, at);
      const std::size_t columns = read_list(row, where);
      if (at++ == 0) values_.columns = columns;
      if (columns != values_.columns) {
        fail(Fault::config, "{}: {} must have {} numbers like the first row, was {}", function_, where, values_.columns,
             columns);
      }
    }
  }

  std::size_t read_list(const Element& element, const std::string& where) {
    simdjson::dom::array list;
    if (element.get(list) != simdjson::SUCCESS) wrong(where, "a list", element);
    std::size_t at = 0;
    for (const Element one : list) read_one(one, fmt::format("{}[{}]", where, at++));
    return at;
  }

  void read_one(const Element& element, const std::string& where) {
    const bool is_null = element.type() == Type::NULL_VALUE;
    if (info_.type == ElementType::number) {
      double value = no_value;
      if (!is_null && element.get(value) != simdjson::SUCCESS) wrong(where, "a number or null", element);
      values_.numbers.push_back(value);
      return;
    }
    std::int64_t value = info_.type == ElementType::time ? no_time : 0;
    const bool may_be_null = info_.type != ElementType::integer;
    std::string_view text;
    if (!(is_null && may_be_null) && element.get(value) != simdjson::SUCCESS) {
      if (element.get(text) != simdjson::SUCCESS || !read_text(text, value)) {
        wrong(where,
              info_.type == ElementType::time   ? "a time (nanoseconds or RFC 3339)"
              : info_.type == ElementType::side ? "a side (buy, sell, 1, -1)"
                                                : "a whole number",
              element);
      }
    }
    values_.integers.push_back(value);
  }

  bool read_text(std::string_view text, std::int64_t& value) const {
    if (info_.type == ElementType::side && (text == "buy" || text == "sell")) {
      value = text == "buy" ? 1 : -1;
      return true;
    }
    const auto time = info_.type == ElementType::time ? parse_time(text) : std::nullopt;
    value = time.value_or(0);
    return time.has_value();
  }

  [[noreturn]] void wrong(std::string_view where, std::string_view expected, const Element& found) const {
    std::string text = simdjson::minify(found);
    if (text.size() > 60) text = text.substr(0, 57) + "...";
    fail(Fault::config, "{}: {} must be {}, was {}", function_, where, expected, text);
  }

  std::string_view function_;
  const ArgumentInfo& info_;
  Values values_;
};

/// The text that the parameter table reads.
std::string parameter_text(const FunctionKernel& function, std::string_view name, const Element& element) {
  std::string_view text;
  double number = 0.0;
  if (element.get(text) == simdjson::SUCCESS) return std::string(text);
  if (element.type() == Type::DOUBLE && element.get(number) == simdjson::SUCCESS) return format_number(number);
  const bool is_plain = element.type() == Type::INT64 || element.type() == Type::UINT64 || element.type() == Type::BOOL;
  if (is_plain) return simdjson::minify(element);
  fail(Fault::config, "{}: {} must be a number, text, true or false, was {}", function.doc.name, name,
       element.type() == Type::NULL_VALUE ? "null" : "a list or an object");
}

[[noreturn]] void fail_unknown(const FunctionKernel& function, std::string_view name) {
  std::vector<std::string_view> known;
  for (const ArgumentInfo& info : function.inputs) known.push_back(info.name);
  for (const ParamInfo& param : function.params) known.push_back(param.name);
  fail(Fault::config, "{}: unknown name `{}`{}; it takes {}", function.doc.name, name, did_you_mean(name, known),
       fmt::join(known, ", "));
}

struct Given {
  std::vector<Values> inputs;
  std::vector<Argument> parameters;
};

Given read_object(const FunctionKernel& function, const simdjson::dom::object& object) {
  Given given;
  given.inputs.resize(function.inputs.size());
  for (const auto& [name, element] : object) {
    const std::string_view key = name;  // a binding of a loop cannot be captured
    const auto input = std::find_if(function.inputs.begin(), function.inputs.end(),
                                    [key](const ArgumentInfo& info) { return info.name == key; });
    const bool is_param = std::any_of(function.params.begin(), function.params.end(),
                                      [key](const ParamInfo& param) { return param.name == key; });
    if (input != function.inputs.end()) {
      Values& values = given.inputs[static_cast<std::size_t>(input - function.inputs.begin())];
      if (values.is_given) fail(Fault::config, "{}: `{}` is given twice", function.doc.name, key);
      values = Reader(function.doc.name, *input).read(element);
    } else if (is_param) {
      given.parameters.push_back({std::string(key), parameter_text(function, key, element)});
    } else {
      fail_unknown(function, key);
    }
  }
  return given;
}

std::string text_of(const ResultInfo& info, const ResultValue& value, std::size_t at) {
  if (info.type == ElementType::text) return value.text.empty() ? "null" : json_quoted(value.text);
  if (info.type == ElementType::number) return has_value(value.numbers[at]) ? format_number(value.numbers[at]) : "null";
  return value.integers[at] == no_time ? "null" : fmt::format("{}", value.integers[at]);
}

std::string list_of(const ResultInfo& info, const ResultValue& value, std::size_t from, std::size_t count) {
  std::string list = "[";
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) list += ",";
    list += text_of(info, value, from + i);
  }
  return list + "]";
}

std::string json_of(const ResultInfo& info, const ResultValue& value) {
  if (info.rank == Rank::scalar) return text_of(info, value, 0);
  if (info.rank == Rank::vector) return list_of(info, value, 0, value.rows);
  std::string rows = "[";
  for (std::size_t i = 0; i < value.rows; ++i) {
    if (i > 0) rows += ",";
    rows += list_of(info, value, i * value.columns, value.columns);
  }
  return rows + "]";
}

}  // namespace

std::string call_with_json(const FunctionKernel& function, std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  const simdjson::padded_string padded(json);
  if (const auto error = parser.parse(padded).get(object); error != simdjson::SUCCESS) {
    fail(Fault::usage, "kernels: --call expects a JSON object of inputs and parameters: {}",
         simdjson::error_message(error));
  }
  const Given given = read_object(function, object);
  std::vector<Complaint> complaints;
  const Parameters parameters = read_parameters(function, 0, given.parameters, complaints);
  if (!complaints.empty()) fail(Fault::config, "{}", complaints.front().message);
  std::vector<ArgumentView> views;
  for (const Values& values : given.inputs) views.push_back(values.view());
  const std::vector<ResultValue> results = call_function(function, parameters.data(), views);
  std::string text;
  for (std::size_t i = 0; i < results.size(); ++i) {
    text += fmt::format("{}{}:{}", i == 0 ? "" : ",", json_quoted(function.outputs[i].name),
                        json_of(function.outputs[i], results[i]));
  }
  return "{" + text + "}";
}

}  // namespace millrace
