// Tables from elsewhere as SQLite's virtual tables. Only what reads is there, so SQLite itself
// refuses to write.

#include "views/sqlite_foreign_tables.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/check.hpp"
#include "views/sqlite_tables.hpp"

namespace perdure::views {
namespace {

constexpr std::size_t columns_max = 62;  // what one number of SQLite's can say are used

// Rows of a table when it is not known better. Each column by which it is sought leaves one in a
// thousand of them, so that SQLite seeks where it can.
constexpr double rows_guessed = 1e6;

struct registered {
  std::shared_ptr<const foreign_table> table;
  foreign_failure failure;
};

struct opened_table : sqlite3_vtab {
  registered* of;
};

struct opened_cursor : sqlite3_vtab_cursor {
  std::unique_ptr<foreign_cursor> rows;
  std::int64_t number = 0;
  bool is_at_end = true;
};

int failed(sqlite3_vtab* table, status why) {
  sqlite3_free(table->zErrMsg);
  table->zErrMsg = sqlite3_mprintf("%s", why.message().c_str());
  *static_cast<opened_table*>(table)->of->failure = std::move(why);
  return SQLITE_ERROR;
}

sql_value value_of(sqlite3_value* from) {
  auto bytes = [&](const void* data) {
    return std::string(static_cast<const char*>(data),
                       static_cast<std::size_t>(sqlite3_value_bytes(from)));
  };
  switch (sqlite3_value_type(from)) {
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_value_int64(from)};
    case SQLITE_FLOAT:
      return sqlite3_value_double(from);
    case SQLITE_TEXT:
      return bytes(sqlite3_value_text(from));
    case SQLITE_BLOB:
      return sql_blob{bytes(sqlite3_value_blob(from))};
    default:
      return std::monostate{};
  }
}

void give(sqlite3_context* to, const sql_value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    sqlite3_result_int64(to, *integer);
  } else if (const auto* real = std::get_if<double>(&value)) {
    sqlite3_result_double(to, *real);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    sqlite3_result_text64(to, text->data(), text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  } else if (const auto* blob = std::get_if<sql_blob>(&value)) {
    sqlite3_result_blob64(to, blob->bytes.data(), blob->bytes.size(), SQLITE_TRANSIENT);
  } else {
    sqlite3_result_null(to);
  }
}

// ------------------------------------------------------------------------------------- the table

int connect(sqlite3* connection, void* of, int, const char* const*, sqlite3_vtab** made, char**) {
  auto* what = static_cast<registered*>(of);
  std::string sql = "CREATE TABLE x(";
  for (const auto& column : what->table->columns()) {
    if (!sql.ends_with('(')) sql += ", ";
    sql += quoted(column.name) + " " + column.type;
  }
  if (int outcome = sqlite3_declare_vtab(connection, (sql + ")").c_str()); outcome != SQLITE_OK) {
    return outcome;
  }
  *made = new opened_table{{}, what};
  return SQLITE_OK;
}

int disconnect(sqlite3_vtab* table) {
  delete static_cast<opened_table*>(table);
  return SQLITE_OK;
}

// The constraint "column = value" that can be used; negative: there is none.
int equality_on(sqlite3_index_info* info, int column) {
  for (int i = 0; i < info->nConstraint; ++i) {
    const auto& one = info->aConstraint[i];
    bool is_equality = one.usable && one.op == SQLITE_INDEX_CONSTRAINT_EQ && one.iColumn == column;
    if (is_equality && std::string_view(sqlite3_vtab_collation(info, i)) == "BINARY") return i;
  }
  return -1;
}

// What is sought by becomes bits of idxNum, and values in the order of the columns; idxStr has the
// columns that are used.
int best_index(sqlite3_vtab* table, sqlite3_index_info* info) {
  const auto& columns = static_cast<opened_table*>(table)->of->table->columns();
  info->estimatedCost = rows_guessed;
  info->idxNum = 0;
  int values = 0;
  for (std::size_t n = 0; n < columns.size() && n < 31; ++n) {
    int at = columns[n].is_sought ? equality_on(info, static_cast<int>(n)) : -1;
    if (at < 0) continue;
    info->aConstraintUsage[at].argvIndex = ++values;
    info->idxNum |= 1 << n;
    info->estimatedCost /= 1000;
  }
  info->estimatedRows = static_cast<sqlite3_int64>(info->estimatedCost) + 1;
  info->idxStr = sqlite3_mprintf("%llu", static_cast<unsigned long long>(info->colUsed));
  info->needToFreeIdxStr = 1;
  return info->idxStr ? SQLITE_OK : SQLITE_NOMEM;
}

// -------------------------------------------------------------------------------------- the rows

int open(sqlite3_vtab*, sqlite3_vtab_cursor** made) {
  *made = new opened_cursor();
  return SQLITE_OK;
}

int close(sqlite3_vtab_cursor* cursor) {
  delete static_cast<opened_cursor*>(cursor);
  return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* cursor) {
  auto* at = static_cast<opened_cursor*>(cursor);
  auto moved = at->rows->next();
  at->is_at_end = !moved.ok() || !*moved;
  if (!moved.ok()) return failed(cursor->pVtab, moved.error());
  ++at->number;
  return SQLITE_OK;
}

int filter(sqlite3_vtab_cursor* cursor, int sought, const char* used, int, sqlite3_value** values) {
  auto* at = static_cast<opened_cursor*>(cursor);
  const auto& table = *static_cast<opened_table*>(cursor->pVtab)->of->table;
  auto used_bits = std::stoull(used);
  foreign_conditions asked;
  for (std::size_t n = 0; n < table.columns().size(); ++n) {
    bool is_sought = n < 31 && (sought >> n & 1) != 0;
    asked.equal.push_back(is_sought ? std::optional(value_of(*values++)) : std::nullopt);
    asked.is_used.push_back((used_bits >> n & 1) != 0);
  }
  at->rows = table.open(asked);
  at->number = 0;
  return next(cursor);
}

int is_at_end(sqlite3_vtab_cursor* cursor) {
  return static_cast<opened_cursor*>(cursor)->is_at_end ? 1 : 0;
}

int column(sqlite3_vtab_cursor* cursor, sqlite3_context* to, int n) {
  auto value = static_cast<opened_cursor*>(cursor)->rows->column(static_cast<std::size_t>(n));
  if (!value.ok()) return failed(cursor->pVtab, value.error());
  give(to, *value);
  return SQLITE_OK;
}

int row_number(sqlite3_vtab_cursor* cursor, sqlite3_int64* number) {
  *number = static_cast<opened_cursor*>(cursor)->number;
  return SQLITE_OK;
}

// Without xCreate a table is there by its name alone.
sqlite3_module made_module() {
  sqlite3_module made{};
  made.xConnect = connect;
  made.xBestIndex = best_index;
  made.xDisconnect = disconnect;
  made.xOpen = open;
  made.xClose = close;
  made.xFilter = filter;
  made.xNext = next;
  made.xEof = is_at_end;
  made.xColumn = column;
  made.xRowid = row_number;
  return made;
}

}  // namespace

result<foreign_failure> add_foreign_tables(
    sqlite_connection& to, const std::vector<std::shared_ptr<const foreign_table>>& tables) {
  static const sqlite3_module module = made_module();
  auto failure = std::make_shared<status>();
  for (const auto& table : tables) {
    PERDURE_CHECK(table->columns().size() <= columns_max);
    // SQLite destroys it also when it does not take it.
    auto* what = new registered{table, failure};
    int outcome = sqlite3_create_module_v2(to.handle(), table->name().c_str(), &module, what,
                                           [](void* old) { delete static_cast<registered*>(old); });
    if (outcome != SQLITE_OK) {
      return status(status_code::internal, table->name() + ": " + sqlite3_errmsg(to.handle()));
    }
  }
  return failure;
}

}  // namespace perdure::views
