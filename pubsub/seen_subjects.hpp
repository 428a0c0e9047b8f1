#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "perdure/status.hpp"
#include "persistence/topic_store.hpp"

// Which messages of one partition a reader has dealt with, by the last sequence number of each
// subject: those of late in memory, the others in the store.

namespace perdure::pubsub {

// One thread at a time.
class seen_subjects {
 public:
  seen_subjects(persistence::topic_store& store, std::string reader)
      : store_(store), reader_(std::move(reader)) {}

  // Whether it was seen already; else it is from now on. Reads the store for a subject that has not
  // come of late: blocks.
  result<bool> was_seen(const std::string& subject, std::uint64_t sequence);

  // All up to `stored` is in the store, and `read` is where reading has got to: lets go of what
  // need not be remembered.
  void tidy(topic_offset stored, topic_offset read);

 private:
  using numbers = std::unordered_map<std::string, std::uint64_t>;

  persistence::topic_store& store_;
  const std::string reader_;
  numbers recent_;
  numbers older_;               // all of it was read before older_until_
  topic_offset older_until_{};  // so it may go once that is stored
};

}  // namespace perdure::pubsub
