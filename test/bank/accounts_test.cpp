// The rules of accounts, one test each.

#include "accounts.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>

#include "perdure/testkit.hpp"
#include "transfers_api.perdure.hpp"

using bank::Empty;
using bank::api::transfers_calls;
using perdure::status_code;
using kit = perdure::testkit<bank::accounts>;

namespace {

bank::domain::Opened opened(std::int64_t cents) {
  bank::domain::Opened event;
  event.set_customer_id("ann");
  event.set_opening_cents(cents);
  return event;
}

bank::api::OpenRequest open(std::int64_t cents) {
  bank::api::OpenRequest request;
  request.set_account_id("a");
  request.set_customer_id("ann");
  request.set_opening_cents(cents);
  return request;
}

bank::api::AmountRequest amount(std::int64_t cents) {
  bank::api::AmountRequest request;
  request.set_account_id("a");
  request.set_cents(cents);
  return request;
}

bank::api::Account account(std::int64_t balance, std::int64_t held = 0) {
  bank::api::Account reply;
  reply.set_account_id("a");
  reply.set_customer_id("ann");
  reply.set_balance_cents(balance);
  reply.set_held_cents(held);
  return reply;
}

bank::api::TransferPart part(const std::string& transfer, std::int64_t cents = 0) {
  bank::api::TransferPart request;
  request.set_account_id("a");
  request.set_transfer_id(transfer);
  request.set_cents(cents);
  return request;
}

bank::api::Outcome outcome(const std::string& transfer, const std::string& reason = "") {
  bank::api::Outcome sent;
  sent.set_transfer_id(transfer);
  sent.set_reason(reason);
  return sent;
}

template <class Event>
Event of_transfer(const std::string& transfer) {
  Event event;
  event.set_transfer_id(transfer);
  return event;
}

template <class Event>
Event of_transfer(const std::string& transfer, std::int64_t cents) {
  auto event = of_transfer<Event>(transfer);
  event.set_cents(cents);
  return event;
}

using bank::domain::CreditForgotten;
using bank::domain::HoldCaptured;
using bank::domain::HoldReleased;
using bank::domain::HoldTaken;
using bank::domain::TransferCredited;

const bank::api::GetAccountRequest get;
constexpr auto cents_max = std::numeric_limits<std::int64_t>::max();

}  // namespace

BOOST_AUTO_TEST_SUITE(accounts)

BOOST_AUTO_TEST_CASE(an_account_opens_with_what_is_paid_in) {
  kit("a")
      .when(open(500))
      .then_emits(opened(500))
      .then_sends_nothing()
      .then_replies(Empty{})
      .when(get)
      .then_changes_nothing()
      .then_replies(account(500))
      .when(open(500))
      .then_rejects(status_code::already_exists);
  kit("a").when(open(-1)).then_rejects(status_code::invalid_argument);
}

BOOST_AUTO_TEST_CASE(money_goes_in_and_out) {
  kit("a")
      .given(opened(500))
      .when("Deposit", amount(30))
      .then_replies(Empty{})
      .when("Withdraw", amount(530))
      .then_replies(Empty{})
      .when(get)
      .then_replies(account(0));
}

BOOST_AUTO_TEST_CASE(what_is_not_there_cannot_be_withdrawn) {
  kit("a")
      .given(opened(500), of_transfer<HoldTaken>("t", 100))
      .when("Withdraw", amount(401))
      .then_rejects(status_code::failed_precondition, "the account is short of money")
      .when("Withdraw", amount(400))
      .then_replies(Empty{});
}

BOOST_AUTO_TEST_CASE(amounts_are_positive_and_do_not_overflow) {
  for (auto rpc : {"Deposit", "Withdraw"}) {
    for (std::int64_t cents : {-1, 0}) {
      kit("a")
          .given(opened(500))
          .when(rpc, amount(cents))
          .then_rejects(status_code::invalid_argument);
    }
  }
  kit("a")
      .given(opened(500), of_transfer<HoldTaken>("t", 100))
      .when("Deposit", amount(cents_max - 499))
      .then_rejects(status_code::out_of_range)
      .when("Deposit", amount(cents_max - 500))
      .then_replies(Empty{});
}

BOOST_AUTO_TEST_CASE(there_must_be_an_account) {
  kit("a").when("Deposit", amount(1)).then_rejects(status_code::not_found);
  kit("a").when("Withdraw", amount(1)).then_rejects(status_code::not_found);
  kit("a").when(get).then_rejects(status_code::not_found);
  kit("a").when(bank::api::CloseRequest{}).then_rejects(status_code::not_found);
}

