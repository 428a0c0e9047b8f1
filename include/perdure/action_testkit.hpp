#pragma once

#include <google/protobuf/message.h>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "perdure/action.hpp"
#include "perdure/testkit_runtime.hpp"
#include "perdure/testkit_text.hpp"

/// Unit tests of an action, without runtime, topic or thread:
///
///     action_testkit<alerts>()
///         .subject("N14228")
///         .when(&alerts::on_flight_completed, late_by(150))
///         .then_replies(long_delay(150));
///
///     action_testkit<desk>()
///         .answers(accounts_calls::get_account(of("ann")), account("ann", 500))
///         .when(&desk::pay, payment("ann", 300))
///         .then_sends(accounts_calls::withdraw(amount("ann", 300)))
///         .then_replies(Empty{});
///
///     action_testkit<fibonacci>()
///         .when_streamed(&fibonacci::sum, number(2), number(3))
///         .then_replies(number(5));
///
/// Works in any test framework, as the testkit of entities does (testkit.hpp). What a handler
/// awaits is answered by what answers() has been told, and a pause takes no time; what it sends
/// arrives nowhere, and no timer fires.
namespace perdure {

/// One instance of the action of class `Action`, alive for one test. One thread.
template <std::derived_from<action> Action>
class action_testkit {
 public:
  explicit action_testkit(std::unique_ptr<Action> tested = nullptr)
      : action_(tested ? std::move(tested) : std::make_unique<Action>()) {}

  // ------------------------------------------------------------------------- the circumstances

  /// Whom the messages that follow are about.
  action_testkit& subject(std::string id) {
    subject_ = std::move(id);
    return *this;
  }

  /// Where they stand: "topic flights/3@1207".
  action_testkit& origin(std::string place) {
    origin_ = std::move(place);
    return *this;
  }

  /// How often their handler has been tried, this time included.
  action_testkit& attempt(std::uint32_t number) {
    attempt_ = number;
    return *this;
  }

  /// Metadata that what follows comes with.
  action_testkit& with_metadata(std::string name, std::string value) {
    metadata_.emplace(std::move(name), std::move(value));
    return *this;
  }

  /// Exactly this call is answered so; without it an awaited or forwarded call fails the test.
  template <class Reply>
  action_testkit& answers(call<Reply> what, result<std::type_identity_t<Reply>> answer) {
    return add_stub([what = std::move(what), answer = std::move(answer)](const any_call& came) {
      return detail::equal(what, came) ? erased(answer) : std::nullopt;
    });
  }

  /// Any call of this rpc is answered by a function: `answers(&accounts_calls::get_account,
  /// [](const GetAccountRequest& request) { return account(request.id()); })`. It gives back a
  /// reply, or result<Reply>.
  template <class Reply, class Request, std::invocable<const Request&> Answer>
  action_testkit& answers(call<Reply> (*rpc)(Request), Answer answer) {
    const auto* wanted = &rpc(Request{}).method();
    return add_stub([wanted, answer = std::move(answer)](const any_call& came) {
      if (&came.method() != wanted) return no_answer();
      return erased<Reply>(answer(static_cast<const Request&>(came.request())));
    });
  }

  /// The client of a stream goes once it has had this many replies. For handlers that never end.
  action_testkit& leaving_after(std::size_t replies) {
    replies_max_ = replies;
    return *this;
  }

  // ---------------------------------------------------------------------------- what happens

  /// Runs a handler to its end: `when(&alerts::on_flight_completed, event)`.
  template <class Owner, class Reply, class Request>
  action_testkit& when(task<action_effect<Reply>> (Owner::*handler)(const Request&),
                       const std::type_identity_t<Request>& request) {
    return run([&] { return (owner<Owner>().*handler)(request); });
  }
  template <class Owner, class Reply, class Request>
  action_testkit& when(replies<Reply> (Owner::*handler)(const Request&),
                       const std::type_identity_t<Request>& request) {
    return run([&] { return (owner<Owner>().*handler)(request); });
  }

  /// The same of a handler whose client streams these requests, and then no more.
  template <class Owner, class Result, class Request, std::same_as<Request>... Requests>
  action_testkit& when_streamed(Result (Owner::*handler)(perdure::requests<Request>),
                                const Requests&... requests) {
    std::deque<std::unique_ptr<google::protobuf::Message>> all;
    (all.push_back(std::make_unique<Request>(requests)), ...);
    auto source = std::make_shared<detail::test_requests>(runtime_, std::move(all));
    return run([&] { return (owner<Owner>().*handler)(perdure::requests<Request>(source)); });
  }

