// Under all of the views' SQL. How its statements run is in sqlite_statement; what they may, in
// sqlite_authorizer.

#include "views/sqlite_connection.hpp"

#include <sqlite3.h>

#include <set>
#include <utility>

#include "base/ascii.hpp"
#include "base/check.hpp"
#include "views/sqlite_authorizer.hpp"
#include "views/sqlite_functions.hpp"
#include "views/sqlite_status.hpp"

namespace perdure::views {
namespace {

// How long a statement waits for a lock. Only one writes, so the waits are short ones, for a
// checkpoint or a recovery.
constexpr int wait_ms = 5'000;

// SQLite's file layer that locks a file for as long as this process has it open, so that locks
// between connections are taken in memory, without a system call for each query. All of them must
// be able to write, else one would give back the lock of the others.
constexpr const char* one_process = "unix-excl";

struct bound {
  int of;
  int most;
};

// For SQL, and parameters, of strangers. What one function can do in a single call depends on the
// length of values, as nothing cuts it.
constexpr bound bounds[] = {
    {SQLITE_LIMIT_LENGTH, 16 << 20},         {SQLITE_LIMIT_SQL_LENGTH, 1 << 20},
    {SQLITE_LIMIT_EXPR_DEPTH, 500},          {SQLITE_LIMIT_COMPOUND_SELECT, 50},
    {SQLITE_LIMIT_VDBE_OP, 250'000},         {SQLITE_LIMIT_ATTACHED, 0},
    {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 500}, {SQLITE_LIMIT_TRIGGER_DEPTH, 10},
    {SQLITE_LIMIT_WORKER_THREADS, 0},
};

constexpr std::string_view explain = "EXPLAIN QUERY PLAN ";

status nothing_behind(sqlite3* connection, const char* rest, const char* end) {
  while (rest != end) {
    sqlite3_stmt* other = nullptr;
    int outcome =
        sqlite3_prepare_v3(connection, rest, static_cast<int>(end - rest), 0, &other, &rest);
    sqlite3_finalize(other);
    if (outcome != SQLITE_OK || other) {
      return status(status_code::invalid_argument,
                    "expected one statement, and there is something behind its end");
    }
  }
  return {};
}

}  // namespace

struct sqlite_connection::parts {
  sqlite3* connection = nullptr;
  std::optional<sqlite_authorizer> authorizer;
  std::function<bool()> asked;
  std::optional<std::size_t> error_at;

  ~parts() { sqlite3_close_v2(connection); }

  static int may(void* self, int action, const char* first, const char* second, const char*,
                 const char*) {
    auto& authorizer = static_cast<parts*>(self)->authorizer;
    return authorizer->permits(action, first, second) ? SQLITE_OK : SQLITE_DENY;
  }

  static int is_over(void* self) { return static_cast<parts*>(self)->asked() ? 0 : 1; }

  void begin(bool is_runtimes) {
    error_at.reset();
    if (!authorizer) return;
    authorizer->begin();
    authorizer->compiles_for_runtime(is_runtimes);
  }

  // Text and place of what SQLite has refused.
  status refused(int outcome) {
    int at = sqlite3_error_offset(connection);
    error_at = at < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(at));
    auto why = status_of(connection, outcome);
    auto refusal = authorizer ? authorizer->take_refusal() : std::nullopt;
    if (!refusal) return why;
    return status(status_code::permission_denied, "the query is not permitted: " + *refusal);
  }

