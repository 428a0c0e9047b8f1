#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include "actors/action_commands.hpp"
#include "actors/action_stream.hpp"
#include "actors/dispatcher.hpp"
#include "actors/entity_registry.hpp"
#include "actors/mail_delivery.hpp"
#include "actors/outbox_relay.hpp"
#include "actors/start_hooks.hpp"
#include "actors/subscriptions.hpp"
#include "actors/timekeeper.hpp"

// What stands behind the entity_router: joins the registry of entities with the actions, their
// mailboxes, timers and those who wait for outcomes. Everything that must happen later is done by
// its one actor, so that time is CAF's, and virtual in tests.

namespace perdure::actors {

// Any thread. Shared with the entities' actors, which may end later.
class exchange final : public dispatcher, public std::enable_shared_from_this<exchange> {
 public:
  exchange(caf::actor_system& system, std::span<const entity_model> models,
           std::span<const action_model> actions, environment env);

  // Once, before the first command: begins with what waits in the store.
  void start();

  // See entity_router.
  void submit(command c);
  void find_command(std::string command_id,
                    std::function<void(result<std::optional<command_status>>)> reply);
  bool drain(std::chrono::milliseconds timeout);
  void stop();
  const entity_registry& registry() const { return *registry_; }
  std::shared_ptr<action_stream> open_stream(stream_request what,
                                             std::shared_ptr<stream_caller> caller);
  action_pool* pool(const std::string& service) const { return actions_->pool(service); }
  std::vector<std::shared_ptr<pubsub::subscription>> subscribed() const;

  const entity_directory& directory() const override { return *directory_; }
  command_waiters& waiters() override { return *waiters_; }
  void forward(command c) override;
  void call(command c) override;
  void store(const action_type& author, decided_action what, timestamp deadline,
             std::function<void(status)> tell) override;
  void committed(entity_kind kind, const entity_key& entity, hybrid_time time,
                 const std::shared_ptr<persistence::mail_effects>& effects) override;
  void failed(entity_kind kind, const entity_key& entity) override;
  void await(const std::string& command_id, timestamp deadline, reply_to reply) override;

 private:
  void make_parts();
  void submit(command c, origin from);
  void hand_over(command c);
  void post(command c);
  void deliver(const persistence::mail_effects& effects);
  void mail_failed();
  void posted(const command& c, const persistence::new_mail& mail, const status& stored);
  void after(std::chrono::milliseconds delay, std::function<void()> what);
  void every(std::chrono::milliseconds interval, std::function<void()> what);

  caf::actor_system& system_;
  const std::shared_ptr<const environment> env_;
  const std::shared_ptr<const entity_directory> directory_;
  const std::shared_ptr<entity_registry> registry_;
  const std::shared_ptr<command_waiters> waiters_ = std::make_shared<command_waiters>();
  caf::actor alarm_;  // does later what must be done later
  std::shared_ptr<action_commands> actions_;
  std::shared_ptr<start_hooks> hooks_;
  std::unique_ptr<subscriptions> subscriptions_;  // null where there are no topics
  std::shared_ptr<mail_delivery> mail_;
  std::shared_ptr<timekeeper> timers_;
  std::shared_ptr<outbox_relay> relay_;  // null unless another store keeps key-value entities
};

}  // namespace perdure::actors
