#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "perdure/status.hpp"
#include "persistence/rocksdb_record_bytes.hpp"
#include "persistence/topic.hpp"

// The values of topics and their readers: messages, what was trimmed, held messages; cursors and
// the like are records of one number (rocksdb_mail_records). As those of rocksdb_records, which
// tells what decoding answers.

namespace perdure::persistence {

// A message of a topic; its topic and offset are in the key only.
struct message_record {
  stored_message what;
  std::uint64_t bytes_before = 0;  // of the messages before it in its partition
};
std::string encode_message(std::string_view key, const new_message& message, timestamp time,
                           std::uint64_t bytes_before, std::string buffer = {});
result<message_record> decode_message(std::string_view key, std::string_view value);

// From where on a partition was left when it was trimmed last.
struct trimmed_record {
  topic_offset first{};
  std::uint64_t bytes_before = 0;
};
std::string encode_trimmed(std::string_view key, const trimmed_record& record);
result<trimmed_record> decode_trimmed(std::string_view key, std::string_view value);

// A held message; its place is in the key only.
std::string encode_held(std::string_view key, const held_message& held, std::string buffer = {});
result<held_message> decode_held(std::string_view key, std::string_view value);

}  // namespace perdure::persistence
