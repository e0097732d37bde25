#include "millrace/engine/config.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "millrace/base/error.h"
#include "millrace/graph/cross_plan.h"
#include "millrace/graph/expression.h"

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> names_of(const std::vector<Definition>& list) {
  std::vector<std::string> names;
  names.reserve(list.size());
  for (const Definition& definition : list) names.push_back(definition.name);
  return names;
}

template <class F>
std::string error_of(F&& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::config);
    return error.what();
  }
  ADD_FAILURE() << "expected an error";
  return {};
}

std::string error_of_text(const std::string& text) {
  return error_of([&] { parse_feature_text(text, "my.toml"); });
}

/// A folder of its own that goes away with the test.
class Folder {
 public:
  Folder() {
    path_ = std::filesystem::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

// ---- Profiles -----------------------------------------------------------------------------------------------------

TEST(Profiles, EveryFeatureHasUnitAndWarmup) {
  for (const std::string& name : profile_names()) {
    for (const Definition& feature : load_profile(name).features) {
      EXPECT_FALSE(feature.unit.empty() || feature.warmup.empty()) << name << " " << feature.name;
    }
  }
}

TEST(Profiles, EachBecomesAPlan) {
  for (const std::string& name : profile_names()) {
    const FeatureSet set = load_profile(name);
    const auto plan = make_cross_plan(set).all;
    EXPECT_EQ(plan->features.size(), set.features.size()) << name;
  }
}

TEST(Profiles, NamesAreSorted) {
  const auto names = profile_names();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_THAT(names, testing::IsSupersetOf({"compat-27", "default-100", "listed-36"}));
}

TEST(Profiles, AnUnknownOneNamesTheNearest) {
  const std::string error = error_of([] { load_profile("listed36"); });
  EXPECT_THAT(error, HasSubstr("was `listed36` (did you mean `listed-36`?)"));
  EXPECT_THAT(error, HasSubstr("compat-27"));
}

// ---- Reading ------------------------------------------------------------------------------------------------------

TEST(FeatureFile, KeepsTheOrderOfTheFile) {
  const FeatureSet set = parse_feature_text(
      "name = 'mine'\n[features]\nzeta = 'price'\nalpha = 'bid'\nmid = { warmup = 'row 1', expression = 'ask', unit = "
      "'px' }\n[let]\nb = '1'\na = '2'\n",
      "my.toml");
  EXPECT_EQ(set.name, "mine");
  EXPECT_EQ(set.file, "my.toml");
  EXPECT_THAT(names_of(set.features), ElementsAre("zeta", "alpha", "mid"));
  EXPECT_THAT(names_of(set.lets), ElementsAre("b", "a"));
  EXPECT_EQ(set.features[2].expression, "ask");
  EXPECT_EQ(set.features[2].unit, "px");
  EXPECT_EQ(set.features[2].warmup, "row 1");
}

TEST(FeatureFile, IsNamedAfterItsFileWhereItGivesNoName) {
  EXPECT_EQ(parse_feature_text("[features]\na = 'price'\n", "folder/fast.toml").name, "fast");
}

TEST(FeatureFile, KnowsWhereEachExpressionBegins) {
  const FeatureSet set = parse_feature_text(
      "\xEF\xBB\xBF[features]\r\na = \"price\"\r\nb = { unit = \"\xCF\x83\", expression = 'bid' }\nc = '''ask'''\n"
      "d = \"\"\"\n  price\n+ bid\"\"\"\ne = \"\"\"\r\nask\"\"\"\n",
      "my.toml");
  using Place = std::pair<std::size_t, std::size_t>;
  std::vector<Place> places;
  for (const Definition& feature : set.features) places.emplace_back(feature.line, feature.column);
  EXPECT_THAT(places, ElementsAre(Place(2, 6), Place(3, 33), Place(4, 8), Place(6, 1), Place(9, 1)));
}

TEST(FeatureFile, AWrongExpressionIsShownInTheFile) {
  const FeatureSet set =
      parse_feature_text("[features]\ngood = 'price'\nbad = { expression = 'price + ' }\n", "my.toml");
  EXPECT_THAT(error_of([&] { make_plan(set); }), HasSubstr("my.toml:3:31: `bad`: expected a value, was the end"));
}

TEST(FeatureFile, ExtendsAProfile) {
  const FeatureSet set = parse_feature_text(
      "extends = 'compat-27'\n[features]\nnew = 'price'\nzscore = 'bid'\n[let]\nx = '1'\n", "my.toml");
  ASSERT_EQ(set.features.size(), 28U);
  EXPECT_EQ(set.name, "my");
  EXPECT_EQ(set.features[2].name, "zscore");
  EXPECT_EQ(set.features[2].expression, "bid");
  EXPECT_EQ(set.features[2].file, "my.toml");
  EXPECT_EQ(set.features[3].file, "<embedded compat-27.toml>");
  EXPECT_EQ(set.features[27].name, "new");
  EXPECT_THAT(names_of(set.lets), ElementsAre("x"));
}

TEST(FeatureFile, ExtendsAFileBesideIt) {
  const Folder folder;
  folder.write("base.toml", "[features]\na = 'price'\nb = 'bid'\n");
  const std::string path = folder.write("top.toml", "extends = './base.toml'\n[features]\na = 'ask'\nc = 'price'\n");
  const FeatureSet set = read_feature_file(path);
  EXPECT_THAT(names_of(set.features), ElementsAre("a", "b", "c"));
  EXPECT_EQ(set.features[0].expression, "ask");
}

TEST(FeatureFile, MayAddNothingToWhatItExtends) {
  EXPECT_EQ(parse_feature_text("extends = 'compat-27'", "my.toml").features.size(), 27U);
}

TEST(FeatureFile, AFeatureTakesThePlaceOfALetOfItsName) {
  const FeatureSet set = combine(load_profile("listed-36"),
                                 parse_feature_text("[features]\ntrade_sign = 'sign(price - bid)'\n", "my.toml"));
  EXPECT_TRUE(set.lets.empty());
  EXPECT_EQ(set.features.size(), 37U);
  EXPECT_EQ(set.features[36].name, "trade_sign");
}

TEST(FeatureFile, ExtendsTheProfileItIsUsedBeside) {
  const FeatureSet set =
      combine(load_profile("compat-27"), parse_feature_text("[features]\newma = 'price'\nmine = 'bid'\n", "my.toml"));
  ASSERT_EQ(set.features.size(), 28U);
  EXPECT_EQ(set.name, "compat-27+my");
  EXPECT_EQ(set.features[1].expression, "price");
  EXPECT_EQ(set.features[27].name, "mine");
}

TEST(FeatureFile, ReplacesTheProfileIfItSaysSo) {
  const FeatureSet set =
      combine(load_profile("compat-27"), parse_feature_text("mode = 'replace'\n[features]\nmine = 'bid'\n", "my.toml"));
  EXPECT_EQ(set.name, "my");
  EXPECT_THAT(names_of(set.features), ElementsAre("mine"));
}

// ---- Errors -------------------------------------------------------------------------------------------------------

struct Wrong {
  std::string text, message;
};

TEST(FeatureFile, SaysWhereWhatWasExpectedAndWhatWasFound) {
  const std::vector<Wrong> cases{
      {"[features\n", "my.toml:1:10: expected TOML: "},
      {"[features]\na = 33\xCD\x8D\n", "my.toml:2:"},
      {"[features]\n\xEF\xBB\x95 = 'price'\n", "my.toml:2:1: expected TOML: "},
      {"[&e@. az=a'\n", "my.toml:1:2: expected TOML: "},
      {"[features]\na = 'price'\na = 'bid'\n", "my.toml:3:"},
      {"featuers = 1\n",
       "my.toml:1:1: key `featuers`: expected one of name, extends, uses, mode, tolerance, legs, venues, let, "
       "features, was "
       "`featuers` (did you mean `features`?)"},
      {"[features]\na = { expresion = 'price' }\n",
       "my.toml:2:7: key `expresion`: expected one of expression, unit, warmup, was `expresion` (did you mean "
       "`expression`?)"},
      {"[features]\na = { unit = 'px' }\n", "my.toml:2:1: key `a`: expected an `expression`, was none"},
      {"[features]\na = 1.5\n", "my.toml:2:1: key `a`: expected an expression, was a number"},
      {"[features]\na = ['price']\n", "my.toml:2:1: key `a`: expected an expression, was an array"},
      {"[features]\na = { expression = 3 }\n",
       "my.toml:2:7: key `expression`: expected an expression, was a whole number"},
      {"[features]\na = { expression = 'price', unit = true }\n",
       "my.toml:2:29: key `unit`: expected a text, was true or false"},
      {"[let]\nx = { expression = '1' }\n[features]\na = 'price'\n",
       "my.toml:2:1: key `x`: expected an expression, was a table"},
      {"features = 'price'\n", "my.toml:1:1: key `features`: expected a table, was a text"},
      {"name = 7\n[features]\na = 'price'\n", "my.toml:1:1: key `name`: expected a name, was a whole number"},
      {"[features]\na = ' '\n", "my.toml:2:1: key `a`: expected an expression, was empty"},
      {"", "my.toml:1:1: key `features`: expected at least one feature, was none"},
      {"[features]\n", "my.toml:1:1: key `features`: expected at least one feature, was none"},
      {"[features]\n'9a' = 'price'\n", "my.toml:2:1: key `9a`: expected a name of letters, digits and _"},
      {"[features]\n'a b' = 'price'\n", R"(was "a b")"},
      {"[features]\n'' = 'price'\n", R"(was "")"},
      {"mode = 'append'\n[features]\na = 'price'\n",
       R"(my.toml:1:1: key `mode`: expected extend or replace, was "append")"},
      {"extends = 'listed-63'\n", "my.toml:1:1: key `extends`: expected one of "},
      {"extends = 'listed-63'\n", "was `listed-63` (did you mean `listed-36`?)"},
      {"extends = 'no/such.toml'\n",
       "my.toml:1:1: key `extends`: expected a feature file, was no/such.toml: cannot be"},
      {"extends = ''\n", "my.toml:1:1: key `extends`: expected a profile or a path, was empty"},
      {"[features]\na = '" + std::string(longest_expression + 1, '1') + "'\n",
       "my.toml:2:1: key `a`: expected an expression of at most 65536 characters, was 65537"},
      {"[features]\n" + std::string(201, 'a') + " = 'price'\n", "at most 200 characters"},
      {"x" + std::string(100'000, '.') + " = 1", "my.toml:1:1: expected at most 64 dots, were more"},
      {std::string(longest_feature_file + 1, '\n'), "my.toml: expected at most 1048576 bytes, was 1048577"},
  };
  for (const Wrong& wrong : cases) {
    EXPECT_THAT(error_of_text(wrong.text), HasSubstr(wrong.message)) << wrong.text.substr(0, 200);
  }
}

TEST(FeatureFile, SaysAllThatIsWrongAtOnce) {
  const std::string error = error_of_text("nam = 1\nmode = 2\n[features]\na = 3\n'b c' = 'price'\n");
  EXPECT_EQ(std::count(error.begin(), error.end(), '\n'), 3);
  std::string many = "[features]\n";
  for (int i = 0; i < 100; ++i) many += "a" + std::to_string(i) + " = 1\n";
  EXPECT_THAT(error_of_text(many), HasSubstr("my.toml: and more"));
  EXPECT_THAT(error_of_text(many), Not(HasSubstr("`a51`")));
}

TEST(FeatureFile, DotsInsideExpressionsAreNotCounted) {
  std::string sum = "0.5";
  for (int i = 0; i < 100; ++i) sum += " + 0.5";
  EXPECT_NO_THROW(
      parse_feature_text("[features]\na = \"" + sum + "\"\nb = \"\"\"\n" + sum + "\n\"\"\" # .\n", "m.toml"));
}

TEST(FeatureFile, ThatExtendsItselfIsRefused) {
  const Folder folder;
  folder.write("a.toml", "extends = 'b.toml'\n[features]\na = 'price'\n");
  const std::string path = folder.write("b.toml", "extends = './a.toml'\n[features]\nb = 'price'\n");
  const std::string error = error_of([&] { read_feature_file(path); });
  EXPECT_THAT(error, HasSubstr("a.toml:1:1: key `extends`: expected a file that does not extend itself, was "));
}

TEST(FeatureFile, LongChainsAreRefused) {
  const Folder folder;
  for (int i = 0; i < 20; ++i) {
    folder.write(std::to_string(i) + ".toml", "extends = '" + std::to_string(i + 1) + ".toml'\n");
  }
  const std::string path = folder.write("first.toml", "extends = '0.toml'");
  EXPECT_THAT(error_of([&] { read_feature_file(path); }), HasSubstr("expected at most 16 files"));
}

TEST(FeatureFile, ThatIsMissingOrAFolderIsNamed) {
  EXPECT_THAT(error_of([] { read_feature_file("/no/such.toml"); }),
              HasSubstr("/no/such.toml: expected a feature file"));
  EXPECT_THAT(error_of([] { read_feature_file(testing::TempDir()); }), HasSubstr("is a folder"));
}

TEST(FeatureFile, AMessageFromWhatItExtendsNamesThatFile) {
  const Folder folder;
  folder.write("base.toml", "[features]\na = 'price +'\n");
  const FeatureSet set = read_feature_file(folder.write("top.toml", "extends = 'base.toml'\n[features]\nb = 'bid'\n"));
  EXPECT_THAT(error_of([&] { make_plan(set); }), HasSubstr("base.toml:2:13: `a`: "));
}

}  // namespace
}  // namespace millrace
