#pragma once

#include <google/protobuf/message.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "perdure/call.hpp"
#include "perdure/effect.hpp"
#include "perdure/metadata.hpp"

/// How the testkits compare what was expected with what came, and how their failures read.
namespace perdure {

/// What was expected and what came.
class testkit_failure : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// For then_sends(): what `send_and_wait(what)` sends.
inline sent_call awaited(any_call what) { return {std::move(what), true}; }

}  // namespace perdure

namespace perdure::detail {

inline sent_call as_sent(any_call what) { return {std::move(what), false}; }
inline sent_call as_sent(sent_call what) { return what; }

/// An event and what is stored with it; both belong to the caller.
struct event_view {
  const google::protobuf::Message* message;
  const metadata* beside;
};

inline bool equal(const google::protobuf::Message& a, const google::protobuf::Message& b) {
  return a.GetDescriptor() == b.GetDescriptor() &&
         google::protobuf::util::MessageDifferencer::Equals(a, b);
}

inline bool equal(const event_view& a, const event_view& b) {
  return equal(*a.message, *b.message) && *a.beside == *b.beside;
}

inline bool equal(const any_call& a, const any_call& b) {
  return &a.method() == &b.method() && equal(a.request(), b.request()) &&
         a.metadata() == b.metadata();
}

inline bool equal(const sent_call& a, const sent_call& b) {
  return a.is_awaited == b.is_awaited && equal(a.what, b.what);
}

inline bool equal(const timer_effect& a, const timer_effect& b) {
  if (a.name != b.name || a.set.has_value() != b.set.has_value()) return false;
  return !a.set || (a.set->delay == b.set->delay && a.set->period == b.set->period &&
                    equal(a.set->what, b.set->what));
}

template <class T>
bool equal(const std::vector<T>& a, const std::vector<T>& b) {
  return std::ranges::equal(a, b, [](const T& x, const T& y) { return equal(x, y); });
}

/// `AddRequest { amount: 4 }`
inline std::string text_of(const google::protobuf::Message& message) {
  auto fields = message.ShortDebugString();
  return message.GetDescriptor()->name() + (fields.empty() ? " {}" : " { " + fields + " }");
}

/// ` with {by: ann}`, and nothing without metadata.
inline std::string text_of(const metadata& beside) {
  std::string text;
  for (const auto& [name, value] : beside) text += (text.empty() ? "" : ", ") + name + ": " + value;
  return text.empty() ? "" : " with {" + text + "}";
}

inline std::string text_of(const event_view& event) {
  return text_of(*event.message) + text_of(*event.beside);
}

/// `bank.api.Accounts.Deposit(AmountRequest { cents: 500 })`
inline std::string text_of(const any_call& call) {
  return call.method().full_name() + "(" + text_of(call.request()) + ")" + text_of(call.metadata());
}

inline std::string text_of(const sent_call& sent) {
  return text_of(sent.what) + (sent.is_awaited ? " awaited" : "");
}

inline std::string text_of(std::chrono::milliseconds time) {
  return std::to_string(time.count()) + " ms";
}

/// `"expire" after 30000 ms: bank.api.Transfers.Expire(ExpireRequest {})`
inline std::string text_of(const timer_effect& timer) {
  auto text = "\"" + timer.name + "\" ";
  if (!timer.set) return text + "cancelled";
  text += "after " + text_of(timer.set->delay);
  if (timer.set->period.count() != 0) text += ", then every " + text_of(timer.set->period);
  return text + ": " + text_of(timer.set->what);
}

template <class T>
std::string text_of(const std::vector<T>& all) {
  std::string text = "[";
  for (const auto& one : all) text += (text.size() > 1 ? ", " : "") + text_of(one);
  return text + "]";
}

[[noreturn]] inline void fail(const std::string& what, const std::string& expected,
                              const std::string& came) {
  throw testkit_failure(what + ": expected " + expected + ", came " + came);
}

template <class T>
void expect_equal(const std::string& what, const T& expected, const T& came) {
  if (!equal(expected, came)) fail(what, text_of(expected), text_of(came));
}

/// Of several changes to one timer the last counts.
inline void expect_timer(const timer_effect& expected, const std::vector<timer_effect>& came) {
  auto last = std::find_if(came.rbegin(), came.rend(),
                           [&](const timer_effect& t) { return t.name == expected.name; });
  if (last == came.rend() || !equal(expected, *last)) {
    fail("timer", text_of(expected), came.empty() ? "none" : text_of(came));
  }
}

}  // namespace perdure::detail
