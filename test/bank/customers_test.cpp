// The rules of customers, one test each.

#include "customers.hpp"

#include <boost/test/unit_test.hpp>

#include "perdure/testkit.hpp"

using bank::Empty;
using perdure::status_code;
using kit = perdure::testkit<bank::customers>;

namespace {

bank::api::Customer customer(const std::string& city) {
  bank::api::Customer made;
  made.set_customer_id("ann");
  made.set_name("Ann");
  made.set_email("ann@example.org");
  made.set_city(city);
  return made;
}

bank::domain::CustomerState stored(const std::string& city) {
  bank::domain::CustomerState made;
  made.set_is_known(true);
  made.set_name("Ann");
  made.set_email("ann@example.org");
  made.set_city(city);
  return made;
}

const bank::api::GetCustomerRequest get;
const bank::api::DeleteCustomerRequest forget;

}  // namespace

BOOST_AUTO_TEST_SUITE(customers)

BOOST_AUTO_TEST_CASE(a_customer_is_replaced_whole) {
  kit("ann")
      .when(customer("Graz"))
      .then_updates(stored("Graz"))
      .then_replies(Empty{})
      .when(customer("Linz"))
      .then_updates(stored("Linz"))
      .when(get)
      .then_changes_nothing()
      .then_replies(customer("Linz"));
}

BOOST_AUTO_TEST_CASE(a_customer_can_be_deleted_and_come_back) {
  kit("ann")
      .given_state(stored("Graz"))
      .when(forget)
      .then_erases()
      .when(get)
      .then_rejects(status_code::not_found)
      .when(customer("Linz"))
      .then_state(stored("Linz"));
}

BOOST_AUTO_TEST_CASE(who_is_not_known_is_not_found) {
  kit("ann").when(get).then_rejects(status_code::not_found);
  kit("ann").when(forget).then_rejects(status_code::not_found);
}

BOOST_AUTO_TEST_SUITE_END()
