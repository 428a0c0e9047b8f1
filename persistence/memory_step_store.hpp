#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "persistence/memory_mail.hpp"
#include "persistence/memory_topics.hpp"
#include "persistence/topic_store.hpp"

// The step store as plain containers: the executable specification of the ports step_store,
// mail_store and topic_store, and the store of tests and of services that need not outlive their
// process.

namespace perdure::persistence {

class memory_step_store final : public topic_store {
 public:
  explicit memory_step_store(std::uint32_t shard_count = 16,
                             std::chrono::milliseconds idempotency_retention = std::chrono::hours{
                                 24});

  std::uint32_t shard_count() const override;
  std::vector<status> commit(std::span<const step> group) override;
  std::uint64_t generation() const override { return 0; }  // it never fails
  result<history> load(const entity_key& entity) override;
  result<std::optional<recorded_reply>> find_reply(const entity_key& entity,
                                                   const idempotency_key& key,
                                                   timestamp now) override;
  result<std::vector<stored_event>> read_log(shard_id shard, log_offset from,
                                             std::size_t bytes_max) override;
  result<entity_page> list_entities(const entity_selection& which,
                                    const std::optional<entity_place>& from,
                                    std::size_t max) override;

  std::size_t mail_bytes(const entity_key& target) const override;
  std::vector<entity_key> entities_with_mail() const override;
  result<std::vector<stored_mail>> read_mail(const entity_key& target, mail_position after,
                                             std::size_t bytes_max) override;
  result<std::vector<stored_timer>> read_due_timers(timestamp now, std::size_t max) override;
  result<std::optional<timestamp>> next_due() override;
  result<std::optional<command_record>> find_command(const std::string& command_id,
                                                     timestamp now) override;
  result<outbox_offset> relayed(shard_id shard) override;
  result<std::size_t> drop_deleted(timestamp before) override;

  std::vector<std::string> topics() const override;
  topic_bounds bounds(const std::string& topic, std::uint32_t partition) const override;
  result<std::vector<stored_message>> read_topic(const std::string& topic, std::uint32_t partition,
                                                 topic_offset from, std::size_t bytes_max) override;
  result<topic_offset> offset_at(const std::string& topic, std::uint32_t partition,
                                 timestamp time) override;
  result<std::uint64_t> bytes_from(const std::string& topic, std::uint32_t partition,
                                   topic_offset first) override;
  status trim_topic(const std::string& topic, std::uint32_t partition, topic_offset first) override;
  log_offset log_end(shard_id shard) const override;
  result<std::vector<std::string>> readers() override;
  result<std::vector<cursor>> read_cursors(const std::string& reader) override;
  result<bool> is_paused(const std::string& reader) override;
  result<std::optional<std::uint64_t>> last_seen(const std::string& reader,
                                                 const std::string& subject) override;
  result<std::vector<stored_held_message>> read_held(const std::string& reader,
                                                     const std::optional<held_place>& after,
                                                     std::size_t bytes_max) override;

 private:
  struct entity_record {
    std::vector<log_offset> events;  // event n stands at index n - 1
    std::optional<stored_snapshot> snapshot;
    bool is_key_value = false;
  };
  struct reply_record {
    timestamp time;
    recorded_reply reply;
  };
  using reply_scope = std::tuple<entity_key, std::string, std::string>;  // entity, method, key

  status commit_one(const step& s);
  status check_mail(const step& s) const;
  void apply_mail(const step& s);
  void store_events(const step& s, entity_record& entity);

  const std::chrono::milliseconds retention_;
  mutable std::mutex mutex_;
  std::vector<std::vector<stored_event>> logs_;  // by shard, then offset
  std::map<entity_key, entity_record> entities_;
  std::map<reply_scope, reply_record> replies_;
  // Of event sourced entities whose content is still there.
  std::map<std::pair<hybrid_time, entity_key>, sequence_nr> deletions_;
  memory_mail mail_;
  memory_topics topics_;
};

}  // namespace perdure::persistence
