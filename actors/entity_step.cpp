// Command path: an effect in the form in which it is stored. Used by actors/entity_ready.cpp.

#include "actors/entity_step.hpp"

#include <unordered_map>
#include <utility>

#include "actors/expiry.hpp"
#include "actors/user_code_guard.hpp"
#include "base/utf8.hpp"
#include "base/uuid.hpp"

namespace perdure::actors {

using persistence::mail_effects;
using persistence::new_event;
using persistence::new_mail;
using persistence::step;
using persistence::timer_change;

namespace {

constexpr std::string_view unreadable =
    "what cannot be read back: a string that is not UTF-8, or messages nested too deeply";

// Added to any time of day it is still one.
constexpr std::chrono::milliseconds longest_delay = std::chrono::hours{24 * 365 * 100};

mail_effects& mail_of(step& s) {
  if (!s.mail) s.mail = std::make_shared<mail_effects>();
  return *s.mail;
}

// protobuf writes a string that is no UTF-8 and then refuses to read it: found at recovery, the
// entity would be lost.
result<std::string> readable_bytes(const google::protobuf::Message& message) {
  auto bytes = message.SerializePartialAsString();
  std::unique_ptr<google::protobuf::Message> again(message.New());
  if (!again->ParsePartialFromString(bytes)) {
    return status(status_code::internal, std::string(unreadable));
  }
  return bytes;
}

status write_state(const step_author& author, const any_effect& effect, step& s) {
  const auto& name = author.type.model().state->full_name();
  auto payload = readable_bytes(*effect.new_state);
  if (!payload) return user_code_failed(author.key, "updating", name, payload.error().message());
  s.events.push_back({name, *std::move(payload)});
  if (effect.expires_after) {
    if (effect.expires_after->count() <= 0 || *effect.expires_after > longest_delay) {
      return {status_code::invalid_argument,
              "expire_after: a state expires after some time of at most 100 years, not " +
                  std::to_string(effect.expires_after->count()) + " ms"};
    }
    s.expires = author.env.clock.now() + *effect.expires_after;
  }
  return {};
}

// A state that expires has a timer, one that does not has none.
void write_expiry(const step_author& author, step& s) {
  if (s.kind != persistence::step_kind::key_value || s.events.empty()) return;
  if (s.expires != timestamp::max()) {
    new_mail expire;
    expire.target = author.key;
    expire.method = expire_method().full_name();
    mail_of(s).timers.push_back(
        {std::string(expiry_timer), timer_change::timer{s.expires, {}, std::move(expire)}});
  } else if (author.self.expires != timestamp::max()) {
    mail_of(s).timers.push_back({std::string(expiry_timer), std::nullopt});
  }
}

}  // namespace

status write_changes(const step_author& author, const any_effect& effect, step& s) {
  for (const auto& event : effect.events) {
    const auto& name = author.type.model().events[event.index]->full_name();
    auto payload = readable_bytes(*event.message);
    if (!payload) return user_code_failed(author.key, "emitting", name, payload.error().message());
    s.events.push_back({name, *std::move(payload), event.metadata});
  }
  if (effect.new_state) {
    if (auto written = write_state(author, effect, s); !written.ok()) return written;
  }
  bool is_there = !author.self.is_gone || !effect.events.empty();
  if (effect.is_erased && is_there) s.events.push_back(new_event::deletion());
  write_expiry(author, s);
  return {};
}

// ------------------------------------------------------------------------------------------- mail

namespace {

// Adds what a handler's calls become to a step.
class mail_writer {
 public:
  mail_writer(const step_author& author, const entity_directory& directory, const command& c,
              step& s)
      : author_(author), directory_(directory), command_(c), step_(s) {}

  // The mail for a call, which nobody has sent yet.
  result<new_mail> address(const any_call& what) const {
    auto mail = directory_.address(what);
    if (!mail) return mail;
    if (!step_.trace_parent.empty() && mail->metadata.count("traceparent") == 0) {
      mail->metadata.emplace("traceparent", step_.trace_parent);
    }
    return mail;
  }

