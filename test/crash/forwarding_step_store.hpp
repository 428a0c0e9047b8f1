#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "persistence/step_store.hpp"

namespace perdure::test {

// A step store around another: hands every verb on. What is derived from it changes one or two.
class forwarding_step_store : public persistence::step_store {
 public:
  explicit forwarding_step_store(std::unique_ptr<persistence::step_store> inner)
      : inner_(std::move(inner)) {}

  std::uint32_t shard_count() const override { return inner_->shard_count(); }
  std::vector<status> commit(std::span<const persistence::step> group) override {
    return inner_->commit(group);
  }
  std::uint64_t generation() const override { return inner_->generation(); }
  result<persistence::history> load(const entity_key& entity) override {
    return inner_->load(entity);
  }
  result<std::optional<persistence::recorded_reply>> find_reply(
      const entity_key& entity, const persistence::idempotency_key& key, timestamp now) override {
    return inner_->find_reply(entity, key, now);
  }
  result<std::vector<persistence::stored_event>> read_log(shard_id shard, log_offset from,
                                                          std::size_t bytes_max) override {
    return inner_->read_log(shard, from, bytes_max);
  }

 protected:
  persistence::step_store& inner() { return *inner_; }

 private:
  std::unique_ptr<persistence::step_store> inner_;
};

}  // namespace perdure::test
