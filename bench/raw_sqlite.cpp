// SQLite by its own interface.

#include "bench/raw_sqlite.hpp"

#include <sqlite3.h>

#include <stdexcept>
#include <string_view>
#include <utility>

namespace perdure::bench {
namespace {

using clock = std::chrono::steady_clock;
using seconds = std::chrono::duration<double>;

struct statement_end {
  void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
};
using statement = std::unique_ptr<sqlite3_stmt, statement_end>;

class database {
 public:
  database(const std::filesystem::path& file, int flags) {
    // As views/sqlite_connection opens its own.
    if (sqlite3_open_v2(file.c_str(), &opened_, flags | SQLITE_OPEN_NOMUTEX, "unix-excl")) fail();
  }
  ~database() { sqlite3_close_v2(opened_); }
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  void run(const std::string& sql) {
    if (sqlite3_exec(opened_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail();
  }
  statement prepare(const std::string& sql) {
    sqlite3_stmt* made = nullptr;
    if (sqlite3_prepare_v3(opened_, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr)) {
      fail();
    }
    return statement(made);
  }
  bool step(const statement& s) {
    int outcome = sqlite3_step(s.get());
    if (outcome == SQLITE_ROW) return true;
    if (outcome != SQLITE_DONE) fail();
    return false;
  }

 private:
  [[noreturn]] void fail() const {
    throw std::runtime_error(std::string("SQLite: ") + sqlite3_errmsg(opened_));
  }
  sqlite3* opened_ = nullptr;
};

void bind_text(const statement& to, int n, const std::string& text) {
  sqlite3_bind_text(to.get(), n, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

constexpr int makes = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;

// As views/sqlite_view_file sets its own.
constexpr const char* as_a_view =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16000";

constexpr const char* upsert =
    "INSERT INTO items (_key, _row, item_id, name, shelf, quantity) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (_key) DO UPDATE SET _row = excluded._row, "
    "item_id = excluded.item_id, name = excluded.name, shelf = excluded.shelf, "
    "quantity = excluded.quantity WHERE items._row IS NOT excluded._row";

// What makes the table of items, or its indexes.
std::vector<std::string> schema_of(const std::filesystem::path& like, const char* type) {
  database from(like, SQLITE_OPEN_READWRITE);
  auto all = from.prepare(
      "SELECT sql FROM sqlite_schema WHERE tbl_name = 'items' AND sql IS NOT NULL AND type = ?1");
  std::string wanted = type;
  bind_text(all, 1, wanted);
  std::vector<std::string> found;
  while (from.step(all)) {
    found.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(all.get(), 0)));
  }
  return found;
}

class upserts {
 public:
  explicit upserts(const sqlite_upserts::settings& how) : how_(how), file_(how.file, makes) {
    file_.run(as_a_view);
    make("table");
    upsert_ = file_.prepare(upsert);
  }

  void make(const char* type) {
    for (const auto& sql : schema_of(how_.like, type)) file_.run(sql);
  }

  // The next counts in one transaction.
  seconds write(std::uint64_t count) {
    rows_.clear();
    encoded_.clear();
    for (std::uint64_t i = 0; i < count; ++i) {
      rows_.push_back(how_.items.row(next_++));
      encoded_.push_back(rows_.back().SerializeAsString());
    }
    auto begun = clock::now();
    file_.run("BEGIN IMMEDIATE");
    for (std::size_t i = 0; i < count; ++i) put(rows_[i], encoded_[i]);
    file_.run("COMMIT");
    return clock::now() - begun;
  }

  seconds write_up_to(std::uint64_t counts) {
    seconds spent{};
    while (next_ < counts) spent += write(std::min(how_.rows_at_once, counts - next_));
    return spent;
  }

 private:
  void put(const ::bench::stock::api::StockRow& row, const std::string& encoded) {
    bind_text(upsert_, 1, row.item_id());
    sqlite3_bind_blob(upsert_.get(), 2, encoded.data(), static_cast<int>(encoded.size()),
                      SQLITE_STATIC);
    bind_text(upsert_, 3, row.item_id());
    bind_text(upsert_, 4, row.name());
    bind_text(upsert_, 5, row.shelf());
    sqlite3_bind_int64(upsert_.get(), 6, row.quantity());
    file_.step(upsert_);
    sqlite3_reset(upsert_.get());
  }

  const sqlite_upserts::settings how_;
  database file_;
  statement upsert_;
  std::uint64_t next_ = 0;  // count
  std::vector<::bench::stock::api::StockRow> rows_;
  std::vector<std::string> encoded_;
};

}  // namespace

// ------------------------------------------------------------------------------------- writing

class sqlite_upserts::running {
 public:
  explicit running(const settings& how) : how_(how), rows_(how) {
    rows_.write_up_to(how.items.count);
    rows_.make("index");
  }

  void run(std::chrono::milliseconds time, measured& into) {
    seconds spent{};
    double written = 0;
    while (spent < time) {
      spent += rows_.write(how_.rows_at_once);
      written += static_cast<double>(how_.rows_at_once);
    }
    into.rates.push_back(written / spent.count());
  }

 private:
  const settings how_;
  upserts rows_;
};

sqlite_upserts::sqlite_upserts(const settings& how) : running_(std::make_unique<running>(how)) {}

sqlite_upserts::~sqlite_upserts() = default;

void sqlite_upserts::run(std::chrono::milliseconds, std::chrono::milliseconds time,
                         measured& into) {
  running_->run(time, into);
}

seconds sqlite_upserts::build(const settings& how, std::uint64_t counts) {
  upserts rows(how);
  auto spent = rows.write_up_to(counts);
  auto begun = clock::now();
  rows.make("index");
  return spent + (clock::now() - begun);
}

// ------------------------------------------------------------------------------------- reading

class sqlite_query::running {
 public:
  running(const std::filesystem::path& file, const std::string& sql,
          const std::vector<std::string>& parameters)
      : parameters_(parameters), file_(file, SQLITE_OPEN_READWRITE), query_(file_.prepare(sql)) {}

  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time, measured& into) {
    run_until(clock::now() + lead_in);
    auto begun = clock::now();
    auto answers = run_until(begun + time);
    into.rates.push_back(answers / seconds(clock::now() - begun).count());
  }

 private:
  double run_until(clock::time_point end) {
    double answers = 0;
    for (; clock::now() < end; ++answers) {
      bind_text(query_, 1, parameters_[next_++ % parameters_.size()]);
      answer_.clear();
      while (file_.step(query_)) {
        for (int i = 0; i < sqlite3_column_count(query_.get()); ++i) copy(i);
      }
      sqlite3_reset(query_.get());
      if (answer_.empty()) throw std::runtime_error("SQLite: a query has no results");
    }
    return answers;
  }

  void copy(int column) {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(query_.get(), column));
    answer_.append(bytes, static_cast<std::size_t>(sqlite3_column_bytes(query_.get(), column)));
  }

  const std::vector<std::string>& parameters_;
  database file_;
  statement query_;
  std::size_t next_ = 0;
  std::string answer_;
};

sqlite_query::sqlite_query(const std::filesystem::path& file, const std::string& sql,
                           const std::vector<std::string>& parameters)
    : running_(std::make_unique<running>(file, sql, parameters)) {}

sqlite_query::~sqlite_query() = default;

void sqlite_query::run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
                       measured& into) {
  running_->run(lead_in, time, into);
}

}  // namespace perdure::bench
