#include "millrace/graph/parameters.h"

#include <cmath>
#include <numbers>
#include <optional>

#include <fmt/format.h>

#include "millrace/base/text.h"
#include "millrace/graph/fees_text.h"
#include "millrace/graph/shares_text.h"
#include "millrace/graph/table_file.h"

namespace millrace {

namespace {

constexpr std::array weight_names{std::string_view("alpha"), std::string_view("lambda"), std::string_view("half_life"),
                                  std::string_view("span"),  std::string_view("com"),    std::string_view("tau")};
constexpr std::array window_names{std::string_view("window_ms"), std::string_view("buckets"),
                                  std::string_view("min_periods")};
constexpr Nanos longest_window = 400 * one_day;
constexpr std::int64_t most_buckets = 10'000;

/// `kernels.md` 2.2: the finer the window, the more it is worth to cut it fine.
std::int64_t default_buckets(Nanos span) {
  if (span == 10 * one_second) return 50;
  return span == one_day ? 288 : 60;
}

class Reader {
 public:
  Reader(const KernelInfo& kernel, std::size_t at, const std::vector<Argument>& arguments,
         std::vector<Complaint>& complaints)
      : kernel_(kernel), at_(at), arguments_(arguments), complaints_(complaints), used_(arguments.size(), false) {}

  Parameters read() {
    const std::size_t before = complaints_.size();
    kernel_.default_params(result_.bytes.data());
    result_.form = kernel_.rows != nullptr ? kernel_.rows : kernel_.expanding;
    for (const ParamInfo& param : kernel_.params) read_one(param);
    complain_of_unused();
    const std::string_view wrong = complaints_.size() == before ? kernel_.check(result_.data()) : std::string_view();
    if (!wrong.empty()) complain(at_, "{}: {}", kernel_.doc.name, wrong);
    if (complaints_.size() == before && kernel_.derive != nullptr) derive(kernel_, result_);
    return std::move(result_);
  }

 private:
  template <class T>
  T& slot(const ParamInfo& param) {
    return *static_cast<T*>(param.slot(result_.bytes.data()));
  }

  void read_one(const ParamInfo& param) {
    switch (param.type) {
      case ParamType::window: return read_window(param);
      case ParamType::lag: return read_lag(param);
      case ParamType::weight: return read_weight(param);
      default: break;
    }
    const Argument* given = take(param.name);
    if (given != nullptr && given->value == bound_to_input) return note(param.name, "input");
    switch (param.type) {
      case ParamType::integer:
      case ParamType::duration: read_integer(param, given); break;
      case ParamType::flag: read_flag(param, given); break;
      case ParamType::choice: read_choice(param, given); break;
      case ParamType::shares: read_shares(param, given); break;
      case ParamType::fees: read_fees(param, given); break;
      case ParamType::table: read_table_file(param, given); break;
      default: read_number(param, given); break;
    }
  }

  void read_number(const ParamInfo& param, const Argument* given) {
    double& value = slot<double>(param);
    const bool may_be_auto = param.type == ParamType::auto_number;
    if (given != nullptr && may_be_auto && given->value == "auto") {
      value = no_value;
    } else if (given != nullptr) {
      const auto number = parse_number(given->value);
      if (!number || !(*number >= param.lowest && *number <= param.highest)) {
        return out_of_range(param, *given, may_be_auto ? "auto or a number" : "a number");
      }
      value = *number;
    } else if (!may_be_auto && std::isnan(value)) {
      return complain(at_, "{}: parameter `{}` is required ({})", kernel_.doc.name, param.name, param.meaning);
    }
    note(param.name, std::isnan(value) ? "auto" : format_number(value));
  }

  /// A whole number, also of nanoseconds.
  void read_integer(const ParamInfo& param, const Argument* given) {
    const bool is_duration = param.type == ParamType::duration;
    auto& value = slot<std::int64_t>(param);
    if (given != nullptr) {
      const bool is_none = is_duration && given->value.find_first_of("123456789") == std::string::npos;
      const auto number = !is_duration                             ? parse_integer(given->value)
                          : is_none && given->value.front() == '0' ? std::optional<Nanos>(0)
                                                                   : parse_duration(given->value);
      if (!number || !in_range(*number, param)) {
        return out_of_range(param, *given, is_duration ? "a duration, in ns" : "a whole number");
      }
      value = *number;
    } else if (is_duration && value == 0 && !param.is_optional) {
      return complain(at_, "{}: parameter `{}` is required ({})", kernel_.doc.name, param.name, param.meaning);
    }
    note(param.name, is_duration && value > 0 ? format_duration(value) : fmt::format("{}", value));
  }

