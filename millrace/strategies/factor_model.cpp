#include "millrace/strategies/factor_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

namespace millrace {

namespace {

/// Rows of standardised returns; a missing one is 0.
Eigen::MatrixXd standardised(const Eigen::MatrixXd& returns, FactorModel& model) {
  Eigen::MatrixXd scores = Eigen::MatrixXd::Zero(returns.rows(), returns.cols());
  for (Eigen::Index member = 0; member < returns.cols(); ++member) {
    double sum = 0.0, squares = 0.0, count = 0.0;
    for (Eigen::Index bar = 0; bar < returns.rows(); ++bar) {
      const double r = returns(bar, member);
      if (!std::isfinite(r)) continue;
      sum += r;
      count += 1.0;
    }
    const double mean = count > 0.0 ? sum / count : 0.0;
    for (Eigen::Index bar = 0; bar < returns.rows(); ++bar) {
      const double r = returns(bar, member);
      if (std::isfinite(r)) squares += (r - mean) * (r - mean);
    }
    const double deviation = count > 1.0 ? std::sqrt(squares / (count - 1.0)) : 0.0;
    model.mean(member) = mean;
    model.deviation(member) = deviation;
    if (!(deviation > 0.0)) continue;
    for (Eigen::Index bar = 0; bar < returns.rows(); ++bar) {
      const double r = returns(bar, member);
      if (std::isfinite(r)) scores(bar, member) = (r - mean) / deviation;
    }
  }
  return scores;
}

}  // namespace

std::optional<FactorModel> fit_factors(const Eigen::MatrixXd& returns, std::vector<InstrumentId> members,
                                       std::size_t factors) {
  const Eigen::Index count = returns.cols();
  if (count <= static_cast<Eigen::Index>(factors) || returns.rows() < 2) return std::nullopt;
  FactorModel model{.members = std::move(members)};
  model.mean = model.deviation = Eigen::VectorXd::Zero(count);
  const Eigen::MatrixXd scores = standardised(returns, model);
  if (!(model.deviation.minCoeff() > 0.0)) return std::nullopt;
  const Eigen::MatrixXd correlation = scores.transpose() * scores / static_cast<double>(returns.rows() - 1);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(correlation);
  if (solver.info() != Eigen::Success) return std::nullopt;
  model.vectors = solver.eigenvectors().rightCols(static_cast<Eigen::Index>(factors));  // ascending eigenvalues
  return model;
}

Eigen::VectorXd FactorModel::residual(const Eigen::VectorXd& returns) const {
  Eigen::VectorXd scores = (returns - mean).cwiseQuotient(deviation);
  for (double& score : scores) score = std::isfinite(score) ? score : 0.0;
  return deviation.cwiseProduct(scores - vectors * (vectors.transpose() * scores));
}

Eigen::VectorXd FactorModel::hedged(Eigen::Index member) const {
  Eigen::VectorXd weights = -deviation(member) * (vectors * vectors.row(member).transpose()).cwiseQuotient(deviation);
  weights(member) += 1.0;
  return weights;
}

Eigen::VectorXd FactorModel::neutral(const Eigen::VectorXd& money, const std::vector<bool>& is_free) const {
  Eigen::MatrixXd free = vectors;
  Eigen::Index count = 0;
  for (Eigen::Index member = 0; member < free.rows(); ++member) {
    count += is_free[static_cast<std::size_t>(member)] ? 1 : 0;
    if (!is_free[static_cast<std::size_t>(member)]) free.row(member).setZero();
  }
  if (count <= vectors.cols()) return money;
  const Eigen::VectorXd left = vectors.transpose() * deviation.cwiseProduct(money);
  const Eigen::VectorXd solved = (free.transpose() * free).ldlt().solve(left);
  return money - (free * solved).cwiseQuotient(deviation);
}

double FactorModel::exposure(const Eigen::VectorXd& money) const {
  const double gross = money.cwiseAbs().sum();
  if (!(gross > 0.0)) return 0.0;
  double largest = 0.0;
  for (Eigen::Index factor = 0; factor < vectors.cols(); ++factor) {
    const Eigen::VectorXd loading = deviation.cwiseProduct(vectors.col(factor));
    const double scale = loading.norm() / std::sqrt(static_cast<double>(loading.size()));
    if (scale > 0.0) largest = std::max(largest, std::abs(loading.dot(money)) / scale / gross);
  }
  return largest;
}

std::optional<OuFit> fit_ou(std::span<const double> path) {
  if (path.size() < 3) return std::nullopt;
  const auto n = static_cast<double>(path.size() - 1);
  double x = 0.0, y = 0.0, xx = 0.0, xy = 0.0;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    x += path[i] / n;
    y += path[i + 1] / n;
  }
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    xx += (path[i] - x) * (path[i] - x);
    xy += (path[i] - x) * (path[i + 1] - y);
  }
  const double b = xy / xx, a = y - b * x;
  if (!(b > 0.0 && b < 1.0)) return std::nullopt;
  double squares = 0.0;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    const double error = path[i + 1] - a - b * path[i];
    squares += error * error;
  }
  OuFit fit{.deviation = std::sqrt(squares / (n - 2.0) / (1.0 - b * b)), .half_life = std::log(0.5) / std::log(b)};
  if (!(fit.deviation > 0.0)) return std::nullopt;
  fit.s = (path.back() - a / (1.0 - b)) / fit.deviation;
  return fit;
}

}  // namespace millrace
