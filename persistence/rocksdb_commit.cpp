// The writing half of the step store on RocksDB, and what happens when a write fails.
//
// A group is one WriteBatch; WriteOptions.sync makes RocksDB return only after fdatasync of its
// write-ahead log.

#include <algorithm>
#include <string>
#include <utility>

#include "base/log.hpp"
#include "persistence/rocksdb_deletions.hpp"
#include "persistence/rocksdb_implementation.hpp"
#include "persistence/rocksdb_mail_reads.hpp"
#include "persistence/rocksdb_reads.hpp"
#include "persistence/rocksdb_topic_reads.hpp"
#include "persistence/sequence_check.hpp"

namespace perdure::persistence {
namespace {

// How many entities one call of drop_deleted() deals with.
constexpr std::size_t deletions_max = 100;

status write_failed() {
  return {status_code::unavailable,
          "the store could not be written; the command may or may not have taken effect"};
}

}  // namespace

// ---------------------------------------------------------------------------------------- writing

std::vector<status> rocksdb_step_store::implementation::commit(std::span<const step> group) {
  if (write_failed_) {
    if (auto healed = heal(); !healed.ok()) return std::vector(group.size(), healed);
  }
  count_nothing();
  staged_.begin();
  std::vector<status> statuses;
  statuses.reserve(group.size());
  for (const auto& s : group) statuses.push_back(stage(s));
  staged_.mail().stage_last_number(*database_, counters_);
  if (!write()) {
    for (auto& s : statuses) {
      if (s.ok()) s = persistence::write_failed();
    }
  }
  return statuses;
}

// Adds the step to the group, if it may stand after those before it.
status rocksdb_step_store::implementation::stage(const step& s) {
  auto shard = shard_of(s.entity.id, shard_count_);
  if (s.mail && is_relayed(s, shard)) return {};
  if (s.kind == step_kind::mail_only) {
    if (auto fits = check_generation(s, generation_); !fits.ok()) return fits;
    if (!s.mail) return {};
    auto checked = check_mail(s, shard);
    if (checked.ok()) staged_.mail().stage(*database_, s, shard, counters_);
    return checked;
  }
  auto hash = sequence_cache::hash_of(s.entity);
  auto& steps = staged_.steps_of(hash, s.entity);
  auto checked = check(s, hash, steps);
  if (checked.ok() && s.mail) checked = check_mail(s, shard);
  if (!checked.ok()) {
    steps.has_failed = true;
    return checked;
  }
  staged_.stage(*database_, s, shard, counters_.next_offsets[value(shard)]);
  if (s.mail) staged_.mail().stage(*database_, s, shard, counters_);
  steps.is_staged = true;
  steps.last = s.last();
  return {};
}

// Whether the step may be staged after those before it in the group.
status rocksdb_step_store::implementation::check(const step& s, std::size_t hash,
                                                 const staged_group::entity_steps& before) {
  if (auto fits = check_generation(s, generation_); !fits.ok()) return fits;
  if (before.has_failed) return earlier_step_failed(s);
  if (before.is_staged) return check_expected(s, before.last);
  auto last = last_sequences_.find(hash, s.entity);
  if (!last) {
    auto read = read_last_sequence(*database_, s.entity, s.kind);
    if (!read) return read.error();
    last = *read;
  }
  return check_expected(s, *last);
}

status rocksdb_step_store::implementation::check_mail(const step& s, shard_id shard) {
  return staged_.mail().check(*database_, mailboxes_, counters_, shard, s);
}

bool rocksdb_step_store::implementation::is_relayed(const step& s, shard_id shard) const {
  return s.mail->relayed && *s.mail->relayed <= counters_.relayed[value(shard)];
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
    staged_.mail().show(mailboxes_, timers_, topics_);
    show_log_ends(counters_.next_offsets);
    if (staged_.first_deletion().bits != UINT64_MAX) {
      deletions_.added(staged_.first_deletion().bits);
    }
    return true;
  }
  log_error("the store could not be written: " + s.ToString() +
            "; commands that change something are answered UNAVAILABLE until it can");
  write_failed_ = true;
  return false;
}

// Makes the store take writes again, and reads anew what the failed write may have left behind. The
// tables of mailboxes and topics are as they should be: what was left behind shows only when the
// database is opened anew.
status rocksdb_step_store::implementation::heal() {
  if (auto resumed = resume(); !resumed.ok()) return resumed;
  last_sequences_.forget_all();
  auto counters = read_counters(*database_);
  if (!counters) return {status_code::unavailable, counters.error().message()};
  counters->last_number = std::max(counters->last_number, counters_.last_number);
  counters_ = *std::move(counters);
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
  auto shown = opened ? show(**opened) : opened.error();
  if (!shown.ok()) {
    if (!std::exchange(closed_, true)) log_error(shown.message());
    return store_not_open();
  }
  closed_ = false;
  ++generation_;
  database_ = *std::move(opened);
  return {};
}

status rocksdb_step_store::implementation::show(const rocksdb_database& database) {
  auto mailboxes = read_all_mailboxes(database);
  if (!mailboxes) return mailboxes.error();
  auto topics = read_all_topics(database);
  if (!topics) return topics.error();
  auto log_ends = read_next_offsets(database);
  if (!log_ends) return log_ends.error();
  show_log_ends(*log_ends);
  mailboxes_.replace(*mailboxes);
  topics_.replace(*std::move(topics));
  timers_.added(timestamp{});
  deletions_.added(0);
  return {};
}

void rocksdb_step_store::implementation::show_log_ends(const std::vector<log_offset>& ends) {
  for (std::size_t n = 0; n < ends.size(); ++n) log_ends_[n] = ends[n];
}

// ------------------------------------------------------------------------------------- forgetting

// Lets go of the database after each of its writes, so that nobody waits for all of them.
result<std::size_t> rocksdb_step_store::implementation::drop_deleted(timestamp before) {
  std::lock_guard one_at_a_time(dropping_mutex_);
  for (std::size_t dropped = 0;; ++dropped) {
    if (dropped == deletions_max) return dropped;
    auto deletion = reading(
        [&](const auto& database) { return read_pending_deletion(database, deletions_, before); });
    if (!deletion) return deletion.error();
    if (!*deletion) return dropped;
    bool has_more = true;
    while (has_more) {
      auto more =
          reading([&](const auto& database) { return drop_events_before(database, **deletion); });
      if (!more) return more.error();
      has_more = *more;
    }
  }
}

}  // namespace perdure::persistence
