#pragma once

#include "millrace/io/layout.h"

namespace millrace {

/// The flat records that the predecessor's collectors wrote, one for each update of a venue's 24 hour ticker. They are
/// read for ever. Coinbase's open_24h and last_size are always null there, and not read.
extern const Layout coinbase_flat, kraken_flat, binance_flat;

}  // namespace millrace
