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
//
// As text, version 1:
//
//   1;event_sourced_entity/shopping-cart:3:1834;topic/flights:3:77
//   ^ ^                                  ^ ^
//   | the log                            | end
//   version                              partition
//
// Bytes of a log's name other than letters, digits and - _ . / stand as %XX. Each list has one text
// only, and clients need to know none of this.

namespace perdure {

inline constexpr const char* position_header = "perdure-position";

struct log_position {
  std::string log;  // pubsub::message_source::path(): "topic/flights", "value_entity/customer"
  std::uint32_t partition = 0;
  std::uint64_t end = 0;  // what was read when the next offset to read is this or a later one

  friend bool operator==(const log_position&, const log_position&) = default;
};

// ASCII, opaque to clients.
std::string encode_positions(std::span<const log_position> positions);

// INVALID_ARGUMENT: not what encode_positions() makes.
result<std::vector<log_position>> decode_positions(std::string_view text);

// Where many positions of few logs are encoded: the name as it stands in the text, and one position
// more at the end of a text, or of an empty one, which it begins.
std::string encoded_log(std::string_view log);
void add_position(std::string& text, std::string_view encoded_log, std::uint32_t partition,
                  std::uint64_t end);

// One text for two, each empty or of encode_positions(); of each partition only the later end.
// Where it had more than merged_positions_bytes_max, what only `b` has is left out: it must go into
// a header.
inline constexpr std::size_t merged_positions_bytes_max = 4 << 10;
std::string merged_positions(const std::string& a, const std::string& b);

}  // namespace perdure
