// What somebody may have meant who wrote a name that is not there.

#include "codegen/suggest.hpp"

#include <boost/test/unit_test.hpp>

using namespace perdure::codegen;

BOOST_AUTO_TEST_SUITE(suggest)

BOOST_AUTO_TEST_CASE(each_kind_of_slip_is_one_edit) {
  BOOST_TEST(edit_distance("cart", "cart") == 0u);
  BOOST_TEST(edit_distance("cart", "carts") == 1u);
  BOOST_TEST(edit_distance("cart", "car") == 1u);
  BOOST_TEST(edit_distance("cart", "cast") == 1u);
  BOOST_TEST(edit_distance("cart", "crat") == 1u);
  BOOST_TEST(edit_distance("", "cart") == 4u);
}

BOOST_AUTO_TEST_CASE(the_nearest_name_is_suggested) {
  BOOST_TEST(did_you_mean("ItemRemovd", {"ItemAdded", "ItemRemoved"}) ==
             " (did you mean \"ItemRemoved\"?)");
}

BOOST_AUTO_TEST_CASE(case_does_not_count) {
  BOOST_TEST(did_you_mean("itemadded", {"ItemAdded"}) == " (did you mean \"ItemAdded\"?)");
}

BOOST_AUTO_TEST_CASE(the_package_may_be_missing_or_wrong) {
  BOOST_TEST(did_you_mean("ShoppingCart", {"cart.domain.ShoppingCart"}) ==
             " (did you mean \"cart.domain.ShoppingCart\"?)");
  BOOST_TEST(did_you_mean("com.shop.Cart", {"cart.domain.Cart"}) ==
             " (did you mean \"cart.domain.Cart\"?)");
}

BOOST_AUTO_TEST_CASE(another_word_is_not_suggested) {
  BOOST_TEST(did_you_mean("Wallet", {"ItemAdded", "Cart"}) == "");
  BOOST_TEST(did_you_mean("Cart", {}) == "");
}

BOOST_AUTO_TEST_SUITE_END()
