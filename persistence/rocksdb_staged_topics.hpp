#pragma once

#include <rocksdb/write_batch.h>

#include <string>
#include <utility>
#include <vector>

#include "persistence/rocksdb_counters.hpp"
#include "persistence/rocksdb_database.hpp"
#include "persistence/step.hpp"
#include "persistence/topic_table.hpp"

// What the steps of a group say of topics, on its way into the database with them. For
// rocksdb_staged_mail only; the counters outlive the group.

namespace perdure::persistence {

class staged_topics {
 public:
  explicit staged_topics(rocksdb::WriteBatch& batch) : batch_(batch) {}

  void begin() { grown_.clear(); }  // forgets the group before

  // Whether the cursors of `s`, which has mail, may move after what is staged. DATA_LOSS when one
  // of them is damaged.
  status check(const rocksdb_database& database, store_counters& counters, const step& s);

  // Adds all of it, and puts the offsets of its messages into the step.
  void stage(const rocksdb_database& database, const step& s, store_counters& counters);

  // The group is durable.
  void show(topic_table& topics) const;

 private:
  void stage_messages(const rocksdb_database& database, topic_effects& effects, timestamp time,
                      store_counters& counters);
  void stage_held(const rocksdb_database& database, const held_change& change);
  void put(rocksdb::ColumnFamilyHandle* family);
  void put_number(rocksdb::ColumnFamilyHandle* family, record_kind kind, std::uint64_t n);

  rocksdb::WriteBatch& batch_;
  // Topics with messages of the group: where their partitions end in the counters.
  std::vector<std::pair<const std::string*, const std::vector<topic_end>*>> grown_;
  std::string key_, value_;  // of the record that is being staged
};

}  // namespace perdure::persistence
