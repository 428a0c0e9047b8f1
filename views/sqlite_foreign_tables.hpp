#pragma once

#include <memory>
#include <vector>

#include "perdure/status.hpp"
#include "views/foreign_table.hpp"
#include "views/sqlite_connection.hpp"

// Tables from elsewhere, for the statements of one connection: read-only, by their names, without a
// CREATE. A table of a file that is attached has precedence; main.<name> is the one from elsewhere.

namespace perdure::views {

// What a foreign table has failed with last, as SQLite keeps the text only. Of one connection, and
// the thread that uses it.
using foreign_failure = std::shared_ptr<status>;

// Before restrict_to(). The tables are kept by the connection.
result<foreign_failure> add_foreign_tables(
    sqlite_connection& to, const std::vector<std::shared_ptr<const foreign_table>>& tables);

}  // namespace perdure::views
