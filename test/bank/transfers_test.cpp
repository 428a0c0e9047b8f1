// The rules of transfers, one test each. How they and accounts play together:
// interleavings_test.cpp.

#include "transfers.hpp"

#include <boost/test/unit_test.hpp>

#include "accounts_api.perdure.hpp"
#include "perdure/testkit.hpp"

using bank::Empty;
using bank::api::accounts_calls;
using bank::api::transfers_calls;
using bank::api::TransferStatus;
using perdure::status_code;
using kit = perdure::testkit<bank::transfers>;
using namespace std::chrono_literals;

namespace {

bank::api::TransferRequest transfer(std::int64_t cents, const std::string& from = "a",
                                    const std::string& to = "b") {
  bank::api::TransferRequest request;
  request.set_transfer_id("t");
  request.set_from_account(from);
  request.set_to_account(to);
  request.set_cents(cents);
  return request;
}

bank::domain::Requested requested() {
  bank::domain::Requested event;
  event.set_from_account("a");
  event.set_to_account("b");
  event.set_cents(200);
  return event;
}

bank::domain::Abandoned abandoned(const std::string& reason) {
  bank::domain::Abandoned event;
  event.set_reason(reason);
  return event;
}

bank::domain::Refused refused(const std::string& reason) {
  bank::domain::Refused event;
  event.set_reason(reason);
  return event;
}

bank::api::TransferPart part(const std::string& account, std::int64_t cents = 0) {
  bank::api::TransferPart sent;
  sent.set_account_id(account);
  sent.set_transfer_id("t");
  sent.set_cents(cents);
  return sent;
}

bank::api::Outcome outcome(const std::string& reason = "") {
  bank::api::Outcome sent;
  sent.set_transfer_id("t");
  sent.set_reason(reason);
  return sent;
}

bank::api::ExpireRequest expire() {
  bank::api::ExpireRequest request;
  request.set_transfer_id("t");
  return request;
}

bank::api::GetTransferRequest get() {
  bank::api::GetTransferRequest request;
  request.set_transfer_id("t");
  return request;
}

TransferStatus status(TransferStatus::State state, const std::string& reason = "") {
  TransferStatus reply;
  reply.set_transfer_id("t");
  reply.set_state(state);
  reply.set_reason(reason);
  return reply;
}

const bank::domain::Held held;
const bank::domain::Credited credited;
const bank::domain::Settled settled;
const bank::domain::Released released;

constexpr auto outcomes = {"HoldTaken",     "HoldRefused",  "CreditTaken",
                           "CreditRefused", "HoldCaptured", "HoldReleased"};

// At this stage none of the outcomes but `awaited` changes anything, nor does the timer.
template <class... Events>
void check_ignores(std::initializer_list<std::string> awaited, const Events&... events) {
  for (std::string rpc : outcomes) {
    if (std::ranges::find(awaited, rpc) != awaited.end()) continue;
    kit("t").given(events...).when(rpc, outcome("late")).then_changes_nothing();
  }
  kit("t").given(events...).when(expire()).then_changes_nothing();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(transfers)

BOOST_AUTO_TEST_CASE(a_transfer_first_asks_for_a_hold) {
  kit("t")
      .when(transfer(200))
      .then_emits(requested())
      .then_sends(accounts_calls::hold(part("a", 200)))
      .then_starts_timer("expiry", 1min, transfers_calls::expire(expire()))
      .then_replies(Empty{})
      .when(get())
      .then_changes_nothing()
      .then_replies(status(TransferStatus::PENDING));
}

BOOST_AUTO_TEST_CASE(a_transfer_that_is_asked_for_again_is_one) {
  kit("t")
      .given(requested())
      .when(transfer(200))
      .then_changes_nothing()
      .then_replies(Empty{})
      .when(transfer(201))
      .then_rejects(status_code::already_exists)
      .when(transfer(200, "c"))
      .then_rejects(status_code::already_exists);
}

BOOST_AUTO_TEST_CASE(a_transfer_that_makes_no_sense_is_refused) {
  kit("t").when(transfer(0)).then_rejects(status_code::invalid_argument);
  kit("t").when(transfer(1, "", "b")).then_rejects(status_code::invalid_argument);
  kit("t").when(transfer(1, "a", "")).then_rejects(status_code::invalid_argument);
  kit("t").when(transfer(1, "a", "a")).then_rejects(status_code::invalid_argument);
  kit("t").when(get()).then_rejects(status_code::not_found);
}

BOOST_AUTO_TEST_CASE(what_is_held_is_credited_then_captured) {
  kit("t")
      .given(requested())
      .when("HoldTaken", outcome())
      .then_emits(held)
      .then_cancels_timer("expiry")
      .then_sends(accounts_calls::credit(part("b", 200)))
      .when("CreditTaken", outcome())
      .then_emits(credited)
      .then_sends(accounts_calls::capture(part("a")), accounts_calls::forget_credit(part("b")))
      .when(get())
      .then_replies(status(TransferStatus::PENDING))
      .when("HoldCaptured", outcome())
      .then_emits(settled)
      .then_sends_nothing()
      .when(get())
      .then_replies(status(TransferStatus::DONE));
}

BOOST_AUTO_TEST_CASE(without_a_hold_it_has_failed) {
  kit("t")
      .given(requested())
      .when("HoldRefused", outcome("short"))
      .then_emits(refused("short"))
      .then_cancels_timer("expiry")
      .then_sends_nothing()
      .when(get())
      .then_replies(status(TransferStatus::FAILED, "short"));
}

BOOST_AUTO_TEST_CASE(what_the_target_refuses_goes_back) {
  kit("t")
      .given(requested(), held)
      .when("CreditRefused", outcome("closed"))
      .then_emits(abandoned("closed"))
      .then_sends(accounts_calls::release(part("a")))
      .when(get())
      .then_replies(status(TransferStatus::PENDING, "closed"))
      .when("HoldReleased", outcome())
      .then_emits(released)
      .when(get())
      .then_replies(status(TransferStatus::FAILED, "closed"));
}

BOOST_AUTO_TEST_CASE(a_transfer_without_an_answer_expires) {
  kit("t")
      .given(requested())
      .when(expire())
      .then_emits(abandoned("expired"))
      .then_sends(accounts_calls::release(part("a")))
      .when("HoldTaken", outcome())
      .then_changes_nothing()
      .when("HoldReleased", outcome())
      .when(get())
      .then_replies(status(TransferStatus::FAILED, "expired"));
}

BOOST_AUTO_TEST_CASE(what_has_been_overtaken_changes_nothing) {
  for (std::string rpc : {"CreditTaken", "CreditRefused", "HoldCaptured", "HoldReleased"}) {
    kit("t").given(requested()).when(rpc, outcome("late")).then_changes_nothing();
  }
  check_ignores({"CreditTaken", "CreditRefused"}, requested(), held);
  check_ignores({"HoldCaptured"}, requested(), held, credited);
  check_ignores({"HoldReleased"}, requested(), held, abandoned("closed"));
  check_ignores({}, requested(), held, credited, settled);
  check_ignores({}, requested(), abandoned("expired"), released);
  check_ignores({}, requested(), refused("short"));
}

BOOST_AUTO_TEST_SUITE_END()
