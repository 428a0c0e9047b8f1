#pragma once

#include "test/crash/death.hpp"
#include "test/crash/forwarding_outbox_store.hpp"
#include "test/crash/forwarding_step_store.hpp"

namespace perdure::test {

// The points before and after a commit, in an entity's recovery and in what a subscription reads,
// and, for the file system, what the committing thread is at.
class dying_step_store final : public forwarding_step_store {
 public:
  dying_step_store(std::unique_ptr<persistence::topic_store> inner, death& dies)
      : forwarding_step_store(std::move(inner)), dies_(dies) {}

  std::vector<status> commit(std::span<const persistence::step> group) override;
  result<persistence::history> load(const entity_key& entity) override;
  result<std::vector<persistence::stored_event>> read_log(shard_id shard, log_offset from,
                                                          std::size_t bytes_max) override;
  result<std::vector<persistence::stored_message>> read_topic(const std::string& topic,
                                                              std::uint32_t partition,
                                                              topic_offset from,
                                                              std::size_t bytes_max) override;
  status trim_topic(const std::string& topic, std::uint32_t partition, topic_offset first) override;

 private:
  death& dies_;
};

// The same of the store of key-value entities.
class dying_outbox_store final : public forwarding_outbox_store {
 public:
  dying_outbox_store(std::unique_ptr<persistence::outbox_store> inner, death& dies)
      : forwarding_outbox_store(std::move(inner)), dies_(dies) {}

  std::vector<status> commit(std::span<const persistence::step> group) override;
  result<persistence::history> load(const entity_key& entity) override;
  status trim_outbox(shard_id shard, outbox_offset last) override;

 private:
  death& dies_;
};

}  // namespace perdure::test
