// What the testkit makes of effects beside events and replies: it must see each, and fail when
// another was expected.

#include <boost/test/unit_test.hpp>

#include "perdure/testkit.hpp"
#include "test/api/shop.hpp"

using perdure::awaited;
using perdure::event_with;
using perdure::metadata;
using perdure::status_code;
using perdure::testkit_failure;
using shop::Empty;
using shop::orders_calls;
using shop::stock::stock_calls;
using namespace std::chrono_literals;

using order_kit = perdure::testkit<shop::order>;
using session_kit = perdure::testkit<shop::session>;

namespace {

shop::PlaceRequest place(int quantity) {
  shop::PlaceRequest request;
  request.set_order_id("o1");
  request.set_product("tea");
  request.set_quantity(quantity);
  return request;
}

shop::OrderRequest the_order() {
  shop::OrderRequest request;
  request.set_order_id("o1");
  return request;
}

shop::CancelRequest cancel(const std::string& why) {
  shop::CancelRequest request;
  request.set_order_id("o1");
  request.set_why(why);
  return request;
}

shop::Placed placed(int quantity) {
  shop::Placed event;
  event.set_product("tea");
  event.set_quantity(quantity);
  return event;
}

shop::Cancelled cancelled(const std::string& why) {
  shop::Cancelled event;
  event.set_why(why);
  return event;
}

shop::stock::StockRequest tea(int quantity) {
  shop::stock::StockRequest request;
  request.set_product("tea");
  request.set_order_id("o1");
  request.set_quantity(quantity);
  return request;
}

shop::stock::FindRequest find(const std::string& product) {
  shop::stock::FindRequest request;
  request.set_product(product);
  return request;
}

shop::LogInRequest log_in(const std::string& user) {
  shop::LogInRequest request;
  request.set_session_id("s1");
  request.set_user(user);
  return request;
}

shop::SessionState session_of(const std::string& user) {
  shop::SessionState state;
  state.set_user(user);
  return state;
}

template <class Test>
std::string failure_of(Test test) {
  try {
    test();
  } catch (const testkit_failure& failure) {
    return failure.what();
  }
  return "none";
}

// Rpcs that share a request with others.
constexpr auto pay = "Pay";
constexpr auto remind = "Remind";
constexpr auto find_product = "FindProduct";
constexpr auto get = "Get";
constexpr auto log_out = "LogOut";

}  // namespace

BOOST_AUTO_TEST_SUITE(testkit_effects)

BOOST_AUTO_TEST_CASE(an_update_replaces_the_state) {
  session_kit("s1")
      .when(log_in("ann"))
      .then_updates(session_of("ann"))
      .then_expires_after(30min)
      .then_replies(Empty{})
      .then_state(session_of("ann"))
      .when(get, shop::SessionRequest{})
      .then_changes_nothing()
      .then_replies(session_of("ann"));
}

BOOST_AUTO_TEST_CASE(another_update_than_expected_fails) {
  BOOST_TEST(
      failure_of([] { session_kit("s1").when(log_in("ann")).then_updates(session_of("bob")); }) ==
      "update: expected SessionState { user: \"bob\" }, came SessionState { user: \"ann\" }");
  BOOST_TEST(
      failure_of([] {
        session_kit("s1").when(log_out, shop::SessionRequest{}).then_updates(session_of("ann"));
      }) == "update: expected SessionState { user: \"ann\" }, came a deletion");
  BOOST_TEST(failure_of([] {
               session_kit("s1")
                   .given_state(session_of("ann"))
                   .when(get, shop::SessionRequest{})
                   .then_updates({});
             }) == "update: expected SessionState {}, came none");
}

BOOST_AUTO_TEST_CASE(another_expiry_than_expected_fails) {
  BOOST_TEST(failure_of([] { session_kit("s1").when(log_in("ann")).then_expires_after(1h); }) ==
             "expiry: expected 3600000 ms, came 1800000 ms");
  BOOST_TEST(failure_of([] {
               session_kit("s1").when(log_out, shop::SessionRequest{}).then_expires_after(1h);
             }) == "expiry: expected 3600000 ms, came none");
}

