// What rows are made of a cart's events, by the test kit alone.

#include "carts_by_product.hpp"

#include <boost/test/unit_test.hpp>

#include "perdure/view_testkit.hpp"

namespace {

using kit = perdure::view_testkit<cart::carts_by_product>;

cart::domain::ItemAdded added(const std::string& product, int quantity) {
  cart::domain::ItemAdded event;
  event.mutable_item()->set_product_id(product);
  event.mutable_item()->set_quantity(quantity);
  return event;
}

cart::domain::ItemRemoved removed(const std::string& product) {
  cart::domain::ItemRemoved event;
  event.set_product_id(product);
  return event;
}

cart::api::ItemRow row(const std::string& cart, const std::string& product, int quantity) {
  cart::api::ItemRow made;
  made.set_cart_id(cart);
  made.set_product_id(product);
  made.set_quantity(quantity);
  return made;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(carts_by_product)

BOOST_AUTO_TEST_CASE(each_product_of_each_cart_is_a_row) {
  kit()
      .when("c1", added("apple", 2))
      .when("c1", added("pear", 1))
      .when("c2", added("apple", 7))
      .then_keys("items", {"2:c1/apple", "2:c1/pear", "2:c2/apple"})
      .then_row("items", "2:c1/apple", row("c1", "apple", 2))
      .then_row("items", "2:c2/apple", row("c2", "apple", 7));
}

BOOST_AUTO_TEST_CASE(quantities_of_one_product_add_up) {
  kit()
      .when("c1", added("apple", 2))
      .when("c1", added("apple", 3))
      .then_row("items", "2:c1/apple", row("c1", "apple", 5));
}

BOOST_AUTO_TEST_CASE(what_is_removed_begins_anew) {
  kit()
      .when("c1", added("apple", 2))
      .when("c1", removed("apple"))
      .then_keys("items", {})
      .when("c1", added("apple", 4))
      .then_row("items", "2:c1/apple", row("c1", "apple", 4));
}

BOOST_AUTO_TEST_CASE(different_carts_and_products_are_different_rows_whatever_they_are_called) {
  kit()
      .when("a/b", added("c", 1))
      .when("a", added("b/c", 2))
      .then_keys("items", {"3:a/b/c", "1:a/b/c"})
      .then_row("items", "3:a/b/c", row("a/b", "c", 1));
}

BOOST_AUTO_TEST_CASE(a_cart_is_checked_out_beside_its_items) {
  cart::api::CheckedOutRow checked_out;
  checked_out.set_cart_id("c1");
  kit()
      .when("c1", added("apple", 2))
      .when("c1", cart::domain::CheckedOut())
      .then_keys("items", {"2:c1/apple"})
      .then_row("checked_out", "c1", checked_out);
}

BOOST_AUTO_TEST_SUITE_END()
