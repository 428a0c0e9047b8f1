#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include <caf/actor_system.hpp>

#include "actors/action_pool.hpp"
#include "actors/command.hpp"
#include "actors/dispatcher.hpp"
#include "actors/entity_directory.hpp"
#include "actors/environment.hpp"
#include "persistence/step.hpp"

// Command path: the actions of a process. A command becomes a run of a handler, and what the
// handler has decided a step, if it changes anything; then comes the reply.
//
// Mail of one mailbox is handled one after the other, each when the one before it has been decided.
// What could not be handled stays where it is, and all behind it: mail_delivery tries it again.

namespace perdure::actors {

// Any thread. Shared with what is under way.
class action_commands : public std::enable_shared_from_this<action_commands> {
 public:
  // Does something soon, on another thread.
  using later_function = std::function<void(std::function<void()>)>;

  action_commands(caf::actor_system& system, std::shared_ptr<const environment> env,
                  const entity_directory& directory, std::weak_ptr<dispatcher> others,
                  later_function later);

  // Null when no action has this service.
  action_pool* pool(const std::string& service) const;

  // Handles a command that has been accepted. `may_run_here`: see action_run.
  void run(command c, bool may_run_here);

  // The same for mail. Never runs a handler on this thread, and never replies on it.
  void hand_over(command c);

  // See dispatcher.
  void store(const action_type& author, decided_action what, timestamp deadline,
             std::function<void(status)> tell);

  // Ends what is under way.
  void stop();

 private:
  using shared_command = std::shared_ptr<command>;
  using shared_flag = std::shared_ptr<std::atomic<bool>>;

  // A mailbox of which something is under way, or could not be handled.
  struct box {
    std::uint64_t round = 0;  // of what is, or was, under way
    // Something of this round could not be handled, so nothing more of it is. Shared with its
    // steps: those behind one that has failed are void.
    shared_flag has_failed;
    bool is_busy = false;   // a handler runs
    std::size_t steps = 0;  // on their way to the disk
    std::deque<shared_command> waiting;
  };

  action_run run_of(command& c) const;
  action_pool& pool_of(const command& c) const { return *pools_.at(c.target.type); }
  void decided(command& c, result<decided_action> what);
  void finish(command& c, const action_type& author, decided_action what, outcome answer);

  void begin_mail(const shared_command& c, const shared_flag& round_failed);
  void mail_decided(command& c, const shared_flag& round_failed, result<decided_action> what);
  void store_mail(command& c, const shared_flag& round_failed, persistence::step s,
                  std::vector<std::string> awaited, outcome answer);
  void go_on(const entity_key& mailbox);
  void step_ended(const entity_key& mailbox);
  bool is_refused(const box& b, const command& c) const;
  void forget_if_idle(const entity_key& mailbox, const box& b);

  persistence::step new_step(entity_key entity, const action_type& author,
                             decided_action& what) const;
  status check_step(const persistence::step& s) const;
  void submit(persistence::step s, std::function<void(bool)> ended);

  const std::shared_ptr<const environment> env_;
  const std::weak_ptr<dispatcher> others_;
  const later_function later_;
  std::unordered_map<std::string, std::unique_ptr<action_pool>> pools_;  // by type of mailbox

  std::mutex mutex_;
  std::unordered_map<entity_key, box> boxes_;  // under the lock
};

}  // namespace perdure::actors
