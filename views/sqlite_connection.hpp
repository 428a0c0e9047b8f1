#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "perdure/status.hpp"
#include "views/sql_value.hpp"

// One connection to SQLite, and its statements. Everything of SQLite's interface that is ours to
// get right is here: what a connection may do, how long, and which functions it has beside
// SQLite's:
//
//   perdure_tuple(a, ...)    its arguments as one packed blob; NULL when all of them are
//   perdure_collect(x)       the values of a group as one packed blob, without NULLs; also DISTINCT
//   perdure_at(blob, n)      the n-th value of a packed blob, counted from 0; NULL past its end
//   perdure_words(text)      a text of a user as a full text query: all its words, the last one as
//                            a beginning. Nothing in it is syntax. No word: matches nothing. More
//                            than 100 words or 10,000 bytes: INVALID_ARGUMENT
//
// Errors, as statuses:
//   INVALID_ARGUMENT    SQL that SQLite refuses; the text is SQLite's
//   PERMISSION_DENIED   the SQL reads or does what this connection may not
//   DEADLINE_EXCEEDED   cut by go_on()
//   RESOURCE_EXHAUSTED  a value, or the SQL, is past SQLite's bounds as we set them
//   UNAVAILABLE         the file cannot be read or written now: a full disk, a lock
//   DATA_LOSS           the file is damaged
//   OUT_OF_RANGE        an arithmetic overflow in the SQL, as of sum() of integers

struct sqlite3;
struct sqlite3_stmt;

namespace perdure::views {

// Used by one thread at a time; not after its connection is gone.
class sqlite_statement {
 public:
  sqlite_statement() = default;
  sqlite_statement(sqlite_statement&& other) noexcept;
  sqlite_statement& operator=(sqlite_statement&& other) noexcept;
  ~sqlite_statement();

  // Parameters count from 1. Values are copied, but not what bind_text() and bind_blob() get: that
  // must stay until the parameter is bound anew or the statement is gone. What cannot be bound is
  // said by the next step.
  void bind(int parameter, const sql_value& value);
  void bind_null(int parameter);
  void bind(int parameter, std::int64_t value);
  void bind(int parameter, double value);
  void bind_text(int parameter, std::string_view value);
  void bind_blob(int parameter, std::string_view value);

  // True: there is a row. After the last row, or an error, it begins anew.
  result<bool> step();

  // Ends what is under way, and keeps what is bound.
  void reset();

  // Of the row. Columns count from 0; views are good until the next step or reset.
  int column_count() const;
  std::string column_name(int column) const;
  std::optional<std::string> declared_type(int column) const;  // nullopt: it is no table's column
  sql_value column(int column) const;
  std::int64_t integer(int column) const;
  std::string_view bytes(int column) const;  // of a text or blob; empty of NULL
  bool is_null(int column) const;

  int parameter_count() const;
  explicit operator bool() const { return statement_ != nullptr; }

 private:
  friend class sqlite_connection;
  explicit sqlite_statement(sqlite3_stmt* statement) : statement_(statement) {}
  void note_bind(int outcome);
  sqlite3_stmt* statement_ = nullptr;
  int failed_bind_ = 0;
};

// What a statement may do, asked while it is compiled: whether it may read this column (empty: only
// how many rows there are) of this table.
using may_read = std::function<bool(std::string_view table, std::string_view column)>;

// Used by one thread at a time.
class sqlite_connection {
 public:
  enum class access { read, write };

  // A file, made when it is missing and `access` is write; ":memory:" is a new one of its own.
  // While a file is open here, no other process can open it.
  static result<sqlite_connection> open(const std::string& path, access as);

  sqlite_connection(sqlite_connection&&) noexcept;
  sqlite_connection& operator=(sqlite_connection&&) noexcept;
  ~sqlite_connection();

  // From now on only statements that read, and of tables only what this allows; a full text table
  // goes with its own. SQLite's own tables, ATTACH, PRAGMA, functions that load or write anything
  // are refused whatever it says. Also on: bounds for SQL of strangers, as 16 MiB of a value or
  // row. The tables are there already. run() may still begin and end transactions.
  void restrict_to(may_read allowed);

  // One statement. Another behind it: INVALID_ARGUMENT.
  result<sqlite_statement> prepare(std::string_view sql);

  // Statements without results, one after the other.
  status run(std::string_view sql);

  // Asked about every `steps` of SQLite's virtual machine, on the thread that steps; false cuts the
  // statement. Empty: nobody is asked. One call of one of SQLite's functions is one step.
  void go_on(int steps, std::function<bool()> asked);

  // What EXPLAIN QUERY PLAN says, a line each: "SEARCH flights USING INDEX ...".
  result<std::vector<std::string>> plan_of(std::string_view sql);

  // Where the last refused SQL went wrong, in bytes; nullopt when SQLite does not say.
  std::optional<std::size_t> error_at() const;

  // Rows that the last statement inserted, changed or deleted.
  std::int64_t changed() const;

  sqlite3* handle() const;  // for other views/sqlite_*.cpp

 private:
  struct parts;
  explicit sqlite_connection(std::unique_ptr<parts> opened);
  std::unique_ptr<parts> parts_;
};

}  // namespace perdure::views
