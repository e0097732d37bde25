#include <cstring>
#include <set>

#include <gmock/gmock.h>

#include "millrace/base/error.h"
#include "millrace/base/random.h"
#include "tests/functions/function_call.h"
#include "tests/kernels/five_ways.h"

namespace millrace::testing {
namespace {

using ::testing::HasSubstr;

std::string error_of(const FunctionCall& call) {
  try {
    call.run();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

/// A call with everything in it that has to be.
FunctionCall smallest_call(const FunctionKernel& function) {
  std::string params = function.doc.name == "forward_points" ? "tau=1" : "";  // it wants one of two
  for (const ParameterText& param : describe_parameters(function)) {
    if (param.default_value != "required") continue;
    const auto info = std::find_if(function.params.begin(), function.params.end(),
                                   [&](const ParamInfo& one) { return one.name == param.name; });
    const std::string value = info->type == ParamType::duration ? "1s" : format_number(std::max(1.0, info->lowest));
    params += (params.empty() ? "" : ", ") + param.name + "=" + value;
  }
  FunctionCall call(std::string(function.doc.name) + "(" + params + ")");
  EXPECT_EQ(call.wrong(), "");
  for (const ArgumentInfo& info : function.inputs) {
    if (info.is_optional) continue;
    call.give_words(info.name, info.type == ElementType::time ? "2026-01-15" : "1");
  }
  return call;
}

TEST(FunctionLaws, EveryInputAndOutputIsTold) {
  for (const FunctionKernel* function : all_function_kernels()) {
    SCOPED_TRACE(function->doc.name);
    std::set<std::string_view> names;
    for (const ArgumentInfo& info : function->inputs) {
      EXPECT_TRUE(names.insert(info.name).second) << info.name;
      EXPECT_FALSE(info.meaning.empty()) << info.name;
    }
    for (const ParamInfo& param : function->params) EXPECT_TRUE(names.insert(param.name).second) << param.name;
    for (const ResultInfo& info : function->outputs) EXPECT_FALSE(info.meaning.empty()) << info.name;
    EXPECT_LE(function->inputs.size(), most_arguments);
    for (const std::string_view text : {function->doc.title, function->doc.formula, function->doc.unit,
                                        function->doc.warmup, function->doc.reference}) {
      EXPECT_FALSE(text.empty());
    }
  }
}

TEST(FunctionLaws, AnInputThatIsMissingOrMisshapenIsNamed) {
  for (const FunctionKernel* function : all_function_kernels()) {
    SCOPED_TRACE(function->doc.name);
    for (const ArgumentInfo& info : function->inputs) {
      if (info.is_optional) continue;
      FunctionCall call = smallest_call(*function);
      call.forget(info.name);
      EXPECT_THAT(error_of(call), HasSubstr("`" + std::string(info.name) + "` is required"));
    }
    for (const ArgumentInfo& info : function->inputs) {
      FunctionCall call = smallest_call(*function);
      call.misshape(info.name);
      EXPECT_THAT(error_of(call), HasSubstr(std::string(info.name) + " must be a"));
    }
  }
}

TEST(FunctionLaws, VectorsThatBelongTogetherAreOfOneLength) {
  for (const FunctionKernel* function : all_function_kernels()) {
    for (const ArgumentInfo& info : function->inputs) {
      if (info.like.empty()) continue;
      SCOPED_TRACE(std::string(function->doc.name) + " " + std::string(info.name));
      FunctionCall call = smallest_call(*function);
      const auto model = std::find_if(function->inputs.begin(), function->inputs.end(),
                                      [&](const ArgumentInfo& one) { return one.name == info.like; });
      ASSERT_NE(model, function->inputs.end());
      call.give_words(info.like, model->type == ElementType::time ? "2026-01-15" : "1");
      const bool is_matrix = info.rank == Rank::matrix;
      call.give_words(info.name, info.type == ElementType::time ? "2026-01-15 2026-01-16"
                                 : is_matrix                    ? "1 / 1"
                                                                : "1 1");
      EXPECT_THAT(error_of(call), HasSubstr("must be as long as " + std::string(info.like)));
    }
  }
}

TEST(FunctionLaws, ParametersOutOfRangeUnknownOrMissingAreNamed) {
  for (const FunctionKernel* function : all_function_kernels()) {
    const std::string name(function->doc.name);
    EXPECT_THAT(FunctionCall(name + "(nonsense=1)").wrong(), HasSubstr("unknown parameter `nonsense`")) << name;
    EXPECT_THAT(FunctionCall(name + "(nan_policy=skip)").wrong(), HasSubstr("unknown parameter")) << name;
    for (const ParameterText& param : describe_parameters(*function)) {
      if (param.default_value == "required") {
        EXPECT_THAT(FunctionCall(name + "()").wrong(), HasSubstr("`" + param.name + "` is required")) << name;
      }
      EXPECT_THAT(FunctionCall(name + "(" + param.name + "=1e300)").wrong(), HasSubstr(param.name + " must be"))
          << name;
    }
  }
}

TEST(FunctionLaws, ARowOfAStreamIsItsKernelOnThatRow) {
  std::size_t compared = 0;
  for (const FunctionKernel* function : all_function_kernels()) {
    if (!is_row_of_a_stream(*function)) continue;
    SCOPED_TRACE(function->doc.name);
    const KernelInfo& kernel = *find_kernel(function->doc.name);
    FunctionCall call = smallest_call(*function);
    Call stream{.kernel = &kernel, .parameters = call.parameters()};
    stream.parameters.form = kernel.rows;
    Random random(7);
    Series series{.inputs = {kernel.inputs.size(), std::vector<double>(200)}, .clock = {}, .seen = {}};
    for (std::int64_t row = 0; row < 200; ++row) {
      series.clock.push_back(row);
      series.seen.push_back(observed);
      for (auto& input : series.inputs) {
        input[static_cast<std::size_t>(row)] = random.uniform() < 0.1 ? no_value : random.gaussian();
      }
    }
    const Outputs expected = play(stream, series, series.rows());
    for (std::size_t row = 0; row < 200; ++row) {
      for (std::size_t i = 0; i < kernel.inputs.size(); ++i) call.give(kernel.inputs[i].name, series.inputs[i][row]);
      const std::vector<ResultValue> results = call.run();
      for (std::size_t i = 0; i < results.size(); ++i) {
        EXPECT_EQ(difference({{expected[i][row]}}, {{results[i].numbers.at(0)}}), "") << row;
      }
      ++compared;
    }
  }
  EXPECT_GT(compared, 0U);
}

}  // namespace
}  // namespace millrace::testing
