// Command path: an entity that has recovered runs the user's handler and turns its effect
// into a step. Before: actors/entity_recovering.cpp. Next: persistence/group_commit.cpp.

#include "actors/entity_ready.hpp"

#include <utility>

#include "actors/effect_parts.hpp"
#include "actors/entity_publication.hpp"
#include "actors/expiry.hpp"
#include "actors/fingerprint.hpp"
#include "actors/user_code_guard.hpp"
#include "base/check.hpp"
#include "base/log.hpp"
#include "perdure/internal.pb.h"

namespace perdure::actors {

using persistence::idempotency_key;
using persistence::step;

entity_ready::entity_ready(const entity_type& type, const entity_key& key, const environment& env,
                           dispatcher& others, recovered_entity recovered, std::uint64_t generation,
                           entity_committing& commits)
    : type_(type),
      key_(key),
      env_(env),
      others_(others),
      self_(std::move(recovered)),
      snapshot_tried_(self_.snapshot),
      generation_(generation),
      commits_(commits) {}

bool entity_ready::is_stale() const {
  return commits_.failed() || env_.store_of(type_.model().kind).generation() != generation_;
}

entity_ready::next entity_ready::handle(command& c) {
  if (is_stale()) return next::reload;
  if (commits_.waiting_bytes() > env_.limits.mailbox_bytes_max) return next::wait;

  if (auto why = too_late(c)) {
    answer(c, {*why, {}});
    return next::command;
  }
  if (c.mail && c.mail->position <= self_.handled) {
    answer(c, outcome_before(c));
    return next::command;
  }

  step s;
  if (!c.idempotency_key.empty()) {
    s.key = idempotency_key{c.method->full_name(), c.idempotency_key};
    s.reply.fingerprint = fingerprint_of(*c.request);
    if (auto before = recorded(c, *s.key, s.reply.fingerprint)) {
      if (before->ok()) return answer_again(c, **before);
      return fail(c, before->error(), before->error().code() == status_code::unavailable);
    }
    // The first try may have failed just now: then it is in flight no more, and the state here
    // still has what it did.
    if (is_stale()) return next::reload;
  }

  any_effect effect;
  if (auto handled = decide(c, effect); !handled.ok()) return fail(c, std::move(handled));
  if (!effect.rejection.ok()) return end(c, {std::move(effect.rejection), {}});
  const auto* forwarded = std::get_if<any_call>(&effect.reply);
  if (!effect.changes_nothing() || (forwarded && c.mail)) {
    return store(c, std::move(effect), std::move(s));
  }
  if (forwarded) return forward(c, *forwarded);
  auto bytes = reply_bytes(c, effect);
  return bytes.ok() ? end(c, {{}, std::move(*bytes)}) : fail(c, bytes.error());
}

std::optional<status> entity_ready::too_late(const command& c) const {
  if (c.cancelled && *c.cancelled) {
    return status(status_code::cancelled, "the caller went away before the command was begun");
  }
  if (c.deadline <= env_.clock.now()) {
    return status(status_code::deadline_exceeded,
                  "the deadline passed before the command was begun; nothing happened");
  }
  return std::nullopt;
}

// ------------------------------------------------------------------------------ what was answered

std::optional<result<persistence::recorded_reply>> entity_ready::recorded(
    const command& c, const idempotency_key& key, std::uint64_t fingerprint) {
  std::optional<persistence::recorded_reply> found;
  if (const auto* in_flight = commits_.find_reply(key)) {
    found = *in_flight;
  } else {
    // A point look-up that a bloom filter answers for almost every first try.
    auto stored = env_.store_of(type_.model().kind).find_reply(key_, key, env_.clock.now());
    if (!stored.ok()) return stored.error();
    found = std::move(*stored);
  }
  if (!found) return std::nullopt;
  if (found->fingerprint != fingerprint) {
    return status(status_code::invalid_argument,
                  "the idempotency key \"" + c.idempotency_key +
                      "\" was used with another request; use a new key for a new request");
  }
  return *std::move(found);
}

entity_ready::next entity_ready::answer_again(command& c,
                                              const persistence::recorded_reply& recorded) {
  if (!recorded.was_forwarded) return end(c, {{}, recorded.payload});
  // Its outcome is that of the command it went on as. By mail it has the same id.
  if (c.mail) return end(c, {.result = {}, .reply = {}, .was_forwarded = true});
  auto reply = std::exchange(c.reply, nullptr);
  commits_.release({}, [&others = others_, id = recorded.payload, deadline = c.deadline,
                        reply](outcome settled) {
    if (!settled.result.ok()) return reply(std::move(settled));
    others.await(id, deadline, reply);
  });
  return next::command;
}

outcome entity_ready::outcome_before(const command& c) {
  outcome known{.result = {}, .reply = {}, .left_mailbox = true, .was_forwarded = true};
  if (c.command_id.empty()) return known;
  auto found = env_.key_values->store.find_outcome(key_, c.command_id);
  if (!found.ok()) return {found.error(), {}};
  if (*found) known = {(*found)->result, (*found)->reply, true};
  return known;
}

// --------------------------------------------------------------------------------------- deciding

status entity_ready::decide(const command& c, any_effect& effect) {
  if (c.method == &expire_method()) return expire(effect);
  // Past its time a state counts as erased, though the step that does so may be still to come.
  if (!self_.is_gone && self_.expires <= env_.clock.now()) {
    auto expires = self_.expires;
    if (auto cleared = clear_state(type_, key_, self_); !cleared.ok()) return cleared;
    self_.is_gone = false;
    self_.expires = expires;
  }
  return run_handler(c, effect);
}

status entity_ready::expire(any_effect& effect) {
  effect.reply =
      std::unique_ptr<google::protobuf::Message>(std::make_unique<perdure::internal::Nothing>());
  effect.is_erased = self_.expires <= env_.clock.now();
  return {};
}

status entity_ready::run_handler(const command& c, any_effect& effect) {
  const auto& name = c.method->full_name();
  auto handled = guarded(key_, "handling", name, [&] {
    perdure::context circumstances(key_.id, static_cast<std::int64_t>(value(self_.sequence)),
                                   c.metadata);
    context_scope scope(*self_.behaviour, circumstances);
    effect = self_.behaviour->handle(static_cast<std::size_t>(c.method->index()), *self_.state,
                                     *c.request);
  });
  if (handled.ok() && effect.expires_after && !effect.new_state) {
    return user_code_failed(key_, "handling", name, "expire_after() without update()");
  }
  return handled;
}

// ---------------------------------------------------------------------------------------- storing

void entity_ready::begin(const command& c, step& s) const {
  s.entity = key_;
  s.kind = type_.model().kind == entity_kind::key_value ? persistence::step_kind::key_value
                                                        : persistence::step_kind::event_sourced;
  s.expected = self_.sequence;
  s.generation = generation_;
  s.time = env_.step_times.next();
  s.trace_parent = trace_parent_of(c.metadata);
}

// Nothing of this entity has changed, but what it was decided from must be durable first.
entity_ready::next entity_ready::forward(command& c, const any_call& what) {
  if (auto s = check_hops(c.hops, to_string(c.target), env_.limits); !s.ok()) return fail(c, s);
  auto mail = others_.directory().address(what, key_.id);
  auto onward = mail.ok() ? others_.directory().read(*mail) : result<command>(mail.error());
  if (!onward.ok()) return fail(c, onward.error());
  for (const auto& entry : c.metadata) {
    if (what.metadata().count(entry.first) == 0) onward->metadata.insert(entry);
  }
  onward->idempotency_key = c.idempotency_key;
  onward->hops = c.hops + 1;
  onward->deadline = c.deadline;
  onward->cancelled = c.cancelled;
  auto shared = std::make_shared<command>(*std::move(onward));
  commits_.release(
      {}, [&others = others_, shared, reply = std::exchange(c.reply, nullptr)](outcome settled) {
        if (!settled.result.ok()) return reply(std::move(settled));
        shared->reply = reply;
        others.forward(std::move(*shared));
      });
  return next::command;
}

// Once an event is applied there is no way back but to reload, so what can be refused is refused
// before.
entity_ready::next entity_ready::store(command& c, any_effect effect, step s) {
  begin(c, s);
  step_author author{type_, key_, self_, env_};
  if (auto written = write_changes(author, effect, s); !written.ok()) return fail(c, written);
  auto sent = write_mail(author, others_.directory(), c, effect, s);
  if (!sent.ok()) return fail(c, sent.error());
  publish_changes(type_, s);
  if (auto room = check_room(env_, s); !room.ok()) return fail(c, room, true);
  if (persistence::bytes_of(s) > env_.limits.step_bytes_max) {
    return fail(
        c, {status_code::resource_exhausted,
            "the command's effect has " + std::to_string(persistence::bytes_of(s)) +
                " bytes, at most " + std::to_string(env_.limits.step_bytes_max) + " are allowed"});
  }

  auto applied = apply(effect, s);
  auto bytes = applied.ok() ? reply_bytes(c, effect) : result<std::string>(applied);
  if (!bytes.ok()) {
    self_.sequence = s.expected;
    fail(c, bytes.error());
    return next::reload;
  }
  add_snapshot_if_due(s);
  if (s.key) {
    s.reply.was_forwarded = sent->forwarded.has_value();
    s.reply.payload = sent->forwarded.value_or(*bytes);
  }
  submit(c, std::move(s), {{}, std::move(*bytes)}, *std::move(sent));
  return next::command;
}

status entity_ready::apply(const any_effect& effect, step& s) {
  for (const auto& event : effect.events) {
    self_.sequence = self_.sequence + 1;
    self_.is_gone = false;
    auto applied = apply_event(type_, key_, *self_.behaviour, *self_.state, self_.sequence,
                               event.index, *event.message, event.metadata);
    if (!applied.ok()) return applied;
  }
  if (effect.new_state) {
    self_.sequence = self_.sequence + 1;
    self_.is_gone = false;
    self_.expires = s.expires;
    self_.state->CopyFrom(*effect.new_state);
  }
  if (!s.events.empty() && s.events.back().is_deletion()) {
    self_.sequence = self_.sequence + 1;
    // No snapshot is due: recovery begins at the deletion.
    snapshot_tried_ = self_.sequence;
    if (auto cleared = clear_state(type_, key_, self_); !cleared.ok()) return cleared;
  }
  PERDURE_CHECK(self_.sequence == s.last());
  return {};
}

result<std::string> entity_ready::reply_bytes(const command& c, const any_effect& effect) {
  std::unique_ptr<google::protobuf::Message> made;
  const google::protobuf::Message* reply = nullptr;
  if (std::holds_alternative<any_call>(effect.reply)) return std::string();
  if (const auto* given = std::get_if<std::unique_ptr<google::protobuf::Message>>(&effect.reply)) {
    reply = given->get();
  } else if (const auto* make = std::get_if<reply_function>(&effect.reply)) {
    auto s = guarded(key_, "replying to", c.method->full_name(), [&] {
      perdure::context circumstances(key_.id, static_cast<std::int64_t>(value(self_.sequence)),
                                     c.metadata);
      context_scope scope(*self_.behaviour, circumstances);
      made = (*make)(*self_.state);
    });
    if (!s.ok()) return s;
    reply = made.get();
  }
  PERDURE_CHECK(reply != nullptr);  // effect<Reply> cannot be made without one

  auto bytes = reply->SerializePartialAsString();
  if (bytes.size() > env_.limits.message_bytes_max) {
    return status(status_code::resource_exhausted,
                  "the reply has " + std::to_string(bytes.size()) + " bytes, at most " +
                      std::to_string(env_.limits.message_bytes_max) + " are allowed");
  }
  return bytes;
}

void entity_ready::add_snapshot_if_due(step& s) {
  if (s.kind != persistence::step_kind::event_sourced) return;
  if (value(self_.sequence) - value(snapshot_tried_) < env_.limits.snapshot_every) return;
  snapshot_tried_ = self_.sequence;
  auto payload = self_.state->SerializePartialAsString();
  if (persistence::bytes_of(s) + payload.size() > env_.limits.step_bytes_max) {
    log_warning(to_string(key_) + ": the state has " + std::to_string(payload.size()) +
                " bytes, too many for a snapshot; recovery will read all events");
    return;
  }
  if (!std::unique_ptr<google::protobuf::Message>(self_.state->New())
           ->ParsePartialFromString(payload)) {
    log_error(to_string(key_) +
              ": no snapshot, since the state cannot be read back: it has a string that is not "
              "UTF-8, or messages nested too deeply; recovery will read all events");
    return;
  }
  s.snapshot = persistence::new_snapshot{type_.model().state->full_name(), std::move(payload)};
}

// ----------------------------------------------------------------------------------------- ending

void entity_ready::submit(command& c, step s, outcome o, sent_by_step sent) {
  if (c.mail) {
    if (!s.mail) s.mail = std::make_shared<persistence::mail_effects>();
    s.mail->handled = c.mail->position;
    if (env_.is_elsewhere(type_.model().kind)) self_.handled = c.mail->position;
    o.left_mailbox = true;
    o.was_forwarded |= sent.forwarded.has_value();
    if (!c.command_id.empty() && !o.was_forwarded) {
      s.mail->outcome = {c.command_id, o.result, o.reply};
    }
  }
  commits_.submit(std::move(s), std::move(o), reply_after(others_.waiters(), c, std::move(sent)));
}

entity_ready::next entity_ready::end(command& c, outcome o) {
  if (!c.mail) {
    answer(c, std::move(o));
    return next::command;
  }
  step s;
  begin(c, s);
  submit(c, std::move(s), std::move(o));
  return next::command;
}

// A client that has sent a command learns that it failed, and decides itself. What an entity or a
// timer has sent nobody would send again: it stays, and so does what fails only for now.
entity_ready::next entity_ready::fail(command& c, status why, bool may_pass) {
  if (!c.mail || (!c.command_id.empty() && !may_pass)) return end(c, {std::move(why), {}});
  answer(c, {std::move(why), {}});
  return next::mail_failed;
}

void entity_ready::answer(command& c, outcome o) {
  commits_.release(std::move(o), std::move(c.reply));
  c.reply = nullptr;
}

}  // namespace perdure::actors