BOOST_AUTO_TEST_CASE(after_a_deletion_the_state_is_empty_and_the_sequence_number_goes_on) {
  session_kit kit("s1");
  kit.given_state(session_of("ann")).when(log_out, shop::SessionRequest{}).then_erases();
  kit.then_state({}).when(get, shop::SessionRequest{}).then_rejects(status_code::not_found);
  BOOST_TEST(kit.sequence() == 2);
  kit.when(log_in("bob")).then_state(session_of("bob"));
  BOOST_TEST(kit.sequence() == 3);

  order_kit order("o1");
  order.given(placed(2))
      .when(cancel("no more"))
      .then_emits(cancelled("no more"))
      .then_erases()
      .then_state({});
  BOOST_TEST(order.sequence() == 3);
  order.when(place(1)).then_erases_nothing();
  BOOST_TEST(order.sequence() == 4);
}

BOOST_AUTO_TEST_CASE(a_deletion_that_was_not_expected_fails) {
  BOOST_TEST(failure_of([] { session_kit("s1").when(log_in("ann")).then_erases(); }) ==
             "deletion: expected one, came none");
  BOOST_TEST(failure_of([] {
               order_kit("o1").given(placed(2)).when(cancel("x")).then_erases_nothing();
             }) == "deletion: expected none, came one");
}

BOOST_AUTO_TEST_CASE(sends_are_compared_by_rpc_request_and_order) {
  order_kit("o1").when(place(2)).then_sends(stock_calls::reserve(tea(2)));
  order_kit("o1").given(placed(2)).when(remind, the_order()).then_sends_nothing();
  BOOST_TEST(
      failure_of([] { order_kit("o1").when(place(2)).then_sends(stock_calls::reserve(tea(3))); }) ==
      "sends: expected [shop.stock.Stock.Reserve(StockRequest { product: \"tea\" order_id: "
      "\"o1\" quantity: 3 })], came [shop.stock.Stock.Reserve(StockRequest { product: "
      "\"tea\" order_id: \"o1\" quantity: 2 })]");
  auto fails = [](auto test) { return failure_of(test) != "none"; };
  BOOST_TEST(
      fails([] { order_kit("o1").when(place(2)).then_sends(stock_calls::release(tea(2))); }));
  BOOST_TEST(fails([] { order_kit("o1").when(place(2)).then_sends_nothing(); }));
  BOOST_TEST(fails([] {
    order_kit("o1").when(place(2)).then_sends(stock_calls::reserve(tea(2)),
                                              stock_calls::reserve(tea(2)));
  }));
  BOOST_TEST(fails([] {
    order_kit("o1").when(place(2)).then_sends(
        stock_calls::reserve(tea(2)).with_metadata("name", "value"));
  }));
}

BOOST_AUTO_TEST_CASE(whether_the_reply_waits_for_a_send_is_compared) {
  order_kit("o1")
      .given(placed(2))
      .when(pay, the_order())
      .then_sends(awaited(stock_calls::ship(tea(2))));
  BOOST_TEST(failure_of([] {
               order_kit("o1")
                   .given(placed(2))
                   .when(pay, the_order())
                   .then_sends(stock_calls::ship(tea(2)));
             }) ==
             "sends: expected [shop.stock.Stock.Ship(StockRequest { product: \"tea\" order_id: "
             "\"o1\" quantity: 2 })], came [shop.stock.Stock.Ship(StockRequest { product: \"tea\" "
             "order_id: \"o1\" quantity: 2 }) awaited]");
}

BOOST_AUTO_TEST_CASE(timers_are_compared_by_name_times_and_command) {
  order_kit("o1").when(place(2)).then_starts_timer(
      "unpaid", 15min, orders_calls::cancel(cancel("not paid in time")));
  order_kit("o1")
      .when(remind, the_order())
      .then_starts_periodic_timer("reminder", 1h, 24h, orders_calls::remind(the_order()));
  order_kit("o1")
      .given(placed(2))
      .when(pay, the_order())
      .then_cancels_timer("unpaid")
      .then_cancels_timer("reminder")
      .when(get, the_order())
      .then_changes_no_timer();

  BOOST_TEST(failure_of([] {
               order_kit("o1")
                   .when(remind, the_order())
                   .then_starts_timer("reminder", 1h, orders_calls::remind(the_order()));
             }) ==
             "timer: expected \"reminder\" after 3600000 ms: shop.Orders.Remind(OrderRequest { "
             "order_id: \"o1\" }), came [\"reminder\" after 3600000 ms, then every 86400000 ms: "
             "shop.Orders.Remind(OrderRequest { order_id: \"o1\" })]");
  BOOST_TEST(failure_of([] {
               order_kit("o1").when(get, the_order()).then_cancels_timer("unpaid");
             }) == "timer: expected \"unpaid\" cancelled, came none");
  BOOST_TEST(failure_of([] {
               order_kit("o1").given(placed(1)).when(pay, the_order()).then_changes_no_timer();
             }) == "timers: expected [], came [\"unpaid\" cancelled, \"reminder\" cancelled]");
}

