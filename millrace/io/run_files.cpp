#include "millrace/io/run_files.h"

#include <cmath>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "millrace/base/error.h"
#include "millrace/io/arrow_memory.h"
#include "millrace/io/arrow_result.h"
#include "millrace/io/table_file.h"

namespace millrace {

namespace {

/// One column of a table of records: its Arrow type, and how a record's value gets into it.
template <class Record>
struct RecordColumn {
  std::string name;
  std::shared_ptr<arrow::DataType> type;
  std::function<void(const Record&, arrow::ArrayBuilder&)> append;
};

const std::shared_ptr<arrow::DataType>& time_type() {
  static const std::shared_ptr<arrow::DataType> type = arrow::timestamp(arrow::TimeUnit::NANO, "UTC");
  return type;
}

void expect(const arrow::Status& status) { check(status, Fault::output, "run files"); }

template <class Record, class Read>
RecordColumn<Record> number(std::string name, Read read) {
  return {std::move(name), arrow::float64(), [read](const Record& record, arrow::ArrayBuilder& out) {
            auto& builder = static_cast<arrow::DoubleBuilder&>(out);
            const double value = read(record);
            expect(std::isfinite(value) ? builder.Append(value) : builder.AppendNull());
          }};
}

template <class Record, class Read>
RecordColumn<Record> time(std::string name, Read read) {
  return {std::move(name), time_type(), [read](const Record& record, arrow::ArrayBuilder& out) {
            auto& builder = static_cast<arrow::TimestampBuilder&>(out);
            const Nanos value = read(record);
            expect(value != no_time ? builder.Append(value) : builder.AppendNull());
          }};
}

template <class Record, class Read>
RecordColumn<Record> text(std::string name, Read read) {
  return {std::move(name), arrow::utf8(), [read](const Record& record, arrow::ArrayBuilder& out) {
            auto& builder = static_cast<arrow::StringBuilder&>(out);
            const std::string value(read(record));
            expect(value.empty() ? builder.AppendNull() : builder.Append(value));
          }};
}

template <class Record, class Read>
RecordColumn<Record> whole(std::string name, Read read) {
  return {std::move(name), arrow::int64(), [read](const Record& record, arrow::ArrayBuilder& out) {
            expect(static_cast<arrow::Int64Builder&>(out).Append(static_cast<std::int64_t>(read(record))));
          }};
}

template <class Record, class Read>
RecordColumn<Record> truth(std::string name, Read read) {
  return {std::move(name), arrow::boolean(), [read](const Record& record, arrow::ArrayBuilder& out) {
            expect(static_cast<arrow::BooleanBuilder&>(out).Append(read(record)));
          }};
}

std::string_view name_of_side(Side side) { return side == Side::buy ? "buy" : side == Side::sell ? "sell" : ""; }

/// Records of one kind, buffered and written.
template <class Record>
class RecordTable {
 public:
  RecordTable(const std::string& path, std::vector<RecordColumn<Record>> columns, const Provenance& provenance)
      : columns_(std::move(columns)) {
    arrow::FieldVector fields;
    for (const auto& column : columns_) fields.push_back(arrow::field(column.name, column.type));
    schema_ = arrow::schema(std::move(fields));
    sink_.emplace(path, schema_, TableSink::Options{.codec = Codec::zstd, .metadata = provenance});
  }

  void write(std::vector<Record>& records) {
    buffer_.insert(buffer_.end(), std::make_move_iterator(records.begin()), std::make_move_iterator(records.end()));
    records.clear();
    if (buffer_.size() >= RunFiles::most_buffered) flush();
  }

  void close() {
    flush();
    sink_->close();
  }

 private:
  void flush() {
    arrow::ArrayVector arrays;
    for (const auto& column : columns_) {
      std::unique_ptr<arrow::ArrayBuilder> builder;
      expect(arrow::MakeBuilder(arrow_memory(), column.type, &builder));
      for (const Record& record : buffer_) column.append(record, *builder);
      std::shared_ptr<arrow::Array> array;
      expect(builder->Finish(&array));
      arrays.push_back(std::move(array));
    }
    if (!buffer_.empty()) {
      sink_->write(*arrow::RecordBatch::Make(schema_, static_cast<std::int64_t>(buffer_.size()), std::move(arrays)));
    }
    buffer_.clear();
  }

