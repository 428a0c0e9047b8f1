#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "perdure/status.hpp"
#include "persistence/topic_store.hpp"
#include "pubsub/topic_writer.hpp"

// What stands in our topics and is not elsewhere yet: how far the relay got in each of them, and
// the next messages to go.

namespace perdure::pubsub {

// Where messages go that can never be written elsewhere; not relayed.
inline constexpr const char* refused_topic = "perdure.refused";

// The next messages: of each partition those behind its position, in order.
struct relay_group {
  std::vector<std::vector<persistence::stored_message>> pages;  // what `messages` point into
  std::vector<outgoing_message> messages;
  bool is_full = false;  // there is more
};

// By the relay's thread, but for has_more() and size().
class relay_backlog {
 public:
  using clock = std::chrono::steady_clock;

  // The store outlives this.
  explicit relay_backlog(persistence::topic_store& store) : store_(store) {}

  // Reads where the relay stood. What moved since is forgotten.
  status load();

  // The topics that something is known of.
  std::vector<std::string> topics();

  // The messages behind those that were given before, within these bounds, one at least if there is
  // one. Nothing of topics that are held, and of a partition nothing from a refused message on.
  result<relay_group> next(std::size_t bytes_max, std::size_t messages_max);

  // All before this place is elsewhere; never back.
  void written(const std::string& topic, std::uint32_t shard, topic_offset next);
  // All of the group is.
  void written(const relay_group& group);

  // What was given and is not written is given again.
  void give_again();

  // Nothing of the topic is given until then.
  void hold(const std::string& topic, clock::time_point until);
  bool is_held(const std::string& topic, clock::time_point now) const;

  // The message at this place cannot be written.
  void refuse(const std::string& topic, std::uint32_t shard, topic_offset place, status why);
  struct refused_message {
    std::string topic;
    std::uint32_t shard;
    topic_offset place;
    status why;
  };
  // Those whose turn it is: all before them are written. Only while nothing else is given.
  std::vector<refused_message> take_refused();

  // From any thread: whether there is something to give, and how many messages are not written.
  bool has_more() const;
  std::uint64_t size() const;

 private:
  struct positions {
    topic_offset given{};
    topic_offset written{};
  };
  struct topic_state {
    std::vector<positions> shards;
    clock::time_point held_until{};
  };
  using place = std::pair<std::string, std::uint32_t>;

  topic_state& state_of(const std::string& topic);
  positions at(const std::string& topic, std::uint32_t shard) const;
  status add_page(relay_group& group, const std::string& topic, std::uint32_t shard,
                  std::size_t bytes_max, std::size_t messages_max);

  persistence::topic_store& store_;
  mutable std::mutex mutex_;
  std::map<std::string, topic_state> topics_;  // under the lock
  std::map<place, std::map<topic_offset, status>> refused_;
  std::size_t turn_ = 0;  // which partition is first in the next group
};

}  // namespace perdure::pubsub
