#include "millrace/kernels/microstructure/stoikov_fit.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "millrace/base/error.h"

namespace millrace {

namespace {

constexpr int most_terms = 10'000;
constexpr double settled = 1e-13;  // of the greatest cell

/// A square matrix by rows.
struct Matrix {
  std::size_t n;
  std::vector<double> cells;

  explicit Matrix(std::size_t size) : n(size), cells(size * size, 0.0) {}
  double& at(std::size_t i, std::size_t j) { return cells[i * n + j]; }
  double at(std::size_t i, std::size_t j) const { return cells[i * n + j]; }
};

/// Steps out of each state, and into which.
struct Steps {
  Matrix still, moved;        // that leave the middle where it is, and that move it
  std::vector<double> moves;  // sum of the moves
  explicit Steps(std::size_t n) : still(n), moved(n), moves(n, 0.0) {}
};

struct Place {
  std::int64_t i, s;
  double mid;
};

class Fit {
 public:
  explicit Fit(const StoikovStates& states)
      : states_(states),
        n_(static_cast<std::size_t>(states.imbalances * states.spreads)),
        steps_(n_),
        has_cell_(n_, false) {}

  void count(const QuoteSeries& quotes) {
    bool has_last = false;
    Place last{};
    for (std::size_t row = 0; row < quotes.bid.size(); ++row) {
      Place now{};
      const bool has_now = place(quotes, row, now);
      if (has_last && has_now) step(last, now);
      last = now;
      has_last = has_now;
    }
  }

  Table solve() {
    find_cells();
    // Both sides of (I - Q) X = [T, R], so that T becomes B and R becomes G1.
    Matrix left(n_), b(n_);
    std::vector<double> g1(n_, 0.0);
    for (std::size_t i = 0; i < n_; ++i) {
      left.at(i, i) = 1.0;
      if (!has_cell_[i]) continue;
      const double total = total_of(i);
      for (std::size_t j = 0; j < n_; ++j) {
        left.at(i, j) -= steps_.still.at(i, j) / total;
        b.at(i, j) = steps_.moved.at(i, j) / total;
      }
      g1[i] = steps_.moves[i] / total;
    }
    eliminate(left, b, g1);
    return table_of(summed(b, std::move(g1)));
  }

 private:
  bool place(const QuoteSeries& q, std::size_t row, Place& at) const {
    const double bid = q.bid[row], ask = q.ask[row];
    const double spread = std::round((ask - bid) / states_.tick);
    const double imbalance = q.bid_size[row] / (q.bid_size[row] + q.ask_size[row]);
    if (!(spread >= 1.0) || !std::isfinite(spread) || !(imbalance >= 0.0 && imbalance <= 1.0)) return false;
    const auto n = static_cast<double>(states_.imbalances), widest = static_cast<double>(states_.spreads);
    at.i = static_cast<std::int64_t>(std::min(n - 1.0, std::floor(n * imbalance)));
    at.s = static_cast<std::int64_t>(std::min(spread, widest));
    at.mid = bid + 0.5 * (ask - bid);
    return true;
  }
  std::size_t state(std::int64_t i, std::int64_t s) const {
    return static_cast<std::size_t>(i * states_.spreads + s - 1);
  }
  std::int64_t mirrored(std::int64_t i) const { return states_.imbalances - 1 - i; }

  /// The middle lies on half ticks: what is less is rounding.
  void step(const Place& from, const Place& to) {
    const double move = std::round(2.0 * (to.mid - from.mid) / states_.tick) * 0.5 * states_.tick;
    add(state(from.i, from.s), state(to.i, to.s), move);
    add(state(mirrored(from.i), from.s), state(mirrored(to.i), to.s), -move);
  }
  void add(std::size_t from, std::size_t to, double move) {
    (move == 0.0 ? steps_.still : steps_.moved).at(from, to) += 1.0;
    steps_.moves[from] += move;
  }
  double total_of(std::size_t from) const {
    double total = 0.0;
    for (std::size_t to = 0; to < n_; ++to) total += steps_.still.at(from, to) + steps_.moved.at(from, to);
    return total;
  }