  std::vector<RecordColumn<Record>> columns_;
  std::shared_ptr<arrow::Schema> schema_;
  std::optional<TableSink> sink_;
  std::vector<Record> buffer_;
};

/// Who prints an instrument's name, prices and sizes.
struct Names {
  const Instruments& instruments;
  const SpecBook& specs;

  template <class Record>
  RecordColumn<Record> venue(InstrumentId (*id)(const Record&)) const {
    return text<Record>("venue", [this, id](const Record& one) { return instruments[id(one)].venue; });
  }
  template <class Record>
  RecordColumn<Record> symbol(InstrumentId (*id)(const Record&)) const {
    return text<Record>("symbol", [this, id](const Record& one) { return instruments[id(one)].symbol; });
  }
};

std::vector<RecordColumn<OrderRecord>> order_columns(const Names& names) {
  using R = OrderRecord;
  const auto id = [](const R& one) { return one.order.instrument; };
  return {
      whole<R>("order_id", [](const R& one) { return one.order.id; }),
      time<R>("ts_decided", [](const R& one) { return one.decided; }),
      time<R>("ts_sent", [](const R& one) { return one.order.sent; }),
      time<R>("ts_ended", [](const R& one) { return one.ended; }),
      names.venue<R>(id),
      names.symbol<R>(id),
      text<R>("side", [](const R& one) { return name_of_side(one.order.side); }),
      text<R>("type", [](const R& one) { return name_of(one.order.type); }),
      text<R>("time_in_force", [](const R& one) { return name_of(one.order.time_in_force); }),
      number<R>("size", [&](const R& one) { return names.specs[one.order.instrument].size(one.order.size); }),
      number<R>("limit",
                [&](const R& one) {
                  return one.order.limit > 0 ? names.specs[one.order.instrument].price(one.order.limit) : no_value;
                }),
      number<R>("filled", [&](const R& one) { return names.specs[one.order.instrument].size(one.filled); }),
      text<R>("status", [](const R& one) { return one.status; }),
      text<R>("reason", [](const R& one) { return name_of(one.reason); }),
      text<R>("why", [](const R& one) { return one.why; }),
      truth<R>("post_only", [](const R& one) { return one.order.is_post_only; }),
      truth<R>("reduce_only", [](const R& one) { return one.order.is_reduce_only; }),
      number<R>("decision_mid", [](const R& one) { return one.decision_mid; }),
      number<R>("expected_gain_bps", [](const R& one) { return one.expected_gain_bps; }),
      number<R>("expected_cost_bps", [](const R& one) { return one.expected_cost_bps; }),
  };
}

std::vector<RecordColumn<FillRecord>> fill_columns(const Names& names) {
  using R = FillRecord;
  const auto id = [](const R& one) { return one.fill.instrument; };
  return {
      whole<R>("order_id", [](const R& one) { return one.fill.order; }),
      time<R>("ts_venue", [](const R& one) { return one.ts_venue; }),
      time<R>("ts_local", [](const R& one) { return one.ts_local; }),
      names.venue<R>(id),
      names.symbol<R>(id),
      text<R>("side", [](const R& one) { return name_of_side(one.fill.side); }),
      number<R>("price", [](const R& one) { return one.price; }),
      number<R>("size", [](const R& one) { return one.size; }),
      truth<R>("is_maker", [](const R& one) { return one.fill.is_maker; }),
      truth<R>("is_liquidation", [](const R& one) { return one.fill.is_liquidation; }),
      number<R>("notional", [](const R& one) { return one.notional; }),
      number<R>("fee", [](const R& one) { return one.fee; }),
      number<R>("realised", [](const R& one) { return one.realised; }),
      number<R>("mid", [](const R& one) { return one.fill.mid; }),
      number<R>("spread_cost", [](const R& one) { return one.spread_cost; }),
      number<R>("impact_cost", [](const R& one) { return one.impact_cost; }),
      number<R>("delay_cost", [](const R& one) { return one.delay_cost; }),
      number<R>("markout_1s", [](const R& one) { return one.markout_1s; }),
      number<R>("markout_5s", [](const R& one) { return one.markout_5s; }),
      number<R>("markout_30s", [](const R& one) { return one.markout_30s; }),
      text<R>("why", [](const R& one) { return one.why; }),
  };
}

std::vector<RecordColumn<RoundTrip>> trade_columns(const Names& names) {
  using R = RoundTrip;
  const auto id = [](const R& one) { return one.instrument; };
  return {
      names.venue<R>(id),
      names.symbol<R>(id),
      text<R>("side", [](const R& one) { return one.is_long ? "long" : "short"; }),
      time<R>("ts_entry", [](const R& one) { return one.entered; }),
      time<R>("ts_exit", [](const R& one) { return one.left; }),
      number<R>("entry_price", [](const R& one) { return one.entry_price; }),
      number<R>("exit_price", [](const R& one) { return one.exit_price; }),
      number<R>("size", [](const R& one) { return one.size; }),
      number<R>("notional", [](const R& one) { return one.notional; }),
      number<R>("pnl", [](const R& one) { return one.pnl; }),
      number<R>("fees", [](const R& one) { return one.fees; }),
      number<R>("funding", [](const R& one) { return one.funding; }),
      number<R>("net", [](const R& one) { return one.net(); }),
      number<R>("worst", [](const R& one) { return one.worst; }),
      number<R>("best", [](const R& one) { return one.best; }),
      text<R>("entry_why", [](const R& one) { return one.entry_why; }),
      text<R>("exit_why", [](const R& one) { return one.exit_why; }),
      truth<R>("is_open", [](const R& one) { return one.is_open; }),
  };
}

std::vector<RecordColumn<SignalRecord>> signal_columns(const Names& names) {
  using R = SignalRecord;
  const auto id = [](const R& one) { return one.instrument; };
  return {
      time<R>("ts_event", [](const R& one) { return one.ts; }),
      names.venue<R>(id),
      names.symbol<R>(id),
      text<R>("signal", [](const R& one) { return one.signal; }),
      text<R>("effect", [](const R& one) { return one.effect; }),
      number<R>("value", [](const R& one) { return one.value; }),
      number<R>("expected_gain_bps", [](const R& one) { return one.expected_gain_bps; }),
      number<R>("expected_cost_bps", [](const R& one) { return one.expected_cost_bps; }),
      number<R>("price", [](const R& one) { return one.price; }),
  };
}

std::vector<RecordColumn<EquityPoint>> equity_columns() {
  using R = EquityPoint;
  return {
      time<R>("ts", [](const R& one) { return one.ts; }),
      number<R>("equity", [](const R& one) { return one.equity; }),
      number<R>("cash", [](const R& one) { return one.cash; }),
      number<R>("gross_exposure", [](const R& one) { return one.gross_exposure; }),
      number<R>("net_exposure", [](const R& one) { return one.net_exposure; }),
      number<R>("realised", [](const R& one) { return one.realised; }),
      number<R>("fees", [](const R& one) { return one.fees; }),
      number<R>("funding", [](const R& one) { return one.funding; }),
      number<R>("borrow", [](const R& one) { return one.borrow; }),
      whole<R>("open_positions", [](const R& one) { return one.open_positions; }),
  };
}

}  // namespace

struct RunFiles::Tables {
  Names names;
  RecordTable<OrderRecord> orders;
  RecordTable<FillRecord> fills;
  RecordTable<RoundTrip> trades;
  RecordTable<SignalRecord> signals;
  RecordTable<EquityPoint> equity;

  Tables(const std::string& folder, const Instruments& instruments, const SpecBook& specs, const Provenance& provenance)
      : names{instruments, specs},
        orders(folder + "/orders.parquet", order_columns(names), provenance),
        fills(folder + "/fills.parquet", fill_columns(names), provenance),
        trades(folder + "/trades.parquet", trade_columns(names), provenance),
        signals(folder + "/signals.parquet", signal_columns(names), provenance),
        equity(folder + "/equity.parquet", equity_columns(), provenance) {}
};

RunFiles::RunFiles(const std::string& folder, const Instruments& instruments, const SpecBook& specs,
                   const Provenance& provenance)
    : tables_(std::make_unique<Tables>(folder, instruments, specs, provenance)) {}

RunFiles::~RunFiles() = default;

void RunFiles::write(RunLog& log) {
  tables_->orders.write(log.orders);
  tables_->fills.write(log.fills);
  tables_->trades.write(log.trades);
  tables_->signals.write(log.signals);
  tables_->equity.write(log.equity);
}

void RunFiles::close() {
  tables_->orders.close();
  tables_->fills.close();
  tables_->trades.close();
  tables_->signals.close();
  tables_->equity.close();
}

}  // namespace millrace
