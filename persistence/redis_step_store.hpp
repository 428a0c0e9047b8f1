#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "persistence/outbox_store.hpp"
#include "persistence/redis_durability.hpp"
#include "persistence/redis_endpoint.hpp"

// The step store on a Redis: one script per step, one pipeline per group. docs/formats.md tells
// what stands there, docs/adr/0012 why.
//
// What it promises depends on how that Redis is set: durability().
//
// When Redis is away, every verb answers UNAVAILABLE at once, and a thread of the store's connects
// again, waiting longer after each failure up to two seconds. While a step may yet show whose
// outcome is unknown nothing is read either: first that connection is fenced off, then the
// generation grows, then all goes on.
//
// One process at a time: who opens a store fences off who had it before. That one answers
// UNAVAILABLE from then on, for good.

namespace perdure::persistence {

class redis_step_store final : public outbox_store {
 public:
  struct settings {
    redis_endpoint server;
    const perdure::clock& clock;     // tells which outcomes are past their retention; outlives us
    std::uint32_t shard_count = 16;  // of a new store; an old one keeps its own
    std::chrono::milliseconds idempotency_retention = std::chrono::hours{24};
    std::string id = {};     // of the store, also of one that is created; empty: of any store
    bool may_create = true;  // if not, a store must be there
  };

  // Opens the store that is there, or creates one.
  //   FAILED_PRECONDITION  it refuses the password or user, or its TLS certificate does not hold;
  //   it
  //                        is a replica, too old, or a node of a cluster that has not all keys; it
  //                        holds other data under our keys, another store than `id` or none that
  //                        must be there, or was written by a newer Perdure
  //   DATA_LOSS            what it holds is damaged
  //   UNAVAILABLE          it is not reachable, or cannot be read or written now
  static result<std::unique_ptr<redis_step_store>> open(const settings& how);

  // Not while another thread is in one of the verbs. Waits for an attempt to connect to end.
  ~redis_step_store() override;

  std::uint32_t shard_count() const override;
  std::vector<status> commit(std::span<const step> group) override;
  std::uint64_t generation() const override;
  result<history> load(const entity_key& entity) override;
  result<std::optional<recorded_reply>> find_reply(const entity_key& entity,
                                                   const idempotency_key& key,
                                                   timestamp now) override;
  result<std::vector<stored_event>> read_log(shard_id shard, log_offset from,
                                             std::size_t bytes_max) override;
  result<entity_page> list_entities(const entity_selection& which,
                                    const std::optional<entity_place>& from,
                                    std::size_t max) override;

  result<std::vector<outbox_entry>> read_outbox(shard_id shard, outbox_offset after,
                                                std::size_t bytes_max) override;
  status trim_outbox(shard_id shard, outbox_offset last) override;
  result<std::optional<command_outcome>> find_outcome(const entity_key& target,
                                                      const std::string& command_id) override;

  // As found when it was last connected to. Any thread.
  redis_durability durability() const;

  // OK, or why every verb answers UNAVAILABLE now. Any thread.
  status health() const;

  class implementation;
  explicit redis_step_store(std::unique_ptr<implementation> opened);

 private:
  std::unique_ptr<implementation> opened_;
};

}  // namespace perdure::persistence
