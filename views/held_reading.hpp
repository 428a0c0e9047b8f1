#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "perdure/status.hpp"
#include "views/sqlite_view_file.hpp"

// What a view holds back, for people: page by page, beside the view's own thread.

namespace perdure::views {

// Where a held message stands.
struct held_in_view {
  std::string source;  // message_source::path()
  std::string subject;
  std::uint64_t number = 0;
};

// The messages behind `after` by source, subject and number, as the last commit left them, at most
// `max` and about `bytes_max`, but one if there is one; nullopt: from the first. Any thread.
//   UNAVAILABLE, DATA_LOSS  the file cannot be read, or is damaged
result<std::vector<held_message>> read_held(const sqlite_view_file& file,
                                            const std::optional<held_in_view>& after,
                                            std::size_t max, std::size_t bytes_max);

}  // namespace perdure::views
