// Command path: the parts of effects that entities and actions share. Used by
// actors/entity_step.cpp and actors/action_decision.cpp.

#include "actors/effect_parts.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "actors/expiry.hpp"
#include "base/utf8.hpp"
#include "base/uuid.hpp"

namespace perdure::actors {

using persistence::new_mail;
using persistence::timer_change;

namespace {

// W3C Trace Context, version 00: "00-<32 hex>-<16 hex>-<2 hex>".
bool is_trace_parent(std::string_view text) {
  constexpr std::string_view form = "00-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
  return std::ranges::equal(text, form, [](char c, char expected) {
    bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    return expected == 'x' ? hex : c == expected;
  });
}

}  // namespace

result<std::string> readable_bytes(const google::protobuf::Message& message) {
  auto bytes = message.SerializePartialAsString();
  std::unique_ptr<google::protobuf::Message> again(message.New());
  if (!again->ParsePartialFromString(bytes)) {
    return status(status_code::internal,
                  "what cannot be read back: a string that is not UTF-8, or messages nested too "
                  "deeply");
  }
  return bytes;
}

std::string trace_parent_of(const perdure::metadata& entries) {
  auto text = first_value(entries, "traceparent");
  return is_trace_parent(text) ? std::string(text) : std::string();
}

result<new_mail> mail_writer::address(const any_call& what) const {
  auto mail = around_.directory.address(what, around_.sender);
  if (!mail) return mail;
  for (const auto& entry : around_.forwarded) {
    if (what.metadata().count(entry.first) == 0) mail->metadata.insert(entry);
  }
  if (!around_.trace_parent.empty() && mail->metadata.count("traceparent") == 0) {
    mail->metadata.emplace("traceparent", around_.trace_parent);
  }
  return mail;
}

status mail_writer::send(const sent_call& call, std::vector<new_mail>& mail,
                         std::vector<std::string>& awaited) const {
  auto made = address(call.what);
  if (!made) return made.error();
  if (call.is_awaited) {
    made->command_id = random_uuid();
    awaited.push_back(made->command_id);
  }
  mail.push_back(*std::move(made));
  return {};
}

status mail_writer::change(const timer_effect& timer, std::vector<timer_change>& timers) const {
  if (auto s = check(timer); !s.ok()) return s;
  timer_change change{timer.name, std::nullopt};
  if (timer.set) {
    auto mail = address(timer.set->what);
    if (!mail) return mail.error();
    change.set = timer_change::timer{around_.env.clock.now() + timer.set->delay, timer.set->period,
                                     *std::move(mail)};
  }
  timers.push_back(std::move(change));
  return {};
}

status mail_writer::check(const timer_effect& timer) const {
  auto bad = [&](const std::string& why) {
    return status(status_code::invalid_argument, "timer \"" + timer.name + "\": " + why);
  };
  auto max = around_.env.limits.timer_name_bytes_max;
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

status check_room(const environment& env, const persistence::step& s) {
  return s.mail ? check_room(env, s.mail->mail) : status();
}

status check_room(const environment& env, const std::vector<persistence::new_mail>& mail) {
  std::unordered_map<entity_key, std::size_t> bytes;
  for (const auto& m : mail) bytes[m.target] += persistence::bytes_of(m);
  for (const auto& [target, added] : bytes) {
    if (env.store.mail_bytes(target) + added > env.limits.durable_mailbox_bytes_max) {
      return {status_code::resource_exhausted,
              "too much mail waits for " + to_string(target) + "; retry later"};
    }
  }
  return {};
}

status check_hops(std::uint32_t hops, const std::string& what, const limits& bounds) {
  if (hops < bounds.forwards_max) return {};
  return {status_code::failed_precondition, "the command was forwarded " + std::to_string(hops) +
                                                " times, as often as may be, and " + what +
                                                " forwards it again: is it forwarded in a circle?"};
}

}  // namespace perdure::actors
