#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.hpp"
#include "perdure/status.hpp"
#include "persistence/entity_listing.hpp"
#include "persistence/step.hpp"

// The port through which everything durable passes: steps in, histories and logs out.
//
// Adapters: memory_step_store (the executable specification), rocksdb_step_store, redis_step_store.
// Each passes test/persistence/step_store_contract, entity_kinds_contract and
// list_entities_contract. The first two are a
// topic_store as well, the third is an outbox_store.
//
// Threads: commit() by one thread at a time; the reading verbs from any thread, also during a
// commit. A reading verb that starts after commit() has returned sees what it stored.

namespace perdure::persistence {

class step_store {
 public:
  virtual ~step_store() = default;

  // Into how many shards entity ids are divided; fixed when the store is first created.
  virtual std::uint32_t shard_count() const = 0;

  // ------------------------------------------------------------------------------------- writing

  // Stores a group of steps with one durable write and returns one status per step, in order.
  //
  // Each step names in `expected` the sequence number its entity has just before it, counting the
  // steps before it in the group; a step that does not match fails alone. So when a step fails,
  // the later steps of its entity fail too, and no other does. A step of kind mail_only expects
  // nothing but its generation, if it names one, and stands alone.
  //   OK           the step is durable, all of it
  //   ABORTED      `expected` or `generation` does not match; nothing of the step is stored
  //   DATA_LOSS    what is stored of the entity is damaged; nothing of the step is stored
  //   UNAVAILABLE  the write failed: unknown outcome, the step may be stored. The store tries to
  //                heal by itself; later commits may succeed
  virtual std::vector<status> commit(std::span<const step> group) = 0;

  // ------------------------------------------------------------------------------------- reading

  // Grows before a write that had failed can show after all, as when a database replays its log.
  // Whatever was loaded under an earlier generation may be stale: load it again. Any thread.
  virtual std::uint64_t generation() const = 0;

  // The history of one entity; an empty one for an entity that has no events. Its snapshot is the
  // deletion when that was the last thing that happened. An expired state is still there: whoever
  // reads it looks at the time.
  //   DATA_LOSS            a record is damaged or missing; the text names its place
  //   FAILED_PRECONDITION  a record was written by a newer Perdure; the text says so
  //   UNAVAILABLE          the store cannot be read now
  virtual result<history> load(const entity_key& entity) = 0;

  // What a command with this idempotency key was answered; nullopt when it was not, or when that
  // was longer than the retention before `now`. Codes as for load().
  virtual result<std::optional<recorded_reply>> find_reply(const entity_key& entity,
                                                           const idempotency_key& key,
                                                           timestamp now) = 0;

  // The events of a shard from `from` on, of all entities, in the order they were committed, at
  // most about `bytes_max` of them but at least one if there is one. The events before a damaged
  // one are still given; asking from the damaged one on is what fails. Codes as for load().
  virtual result<std::vector<stored_event>> read_log(shard_id shard, log_offset from,
                                                     std::size_t bytes_max) = 0;

  // The entities that ever had an event, also those that were deleted: at most `max` (at least 1),
  // from `from` on, which is entity_page::next of the page before; unset: the first. A page takes a
  // bounded time, and so may have few or none though there is more. Who reads to the end has each
  // entity that was there when it began once, as it was when its page was read; in the order of
  // types and ids, or another one where the adapter has them in none.
  //
  // One that is damaged is given with its problem, so that the others are still told.
  //   DATA_LOSS    something else stands among them; the text names its place
  //   UNAVAILABLE  the store cannot be read now
  virtual result<entity_page> list_entities(const entity_selection& which,
                                            const std::optional<entity_place>& from,
                                            std::size_t max) = 0;
};

}  // namespace perdure::persistence
