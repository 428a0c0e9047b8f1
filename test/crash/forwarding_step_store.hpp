#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "persistence/topic_store.hpp"

namespace perdure::test {

// A step store around another: hands every verb on. What is derived from it changes one or two.
class forwarding_step_store : public persistence::topic_store {
 public:
  explicit forwarding_step_store(std::unique_ptr<persistence::topic_store> inner)
      : inner_(std::move(inner)) {}

  std::uint32_t shard_count() const override { return inner_->shard_count(); }
  std::vector<status> commit(std::span<const persistence::step> group) override {
    return inner_->commit(group);
  }
  std::uint64_t generation() const override { return inner_->generation(); }
  result<persistence::history> load(const entity_key& entity) override {
    return inner_->load(entity);
  }
  result<persistence::entity_page> list_entities(
      const persistence::entity_selection& which,
      const std::optional<persistence::entity_place>& from, std::size_t max) override {
    return inner_->list_entities(which, from, max);
  }
  result<std::optional<persistence::recorded_reply>> find_reply(
      const entity_key& entity, const persistence::idempotency_key& key, timestamp now) override {
    return inner_->find_reply(entity, key, now);
  }
  result<std::vector<persistence::stored_event>> read_log(shard_id shard, log_offset from,
                                                          std::size_t bytes_max) override {
    return inner_->read_log(shard, from, bytes_max);
  }

  std::size_t mail_bytes(const entity_key& target) const override {
    return inner_->mail_bytes(target);
  }
  std::vector<entity_key> entities_with_mail() const override {
    return inner_->entities_with_mail();
  }
  result<std::vector<persistence::stored_mail>> read_mail(const entity_key& target,
                                                          mail_position after,
                                                          std::size_t bytes_max) override {
    return inner_->read_mail(target, after, bytes_max);
  }
  result<std::vector<persistence::stored_timer>> read_due_timers(timestamp now,
                                                                 std::size_t max) override {
    return inner_->read_due_timers(now, max);
  }
  result<std::optional<timestamp>> next_due() override { return inner_->next_due(); }
  result<std::optional<persistence::command_record>> find_command(const std::string& command_id,
                                                                  timestamp now) override {
    return inner_->find_command(command_id, now);
  }
  result<outbox_offset> relayed(shard_id shard) override { return inner_->relayed(shard); }
  result<std::size_t> drop_deleted(timestamp before) override {
    return inner_->drop_deleted(before);
  }

  std::vector<std::string> topics() const override { return inner_->topics(); }
  persistence::topic_bounds bounds(const std::string& topic,
                                   std::uint32_t partition) const override {
    return inner_->bounds(topic, partition);
  }
  result<std::vector<persistence::stored_message>> read_topic(const std::string& topic,
                                                              std::uint32_t partition,
                                                              topic_offset from,
                                                              std::size_t bytes_max) override {
    return inner_->read_topic(topic, partition, from, bytes_max);
  }
  result<topic_offset> offset_at(const std::string& topic, std::uint32_t partition,
                                 timestamp time) override {
    return inner_->offset_at(topic, partition, time);
  }
  result<std::uint64_t> bytes_from(const std::string& topic, std::uint32_t partition,
                                   topic_offset first) override {
    return inner_->bytes_from(topic, partition, first);
  }
  status trim_topic(const std::string& topic, std::uint32_t partition,
                    topic_offset first) override {
    return inner_->trim_topic(topic, partition, first);
  }
  log_offset log_end(shard_id shard) const override { return inner_->log_end(shard); }
  result<std::vector<std::string>> readers() override { return inner_->readers(); }
  result<std::vector<persistence::cursor>> read_cursors(const std::string& reader) override {
    return inner_->read_cursors(reader);
  }
  result<bool> is_paused(const std::string& reader) override { return inner_->is_paused(reader); }
  result<std::optional<std::uint64_t>> last_seen(const std::string& reader,
                                                 const std::string& subject) override {
    return inner_->last_seen(reader, subject);
  }
  result<std::vector<persistence::stored_held_message>> read_held(
      const std::string& reader, const std::optional<persistence::held_place>& after,
      std::size_t bytes_max) override {
    return inner_->read_held(reader, after, bytes_max);
  }

 protected:
  persistence::topic_store& inner() { return *inner_; }

 private:
  std::unique_ptr<persistence::topic_store> inner_;
};

}  // namespace perdure::test