BOOST_AUTO_TEST_CASE(a_forwarded_command_has_no_reply_of_its_own) {
  order_kit("o1")
      .given(placed(2))
      .when(find_product, the_order())
      .then_changes_nothing()
      .then_forwards(stock_calls::find(find("tea")));
  BOOST_TEST(failure_of([] {
               order_kit("o1")
                   .given(placed(2))
                   .when(find_product, the_order())
                   .then_forwards(stock_calls::find(find("milk")));
             }) ==
             "reply: expected forwarded to shop.stock.Stock.Find(FindRequest { product: \"milk\" "
             "}), came forwarded to shop.stock.Stock.Find(FindRequest { product: \"tea\" })");
  BOOST_TEST(failure_of([] {
               order_kit("o1")
                   .given(placed(2))
                   .when(find_product, the_order())
                   .then_replies(shop::Shelf{});
             }) ==
             "reply: expected Shelf {}, came forwarded to shop.stock.Stock.Find(FindRequest { "
             "product: \"tea\" })");
  BOOST_TEST(failure_of([] {
               order_kit("o1").when(place(1)).then_forwards(stock_calls::find(find("tea")));
             }) ==
             "reply: expected forwarded to shop.stock.Stock.Find(FindRequest { product: \"tea\" "
             "}), came Empty {}");
}

BOOST_AUTO_TEST_CASE(an_event_handler_sees_the_metadata_of_its_event) {
  shop::OrderState expected;
  expected.set_product("tea");
  expected.set_quantity(2);
  expected.set_placed_by("ann");
  event_with by_ann(placed(2), {{"placed-by", "ann"}});
  order_kit("o1")
      .with_metadata("user", "ann")
      .when(place(2))
      .then_emits(by_ann)
      .then_state(expected);
  order_kit("o1").with_metadata("user", "bob").given(by_ann).then_state(expected);
}

BOOST_AUTO_TEST_CASE(other_metadata_of_an_event_than_expected_fails) {
  BOOST_TEST(failure_of([] {
               order_kit("o1").with_metadata("user", "ann").when(place(2)).then_emits(placed(2));
             }) ==
             "events: expected [Placed { product: \"tea\" quantity: 2 }], came [Placed { product: "
             "\"tea\" quantity: 2 } with {placed-by: ann}]");
}

BOOST_AUTO_TEST_CASE(what_was_not_to_change_and_did_is_told) {
  BOOST_TEST(failure_of([] { session_kit("s1").when(log_in("ann")).then_changes_nothing(); }) ==
             "changes: expected none, came the state SessionState { user: \"ann\" }");
  BOOST_TEST(failure_of([] {
               order_kit("o1").given(placed(1)).when(cancel("x")).then_changes_nothing();
             }) ==
             "changes: expected none, came Cancelled { why: \"x\" }, a deletion, a send of "
             "shop.stock.Stock.Release(StockRequest { product: \"tea\" order_id: \"o1\" quantity: "
             "1 }), timer \"reminder\" cancelled");
}

BOOST_AUTO_TEST_CASE(a_rejection_carries_no_effects) {
  for (auto* expectation : {
           +[](order_kit& kit) { kit.then_sends_nothing(); },
           +[](order_kit& kit) { kit.then_changes_no_timer(); },
           +[](order_kit& kit) { kit.then_changes_nothing(); },
           +[](order_kit& kit) { kit.then_erases(); },
           +[](order_kit& kit) { kit.then_forwards(stock_calls::find(find("tea"))); },
       }) {
    order_kit kit("o1");
    kit.when(place(0)).then_rejects(status_code::invalid_argument);
    BOOST_TEST(failure_of([&] { expectation(kit); }) ==
               "outcome: expected OK, came INVALID_ARGUMENT: quantity must be at least 1");
  }
}

BOOST_AUTO_TEST_CASE(who_cannot_do_what_was_sent_sends_an_answer) {
  perdure::testkit<shop::stock_shelf>("tea")
      .when("Reserve", tea(2))
      .then_sends(orders_calls::cancel(cancel("sold out")))
      .then_replies(Empty{});
}

BOOST_AUTO_TEST_SUITE_END()
