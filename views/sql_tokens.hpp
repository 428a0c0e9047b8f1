#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "perdure/status.hpp"

// The words of an SQL text, as SQLite divides it.

namespace perdure::views {

enum class token_kind {
  word,       // SELECT, carrier
  quoted,     // "carrier", `carrier`, [carrier]
  text,       // 'LGA', with its quotes
  blob,       // x'00'
  number,     // 1, 0x1f, 1.5e3
  parameter,  // :origin or :page.size, with its colon
  symbol,     // ( ) , . * = <= || -> ->> and so on
};

struct sql_token {
  token_kind kind;
  std::string_view text;  // a part of what was read
  std::size_t at;         // where it begins, in bytes
};

// What keeps a text from being divided.
struct sql_token_problem {
  std::size_t at;    // in bytes
  std::string text;  // what was expected, what came, what to do
};

struct read_sql {
  std::vector<sql_token> tokens;  // without white space and comments
  std::optional<sql_token_problem> problem;
};

// A problem is a text, name or comment that does not end, a character that SQL has not, a parameter
// of another form (?, @name, $name).
read_sql read_tokens(std::string_view sql);

// The same where a problem's place need only be told to people.
//   INVALID_ARGUMENT  there is one; says where
result<std::vector<sql_token>> tokens_of(std::string_view sql);

// "line 2, column 7", counted from 1, columns in characters.
std::string place_in(std::string_view sql, std::size_t at);

}  // namespace perdure::views
