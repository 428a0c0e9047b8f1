#pragma once

#include <cstdint>
#include <string>
#include <variant>

// A value as SQL has it: of a column, of a parameter, of a result.

namespace perdure::views {

struct sql_blob {
  std::string bytes;
  friend bool operator==(const sql_blob&, const sql_blob&) = default;
};

// monostate: NULL. Text is UTF-8.
using sql_value = std::variant<std::monostate, std::int64_t, double, std::string, sql_blob>;

}  // namespace perdure::views
