// What somebody may have meant who wrote a name that is not there.

#include "base/suggest.hpp"

#include <boost/test/unit_test.hpp>

using namespace perdure;

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

BOOST_AUTO_TEST_CASE(a_nearer_name_that_comes_later_wins) {
  BOOST_TEST(did_you_mean("ItemRemovd", {"ItemRemoves", "ItemRemoved"}) ==
             " (did you mean \"ItemRemoved\"?)");
}

BOOST_AUTO_TEST_CASE(of_two_as_near_the_first_wins_and_a_package_counts_as_one_edit) {
  BOOST_TEST(did_you_mean("shop.Cart", {"shop.Card", "bank.Cart"}) ==
             " (did you mean \"shop.Card\"?)");
}

BOOST_AUTO_TEST_CASE(a_third_of_the_letters_may_be_wrong_and_one_always) {
  BOOST_TEST(did_you_mean("Wallet", {"Welled"}) == " (did you mean \"Welled\"?)");
  BOOST_TEST(did_you_mean("Order", {"Ardor"}) == "");
  BOOST_TEST(did_you_mean("Ad", {"Add"}) == " (did you mean \"Add\"?)");
  BOOST_TEST(did_you_mean("bank.domain.Ow", {"bank.domain.Ally"}) ==
             " (did you mean \"bank.domain.Ally\"?)");
}

BOOST_AUTO_TEST_CASE(case_does_not_count) {
  BOOST_TEST(did_you_mean("ITEMADDED", {"ItemAdded"}) == " (did you mean \"ItemAdded\"?)");
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
