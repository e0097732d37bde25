#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "millrace/kernels/numerics/exponential.h"
#include "millrace/kernels/parameter_rows.h"
#include "millrace/kernels/universe.h"

namespace millrace {

/// Compares the venues on which one pair of assets trades. Each row brings its venue's attributes.
class VenueScore final : public Universe {
 public:
  static constexpr Doc doc{
      .name = "venue_score",
      .title = "Score of a venue among those with the same pair",
      .formula = "sum of w * z, z of exponential means across venues; spread, fee and latency count against",
      .unit = "standard deviations",
      .warmup = "two venues",
      .reference = "weights of the user; z-scores across venues",
  };

  static constexpr std::size_t attributes = 5;
  struct Params {
    double spread = no_value, depth = 0.0, fee = 0.0, latency = 0.0, uptime = 0.0;  // weights
    Nanos half_life = 3600 * one_second;
    std::array<double, attributes> weights() const { return {spread, depth, fee, latency, uptime}; }
  };
  static constexpr std::array params{
      number<&Params::spread>("w_spread", 0.0, 1.0, "weight of the spread; the five sum to 1"),
      number<&Params::depth>("w_depth", 0.0, 1.0, "weight of the depth"),
      number<&Params::fee>("w_fee", 0.0, 1.0, "weight of the fee"),
      number<&Params::latency>("w_latency", 0.0, 1.0, "weight of the latency"),
      number<&Params::uptime>("w_uptime", 0.0, 1.0, "weight of the uptime"),
      duration<&Params::half_life>("half_life", 1, 400 * one_day, "of the means, by event time")};
  static std::string_view check(const Params& p) {
    double sum = 0.0;
    for (const double weight : p.weights()) sum += weight;
    return std::abs(sum - 1.0) <= 1e-9 ? "" : "the weights must sum to 1";
  }

  static constexpr std::array inputs{InputInfo{"spread"}, InputInfo{.name = "depth", .is_optional = true},
                                     InputInfo{.name = "fee", .is_optional = true},
                                     InputInfo{.name = "latency", .is_optional = true},
                                     InputInfo{.name = "uptime", .is_optional = true}};
  static constexpr std::array outputs{OutputInfo{"score"}};
  static constexpr Peers peers = Peers::symbol;

  explicit VenueScore(const Params& params)
      : weights_(params.weights()), tau_ns_(static_cast<double>(params.half_life) / 0.6931471805599453) {}

  void observe(MemberId member, std::uint32_t group, Nanos clock, const double* in, double* out) override {
    if (member >= members_.size()) members_.resize(member + 1);
    Member& own = members_[member];
    own.group = group;
    for (std::size_t i = 0; i < attributes; ++i) {
      if (weights_[i] == 0.0) continue;
      own.is_known[i] = has_value(in[i]) ? 1.0 : 0.0;
      if (has_value(in[i])) own.mean[i].observe(in[i], clock, tau_ns_);
    }
    out[0] = is_complete(own) ? score(own, group) : no_value;
  }

  void save(ByteWriter& out) const override {
    out.put(static_cast<std::uint64_t>(members_.size()));
    for (const Member& member : members_) out.put(member);
  }
  bool load(ByteReader& in) override {
    std::uint64_t count = 0;
    if (!in.get(count) || count > in.left() / sizeof(Member)) return false;
    members_.assign(count, {});
    for (Member& member : members_) {
      if (!in.get(member)) return false;
      for (const DecayingMean& mean : member.mean) {
        if (mean.stamp != no_time && !is_row_time(mean.stamp)) return false;
      }
    }
    return true;
  }

 private:
  static constexpr std::uint64_t no_group = UINT64_MAX;
  struct Member {
    DecayingMean mean[attributes];
    double is_known[attributes] = {};  // its newest row has the attribute
    std::uint64_t group = no_group;
  };

  bool is_complete(const Member& member) const {
    for (std::size_t i = 0; i < attributes; ++i) {
      if (weights_[i] > 0.0 && member.is_known[i] == 0.0) return false;
    }
    return true;
  }

  double score(const Member& own, std::uint64_t group) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < attributes; ++i) {
      if (weights_[i] == 0.0) continue;
      double n = 0.0, mean = 0.0, squares = 0.0;  // Welford's form
      for (const Member& member : members_) {
        if (member.group != group || !is_complete(member)) continue;
        n += 1.0;
        const double delta = member.mean[i].mean - mean;
        mean += delta / n;
        squares += delta * (member.mean[i].mean - mean);
      }
      if (n < 2.0) return no_value;
      const double sd = std::sqrt(squares / n);
      const double z = sd > 0.0 ? (own.mean[i].mean - mean) / sd : 0.0;
      const bool counts_against = i == 0 || i == 2 || i == 3;
      sum += weights_[i] * (counts_against ? -z : z);
    }
    return sum;
  }

  std::array<double, attributes> weights_;
  double tau_ns_;
  std::vector<Member> members_;
};

}  // namespace millrace
