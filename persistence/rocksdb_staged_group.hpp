#pragma once

#include <rocksdb/write_batch.h>

#include <functional>
#include <string>

#include "persistence/entity_table.hpp"
#include "persistence/rocksdb_database.hpp"
#include "persistence/rocksdb_staged_mail.hpp"
#include "persistence/step.hpp"

// A group of steps on its way into the database: the write batch it becomes, and what it makes of
// each entity. For rocksdb_step_store.cpp only.
//
// One is used for group after group: it keeps its memory, at most what the largest group took.

namespace perdure::persistence {

class staged_group {
 public:
  // What the group holds of one entity.
  struct entity_steps {
    bool is_staged = false;
    bool has_failed = false;
    sequence_nr last{};  // after the staged steps
  };
  using entities = entity_table<std::reference_wrapper<const entity_key>, entity_steps>;

  // Forgets the group before. The steps of this one outlive it.
  void begin() {
    batch_.Clear();
    entities_.clear();
    mail_.begin();
    first_deletion_ = {UINT64_MAX};
  }

  entity_steps& steps_of(std::size_t hash, const entity_key& entity) {
    return entities_.find_or_add(hash, entity);
  }

  // Adds the records of `s`, whose first event gets the offset `next` of its shard's log; `next`
  // grows by the number of its events.
  void stage(const rocksdb_database& database, const step& s, shard_id shard, log_offset& next);

  // What the steps set off, to be staged after check() has found that it can be.
  staged_mail& mail() { return mail_; }

  bool is_empty() const { return batch_.Count() == 0; }
  rocksdb::WriteBatch& batch() { return batch_; }
  const entities& by_entity() const { return entities_; }
  hybrid_time first_deletion() const {
    return first_deletion_;
  }  // of the group; else the last time

 private:
  void put(rocksdb::ColumnFamilyHandle* family, const std::string& key);
  void stage_state(const rocksdb_database& database, const step& s);

  rocksdb::WriteBatch batch_;
  entities entities_;
  staged_mail mail_{batch_};
  hybrid_time first_deletion_;
  std::string key_, value_;  // of the record that is being staged
};

}  // namespace perdure::persistence
