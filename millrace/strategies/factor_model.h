#pragma once

#include <optional>
#include <span>
#include <vector>

#include <Eigen/Core>

#include "millrace/market/instruments.h"

namespace millrace {

/// The first principal components of standardised returns, and what each name does beyond them. A factor's return is
/// the sum of vector / deviation * return over the names, which is a portfolio; a name moves with it by deviation *
/// vector. Source: Avellaneda, Lee (2010), Quantitative Finance 10, 761-782.
struct FactorModel {
  std::vector<InstrumentId> members;
  Eigen::VectorXd mean, deviation;  // by member, of the returns of a bar
  Eigen::MatrixXd vectors;          // members x factors

  /// Of one bar; a missing return (NaN) counts as the mean.
  Eigen::VectorXd residual(const Eigen::VectorXd& returns) const;

  /// Weights of a portfolio that holds 1 of the member and is hedged by the factors' portfolios.
  Eigen::VectorXd hedged(Eigen::Index member) const;

  /// `money` with what is free changed, as little as risk goes, so that no factor is left in it. As it was where too
  /// little is free.
  Eigen::VectorXd neutral(const Eigen::VectorXd& money, const std::vector<bool>& is_free) const;

  /// The largest of the factors' |sum of money * loading| / sum |money|, where the loadings of a factor have a mean
  /// square of 1 over the members: 1 is a portfolio of one average name. 0 without money.
  double exposure(const Eigen::VectorXd& money) const;
};

/// Fits on `returns` (bars x members). Nothing where a member does not move or there are no more members than factors.
std::optional<FactorModel> fit_factors(const Eigen::MatrixXd& returns, std::vector<InstrumentId> members,
                                       std::size_t factors);

/// An Ornstein-Uhlenbeck process through a path at equal steps, by regression of each value on the one before.
struct OuFit {
  double s = 0.0;          // distance of the last value from the mean, in standard deviations of the equilibrium
  double deviation = 0.0;  // of the equilibrium
  double half_life = 0.0;  // steps
};

/// Nothing where the path does not return to a mean.
std::optional<OuFit> fit_ou(std::span<const double> path);

}  // namespace millrace
