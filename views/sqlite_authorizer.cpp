// Of sqlite_connection. Everything is refused but what is listed here, so that what a later SQLite
// adds is refused too.

#include "views/sqlite_authorizer.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <iterator>

#include "base/ascii.hpp"

namespace perdure::views {
namespace {

// Functions that only compute. Sorted.
constexpr std::string_view functions[] = {
    "->",
    "->>",
    "abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "avg",
    "bm25",
    "ceil",
    "ceiling",
    "char",
    "coalesce",
    "cos",
    "cosh",
    "count",
    "cume_dist",
    "current_date",
    "current_time",
    "current_timestamp",
    "date",
    "datetime",
    "degrees",
    "dense_rank",
    "exp",
    "first_value",
    "floor",
    "format",
    "glob",
    "group_concat",
    "hex",
    "highlight",
    "ifnull",
    "iif",
    "instr",
    "json",
    "json_array",
    "json_array_length",
    "json_extract",
    "json_group_array",
    "json_group_object",
    "json_insert",
    "json_object",
    "json_patch",
    "json_quote",
    "json_remove",
    "json_replace",
    "json_set",
    "json_type",
    "json_valid",
    "julianday",
    "lag",
    "last_value",
    "lead",
    "length",
    "like",
    "likelihood",
    "likely",
    "ln",
    "log",
    "log10",
    "log2",
    "lower",
    "ltrim",
    "match",
    "max",
    "min",
    "mod",
    "nth_value",
    "ntile",
    "nullif",
    "percent_rank",
    "perdure_at",
    "perdure_collect",
    "perdure_tuple",
    "perdure_words",
    "pi",
    "pow",
    "power",
    "printf",
    "quote",
    "radians",
    "random",
    "randomblob",
    "rank",
    "replace",
    "round",
    "row_number",
    "rtrim",
    "sign",
    "sin",
    "sinh",
    "snippet",
    "soundex",
    "sqrt",
    "strftime",
    "substr",
    "substring",
    "sum",
    "tan",
    "tanh",
    "time",
    "total",
    "trim",
    "trunc",
    "typeof",
    "unicode",
    "unixepoch",
    "unlikely",
    "upper",
    "zeroblob",
};

bool only_computes(std::string_view function) {
  return std::binary_search(std::begin(functions), std::end(functions), lower_case(function));
}

bool is_json_table(std::string_view table) { return table == "json_each" || table == "json_tree"; }

bool is_schema(std::string_view table) { return table == "sqlite_master"; }

// Tables that SQLite keeps, or makes up when they are named.
bool is_of_sqlite(std::string_view table) {
  return table.starts_with("sqlite_") || table.starts_with("pragma_") || table == "dbstat" ||
         table == "bytecode" || table == "tables_used" || table.starts_with("fts5");
}

}  // namespace

std::vector<std::string> permitted_functions() {
  return {std::begin(functions), std::end(functions)};
}

bool sqlite_authorizer::permits(int action, const char* first, const char* second) {
  std::string_view one = first ? first : "", other = second ? second : "";
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
      return true;
    case SQLITE_READ:
      if (permits_reading(one, other)) return true;
      return refuse("it may not read " + std::string(one) +
                    (other.empty() ? "" : "." + std::string(other)));
    case SQLITE_FUNCTION:
      return only_computes(other) || refuse("it may not call " + std::string(other) + "()");
    case SQLITE_TRANSACTION:
      return is_runtimes_ || refuse("it may only read: transactions are not its own");
    case SQLITE_UPDATE:
      // So SQLite asks when it meets a virtual table for the first time. It refuses by itself the
      // statements that would really write there.
      return is_schema(one) || refuse("it may only read");
    case SQLITE_PRAGMA:
      // By this full text search sees that others have written.
      return (one == "data_version" && !second) || refuse("it may not use PRAGMA");
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
      return refuse("it may not attach files");
    default:
      return refuse("it may only read");
  }
}

bool sqlite_authorizer::permits_reading(std::string_view name, std::string_view column) const {
  auto table = lower_case(name);
  if (is_json_table(table)) return true;
  // Asked when it meets a virtual table, too. For one that reads no other column of the schema it
  // asks again, without a column.
  if (is_schema(table) && column == "ROWID") return true;
  if (is_of_sqlite(table)) return false;
  // Only how many rows there are, of what is no table: a WITH of the statement.
  if (column.empty() && !tables_.contains(table)) return true;
  if (allowed_(name, column)) return true;
  auto words = table.find(".words");
  if (words == std::string::npos) return false;
  // Of a full text table its own columns are "rank" and one of its name; what keeps it,
  // "<table>.words_data" and others, are parts of no column.
  auto of = name.substr(0, words);
  auto part = lower_case(column);
  bool is_column = table.size() == words + 6 && part != table && part != "rank" && part != "rowid";
  return allowed_(of, is_column ? column : std::string_view());
}

bool sqlite_authorizer::refuse(std::string why) {
  refusal_ = std::move(why);
  return false;
}

}  // namespace perdure::views
