// The step store on RocksDB: the writing half, what happens when a write fails, and the verbs.
//
// A group is one WriteBatch; WriteOptions.sync makes RocksDB return only after fdatasync of its
// write-ahead log.

#include "persistence/rocksdb_step_store.hpp"

#include <rocksdb/compaction_filter.h>

#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <utility>

#include "base/check.hpp"
#include "base/log.hpp"
#include "persistence/data_folder_lock.hpp"
#include "persistence/rocksdb_database.hpp"
#include "persistence/rocksdb_reads.hpp"
#include "persistence/rocksdb_records.hpp"
#include "persistence/rocksdb_staged_group.hpp"
#include "persistence/rocksdb_testing.hpp"
#include "persistence/sequence_cache.hpp"
#include "persistence/sequence_check.hpp"

namespace perdure::persistence {
namespace {

// Some 300,000 entities of short ids.
constexpr std::size_t sequence_cache_bytes = 64 << 20;

bool has_expired(hybrid_time written, timestamp now, std::chrono::milliseconds retention) {
  return now - written.wall() > retention;
}

// Drops expired replies when their file is compacted anyway, so that sweeping costs commits
// nothing. A damaged record stays, to be noticed when it is asked for.
class expired_replies_filter final : public rocksdb::CompactionFilter {
 public:
  expired_replies_filter(const perdure::clock& clock, std::chrono::milliseconds retention)
      : clock_(clock), retention_(retention) {}

  const char* Name() const override { return "perdure.expired_replies"; }

  bool Filter(int, const rocksdb::Slice& key, const rocksdb::Slice& value, std::string*,
              bool*) const override {
    auto reply = decode_reply(view(key), view(value));
    return reply && has_expired(reply->time, clock_.now(), retention_);
  }

 private:
  const perdure::clock& clock_;
  const std::chrono::milliseconds retention_;
};

status write_failed() {
  return {status_code::unavailable,
          "the store could not be written; the command may or may not have taken effect"};
}

status not_open() {
  return {status_code::unavailable, "the store is closed after a failed write; it heals by itself"};
}

}  // namespace

class rocksdb_step_store::implementation {
 public:
  implementation(data_folder_lock lock, rocksdb_database::settings how,
                 std::chrono::milliseconds retention, std::unique_ptr<rocksdb_database> opened,
                 std::vector<log_offset> next_offsets)
      : lock_(std::move(lock)),
        how_(std::move(how)),
        retention_(retention),
        shard_count_(opened->store().shard_count),
        database_(std::move(opened)),
        next_offsets_(std::move(next_offsets)),
        last_sequences_(sequence_cache_bytes) {}

  std::uint32_t shard_count() const { return shard_count_; }
  std::chrono::milliseconds retention() const { return retention_; }
  std::uint64_t generation() const { return generation_; }
  sequence_cache& last_sequences() { return last_sequences_; }

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
    if (!database_) return not_open();
    return read(*database_);
  }

  std::vector<status> commit(std::span<const step> group);

 private:
  status check(const step& s, std::size_t hash, const staged_group::entity_steps& before);
  bool write();
  status heal();
  status resume();
  status open_if_closed();
  status reopen();

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
  std::vector<log_offset> next_offsets_;  // by shard, counting what is staged
  bool write_failed_ = false;             // until it has healed, the offsets are worth nothing

  sequence_cache last_sequences_;
};

// ---------------------------------------------------------------------------------------- writing

std::vector<status> rocksdb_step_store::implementation::commit(std::span<const step> group) {
  if (write_failed_) {
    if (auto healed = heal(); !healed.ok()) return std::vector(group.size(), healed);
  }
  count_nothing();
  staged_.begin();
  std::vector<status> statuses;
  statuses.reserve(group.size());
  for (const auto& s : group) {
    auto hash = sequence_cache::hash_of(s.entity);
    auto& steps = staged_.steps_of(hash, s.entity);
    statuses.push_back(check(s, hash, steps));
    if (statuses.back().ok()) {
      auto shard = shard_of(s.entity.id, shard_count_);
      staged_.stage(*database_, s, shard, next_offsets_[value(shard)]);
      steps.is_staged = true;
      steps.last = s.last();
    } else {
      steps.has_failed = true;
    }
  }
  if (!write()) {
    for (auto& s : statuses) {
      if (s.ok()) s = persistence::write_failed();
    }
  }
  return statuses;
}

// Whether the step may be staged after those before it in the group.
status rocksdb_step_store::implementation::check(const step& s, std::size_t hash,
                                                 const staged_group::entity_steps& before) {
  if (auto fits = check_generation(s, generation_); !fits.ok()) return fits;
  if (before.has_failed) return earlier_step_failed(s);
  if (before.is_staged) return check_expected(s, before.last);
  auto last = last_sequences_.find(hash, s.entity);
  if (!last) {
    auto read = read_last_sequence(*database_, s.entity);
    if (!read) return read.error();
    last = *read;
  }
  return check_expected(s, *last);
}

bool rocksdb_step_store::implementation::write() {
  if (staged_.is_empty()) return true;
  rocksdb::WriteOptions synced;
  synced.sync = true;
  auto s = database_->db().Write(synced, &staged_.batch());
  if (s.ok()) {
    for (const auto& [hash, entity, steps] : staged_.by_entity().entries()) {
      if (steps.is_staged) last_sequences_.put(hash, entity, steps.last);
    }
    return true;
  }
  log_error("the store could not be written: " + s.ToString() +
            "; commands that change something are answered UNAVAILABLE until it can");
  write_failed_ = true;
  return false;
}

