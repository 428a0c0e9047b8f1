#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "persistence/mail.hpp"
#include "persistence/mailbox_table.hpp"
#include "persistence/rocksdb_database.hpp"

// What is read of mailboxes, command records and relaying; as rocksdb_reads.

namespace perdure::persistence {

// The mail of `target` from `first` on.
result<std::vector<stored_mail>> read_mailbox(const rocksdb_database& from,
                                              const entity_key& target, mail_position first,
                                              std::size_t bytes_max);

// All mail, in short. Damaged mail is there too: whoever reads it is told.
result<std::vector<std::pair<entity_key, mailbox_table::entry>>> read_all_mailboxes(
    const rocksdb_database& from);

result<std::optional<command_record>> read_command(const rocksdb_database& from,
                                                   const std::string& command_id);

result<outbox_offset> read_relayed(const rocksdb_database& from, shard_id shard);

// The number that was given last to a mail or a timer.
result<std::uint64_t> read_last_number(const rocksdb_database& from);

// When and as what a timer was set; nullopt when there is none.
struct timer_version {
  std::uint64_t version = 0;
  timestamp due;
};
result<std::optional<timer_version>> read_timer_version(const rocksdb_database& from,
                                                        const std::string& key_in_timers);

}  // namespace perdure::persistence
