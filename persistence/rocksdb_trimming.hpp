#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "persistence/rocksdb_database.hpp"
#include "persistence/topic_table.hpp"

// Dropping the first messages of a partition. Beside commits: they only append. Any thread.

namespace perdure::persistence {

class topic_trimming {
 public:
  // As the verb trim_topic of topic_store; shows it in `table`.
  status trim(const rocksdb_database& database, topic_table& table, const std::string& topic,
              std::uint32_t partition, topic_offset first);

  // Whether `offset` is there no more, also when it is being dropped right now.
  bool is_gone(const topic_table& table, const std::string& topic, std::uint32_t partition,
               topic_offset offset) const;

 private:
  mutable std::mutex one_at_a_time_;
  // Of partitions, by key: before how many bytes files were removed last.
  std::map<std::string, std::uint64_t> freed_;
};

}  // namespace perdure::persistence
