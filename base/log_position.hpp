#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "perdure/status.hpp"

// How far a log had grown when a command was answered: who has read to there has seen what the
// command did. A reply carries its positions as the header `perdure-position`; a query that is sent
// with them waits until the view has seen them.

namespace perdure {

inline constexpr const char* position_header = "perdure-position";

struct log_position {
  std::string
      log;  // "entity/<type>" or "topic/<name>", as message_source::path() but of both kinds
  std::uint32_t partition = 0;
  std::uint64_t end = 0;  // what was read when the next offset to read is this or a later one

  friend bool operator==(const log_position&, const log_position&) = default;
};

// ASCII, opaque to clients.
std::string encode_positions(std::span<const log_position> positions);

// INVALID_ARGUMENT: not what encode_positions() makes.
result<std::vector<log_position>> decode_positions(std::string_view text);

}  // namespace perdure
