#pragma once

#include <algorithm>
#include <array>
#include <deque>

#include "millrace/kernels/parameter_rows.h"
#include "millrace/kernels/universe.h"

namespace millrace {

/// Rank of the row's value among the newest values of all instruments. Values are kept in order; old ones leave as the
/// clock passes them.
class CsRank final : public Universe {
 public:
  static constexpr Doc doc{
      .name = "cs_rank",
      .title = "Rank among all instruments",
      .formula = "(average rank - 1) / (n - 1) among the last valid values that are at most max_age old",
      .unit = "0 to 1",
      .warmup = "two instruments with a fresh value",
      .reference = "Jegadeesh, Titman (1993), J. Finance 48, 65-91: ranking on past returns",
  };

  struct Params {
    Nanos max_age = 60 * one_second;
  };
  static constexpr std::array params{
      duration<&Params::max_age>("max_age", 1, 400 * one_day, "oldest value that is compared")};
  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"rank"}};
  static constexpr Peers peers = Peers::all;

  explicit CsRank(const Params& params) : max_age_(params.max_age) {}

  void observe(MemberId member, std::uint32_t, Nanos clock, const double* in, double* out) override {
    if (member >= members_.size()) members_.resize(member + 1);
    expire(clock);
    const double x = in[0];
    out[0] = no_value;
    if (!has_value(x)) return;
    Member& own = members_[member];
    if (own.is_ranked) take_out(own.value);
    sorted_.insert(std::upper_bound(sorted_.begin(), sorted_.end(), x), x);
    own = {x, clock, true};
    ages_.push_back({clock, member});
    const auto n = static_cast<double>(sorted_.size());
    if (n < 2.0) return;
    const auto [low, high] = std::equal_range(sorted_.begin(), sorted_.end(), x);
    const double below = static_cast<double>(low - sorted_.begin()), equal = static_cast<double>(high - low);
    out[0] = (below + 0.5 * (equal - 1.0)) / (n - 1.0);
  }

  void save(ByteWriter& out) const override {
    out.put(static_cast<std::uint64_t>(members_.size()));
    for (const Member& member : members_) out.put(Saved{member.value, member.time, member.is_ranked ? 1 : 0});
  }
  bool load(ByteReader& in) override {
    std::uint64_t count = 0;
    if (!in.get(count) || count > in.left() / sizeof(Saved)) return false;
    members_.assign(count, {});
    sorted_.clear();
    ages_.clear();
    for (MemberId id = 0; id < count; ++id) {
      Saved saved{};
      if (!in.get(saved)) return false;
      members_[id] = {saved.value, saved.time, saved.is_ranked != 0};
      if (saved.is_ranked == 0) continue;
      if (!has_value(saved.value) || !is_row_time(saved.time)) return false;
      sorted_.push_back(saved.value);
      ages_.push_back({saved.time, id});
    }
    std::sort(sorted_.begin(), sorted_.end());
    std::stable_sort(ages_.begin(), ages_.end(), [](const Age& a, const Age& b) { return a.time < b.time; });
    return true;
  }

 private:
  struct Member {
    double value = no_value;
    Nanos time = no_time;
    bool is_ranked = false;
  };
  struct Saved {
    double value;
    Nanos time;
    std::int64_t is_ranked;
  };
  struct Age {
    Nanos time;
    MemberId member;
  };

  void take_out(double value) { sorted_.erase(std::lower_bound(sorted_.begin(), sorted_.end(), value)); }

  /// Entries of members that have had a newer value since are passed over.
  void expire(Nanos clock) {
    while (!ages_.empty() && clock - ages_.front().time > max_age_) {
      Member& member = members_[ages_.front().member];
      if (member.is_ranked && member.time == ages_.front().time) {
        take_out(member.value);
        member.is_ranked = false;
      }
      ages_.pop_front();
    }
  }

  Nanos max_age_;
  std::vector<Member> members_;
  std::vector<double> sorted_;
  std::deque<Age> ages_;  // by time; at most the rows of one max_age
};

}  // namespace millrace