  // --------------------------------------------------------------- what the last handler did

  /// It replied exactly this, of a stream all of these, in this order; where the rpc has a topic,
  /// that is what it published.
  template <std::derived_from<google::protobuf::Message>... Replies>
  action_testkit& then_replies(const Replies&... expected) {
    std::vector<const google::protobuf::Message*> wanted{&expected...};
    bool is_equal = wanted.size() == replies_.size();
    for (std::size_t i = 0; is_equal && i < wanted.size(); ++i) {
      is_equal = detail::equal(*wanted[i], *replies_[i]);
    }
    if (!is_equal) detail::fail("reply", text_of_all(wanted), text_of_outcome());
    return *this;
  }

  /// What it replied, to look at: `replied<Number>()`.
  template <std::derived_from<google::protobuf::Message> Reply>
  std::vector<Reply> replied() const {
    std::vector<Reply> all;
    for (const auto& one : replies_) {
      if (one->GetDescriptor() != Reply::descriptor()) {
        detail::fail("reply", "a " + Reply::descriptor()->name(), detail::text_of(*one));
      }
      all.push_back(static_cast<const Reply&>(*one));
    }
    return all;
  }

  /// It accepted, with no reply. It may have sent something.
  action_testkit& then_replies_nothing() {
    if (!replies_.empty() || !rejection_.ok()) detail::fail("reply", "none", text_of_outcome());
    return *this;
  }

  /// It accepted, and did nothing at all.
  action_testkit& then_ignores() {
    then_replies_nothing();
    then_sends();
    return then_changes_no_timer();
  }

  /// It refused, or its stream ended with this code.
  action_testkit& then_rejects(status_code expected) {
    if (rejection_.code() != expected) {
      detail::fail("rejection", std::string(to_string(expected)), text_of_outcome());
    }
    return *this;
  }

  /// The same, with this text.
  action_testkit& then_rejects(status_code expected, const std::string& message) {
    if (rejection_ != status(expected, message)) {
      detail::fail("rejection", to_string(status(expected, message)), text_of_outcome());
    }
    return *this;
  }

  /// It sent exactly these commands, in this order: `accounts_calls::deposit(request)` for one that
  /// it did not wait for, `awaited(accounts_calls::deposit(request))` for one that it did.
  template <class... Calls>
  action_testkit& then_sends(const Calls&... expected) {
    detail::expect_equal("sends", std::vector<sent_call>{detail::as_sent(expected)...}, sends_);
    return *this;
  }

  action_testkit& then_sends_nothing() { return then_sends(); }

  /// It called exactly these, in this order, to wait for their replies; a forwarded one is the
  /// last.
  template <std::derived_from<any_call>... Calls>
  action_testkit& then_calls(const Calls&... expected) {
    detail::expect_equal("calls", std::vector<any_call>{expected...}, calls_);
    return *this;
  }

  action_testkit& then_calls_nothing() { return then_calls(); }

  /// It started the timer `name`, which fires once.
  action_testkit& then_starts_timer(std::string name, std::chrono::milliseconds delay,
                                    any_call what) {
    return then_starts_periodic_timer(std::move(name), delay, {}, std::move(what));
  }

  /// It started the timer `name`, which fires after `delay` and then every `period`.
  action_testkit& then_starts_periodic_timer(std::string name, std::chrono::milliseconds delay,
                                             std::chrono::milliseconds period, any_call what) {
    detail::expect_timer({std::move(name), timer_effect::start{delay, period, std::move(what)}},
                         timers_);
    return *this;
  }

  action_testkit& then_cancels_timer(std::string name) {
    detail::expect_timer({std::move(name), std::nullopt}, timers_);
    return *this;
  }

  /// It neither started nor cancelled a timer.
  action_testkit& then_changes_no_timer() {
    detail::expect_equal("timers", {}, timers_);
    return *this;
  }

  /// What it replied last would be published under this subject: the one it gave, else that of the
  /// message.
  action_testkit& then_publishes_under(const std::string& expected) {
    if (published_under_ != expected) detail::fail("subject", expected, published_under_);
    return *this;
  }

