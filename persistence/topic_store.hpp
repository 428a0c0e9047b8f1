#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "persistence/mail_store.hpp"
#include "persistence/topic.hpp"

// The port of a store that has the topics of a process, and what its readers need to go on where
// they were: cursors, what they have seen, what is held back. What steps say of them
// (topic_effects) takes effect in commit(), with the rest of the step.
//
// A topic is there once something was published to it; it has as many partitions as the store has
// shards. With topics in Kafka, these are what waits to be relayed to it.
//
// Adapters: memory_step_store (the executable specification), rocksdb_step_store. Each passes
// test/persistence/topic_store_contract and topic_readers_contract. Threads and codes as for the
// reading verbs of step_store.

namespace perdure::persistence {

class topic_store : public mail_store {
 public:
  // -------------------------------------------------------------------------------------- topics

  // The topics that something was ever published to, by name.
  virtual std::vector<std::string> topics() const = 0;

  // {0, 0} of a topic that is not there. Answers from memory; a commit shows here before it
  // returns.
  virtual topic_bounds bounds(const std::string& topic, std::uint32_t partition) const = 0;

  // The messages from `from` on, in order, at most about `bytes_max` but at least one if there is
  // one; never one behind bounds(). Those before a damaged one are still given; asking from the
  // damaged one on is what fails.
  //   OUT_OF_RANGE  `from` is before the first that is still there
  virtual result<std::vector<stored_message>> read_topic(const std::string& topic,
                                                         std::uint32_t partition, topic_offset from,
                                                         std::size_t bytes_max) = 0;

  // The first offset whose message is of `time` or later, if times grow along the partition; the
  // end when there is none.
  virtual result<topic_offset> offset_at(const std::string& topic, std::uint32_t partition,
                                         timestamp time) = 0;

  // About how many bytes the messages from `first` on take.
  virtual result<std::uint64_t> bytes_from(const std::string& topic, std::uint32_t partition,
                                           topic_offset first) = 0;

  // Drops the messages before `first`; nothing when they are gone, and none that come after. Any
  // thread. Not synced: after a crash what was dropped last may be there again. Each call leaves a
  // mark that is kept for a while, so many messages at once are better than one by one.
  virtual status trim_topic(const std::string& topic, std::uint32_t partition,
                            topic_offset first) = 0;

  // ---------------------------------------------------------------------------------------- logs

  // Where the next event of a shard goes: the end of read_log(), which shows nothing behind it.
  // From memory, as bounds().
  virtual log_offset log_end(shard_id shard) const = 0;

  // ------------------------------------------------------------------------------------- readers

  // All readers that have a cursor, a pause or a held message.
  virtual result<std::vector<std::string>> readers() = 0;

  virtual result<std::vector<cursor>> read_cursors(const std::string& reader) = 0;

  virtual result<bool> is_paused(const std::string& reader) = 0;

  // The last that was noted in `seen`; nullopt when nothing was.
  virtual result<std::optional<std::uint64_t>> last_seen(const std::string& reader,
                                                         const std::string& subject) = 0;

  // The held messages of a reader behind `after`, by key and number, at most about `bytes_max` but
  // at least one if there is one. nullopt: from the first. A damaged one is given as parked, with
  // the damage as its error, so that it is seen and what is held behind it stays there.
  virtual result<std::vector<stored_held_message>> read_held(const std::string& reader,
                                                             const std::optional<held_place>& after,
                                                             std::size_t bytes_max) = 0;
};

}  // namespace perdure::persistence
