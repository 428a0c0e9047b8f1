#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "views/query_plan.hpp"
#include "views/sql_tokens.hpp"

// The shape of a query: its SELECTs, their clauses, and what each has in FROM. What names mean is
// looked up along it (query_names.cpp).

namespace perdure::views {

inline constexpr std::size_t none = static_cast<std::size_t>(-1);

// Tokens, by their numbers.
struct token_range {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool empty() const { return begin >= end; }
  std::size_t size() const { return empty() ? 0 : end - begin; }
};

struct from_item {
  enum class kind { table, json, other };
  kind what;
  std::string name;           // what the query calls it; empty when it has no name
  std::string written;        // the same as it is written, perhaps in quotes
  const table_schema* table;  // of the view; else null
  bool nothing_before;        // it is the first, so that no LEFT JOIN makes it NULL
};

// One result of a SELECT, or one of what stands in parentheses like one.
struct select_item {
  token_range expression;
  token_range alias;  // the name, or path, behind AS; empty when there is none
  std::string name;   // of the alias
};

// "a.b".
std::string dotted(std::span<const std::string> parts);

enum class clause { items, from, where, group_by, having, window, order_by, limit };
inline constexpr std::size_t clauses = 8;

struct select_core {
  std::size_t parent = none;  // in query_shape::cores
  token_range all;            // from SELECT on
  bool distinct = false;
  std::array<token_range, clauses> parts;  // without their keywords
  std::vector<from_item> from;
  std::vector<select_item> items;
  std::vector<select_item> inner_items;  // in parentheses: (a, b AS x) AS f

  const token_range& operator[](clause c) const { return parts[static_cast<std::size_t>(c)]; }
  const from_item* find(std::string_view name) const;
};

struct query_shape {
  std::vector<sql_token> tokens;
  std::vector<std::size_t> partner;  // of a parenthesis the other one; of others none
  std::vector<std::size_t> core_of;  // the innermost SELECT around a token, or none
  std::vector<bool> is_declared;     // a name that is given here, or a table's: not looked up
  std::vector<select_core> cores;
  std::vector<std::size_t> outermost;  // several when there is UNION or the like
  std::size_t outermost_begins = 0;    // before it: WITH

  bool is(std::size_t token, std::string_view word_or_symbol) const;
  bool is_name(std::size_t token) const;    // a word or a quoted name
  bool is_select(std::size_t paren) const;  // a parenthesis around a query
  bool has_subquery() const { return cores.size() > outermost.size(); }

  // At commas that stand in no further parentheses. Empty parts too; none of an empty range.
  std::vector<token_range> split(token_range at_commas) const;
  select_item item(token_range of) const;

  // The path that begins here: the token behind it, and its parts without quotes.
  std::size_t end_of_path(std::size_t begin) const;
  std::vector<std::string> path(token_range of) const;
};

struct read_shape {
  query_shape shape;
  std::vector<query_problem> problems;
};

read_shape shape_of(std::string_view query, std::span<const table_schema> tables);

}  // namespace perdure::views
