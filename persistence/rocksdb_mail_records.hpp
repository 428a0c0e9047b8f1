#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "perdure/status.hpp"
#include "persistence/mail.hpp"
#include "persistence/rocksdb_record_bytes.hpp"

// The values of what steps set off: mail, timers, command records. As those of rocksdb_records,
// which tells what decoding answers.

namespace perdure::persistence {

// An entry of a mailbox; its target and position are in the key only.
std::string encode_mail(std::string_view key, const new_mail& mail, hybrid_time time,
                        std::string buffer = {});
result<stored_mail> decode_mail(std::string_view key, std::string_view value);

// A timer; its owner and name are in the key only.
std::string encode_timer(std::string_view key, std::uint64_t version,
                         const timer_change::timer& timer, std::string buffer = {});
result<stored_timer> decode_timer(std::string_view key, std::string_view value);

// What is known of a command by its id, which is in the key only.
std::string encode_command(std::string_view key, const command_record& record,
                           std::string buffer = {});
result<command_record> decode_command(std::string_view key, std::string_view value);

// A record that is one number: the version of the timer that is due, the sequence number of a
// deletion, the place that was relayed last, the number that was given last.
std::string encode_number(record_kind kind, std::string_view key, std::uint64_t n,
                          std::string buffer = {});
result<std::uint64_t> decode_number(record_kind kind, std::string_view key, std::string_view value);

}  // namespace perdure::persistence
