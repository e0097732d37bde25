#pragma once

#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "millrace/chunk/door.h"
#include "millrace/chunk/source.h"
#include "millrace/engine/channel.h"
#include "millrace/engine/progress.h"
#include "millrace/engine/research.h"
#include "millrace/engine/symbol_filter.h"

namespace millrace {

/// Reads and checks rows on a thread of its own, a few chunks ahead of who takes them.
class TickReader {
 public:
  /// Of a chunk that several threads pass on through the caches.
  static constexpr std::size_t cached_rows = 16 * 1024;
  struct Options {
    std::vector<std::string> symbols;
    Nanos from = no_time, to = no_time;
    ColumnSet wanted;
    std::size_t most_rows = cached_rows;  // of a chunk
  };
  static constexpr std::size_t most_chunks = 4;

  TickReader(const Options& options, const OpenSource& open);
  ~TickReader();
  TickReader(const TickReader&) = delete;
  TickReader& operator=(const TickReader&) = delete;

  /// The next rows behind the door; false at the end. What `chunk` held is lost, its memory is used again. Throws what
  /// reading threw.
  bool next(Chunk& chunk);

  Instruments& instruments() { return instruments_; }
  const Instruments& instruments() const { return instruments_; }
  const Source& source() const { return *source_; }

  /// To be asked after the end.
  const Ledger& ledger() const { return ledger_; }
  const Door& door() const { return door_; }
  void complain_of_unmet() const { filter_.complain_of_unmet(); }
  const Counters& counters() const { return counters_; }

 private:
  void read();

  Options options_;
  Instruments instruments_;
  Ledger ledger_;
  std::unique_ptr<Source> source_;
  Door door_;
  SymbolFilter filter_;
  Counters counters_;
  Channel<Chunk> ready_{most_chunks};
  std::mutex mutex_;
  std::vector<Chunk> spare_;
  std::exception_ptr problem_;
  std::thread thread_;
};

}  // namespace millrace
