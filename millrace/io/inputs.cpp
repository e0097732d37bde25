#include "millrace/io/inputs.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <unordered_set>

#include <arrow/type.h>
#include <fmt/format.h>
#include <glob.h>

#include "millrace/base/error.h"
#include "millrace/chunk/merge.h"
#include "millrace/io/bar_source.h"
#include "millrace/io/csv_source.h"
#include "millrace/io/parquet_source.h"
#include "millrace/io/table_file.h"

namespace millrace {

namespace {

namespace fs = std::filesystem;

enum class Container : std::uint8_t { parquet, csv, gzip };

constexpr std::array<std::string_view, 6> data_suffixes{".parquet", ".parq", ".pq", ".csv", ".csv.gz", ".csv.gzip"};

bool is_data_file(const std::string& name) {
  return std::any_of(data_suffixes.begin(), data_suffixes.end(), [&](auto suffix) { return name.ends_with(suffix); });
}

/// Folders and files that start with a dot or an underscore belong to the tools that wrote the dataset.
bool is_hidden(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with('.') || name.starts_with('_');
}

void add_folder(const std::string& folder, std::vector<std::string>& files) {
  std::vector<std::string> found;
  std::error_code problem;
  fs::recursive_directory_iterator at(folder, fs::directory_options::follow_directory_symlink, problem);
  for (; !problem && at != fs::recursive_directory_iterator(); at.increment(problem)) {
    const bool is_folder = at->is_directory(problem);
    if (problem == std::errc::no_such_file_or_directory) problem.clear();  // a link that leads nowhere is no folder
    if (problem) break;
    if (is_hidden(at->path())) {
      if (is_folder) at.disable_recursion_pending();
    } else if (!is_folder && is_data_file(at->path().filename().string())) {
      found.push_back(at->path().string());
    }
  }
  if (problem) fail(Fault::input, "{}: the folder cannot be read ({})", folder, problem.message());
  if (found.empty()) {
    fail(Fault::input, "{}: the folder holds no data; expected files named *.parquet, *.csv or *.csv.gz", folder);
  }
  std::sort(found.begin(), found.end());
  files.insert(files.end(), found.begin(), found.end());
}

std::vector<std::string> matches_of(const std::string& pattern) {
  glob_t result{};
  const int status = ::glob(pattern.c_str(), 0, nullptr, &result);
  std::vector<std::string> paths;
  if (status == 0) paths.assign(result.gl_pathv, result.gl_pathv + result.gl_pathc);
  ::globfree(&result);
  if (paths.empty()) fail(Fault::input, "{}: no file has such a name", pattern);
  return paths;  // sorted
}

void add_path(const std::string& path, std::vector<std::string>& files) {
  std::error_code problem;
  const auto status = fs::status(path, problem);
  if (fs::is_directory(status)) return add_folder(path, files);
  if (fs::exists(status)) {
    files.push_back(path);
    return;
  }
  if (path.find_first_of("*?[") == std::string::npos) fail(Fault::input, "{}: there is no such file or folder", path);
  for (const std::string& match : matches_of(path)) {
    if (fs::is_directory(match)) {
      add_folder(match, files);
    } else {
      files.push_back(match);
    }
  }
}

/// By the first bytes; a text without NUL bytes is taken for CSV.
Container container_of(const std::string& path) {
  std::error_code problem;
  const auto status = fs::status(path, problem);
  if (fs::is_directory(status)) fail(Fault::input, "{}: expected a file, was a folder", path);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    fail(Fault::input, "{}: expected a file, was a device or a pipe", path);
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(Fault::input, "{}: cannot be opened ({})", path, std::strerror(errno));
  std::array<char, 4096> bytes{};
  file.read(bytes.data(), bytes.size());
  const std::string_view head(bytes.data(), static_cast<std::size_t>(file.gcount()));
  if (head.empty()) fail(Fault::input, "{}: the file is empty", path);
  if (head.starts_with("PAR1")) return Container::parquet;
  if (head.starts_with("\x1f\x8b")) return Container::gzip;
  if (head.find('\0') == std::string_view::npos) return Container::csv;
  std::string start;
  for (const char c : head.substr(0, 4)) start += fmt::format(" {:02x}", static_cast<unsigned char>(c));
  fail(Fault::input, "{}: is neither Parquet nor CSV nor gzip; it starts with bytes{}", path, start);
}

Nanos modified_of(const std::string& path) {
  std::error_code problem;
  const auto time = fs::last_write_time(path, problem);
  if (problem) return no_time;
  const auto since = std::chrono::file_clock::to_sys(time).time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

CsvInput csv_input(const std::string& path, Container container, std::uint16_t number) {
  auto consumed = std::make_shared<std::size_t>(0);
  ReadBytes bytes = read_file(path, consumed.get());
  if (container == Container::gzip) bytes = gunzip(std::move(bytes), path);
  return {.path = path, .bytes = bytes, .number = number, .size = fs::file_size(path), .consumed = consumed};
}

/// A file that was looked at.
struct InputFile {
  SourceFile about;
  Container container = Container::csv;
  std::uint16_t number = 0;
  ColumnSet columns;
  bool has_features = false;     // by its provenance
  Nanos starts_at = no_time;     // ts_event, where known
  std::optional<Nanos> ends_at;  // by a footer
  std::optional<BarTable> bars;  // of a file of bars
};

InputFile look_at(const std::string& path, Ledger& ledger) {
  InputFile file{.container = container_of(path), .number = ledger.add_source(path)};
  file.about.path = path;
  file.about.bytes = fs::file_size(path);
  file.about.modified = modified_of(path);
  if ((file.bars = look_at_bars(path))) {
    file.about.layout = "bars";
    file.starts_at = file.bars->starts_at;
    Instruments none;
    file.columns = open_bars(*file.bars, file.number, none, ledger)->columns();
    return file;
  }
  BoundLayout layout;
  if (file.container == Container::parquet) {
    ParquetFooter footer = read_parquet_footer(path);
    layout = std::move(footer.layout);
    if (footer.times) {
      file.starts_at = footer.times->first;
      file.ends_at = footer.times->second;
    }
    file.about.rows = footer.rows;
    file.has_features = std::any_of(footer.metadata.begin(), footer.metadata.end(), [](const auto& pair) {
      return pair.first == "millrace.schema" && pair.second.starts_with("features");
    });
  } else {
    CsvHead head = read_csv_head(csv_input(path, file.container, file.number));
    layout = std::move(head.layout);
    file.starts_at = head.first_event;
  }
  file.columns = layout.columns();
  file.about.layout = layout.layout->name;
  return file;
}

std::unique_ptr<Source> open_file(const InputFile& file, Instruments& instruments, Ledger& ledger) {
  if (file.bars) return open_bars(*file.bars, file.number, instruments, ledger);
  if (file.container == Container::parquet) return open_parquet(file.about.path, file.number, instruments, ledger);
  return open_csv(csv_input(file.about.path, file.container, file.number), instruments, ledger);
}

/// Refuses before any row is read what could only fail in the middle: files whose footers say that too many overlap.
void check_overlap(std::span<const InputFile> files, std::size_t limit) {
  std::vector<std::pair<Nanos, int>> changes;  // +1 where a file starts, -1 behind its end
  for (const InputFile& file : files) {
    if (!file.ends_at) continue;
    changes.emplace_back(file.starts_at, 1);
    changes.emplace_back(*file.ends_at, 2);  // after the starts of the same time
  }
  std::sort(changes.begin(), changes.end());
  std::size_t open = 0, most = 0;
  for (const auto& [time, change] : changes) most = std::max(most, change == 1 ? ++open : --open + 1);
  if (most <= limit) return;
  fail(Fault::input, "{} files overlap in time; at most {} are read at the same time", most, limit);
}

}  // namespace

std::vector<std::string> find_files(std::span<const std::string> paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) add_path(path, files);
  std::unordered_set<std::string> seen;
  std::erase_if(files,
                [&](const std::string& file) { return !seen.insert(fs::weakly_canonical(file).string()).second; });
  if (files.empty()) fail(Fault::input, "no input: expected the path of a file, a folder or a pattern");
  return files;
}

std::unique_ptr<Source> open_inputs(std::span<const std::string> paths, const InputOptions& options,
                                    Instruments& instruments, Ledger& ledger) {
  std::vector<InputFile> files;
  for (const std::string& path : find_files(paths)) {
    files.push_back(look_at(path, ledger));
    if (files.back().has_features) fail(Fault::input, "{}: expected ticks, were features that millrace wrote", path);
  }
  check_overlap(files, options.open_files_limit);
  std::vector<LateSource> late;
  late.reserve(files.size());
  for (const InputFile& file : files) {
    late.push_back({.open = [file, &instruments, &ledger] { return open_file(file, instruments, ledger); },
                    .columns = file.columns,
                    .file = file.about,
                    .number = file.number,
                    .starts_at = file.starts_at});
  }
  return merge_sources(std::move(late), options.open_files_limit);
}

void FileDescription::InstrumentRows::add(Nanos ts, Kind kind) {
  ++rows;
  gap_rows += kind == Kind::gap ? 1 : 0;
  if (ts == no_time) return;
  if (last != no_time && ts - last > longest_gap) {
    longest_gap = ts - last;
    longest_gap_from = last;
  }
  first = first == no_time ? ts : std::min(first, ts);
  last = std::max(last, ts);
}

FileDescription describe_file(const std::string& path) {
  FileDescription about;
  Instruments instruments;
  const InputFile file = look_at(path, about.ledger);
  about.layout = file.about.layout;
  about.container = file.container == Container::parquet ? "Parquet"
                    : file.container == Container::csv   ? "CSV"
                                                         : "CSV, gzip";
  if (file.bars) {
    about.schema = TableFile(path, {}).schema()->ToString();
  } else if (file.container == Container::parquet) {
    ParquetFooter footer = read_parquet_footer(path);
    about.schema = std::move(footer.schema);
    about.metadata = std::move(footer.metadata);
    about.row_groups = footer.row_groups;
    for (const auto& [key, value] : about.metadata) {
      if (key == "millrace.schema" && value.starts_with("features")) about.layout = "millrace features";
    }
  } else {
    about.schema = read_csv_head(csv_input(path, file.container, 0)).schema;
  }
  const auto source = open_file(file, instruments, about.ledger);
  Chunk chunk;
  chunk.reset({});
  while (source->next(chunk)) {
    about.instruments.resize(instruments.size());
    for (std::size_t row = 0; row < chunk.rows(); ++row) {
      if (chunk.instrument[row] == no_instrument) continue;
      about.instruments[chunk.instrument[row]].add(chunk.ts_event[row], static_cast<Kind>(chunk.kind[row]));
    }
  }
  for (std::size_t i = 0; i < about.instruments.size(); ++i) {
    about.instruments[i].venue = instruments[static_cast<InstrumentId>(i)].venue;
    about.instruments[i].symbol = instruments[static_cast<InstrumentId>(i)].symbol;
  }
  about.rows = source->files().front().rows;
  about.renamed = source->files().front().renamed;
  return about;
}

}  // namespace millrace
