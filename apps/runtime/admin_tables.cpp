// The tables of a process, and what their values look like.

#include "apps/runtime/admin_tables.hpp"

#include <chrono>
#include <utility>

#include "base/utf8.hpp"
#include "views/row_times.hpp"

namespace perdure::runtime {

std::vector<admin_table> admin_tables(const administered& what) {
  std::vector<admin_table> all;
  add_entity_tables(what, all);
  add_status_tables(what, all);
  add_held_tables(what, all);
  return all;
}

views::sql_value text_or_null(std::string text) {
  if (text.empty()) return std::monostate{};
  return readable(std::move(text));
}

views::sql_value number(std::uint64_t n) { return static_cast<std::int64_t>(n); }

views::sql_value time_value(timestamp when) {
  auto since = when.time_since_epoch();
  auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  auto nanos = std::chrono::duration_cast<std::chrono::nanoseconds>(since - seconds);
  return views::timestamp_text(seconds.count(), static_cast<std::int32_t>(nanos.count()));
}

}  // namespace perdure::runtime
