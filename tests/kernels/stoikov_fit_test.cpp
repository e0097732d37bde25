#include "millrace/kernels/microstructure/stoikov_fit.h"

#include <filesystem>
#include <fstream>
#include <random>

#include <gmock/gmock.h>

#include "millrace/base/error.h"
#include "millrace/graph/table_file.h"
#include "tests/kernels/harness.h"

namespace millrace::testing {
namespace {

/// Quotes of one tick's spread whose bid size is `share` of both.
struct Quotes {
  std::vector<double> bid, ask, bid_size, ask_size;

  void add(double at, double share, double spread = 1.0) {
    bid.push_back(at);
    ask.push_back(at + spread);
    bid_size.push_back(4.0 * share);
    ask_size.push_back(4.0 - 4.0 * share);
  }
  QuoteSeries from(std::size_t begin, std::size_t end) const {
    const auto part = [&](const std::vector<double>& x) { return std::span(x).subspan(begin, end - begin); };
    return {part(bid), part(ask), part(bid_size), part(ask_size)};
  }
  QuoteSeries all() const { return from(0, bid.size()); }
};

/// The weight of the bid wanders over four bins; where the middle moves, it goes up with the share of the bid.
Quotes wandering(std::size_t rows, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto uniform = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
  Quotes quotes;
  int bin = 2;
  double bid = 100'000.0;
  for (std::size_t row = 0; row < rows; ++row) {
    const double share = (bin + 0.5) / 4.0;
    quotes.add(bid, share);
    if (uniform() < 0.2) {
      bid += uniform() < share ? 1.0 : -1.0;
      bin = static_cast<int>(uniform() * 4.0);
    } else {
      bin = std::clamp(bin + (uniform() < 0.5 ? -1 : 1), 0, 3);
    }
  }
  return quotes;
}

// From the upper bin a quarter of the steps stay, a quarter change the bin and half move the middle up by one: G1 =
// 1/2, and B halves it each time.
TEST(StoikovFit, IsTheSumThatDefinesIt) {
  Quotes quotes;
  for (const auto& [at, share] : {std::pair{100.0, 0.75}, {100.0, 0.75}, {101.0, 0.75}, {101.0, 0.25}, {100.0, 0.25}}) {
    quotes.add(at, share);
  }
  const Table g = fit_stoikov(quotes.all(), {.imbalances = 2, .spreads = 1, .tick = 1.0});
  EXPECT_NEAR(g.at(1, 1), 1.0, 1e-12);
  EXPECT_EQ(g.at(0, 1), -g.at(1, 1));
}

TEST(StoikovFit, StatesThatWereNeverLeftHaveNoCell) {
  Quotes quotes;
  quotes.add(100.0, 0.75);
  quotes.add(101.0, 0.75, 2.0);
  quotes.add(102.0, 0.75, 0.0);  // locked: neither into it nor out of it
  quotes.add(103.0, 0.5, 3.0);
  const Table g = fit_stoikov(quotes.all(), {.imbalances = 2, .spreads = 3, .tick = 1.0});
  EXPECT_NEAR(g.at(1, 1), 1.5, 1e-12);
  EXPECT_NEAR(g.at(0, 1), -1.5, 1e-12);
  for (const std::int64_t s : {2, 3}) EXPECT_TRUE(std::isnan(g.at(0, s)) && std::isnan(g.at(1, s))) << s;
}

TEST(StoikovFit, ForecastsTheMiddleBetterThanTheMiddleAndTheWeightedPrice) {
  constexpr std::size_t rows = 600'000, half = rows / 2, ahead = 25;
  const Quotes quotes = wandering(rows, 7);
  const Table g = fit_stoikov(quotes.from(0, half), {.imbalances = 4, .spreads = 1, .tick = 1.0});
  EXPECT_LT(g.at(0, 1), g.at(1, 1));
  EXPECT_LT(g.at(1, 1), -0.02);
  double by_middle = 0.0, by_weights = 0.0, by_fit = 0.0, product = 0.0, square = 0.0;
  for (std::size_t row = half; row + ahead < rows; ++row) {
    const double move = quotes.bid[row + ahead] - quotes.bid[row], share = quotes.bid_size[row] / 4.0;
    const double fitted = g.at(static_cast<std::int64_t>(share * 4.0), 1);
    by_middle += move * move;
    by_weights += (move - (share - 0.5)) * (move - (share - 0.5));
    by_fit += (move - fitted) * (move - fitted);
    product += move * fitted;
    square += fitted * fitted;
  }
  EXPECT_LT(by_fit, by_weights);
  EXPECT_LT(by_fit, by_middle);
  EXPECT_NEAR(product / square, 1.0, 0.1);  // what is forecast comes, on rows that the fit has not seen
}

TEST(StoikovFit, IsReadByTheKernelAsItWasWritten) {
  const Quotes quotes = wandering(20'000, 3);
  const Table g = fit_stoikov(quotes.all(), {.imbalances = 4, .spreads = 2, .tick = 1.0});
  const std::string path = ::testing::TempDir() + "stoikov_fit_test.csv";
  std::ofstream(path) << text_of(g);
  const Call call = make_call("microprice(b, a, p, q, method=stoikov, tick=1, table='" + path + "')");
  std::filesystem::remove(path);
  ASSERT_EQ(call.wrong, "");
  const Series series{.inputs = {quotes.bid, quotes.ask, quotes.bid_size, quotes.ask_size},
                      .clock = std::vector<Nanos>(quotes.bid.size(), 0),
                      .seen = std::vector<std::uint8_t>(quotes.bid.size(), observed)};
  const Outputs out = play(call, series, series.rows());
  for (std::size_t row = 0; row < 100; ++row) {
    const auto bin = static_cast<std::int64_t>(quotes.bid_size[row]);
    EXPECT_EQ(out[0][row], quotes.bid[row] + 0.5 + g.at(bin, 1)) << row;
  }
}

TEST(StoikovFit, SaysWhatItCannotFit) {
  const auto problem = [](const Quotes& quotes, const StoikovStates& states) -> std::string {
    try {
      fit_stoikov(quotes.all(), states);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::config);
      return error.what();
    }
    return "nothing";
  };
  Quotes still;
  for (int i = 0; i < 5; ++i) still.add(100.0, 0.75);
  EXPECT_EQ(problem(still, {.tick = 1.0}), "stoikov fit: expected quotes whose middle moves, was none");
  EXPECT_THAT(problem(still, {.imbalances = 100, .spreads = 6, .tick = 1.0}), ::testing::HasSubstr("at most 500"));
  EXPECT_THAT(problem(still, {}), ::testing::HasSubstr("a tick above 0"));
  Quotes rising;  // each side keeps to itself, so that the moves never meet
  for (int i = 0; i < 5; ++i) rising.add(100.0 + i, 0.75);
  EXPECT_THAT(problem(rising, {.imbalances = 2, .spreads = 1, .tick = 1.0}), ::testing::HasSubstr("die out"));
}

}  // namespace
}  // namespace millrace::testing
