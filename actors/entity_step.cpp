// Command path: an effect in the form in which it is stored. Used by actors/entity_ready.cpp.

#include "actors/entity_step.hpp"

#include <utility>

#include "actors/effect_parts.hpp"
#include "actors/expiry.hpp"
#include "actors/user_code_guard.hpp"
#include "base/uuid.hpp"

namespace perdure::actors {

using persistence::mail_effects;
using persistence::new_event;
using persistence::new_mail;
using persistence::step;
using persistence::timer_change;

namespace {

mail_effects& mail_of(step& s) {
  if (!s.mail) s.mail = std::make_shared<mail_effects>();
  return *s.mail;
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

result<new_mail> forwarded_mail(const step_author& author, const mail_writer& writer,
                                const command& c, const any_call& what) {
  if (auto s = check_hops(c.hops, to_string(c.target), author.env.limits); !s.ok()) return s;
  auto mail = writer.address(what);
  if (!mail) return mail;
  mail->hops = c.hops + 1;
  mail->idempotency_key = c.idempotency_key;
  // Who sent this command by mail and does not ask for its outcome will not ask later either.
  mail->command_id = c.mail || !c.command_id.empty() ? c.command_id : random_uuid();
  return mail;
}

}  // namespace

result<sent_by_step> write_mail(const step_author& author, const entity_directory& directory,
                                const command& c, const any_effect& effect, step& s) {
  sent_by_step sent;
  mail_writer writer({directory, author.env, author.key.id, s.trace_parent});
  for (const auto& call : effect.sends) {
    if (auto done = writer.send(call, mail_of(s).mail, sent.awaited); !done.ok()) return done;
  }
  for (const auto& timer : effect.timers) {
    if (auto done = writer.change(timer, mail_of(s).timers); !done.ok()) return done;
  }
  if (const auto* what = std::get_if<any_call>(&effect.reply)) {
    auto mail = forwarded_mail(author, writer, c, *what);
    if (!mail) return mail.error();
    sent.forwarded = mail->command_id;
    mail_of(s).mail.push_back(*std::move(mail));
  }
  return sent;
}

}  // namespace perdure::actors
