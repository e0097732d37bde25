#include "millrace/engine/research.h"

#include <filesystem>

#include <arrow/io/file.h>
#include <arrow/table.h>
#include <gtest/gtest.h>
#include <parquet/arrow/reader.h>
#include <unistd.h>

#include "millrace/base/error.h"
#include "millrace/engine/config.h"
#include "millrace/engine/simulate.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

class ResearchPipeline : public ::testing::Test {
 protected:
  ResearchPipeline() { fs::create_directories(folder_); }
  ~ResearchPipeline() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  static OpenSource market(std::uint64_t rows) {
    return [rows](Instruments& instruments, Ledger&) {
      return std::make_unique<SimulatedMarket>(SimulatedMarket::Options{.rows = rows, .symbols = 5, .seed = 3},
                                               instruments);
    };
  }
  ResearchResult run(const std::string& name, std::size_t threads, const OpenSource& open) const {
    const ResearchOptions options{.output = path(name), .threads = threads, .has_progress = false};
    return run_research(options, make_cross_plan(load_profile("listed-36")), open);
  }
  std::shared_ptr<arrow::Table> table(const std::string& name) const {
    auto file = arrow::io::ReadableFile::Open(path(name)).ValueOrDie();
    auto reader = parquet::arrow::OpenFile(file, arrow::default_memory_pool()).ValueOrDie();
    return reader->ReadTable().ValueOrDie();
  }

 private:
  fs::path folder_ = fs::temp_directory_path() / ("millrace-" + std::to_string(::getpid()));
};

/// Gives two chunks of a market, then fails.
class BreakingSource final : public Source {
 public:
  explicit BreakingSource(Instruments& instruments) : market_({.rows = 1'000'000, .symbols = 3}, instruments) {}
  bool next(Chunk& chunk) override {
    if (++chunks_ > 2) fail(Fault::input, "the cable is cut");
    return market_.next(chunk);
  }
  ColumnSet columns() const override { return market_.columns(); }
  std::vector<SourceFile> files() const override { return market_.files(); }
  double progress() const override { return 0.5; }

 private:
  SimulatedMarket market_;
  int chunks_ = 0;
};

TEST_F(ResearchPipeline, ThreadsDoNotShowInTheOutput) {
  const ResearchResult one = run("one.parquet", 1, market(200'000));
  const ResearchResult three = run("three.parquet", 3, market(200'000));
  EXPECT_EQ(one.rows, 200'000U);
  EXPECT_EQ(one.summary.to_json(), three.summary.to_json());
  EXPECT_EQ(one.ledger.to_json(), three.ledger.to_json());
  EXPECT_TRUE(table("one.parquet")->Equals(*table("three.parquet")));
}

TEST_F(ResearchPipeline, AFailingStageEndsTheRunAndLeavesNothing) {
  try {
    run("never.parquet", 2,
        [](Instruments& instruments, Ledger&) { return std::make_unique<BreakingSource>(instruments); });
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "the cable is cut");
  }
  EXPECT_FALSE(fs::exists(path("never.parquet")));
  EXPECT_FALSE(fs::exists(path("never.parquet.partial")));
}

TEST_F(ResearchPipeline, AMarketWithoutRowsLeavesAFileWithColumns) {
  const ResearchOptions options{.output = path("empty.parquet"), .from = 1, .to = 2, .has_progress = false};
  const ResearchResult result = run_research(options, make_cross_plan(load_profile("compat-27")), market(1000));
  EXPECT_EQ(result.rows, 0U);
  EXPECT_EQ(result.ledger.total(Consequence::filtered), 1000U);
  EXPECT_EQ(table("empty.parquet")->num_rows(), 0);
  EXPECT_EQ(table("empty.parquet")->num_columns(), 7 + 27);
}

}  // namespace
}  // namespace millrace
