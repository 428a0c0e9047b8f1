#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "persistence/outbox_store.hpp"

namespace perdure::test {

// A store of key-value entities around another, as forwarding_step_store.
class forwarding_outbox_store : public persistence::outbox_store {
 public:
  explicit forwarding_outbox_store(std::unique_ptr<persistence::outbox_store> inner)
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

  result<std::vector<persistence::outbox_entry>> read_outbox(shard_id shard, outbox_offset after,
                                                             std::size_t bytes_max) override {
    return inner_->read_outbox(shard, after, bytes_max);
  }
  status trim_outbox(shard_id shard, outbox_offset last) override {
    return inner_->trim_outbox(shard, last);
  }
  result<std::optional<persistence::command_outcome>> find_outcome(
      const entity_key& target, const std::string& command_id) override {
    return inner_->find_outcome(target, command_id);
  }

 protected:
  persistence::outbox_store& inner() { return *inner_; }

 private:
  std::unique_ptr<persistence::outbox_store> inner_;
};

}  // namespace perdure::test