  status set_up(access as);
};

status sqlite_connection::parts::set_up(access as) {
  sqlite3_extended_result_codes(connection, 1);
  sqlite3_busy_timeout(connection, wait_ms);
  for (int feature :
       {SQLITE_DBCONFIG_DQS_DDL, SQLITE_DBCONFIG_DQS_DML, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION}) {
    sqlite3_db_config(connection, feature, 0, nullptr);
  }
  // Who writes needs triggers that use full text search, which this takes away.
  if (as == access::read) sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  add_functions(connection);
  // The first one that reads the file, and so finds out whether it is one of SQLite's.
  const char* both = "PRAGMA cell_size_check = ON; SELECT count(*) FROM sqlite_schema";
  const char* writes = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL";
  const char* reads = "PRAGMA query_only = ON";
  int outcome = sqlite3_exec(connection, both, nullptr, nullptr, nullptr);
  if (outcome == SQLITE_OK) {
    outcome =
        sqlite3_exec(connection, as == access::write ? writes : reads, nullptr, nullptr, nullptr);
  }
  return status_of(connection, outcome);
}

sqlite_connection::sqlite_connection(std::unique_ptr<parts> opened) : parts_(std::move(opened)) {}
sqlite_connection::sqlite_connection(sqlite_connection&&) noexcept = default;
sqlite_connection& sqlite_connection::operator=(sqlite_connection&&) noexcept = default;
sqlite_connection::~sqlite_connection() = default;

result<sqlite_connection> sqlite_connection::open(const std::string& path, access as) {
  auto made = std::make_unique<parts>();
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
  if (as == access::write || path == ":memory:") flags |= SQLITE_OPEN_CREATE;
  int outcome = sqlite3_open_v2(path.c_str(), &made->connection, flags, one_process);
  auto opened = status_of(made->connection, outcome);
  if (opened.ok()) opened = made->set_up(as);
  if (opened.ok()) return sqlite_connection(std::move(made));
  auto why = "\"" + path + "\": " + opened.message();
  bool is_locked = (sqlite3_errcode(made->connection) & 0xff) == SQLITE_BUSY;
  if (is_locked) why += ": another program has it open";
  return status(opened.code(), why);
}

void sqlite_connection::restrict_to(may_read allowed) {
  std::set<std::string> tables;
  auto* schema = "SELECT name FROM pragma_table_list UNION SELECT name FROM pragma_module_list";
  if (auto names = prepare(schema)) {
    for (auto row = names->step(); row.ok() && *row; row = names->step()) {
      tables.insert(lower_case(names->bytes(0)));
    }
  }
  parts_->authorizer.emplace(std::move(allowed), std::move(tables));
  sqlite3_db_config(parts_->connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_set_authorizer(parts_->connection, parts::may, parts_.get());
  for (auto& bound : bounds) sqlite3_limit(parts_->connection, bound.of, bound.most);
}

result<sqlite_statement> sqlite_connection::prepare(std::string_view sql) {
  sqlite3_stmt* compiled = nullptr;
  const char* rest = nullptr;
  parts_->begin(false);
  // SQLite would end at the zero and say nothing of what is behind it.
  if (sql.empty() || sql.find('\0') != std::string_view::npos) {
    return status(status_code::invalid_argument, "expected a statement, without zero bytes");
  }
  if (sql.size() >
      static_cast<std::size_t>(sqlite3_limit(parts_->connection, SQLITE_LIMIT_SQL_LENGTH, -1))) {
    return status(status_code::resource_exhausted, "the SQL is too long");
  }
  int outcome = sqlite3_prepare_v3(parts_->connection, sql.data(), static_cast<int>(sql.size()),
                                   SQLITE_PREPARE_PERSISTENT, &compiled, &rest);
  sqlite_statement made(compiled);
  auto alone = outcome == SQLITE_OK && compiled
                   ? nothing_behind(parts_->connection, rest, sql.data() + sql.size())
                   : status();
  if (outcome != SQLITE_OK) return parts_->refused(outcome);
  if (!compiled) return status(status_code::invalid_argument, "expected a statement, came none");
  if (!alone.ok()) {
    parts_->error_at = static_cast<std::size_t>(rest - sql.data());
    return alone;
  }
  return made;
}

status sqlite_connection::run(std::string_view sql) {
  parts_->begin(true);
  int outcome =
      sqlite3_exec(parts_->connection, std::string(sql).c_str(), nullptr, nullptr, nullptr);
  return outcome == SQLITE_OK ? status() : parts_->refused(outcome);
}

void sqlite_connection::go_on(int steps, std::function<bool()> asked) {
  parts_->asked = std::move(asked);
  sqlite3_progress_handler(parts_->connection, steps, parts_->asked ? parts::is_over : nullptr,
                           parts_.get());
}

result<std::vector<std::string>> sqlite_connection::plan_of(std::string_view sql) {
  auto statement = prepare(std::string(explain) + std::string(sql));
  if (!statement) {
    if (parts_->error_at) *parts_->error_at -= std::min(*parts_->error_at, explain.size());
    return statement.error();
  }
  constexpr int detail = 3;
  std::vector<std::string> lines;
  for (;;) {
    auto row = statement->step();
    if (!row) return row.error();
    if (!*row) return lines;
    lines.emplace_back(statement->bytes(detail));
  }
}

std::optional<std::size_t> sqlite_connection::error_at() const { return parts_->error_at; }

std::int64_t sqlite_connection::changed() const { return sqlite3_changes64(parts_->connection); }

sqlite3* sqlite_connection::handle() const { return parts_->connection; }

}  // namespace perdure::views
