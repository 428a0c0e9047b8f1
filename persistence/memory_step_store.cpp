// What a step store does, in the fewest words: each verb of the port on plain containers.

#include "persistence/memory_step_store.hpp"

#include <set>

#include "base/check.hpp"
#include "persistence/sequence_check.hpp"

namespace perdure::persistence {

memory_step_store::memory_step_store(std::uint32_t shard_count,
                                     std::chrono::milliseconds idempotency_retention)
    : retention_(idempotency_retention), logs_(shard_count) {
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
    statuses.push_back(failed.contains(s.entity) ? earlier_step_failed(s) : commit_one(s));
    if (!statuses.back().ok()) failed.insert(s.entity);
  }
  return statuses;
}

status memory_step_store::commit_one(const step& s) {
  if (auto fits = check_generation(s, generation()); !fits.ok()) return fits;
  auto& entity = entities_[s.entity];
  if (auto checked = check_expected(s, sequence_nr{entity.events.size()}); !checked.ok()) {
    return checked;
  }
  auto& log = logs_[value(shard_of(s.entity.id, shard_count()))];
  for (const auto& event : s.events) {
    auto offset = log_offset{log.size()};
    entity.events.push_back(offset);
    log.push_back({.entity = s.entity,
                   .sequence = sequence_nr{entity.events.size()},
                   .offset = offset,
                   .time = s.time,
                   .region = s.region,
                   .trace_parent = s.trace_parent,
                   .type = event.type,
                   .payload = event.payload});
  }
  if (s.snapshot) entity.snapshot = {s.last(), s.snapshot->state_type, s.snapshot->payload};
  if (s.key) replies_[{s.entity, s.key->method, s.key->key}] = {s.time.wall(), s.reply};
  return {};
}

result<history> memory_step_store::load(const entity_key& key) {
  std::lock_guard lock(mutex_);
  history loaded;
  auto found = entities_.find(key);
  if (found == entities_.end()) return loaded;

  const auto& [events, snapshot] = found->second;
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

}  // namespace perdure::persistence
