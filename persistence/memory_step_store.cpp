// What a step store does, in the fewest words: each verb of the port on plain containers.

#include "persistence/memory_step_store.hpp"

#include <set>

#include "base/check.hpp"
#include "persistence/sequence_check.hpp"

namespace perdure::persistence {
namespace {

// Takes out of the log what a later state has replaced. A deletion has nothing to be taken.
void supersede(stored_event& event) {
  if (event.is_deletion()) return;
  event.payload.clear();
  event.superseded = true;
}

}  // namespace

memory_step_store::memory_step_store(std::uint32_t shard_count,
                                     std::chrono::milliseconds idempotency_retention)
    : retention_(idempotency_retention),
      logs_(shard_count),
      mail_(shard_count, idempotency_retention),
      topics_(shard_count) {
  PERDURE_CHECK(shard_count > 0);
}

std::uint32_t memory_step_store::shard_count() const {
  return static_cast<std::uint32_t>(logs_.size());
}

std::vector<status> memory_step_store::commit(std::span<const step> group) {
  std::lock_guard lock(mutex_);
  std::vector<status> statuses;
  std::set<entity_key> failed;
  for (const auto& s : group) {
    bool stands_alone = s.kind == step_kind::mail_only;
    bool follows_failed = !stands_alone && failed.contains(s.entity);
    statuses.push_back(follows_failed ? earlier_step_failed(s) : commit_one(s));
    if (!stands_alone && !statuses.back().ok()) failed.insert(s.entity);
  }
  return statuses;
}

status memory_step_store::commit_one(const step& s) {
  if (s.mail && mail_.is_relayed(s)) return {};
  if (auto fits = check_generation(s, generation()); !fits.ok()) return fits;
  if (s.kind == step_kind::mail_only) {
    auto checked = check_mail(s);
    if (checked.ok()) apply_mail(s);
    return checked;
  }
  auto& entity = entities_[s.entity];
  if (auto checked = check_expected(s, sequence_nr{entity.events.size()}); !checked.ok()) {
    return checked;
  }
  if (auto checked = check_mail(s); !checked.ok()) return checked;
  apply_mail(s);
  store_events(s, entity);
  if (s.key) replies_[{s.entity, s.key->method, s.key->key}] = {s.time.wall(), s.reply};
  return {};
}

status memory_step_store::check_mail(const step& s) const {
  if (!s.mail) return {};
  if (auto checked = mail_.check(s); !checked.ok()) return checked;
  return topics_.check(s);
}

void memory_step_store::apply_mail(const step& s) {
  if (!s.mail) return;
  mail_.apply(s);
  topics_.apply(s);
}

void memory_step_store::store_events(const step& s, entity_record& entity) {
  bool is_key_value = s.kind == step_kind::key_value;
  PERDURE_CHECK(!is_key_value || s.events.size() <= 1);
  auto& log = logs_[value(shard_of(s.entity.id, shard_count()))];
  if (!s.events.empty()) entity.is_key_value = is_key_value;
  for (const auto& event : s.events) {
    PERDURE_CHECK(!event.is_deletion() || &event == &s.events.back());
    if (is_key_value && !entity.events.empty()) supersede(log[value(entity.events.back())]);
    auto offset = log_offset{log.size()};
    entity.events.push_back(offset);
    log.push_back({.entity = s.entity,
                   .sequence = sequence_nr{entity.events.size()},
                   .offset = offset,
                   .time = s.time,
                   .region = s.region,
                   .trace_parent = s.trace_parent,
                   .type = event.type,
                   .payload = event.payload,
                   .metadata = event.metadata});
  }
  bool is_deleted = !s.events.empty() && s.events.back().is_deletion();
  if (is_deleted) {
    entity.snapshot = stored_snapshot{s.last(), {}, {}};
    if (!is_key_value) deletions_[{s.time, s.entity}] = s.last();
  } else if (is_key_value) {
    if (s.events.empty()) return;
    const auto& state = s.events.back();
    entity.snapshot = stored_snapshot{s.last(), state.type, state.payload, s.expires};
  } else if (s.snapshot) {
    entity.snapshot = stored_snapshot{s.last(), s.snapshot->state_type, s.snapshot->payload};
  }
}

result<history> memory_step_store::load(const entity_key& key) {
  std::lock_guard lock(mutex_);
  history loaded;
  auto found = entities_.find(key);
  if (found == entities_.end()) return loaded;

  const auto& [events, snapshot, is_key_value] = found->second;
  const auto& log = logs_[value(shard_of(key.id, shard_count()))];
  loaded.snapshot = snapshot;
  for (auto i = snapshot ? value(snapshot->sequence) : 0; i < events.size(); ++i) {
    loaded.events.push_back(log[value(events[i])]);
  }
  return loaded;
}

result<std::optional<recorded_reply>> memory_step_store::find_reply(const entity_key& entity,
                                                                    const idempotency_key& key,
                                                                    timestamp now) {
  std::lock_guard lock(mutex_);
  auto found = replies_.find({entity, key.method, key.key});
  if (found == replies_.end() || now - found->second.time > retention_) {
    return std::optional<recorded_reply>{};
  }
  return std::optional{found->second.reply};
}

result<std::vector<stored_event>> memory_step_store::read_log(shard_id shard, log_offset from,
                                                              std::size_t bytes_max) {
  PERDURE_CHECK(value(shard) < shard_count());
  std::lock_guard lock(mutex_);
  const auto& log = logs_[value(shard)];
  std::vector<stored_event> page;
  std::size_t bytes = 0;
  for (auto i = value(from); i < log.size(); ++i) {
    bytes += bytes_of(log[i]);
    if (!page.empty() && bytes > bytes_max) break;
    page.push_back(log[i]);
  }
  return page;
}

result<entity_page> memory_step_store::list_entities(const entity_selection& which,
                                                     const std::optional<entity_place>& from,
                                                     std::size_t max) {
  PERDURE_CHECK(max > 0);
  std::lock_guard lock(mutex_);
  entity_page page;
  auto at = from ? entities_.upper_bound(from->behind)
                 : entities_.lower_bound({which.type, which.id.value_or("")});
  for (; at != entities_.end(); ++at) {
    const auto& [entity, record] = *at;
    if (!which.type.empty() && entity.type != which.type) break;
    if (which.id && entity.id != *which.id) break;
    if (record.events.empty()) continue;
    if (page.entities.size() == max) {
      page.next = entity_place{.behind = page.entities.back().entity};
      break;
    }
    auto last = sequence_nr{record.events.size()};
    const auto& state = record.snapshot;
    bool is_deleted = state && state->is_deletion() && state->sequence == last;
    page.entities.push_back({entity, last, record.is_key_value, is_deleted});
  }
  return page;
}

std::size_t memory_step_store::mail_bytes(const entity_key& target) const {
  std::lock_guard lock(mutex_);
  return mail_.mail_bytes(target);
}

std::vector<entity_key> memory_step_store::entities_with_mail() const {
  std::lock_guard lock(mutex_);
  return mail_.entities_with_mail();
}

result<std::vector<stored_mail>> memory_step_store::read_mail(const entity_key& target,
                                                              mail_position after,
                                                              std::size_t bytes_max) {
  std::lock_guard lock(mutex_);
  return mail_.read_mail(target, after, bytes_max);
}

result<std::vector<stored_timer>> memory_step_store::read_due_timers(timestamp now,
                                                                     std::size_t max) {
  std::lock_guard lock(mutex_);
  return mail_.read_due_timers(now, max);
}

result<std::optional<timestamp>> memory_step_store::next_due() {
  std::lock_guard lock(mutex_);
  return mail_.next_due();
}

result<std::optional<command_record>> memory_step_store::find_command(const std::string& command_id,
                                                                      timestamp now) {
  std::lock_guard lock(mutex_);
  return mail_.find_command(command_id, now);
}

result<outbox_offset> memory_step_store::relayed(shard_id shard) {
  PERDURE_CHECK(value(shard) < shard_count());
  std::lock_guard lock(mutex_);
  return mail_.relayed(shard);
}

result<std::size_t> memory_step_store::drop_deleted(timestamp before) {
  std::lock_guard lock(mutex_);
  std::size_t dropped = 0;
  while (!deletions_.empty() && deletions_.begin()->first.first.wall() <= before) {
    const auto& [made, sequence] = *deletions_.begin();
    const auto& entity = made.second;
    auto& log = logs_[value(shard_of(entity.id, shard_count()))];
    const auto& events = entities_[entity].events;
    for (std::uint64_t i = 0; i + 1 < value(sequence); ++i) {
      auto& event = log[value(events[i])];
      supersede(event);
      event.metadata.clear();
    }
    deletions_.erase(deletions_.begin());
    ++dropped;
  }
  return dropped;
}

std::vector<std::string> memory_step_store::topics() const {
  std::lock_guard lock(mutex_);
  return topics_.topics();
}

topic_bounds memory_step_store::bounds(const std::string& topic, std::uint32_t partition) const {
  std::lock_guard lock(mutex_);
  return topics_.bounds(topic, partition);
}

result<std::vector<stored_message>> memory_step_store::read_topic(const std::string& topic,
                                                                  std::uint32_t partition,
                                                                  topic_offset from,
                                                                  std::size_t bytes_max) {
  std::lock_guard lock(mutex_);
  return topics_.read_topic(topic, partition, from, bytes_max);
}

result<topic_offset> memory_step_store::offset_at(const std::string& topic, std::uint32_t partition,
                                                  timestamp time) {
  std::lock_guard lock(mutex_);
  return topics_.offset_at(topic, partition, time);
}

result<std::uint64_t> memory_step_store::bytes_from(const std::string& topic,
                                                    std::uint32_t partition, topic_offset first) {
  std::lock_guard lock(mutex_);
  return topics_.bytes_from(topic, partition, first);
}

status memory_step_store::trim_topic(const std::string& topic, std::uint32_t partition,
                                     topic_offset first) {
  std::lock_guard lock(mutex_);
  topics_.trim_topic(topic, partition, first);
  return {};
}

log_offset memory_step_store::log_end(shard_id shard) const {
  PERDURE_CHECK(value(shard) < shard_count());
  std::lock_guard lock(mutex_);
  return log_offset{logs_[value(shard)].size()};
}

result<std::vector<std::string>> memory_step_store::readers() {
  std::lock_guard lock(mutex_);
  return topics_.readers();
}

result<std::vector<cursor>> memory_step_store::read_cursors(const std::string& reader) {
  std::lock_guard lock(mutex_);
  return topics_.read_cursors(reader);
}

result<bool> memory_step_store::is_paused(const std::string& reader) {
  std::lock_guard lock(mutex_);
  return topics_.is_paused(reader);
}

result<std::optional<std::uint64_t>> memory_step_store::last_seen(const std::string& reader,
                                                                  const std::string& subject) {
  std::lock_guard lock(mutex_);
  return topics_.last_seen(reader, subject);
}

result<std::vector<stored_held_message>> memory_step_store::read_held(
    const std::string& reader, const std::optional<held_place>& after, std::size_t bytes_max) {
  std::lock_guard lock(mutex_);
  return topics_.read_held(reader, after, bytes_max);
}

}  // namespace perdure::persistence
