// What a view holds back, read on a connection of its own: those for queries may not see it.

#include "views/held_reading.hpp"

#include <string>
#include <utility>

#include "views/sqlite_view_parts.hpp"

namespace perdure::views {

result<std::vector<held_message>> read_held(const sqlite_view_file& file,
                                            const std::optional<held_in_view>& after,
                                            std::size_t max, std::size_t bytes_max) {
  auto opened = sqlite_connection::open(file.path(), sqlite_connection::access::read);
  if (!opened) return opened.error();
  auto read = opened->prepare("SELECT " + std::string(held_columns) +
                              " FROM perdure_held WHERE (source, subject, number) > (?1, ?2, ?3) "
                              "ORDER BY source, subject, number");
  if (!read) return read.error();
  auto behind = after.value_or(held_in_view{});
  read->bind_text(1, behind.source);
  read->bind_text(2, behind.subject);
  read->bind(3, static_cast<std::int64_t>(behind.number));
  std::vector<held_message> page;
  std::size_t bytes = 0;
  while (page.size() < max) {
    auto there = read->step();
    if (!there) return there.error();
    if (!*there) break;
    auto one = held_of(*read);
    if (!one) return one.error();
    bytes += one->record.payload.value_or("").size();
    if (!page.empty() && bytes > bytes_max) break;
    page.push_back(*std::move(one));
  }
  return page;
}

}  // namespace perdure::views
