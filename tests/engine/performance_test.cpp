#include "millrace/engine/performance.h"

#include <cmath>

#include <gtest/gtest.h>

#include "millrace/engine/report_html.h"
#include "millrace/engine/report_json.h"

namespace millrace {

namespace {

constexpr Nanos minute = 60 * one_second;

RunResult run_of(const std::vector<double>& equity, Nanos step = minute) {
  RunResult run{
      .strategy = "test", .title = "Test", .asset = "USD", .capital = equity.empty() ? 100.0 : equity.front()};
  run.equity_step = step;
  for (std::size_t i = 0; i < equity.size(); ++i)
    run.equity.push_back({.ts = static_cast<Nanos>(i) * step, .equity = equity[i]});
  return run;
}

RoundTrip trade_of(double pnl, double fees, Nanos entered, Nanos left) {
  return {.instrument = 0, .entered = entered, .left = left, .notional = 1'000.0, .pnl = pnl, .fees = fees};
}

TEST(ReturnFigures, AreTheirDefinitions) {
  const std::vector<double> returns{0.01, -0.02, 0.03, 0.0, -0.01};
  const ReturnFigures figures = measure_returns(returns, 365.0);
  // By hand: mean 0.002; squared deviations sum to 0.00148.
  EXPECT_DOUBLE_EQ(figures.mean, 0.002);
  EXPECT_DOUBLE_EQ(figures.sd, std::sqrt(0.00148 / 4.0));
  EXPECT_NEAR(figures.sharpe, 0.002 / std::sqrt(0.00148 / 4.0) * std::sqrt(365.0), 1e-12);
  EXPECT_NEAR(figures.sortino, 0.002 / std::sqrt(0.0005 / 5.0) * std::sqrt(365.0), 1e-12);
  EXPECT_NEAR(figures.omega, 0.04 / 0.03, 1e-12);
  EXPECT_NEAR(figures.gain_to_pain, 0.01 / 0.03, 1e-12);
  EXPECT_NEAR(figures.var95, -0.02 + 0.2 * 0.01, 1e-12);
  EXPECT_NEAR(figures.cvar95, -0.02, 1e-12);
  EXPECT_NEAR(figures.tail_ratio, 0.026 / 0.018, 1e-12);
  EXPECT_DOUBLE_EQ(figures.gaining, 0.4);
  EXPECT_DOUBLE_EQ(figures.losing, 0.4);
}

TEST(ReturnFigures, OfQuantstatsAreTheirDefinitions) {
  const ReturnFigures figures = measure_returns(std::vector<double>{0.01, -0.02, 0.03, 0.0, -0.01}, 365.0);
  // By hand: gains 0.04 in two periods, losses 0.03 in two; neighbours of 0.008, -0.022, 0.028, -0.002, -0.012 from
  // their mean make -0.000824; of 1,000 squares 1.48.
  EXPECT_NEAR(figures.outlier_win, (0.01 + 0.96 * 0.02) / (0.04 / 3.0), 1e-12);
  EXPECT_NEAR(figures.outlier_loss, (0.02 - 0.04 * 0.01) / 0.015, 1e-12);
  EXPECT_NEAR(figures.cpc_index, 4.0 / 3.0 * 0.5 * (0.02 / 0.015), 1e-12);
  EXPECT_NEAR(figures.common_sense_ratio, 4.0 / 3.0 * (0.026 / 0.018), 1e-12);
  EXPECT_NEAR(figures.risk_of_ruin, std::pow(0.5 / 1.5, 5.0), 1e-12);
  const double rho = 0.824 / 1.48;
  EXPECT_NEAR(figures.autocorrelation, -rho, 1e-12);
  double sum = 0.0;
  for (int k = 1; k < 5; ++k) sum += (5.0 - k) / 5.0 * std::pow(rho, k);
  EXPECT_NEAR(figures.autocorrelation_penalty, std::sqrt(1.0 + 2.0 * sum), 1e-12);
  EXPECT_NEAR(figures.smart_sharpe, figures.sharpe / std::sqrt(1.0 + 2.0 * sum), 1e-12);
  EXPECT_NEAR(figures.smart_sortino, figures.sortino / std::sqrt(1.0 + 2.0 * sum), 1e-12);
}

TEST(ReturnFigures, ErrorOfTheSharpeRatioIsLosForNormalMoments) {
  ReturnFigures figures = measure_returns(std::vector<double>{1.0, -1.0, 2.0, -1.5, 0.5, 0.25}, 1.0);
  const double n = 6.0, sharpe = figures.sharpe;
  EXPECT_NEAR(figures.sharpe_error_normal, std::sqrt((1.0 + 0.5 * sharpe * sharpe) / (n - 1.0)), 1e-14);
  const double wide = 1.0 - figures.skew * sharpe + 0.25 * (figures.kurtosis + 2.0) * sharpe * sharpe;
  EXPECT_NEAR(figures.sharpe_error, std::sqrt(wide / (n - 1.0)), 1e-14);
  EXPECT_NEAR(figures.probabilistic_sharpe, 0.5 * std::erfc(-sharpe / figures.sharpe_error / std::sqrt(2.0)), 1e-14);
}

TEST(ReturnFigures, AreNotDefinedWithoutSpread) {
  for (const auto& returns : {std::vector<double>{}, {0.1}, {0.1, 0.1}, {0.0, 0.0, 0.0, 0.0}, {0.1, 0.1, 0.1, 0.1}}) {
    const ReturnFigures figures = measure_returns(returns, 365.0);
    EXPECT_TRUE(std::isnan(figures.sharpe));
    EXPECT_TRUE(std::isnan(figures.sharpe_error));
    EXPECT_TRUE(std::isnan(figures.omega));
    EXPECT_TRUE(std::isnan(figures.sortino));
    EXPECT_TRUE(std::isnan(figures.smart_sharpe));
    EXPECT_TRUE(std::isnan(figures.smart_sortino));
    EXPECT_TRUE(std::isnan(figures.autocorrelation_penalty));
    EXPECT_TRUE(std::isnan(figures.cpc_index));
    EXPECT_TRUE(std::isnan(figures.common_sense_ratio));
    EXPECT_TRUE(std::isnan(figures.outlier_loss));
    EXPECT_TRUE(std::isnan(probability_above(figures, 0.0)));
  }
}

TEST(DeflatedSharpe, IsThePaperExample) {
  // Bailey, López de Prado (2014), "A numerical example": 100 trials, annual Sharpe variance 1/2, 1,250 days of 250 a
  // year, skewness -3, kurtosis 10, Sharpe 2.5 a year: the luckiest has 0.1132 a day, and the deflated ratio is 0.9004.
  std::vector<double> sharpes;  // with a sample variance of 1/2
  for (int i = 0; i < 100; ++i) sharpes.push_back(i % 2 == 0 ? std::sqrt(0.5 * 0.99) : -std::sqrt(0.5 * 0.99));
  const double luck = sharpe_by_luck(100, sharpes);
  EXPECT_NEAR(luck / std::sqrt(250.0), 0.1132, 5e-5);
  ReturnFigures figures{.count = 1'250, .per_year = 250.0, .skew = -3.0, .kurtosis = 7.0, .sharpe = 2.5};
  EXPECT_NEAR(probability_above(figures, luck), 0.9004, 5e-5);
  EXPECT_EQ(sharpe_by_luck(1, {}), 0.0);
  EXPECT_TRUE(std::isnan(sharpe_by_luck(50, {})));
}

TEST(Drawdowns, KnowDepthSpanAndRecovery) {
  const RunResult run = run_of({100.0, 110.0, 99.0, 104.5, 110.0, 121.0, 115.0, 118.0});
  const DrawdownFigures figures = measure_drawdowns(run.equity, run.capital);
  EXPECT_NEAR(figures.deepest, 0.1, 1e-12);
  EXPECT_NEAR(figures.deepest_money, 11.0, 1e-12);
  EXPECT_EQ(figures.deepest_from, 1 * minute);
  EXPECT_EQ(figures.deepest_at, 2 * minute);
  EXPECT_EQ(figures.recovered, 4 * minute);
  EXPECT_EQ(figures.longest, 3 * minute);
  EXPECT_EQ(figures.episodes, 2U);
  EXPECT_NEAR(figures.average, (0.1 + 6.0 / 121.0) / 2.0, 1e-12);
  EXPECT_NEAR(figures.under_water, 4.0 / 8.0, 1e-12);
  EXPECT_NEAR(figures.cdar95, 0.1, 1e-12) << "of eight depths one is at or beyond the 95 % quantile";
}

TEST(Drawdowns, OfTheEndAreNotRecovered) {
  const RunResult run = run_of({100.0, 90.0, 80.0, 95.0});
  const DrawdownFigures figures = measure_drawdowns(run.equity, run.capital);
  EXPECT_NEAR(figures.deepest, 0.2, 1e-12);
  EXPECT_EQ(figures.recovered, no_time);
  EXPECT_EQ(figures.longest, 3 * minute);
}

TEST(TradeFigures, AreTheirDefinitions) {
  const std::vector<RoundTrip> trades{trade_of(11.0, 1.0, 0, 60 * one_second),
                                      trade_of(-4.0, 1.0, 0, 120 * one_second),
                                      trade_of(-4.0, 1.0, 0, 180 * one_second),
                                      trade_of(1.0, 1.0, 0, 240 * one_second),
                                      {.is_open = true, .pnl = 1e6}};
  const TradeFigures figures = measure_trades(trades);
  EXPECT_EQ(figures.count, 4U);
  EXPECT_EQ(figures.open, 1U);
  EXPECT_EQ(figures.wins, 1U);
  EXPECT_EQ(figures.losses, 2U);
  EXPECT_EQ(figures.draws, 1U);
  EXPECT_EQ(figures.longest_losses, 2U);
  EXPECT_DOUBLE_EQ(figures.hit_rate, 0.25);
  EXPECT_DOUBLE_EQ(figures.profit_factor, 1.0);
  EXPECT_DOUBLE_EQ(figures.expectancy, 0.0);
  EXPECT_DOUBLE_EQ(figures.payoff, 2.0);
  EXPECT_DOUBLE_EQ(figures.expectancy_ratio, 3.0 * 0.25 - 1.0);
  EXPECT_DOUBLE_EQ(figures.kelly, 0.25 - 0.75 / 2.0);
  EXPECT_DOUBLE_EQ(figures.average_hold_s, 150.0);
  EXPECT_DOUBLE_EQ(figures.winners_hold_s, 60.0);
  EXPECT_DOUBLE_EQ(figures.average_return_bps, 0.0);
  EXPECT_DOUBLE_EQ(figures.median_return_bps, -25.0);
}

TEST(TradeFigures, WithoutALossHaveNoProfitFactor) {
  const TradeFigures figures = measure_trades(std::vector<RoundTrip>{trade_of(2.0, 1.0, 0, one_second)});
  EXPECT_DOUBLE_EQ(figures.hit_rate, 1.0);
  EXPECT_DOUBLE_EQ(figures.hit_rate_error, std::sqrt(0.6 * 0.4 / 5.0)) << "one trade proves little";
  EXPECT_TRUE(std::isnan(figures.profit_factor));
  EXPECT_TRUE(std::isnan(figures.payoff));
  EXPECT_TRUE(std::isnan(figures.sqn));
}

TEST(Performance, AddsUpFromTheEquity) {
  RunResult run = run_of({100.0, 101.0, 103.0});
  run.equity.back().fees = 2.0;
  run.equity.back().funding = -0.5;
  run.equity.back().borrow = -0.25;
  run.symbols.push_back({.symbol = "BTC-USD", .turnover = 600.0, .spread_cost = 0.1});
  const Performance all = measure_performance(run);
  EXPECT_DOUBLE_EQ(all.net, 3.0);
  EXPECT_DOUBLE_EQ(all.gross, 3.0 + 2.0 + 0.5 + 0.25);
  EXPECT_DOUBLE_EQ(all.total_return, 0.03);
  EXPECT_DOUBLE_EQ(all.return_over_trade, 3.0 / 600.0);
  EXPECT_TRUE(std::isnan(all.cagr)) << "two minutes say nothing of a year";
  EXPECT_EQ(all.steps.count, 2U);
}

TEST(Performance, TakesAShortLastStepForMoneyButNotForASharpeRatio) {
  RunResult run = run_of({100.0, 101.0, 103.0, 102.0});
  run.equity.push_back({.ts = run.equity.back().ts + one_second, .equity = 110.0});
  const Performance all = measure_performance(run);
  EXPECT_EQ(all.steps.count, 3U);
  EXPECT_DOUBLE_EQ(all.net, 10.0);
}

TEST(Performance, GivesAStepToTheDayAndHourInWhichItStarts) {
  RunResult run = run_of({});
  const Nanos monday = 4 * one_day;  // 1970-01-05
  run.capital = 100.0;
  run.equity = {{.ts = monday - minute, .equity = 100.0},
                {.ts = monday, .equity = 101.0},
                {.ts = monday + minute, .equity = 99.0}};
  const Performance all = measure_performance(run);
  ASSERT_EQ(all.by_day.size(), 2U);
  EXPECT_EQ(all.by_day[0].start, monday - one_day);
  EXPECT_DOUBLE_EQ(all.by_day[0].pnl, 1.0);
  EXPECT_DOUBLE_EQ(all.by_day[1].pnl, -2.0);
  EXPECT_DOUBLE_EQ(all.by_hour[6][23].pnl, 1.0);
  EXPECT_DOUBLE_EQ(all.by_hour[0][0].pnl, -2.0);
}

TEST(Performance, AddsDaysUpToMonths) {
  RunResult run = run_of({100.0});
  const Nanos leap_day = 19'782 * one_day;  // 2024-02-29
  run.equity = {{.ts = leap_day - one_day, .equity = 100.0},
                {.ts = leap_day, .equity = 110.0},
                {.ts = leap_day + one_day, .equity = 99.0},
                {.ts = leap_day + 2 * one_day, .equity = 198.0}};
  const Performance all = measure_performance(run);
  ASSERT_EQ(all.by_month.size(), 2U);
  EXPECT_EQ(all.by_month[0].start, leap_day - 28 * one_day);
  EXPECT_DOUBLE_EQ(all.by_month[0].equity, 100.0);
  EXPECT_DOUBLE_EQ(all.by_month[0].pnl, -1.0);
  EXPECT_EQ(all.by_month[0].steps, 2U);
  EXPECT_EQ(all.by_month[1].start, leap_day + one_day);
  EXPECT_DOUBLE_EQ(all.by_month[1].pnl, 99.0);
  EXPECT_NE(report_json(run, all).find(R"("by_month":[{"month":"2024-02","pnl":-1,"return":-0.01},)"),
            std::string::npos);
}

TEST(Performance, SerenityWeighsTheDeepestPartOfTheDrawdowns) {
  const Performance all = measure_performance(run_of({100.0, 110.0, 99.0, 104.5, 110.0, 121.0, 115.0, 118.0}));
  EXPECT_NEAR(all.serenity, 0.18 / (all.drawdown.ulcer * 0.1 / all.steps.volatility), 1e-9);
  EXPECT_TRUE(std::isnan(measure_performance(run_of({100.0, 101.0, 103.0, 104.0})).serenity)) << "without a drawdown";
}

TEST(Report, OfARunWithoutAnythingHasNoNumberThatIsNone) {
  for (const auto& equity :
       {std::vector<double>{}, {100.0}, {100.0, 100.0, 100.0, 100.0}, {100.0, 0.0, 0.0}, {0.0, 0.0}}) {
    const RunResult run = run_of(equity);
    const std::string json = report_json(run, measure_performance(run));
    EXPECT_EQ(json.find(":nan"), std::string::npos);
    EXPECT_EQ(json.find("inf"), std::string::npos);
    EXPECT_NE(json.find("\"sharpe\":null"), std::string::npos);
  }
}

TEST(Report, KeepsTextFromOutsideText) {
  RunResult run = run_of({100.0, 101.0});
  run.title = "</title><script>alert(1)</script>";
  run.notes.emplace_back("<!-- </script><script>alert(2)</script>");
  run.symbols.push_back({.symbol = "<script>alert(3)</script>"});
  const std::string page = report_html(run, measure_performance(run));
  EXPECT_EQ(page.find("<script>alert"), std::string::npos);
  EXPECT_NE(page.find("&lt;script&gt;alert(1)"), std::string::npos);
  EXPECT_NE(page.find("\\u003cscript>alert(3)"), std::string::npos);
  EXPECT_NE(page.find("script-src 'sha256-"), std::string::npos);
}

TEST(Report, DrawsLongSeriesFromTheirExtremes) {
  std::vector<double> equity(100'000, 100.0);
  equity[54'321] = 250.0;
  equity[76'543] = 50.0;
  const RunResult run = run_of(equity);
  const std::string page = report_html(run, measure_performance(run));
  EXPECT_LT(page.size(), 1'500'000U);
  const std::string_view drawn = std::string_view(page).substr(page.find("\"series\""));
  EXPECT_NE(drawn.find(",250,"), std::string_view::npos);
  EXPECT_NE(drawn.find(",50,"), std::string_view::npos);
  EXPECT_EQ(report_html(run, measure_performance(run)), page);
}

}  // namespace

}  // namespace millrace
