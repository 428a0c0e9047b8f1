// Command path: what a router does beside finding entities: mailboxes, timers, outcomes.
// Before: actors/entity_router.cpp. Next: actors/entity_registry.cpp, or by the mailbox
// persistence/group_commit.cpp and actors/mail_delivery.cpp.

#include "actors/exchange.hpp"

#include <algorithm>
#include <utility>

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include "actors/caf_messages.hpp"
#include "actors/effect_parts.hpp"
#include "actors/fingerprint.hpp"
#include "actors/stream_admission.hpp"
#include "actors/told_positions.hpp"
#include "base/check.hpp"
#include "base/uuid.hpp"

namespace perdure::actors {
namespace {

// How often entities that have been idle for too long are looked for, per idle_max.
constexpr int sweeps_per_idle_max = 4;
constexpr std::chrono::milliseconds shortest_sweep{10};

// How late those are answered who wait beyond their deadline. Their transport does so in time.
constexpr std::chrono::milliseconds expire_every = std::chrono::seconds{1};

caf::behavior alarm_clock(caf::event_based_actor*) {
  return {[](const alarm_ptr& due) { (*due)(); }};
}

}  // namespace

exchange::exchange(caf::actor_system& system, std::span<const entity_model> models,
                   std::span<const action_model> actions, environment env)
    : system_(system),
      env_(std::make_shared<const environment>(std::move(env))),
      directory_(std::make_shared<const entity_directory>(models, env_->limits, actions)),
      registry_(std::make_shared<entity_registry>(system, env_, directory_)),
      alarm_(system.spawn<caf::hidden>(alarm_clock)) {}

void exchange::start() {
  registry_->connect(weak_from_this());
  make_parts();
  every(std::max(env_->limits.idle_max / sweeps_per_idle_max, shortest_sweep),
        [this] { registry_->passivate_idle(); });
  every(expire_every, [this] { waiters_->expire(env_->clock.now()); });
  if (relay_) relay_->start();
  mail_->start();
  timers_->look();
  hooks_->start();
  if (subscriptions_) subscriptions_->start();
}

// The parts may outlive this: what they call back does nothing then.
void exchange::make_parts() {
  auto weak = weak_from_this();
  auto later = [weak](std::chrono::milliseconds delay, std::function<void()> what) {
    if (auto self = weak.lock()) self->after(delay, std::move(what));
  };
  auto arrived = [weak](const persistence::new_mail& mail) {
    if (auto self = weak.lock()) self->mail_->arrived(mail);
  };
  auto failed = [weak] {
    if (auto self = weak.lock()) self->mail_failed();
  };
  mail_ =
      std::make_shared<mail_delivery>(env_, directory_, waiters_,
                                      mail_delivery::surroundings{[weak](command c) {
                                                                    if (auto self = weak.lock())
                                                                      self->hand_over(std::move(c));
                                                                  },
                                                                  later});
  actions_ = std::make_shared<action_commands>(
      system_, env_, *directory_, weak,
      [later](std::function<void()> what) { later({}, std::move(what)); });
  hooks_ = std::make_shared<start_hooks>(
      directory_, start_hooks::surroundings{[weak](command c) {
                                              if (auto self = weak.lock())
                                                self->hand_over(std::move(c));
                                            },
                                            later});
  timers_ = std::make_shared<timekeeper>(
      env_,
      timekeeper::surroundings{arrived, failed,
                               [weak, later](std::chrono::milliseconds delay, std::uint64_t alarm) {
                                 later(delay, [weak, alarm] {
                                   if (auto self = weak.lock()) self->timers_->rang(alarm);
                                 });
                               }});
  if (env_->topics) {
    subscriptions_ = std::make_unique<subscriptions>(
        env_, *directory_,
        subscriptions::surroundings{
            [this](const std::string& service) { return actions_->pool(service); }, later,
            [weak](const persistence::mail_effects& effects) {
              if (auto self = weak.lock()) self->deliver(effects);
            },
            failed});
  }
  if (!env_->key_values) return;
  relay_ = std::make_shared<outbox_relay>(
      env_,
      outbox_relay::surroundings{arrived, failed,
                                 [weak](const std::vector<persistence::timer_change>& timers) {
                                   if (auto self = weak.lock()) self->timers_->set(timers);
                                 },
                                 [weak, later](std::chrono::milliseconds delay, shard_id shard) {
                                   later(delay, [weak, shard] {
                                     if (auto self = weak.lock()) self->relay_->catch_up(shard);
                                   });
                                 }});
}

void exchange::after(std::chrono::milliseconds delay, std::function<void()> what) {
  caf::delayed_anon_send(alarm_, delay, std::make_shared<std::function<void()>>(std::move(what)));
}

void exchange::every(std::chrono::milliseconds interval, std::function<void()> what) {
  after(interval, [weak = weak_from_this(), interval, what = std::move(what)] {
    auto self = weak.lock();
    if (!self) return;
    what();
    self->every(interval, what);
  });
}

// --------------------------------------------------------------------------------------- commands

void exchange::submit(command c) { submit(std::move(c), origin::caller); }

void exchange::submit(command c, origin from) {
  bool is_direct = c.way == delivery::direct;
  bool is_actions = is_of_action(c.target.type);
  if (is_direct && !is_actions) return registry_->submit(std::move(c), from);
  if (auto admitted = registry_->admit(c, from); !admitted.ok()) return c.reply({admitted, {}});
  if (is_direct) return actions_->run(std::move(c), from == origin::caller);
  if (c.idempotency_key.empty()) return post(std::move(c));

  // Its id belongs to its key: when it has ended before, the record stays as it is.
  auto retried = std::make_shared<command>(std::move(c));
  auto id = retried->command_id;
  find_command(
      id, [self = shared_from_this(), retried](const result<std::optional<command_status>>& known) {
        bool has_ended = known.ok() && *known && (*known)->done;
        if (!has_ended) return self->post(std::move(*retried));
        retried->reply(retried->way == delivery::sent ? outcome{} : (*known)->ended);
      });
}

void exchange::forward(command c) {
  if (c.way == delivery::direct) return hand_over(std::move(c));
  post(std::move(c));
}

void exchange::hand_over(command c) {
  if (!is_of_action(c.target.type)) return registry_->hand_over(std::move(c));
  PERDURE_CHECK(registry_->admit(c, origin::accepted).ok());
  c.mail ? actions_->hand_over(std::move(c)) : actions_->run(std::move(c), false);
}

void exchange::call(command c) {
  bool is_posted = c.way != delivery::direct;
  if (is_posted && !c.idempotency_key.empty()) c.command_id = keyed_command_id(c);
  submit(std::move(c), origin::handler);
}

std::shared_ptr<action_stream> exchange::open_stream(stream_request what,
                                                     std::shared_ptr<stream_caller> caller) {
  auto* found = pool(what.method->service()->full_name());
  PERDURE_CHECK(found != nullptr);
  return open_admitted(*registry_, *found, std::move(what), std::move(caller));
}

void exchange::store(const action_type& author, decided_action what, timestamp deadline,
                     std::function<void(status)> tell) {
  actions_->store(author, std::move(what), deadline, std::move(tell));
}

void exchange::post(command c) {
  if (c.command_id.empty()) c.command_id = random_uuid();
  persistence::new_mail mail;
  mail.target = c.target;
  // What clients send to an action need not wait for each other.
  if (is_of_action(c.target.type) && c.target.id == no_id) mail.target.id = c.command_id;
  mail.method = c.method->full_name();
  mail.payload = c.request->SerializePartialAsString();
  mail.metadata = std::move(c.metadata);
  mail.idempotency_key = std::move(c.idempotency_key);
  mail.command_id = c.command_id;
  mail.hops = c.hops;
  persistence::step s;
  s.entity = c.target;
  s.kind = persistence::step_kind::mail_only;
  s.time = env_->step_times.next();
  s.mail = std::make_shared<persistence::mail_effects>();
  s.mail->mail.push_back(std::move(mail));
  if (auto room = check_room(*env_, s); !room.ok()) return c.reply({room, {}});
  auto effects = s.mail;
  auto shared = std::make_shared<const command>(std::move(c));
  env_->commits.submit(std::move(s),
                       [self = shared_from_this(), shared, effects](const status& stored) {
                         self->posted(*shared, effects->mail.front(), stored);
                       });
}

// It is entered as waiting before it is delivered.
void exchange::posted(const command& c, const persistence::new_mail& mail, const status& stored) {
  if (!stored.ok()) {
    mail_failed();
    return c.reply({{status_code::unavailable,
                     "unknown outcome: the store failed while the command was being accepted; "
                     "retry it with an idempotency key, or ask for command " +
                         c.command_id},
                    {}});
  }
  if (c.way == delivery::sent) {
    c.reply({});
  } else {
    waiters_->add(c.command_id, c.deadline, c.reply);
  }
  mail_->arrived(mail);
}

void exchange::committed(entity_kind kind, const entity_key& entity, hybrid_time time,
                         const std::shared_ptr<persistence::mail_effects>& effects) {
  if (env_->is_elsewhere(kind)) return relay_->posted(entity, time, effects);
  deliver(*effects);
}

void exchange::deliver(const persistence::mail_effects& effects) {
  for (const auto& mail : effects.mail) mail_->arrived(mail);
  if (!effects.timers.empty()) timers_->set(effects.timers);
}

void exchange::failed(entity_kind kind, const entity_key& entity) {
  env_->is_elsewhere(kind) ? relay_->look_again(entity) : mail_failed();
}

void exchange::mail_failed() {
  mail_->look_again();
  timers_->look();
}

// --------------------------------------------------------------------------------------- outcomes

void exchange::await(const std::string& command_id, timestamp deadline, reply_to reply) {
  waiters_->add(command_id, deadline, std::move(reply));
  find_command(command_id, [self = shared_from_this(),
                            command_id](result<std::optional<command_status>> known) {
    if (known.ok() && *known && !(*known)->done) return;  // its end will settle it
    outcome ended;
    if (!known.ok()) {
      ended.result = known.error();
    } else if (!*known) {
      ended.result = {status_code::unavailable, "the outcome of the command is no longer known"};
    } else {
      ended = (*known)->ended;
    }
    self->waiters_->settle(command_id, ended);
  });
}

void exchange::find_command(std::string command_id,
                            std::function<void(result<std::optional<command_status>>)> reply) {
  env_->reads([env = env_, directory = directory_, command_id = std::move(command_id),
               reply = std::move(reply)] {
    auto found = env->store.find_command(command_id, env->clock.now());
    if (!found.ok()) return reply(found.error());
    if (!*found) return reply(std::optional<command_status>{});
    auto& record = **found;
    command_status known{record.target, directory->find_method(record.method), record.done, {}};
    if (known.done) known.ended = told_again(*env, *directory, std::move(record));
    reply(std::optional{std::move(known)});
  });
}

std::vector<std::shared_ptr<pubsub::subscription>> exchange::subscribed() const {
  if (!subscriptions_) return {};
  return subscriptions_->all();
}

// --------------------------------------------------------------------------------------- the end

// First subscriptions, whose handlers may call others. Then the callers, who may wait for mail that
// is still to be delivered; what they wait for in vain stands in its mailbox until the next start.
// Then what has been delivered; handlers of actions that still wait for something are ended where
// they do.
bool exchange::drain(std::chrono::milliseconds timeout) {
  auto begun = std::chrono::steady_clock::now();
  registry_->begin_draining();
  hooks_->stop();
  if (subscriptions_) subscriptions_->stop(begun + timeout / 4);
  if (!registry_->wait_for_callers(begun + timeout / 2)) waiters_->expire(timestamp::max());
  mail_->stop();
  timers_->stop();
  if (relay_) relay_->stop();
  bool all_ended = registry_->wait_for_all(begun + timeout * 3 / 4);
  actions_->stop();
  return all_ended || registry_->wait_for_all(begun + timeout);
}

void exchange::stop() {
  hooks_->stop();
  if (subscriptions_) subscriptions_->stop(std::chrono::steady_clock::now());
  actions_->stop();
  mail_->stop();
  timers_->stop();
  if (relay_) relay_->stop();
  registry_->stop();
  caf::anon_send_exit(alarm_, caf::exit_reason::user_shutdown);
  alarm_ = nullptr;
}

}  // namespace perdure::actors
