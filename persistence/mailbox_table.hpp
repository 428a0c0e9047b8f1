#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"

// Which entities have mail, where in their mailboxes and how much: what is asked for too often to
// be read from a database each time. 16 bytes of memory per mail that waits.

namespace perdure::persistence {

// Any thread. What the database holds is put here after it is durable, by the thread that commits.
class mailbox_table {
 public:
  struct entry {
    mail_position position{};
    std::size_t bytes = 0;
  };
  struct addition {
    const entity_key* target;
    entry what;
  };
  struct removal {
    const entity_key* target;
    mail_position position{};
  };

  // What a group has put and removed; what is not there is not removed.
  void change(std::span<const addition> added, std::span<const removal> removed);

  // What is in the database, in place of all that is here; each mailbox in the order of its
  // positions.
  void replace(std::span<const std::pair<entity_key, entry>> all);

  std::size_t bytes_of(const entity_key& target) const;
  std::vector<entity_key> entities() const;
  bool contains(const entity_key& target, mail_position position) const;

  // The place of the first mail behind `after`; nullopt when there is none.
  std::optional<mail_position> first_behind(const entity_key& target, mail_position after) const;

 private:
  // The entries from `first` on, in order; mail is nearly always removed from the front.
  struct mailbox {
    std::vector<entry> entries;
    std::size_t first = 0;
    std::size_t bytes = 0;

    std::size_t place_of(mail_position position) const;
    void add(entry e);
    void remove(mail_position position);
    bool is_empty() const { return first == entries.size(); }
  };

  mutable std::mutex mutex_;
  std::unordered_map<entity_key, mailbox> mailboxes_;  // those that are not empty
};

}  // namespace perdure::persistence
