#pragma once

#include <array>

#include "millrace/kernels/numerics/compensated.h"
#include "millrace/kernels/parameter_rows.h"
#include "millrace/kernels/universe.h"

namespace millrace {

/// Share of the row's instrument in the total of those with its quote asset, and how concentrated the total is.
class DominanceIndex final : public Universe {
 public:
  static constexpr Doc doc{
      .name = "dominance_index",
      .title = "Share of a total, and its concentration",
      .formula = "share = v / sum of v;  hhi = sum of share^2, over the last valid values of the instruments seen",
      .unit = "0 to 1",
      .warmup = "until each instrument seen has a value",
      .reference = "Herfindahl (1950), Concentration in the Steel Industry",
  };

  struct Params {};
  static constexpr std::array<ParamInfo, 0> params{};
  static constexpr std::array inputs{InputInfo{"v"}};
  static constexpr std::array outputs{OutputInfo{"share"}, OutputInfo{"hhi"}};
  static constexpr Peers peers = Peers::quote_asset;

  explicit DominanceIndex(const Params&) {}

  void observe(MemberId member, std::uint32_t group, Nanos, const double* in, double* out) override {
    if (member >= members_.size()) members_.resize(member + 1);
    if (group >= groups_.size()) groups_.resize(group + 1);
    Member& own = members_[member];
    Group& all = groups_[group];
    if (own.group == no_group) {
      own.group = group;
      ++all.members;
    }
    if (has_value(in[0])) {
      if (std::isnan(own.value)) ++all.valued;
      const double before = std::isnan(own.value) ? 0.0 : own.value;
      all.sum.exchange(in[0], before);
      all.squares.exchange(in[0] * in[0], before * before);
      own.value = in[0];
    }
    const double total = all.sum.value();
    const bool is_known = all.valued == all.members && total > 0.0 && !std::isnan(in[0]);
    out[0] = is_known ? own.value / total : no_value;
    out[1] = is_known ? all.squares.value() / (total * total) : no_value;
  }

  void save(ByteWriter& out) const override {
    out.put(static_cast<std::uint64_t>(members_.size()));
    for (const Member& member : members_) out.put(member);
    out.put(static_cast<std::uint64_t>(groups_.size()));
    for (const Group& group : groups_) out.put(group);
  }
  bool load(ByteReader& in) override {
    return load_list(in, members_) && load_list(in, groups_) &&
           std::all_of(members_.begin(), members_.end(),
                       [&](const Member& one) { return one.group == no_group || one.group < groups_.size(); });
  }

 private:
  static constexpr std::uint64_t no_group = UINT64_MAX;
  struct Member {
    double value = no_value;
    std::uint64_t group = no_group;
  };
  struct Group {
    CompensatedSum sum, squares;
    std::uint64_t members = 0, valued = 0;
  };

  template <class T>
  static bool load_list(ByteReader& in, std::vector<T>& list) {
    std::uint64_t count = 0;
    if (!in.get(count) || count > in.left() / sizeof(T)) return false;
    list.assign(count, {});
    for (T& one : list) {
      if (!in.get(one)) return false;
    }
    return true;
  }

  std::vector<Member> members_;
  std::vector<Group> groups_;
};

}  // namespace millrace