  void read_flag(const ParamInfo& param, const Argument* given) {
    bool& value = slot<bool>(param);
    if (given != nullptr) {
      if (given->value != "true" && given->value != "false") {
        return complain(given->at, "{}: {} must be true or false, was `{}`", kernel_.doc.name, param.name,
                        given->value);
      }
      value = given->value == "true";
    }
    note(param.name, value ? "true" : "false");
  }

  void read_choice(const ParamInfo& param, const Argument* given) {
    auto& value = slot<std::uint8_t>(param);
    if (given != nullptr) {
      std::size_t index = 0;
      while (index < param.choices.size() && param.choices[index] != given->value) ++index;
      if (index == param.choices.size()) {
        return complain(given->at, "{}: {} must be one of {}, was `{}`{}", kernel_.doc.name, param.name,
                        fmt::join(param.choices, ", "), given->value, did_you_mean(given->value, param.choices));
      }
      value = static_cast<std::uint8_t>(index);
    }
    note(param.name, std::string(param.choices[value]));
  }

  void read_shares(const ParamInfo& param, const Argument* given) {
    if (given == nullptr) {
      return complain(at_, "{}: parameter `{}` is required ({})", kernel_.doc.name, param.name, param.meaning);
    }
    const auto read = parse_shares(given->value, param.lowest, param.highest);
    if (!read) {
      const auto pairs = fmt::format("up to {} pairs number:share, the shares of sum 1, the numbers", Shares::most);
      return out_of_range(param, *given, pairs);
    }
    slot<Shares>(param) = *read;
    note(param.name, text_of(*read));
  }

  void read_fees(const ParamInfo& param, const Argument* given) {
    if (given != nullptr) {
      const auto read = parse_fees(given->value, param.lowest, param.highest);
      if (!read) return out_of_range(param, *given, fmt::format("one number or up to {}, each", Fees::most));
      slot<Fees>(param) = *read;
    }
    note(param.name, text_of(slot<Fees>(param)));
  }

  /// The content is what counts: the same file elsewhere is the same parameter, another one in its place is not.
  void read_table_file(const ParamInfo& param, const Argument* given) {
    if (given == nullptr) return note(param.name, "none");
    auto read = read_table(given->value);
    if (const auto* problem = std::get_if<std::string>(&read)) {
      return complain(given->at, "{}: {}: {}", kernel_.doc.name, param.name, *problem);
    }
    result_.tables.push_back(std::make_shared<const Table>(std::move(std::get<Table>(read))));
    slot<const Table*>(param) = result_.tables.back().get();
    note(param.name, fmt::format("{:016x}", result_.tables.back()->hash));
  }

  void read_window(const ParamInfo& param) {
    Window& window = slot<Window>(param);
    const Argument* given = take(param.name);
    const Argument* millis = take("window_ms");
    if (given != nullptr && millis != nullptr) {
      return complain(millis->at, "{}: expected one of {} and window_ms, were both", kernel_.doc.name, param.name);
    }
    if (millis != nullptr) {
      const auto span = parse_duration(millis->value + "ms");
      if (!span) return out_of_range(param, *millis, "a number of milliseconds");
      window.rows = 0;
      window.span = *span;
    } else if (given != nullptr && !read_extent(param, *given, window)) {
      return;
    }
    finish_extent(param, given != nullptr ? given : millis, window);
  }

  void read_lag(const ParamInfo& param) {
    Window& lag = slot<Window>(param);
    const Argument* given = take(param.name);
    if (given != nullptr && !read_extent(param, *given, lag)) return;
    finish_extent(param, given, lag);
  }

