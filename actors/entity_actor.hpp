#pragma once

#include <list>
#include <memory>
#include <optional>

#include <caf/event_based_actor.hpp>

#include "actors/caf_messages.hpp"
#include "actors/entity_committing.hpp"
#include "actors/entity_ready.hpp"
#include "actors/entity_type.hpp"
#include "actors/environment.hpp"

// One resident entity as a CAF actor: takes its commands one after the other through the phases of
// its life. Spawned and ended by the entity_router, which never ends one that has a command under
// way.
//
//            command                history
//   dormant ---------> recovering ----------> ready ---+  too much waits for the disk:
//      ^                   |  ^                 |  ^   |  stash until it is settled
//      +-------------------+  +---- settled <---+  +---+
//        cannot be read:            a step failed, or an event handler threw:
//        answer all that waits      reload once nothing is in flight
//
// Mail and direct commands are handled in the order in which they come here. Mail that cannot be
// handled goes back to where it came from, and all the mail behind it.

namespace perdure::actors {

// Whether the thread that has something for an entity of this type is to run it.
inline bool runs_on_caller(const entity_type& type, const environment& env) {
  return env.runs_on_caller && type.pace().is_quick(env.steady_now());
}

class entity_actor final : public caf::event_based_actor {
 public:
  // `all_waiting_bytes`: see entity_committing.
  entity_actor(caf::actor_config& cfg, std::shared_ptr<const entity_type> type, entity_key key,
               std::shared_ptr<const environment> env, std::shared_ptr<dispatcher> others,
               std::shared_ptr<std::atomic<std::size_t>> all_waiting_bytes);

  caf::behavior make_behavior() override;
  const char* name() const override { return "perdure.entity"; }

 private:
  void on_command(const command_ptr& c);
  void on_settled();
  void on_loaded(const loaded_history& loaded);

  void load();
  void reload();
  void await_settled();
  bool handle(const command_ptr& c);
  bool would_overtake(const command& c) const;
  void end_mail_round();
  void handle_stash();
  void refuse_stash(const status& why);

  const std::shared_ptr<const entity_type> type_;
  const entity_key key_;
  const std::shared_ptr<const environment> env_;
  const std::shared_ptr<dispatcher> others_;
  entity_committing commits_;

  bool recovering_ = false;
  std::optional<entity_ready> ready_;  // set in that phase only
  // Commands that came while recovering, or while too much waited for the disk, in their order.
  // The router's mailbox_bytes_max bounds them. A list takes no memory while it is empty, as nearly
  // always: many entities are resident.
  std::list<command_ptr> stash_;
  // Mail of earlier rounds is refused: something before it could not be handled (mail_slip).
  std::uint64_t mail_round_ = 0;
  std::uint64_t last_mail_round_ = 0;
};

}  // namespace perdure::actors
