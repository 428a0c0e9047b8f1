#pragma once

struct sqlite3;

namespace perdure::views {

// The functions that sqlite_connection.hpp names.
void add_functions(sqlite3* connection);

}  // namespace perdure::views
