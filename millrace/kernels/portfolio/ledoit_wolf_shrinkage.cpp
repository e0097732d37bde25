#include "millrace/kernels/portfolio/ledoit_wolf_shrinkage.h"

#include <algorithm>
#include <limits>

#include <Eigen/Core>

#include "millrace/base/error.h"

namespace millrace {

namespace {

using Table = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Column = Eigen::VectorXd;

struct Sample {
  Table x;  // about the columns' means
  Column mean;
  Table s;  // x'x / T
  double count() const { return static_cast<double>(x.rows()); }
};

Sample sample_of(MatrixView x) {
  std::vector<std::size_t> valid;
  for (std::size_t i = 0; i < x.rows; ++i) {
    const auto row = x.row(i);
    if (std::all_of(row.begin(), row.end(), has_value)) valid.push_back(i);
  }
  Sample sample{.x = Table(valid.size(), x.columns), .mean = {}, .s = {}};
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const auto at = static_cast<Eigen::Index>(i);
    sample.x.row(at) = Eigen::Map<const Eigen::RowVectorXd>(x.row(valid[i]).data(), sample.x.cols());
  }
  if (sample.x.rows() == 0) return sample;
  const Eigen::RowVectorXd first = sample.x.row(0);
  sample.x.rowwise() -= first;  // the mean of small numbers is exact
  const Eigen::RowVectorXd shift = sample.x.colwise().mean();
  sample.x.rowwise() -= shift;
  sample.mean = (first + shift).transpose();
  sample.s = sample.x.transpose() * sample.x / sample.count();
  return sample;
}

/// |x_t x_t' - S|^2, summed over the rows. Not expanded: the terms would cancel.
double noise_of(const Sample& sample) {
  double noise = 0.0;
  for (Eigen::Index t = 0; t < sample.x.rows(); ++t) {
    const Column x = sample.x.row(t).transpose();
    noise += (x.lazyProduct(x.transpose()) - sample.s).squaredNorm();
  }
  return noise;
}

LedoitWolfShrinkage::Results blend(const Sample& sample, const Table& target, double delta) {
  const auto size = static_cast<std::size_t>(target.rows());
  LedoitWolfShrinkage::Results results{.cov = Matrix(size, size), .delta = delta, .reason = {}};
  Eigen::Map<Table>(results.cov.values.data(), target.rows(), target.cols()) =
      delta * target + (1.0 - delta) * sample.s;
  return results;
}

/// Whether |F - S|^2 is the rounding of equal matrices.
bool is_nothing(double distance, const Sample& sample) {
  constexpr double rounding = 16.0 * std::numeric_limits<double>::epsilon();
  return distance <= rounding * rounding * sample.s.squaredNorm();
}

LedoitWolfShrinkage::Results to_identity(const Sample& sample) {
  const auto size = static_cast<double>(sample.s.rows());
  const Table target = sample.s.trace() / size * Table::Identity(sample.s.rows(), sample.s.cols());
  const double distance = (sample.s - target).squaredNorm();
  const double noise = noise_of(sample) / (sample.count() * sample.count());
  return blend(sample, target, is_nothing(distance, sample) ? 0.0 : std::min(distance, noise) / distance);
}

LedoitWolfShrinkage::Results to_constant_correlation(const Sample& sample) {
  const double count = sample.count();
  const Eigen::Index size = sample.s.rows();
  const Column sd = sample.s.diagonal().cwiseSqrt();
  const Table correlation = sd.cwiseInverse().asDiagonal() * sample.s * sd.cwiseInverse().asDiagonal();
  const auto pairs = static_cast<double>(size * (size - 1));
  const double mean = pairs > 0.0 ? (correlation.sum() - correlation.trace()) / pairs : 0.0;
  Table target = mean * sd * sd.transpose();
  target.diagonal() = sample.s.diagonal();
  const Column weighted = sample.s * sd;
  double own = 0.0, others = 0.0;  // of rho, times T
  for (Eigen::Index t = 0; t < sample.x.rows(); ++t) {
    const Column x = sample.x.row(t).transpose();
    const Column square = x.cwiseAbs2() - sample.s.diagonal();
    own += square.squaredNorm();
    // sum over all i, j of sd_j / sd_i * square_i * (x_i x_j - s_ij), without the diagonal
    others += square.cwiseQuotient(sd).dot(x * x.dot(sd) - weighted) - square.squaredNorm();
  }
  const double pi = noise_of(sample) / count, rho = (own + mean * others) / count;
  const double gamma = (target - sample.s).squaredNorm();
  return blend(sample, target, is_nothing(gamma, sample) ? 0.0 : std::clamp((pi - rho) / (gamma * count), 0.0, 1.0));
}

/// The first column whose variance is rounding, or none.
Eigen::Index flat_column(const Sample& sample) {
  for (Eigen::Index i = 0; i < sample.s.rows(); ++i) {
    const double rounding = 16.0 * std::numeric_limits<double>::epsilon() * std::abs(sample.mean(i));
    if (sample.s(i, i) <= rounding * rounding) return i;
  }
  return -1;
}

LedoitWolfShrinkage::Results nothing(std::size_t size, std::string reason) {
  return {.cov = Matrix(size, size, no_value), .delta = no_value, .reason = std::move(reason)};
}

}  // namespace

LedoitWolfShrinkage::Results LedoitWolfShrinkage::evaluate(const Params& p, MatrixView x) {
  if (x.columns < 1 || x.columns > most_columns) {
    fail(Fault::config, "{}: x must have 1 to {} columns, was {}", doc.name, most_columns, x.columns);
  }
  const Sample sample = sample_of(x);
  if (sample.x.rows() < 2) {
    return nothing(x.columns, fmt::format("x has {} rows without a null, two are needed", sample.x.rows()));
  }
  if (p.target == identity) return to_identity(sample);
  const Eigen::Index flat = flat_column(sample);
  if (flat >= 0) return nothing(x.columns, fmt::format("column {} of x has no variance", flat));
  return to_constant_correlation(sample);
}

}  // namespace millrace
