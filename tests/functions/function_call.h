#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "millrace/base/text.h"
#include "millrace/graph/expression.h"
#include "millrace/graph/function_parameters.h"
#include "millrace/kernels/registry.h"

/// Calls functions through the registry, as commands and bindings do.
namespace millrace::testing {

/// A stateless stream kernel that is also called as a function of one row.
inline bool is_row_of_a_stream(const FunctionKernel& function) {
  const KernelInfo* kernel = find_kernel(function.doc.name);
  return kernel != nullptr && kernel->rows != nullptr && kernel->rows->is_stateless;
}

/// Parameters as users write them, `optimal_ac_schedule(slices=5, sigma=0.95)`, and inputs by name.
class FunctionCall {
 public:
  explicit FunctionCall(const std::string& text) {
    auto parsed = parse_expression(text);
    if (const auto* complaint = std::get_if<Complaint>(&parsed)) {
      wrong_ = text + ": " + complaint->message;
      return;
    }
    const auto& expression = std::get<Expression>(parsed);
    function_ = find_function_kernel(expression.name);
    if (function_ == nullptr) {
      wrong_ = text + ": no such function";
      return;
    }
    std::vector<Complaint> complaints;
    parameters_ = read_parameters(*function_, 0, expression.arguments, complaints);
    for (const Complaint& complaint : complaints) wrong_ += complaint.message + "\n";
    inputs_.resize(function_->inputs.size());
  }

  const std::string& wrong() const { return wrong_; }
  const FunctionKernel& function() const { return *function_; }

  FunctionCall& give(std::string_view name, double value) { return put(name, {{value}, {}, 1, 1, true}); }
  FunctionCall& give(std::string_view name, std::vector<double> values) {
    const std::size_t rows = values.size();
    return put(name, {std::move(values), {}, rows, 1, true});
  }
  FunctionCall& give(std::string_view name, const Matrix& matrix) {
    return put(name, {matrix.values, {}, matrix.rows, matrix.columns, true});
  }
  FunctionCall& give_integers(std::string_view name, std::vector<std::int64_t> values) {
    const std::size_t rows = values.size();
    return put(name, {{}, std::move(values), rows, 1, true});
  }

  /// Words of one input, read by its type: `60 40`, `0.04 0.006 / 0.006 0.01`, `2026-01-15`, `buy`.
  FunctionCall& give_words(std::string_view name, const std::string& words) {
    const ArgumentInfo& info = function_->inputs[number_of(name)];
    Held held{{}, {}, 0, info.rank == Rank::matrix ? 0U : 1U, true};
    for (const std::string_view row : split(words, info.rank == Rank::matrix ? '/' : '\n')) {
      std::size_t columns = 0;
      for (const std::string_view word : split(trimmed(row), ' ')) {
        read(info, std::string(word), held);
        ++columns;
      }
      if (info.rank == Rank::matrix) held.columns = columns;
      held.rows += info.rank == Rank::matrix ? 1 : columns;
    }
    return put(name, std::move(held));
  }

  bool is_scalar(std::string_view name) const { return function_->inputs[number_of(name)].rank == Rank::scalar; }
  void forget(std::string_view name) { put(name, {}); }
  /// Two values where one belongs, a matrix in place of a vector, and the other way round.
  void misshape(std::string_view name) {
    const bool is_matrix = function_->inputs[number_of(name)].rank == Rank::matrix;
    put(name, {{1, 2}, {1, 1}, 1, is_matrix ? 1U : 2U, true});
  }

  const Parameters& parameters() const { return parameters_; }

  std::vector<ResultValue> run() const {
    std::vector<ArgumentView> views;
    for (const Held& held : inputs_) {
      views.push_back({.is_given = held.is_given,
                       .rows = held.rows,
                       .columns = held.columns,
                       .numbers = held.numbers,
                       .integers = held.integers});
    }
    return call_function(*function_, parameters_.data(), views);
  }
  ResultValue run(std::string_view output) const { return run().at(output_number(output)); }
  double number(std::string_view output) const { return run(output).numbers.at(0); }

  std::size_t output_number(std::string_view name) const {
    for (std::size_t i = 0; i < function_->outputs.size(); ++i) {
      if (function_->outputs[i].name == name) return i;
    }
    throw std::out_of_range(std::string(function_->doc.name) + " has no output " + std::string(name));
  }

 private:
  struct Held {
    std::vector<double> numbers;
    std::vector<std::int64_t> integers;
    std::size_t rows = 1, columns = 1;
    bool is_given = false;
  };

  std::size_t number_of(std::string_view name) const {
    for (std::size_t i = 0; i < function_->inputs.size(); ++i) {
      if (function_->inputs[i].name == name) return i;
    }
    throw std::out_of_range(std::string(function_->doc.name) + " has no input " + std::string(name));
  }
  FunctionCall& put(std::string_view name, Held held) {
    inputs_.at(number_of(name)) = std::move(held);
    return *this;
  }
  static void read(const ArgumentInfo& info, const std::string& word, Held& held) {
    if (info.type == ElementType::number) {
      held.numbers.push_back(word == "null" ? no_value : std::stod(word));
    } else if (info.type == ElementType::time) {
      held.integers.push_back(word == "null" ? no_time : parse_time(word).value());
    } else {
      held.integers.push_back(word == "buy" ? 1 : word == "sell" ? -1 : word == "null" ? 0 : std::stoll(word));
    }
  }

  const FunctionKernel* function_ = nullptr;
  Parameters parameters_;
  std::vector<Held> inputs_;
  std::string wrong_;
};

}  // namespace millrace::testing