// Makes the store take writes again, and reads anew what the failed write may have left behind.
status rocksdb_step_store::implementation::heal() {
  if (auto resumed = resume(); !resumed.ok()) return resumed;
  last_sequences_.forget_all();
  auto offsets = read_next_offsets(*database_);
  if (!offsets) return {status_code::unavailable, offsets.error().message()};
  next_offsets_ = *std::move(offsets);
  write_failed_ = false;
  log_info("the store can be written again");
  return {};
}

// RocksDB takes no write after a failed one until it is told to resume; after an error that it
// deems fatal it wants to be opened anew. While a full disk is still full, it can be read.
status rocksdb_step_store::implementation::resume() {
  {
    std::shared_lock lock(database_mutex_);
    if (database_) {
      auto s = database_->db().Resume();
      if (s.ok()) return {};
      if (s.severity() < rocksdb::Status::kFatalError) {
        return {status_code::unavailable,
                "the store cannot be written since an earlier write failed; it heals by itself"};
      }
    }
  }
  std::lock_guard lock(database_mutex_);
  database_.reset();
  return reopen();
}

status rocksdb_step_store::implementation::open_if_closed() {
  std::lock_guard lock(database_mutex_);
  return database_ ? status() : reopen();
}

// With the mutex held.
status rocksdb_step_store::implementation::reopen() {
  auto opened = rocksdb_database::open(how_);
  if (!opened) {
    if (!std::exchange(closed_, true)) log_error(opened.error().message());
    return not_open();
  }
  closed_ = false;
  ++generation_;
  database_ = *std::move(opened);
  return {};
}

// ---------------------------------------------------------------------------------------- opening

result<std::unique_ptr<rocksdb_step_store>> open_rocksdb_on(
    rocksdb::Env& environment, const rocksdb_step_store::settings& how) {
  PERDURE_CHECK(how.shard_count > 0);
  auto lock = data_folder_lock::acquire(how.folder);
  if (!lock) return lock.error();
  rocksdb_database::settings database{.folder = how.folder / "steps",
                                      .store = {how.shard_count, how.clock.now()},
                                      .replies_filter = std::make_shared<expired_replies_filter>(
                                          how.clock, how.idempotency_retention),
                                      .environment = &environment};
  auto opened = rocksdb_database::open(database);
  if (!opened) return opened.error();
  if (auto kept = (*opened)->store().shard_count; kept != how.shard_count) {
    log_warning("the store keeps the " + std::to_string(kept) +
                " shards it was created with, not " + std::to_string(how.shard_count));
  }
  auto offsets = read_next_offsets(**opened);
  if (!offsets) return offsets.error();
  // From now on only this very store will do: a folder that has gone must not become a new one.
  database.store = (*opened)->store();
  database.must_exist = true;
  return std::make_unique<rocksdb_step_store>(std::make_unique<rocksdb_step_store::implementation>(
      *std::move(lock), std::move(database), how.idempotency_retention, *std::move(opened),
      *std::move(offsets)));
}

result<std::unique_ptr<rocksdb_step_store>> rocksdb_step_store::open(const settings& how) {
  return open_rocksdb_on(*rocksdb::Env::Default(), how);
}

rocksdb_step_store::rocksdb_step_store(std::unique_ptr<implementation> opened)
    : opened_(std::move(opened)) {}

rocksdb_step_store::~rocksdb_step_store() = default;

// ------------------------------------------------------------------------------------------ verbs

std::uint32_t rocksdb_step_store::shard_count() const { return opened_->shard_count(); }

std::vector<status> rocksdb_step_store::commit(std::span<const step> group) {
  return opened_->commit(group);
}

std::uint64_t rocksdb_step_store::generation() const { return opened_->generation(); }

result<history> rocksdb_step_store::load(const entity_key& entity) {
  auto& last_sequences = opened_->last_sequences();
  auto begun = last_sequences.begin_reading(entity);
  auto loaded =
      opened_->reading([&](const auto& database) { return read_history(database, entity); });
  if (loaded) {
    auto last = !loaded->events.empty() ? loaded->events.back().sequence
                : loaded->snapshot      ? loaded->snapshot->sequence
                                        : sequence_nr{0};
    last_sequences.put_if_unchanged(entity, last, begun);
  }
  return loaded;
}

result<std::optional<recorded_reply>> rocksdb_step_store::find_reply(const entity_key& entity,
                                                                     const idempotency_key& key,
                                                                     timestamp now) {
  auto found =
      opened_->reading([&](const auto& database) { return read_reply(database, entity, key); });
  if (!found) return found.error();
  if (!*found || has_expired((*found)->time, now, opened_->retention())) {
    return std::optional<recorded_reply>{};
  }
  return std::optional{std::move((*found)->reply)};
}

result<std::vector<stored_event>> rocksdb_step_store::read_log(shard_id shard, log_offset from,
                                                               std::size_t bytes_max) {
  PERDURE_CHECK(value(shard) < shard_count());
  return opened_->reading(
      [&](const auto& database) { return read_page(database, shard, from, bytes_max); });
}

status rocksdb_step_store::drop_expired_replies() {
  return opened_->reading([](const rocksdb_database& database) {
    rocksdb::CompactRangeOptions everything;
    everything.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    auto s = database.db().CompactRange(everything, database.replies(), nullptr, nullptr);
    return s.ok() ? status() : read_failure(s, "column family replies");
  });
}

}  // namespace perdure::persistence
