// Command path: commands for actions. Before: actors/exchange.cpp. Next: actors/action_pool.cpp,
// and for what a handler has decided persistence/group_commit.cpp.

#include "actors/action_commands.hpp"

#include <utility>
#include <vector>

#include "actors/effect_parts.hpp"
#include "actors/told_positions.hpp"
#include "base/check.hpp"
#include "base/log_position.hpp"

namespace perdure::actors {

using persistence::step;

namespace {

outcome unknown_outcome() {
  return {{status_code::unavailable,
           "unknown outcome: the store failed while what the action decided was being stored; "
           "retry it with an idempotency key"},
          {}};
}

outcome behind_a_failure() {
  return {{status_code::aborted, "mail before it was not handled"}, {}};
}

// Whether mail that has ended so is tried again. That of which somebody asks for the outcome is
// only for the sake of a store or a service that is away; whoever asks decides about the rest. A
// rejection for a reason that does not pass has handled it.
bool must_stay(const command& c, const status& why) {
  switch (why.code()) {
    case status_code::unavailable:
    case status_code::aborted:
      return true;
    case status_code::internal:
    case status_code::deadline_exceeded:
    case status_code::resource_exhausted:
    case status_code::cancelled:
    case status_code::data_loss:
      return c.command_id.empty();
    default:
      return false;
  }
}

// What makes the run the same one when the command comes again.
std::string identity_of(const command& c) {
  if (!c.idempotency_key.empty()) return c.method->full_name() + "/" + c.idempotency_key;
  if (!c.mail) return {};
  return "mail/" + std::to_string(value(c.mail->position));
}

// Of what the step has published.
void add_positions(outcome& to, const persistence::mail_effects& stored, const environment& env) {
  if (!to.result.ok()) return;
  to.positions = merged_positions(to.positions, positions_of(stored.topics.messages, env));
}

// What a retry sends again, its targets know.
void key_sends(const command& c, decided_action& what) {
  if (c.idempotency_key.empty()) return;
  std::size_t number = 0;
  for (auto& mail : what.mail) {
    mail.idempotency_key = identity_of(c) + "#send" + std::to_string(++number);
  }
}

}  // namespace

action_commands::action_commands(caf::actor_system& system, std::shared_ptr<const environment> env,
                                 const entity_directory& directory,
                                 std::weak_ptr<dispatcher> others, later_function later)
    : env_(std::move(env)), others_(std::move(others)), later_(std::move(later)) {
  for (const auto& type : directory.actions()) {
    pools_.emplace(type->key({}).type, std::make_unique<action_pool>(system, type, env_, others_));
  }
}

action_pool* action_commands::pool(const std::string& service) const {
  for (const auto& [type, pool] : pools_) {
    if (pool->type().name() == service) return pool.get();
  }
  return nullptr;
}

void action_commands::stop() {
  for (const auto& [type, pool] : pools_) pool->stop();
}

// ---------------------------------------------------------------------------------------- commands

void action_commands::run(command c, bool may_run_here) {
  auto shared = std::make_shared<command>(std::move(c));
  auto what = run_of(*shared);
  what.may_run_here = may_run_here;
  what.done = [self = shared_from_this(), shared](result<decided_action> decided) {
    self->decided(*shared, std::move(decided));
  };
  pool_of(*shared).run(std::move(what));
}

action_run action_commands::run_of(command& c) const {
  auto trace_parent = trace_parent_of(c.metadata);
  return {.method = static_cast<std::size_t>(c.method->index()),
          .request = std::move(c.request),
          .context = {std::move(c.metadata), {}, {}, 1},
          .deadline = c.mail ? env_->clock.now() + env_->limits.message_deadline : c.deadline,
          .cancelled = c.cancelled,
          .trace_parent = std::move(trace_parent),
          .identity = identity_of(c),
          .order = c.target.id == no_id ? std::string() : c.target.id,
          .hops = c.hops,
          .done = {}};
}

void action_commands::decided(command& c, result<decided_action> what) {
  if (!what.ok()) return c.reply({what.error(), {}});
  outcome answer;
  if (what->reply) answer.reply = what->reply->SerializePartialAsString();
  answer.positions = std::move(what->positions);
  key_sends(c, *what);
  finish(c, pool_of(c).type(), *std::move(what), std::move(answer));
}

void action_commands::store(const action_type& author, decided_action what, timestamp deadline,
                            std::function<void(status)> tell) {
  command c;
  c.deadline = deadline;
  c.reply = [tell = std::move(tell)](const outcome& o) { tell(o.result); };
  finish(c, author, std::move(what), {});
}

// Takes the command's reply.
void action_commands::finish(command& c, const action_type& author, decided_action what,
                             outcome answer) {
  if (what.changes_nothing()) return c.reply(std::move(answer));
  auto s = new_step(author.key(std::string(no_id)), author, what);
  if (auto fits = check_step(s); !fits.ok()) return c.reply({fits, {}});
  auto others = others_.lock();
  if (!others) return c.reply({shutting_down(), {}});
  auto reply = reply_after(others->waiters(), c, {std::move(what.awaited), std::nullopt});
  auto effects = s.mail;
  submit(std::move(s), [env = env_, effects, reply = std::move(reply),
                        answer = std::move(answer)](bool is_durable) mutable {
    if (is_durable) add_positions(answer, *effects, *env);
    reply(is_durable ? std::move(answer) : unknown_outcome());
  });
}

// ------------------------------------------------------------------------------------------- steps

step action_commands::new_step(entity_key entity, const action_type& author,
                               decided_action& what) const {
  step s;
  s.entity = std::move(entity);
  s.kind = persistence::step_kind::mail_only;
  s.time = env_->step_times.next();
  s.mail = std::make_shared<persistence::mail_effects>();
  s.mail->mail = std::move(what.mail);
  s.mail->timers = std::move(what.timers);
  s.mail->timers_of = author.key(std::string(no_id));
  s.mail->topics.messages = std::move(what.messages);
  return s;
}

status action_commands::check_step(const step& s) const {
  if (auto room = check_room(*env_, s); !room.ok()) return room;
  auto bytes = persistence::bytes_of(s);
  if (bytes <= env_->limits.step_bytes_max) return {};
  return {status_code::resource_exhausted,
          "what the action sends and publishes has " + std::to_string(bytes) + " bytes, at most " +
              std::to_string(env_->limits.step_bytes_max) + " are allowed"};
}

// First who waits is told, or entered as waiting; then what was sent is delivered.
void action_commands::submit(step s, std::function<void(bool)> ended) {
  auto entity = s.entity;
  auto time = s.time;
  auto effects = s.mail;
  env_->commits.submit(std::move(s), [others = others_, entity, time, effects,
                                      ended = std::move(ended)](const status& stored) {
    ended(stored.ok());
    auto told = others.lock();
    if (!told) return;
    // An action's steps are always in the process' own store, as an event sourced entity's are.
    constexpr auto kind = entity_kind::event_sourced;
    stored.ok() ? told->committed(kind, entity, time, effects) : told->failed(kind, entity);
  });
}

// -------------------------------------------------------------------------------------------- mail

bool action_commands::is_refused(const box& b, const command& c) const {
  return *b.has_failed && c.mail->round <= b.round;
}

void action_commands::hand_over(command c) {
  auto shared = std::make_shared<command>(std::move(c));
  shared_flag round_failed;
  {
    std::lock_guard lock(mutex_);
    auto& b = boxes_[shared->target];
    if (!b.has_failed || (!b.is_busy && shared->mail->round > b.round)) {
      b.round = shared->mail->round;
      b.has_failed = std::make_shared<std::atomic<bool>>(false);
    }
    if (b.is_busy) return b.waiting.push_back(std::move(shared));
    if (!is_refused(b, *shared)) {
      b.is_busy = true;
      round_failed = b.has_failed;
    }
  }
  if (round_failed) return begin_mail(shared, round_failed);
  later_([shared] { shared->reply(behind_a_failure()); });
}

void action_commands::begin_mail(const shared_command& c, const shared_flag& round_failed) {
  auto what = run_of(*c);
  what.done = [self = shared_from_this(), c, round_failed](result<decided_action> decided) {
    self->mail_decided(*c, round_failed, std::move(decided));
    self->go_on(c->target);
  };
  pool_of(*c).run(std::move(what));
}

void action_commands::mail_decided(command& c, const shared_flag& round_failed,
                                   result<decided_action> what) {
  const auto& author = pool_of(c).type();
  decided_action nothing;
  if (what.ok()) key_sends(c, *what);
  auto s = new_step(c.target, author, what.ok() ? *what : nothing);
  outcome answer;
  answer.left_mailbox = true;
  answer.result = what.ok() ? check_step(s) : what.error();
  if (!answer.result.ok()) {
    if (must_stay(c, answer.result)) {
      *round_failed = true;
      return c.reply({answer.result, {}});
    }
    s = new_step(c.target, author, nothing);
  } else if (what->reply) {
    answer.reply = what->reply->SerializePartialAsString();
  }
  if (answer.result.ok()) answer.positions = std::move(what->positions);
  auto awaited = answer.result.ok() ? std::move(what->awaited) : std::vector<std::string>();
  store_mail(c, round_failed, std::move(s), std::move(awaited), std::move(answer));
}

void action_commands::store_mail(command& c, const shared_flag& round_failed, step s,
                                 std::vector<std::string> awaited, outcome answer) {
  s.mail->handled = c.mail->position;
  s.mail->must_stand = true;
  if (!c.command_id.empty()) {
    s.mail->outcome = {c.command_id, answer.result, answer.reply};
  }
  s.is_void = round_failed;
  auto others = others_.lock();
  if (!others) return c.reply({shutting_down(), {}});
  auto reply = reply_after(others->waiters(), c, {std::move(awaited), std::nullopt});
  {
    std::lock_guard lock(mutex_);
    ++boxes_.at(c.target).steps;
  }
  auto effects = s.mail;
  submit(std::move(s),
         [self = shared_from_this(), mailbox = c.target, round_failed, effects,
          reply = std::move(reply), answer = std::move(answer)](bool is_durable) mutable {
           if (!is_durable) *round_failed = true;
           if (is_durable) add_positions(answer, *effects, *self->env_);
           reply(is_durable ? std::move(answer) : unknown_outcome());
           self->step_ended(mailbox);
         });
}

// The next of the mailbox, or none: what is behind a failure goes back.
void action_commands::go_on(const entity_key& mailbox) {
  std::vector<shared_command> refused;
  shared_command next;
  shared_flag round_failed;
  {
    std::lock_guard lock(mutex_);
    auto& b = boxes_.at(mailbox);
    while (!b.waiting.empty() && is_refused(b, *b.waiting.front())) {
      refused.push_back(std::move(b.waiting.front()));
      b.waiting.pop_front();
    }
    if (b.waiting.empty()) {
      b.is_busy = false;
      forget_if_idle(mailbox, b);
    } else {
      next = std::move(b.waiting.front());
      b.waiting.pop_front();
      if (next->mail->round > b.round) {
        b.round = next->mail->round;
        b.has_failed = std::make_shared<std::atomic<bool>>(false);
      }
      round_failed = b.has_failed;
    }
  }
  for (const auto& c : refused) c->reply(behind_a_failure());
  if (next) begin_mail(next, round_failed);
}

void action_commands::step_ended(const entity_key& mailbox) {
  std::lock_guard lock(mutex_);
  auto& b = boxes_.at(mailbox);
  --b.steps;
  forget_if_idle(mailbox, b);
}

// After a failure it is kept until the next round: what is still to come of this one is refused.
void action_commands::forget_if_idle(const entity_key& mailbox, const box& b) {
  if (!b.is_busy && b.steps == 0 && !*b.has_failed) boxes_.erase(mailbox);
}

}  // namespace perdure::actors