  /// What it replied last would be published with exactly this metadata.
  action_testkit& then_publishes_with(const metadata& expected) {
    if (published_with_ != expected) {
      detail::fail("metadata", "a message" + detail::text_of(expected),
                   "one" + detail::text_of(published_with_));
    }
    return *this;
  }

 private:
  using erased_answer = std::optional<result<std::unique_ptr<google::protobuf::Message>>>;

  static erased_answer no_answer() { return std::nullopt; }

  template <class Reply>
  static erased_answer erased(const result<Reply>& answer) {
    using erased_result = result<std::unique_ptr<google::protobuf::Message>>;
    if (!answer.ok()) return erased_result(answer.error());
    return erased_result(std::unique_ptr<google::protobuf::Message>(new Reply(*answer)));
  }

  action_testkit& add_stub(detail::test_runtime::stub one) {
    runtime_.add(std::move(one));
    return *this;
  }

  template <class Owner>
  Owner& owner() {
    static_assert(std::derived_from<Action, Owner>, "this is a handler of another action");
    return *action_;
  }

  template <class Begin>
  action_testkit& run(Begin begin) {
    forget();
    action_context circumstances(metadata_, subject_, origin_, attempt_);
    {
      action_context_scope scope(*action_, circumstances);
      finish(begin());
    }
    auto calls = runtime_.take_calls();
    calls_.insert(calls_.end(), calls.begin(), calls.end());
    return *this;
  }

  template <class Reply>
  void finish(task<action_effect<Reply>> handled) {
    bool is_ended = false;
    handled.start(runtime_, [&is_ended] { is_ended = true; });
    runtime_.run();
    if (!is_ended) detail::fail("handler", "one that ends", "one that waits for ever");
    take(std::move(handled).value().erase());
  }

  void finish(any_replies streamed) {
    while (rejection_.ok() && replies_.size() < replies_max_) {
      bool is_told = false;
      streamed.next(runtime_, [&is_told] { is_told = true; });
      runtime_.run();
      if (!is_told) detail::fail("handler", "one that goes on", "one that waits for ever");
      auto effect = streamed.take();
      if (!effect) return;
      take(*std::move(effect));
    }
  }

  // A forwarded call is made here: its reply is the handler's. Where it is rejected, so is all.
  void take(any_action_effect effect) {
    rejection_ = std::move(effect.rejection);
    if (const auto* forwarded = std::get_if<any_call>(&effect.reply)) {
      auto called = *forwarded;
      runtime_.call(called, [&](auto reply) {
        reply.ok() ? void(effect.reply = *std::move(reply)) : void(rejection_ = reply.error());
      });
      runtime_.run();
    }
    if (!rejection_.ok()) return;
    sends_.insert(sends_.end(), effect.sends.begin(), effect.sends.end());
    timers_.insert(timers_.end(), effect.timers.begin(), effect.timers.end());
    published_under_ = effect.subject.value_or(subject_);
    published_with_ = std::move(effect.beside);
    if (auto* given = std::get_if<std::unique_ptr<google::protobuf::Message>>(&effect.reply)) {
      replies_.push_back(std::move(*given));
    }
  }

  void forget() {
    replies_.clear();
    rejection_ = {};
    sends_.clear();
    timers_.clear();
    calls_.clear();
    published_under_.clear();
    published_with_.clear();
  }

  template <class Messages>
  static std::string text_of_all(const Messages& all) {
    std::string text;
    for (const auto& one : all) text += (text.empty() ? "" : ", ") + detail::text_of(*one);
    return text.empty() ? "none" : text;
  }

  std::string text_of_outcome() const {
    if (rejection_.ok()) return text_of_all(replies_);
    return (replies_.empty() ? "" : text_of_all(replies_) + ", then ") + to_string(rejection_);
  }

  static constexpr std::size_t endless = 100'000;

  std::unique_ptr<Action> action_;
  detail::test_runtime runtime_;
  std::string subject_;
  std::string origin_;
  std::uint32_t attempt_ = 1;
  metadata metadata_;
  std::size_t replies_max_ = endless;

  std::vector<std::unique_ptr<google::protobuf::Message>> replies_;
  status rejection_;
  std::vector<sent_call> sends_;
  std::vector<timer_effect> timers_;
  std::vector<any_call> calls_;
  std::string published_under_;
  metadata published_with_;
};

}  // namespace perdure
