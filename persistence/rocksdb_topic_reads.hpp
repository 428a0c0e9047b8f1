#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "persistence/rocksdb_database.hpp"
#include "persistence/topic.hpp"
#include "persistence/topic_table.hpp"

// What is read of topics and of what their readers have; as rocksdb_reads.

namespace perdure::persistence {

// The messages of a partition from `first` on, before `end`.
result<std::vector<stored_message>> read_messages(const rocksdb_database& from,
                                                  const std::string& topic, std::uint32_t partition,
                                                  topic_offset first, topic_offset end,
                                                  std::size_t bytes_max);

// As the verb of topic_store, in a partition with these bounds. A damaged message is taken to be of
// the time of the one behind it.
result<topic_offset> read_offset_at(const rocksdb_database& from, const std::string& topic,
                                    std::uint32_t partition, topic_bounds bounds, timestamp time);

// How many bytes stand before `at`, or before the next sound message if that one is damaged; in a
// partition with this end.
result<std::uint64_t> read_bytes_before(const rocksdb_database& from, const std::string& topic,
                                        std::uint32_t partition, topic_offset at, topic_end end);

// What all topics hold.
result<topic_partitions> read_all_topics(const rocksdb_database& from);

// Of readers: as the verbs of topic_store.
result<std::vector<std::string>> read_readers(const rocksdb_database& from);
result<std::vector<cursor>> read_cursors(const rocksdb_database& from, const std::string& reader);
result<bool> read_is_paused(const rocksdb_database& from, const std::string& reader);
result<std::optional<std::uint64_t>> read_last_seen(const rocksdb_database& from,
                                                    const seen_subject& what);
result<std::vector<stored_held_message>> read_held(const rocksdb_database& from,
                                                   const std::string& reader,
                                                   const std::optional<held_place>& after,
                                                   std::size_t bytes_max);

// Where the cursor under this key stands; 0 when it was never set.
result<topic_offset> read_cursor(const rocksdb_database& from, const std::string& key_in_readers);

}  // namespace perdure::persistence