  /// A number of rows, a duration, or `expanding`.
  bool read_extent(const ParamInfo& param, const Argument& given, Window& window) {
    window.rows = 0;
    window.span = 0;
    if (given.value == "expanding" && param.type == ParamType::window) return true;
    if (const auto rows = parse_integer(given.value)) {
      if (!in_range(*rows, param)) {
        out_of_range(param, given, "a number of rows");
        return false;
      }
      window.rows = *rows;
      return true;
    }
    if (const auto span = parse_duration(given.value); span && *span <= longest_window) {
      window.span = *span;
      return true;
    }
    complain(given.at, "{}: {} must be {}, was `{}`", kernel_.doc.name, param.name, extents_of(param), given.value);
    return false;
  }

  void finish_extent(const ParamInfo& param, const Argument* given, Window& window) {
    const std::size_t at = given != nullptr ? given->at : at_;
    const bool is_rows = window.rows > 0 || (param.type == ParamType::lag && window.span == 0);
    const std::uint8_t extent = is_rows ? by_rows : window.span > 0 ? by_time : expanding;
    if ((param.extents & extent) == 0) {
      return complain(at, "{}: {} must be {}, was `{}`", kernel_.doc.name, param.name, extents_of(param),
                      given != nullptr ? given->value : "");
    }
    result_.form = extent == by_rows ? kernel_.rows : extent == by_time ? kernel_.time : kernel_.expanding;
    if (const Argument* buckets = take("buckets", extent == by_time)) {
      const auto count = parse_integer(buckets->value);
      if (!count || *count < 1 || *count > most_buckets) {
        return complain(buckets->at, "{}: buckets must be 1 to {}, was `{}`", kernel_.doc.name, most_buckets,
                        buckets->value);
      }
      window.buckets = *count;
    } else if (extent == by_time) {
      window.buckets = default_buckets(window.span);
    }
    if (extent == by_time && window.span % window.buckets != 0) {
      return complain(at, "{}: {} of {} does not divide into {} whole-nanosecond buckets; set buckets",
                      kernel_.doc.name, param.name, format_duration(window.span), window.buckets);
    }
    if (param.type == ParamType::window) read_min_periods(window);
    note(param.name, is_rows             ? fmt::format("{}", window.rows)
                     : extent == by_time ? fmt::format("{}/{}", format_duration(window.span), window.buckets)
                                         : "expanding");
    if (window.min_periods >= 0) note("min_periods", fmt::format("{}", window.min_periods));
  }

  void read_min_periods(Window& window) {
    const Argument* given = take("min_periods");
    if (given == nullptr) return;
    const std::int64_t most = window.rows > 0 ? window.rows : 1'000'000'000;
    const auto count = parse_integer(given->value);
    if (!count || *count < 0 || *count > most) {
      return complain(given->at, "{}: min_periods must be 0 to {}, was `{}`", kernel_.doc.name, most, given->value);
    }
    window.min_periods = *count;
  }

  void read_weight(const ParamInfo& param) {
    Weight& weight = slot<Weight>(param);
    const Argument* given = nullptr;
    for (const std::string_view name : weight_names) {
      const Argument* one = take(name);
      if (one == nullptr) continue;
      if (given != nullptr) {
        return complain(one->at, "{}: expected one of {}, were `{}` and `{}`", kernel_.doc.name,
                        fmt::join(weight_names, ", "), given->name, one->name);
      }
      given = one;
    }
    if (given != nullptr && !read_weight_value(param, *given, weight)) return;
    const bool is_time = weight.tau_ns > 0.0;
    result_.form = is_time ? kernel_.time : kernel_.rows;
    note(is_time ? "tau_ns" : "alpha", format_number(is_time ? weight.tau_ns : weight.alpha));
  }

