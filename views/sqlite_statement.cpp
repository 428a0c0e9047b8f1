// Of sqlite_connection: what has been compiled, while it runs.

#include <sqlite3.h>

#include <utility>

#include "views/sqlite_connection.hpp"
#include "views/sqlite_status.hpp"

namespace perdure::views {
namespace {

struct binder {
  sqlite3_stmt* to;
  int parameter;

  int operator()(std::monostate) const { return sqlite3_bind_null(to, parameter); }
  int operator()(std::int64_t number) const { return sqlite3_bind_int64(to, parameter, number); }
  int operator()(double number) const { return sqlite3_bind_double(to, parameter, number); }
  int operator()(const std::string& text) const {
    return sqlite3_bind_text64(to, parameter, text.data(), text.size(), SQLITE_TRANSIENT,
                               SQLITE_UTF8);
  }
  int operator()(const sql_blob& blob) const {
    return sqlite3_bind_blob64(to, parameter, blob.bytes.data(), blob.bytes.size(),
                               SQLITE_TRANSIENT);
  }
};

// SQLite takes a null pointer for NULL, whatever the length.
const char* never_null(std::string_view bytes) { return bytes.data() ? bytes.data() : ""; }

}  // namespace

sqlite_statement::sqlite_statement(sqlite_statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)), failed_bind_(other.failed_bind_) {}

sqlite_statement& sqlite_statement::operator=(sqlite_statement&& other) noexcept {
  std::swap(statement_, other.statement_);
  std::swap(failed_bind_, other.failed_bind_);
  return *this;
}

sqlite_statement::~sqlite_statement() { sqlite3_finalize(statement_); }

void sqlite_statement::note_bind(int outcome) {
  if (outcome != SQLITE_OK) failed_bind_ = outcome;
}

void sqlite_statement::bind(int parameter, const sql_value& value) {
  note_bind(std::visit(binder{statement_, parameter}, value));
}

void sqlite_statement::bind_null(int parameter) {
  note_bind(sqlite3_bind_null(statement_, parameter));
}

void sqlite_statement::bind(int parameter, std::int64_t value) {
  note_bind(sqlite3_bind_int64(statement_, parameter, value));
}

void sqlite_statement::bind(int parameter, double value) {
  note_bind(sqlite3_bind_double(statement_, parameter, value));
}

void sqlite_statement::bind_text(int parameter, std::string_view value) {
  note_bind(sqlite3_bind_text64(statement_, parameter, never_null(value), value.size(),
                                SQLITE_STATIC, SQLITE_UTF8));
}

void sqlite_statement::bind_blob(int parameter, std::string_view value) {
  note_bind(
      sqlite3_bind_blob64(statement_, parameter, never_null(value), value.size(), SQLITE_STATIC));
}

result<bool> sqlite_statement::step() {
  int outcome = failed_bind_ ? std::exchange(failed_bind_, 0) : sqlite3_step(statement_);
  if (outcome == SQLITE_ROW) return true;
  auto ended = status_of(sqlite3_db_handle(statement_), outcome);
  sqlite3_reset(statement_);
  if (!ended.ok()) return ended;
  return false;
}

void sqlite_statement::reset() { sqlite3_reset(statement_); }

int sqlite_statement::column_count() const { return sqlite3_column_count(statement_); }

std::string sqlite_statement::column_name(int column) const {
  return sqlite3_column_name(statement_, column);
}

std::optional<std::string> sqlite_statement::declared_type(int column) const {
  auto* type = sqlite3_column_decltype(statement_, column);
  return type ? std::optional<std::string>(type) : std::nullopt;
}

sql_value sqlite_statement::column(int column) const {
  switch (sqlite3_column_type(statement_, column)) {
    case SQLITE_INTEGER:
      return integer(column);
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement_, column);
    case SQLITE_TEXT:
      return std::string(bytes(column));
    case SQLITE_BLOB:
      return sql_blob{std::string(bytes(column))};
    default:
      return std::monostate{};
  }
}

std::int64_t sqlite_statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view sqlite_statement::bytes(int column) const {
  auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  auto size = sqlite3_column_bytes(statement_, column);
  return bytes ? std::string_view(bytes, static_cast<std::size_t>(size)) : std::string_view();
}

bool sqlite_statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

int sqlite_statement::parameter_count() const { return sqlite3_bind_parameter_count(statement_); }

}  // namespace perdure::views
