#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "persistence/step.hpp"
#include "persistence/topic.hpp"

// Topics, cursors, held messages and pauses, as plain containers: the part of memory_step_store
// that readers of topics and logs go by. One thread at a time: its owner has the mutex.

namespace perdure::persistence {

class memory_topics {
 public:
  explicit memory_topics(std::uint32_t partitions) : partitions_(partitions) {}

  // Whether what `s`, which has mail, says of topics can be done.
  status check(const step& s) const;

  // Does it, and puts the offsets of its messages into the step.
  void apply(const step& s);

  // As the verbs of topic_store.
  std::vector<std::string> topics() const;
  topic_bounds bounds(const std::string& topic, std::uint32_t partition) const;
  result<std::vector<stored_message>> read_topic(const std::string& topic, std::uint32_t partition,
                                                 topic_offset from, std::size_t bytes_max) const;
  topic_offset offset_at(const std::string& topic, std::uint32_t partition, timestamp time) const;
  std::uint64_t bytes_from(const std::string& topic, std::uint32_t partition,
                           topic_offset first) const;
  void trim_topic(const std::string& topic, std::uint32_t partition, topic_offset first);
  std::vector<std::string> readers() const;
  std::vector<cursor> read_cursors(const std::string& reader) const;
  bool is_paused(const std::string& reader) const { return paused_.contains(reader); }
  std::optional<std::uint64_t> last_seen(const std::string& reader,
                                         const std::string& subject) const;
  std::vector<stored_held_message> read_held(const std::string& reader,
                                             const std::optional<held_place>& after,
                                             std::size_t bytes_max) const;

 private:
  struct message_queue {
    topic_offset first{};
    std::deque<stored_message> messages;  // from `first` on

    topic_offset end() const { return first + messages.size(); }
  };

  const message_queue* find(const std::string& topic, std::uint32_t at) const;

  const std::uint32_t partitions_;
  std::map<std::string, std::vector<message_queue>> topics_;
  std::map<std::pair<std::string, std::uint32_t>, topic_offset> cursors_;  // by reader, partition
  std::map<std::pair<std::string, std::string>, std::uint64_t> seen_;      // by reader, subject
  std::map<held_place, held_message> held_;
  std::set<std::string> paused_;
};

}  // namespace perdure::persistence
