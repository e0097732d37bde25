#include <cstdio>

#include <fmt/format.h>

#include "millrace/base/checksum.h"
#include "tests/graph/every_kernel.h"
#include "tests/graph/random_rows.h"

/// Prints a hash of every feature's bits over the same rows, so that two compilers can be compared line by line.
int main() {
  using namespace millrace;
  using namespace millrace::testing;
  const Chunk rows = random_rows(20'000, 3, 42);
  for (const auto& plan : {plan_of_every_kernel(), plan_of_profile("listed-36"), plan_of_profile("default-100")}) {
    const Bits bits = answers(plan, rows, 777);
    for (std::size_t f = 0; f < plan->features.size(); ++f) {
      std::uint64_t hash = 0;
      for (const auto& row : bits)
        hash = fnv1a({reinterpret_cast<const char*>(&row[f]), sizeof row[f]}, hash ^ 0x9e3779b97f4a7c15U);
      fmt::print("{} {} {:016x}\n", plan->profile, plan->features[f].name, hash);
    }
  }
}
