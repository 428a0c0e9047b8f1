// SQLite's keywords, divided as its grammar divides them (parse.y, "fallback"), and names that are
// ours.

#include "views/sql_words.hpp"

#include <algorithm>
#include <iterator>

#include "base/ascii.hpp"

namespace perdure::views {
namespace {

// Sorted.
constexpr std::string_view reserved[] = {"add",
                                         "all",
                                         "alter",
                                         "and",
                                         "as",
                                         "asc",
                                         "between",
                                         "by",
                                         "case",
                                         "cast",
                                         "check",
                                         "collate",
                                         "commit",
                                         "constraint",
                                         "create",
                                         "cross",
                                         "current_date",
                                         "current_time",
                                         "current_timestamp",
                                         "default",
                                         "deferrable",
                                         "delete",
                                         "desc",
                                         "distinct",
                                         "drop",
                                         "else",
                                         "escape",
                                         "except",
                                         "exists",
                                         "false",
                                         "filter",
                                         "foreign",
                                         "from",
                                         "full",
                                         "glob",
                                         "group",
                                         "having",
                                         "in",
                                         "index",
                                         "indexed",
                                         "inner",
                                         "insert",
                                         "intersect",
                                         "into",
                                         "is",
                                         "isnull",
                                         "join",
                                         "left",
                                         "like",
                                         "limit",
                                         "match",
                                         "materialized",
                                         "natural",
                                         "not",
                                         "nothing",
                                         "notnull",
                                         "null",
                                         "nulls",
                                         "on",
                                         "or",
                                         "order",
                                         "outer",
                                         "over",
                                         "primary",
                                         "references",
                                         "regexp",
                                         "returning",
                                         "right",
                                         "select",
                                         "set",
                                         "table",
                                         "then",
                                         "to",
                                         "transaction",
                                         "true",
                                         "union",
                                         "unique",
                                         "update",
                                         "using",
                                         "values",
                                         "when",
                                         "where",
                                         "window",
                                         "with"};

// Sorted.
constexpr std::string_view keywords[] = {
    "abort",     "action",    "after",     "always",    "analyze",   "attach",    "autoincrement",
    "before",    "begin",     "cascade",   "column",    "conflict",  "current",   "database",
    "deferred",  "detach",    "do",        "each",      "end",       "exclude",   "exclusive",
    "explain",   "fail",      "first",     "following", "for",       "generated", "groups",
    "if",        "ignore",    "immediate", "initially", "instead",   "key",       "last",
    "no",        "of",        "offset",    "others",    "partition", "plan",      "pragma",
    "preceding", "query",     "raise",     "range",     "recursive", "reindex",   "release",
    "rename",    "replace",   "restrict",  "rollback",  "row",       "rows",      "savepoint",
    "temp",      "temporary", "ties",      "trigger",   "unbounded", "vacuum",    "view",
    "virtual",   "without"};

constexpr std::string_view aggregates[] = {
    "avg", "collect", "count", "group_concat", "json_group_array", "json_group_object",
    "max", "min",     "sum",   "total"};

static_assert(std::ranges::is_sorted(reserved) && std::ranges::is_sorted(keywords) &&
              std::ranges::is_sorted(aggregates));

template <std::size_t N>
bool holds(const std::string_view (&sorted)[N], std::string_view word) {
  return std::binary_search(std::begin(sorted), std::end(sorted), lower_case(word));
}

std::string without_quotes(std::string_view text, char quote) {
  std::string made;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    made += text[i];
    if (text[i] == quote && quote != ']') ++i;
  }
  return made;
}

}  // namespace

bool is_reserved(std::string_view word) { return holds(reserved, word); }

bool is_keyword(std::string_view word) { return is_reserved(word) || holds(keywords, word); }

bool is_aggregate(std::string_view function) { return holds(aggregates, function); }

bool is_internal(std::string_view name) {
  auto lower = lower_case(name);
  return lower.starts_with("perdure_") || lower.starts_with("sqlite_") ||
         lower.starts_with("pragma_") || lower == "load_extension";
}

std::string quoted(std::string_view name) {
  std::string made = "\"";
  for (char c : name) made += c == '"' ? "\"\"" : std::string(1, c);
  return made + "\"";
}

std::string unquoted(std::string_view name) {
  if (name.empty()) return {};
  if (name.front() == '[') return without_quotes(name, ']');
  if (name.front() == '"' || name.front() == '`') return without_quotes(name, name.front());
  return std::string(name);
}

std::string text_of_literal(std::string_view literal) { return without_quotes(literal, '\''); }

bool same_word(std::string_view a, std::string_view b) { return lower_case(a) == lower_case(b); }

}  // namespace perdure::views
