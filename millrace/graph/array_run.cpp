#include "millrace/graph/array_run.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "millrace/kernels/numerics/four.h"

namespace millrace {

namespace {

constexpr std::size_t rows_at_once = 2048;  // inputs are read ahead, and inputs and outputs stay in the second cache
constexpr std::size_t rows_between = 16 * 1024;

const Step& kernel_of(const Program& program) { return program.steps.back(); }

/// Whether `is_wrong`, a mask of four values, is 0 for all. Four masks side by side, so that it is as fast as memory.
template <class IsWrong>
bool are_right(const double* values, std::size_t count, IsWrong&& is_wrong) {
  std::array<FourBits, 4> wrong{};
  std::size_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    for (std::size_t k = 0; k < 4; ++k) wrong[k] |= is_wrong(load_four(values + i + k * lanes));
  }
  for (; i < count; ++i) wrong[0] |= is_wrong(Four{values[i], values[i], values[i], values[i]});
  return !any_of((wrong[0] | wrong[1]) | (wrong[2] | wrong[3]));
}

/// 0 x is 0 where x is finite, and NaN where it is not, which stays in the sum.
bool are_finite(const double* values, std::size_t count) {
  std::array<Four, 4> sums{};
  std::size_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    for (std::size_t k = 0; k < 4; ++k) {
      sums[k] = _mm256_fmadd_pd(load_four(values + i + k * lanes), Four{}, sums[k]);
    }
  }
  double rest = 0.0;
  for (; i < count; ++i) rest += 0.0 * values[i];
  const Four sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  return (sum[0] + sum[1]) + (sum[2] + sum[3]) + rest == 0.0;
}

bool are_positive(const double* values, std::size_t count) {
  return are_right(values, count, [](Four x) { return ~(x > 0.0); });
}

double number(double x) { return std::isfinite(x) ? x : no_value; }

}  // namespace

bool ArrayRun::takes(const Program& program) {
  const Node& node = program.plan->nodes.back();
  const FormInfo& form = *node.parameters.form;
  if (!form.is_dense || node.is_reset_by_null || form.needs_clock || form.needs_stamps || form.needs_fresh)
    return false;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const Node& input = program.plan->nodes[node.inputs[i].node];
    const bool is_left_out = input.type == Node::Type::constant && (form.looks_back >> i & 1U) == 0;
    const bool is_number = input.type == Node::Type::column && info(input.column).type == ColumnType::f64;
    if (!is_left_out && !is_number) return false;
  }
  for (const Packing& packing : program.packings) {
    if (std::count(packing.needed.begin(), packing.needed.end(), Needed::integer) > 0) return false;
  }
  return std::all_of(program.outputs.begin(), program.outputs.end(),
                     [](const Program::Output& output) { return output.type == ValueType::number; });
}

ArrayRun::ArrayRun(const Program& program) : kernel_(kernel_of(program)), outputs_(program.outputs.size()) {
  const Node& node = program.plan->nodes.back();
  const FormInfo& form = *node.parameters.form;
  std::size_t arrays = 0;
  for (const ValueRef& input : node.inputs) {
    const bool is_given = program.plan->nodes[input.node].type == Node::Type::column;
    inputs_.push_back({.array = is_given ? arrays++ : none});
  }
  if (kernel_.type == Step::Type::dense) {
    const Packing& packing = program.packings[kernel_.group];
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      inputs_[i].needed = packing.needed[i];
      depth_ = std::max(depth_, packing.depth[i]);
    }
    state_.resize(std::max<std::size_t>(1, form.state_bytes(kernel_.params)));  // no state has an address all the same
    form.start(kernel_.params, state_.data());
  }
  nulls_.assign(rows_at_once, no_value);
}

void ArrayRun::run(std::span<const std::span<const double>> arrays, std::size_t rows, std::span<double* const> out,
                   const std::function<void()>& between) {
  arrays_ = arrays;
  clean_ = 0;
  for (std::size_t first = 0; first < rows; first += rows_at_once) {
    if (first % rows_between == 0) between();
    const std::size_t count = std::min(rows_at_once, rows - first);
    const bool is_clean_here = is_clean(first, count);
    if (is_clean_here && clean_ >= std::min<std::uint64_t>(depth_, count_)) {
      direct(first, count, out);
    } else {
      aside(first, count, out);
    }
    clean_ = is_clean_here ? clean_ + count : 0;
  }
  if (!is_packed_) take_history(rows);  // another call has other arrays
}

