#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "persistence/mail.hpp"
#include "persistence/step.hpp"

// Mailboxes, timers, command records and what was relayed, as plain containers: the half of
// memory_step_store that steps set off in others. One thread at a time: its owner has the mutex.

namespace perdure::persistence {

class memory_mail {
 public:
  memory_mail(std::uint32_t shard_count, std::chrono::milliseconds retention);

  // Whether `s`, which has mail, relays what is there already: then nothing is to be done.
  bool is_relayed(const step& s) const;

  // Whether what `s` says of its mail can be done.
  status check(const step& s) const;

  // Does it, and puts the places that the store has chosen into the step's mail.
  void apply(const step& s);

  // As the verbs of mail_store.
  std::size_t mail_bytes(const entity_key& target) const;
  std::vector<entity_key> entities_with_mail() const;
  std::vector<stored_mail> read_mail(const entity_key& target, mail_position after,
                                     std::size_t bytes_max) const;
  std::vector<stored_timer> read_due_timers(timestamp now, std::size_t max) const;
  std::optional<timestamp> next_due() const;
  std::optional<command_record> find_command(const std::string& command_id, timestamp now) const;
  outbox_offset relayed(shard_id shard) const { return relayed_[value(shard)]; }

 private:
  struct mailbox {
    std::map<mail_position, stored_mail> entries;
    std::size_t bytes = 0;
  };
  using timer_name = std::pair<entity_key, std::string>;

  outbox_offset& relayed_of(const step& s);
  void put(new_mail& mail, hybrid_time time);
  void remove(const entity_key& target, mail_position position);
  void set(const timer_name& name, const timer_change::timer& timer);
  void cancel(const timer_name& name);

  const std::chrono::milliseconds retention_;
  std::uint64_t last_number_ = 0;  // given to a mail as its position, or to a timer as its version
  std::map<entity_key, mailbox> mailboxes_;  // those that are not empty
  std::map<timer_name, stored_timer> timers_;
  std::set<std::pair<timestamp, timer_name>> due_;
  std::map<std::string, command_record> commands_;
  std::vector<outbox_offset> relayed_;  // by shard
};

}  // namespace perdure::persistence
