// The step store on RocksDB: opening it, and its verbs. Commits are in rocksdb_commit.cpp.

#include "persistence/rocksdb_step_store.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.hpp"
#include "base/log.hpp"
#include "persistence/data_folder_lock.hpp"
#include "persistence/rocksdb_entity_reads.hpp"
#include "persistence/rocksdb_implementation.hpp"
#include "persistence/rocksdb_mail_reads.hpp"
#include "persistence/rocksdb_reads.hpp"
#include "persistence/rocksdb_retention.hpp"
#include "persistence/rocksdb_testing.hpp"
#include "persistence/rocksdb_topic_reads.hpp"
#include "persistence/topic_check.hpp"

namespace perdure::persistence {

// ---------------------------------------------------------------------------------------- opening

result<std::unique_ptr<rocksdb_step_store>> open_rocksdb_on(
    rocksdb::Env& environment, const rocksdb_step_store::settings& how) {
  PERDURE_CHECK(how.shard_count > 0);
  auto lock = data_folder_lock::acquire(how.folder);
  if (!lock) return lock.error();
  rocksdb_database::settings database{
      .folder = how.folder / "steps",
      .store = {how.shard_count, how.clock.now()},
      .replies_filter = expired_replies_filter(how.clock, how.idempotency_retention),
      .commands_filter = expired_commands_filter(how.clock, how.idempotency_retention),
      .environment = &environment};
  auto opened = rocksdb_database::open(database);
  if (!opened) return opened.error();
  if (auto kept = (*opened)->store().shard_count; kept != how.shard_count) {
    log_warning("the store keeps the " + std::to_string(kept) +
                " shards it was created with, not " + std::to_string(how.shard_count));
  }
  auto counters = read_counters(**opened);
  if (!counters) return counters.error();
  // From now on only this very store will do: a folder that has gone must not become a new one.
  database.store = (*opened)->store();
  database.must_exist = true;
  const auto& to_read = **opened;
  auto made = std::make_unique<rocksdb_step_store::implementation>(
      *std::move(lock), std::move(database), how.idempotency_retention, *std::move(opened),
      *std::move(counters));
  if (auto shown = made->show(to_read); !shown.ok()) return shown;
  return std::make_unique<rocksdb_step_store>(std::move(made));
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
  // The database has what is being committed a moment before log_end() says so.
  auto end = std::max(from, opened_->log_end(shard));
  return opened_->reading(
      [&](const auto& database) { return read_page(database, shard, from, end, bytes_max); });
}

result<entity_page> rocksdb_step_store::list_entities(const entity_selection& which,
                                                      const std::optional<entity_place>& from,
                                                      std::size_t max) {
  PERDURE_CHECK(max > 0);
  return opened_->reading(
      [&](const auto& database) { return read_entities(database, which, from, max); });
}

std::size_t rocksdb_step_store::mail_bytes(const entity_key& target) const {
  return opened_->mailboxes().bytes_of(target);
}

std::vector<entity_key> rocksdb_step_store::entities_with_mail() const {
  return opened_->mailboxes().entities();
}

result<std::vector<stored_mail>> rocksdb_step_store::read_mail(const entity_key& target,
                                                               mail_position after,
                                                               std::size_t bytes_max) {
  return opened_->reading([&](const auto& database) -> result<std::vector<stored_mail>> {
    // What was handled before has left marks in the database, which need not be stepped over.
    auto first = opened_->mailboxes().first_behind(target, after);
    if (!first) return std::vector<stored_mail>{};
    return read_mailbox(database, target, *first, bytes_max);
  });
}

result<std::vector<stored_timer>> rocksdb_step_store::read_due_timers(timestamp now,
                                                                      std::size_t max) {
  return opened_->reading(
      [&](const auto& database) { return opened_->timers().read(database, now, max); });
}

result<std::optional<timestamp>> rocksdb_step_store::next_due() {
  return opened_->reading([&](const auto& database) { return opened_->timers().next(database); });
}

result<std::optional<command_record>> rocksdb_step_store::find_command(
    const std::string& command_id, timestamp now) {
  auto found =
      opened_->reading([&](const auto& database) { return read_command(database, command_id); });
  if (found && *found && (*found)->done && has_expired((*found)->time, now, opened_->retention())) {
    return std::optional<command_record>{};
  }
  return found;
}

result<outbox_offset> rocksdb_step_store::relayed(shard_id shard) {
  PERDURE_CHECK(value(shard) < shard_count());
  return opened_->reading([&](const auto& database) { return read_relayed(database, shard); });
}

result<std::size_t> rocksdb_step_store::drop_deleted(timestamp before) {
  return opened_->drop_deleted(before);
}

std::vector<std::string> rocksdb_step_store::topics() const { return opened_->topics().topics(); }

topic_bounds rocksdb_step_store::bounds(const std::string& topic, std::uint32_t partition) const {
  PERDURE_CHECK(partition < shard_count());
  auto of = opened_->topics().of(topic, partition);
  return {of.first, of.end.next};
}

result<std::vector<stored_message>> rocksdb_step_store::read_topic(const std::string& topic,
                                                                   std::uint32_t partition,
                                                                   topic_offset from,
                                                                   std::size_t bytes_max) {
  PERDURE_CHECK(partition < shard_count());
  const auto& topics = opened_->topics();
  auto is_gone = [&] { return from < topics.of(topic, partition).first; };
  auto gone = [&] {
    return no_longer_there(topic, partition, from, topics.of(topic, partition).first);
  };
  if (is_gone()) return gone();
  // As read_log(): nothing is shown that bounds() does not know.
  auto end = std::max(from, topics.of(topic, partition).end.next);
  auto page = opened_->reading([&](const auto& database) {
    return read_messages(database, topic, partition, from, end, bytes_max);
  });
  // What is missing may have been trimmed meanwhile.
  if (!page && opened_->trimming().is_gone(topics, topic, partition, from)) return gone();
  return page;
}

result<topic_offset> rocksdb_step_store::offset_at(const std::string& topic,
                                                   std::uint32_t partition, timestamp time) {
  auto between = bounds(topic, partition);
  return opened_->reading([&](const auto& database) {
    return read_offset_at(database, topic, partition, between, time);
  });
}

result<std::uint64_t> rocksdb_step_store::bytes_from(const std::string& topic,
                                                     std::uint32_t partition, topic_offset first) {
  PERDURE_CHECK(partition < shard_count());
  return opened_->reading([&](const auto& database) -> result<std::uint64_t> {
    auto of = opened_->topics().of(topic, partition);
    auto before = read_bytes_before(database, topic, partition, std::max(first, of.first), of.end);
    if (!before) return before.error();
    return of.end.bytes - *before;
  });
}

status rocksdb_step_store::trim_topic(const std::string& topic, std::uint32_t partition,
                                      topic_offset first) {
  PERDURE_CHECK(partition < shard_count());
  return opened_->reading([&](const auto& database) {
    return opened_->trimming().trim(database, opened_->topics(), topic, partition, first);
  });
}

log_offset rocksdb_step_store::log_end(shard_id shard) const {
  PERDURE_CHECK(value(shard) < shard_count());
  return opened_->log_end(shard);
}

result<std::vector<std::string>> rocksdb_step_store::readers() {
  return opened_->reading([](const auto& database) { return read_readers(database); });
}

result<std::vector<cursor>> rocksdb_step_store::read_cursors(const std::string& reader) {
  return opened_->reading(
      [&](const auto& database) { return persistence::read_cursors(database, reader); });
}

result<bool> rocksdb_step_store::is_paused(const std::string& reader) {
  return opened_->reading([&](const auto& database) { return read_is_paused(database, reader); });
}

result<std::optional<std::uint64_t>> rocksdb_step_store::last_seen(const std::string& reader,
                                                                   const std::string& subject) {
  return opened_->reading([&](const auto& database) {
    return read_last_seen(database, {reader, subject, 0});
  });
}

result<std::vector<stored_held_message>> rocksdb_step_store::read_held(
    const std::string& reader, const std::optional<held_place>& after, std::size_t bytes_max) {
  return opened_->reading([&](const auto& database) {
    return persistence::read_held(database, reader, after, bytes_max);
  });
}

status rocksdb_step_store::drop_expired_replies() {
  return opened_->reading([](const rocksdb_database& database) {
    rocksdb::CompactRangeOptions everything;
    everything.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    for (auto* family : {database.replies(), database.commands()}) {
      auto s = database.db().CompactRange(everything, family, nullptr, nullptr);
      if (!s.ok()) return read_failure(s, "column families replies and commands");
    }
    return status();
  });
}

}  // namespace perdure::persistence