  /// A state has a cell where a way leads from it to a step that moves the middle.
  void find_cells() {
    bool is_found = false, has_grown = true;
    while (std::exchange(has_grown, false)) {
      for (std::size_t from = 0; from < n_; ++from) {
        if (has_cell_[from]) continue;
        for (std::size_t to = 0; to < n_ && !has_cell_[from]; ++to) {
          has_cell_[from] = steps_.moved.at(from, to) > 0.0 || (steps_.still.at(from, to) > 0.0 && has_cell_[to]);
        }
        has_grown = has_grown || has_cell_[from];
      }
      is_found = is_found || has_grown;
    }
    if (!is_found) fail(Fault::config, "stoikov fit: expected quotes whose middle moves, was none");
  }

  /// Gauss with the greatest pivot of each column.
  void eliminate(Matrix& left, Matrix& right, std::vector<double>& last) const {
    for (std::size_t k = 0; k < n_; ++k) {
      std::size_t pivot = k;
      for (std::size_t i = k + 1; i < n_; ++i) {
        if (std::abs(left.at(i, k)) > std::abs(left.at(pivot, k))) pivot = i;
      }
      for (std::size_t j = 0; j < n_ && pivot != k; ++j) {
        std::swap(left.at(k, j), left.at(pivot, j));
        std::swap(right.at(k, j), right.at(pivot, j));
      }
      std::swap(last[k], last[pivot]);
      for (std::size_t i = 0; i < n_; ++i) {
        if (i != k) subtract(left, right, last, i, k);
      }
    }
    for (std::size_t i = 0; i < n_; ++i) {
      const double scale = 1.0 / left.at(i, i);
      for (std::size_t j = 0; j < n_; ++j) right.at(i, j) *= scale;
      last[i] *= scale;
    }
  }
  void subtract(Matrix& left, Matrix& right, std::vector<double>& last, std::size_t i, std::size_t k) const {
    const double factor = left.at(i, k) / left.at(k, k);
    if (factor == 0.0) return;
    for (std::size_t j = k; j < n_; ++j) left.at(i, j) -= factor * left.at(k, j);
    for (std::size_t j = 0; j < n_; ++j) right.at(i, j) -= factor * right.at(k, j);
    last[i] -= factor * last[k];
  }

  std::vector<double> summed(const Matrix& b, std::vector<double> term) const {
    std::vector<double> sum = term;
    for (int count = 0; count < most_terms; ++count) {
      std::vector<double> next(n_, 0.0);
      double greatest = 0.0, greatest_sum = 0.0;
      for (std::size_t i = 0; i < n_; ++i) {
        for (std::size_t j = 0; j < n_; ++j) next[i] += b.at(i, j) * term[j];
        sum[i] += next[i];
        greatest = std::max(greatest, std::abs(next[i]));
        greatest_sum = std::max(greatest_sum, std::abs(sum[i]));
      }
      if (greatest <= settled * greatest_sum) return sum;
      term = std::move(next);
    }
    fail(Fault::config,
         "stoikov fit: expected moves that die out, were as great after {} more; fit to more quotes or "
         "fewer states",
         most_terms);
  }

  /// Symmetric to the last bit, as the counts are.
  Table table_of(const std::vector<double>& g) const {
    Table table{.rows = states_.imbalances, .columns = states_.spreads, .cells = std::vector<double>(n_, no_value)};
    for (std::int64_t i = 0; i < states_.imbalances; ++i) {
      for (std::int64_t s = 1; s <= states_.spreads; ++s) {
        if (has_cell_[state(i, s)]) table.at(i, s) = 0.5 * (g[state(i, s)] - g[state(mirrored(i), s)]);
      }
    }
    return table;
  }

  StoikovStates states_;
  std::size_t n_;
  Steps steps_;
  std::vector<bool> has_cell_;
};

}  // namespace

Table fit_stoikov(const QuoteSeries& quotes, const StoikovStates& states) {
  const bool is_sound = states.imbalances >= 1 && states.imbalances <= 100 && states.spreads >= 1 &&
                        states.spreads <= 50 && states.imbalances * states.spreads <= most_stoikov_states &&
                        states.tick > 0.0 && std::isfinite(states.tick);
  if (!is_sound) {
    fail(
        Fault::config,
        "stoikov fit: expected 1 to 100 imbalances, 1 to 50 spreads, at most {} states and a tick above 0, were {}, {} "
        "and {}",
        most_stoikov_states, states.imbalances, states.spreads, states.tick);
  }
  Fit fit(states);
  fit.count(quotes);
  return fit.solve();
}

}  // namespace millrace