  status send(const sent_call& call, std::vector<std::string>& awaited) {
    auto mail = address(call.what);
    if (!mail) return mail.error();
    if (call.is_awaited) {
      mail->command_id = random_uuid();
      awaited.push_back(mail->command_id);
    }
    mail_of(step_).mail.push_back(*std::move(mail));
    return {};
  }

  result<std::string> forward(const any_call& what) {
    if (auto s = check_hops(command_, author_.env.limits); !s.ok()) return s;
    auto mail = address(what);
    if (!mail) return mail.error();
    mail->hops = command_.hops + 1;
    mail->idempotency_key = command_.idempotency_key;
    // Who sent this command by mail and does not ask for its outcome will not ask later either.
    mail->command_id =
        command_.mail || !command_.command_id.empty() ? command_.command_id : random_uuid();
    auto id = mail->command_id;
    mail_of(step_).mail.push_back(*std::move(mail));
    return id;
  }

  status change(const timer_effect& timer) {
    if (auto s = check(timer); !s.ok()) return s;
    timer_change change{timer.name, std::nullopt};
    if (timer.set) {
      auto mail = address(timer.set->what);
      if (!mail) return mail.error();
      change.set = timer_change::timer{author_.env.clock.now() + timer.set->delay,
                                       timer.set->period, *std::move(mail)};
    }
    mail_of(step_).timers.push_back(std::move(change));
    return {};
  }

 private:
  status check(const timer_effect& timer) const {
    auto bad = [&](const std::string& why) {
      return status(status_code::invalid_argument, "timer \"" + timer.name + "\": " + why);
    };
    auto max = author_.env.limits.timer_name_bytes_max;
    if (timer.name.size() > max) {
      return {status_code::invalid_argument,
              "a timer's name has " + std::to_string(timer.name.size()) + " bytes, at most " +
                  std::to_string(max) + " are allowed"};
    }
    if (timer.name.empty() || !is_utf8(timer.name)) return bad("a name is some UTF-8 text");
    if (timer.name.starts_with(reserved_timer_names)) {
      return bad("names that begin with \"perdure.\" are the runtime's own");
    }
    if (!timer.set) return {};
    if (timer.set->delay.count() < 0 || timer.set->delay > longest_delay) {
      return bad("its delay is " + std::to_string(timer.set->delay.count()) +
                 " ms; it must be from 0 to 100 years");
    }
    if (timer.set->period.count() < 0 || timer.set->period > longest_delay) {
      return bad("its period is " + std::to_string(timer.set->period.count()) +
                 " ms; it must be from 0, for none, to 100 years");
    }
    return {};
  }

  const step_author& author_;
  const entity_directory& directory_;
  const command& command_;
  step& step_;
};

}  // namespace

result<sent_by_step> write_mail(const step_author& author, const entity_directory& directory,
                                const command& c, const any_effect& effect, step& s) {
  sent_by_step sent;
  mail_writer writer(author, directory, c, s);
  for (const auto& call : effect.sends) {
    if (auto done = writer.send(call, sent.awaited); !done.ok()) return done;
  }
  for (const auto& timer : effect.timers) {
    if (auto done = writer.change(timer); !done.ok()) return done;
  }
  if (const auto* what = std::get_if<any_call>(&effect.reply)) {
    auto id = writer.forward(*what);
    if (!id) return id.error();
    sent.forwarded = *std::move(id);
  }
  return sent;
}

status check_room(const environment& env, const step& s) {
  if (!s.mail) return {};
  std::unordered_map<entity_key, std::size_t> bytes;
  for (const auto& mail : s.mail->mail) bytes[mail.target] += persistence::bytes_of(mail);
  for (const auto& [target, added] : bytes) {
    if (env.store.mail_bytes(target) + added > env.limits.durable_mailbox_bytes_max) {
      return {status_code::resource_exhausted,
              "too much mail waits for " + to_string(target) + "; retry later"};
    }
  }
  return {};
}

status check_hops(const command& c, const limits& bounds) {
  if (c.hops < bounds.forwards_max) return {};
  return {status_code::failed_precondition,
          "the command was forwarded " + std::to_string(c.hops) +
              " times, as often as may be, and " + to_string(c.target) +
              " forwards it again: do entities forward it in a circle?"};
}

}  // namespace perdure::actors
