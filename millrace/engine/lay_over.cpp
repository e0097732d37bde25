#include "millrace/engine/lay_over.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "millrace/engine/config.h"

namespace millrace {

namespace {

/// Puts definitions after those of `below`, or in the place of those of the same name.
void lay_over(std::vector<Definition>& below, std::vector<Definition> above) {
  std::map<std::string, std::size_t, std::less<>> places;
  for (std::size_t i = 0; i < below.size(); ++i) places.emplace(below[i].name, i);
  for (Definition& definition : above) {
    if (const auto at = places.find(definition.name); at != places.end()) {
      below[at->second] = std::move(definition);
    } else {
      below.push_back(std::move(definition));
    }
  }
}

}  // namespace

void put_leg(std::vector<Leg>& legs, Leg leg) {
  const auto at = std::find_if(legs.begin(), legs.end(), [&](const Leg& one) { return one.name == leg.name; });
  if (at == legs.end()) {
    legs.push_back(std::move(leg));
  } else {
    *at = std::move(leg);
  }
}

void make_names(FeatureSet& base) {
  for (Definition& feature : base.features) {
    feature.is_used = true;
    base.lets.push_back(std::move(feature));
  }
  base.features.clear();
}

void extend(FeatureSet& base, FeatureSet file) {
  std::set<std::string_view> names;
  for (const Definition& feature : file.features) names.insert(feature.name);
  std::erase_if(base.lets, [&](const Definition& let) { return names.contains(let.name); });
  for (const Definition& feature : base.features) names.insert(feature.name);
  std::erase_if(file.lets, [&](const Definition& let) { return let.is_used && names.contains(let.name); });
  lay_over(base.features, std::move(file.features));
  lay_over(base.lets, std::move(file.lets));
  for (Leg& leg : file.legs) put_leg(base.legs, std::move(leg));
  for (VenueCosts& venue : file.venues) {
    std::erase_if(base.venues, [&](const VenueCosts& one) { return one.name == venue.name; });
    base.venues.push_back(std::move(venue));
  }
  if (file.tolerance > 0) base.tolerance = file.tolerance;
}

FeatureSet combine(FeatureSet profile, FeatureSet file) {
  if (file.is_replacement) return file;
  profile.name = fmt::format("{}+{}", profile.name, file.name);
  profile.file = file.file;
  extend(profile, std::move(file));
  return profile;
}

}  // namespace millrace
