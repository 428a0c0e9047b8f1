#pragma once

#include <rocksdb/write_batch.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "persistence/mailbox_table.hpp"
#include "persistence/rocksdb_counters.hpp"
#include "persistence/rocksdb_database.hpp"
#include "persistence/rocksdb_due_timers.hpp"
#include "persistence/rocksdb_mail_reads.hpp"
#include "persistence/rocksdb_staged_topics.hpp"
#include "persistence/step.hpp"

// What the steps of a group set off, on its way into the database with them. For
// rocksdb_staged_group only; the steps outlive it.

namespace perdure::persistence {

class staged_mail {
 public:
  explicit staged_mail(rocksdb::WriteBatch& batch) : batch_(batch), topics_(batch) {}

  void begin();  // forgets the group before

  // Whether what `s`, which has mail, sets off can be done after what is staged. DATA_LOSS when a
  // timer that it sets, cancels or fires, or a cursor that it moves, is damaged.
  status check(const rocksdb_database& database, const mailbox_table& mailboxes,
               store_counters& counters, shard_id shard, const step& s);

  // Adds it, and puts the places that were chosen into the step's mail.
  void stage(const rocksdb_database& database, const step& s, shard_id shard,
             store_counters& counters);

  // After the steps of the group: that the numbers they got are not given again.
  void stage_last_number(const rocksdb_database& database, const store_counters& counters);

  // The group is durable: shows what it has changed in what is kept in memory.
  void show(mailbox_table& mailboxes, due_timers& timers, topic_table& topics) const;

 private:
  struct known_timer {
    bool is_set = false;
    timer_version last;
  };

  bool is_handled(const entity_key& target, mail_position position) const;
  result<known_timer*> look_up(const rocksdb_database& database, const std::string& key);
  void stage_mail(const rocksdb_database& database, new_mail& mail, hybrid_time time,
                  store_counters& counters);
  void set_timer(const rocksdb_database& database, const std::string& key,
                 const timer_change::timer& timer, store_counters& counters);
  void cancel_timer(const rocksdb_database& database, const std::string& key);
  void stage_fired(const rocksdb_database& database, const step& s, store_counters& counters);
  void stage_outcome(const rocksdb_database& database, const step& s);
  void put(rocksdb::ColumnFamilyHandle* family, const std::string& key);
  void remove(rocksdb::ColumnFamilyHandle* family, const std::string& key);

  rocksdb::WriteBatch& batch_;
  staged_topics topics_;
  std::unordered_map<std::string, known_timer> timers_;  // as the staged steps leave them
  std::unordered_set<mail_position> handled_;  // of removed_, so that it is rarely searched
  std::unordered_map<std::string_view, std::string_view> accepted_;  // method by command id
  std::vector<mailbox_table::addition> added_;
  std::vector<mailbox_table::removal> removed_;
  timestamp first_due_ = timestamp::max();
  bool has_numbers_ = false;
  bool has_timers_ = false;
  std::string value_;  // of the record that is being staged
};

}  // namespace perdure::persistence
