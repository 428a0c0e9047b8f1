// The cart's rules, one test each.

#include "shopping_cart.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>

#include "perdure/testkit.hpp"

using cart::Empty;
using perdure::status_code;
using perdure::testkit;

namespace {

cart::domain::ItemAdded item_added(const std::string& product, int quantity) {
  cart::domain::ItemAdded event;
  event.mutable_item()->set_product_id(product);
  event.mutable_item()->set_name("name of " + product);
  event.mutable_item()->set_quantity(quantity);
  return event;
}

cart::domain::ItemRemoved item_removed(const std::string& product) {
  cart::domain::ItemRemoved event;
  event.set_product_id(product);
  return event;
}

cart::domain::CheckedOut checked_out() { return {}; }

cart::api::AddItemRequest add_item(const std::string& product, int quantity) {
  cart::api::AddItemRequest command;
  command.set_cart_id("cart-1");
  command.set_product_id(product);
  command.set_name("name of " + product);
  command.set_quantity(quantity);
  return command;
}

cart::api::RemoveItemRequest remove_item(const std::string& product) {
  cart::api::RemoveItemRequest command;
  command.set_cart_id("cart-1");
  command.set_product_id(product);
  return command;
}

cart::api::CheckoutRequest checkout() { return {}; }

cart::api::Cart cart_with(const std::string& product, int quantity, bool closed) {
  cart::api::Cart reply;
  auto& line = *reply.add_items();
  line.set_product_id(product);
  line.set_name("name of " + product);
  line.set_quantity(quantity);
  reply.set_checked_out(closed);
  return reply;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shopping_cart)

BOOST_AUTO_TEST_CASE(an_item_goes_into_the_cart) {
  testkit<cart::shopping_cart>("cart-1")
      .when(add_item("apple", 2))
      .then_emits(item_added("apple", 2))
      .then_replies(Empty{})
      .when(cart::api::GetCartRequest{})
      .then_emits_nothing()
      .then_replies(cart_with("apple", 2, false));
}

BOOST_AUTO_TEST_CASE(an_item_that_is_there_gets_more) {
  testkit<cart::shopping_cart>("cart-1")
      .given(item_added("apple", 2))
      .when(add_item("apple", 3))
      .when(cart::api::GetCartRequest{})
      .then_replies(cart_with("apple", 5, false));
}

BOOST_AUTO_TEST_CASE(a_quantity_below_one_is_refused) {
  testkit<cart::shopping_cart>("cart-1")
      .when(add_item("apple", 0))
      .then_rejects(status_code::invalid_argument, "quantity must be at least 1")
      .then_state({});
  testkit<cart::shopping_cart>("cart-1")
      .when(add_item("apple", -1))
      .then_rejects(status_code::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_quantity_that_would_overflow_is_refused) {
  testkit<cart::shopping_cart>("cart-1")
      .given(item_added("apple", std::numeric_limits<std::int32_t>::max()))
      .when(add_item("apple", 1))
      .then_rejects(status_code::out_of_range);
}

BOOST_AUTO_TEST_CASE(an_item_needs_a_product) {
  testkit<cart::shopping_cart>("cart-1")
      .when(add_item("", 1))
      .then_rejects(status_code::invalid_argument);
}

BOOST_AUTO_TEST_CASE(an_item_leaves_the_cart) {
  testkit<cart::shopping_cart>("cart-1")
      .given(item_added("apple", 2), item_added("pear", 1))
      .when(remove_item("pear"))
      .then_emits(item_removed("pear"))
      .then_replies(Empty{})
      .when(cart::api::GetCartRequest{})
      .then_replies(cart_with("apple", 2, false));
}

BOOST_AUTO_TEST_CASE(what_is_not_in_the_cart_cannot_leave_it) {
  testkit<cart::shopping_cart>("cart-1")
      .given(item_added("apple", 2))
      .when(remove_item("pear"))
      .then_rejects(status_code::not_found, "the cart holds no \"pear\"");
}

BOOST_AUTO_TEST_CASE(a_cart_is_checked_out) {
  testkit<cart::shopping_cart>("cart-1")
      .given(item_added("apple", 2))
      .when(checkout())
      .then_emits(checked_out())
      .then_replies(Empty{})
      .when(cart::api::GetCartRequest{})
      .then_replies(cart_with("apple", 2, true));
}

BOOST_AUTO_TEST_CASE(an_empty_cart_cannot_be_checked_out) {
  testkit<cart::shopping_cart>("cart-1")
      .when(checkout())
      .then_rejects(status_code::failed_precondition, "the cart is empty");
}

BOOST_AUTO_TEST_CASE(a_checked_out_cart_refuses_every_change) {
  testkit<cart::shopping_cart> kit("cart-1");
  kit.given(item_added("apple", 2), checked_out());
  kit.when(add_item("pear", 1)).then_rejects(status_code::failed_precondition);
  kit.when(remove_item("apple")).then_rejects(status_code::failed_precondition);
  kit.when(checkout()).then_rejects(status_code::failed_precondition);
  BOOST_TEST(kit.sequence() == 2);
}

BOOST_AUTO_TEST_SUITE_END()
