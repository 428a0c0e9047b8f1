#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "views/recent_rows.hpp"
#include "views/sqlite_view_file.hpp"

// What a view's file is made of; in six files:
//
//   sqlite_view_file.cpp      its life: made, opened, complete, removed
//   sqlite_view_upkeep.cpp    its indexes
//   sqlite_view_rows.cpp      rows change
//   sqlite_view_notes.cpp     cursors, what is held back, what has been seen
//   sqlite_view_changes.cpp   what has changed of late
//   sqlite_view_readers.cpp   connections for queries

namespace perdure::views {

struct sqlite_blob {
  std::string_view bytes;
};

inline void bind_one(sqlite_statement& to, int n, std::string_view text) { to.bind_text(n, text); }
inline void bind_one(sqlite_statement& to, int n, sqlite_blob blob) { to.bind_blob(n, blob.bytes); }
inline void bind_one(sqlite_statement& to, int n, std::int64_t value) { to.bind(n, value); }
inline void bind_one(sqlite_statement& to, int n, std::uint64_t value) {
  to.bind(n, static_cast<std::int64_t>(value));
}

// Statements of one connection, each prepared once. Goes before its connection.
class prepared_statements {
 public:
  result<sqlite_statement*> find(sqlite_connection& in, std::string_view sql);
  void reset_all() {
    for (auto& [sql, statement] : all_) statement.reset();
  }

 private:
  std::unordered_map<std::string, sqlite_statement> all_;
};

struct sqlite_view_file::reader::parts {
  sqlite_connection connection;
  prepared_statements statements = {};
};

struct sqlite_view_file::parts {
  // A table as it is written.
  struct writing {
    sqlite_statement find;
    sqlite_statement put;
    sqlite_statement change;  // of a row that is there, without the columns that are kept elsewhere
    sqlite_statement remove;
    std::vector<bool> is_plain;       // by column: bound straight from the message
    std::vector<bool> is_kept;        // by column: an index or full text search has it, too
    bool is_told = false;             // a query with stream_updates reads it
    std::vector<std::size_t> picked;  // columns by which such queries pick
    sqlite_statement pick;            // these, of a row
    recent_rows recent{0};
  };

  parts(std::string file, const view_plan& of) : path(std::move(file)), plan(of) {}

  const std::string path;
  const view_plan& plan;
  bool is_old = false;

  // ------------------------------------------------------------------------------ of the writer
  std::optional<sqlite_connection> writer;  // none of an old one
  prepared_statements notes;
  std::vector<writing> tables;
  std::vector<sql_value> bound;  // what the columns of a row are bound to
  std::string encoded;           // the row
  std::vector<std::string> texts;
  committed_changes changes;  // since begin()
  // By "<table>/<key>", where it stands among them.
  std::unordered_map<std::string, std::size_t> changed;
  std::size_t changes_kept = 0;  // rows of perdure_changes

  // -------------------------------------------------------------------------------- any thread
  std::atomic<std::uint64_t> last_change{0};
  std::atomic<bool> is_complete{false};
  std::atomic<bool> is_to_be_removed{false};
  std::mutex mutex;
  std::vector<std::unique_ptr<reader::parts>> idle;
  std::vector<std::string> readable;  // tables
  struct {
    std::mutex mutex;
    std::optional<sqlite_connection> connection;  // opened when first needed
  } resuming;

  // Runs one statement, prepared once, to its end or first row.
  template <class... Values>
  result<bool> step(std::string_view sql, const Values&... values) {
    auto statement = notes.find(*writer, sql);
    if (!statement) return statement.error();
    int n = 0;
    (bind_one(**statement, ++n, values), ...);
    return (*statement)->step();
  }
  template <class... Values>
  status run(std::string_view sql, const Values&... values) {
    auto done = step(sql, values...);
    if (!done) return done.error();
    if (*done) (*notes.find(*writer, sql))->reset();
    return {};
  }

  status prepare_tables();   // sqlite_view_rows.cpp
  status prepare_changes();  // again when indexes have come
  status set_note(std::string_view name, std::string_view value);
  result<std::string> note(std::string_view name);  // empty: there is none
  status load_changes();
  status keep_changes();  // what begin() to commit() has changed
  // What a row that is about to change has in the picked columns.
  using picked_values = std::vector<std::pair<std::size_t, sql_value>>;
  result<picked_values> picked_before(std::size_t table, std::string_view key);
  void count_change(std::size_t table, std::string_view key, picked_values had);
};

// sqlite_view_notes.cpp: a held message of a row with these columns of perdure_held. DATA_LOSS: it
// is damaged.
inline constexpr std::string_view held_columns =
    "source, subject, number, part, \"offset\", time, key, payload, headers, attempts, error, "
    "is_parked";
result<held_message> held_of(const sqlite_statement& row);

// sqlite_view_upkeep.cpp: makes indexes and full text search what the plan's queries need, in
// place.
status bring_indexes(sqlite_connection& in, const view_plan& plan);
status bring_words(sqlite_connection& in, const view_plan& plan);

}  // namespace perdure::views
