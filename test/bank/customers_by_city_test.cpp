// What rows are made of customers and of accounts' events, by the test kit alone.

#include "customers_by_city.hpp"

#include <boost/test/unit_test.hpp>

#include "perdure/view_testkit.hpp"

namespace {

namespace domain = bank::domain;
using kit = perdure::view_testkit<bank::customers_by_city>;

domain::Opened opened(std::int64_t cents) {
  domain::Opened event;
  event.set_customer_id("ann");
  event.set_opening_cents(cents);
  return event;
}

template <class Event>
Event of_transfer() {
  Event event;
  event.set_transfer_id("t");
  return event;
}

template <class Event>
Event with_cents(Event event, std::int64_t cents) {
  event.set_cents(cents);
  return event;
}

domain::AccountState account(std::int64_t cents) {
  domain::AccountState made;
  made.set_is_open(true);
  made.set_customer_id("ann");
  made.set_balance_cents(cents);
  return made;
}

domain::AccountState holding(std::int64_t cents, std::int64_t held) {
  auto made = account(cents);
  (*made.mutable_holds())["t"] = held;
  return made;
}

domain::AccountState credited(std::int64_t cents, std::int64_t credit) {
  auto made = account(cents);
  (*made.mutable_credits())["t"] = credit;
  return made;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(customers_by_city)

BOOST_AUTO_TEST_CASE(a_customer_is_a_row_until_it_is_deleted) {
  domain::CustomerState ann;
  ann.set_is_known(true);
  ann.set_city("Graz");
  kit()
      .from("customer")
      .when("ann", ann)
      .then_row("customers", "ann", ann)
      .when_deleted("ann")
      .then_keys("customers", {});
}

BOOST_AUTO_TEST_CASE(deposits_and_withdrawals_change_the_balance) {
  kit()
      .when("a1", opened(100))
      .then_row("accounts", "a1", account(100))
      .when("a1", with_cents(domain::Deposited(), 7))
      .then_row("accounts", "a1", account(107))
      .when("a1", with_cents(domain::Withdrawn(), 50))
      .then_row("accounts", "a1", account(57));
}

BOOST_AUTO_TEST_CASE(what_is_held_may_not_be_spent_until_it_is_back) {
  kit()
      .when("a1", opened(100))
      .when("a1", with_cents(of_transfer<domain::HoldTaken>(), 30))
      .then_row("accounts", "a1", holding(70, 30))
      .when("a1", of_transfer<domain::HoldReleased>())
      .then_row("accounts", "a1", account(100))
      .when("a1", with_cents(of_transfer<domain::HoldTaken>(), 30))
      .when("a1", of_transfer<domain::HoldCaptured>())
      .then_row("accounts", "a1", account(70));
}

BOOST_AUTO_TEST_CASE(a_credit_may_be_spent) {
  kit()
      .when("a1", opened(0))
      .when("a1", with_cents(of_transfer<domain::TransferCredited>(), 30))
      .then_row("accounts", "a1", credited(30, 30))
      .when("a1", of_transfer<domain::CreditForgotten>())
      .then_row("accounts", "a1", account(30));
}

BOOST_AUTO_TEST_CASE(a_closed_account_has_no_row) {
  kit()
      .when("a1", opened(0))
      .when("a2", opened(0))
      .when("a1", domain::Closed())
      .then_keys("accounts", {"a2"});
}

BOOST_AUTO_TEST_SUITE_END()
