// Command path: an entity that has recovered runs the user's handler and turns its effect
// into a step. Before: actors/entity_recovering.cpp. Next: persistence/group_commit.cpp.

#include "actors/entity_ready.hpp"

#include <algorithm>

#include "actors/fingerprint.hpp"
#include "actors/user_code_guard.hpp"
#include "base/check.hpp"
#include "base/log.hpp"

namespace perdure::actors {

using persistence::idempotency_key;
using persistence::step;

namespace {

constexpr std::string_view unreadable =
    "what cannot be read back: a string that is not UTF-8, or messages nested too deeply";

// W3C Trace Context, version 00: "00-<32 hex>-<16 hex>-<2 hex>".
bool is_trace_parent(std::string_view text) {
  constexpr std::string_view form = "00-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
  return std::ranges::equal(text, form, [](char c, char expected) {
    bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    return expected == 'x' ? hex : c == expected;
  });
}

}  // namespace

entity_ready::entity_ready(const entity_type& type, const entity_key& key, const environment& env,
                           recovered_entity recovered, std::uint64_t generation,
                           entity_committing& commits)
    : type_(type),
      key_(key),
      env_(env),
      self_(std::move(recovered)),
      snapshot_tried_(self_.snapshot),
      generation_(generation),
      commits_(commits) {}

bool entity_ready::is_stale() const {
  return commits_.failed() || env_.store.generation() != generation_;
}

entity_ready::next entity_ready::handle(command& c) {
  if (is_stale()) return next::reload;
  if (commits_.waiting_bytes() > env_.limits.mailbox_bytes_max) return next::wait;

  if (auto why = too_late(c)) {
    answer(c, *why);
    return next::command;
  }

  step s;
  if (!c.idempotency_key.empty()) {
    s.key = idempotency_key{c.method->full_name(), c.idempotency_key};
    s.reply.fingerprint = fingerprint_of(*c.request);
    if (auto recorded = recorded_answer(c, *s.key, s.reply.fingerprint)) {
      answer(c, std::move(*recorded));
      return next::command;
    }
    // The first try may have failed just now: then it is in flight no more, and the state here
    // still has what it did.
    if (is_stale()) return next::reload;
  }

  any_effect effect;
  auto handled = run_handler(c, effect);
  if (!handled.ok() || !effect.rejection.ok()) {
    answer(c, handled.ok() ? std::move(effect.rejection) : std::move(handled));
    return next::command;
  }
  if (effect.events.empty()) {
    auto bytes = reply_bytes(c, effect);
    answer(c, bytes.ok() ? outcome{{}, std::move(*bytes)} : outcome{bytes.error(), {}});
    return next::command;
  }
  return store(c, std::move(effect), std::move(s));
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

std::optional<outcome> entity_ready::recorded_answer(const command& c, const idempotency_key& key,
                                                     std::uint64_t fingerprint) {
  std::optional<persistence::recorded_reply> recorded;
  if (const auto* in_flight = commits_.find_reply(key)) {
    recorded = *in_flight;
  } else {
    // A point look-up that a bloom filter answers for almost every first try.
    auto stored = env_.store.find_reply(key_, key, env_.clock.now());
    if (!stored.ok()) return outcome{stored.error(), {}};
    recorded = std::move(*stored);
  }
  if (!recorded) return std::nullopt;
  if (recorded->fingerprint != fingerprint) {
    return outcome{{status_code::invalid_argument,
                    "the idempotency key \"" + c.idempotency_key +
                        "\" was used with another request; use a new key for a new request"},
                   {}};
  }
  return outcome{{}, std::move(recorded->payload)};
}

status entity_ready::run_handler(const command& c, any_effect& effect) {
  return guarded(key_, "handling", c.method->full_name(), [&] {
    perdure::context circumstances(key_.id, static_cast<std::int64_t>(value(self_.sequence)),
                                   c.metadata);
    context_scope scope(*self_.behaviour, circumstances);
    effect = self_.behaviour->handle(static_cast<std::size_t>(c.method->index()), *self_.state,
                                     *c.request);
  });
}

// Once an event is applied there is no way back but to reload, so what can be refused is refused
// before.
entity_ready::next entity_ready::store(command& c, any_effect effect, step s) {
  s.entity = key_;
  s.expected = self_.sequence;
  s.generation = generation_;
  s.time = env_.step_times.next();
  if (auto trace = first_value(c.metadata, "traceparent"); is_trace_parent(trace)) {
    s.trace_parent = trace;
  }
  for (const auto& event : effect.events) {
    const auto& name = type_.model().events[event.index]->full_name();
    s.events.push_back({name, event.message->SerializePartialAsString()});
    // protobuf writes a string that is no UTF-8 and then refuses to read it: found at recovery,
    // the entity would be lost.
    if (!type_.new_event(event.index)->ParsePartialFromString(s.events.back().payload)) {
      answer(c, user_code_failed(key_, "emitting", name, unreadable));
      return next::command;
    }
  }
  if (persistence::bytes_of(s) > env_.limits.step_bytes_max) {
    answer(c, status(status_code::resource_exhausted,
                     "the command's events have " + std::to_string(persistence::bytes_of(s)) +
                         " bytes, at most " + std::to_string(env_.limits.step_bytes_max) +
                         " are allowed"));
    return next::command;
  }

  auto applied = apply_all(effect, s);
  auto bytes = applied.ok() ? reply_bytes(c, effect) : result<std::string>(applied);
  if (!bytes.ok()) {
    answer(c, bytes.error());
    return next::reload;
  }
  add_snapshot_if_due(s);
  if (s.key) s.reply.payload = *bytes;
  commits_.submit(std::move(s), outcome{{}, std::move(*bytes)}, std::move(c.reply));
  return next::command;
}

status entity_ready::apply_all(const any_effect& effect, step& s) {
  for (const auto& event : effect.events) {
    self_.sequence = self_.sequence + 1;
    auto applied = apply_event(type_, key_, *self_.behaviour, *self_.state, self_.sequence,
                               event.index, *event.message);
    if (!applied.ok()) return applied;
  }
  PERDURE_CHECK(self_.sequence == s.last());
  return {};
}

result<std::string> entity_ready::reply_bytes(const command& c, const any_effect& effect) {
  std::unique_ptr<google::protobuf::Message> made;
  const google::protobuf::Message* reply = nullptr;
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
    log_error(to_string(key_) + ": no snapshot, since the state has " + std::string(unreadable) +
              "; recovery will read all events");
    return;
  }
  s.snapshot = persistence::new_snapshot{type_.model().state->full_name(), std::move(payload)};
}

void entity_ready::answer(command& c, outcome o) {
  commits_.release(std::move(o), std::move(c.reply));
  c.reply = nullptr;
}

}  // namespace perdure::actors