  bool read_weight_value(const ParamInfo& param, const Argument& given, Weight& weight) {
    const auto number = parse_number(given.value);
    const auto span = parse_duration(given.value);
    const bool takes_time = (param.extents & by_time) != 0 && (given.name == "half_life" || given.name == "tau");
    if (takes_time && span && *span <= longest_window) {
      weight = {.alpha = 0.0, .tau_ns = static_cast<double>(*span) / (given.name == "tau" ? 1.0 : std::numbers::ln2)};
      return true;
    }
    weight.tau_ns = 0.0;
    weight.alpha = 0.0;
    if (number && given.name == "alpha") weight.alpha = *number;
    if (number && given.name == "lambda") weight.alpha = 1.0 - *number;
    if (number && given.name == "half_life" && *number > 0.0) weight.alpha = 1.0 - std::exp2(-1.0 / *number);
    if (number && given.name == "span" && *number >= 1.0) weight.alpha = 2.0 / (*number + 1.0);
    if (number && given.name == "com" && *number >= 0.0) weight.alpha = 1.0 / (1.0 + *number);
    if (weight.alpha > 0.0 && weight.alpha <= 1.0) return true;
    complain(given.at, "{}: {} must give a weight above 0 and at most 1{}, was `{}`", kernel_.doc.name, given.name,
             takes_time ? " (or be a duration such as 10s)" : "", given.value);
    return false;
  }

  void complain_of_unused() {
    std::vector<std::string_view> known{"on", "nan_policy"};
    for (const ParamInfo& param : kernel_.params) {
      if (param.type == ParamType::weight) {
        known.insert(known.end(), weight_names.begin(), weight_names.end());
        continue;
      }
      known.push_back(param.name);
      if (param.type == ParamType::window) known.insert(known.end(), window_names.begin(), window_names.end());
      if (param.type == ParamType::lag) known.push_back("buckets");
    }
    for (const InputInfo& input : kernel_.inputs) {
      if (!input.is_keyword) continue;
      known.push_back(input.name);
      take(input.name);
    }
    take("on");  // the graph reads the first of these
    take("nan_policy");
    for (std::size_t i = 0; i < arguments_.size(); ++i) {
      if (used_[i]) continue;
      const std::string& name = arguments_[i].name;
      bool is_known = false;
      for (const std::string_view one : known) is_known = is_known || one == name;
      if (is_known) {
        complain(arguments_[i].at, "{}: parameter `{}` is given twice or does not go with the others", kernel_.doc.name,
                 name);
      } else {
        complain(arguments_[i].at, "{}: unknown parameter `{}`{}; it takes {}", kernel_.doc.name, name,
                 did_you_mean(name, known), fmt::join(known, ", "));
      }
    }
  }

  const Argument* take(std::string_view name, bool is_wanted = true) {
    for (std::size_t i = 0; is_wanted && i < arguments_.size(); ++i) {
      if (used_[i] || arguments_[i].name != name) continue;
      used_[i] = true;
      return &arguments_[i];
    }
    return nullptr;
  }

  static bool in_range(std::int64_t value, const ParamInfo& param) {
    return static_cast<double>(value) >= param.lowest && static_cast<double>(value) <= param.highest;
  }
  static std::string extents_of(const ParamInfo& param) {
    std::vector<std::string> words;
    if ((param.extents & by_rows) != 0) words.push_back(fmt::format("{} to {} rows", param.lowest, param.highest));
    if ((param.extents & by_time) != 0) words.emplace_back("a duration such as 60s");
    if ((param.extents & expanding) != 0) words.emplace_back("expanding");
    return fmt::format("{}", fmt::join(words, " or "));
  }
  void out_of_range(const ParamInfo& param, const Argument& given, std::string_view type) {
    complain(given.at, "{}: {} must be {} from {} to {}, was `{}`", kernel_.doc.name, param.name, type, param.lowest,
             param.highest, given.value);
  }
  template <class... Args>
  void complain(std::size_t at, fmt::format_string<Args...> format, Args&&... args) {
    complaints_.push_back({at, fmt::format(format, std::forward<Args>(args)...)});
  }
  void note(std::string_view name, const std::string& value) {
    result_.text += fmt::format("{}{}={}", result_.text.empty() ? "" : ";", name, value);
  }

  const KernelInfo& kernel_;
  std::size_t at_;
  const std::vector<Argument>& arguments_;
  std::vector<Complaint>& complaints_;
  std::vector<bool> used_;
  Parameters result_;
};

}  // namespace

Parameters read_parameters(const KernelInfo& kernel, std::size_t at, const std::vector<Argument>& arguments,
                           std::vector<Complaint>& complaints) {
  return Reader(kernel, at, arguments, complaints).read();
}

}  // namespace millrace
