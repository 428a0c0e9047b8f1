#pragma once

#include <google/protobuf/message.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "actors/entity_directory.hpp"
#include "actors/environment.hpp"
#include "perdure/effect.hpp"
#include "perdure/metadata.hpp"
#include "persistence/mail.hpp"
#include "persistence/step.hpp"

// What the effects of entities and of actions have in common on their way into a step: calls become
// mail, timers are checked, messages become bytes that can be read again.

namespace perdure::actors {

// Added to any time of day it is still one.
inline constexpr std::chrono::milliseconds longest_delay = std::chrono::hours{24 * 365 * 100};

// The bytes of a message that is stored. protobuf writes a string that is no UTF-8 and then refuses
// to read it: found only when it is read, all behind it would be lost.
//   INTERNAL  it could not be read back; the text says why
result<std::string> readable_bytes(const google::protobuf::Message& message);

// The W3C traceparent among these entries; empty when there is none, or none of its form.
std::string trace_parent_of(const perdure::metadata& entries);

// Makes mail and timers of what a handler has decided.
//   INVALID_ARGUMENT     a timer's name or time, or a call that names no entity
//   FAILED_PRECONDITION  a call that no component of this process serves
//   RESOURCE_EXHAUSTED   a request over its bound
class mail_writer {
 public:
  // All referred to outlive it.
  struct circumstances {
    const entity_directory& directory;
    const environment& env;
    const std::string& sender;        // id of who sends: what it sends to one action is in order
    const std::string& trace_parent;  // goes along, unless empty
    // Goes along too, where a call does not say otherwise.
    perdure::metadata forwarded = {};
  };
  explicit mail_writer(circumstances around) : around_(std::move(around)) {}

  // The mail for a call, which nobody has sent yet.
  result<persistence::new_mail> address(const any_call& what) const;

  // Adds the mail of `call`; to `awaited` its command id, if the reply waits for it.
  status send(const sent_call& call, std::vector<persistence::new_mail>& mail,
              std::vector<std::string>& awaited) const;

  status change(const timer_effect& timer, std::vector<persistence::timer_change>& timers) const;

 private:
  status check(const timer_effect& timer) const;

  const circumstances around_;
};

// Whether there is room for the mail.
//   RESOURCE_EXHAUSTED  not now, in the mailbox of one of its targets
status check_room(const environment& env, const std::vector<persistence::new_mail>& mail);
status check_room(const environment& env, const persistence::step& s);

// Whether what was forwarded `hops` times, as `what`, may be forwarded once more.
//   FAILED_PRECONDITION  it was forwarded as often as may be
status check_hops(std::uint32_t hops, const std::string& what, const limits& bounds);

}  // namespace perdure::actors