BOOST_AUTO_TEST_CASE(an_empty_account_can_be_closed_and_opened_anew) {
  kit("a")
      .given(opened(0))
      .when(bank::api::CloseRequest{})
      .then_emits(bank::domain::Closed{})
      .then_erases()
      .when(get)
      .then_rejects(status_code::not_found)
      .when(open(7))
      .then_replies(Empty{})
      .when(get)
      .then_replies(account(7));
}

BOOST_AUTO_TEST_CASE(an_account_that_is_not_empty_stays) {
  kit("a")
      .given(opened(1))
      .when(bank::api::CloseRequest{})
      .then_rejects(status_code::failed_precondition);
  kit("a")
      .given(opened(1), of_transfer<HoldTaken>("t", 1))
      .when(bank::api::CloseRequest{})
      .then_rejects(status_code::failed_precondition);
}

BOOST_AUTO_TEST_CASE(a_hold_sets_money_aside_once) {
  kit("a")
      .given(opened(500))
      .when("Hold", part("t", 200))
      .then_emits(of_transfer<HoldTaken>("t", 200))
      .then_sends(transfers_calls::hold_taken(outcome("t")))
      .when("Hold", part("t", 200))
      .then_emits_nothing()
      .then_sends(transfers_calls::hold_taken(outcome("t")))
      .when(get)
      .then_replies(account(300, 200));
}

BOOST_AUTO_TEST_CASE(a_hold_that_cannot_be_is_told) {
  kit("a")
      .given(opened(500))
      .when("Hold", part("t", 501))
      .then_emits_nothing()
      .then_sends(transfers_calls::hold_refused(
          outcome("t", "from_account: the account is short of money")))
      .then_replies(Empty{});
  kit("a")
      .when("Hold", part("t", 1))
      .then_sends(
          transfers_calls::hold_refused(outcome("t", "from_account: there is no such account")));
}

BOOST_AUTO_TEST_CASE(what_is_captured_is_gone) {
  kit("a")
      .given(opened(500), of_transfer<HoldTaken>("t", 200), of_transfer<HoldTaken>("u", 50))
      .when("Capture", part("t"))
      .then_emits(of_transfer<HoldCaptured>("t"))
      .then_sends(transfers_calls::hold_captured(outcome("t")))
      .when("Capture", part("t"))
      .then_emits_nothing()
      .then_sends(transfers_calls::hold_captured(outcome("t")))
      .when(get)
      .then_replies(account(250, 50));
}

BOOST_AUTO_TEST_CASE(what_is_released_is_back) {
  kit("a")
      .given(opened(500), of_transfer<HoldTaken>("t", 200))
      .when("Release", part("t"))
      .then_emits(of_transfer<HoldReleased>("t"))
      .then_sends(transfers_calls::hold_released(outcome("t")))
      .when("Release", part("t"))
      .then_emits_nothing()
      .then_sends(transfers_calls::hold_released(outcome("t")))
      .when(get)
      .then_replies(account(500));
}

BOOST_AUTO_TEST_CASE(a_credit_is_taken_once) {
  kit("a")
      .given(opened(500))
      .when("Credit", part("t", 200))
      .then_emits(of_transfer<TransferCredited>("t", 200))
      .then_sends(transfers_calls::credit_taken(outcome("t")))
      .when("Credit", part("t", 200))
      .then_emits_nothing()
      .then_sends(transfers_calls::credit_taken(outcome("t")))
      .when("ForgetCredit", part("t"))
      .then_emits(of_transfer<CreditForgotten>("t"))
      .then_sends_nothing()
      .when("ForgetCredit", part("t"))
      .then_changes_nothing()
      .when(get)
      .then_replies(account(700));
}

BOOST_AUTO_TEST_CASE(a_credit_that_cannot_be_is_told) {
  kit("a")
      .when("Credit", part("t", 1))
      .then_sends(
          transfers_calls::credit_refused(outcome("t", "to_account: there is no such account")));
  kit("a")
      .given(opened(500))
      .when("Credit", part("t", cents_max))
      .then_emits_nothing()
      .then_sends(
          transfers_calls::credit_refused(outcome("t", "to_account: no account holds that much")));
}

BOOST_AUTO_TEST_CASE(parts_of_no_transfer_are_refused) {
  for (auto rpc : {"Hold", "Credit"}) {
    kit("a").given(opened(5)).when(rpc, part("t", 0)).then_rejects(status_code::invalid_argument);
    kit("a").given(opened(5)).when(rpc, part("", 1)).then_rejects(status_code::invalid_argument);
  }
}

BOOST_AUTO_TEST_SUITE_END()
