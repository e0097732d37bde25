#include "millrace/io/instrument_table.h"

#include <gmock/gmock.h>

#include "millrace/base/error.h"
#include "tests/io/files.h"

namespace millrace::tests {
namespace {

using ::testing::HasSubstr;

std::string error_of(const std::string& text) {
  const Folder folder;
  try {
    read_instrument_table(folder.write("instruments.csv", text));
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::input);
    return error.what();
  }
  return "no error";
}

TEST(InstrumentTable, ReadsTickSizesByCanonicalName) {
  const Folder folder;
  const std::string path =
      folder.write("instruments.csv",
                   "symbol,venue,tick_size,lot\nBTC-USD,coinbase,0.01,1\nXBT/USD,kraken,0.1,\nETH-USD,coinbase,,\n");
  const InstrumentTable table = read_instrument_table(path);
  ASSERT_EQ(table.size(), 3U);
  EXPECT_EQ(table.at("coinbase:BTC-USD").tick_size, 0.01);
  EXPECT_EQ(table.at("kraken:BTC-USD").tick_size, 0.1);
  EXPECT_EQ(table.at("coinbase:ETH-USD").tick_size, 0.0);
}

TEST(InstrumentTable, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(error_of(""), HasSubstr("expected a header with venue and symbol"));
  EXPECT_THAT(error_of("venue,symbol\n"), HasSubstr(":1: expected a column `tick_size`, were venue, symbol"));
  EXPECT_THAT(error_of("venue,symbol,tick_size\ncoinbase,BTC-USD\n"), HasSubstr(":2: expected 3 fields, were 2"));
  EXPECT_THAT(error_of("venue,symbol,tick_size\ncoinbase,BTC-USD,-1\n"), HasSubstr(":2: tick_size: expected a number"));
  EXPECT_THAT(error_of("venue,symbol,tick_size\ncoinbase,BTC-USD,1\ncoinbase,BTC-USD,1\n"),
              HasSubstr(":3: coinbase:BTC-USD stands there twice"));
}

}  // namespace
}  // namespace millrace::tests
