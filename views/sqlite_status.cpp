// What SQLite says, in our words: the table stands in sqlite_connection.hpp.

#include "views/sqlite_status.hpp"

#include <sqlite3.h>

#include <string_view>

namespace perdure::views {
namespace {

// SQLITE_ERROR is whatever the SQL does wrong, found while it is compiled or while it runs.
status_code code_of_error(std::string_view text) {
  if (text.starts_with("not authorized")) return status_code::permission_denied;
  bool overflows = text.find("integer overflow") != std::string_view::npos;
  return overflows ? status_code::out_of_range : status_code::invalid_argument;
}

status_code code_of(int outcome, std::string_view text) {
  // The statement writes on a connection that only reads; extended codes are about the file.
  if (outcome == SQLITE_READONLY) return status_code::permission_denied;
  switch (outcome & 0xff) {
    case SQLITE_ERROR:
      return code_of_error(text);
    case SQLITE_MISMATCH:
      return status_code::invalid_argument;
    case SQLITE_AUTH:
      return status_code::permission_denied;
    case SQLITE_INTERRUPT:
      return status_code::deadline_exceeded;
    case SQLITE_TOOBIG:
    case SQLITE_NOMEM:
      return status_code::resource_exhausted;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL:
      return status_code::unavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return status_code::data_loss;
    default:
      return status_code::internal;
  }
}

}  // namespace

status status_of(sqlite3* connection, int outcome) {
  if (outcome == SQLITE_OK || outcome == SQLITE_ROW || outcome == SQLITE_DONE) return {};
  std::string text = connection ? sqlite3_errmsg(connection) : sqlite3_errstr(outcome);
  return status(code_of(outcome, text), text);
}

}  // namespace perdure::views
