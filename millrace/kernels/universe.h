#pragma once

#include <memory>
#include <vector>

#include "millrace/base/bytes.h"
#include "millrace/kernels/kernel.h"

namespace millrace {

/// Numbers of a universe's members: instruments, in the order of their first rows.
using MemberId = std::uint32_t;

/// Which members a row is compared with.
enum class Peers : std::uint8_t { all, quote_asset, symbol };

/// A kernel over all instruments at once. Rows come in the order of the merged input; each answers for its own
/// instrument. Its state grows with the members.
class Universe {
 public:
  virtual ~Universe() = default;

  /// `group` is the number of the members that the row is compared with, `clock` the greatest ts_event so far of any
  /// member, `in` the row's values by input (NaN = null), `out` its outputs.
  virtual void observe(MemberId member, std::uint32_t group, Nanos clock, const double* in, double* out) = 0;

  virtual void save(ByteWriter& out) const = 0;
  /// False where the bytes are no state of this kernel; what was known before is lost then.
  virtual bool load(ByteReader& in) = 0;
};

/// One row of the registry of universe kernels. `info` has no forms.
struct UniverseKernel {
  KernelInfo info;
  Peers peers = Peers::all;
  std::unique_ptr<Universe> (*make)(const void* params) = nullptr;
};

std::span<const UniverseKernel> universe_kernels();
const UniverseKernel* find_universe_kernel(std::string_view name);

}  // namespace millrace
