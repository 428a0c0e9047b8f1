#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <utility>
#include <vector>

#include "persistence/data_folder_lock.hpp"
#include "persistence/mailbox_table.hpp"
#include "persistence/queue_front.hpp"
#include "persistence/rocksdb_counters.hpp"
#include "persistence/rocksdb_database.hpp"
#include "persistence/rocksdb_due_timers.hpp"
#include "persistence/rocksdb_staged_group.hpp"
#include "persistence/rocksdb_step_store.hpp"
#include "persistence/rocksdb_trimming.hpp"
#include "persistence/sequence_cache.hpp"
#include "persistence/topic_table.hpp"

// What an open rocksdb_step_store is made of: rocksdb_commit.cpp writes and heals,
// rocksdb_step_store.cpp opens and has the verbs.

namespace perdure::persistence {

// Some 300,000 entities of short ids.
inline constexpr std::size_t sequence_cache_bytes = 64 << 20;

inline status store_not_open() {
  return {status_code::unavailable, "the store is closed after a failed write; it heals by itself"};
}

class rocksdb_step_store::implementation {
 public:
  implementation(data_folder_lock lock, rocksdb_database::settings how,
                 std::chrono::milliseconds retention, std::unique_ptr<rocksdb_database> opened,
                 store_counters counters)
      : lock_(std::move(lock)),
        how_(std::move(how)),
        retention_(retention),
        shard_count_(opened->store().shard_count),
        database_(std::move(opened)),
        counters_(std::move(counters)),
        last_sequences_(sequence_cache_bytes),
        log_ends_(shard_count_) {}

  std::uint32_t shard_count() const { return shard_count_; }
  std::chrono::milliseconds retention() const { return retention_; }
  std::uint64_t generation() const { return generation_; }
  sequence_cache& last_sequences() { return last_sequences_; }
  const mailbox_table& mailboxes() const { return mailboxes_; }
  due_timers& timers() { return timers_; }
  topic_table& topics() { return topics_; }
  topic_trimming& trimming() { return trimming_; }
  log_offset log_end(shard_id shard) const { return log_ends_[value(shard)]; }

  // Runs `read(database)`, which gives a status or result. A database that is closed is opened
  // first: after a failed write entities load before they commit again.
  template <class Read>
  auto reading(Read read) -> decltype(read(std::declval<const rocksdb_database&>())) {
    count_nothing();
    {
      std::shared_lock lock(database_mutex_);
      if (database_) return read(*database_);
    }
    if (auto opened = open_if_closed(); !opened.ok()) return opened;
    std::shared_lock lock(database_mutex_);
    if (!database_) return store_not_open();
    return read(*database_);
  }

  std::vector<status> commit(std::span<const step> group);
  result<std::size_t> drop_deleted(timestamp before);

  // Puts what `database` holds into the tables in memory: all mail, what topics and logs hold.
  status show(const rocksdb_database& database);

 private:
  status stage(const step& s);
  status check(const step& s, std::size_t hash, const staged_group::entity_steps& before);
  status check_mail(const step& s, shard_id shard);
  bool is_relayed(const step& s, shard_id shard) const;
  bool write();
  status heal();
  status resume();
  status open_if_closed();
  status reopen();
  void show_log_ends(const std::vector<log_offset>& ends);

  const data_folder_lock lock_;  // let go of last
  const rocksdb_database::settings how_;
  const std::chrono::milliseconds retention_;
  const std::uint32_t shard_count_;

  // Closed by the committing thread only, so that it may use it without the mutex; reopened by any
  // thread. Null while it is closed, which is when reopening has failed.
  std::shared_mutex database_mutex_;
  std::unique_ptr<rocksdb_database> database_;
  bool closed_ = false;  // that it is null was logged
  std::atomic<std::uint64_t> generation_{0};

  // Of the committing thread.
  staged_group staged_;
  store_counters counters_;
  bool write_failed_ = false;  // until it has healed, the counters are worth nothing

  sequence_cache last_sequences_;
  mailbox_table mailboxes_;
  due_timers timers_;
  topic_table topics_;
  topic_trimming trimming_;
  std::vector<std::atomic<log_offset>> log_ends_;  // by shard

  std::mutex dropping_mutex_;
  queue_front deletions_;  // hybrid times
};

}  // namespace perdure::persistence
