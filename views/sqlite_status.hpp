#pragma once

#include "perdure/status.hpp"

struct sqlite3;

namespace perdure::views {

// SQLite's outcome as a status, with the text of the connection's last error: the table in
// sqlite_connection.hpp. OK, ROW and DONE are ok.
status status_of(sqlite3* connection, int outcome);

}  // namespace perdure::views
