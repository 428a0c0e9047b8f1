// What the testkit of views makes of messages, and when it fails.

#include "perdure/view_testkit.hpp"

#include <boost/test/unit_test.hpp>

#include "perdure/service.hpp"
#include "test/api/sales.hpp"

using perdure::testkit_failure;
using shop::Placed;
using shop::Product;
using shop::Sale;
using shop::sales;

using kit = perdure::view_testkit<sales>;
using sessions_kit = perdure::view_testkit<shop::sessions_of_users_base>;

namespace {

Placed placed(const std::string& product, int quantity) {
  Placed event;
  event.set_product(product);
  event.set_quantity(quantity);
  return event;
}

Sale sale(const std::string& order_id, const std::string& product, int quantity, bool paid) {
  Sale row;
  row.set_order_id(order_id);
  row.set_product(product);
  row.set_quantity(quantity);
  row.set_paid(paid);
  return row;
}

Product product(const std::string& name, int sold) {
  Product row;
  row.set_name(name);
  row.set_sold(sold);
  return row;
}

shop::SessionState session(const std::string& user) {
  shop::SessionState state;
  state.set_user(user);
  return state;
}

// What the failure of `check` says.
template <class Check>
std::string failure_of(Check check) {
  try {
    check();
  } catch (const testkit_failure& failure) {
    return failure.what();
  }
  return "none";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(view_testkit)

BOOST_AUTO_TEST_CASE(a_handler_writes_the_row_of_the_subject_and_of_another_table) {
  // [kit]
  kit()
      .given("products", "tea", product("tea", 3))
      .when("o1", placed("tea", 2))
      .then_row("sales", "o1", sale("o1", "tea", 2, false))
      .then_row("products", "tea", product("tea", 5));
  // [/kit]
}

BOOST_AUTO_TEST_CASE(a_handler_is_given_the_row_of_the_subject) {
  kit()
      .given("sales", "o1", sale("o1", "tea", 2, false))
      .when("o1", shop::Paid())
      .then_row("sales", "o1", sale("o1", "tea", 2, true));
}

BOOST_AUTO_TEST_CASE(what_one_message_has_changed_the_next_one_finds) {
  kit()
      .when("o1", placed("tea", 2))
      .when("o2", placed("tea", 3))
      .then_row("products", "tea", product("tea", 5))
      .when("o1", shop::Cancelled())
      .then_keys("sales", {"o2"})
      .then_row("products", "tea", product("tea", 3))
      .when("o2", shop::Cancelled())
      .then_keys("sales", {})
      .then_no_row("products", "tea");
}

BOOST_AUTO_TEST_CASE(an_effect_may_change_nothing) {
  kit().when("o1", shop::Cancelled()).then_keys("sales", {}).then_keys("products", {});
}

BOOST_AUTO_TEST_CASE(what_a_handler_throws_comes_out_and_nothing_has_changed) {
  kit tested;
  BOOST_CHECK_THROW(tested.when("o1", shop::Paid()), std::runtime_error);
  tested.then_keys("sales", {});
}

BOOST_AUTO_TEST_CASE(without_a_handler_the_message_is_the_row) {
  sessions_kit()
      .when("s1", session("ann"))
      .when("s2", session("bob"))
      .when("s1", session("eve"))
      .then_row("sessions", "s1", session("eve"))
      .then_keys("sessions", {"s2", "s1"});
}

BOOST_AUTO_TEST_CASE(a_row_goes_with_what_it_is_about) {
  sessions_kit()
      .given("sessions", "s1", session("ann"))
      .given("sessions", "s2", session("ann"))
      .when_deleted("s1")
      .then_keys("sessions", {"s2"});
}

BOOST_AUTO_TEST_CASE(a_handler_of_deletions_may_let_it_stay) {
  kit()
      .from("order")
      .given("sales", "o1", sale("o1", "tea", 2, true))
      .given("sales", "o2", sale("o2", "tea", 2, false))
      .when_deleted("o1")
      .when_deleted("o2")
      .then_keys("sales", {"o1"});
}

BOOST_AUTO_TEST_CASE(an_ignored_deletion_lets_rows_stay) {
  kit()
      .from("products")
      .given("products", "tea", product("tea", 1))
      .when_deleted("tea")
      .then_keys("products", {"tea"});
}

BOOST_AUTO_TEST_CASE(an_ignored_message_changes_nothing) {
  kit().from("more_products").when("tea", product("tea", 1)).then_keys("products", {});
  kit().from("products").when("tea", product("tea", 1)).then_keys("products", {"tea"});
}

BOOST_AUTO_TEST_CASE(no_handler_sees_what_another_makes_of_the_same_message) {
  struct tested_view final : shop::twice_base {
    perdure::view_effect<Product> on_placed(std::optional<Product>, const Placed& event) override {
      if (event.product().empty()) return effects().put(Product()).put("", Product());
      return effects().put(product("first", 1)).put(twice(), "o1", product("first", 1));
    }
    perdure::view_effect<Product> on_placed_too(std::optional<Product> row,
                                                const Placed&) override {
      return effects().put(product("second", row || twice().find("o1") ? 2 : 1));
    }
  };
  perdure::view_testkit<tested_view> tested;
  tested.when("o1", placed("tea", 1))
      .then_row("once", "o1", product("first", 1))
      .then_row("twice", "o1", product("second", 1))
      .when_deleted("o1")
      .then_keys("once", {})
      .then_keys("twice", {});
  BOOST_TEST(failure_of([&] { tested.when("o2", placed("", 1)); }) ==
             "key of a row of once: expected a text, came an empty one");
}

BOOST_AUTO_TEST_CASE(the_context_is_what_was_said) {
  struct told final : shop::sales {
    perdure::view_effect<Sale> on_paid(std::optional<Sale>, const shop::Paid&) override {
      auto beside = context().metadata.find("by")->second;
      BOOST_TEST(context().time.time_since_epoch().count() == 5);
      return effects().put(beside, sale(context().subject, beside, int(*context().sequence), true));
    }
  };
  using namespace std::chrono_literals;
  perdure::view_testkit<told>()
      .at(std::chrono::sys_time<std::chrono::milliseconds>(5ms))
      .sequence(7)
      .with_metadata("by", "ann")
      .when("o1", shop::Paid())
      .then_row("sales", "ann", sale("o1", "ann", 7, true));
}

BOOST_AUTO_TEST_CASE(there_is_no_context_outside_of_a_handler) {
  struct curious final : shop::sales {
    auto subject() const { return context().subject; }
    auto row() const { return products().find("tea"); }
  };
  auto tested = std::make_unique<curious>();
  auto* asked = tested.get();
  BOOST_CHECK_THROW(asked->subject(), std::logic_error);
  perdure::view_testkit<curious> kit(std::move(tested));
  kit.when("o1", placed("tea", 1));
  BOOST_CHECK_THROW(asked->subject(), std::logic_error);
  BOOST_CHECK_THROW(asked->row(), std::logic_error);
}

BOOST_AUTO_TEST_CASE(a_row_can_be_looked_at) {
  kit tested;
  tested.when("o1", placed("tea", 2));
  BOOST_TEST(tested.row<Sale>("sales", "o1")->quantity() == 2);
  BOOST_TEST(!tested.row<Sale>("sales", "o2"));
  BOOST_TEST(failure_of([&] { tested.row<Product>("sales", "o1"); }) ==
             "row of sales: expected a Sale, came a Product");
}

BOOST_AUTO_TEST_CASE(another_row_than_expected_fails) {
  kit tested;
  tested.when("o1", placed("tea", 2));
  BOOST_TEST(failure_of([&] { tested.then_row("products", "tea", product("tea", 3)); }) ==
             "row \"tea\" of products: expected Product { name: \"tea\" sold: 3 }, came Product { "
             "name: \"tea\" sold: 2 }");
  BOOST_TEST(failure_of([&] { tested.then_row("products", "x", product("tea", 2)); }) ==
             "row \"x\" of products: expected Product { name: \"tea\" sold: 2 }, came no row");
  BOOST_TEST(failure_of([&] { tested.then_no_row("products", "tea"); }) ==
             "row \"tea\" of products: expected no row, came Product { name: \"tea\" sold: 2 }");
  BOOST_TEST(failure_of([&] { tested.then_keys("products", {}); }) ==
             "keys of products: expected none, came tea");
}

BOOST_AUTO_TEST_CASE(what_the_view_does_not_have_fails) {
  BOOST_TEST(failure_of([] { kit().given("sale", "o1", sale("o1", "tea", 2, false)); }) ==
             "table: expected one of sales, products, came sale");
  BOOST_TEST(failure_of([] { kit().given("sales", "o1", product("tea", 2)); }) ==
             "row of sales: expected a Sale, came Product { name: \"tea\" sold: 2 }");
  BOOST_TEST(failure_of([] { kit().when("s1", session("ann")); }) ==
             "message: expected one that the view takes in, came SessionState { user: \"ann\" }");
}

BOOST_AUTO_TEST_CASE(a_message_of_several_sources_needs_one) {
  BOOST_TEST(failure_of([] { kit().when("tea", product("tea", 1)); }) ==
             "source: expected from(), which says one, came products, more_products");
  BOOST_TEST(failure_of([] { kit().when_deleted("o1"); }).starts_with("source: expected from()"));
}

BOOST_AUTO_TEST_CASE(a_service_has_views) {
  class perdure::service shop;
  shop.add<sales>().add<shop::sessions_of_users_base>();
  BOOST_REQUIRE_EQUAL(shop.views().size(), 2u);
  BOOST_TEST(shop.views()[0].service->full_name() == "shop.Sales");
  BOOST_TEST(dynamic_cast<sales*>(shop.views()[0].create().get()));
  BOOST_TEST(shop.views()[1].create());
}

BOOST_AUTO_TEST_SUITE_END()
