#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "actors/environment.hpp"
#include "persistence/mail.hpp"

// Brings what key-value entities of another store have sent and published, and the timers they have
// set, from that store's outbox to the mailboxes, topics and timers. Each entry takes effect there
// exactly once, in the order of its shard: the store of the mailboxes counts, in the step that
// takes an entry in, how far it got.
//
// What has just been posted goes on from memory. After a failure, and when a process starts, the
// outbox is read.

namespace perdure::actors {

// Any thread.
class outbox_relay : public std::enable_shared_from_this<outbox_relay> {
 public:
  struct surroundings {
    // Mail of an entry stands in its mailbox. On the committer's thread.
    std::function<void(const persistence::new_mail&)> arrived;
    // A step with such mail has failed, and may show after all. On the same thread.
    std::function<void()> failed;
    // Timers of an entry are set. On the same thread.
    std::function<void(const std::vector<persistence::timer_change>&)> timers_set;
    // Calls catch_up(shard) later.
    std::function<void(std::chrono::milliseconds, shard_id)> retry_after;
  };

  // Only where env->key_values is set.
  outbox_relay(std::shared_ptr<const environment> env, surroundings around);

  // Begins with what waits in the outbox.
  void start();

  // A step with these effects is durable, at effects->posted of its shard's outbox. Called in that
  // order for each shard. Takes the effects' content where it goes on from memory.
  void posted(const entity_key& entity, hybrid_time time,
              const std::shared_ptr<persistence::mail_effects>& effects);

  // A step of the entity that would have an entry has failed, and may show after all.
  void look_again(const entity_key& entity);

  // Reads on from where the mail store says that it got to.
  void catch_up(shard_id shard);

  // Relays nothing more; what waits stays in the outbox.
  void stop();

 private:
  struct shard_state {
    outbox_offset given{};    // to the committer
    outbox_offset relayed{};  // durable at the store of the mailboxes
    outbox_offset trimmed{};  // gone from the outbox
    std::size_t in_flight = 0;
    bool is_behind = true;    // what is posted is left to be read
    bool has_missed = false;  // something was posted since the last reading began
    bool is_reading = false;
    bool has_failed = false;
    bool is_trimming = false;
  };

  shard_id shard_of_sender(const entity_key& entity) const;

  // Under the lock.
  void give(shard_id shard, shard_state& s, const entity_key& entity, hybrid_time time,
            persistence::mail_effects effects, outbox_offset offset);
  void read_on(shard_id shard, shard_state& s);
  void trim(shard_id shard, shard_state& s);

  void committed(shard_id shard, outbox_offset offset, const status& done,
                 const persistence::mail_effects& effects);
  void page_read(shard_id shard, result<std::vector<persistence::outbox_entry>> page);

  const std::shared_ptr<const environment> env_;
  const surroundings around_;
  std::mutex mutex_;
  std::vector<shard_state> shards_;
  bool stopped_ = false;
};

}  // namespace perdure::actors
