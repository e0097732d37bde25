#pragma once

#include <array>

#include "millrace/kernels/bucket_ring.h"
#include "millrace/kernels/form.h"
#include "millrace/kernels/kernel.h"
#include "millrace/kernels/parameter_rows.h"

namespace millrace {

namespace form {

template <class K>
concept HasUpdate = requires {
  &K::update;
};
template <class K>
concept HasByRow = requires {
  typename K::ByRow;
};
template <class K>
concept HasRowForm = HasUpdate<K> || HasByRow<K>;

template <class K>
concept IsOffline = requires {
  requires K::is_offline;
};
template <class K>
concept IsCross = requires {
  requires K::is_cross;
};
template <class K>
concept TakesRowTimes = requires {
  requires K::takes_row_times;
};
template <class K>
concept IsPaired = requires {
  requires K::is_paired;
};
template <class K>
concept HasTimeForm = requires {
  typename K::ByTime;
};
template <class K>
concept HasTimesForm = requires {
  typename K::OfTimes;
};
template <class K>
concept HasExpandingForm = requires {
  typename K::Expanding;
};

template <class K>
concept HasDerived = requires {
  &K::derive;
};

template <class K>
struct Forms {
  using P = typename K::Params;
  static constexpr FormInfo rows = [] {
    if constexpr (requires { typename K::ByRow; }) {
      return make_form<typename K::ByRow, P>();
    } else if constexpr (requires { &K::update; }) {
      return make_form<K, P>();
    } else {
      return FormInfo{};
    }
  }();
  static constexpr FormInfo time = [] {
    if constexpr (requires { typename K::ByTime::Content; }) {
      return make_time_form<TimeForm<typename K::ByTime, P, K::inputs.size()>>();
    } else if constexpr (requires { typename K::ByTime; }) {
      return make_form<typename K::ByTime, P>();
    } else {
      return FormInfo{};
    }
  }();
  static constexpr FormInfo expanding = [] {
    if constexpr (requires { typename K::Expanding; }) {
      return make_form<typename K::Expanding, P>();
    } else {
      return FormInfo{};
    }
  }();
  static constexpr FormInfo of_times = [] {
    if constexpr (requires { typename K::OfTimes; }) {
      return make_form<typename K::OfTimes, P>();
    } else {
      return FormInfo{};
    }
  }();
  static void default_params(void* params) { ::new (params) P{}; }
  static std::size_t derived_size(const void* params) {
    if constexpr (HasDerived<K>) {
      return K::derived_size(*static_cast<const P*>(params));
    } else {
      return 0 * sizeof(params);
    }
  }
  static void derive(void* params, double* derived) {
    if constexpr (HasDerived<K>) {
      K::derive(*static_cast<P*>(params), derived);
      static_cast<P*>(params)->derived = derived;
    }
  }
  static std::string_view check(const void* params) {
    if constexpr (requires(const P& p) { K::check(p); }) {
      return K::check(*static_cast<const P*>(params));
    } else {
      return params == nullptr ? "" : "";
    }
  }
};

template <class K>
constexpr std::uint16_t version_of() {
  if constexpr (requires { K::version; }) {
    return K::version;
  } else {
    return 1;
  }
}

template <class K>
constexpr KindSet observes_of() {
  if constexpr (requires { K::observes; }) {
    return K::observes;
  } else {
    return 0;
  }
}

template <class K>
constexpr KernelInfo describe(std::string_view family) {
  using P = typename K::Params;
  static_assert(sizeof(P) <= largest_params && std::is_trivially_copyable_v<P>);
  static_assert(K::inputs.size() <= largest_inputs && K::outputs.size() <= largest_outputs);
  std::span<const ParamInfo> params;
  if constexpr (requires { K::params.size(); }) params = K::params;
  return KernelInfo{
      .doc = K::doc,
      .version = version_of<K>(),
      .family = family,
      .is_offline = IsOffline<K>,
      .is_cross = IsCross<K>,
      .takes_row_times = TakesRowTimes<K>,
      .is_paired = IsPaired<K>,
      .observes = observes_of<K>(),
      .inputs = K::inputs,
      .outputs = K::outputs,
      .params = params,
      .params_bytes = sizeof(P),
      .default_params = &Forms<K>::default_params,
      .derived_size = HasDerived<K> ? &Forms<K>::derived_size : nullptr,
      .derive = HasDerived<K> ? &Forms<K>::derive : nullptr,
      .check = &Forms<K>::check,
      .rows = HasRowForm<K> ? &Forms<K>::rows : nullptr,
      .time = HasTimeForm<K> ? &Forms<K>::time : nullptr,
      .expanding = HasExpandingForm<K> ? &Forms<K>::expanding : nullptr,
      .of_times = HasTimesForm<K> ? &Forms<K>::of_times : nullptr,
  };
}

}  // namespace form

/// The rows of a family: `family<LogReturns, Ewma>("online_stats")`.
template <class... K>
constexpr std::array<KernelInfo, sizeof...(K)> family(std::string_view name) {
  return {form::describe<K>(name)...};
}

}  // namespace millrace