/// Whether each row is an observation, and no value has to be made null.
bool ArrayRun::is_clean(std::size_t first, std::size_t rows) const {
  return std::all_of(inputs_.begin(), inputs_.end(), [&](const Input& input) {
    if (input.array == none) return true;
    const double* values = arrays_[input.array].data() + first;
    return are_finite(values, rows) && (input.needed != Needed::positive || are_positive(values, rows));
  });
}

void ArrayRun::call(const std::array<const double*, largest_inputs>& in, std::size_t rows, double* const* out) {
  if (rows == 0) return;
  kernel_.run(kernel_.params, state_.data(), {.rows = rows, .in = in.data(), .out = out, .count = count_});
  count_ += rows;
}

void ArrayRun::direct(std::size_t first, std::size_t rows, std::span<double* const> out) {
  std::array<const double*, largest_inputs> in{};
  std::array<double*, largest_outputs> to{};
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    in[i] = inputs_[i].array == none ? nulls_.data() : arrays_[inputs_[i].array].data() + first;
  }
  for (std::size_t i = 0; i < outputs_; ++i) to[i] = out[i] + first;
  call(in, rows, to.data());
  is_packed_ = false;
}

void ArrayRun::aside(std::size_t first, std::size_t rows, std::span<double* const> out) {
  if (!is_packed_) take_history(first);
  make_room(rows);
  const std::size_t packed = pack(first, rows);
  std::array<const double*, largest_inputs> in{};
  std::array<double*, largest_outputs> to{};
  for (std::size_t i = 0; i < inputs_.size(); ++i) in[i] = inputs_[i].packed.data() + filled_;
  for (std::size_t i = 0; i < outputs_; ++i) {
    to[i] = packed == rows ? out[i] + first : spare_.data() + i * rows_at_once;
  }
  call(in, packed, to.data());
  filled_ += packed;
  if (packed == rows) return;
  for (std::size_t i = 0; i < outputs_; ++i) {
    std::fill_n(out[i] + first, rows, no_value);
    for (std::size_t j = 0; j < packed; ++j) out[i][first + where_[j]] = to[i][j];
  }
}

/// Puts the observations among the rows behind the history; how many they are.
std::size_t ArrayRun::pack(std::size_t first, std::size_t rows) {
  std::size_t packed = 0;
  for (std::size_t j = 0; j < rows; ++j) {
    bool is_valid = true;
    for (const Input& input : inputs_) {
      const double x = input.array == none ? no_value : number(arrays_[input.array][first + j]);
      is_valid &= is_given(x, input.needed);
    }
    where_[packed] = static_cast<std::uint32_t>(j);
    packed += is_valid ? 1 : 0;
  }
  for (Input& input : inputs_) {
    double* to = input.packed.data() + filled_;
    if (input.array == none) {
      std::fill_n(to, packed, no_value);
      continue;
    }
    const double* from = arrays_[input.array].data() + first;
    for (std::size_t j = 0; j < packed; ++j) to[j] = number(from[where_[j]]);
  }
  return packed;
}

/// The history as the last rows before `first`, which are all observations.
void ArrayRun::take_history(std::size_t first) {
  filled_ = 0;
  is_packed_ = true;
  const auto kept = static_cast<std::size_t>(std::min<std::uint64_t>(depth_, count_));
  make_room(kept);
  for (Input& input : inputs_) {
    if (input.array == none) {
      std::fill_n(input.packed.data(), kept, no_value);
    } else {
      std::copy_n(arrays_[input.array].data() + first - kept, kept, input.packed.data());
    }
  }
  filled_ = kept;
}

/// For `rows` more observations. Histories move down once in `depth_` observations at most.
void ArrayRun::make_room(std::size_t rows) {
  const std::size_t room = 2 * depth_ + rows_at_once;
  where_.resize(rows_at_once);
  spare_.resize(outputs_ * rows_at_once);
  for (Input& input : inputs_) input.packed.resize(room);
  if (filled_ + rows <= room) return;
  const std::size_t kept = std::min(depth_, filled_);
  for (Input& input : inputs_) {
    std::memmove(input.packed.data(), input.packed.data() + filled_ - kept, kept * sizeof(double));
  }
  filled_ = kept;
}

}  // namespace millrace
