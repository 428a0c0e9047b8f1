// What the testkit of actions makes of handlers of each shape and of what they decide: it must see
// each, and fail when another was expected.

#include "perdure/action_testkit.hpp"

#include <boost/test/unit_test.hpp>

#include "test/api/desk.hpp"

using perdure::awaited;
using perdure::result;
using perdure::status;
using perdure::status_code;
using perdure::testkit_failure;
using shop::desk;
using shop::Empty;
using shop::orders_calls;
using shop::stock::stock_calls;
using namespace std::chrono_literals;

using kit = perdure::action_testkit<desk>;

namespace {

shop::Placed placed(int quantity) {
  shop::Placed event;
  event.set_product("tea");
  event.set_quantity(quantity);
  return event;
}

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

shop::Notice notice() {
  shop::Notice message;
  message.set_order_id("o1");
  message.set_text("much tea");
  return message;
}

shop::stock::FindRequest find(const std::string& product) {
  shop::stock::FindRequest request;
  request.set_product(product);
  return request;
}

shop::Shelf shelf(int free) {
  shop::Shelf message;
  message.set_free(free);
  return message;
}

auto says(const std::string& text) {
  return [text](const testkit_failure& failure) {
    BOOST_TEST_MESSAGE(failure.what());
    return std::string(failure.what()) == text;
  };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(action_testkit)

BOOST_AUTO_TEST_CASE(a_reply_is_seen_with_what_it_is_published_with) {
  kit().subject("o1").when(&desk::on_placed, placed(10)).then_replies(notice());
  kit()
      .subject("o1")
      .when(&desk::on_placed, placed(10))
      .then_sends_nothing()
      .then_calls_nothing()
      .then_publishes_under("o1")
      .then_publishes_with({{"urgent", "yes"}});
  BOOST_CHECK_EXCEPTION(
      kit().subject("o2").when(&desk::on_placed, placed(10)).then_replies(notice()),
      testkit_failure,
      says("reply: expected Notice { order_id: \"o1\" text: \"much tea\" }, came Notice { "
           "order_id: \"o2\" text: \"much tea\" }"));
  BOOST_CHECK_THROW(
      kit().subject("o1").when(&desk::on_placed, placed(10)).then_publishes_under("o2"),
      testkit_failure);
  BOOST_CHECK_THROW(kit().subject("o1").when(&desk::on_placed, placed(10)).then_publishes_with({}),
                    testkit_failure);
}

BOOST_AUTO_TEST_CASE(a_message_of_no_interest_is_ignored) {
  kit().when(&desk::on_placed, placed(1)).then_ignores();
  BOOST_CHECK_EXCEPTION(kit().when(&desk::on_placed, placed(1)).then_replies(notice()),
                        testkit_failure,
                        says("reply: expected Notice { order_id: \"o1\" text: \"much tea\" }, "
                             "came none"));
  BOOST_CHECK_THROW(kit().when(&desk::on_placed, placed(10)).then_ignores(), testkit_failure);
}

BOOST_AUTO_TEST_CASE(a_timer_is_seen) {
  kit tested;
  tested.subject("o1")
      .when(&desk::on_cancelled, shop::Cancelled())
      .then_replies_nothing()
      .then_starts_timer("o1", 24h, orders_calls::remind(the_order()));
  BOOST_CHECK_THROW(tested.then_starts_timer("o1", 1h, orders_calls::remind(the_order())),
                    testkit_failure);
  BOOST_CHECK_THROW(tested.then_cancels_timer("o1"), testkit_failure);
  BOOST_CHECK_THROW(tested.then_changes_no_timer(), testkit_failure);
  BOOST_CHECK_THROW(tested.then_ignores(), testkit_failure);
}

BOOST_AUTO_TEST_CASE(what_a_handler_awaits_is_answered_by_the_test) {
  // [answers]
  kit()
      .answers(stock_calls::find(find("tea")), shelf(5))
      .when(&desk::buy, place(5))
      .then_calls(stock_calls::find(find("tea")))
      .then_sends(awaited(orders_calls::place(place(5))))
      .then_replies(shelf(5));
  // [/answers]
  kit()
      .answers(stock_calls::find(find("tea")), shelf(4))
      .when(&desk::buy, place(5))
      .then_rejects(status_code::failed_precondition)
      .then_rejects(status_code::failed_precondition, "there is not enough")
      .then_sends_nothing();
  kit()
      .answers(stock_calls::find(find("tea")), status(status_code::unavailable, "closed"))
      .when(&desk::buy, place(5))
      .then_rejects(status_code::unavailable, "closed");
}

BOOST_AUTO_TEST_CASE(an_answer_may_come_from_a_function) {
  auto by_length = [](const shop::stock::FindRequest& request) {
    return shelf(static_cast<int>(request.product().size()));
  };
  kit().answers(&stock_calls::find, by_length).when(&desk::buy, place(3)).then_replies(shelf(3));
  auto refuses = [](const shop::stock::FindRequest&) -> result<shop::Shelf> {
    return status(status_code::not_found, "no such shelf");
  };
  kit()
      .answers(&stock_calls::find, by_length)
      .answers(&stock_calls::find, refuses)  // the last counts
      .when(&desk::buy, place(3))
      .then_rejects(status_code::not_found);
}

BOOST_AUTO_TEST_CASE(a_call_without_an_answer_fails_the_test) {
  BOOST_CHECK_EXCEPTION(
      kit().answers(stock_calls::find(find("soap")), shelf(5)).when(&desk::buy, place(5)),
      testkit_failure,
      says("call: expected one that answers() has an answer to, came "
           "shop.stock.Stock.Find(FindRequest { product: \"tea\" })"));
}

BOOST_AUTO_TEST_CASE(sends_and_rejections_are_compared) {
  kit tested;
  tested.answers(stock_calls::find(find("tea")), shelf(5)).when(&desk::buy, place(5));
  BOOST_CHECK_THROW(tested.then_sends(orders_calls::place(place(5))), testkit_failure);
  BOOST_CHECK_THROW(tested.then_calls_nothing(), testkit_failure);
  BOOST_CHECK_EXCEPTION(tested.then_rejects(status_code::not_found), testkit_failure,
                        says("rejection: expected NOT_FOUND, came Shelf { free: 5 }"));
  tested.when(&desk::buy, place(6));
  BOOST_CHECK_EXCEPTION(tested.then_replies(shelf(5)), testkit_failure,
                        says("reply: expected Shelf { free: 5 }, came FAILED_PRECONDITION: there "
                             "is not enough"));
  BOOST_CHECK_THROW(tested.then_replies_nothing(), testkit_failure);
  BOOST_CHECK_THROW(tested.then_rejects(status_code::failed_precondition, "other"),
                    testkit_failure);
  kit().when(&desk::open, Empty{}).then_sends(stock_calls::find(find("tea"))).then_replies(Empty{});
}

BOOST_AUTO_TEST_CASE(a_forwarded_call_gives_the_reply) {
  kit()
      .answers(stock_calls::find(find("tea")), shelf(2))
      .when(&desk::find, find("tea"))
      .then_calls(stock_calls::find(find("tea")))
      .then_replies(shelf(2));
  kit()
      .answers(stock_calls::find(find("tea")), status(status_code::not_found, "none"))
      .when(&desk::find, find("tea"))
      .then_rejects(status_code::not_found, "none");
}

BOOST_AUTO_TEST_CASE(where_a_forwarded_call_is_rejected_nothing_is_sent) {
  struct sender final : perdure::action {
    perdure::action_output handle(std::size_t, perdure::action_input&) override { std::abort(); }
    perdure::task<perdure::action_effect<shop::Shelf>> find(
        const shop::stock::FindRequest& request) {
      return effects()
          .send(orders_calls::place(place(1)))
          .cancel_timer("late")
          .forward(stock_calls::find(request));
    }
  };
  perdure::action_testkit<sender>()
      .answers(stock_calls::find(find("tea")), shelf(2))
      .when(&sender::find, find("tea"))
      .then_sends(orders_calls::place(place(1)))
      .then_cancels_timer("late")
      .then_replies(shelf(2));
  perdure::action_testkit<sender>()
      .answers(stock_calls::find(find("tea")), status(status_code::not_found, "none"))
      .when(&sender::find, find("tea"))
      .then_rejects(status_code::not_found, "none")
      .then_sends_nothing()
      .then_changes_no_timer();
}

BOOST_AUTO_TEST_CASE(requests_are_streamed_in) {
  kit tested;
  tested.answers(&stock_calls::find, [](const auto& request) {
    return shelf(static_cast<int>(request.product().size()));
  });
  tested.when_streamed(&desk::count, find("tea"), find("soap")).then_replies(shelf(7));
  tested.when_streamed(&desk::count).then_replies(shelf(0)).then_calls_nothing();
}

BOOST_AUTO_TEST_CASE(replies_are_streamed_out) {
  int asked = 0;
  kit tested;
  tested
      .answers(&stock_calls::find,
               [&asked](const auto&) -> result<shop::Shelf> {
                 if (++asked == 3) return status(status_code::unavailable, "closed");
                 return shelf(asked);
               })
      .when(&desk::watch, find("tea"))
      .then_replies(shelf(1), shelf(2))
      .then_rejects(status_code::unavailable, "closed");
  BOOST_CHECK_EXCEPTION(
      tested.then_replies(shelf(1)), testkit_failure,
      says("reply: expected Shelf { free: 1 }, came Shelf { free: 1 }, Shelf { free: 2 }, then "
           "UNAVAILABLE: closed"));
}

BOOST_AUTO_TEST_CASE(a_handler_without_end_ends_when_its_client_goes) {
  kit()
      .answers(stock_calls::find(find("tea")), shelf(2))
      .leaving_after(2)
      .when(&desk::watch, find("tea"))
      .then_replies(shelf(2), shelf(2));
}

BOOST_AUTO_TEST_CASE(both_sides_stream) {
  kit tested;
  tested.answers(stock_calls::find(find("tea")), shelf(1))
      .answers(stock_calls::find(find("soap")), shelf(2))
      .when_streamed(&desk::find_each, find("soap"), find("tea"))
      .then_replies(shelf(2), shelf(1));
  tested.when_streamed(&desk::find_each).then_replies_nothing();
}

BOOST_AUTO_TEST_CASE(the_context_is_what_the_test_says) {
  struct curious final : shop::desk_base {
    perdure::task<perdure::action_effect<shop::Notice>> on_placed(const shop::Placed&) override {
      co_await perdure::pause_for{1h};
      shop::Notice message;
      message.set_order_id(context().subject());
      message.set_text(context().origin() + " " + std::to_string(context().attempt()) + " " +
                       std::string(perdure::first_value(context().metadata(), "user")));
      co_return effects().reply(message).with_subject("other");
    }
    perdure::task<perdure::action_effect<Empty>> on_cancelled(const shop::Cancelled&) override {
      throw std::runtime_error("a fault of the handler");
    }
    perdure::task<perdure::action_effect<shop::Shelf>> buy(const shop::PlaceRequest&) override {
      return effects().ignore();
    }
    perdure::task<perdure::action_effect<shop::Shelf>> find(
        const shop::stock::FindRequest&) override {
      return effects().ignore();
    }
    perdure::task<perdure::action_effect<shop::Shelf>> count(
        perdure::requests<shop::stock::FindRequest>) override {
      return effects().ignore();
    }
    perdure::replies<shop::Shelf> watch(const shop::stock::FindRequest&) override {
      throw std::runtime_error("a fault of the handler");
      co_return;
    }
    perdure::replies<shop::Shelf> find_each(perdure::requests<shop::stock::FindRequest>) override {
      co_return;
    }
    perdure::task<perdure::action_effect<Empty>> open(const Empty&) override {
      return effects().ignore();
    }
  };
  shop::Notice told;
  told.set_order_id("o1");
  told.set_text("topic orders/3@7 2 ann");
  perdure::action_testkit<curious> tested;
  tested.subject("o1")
      .origin("topic orders/3@7")
      .attempt(2)
      .with_metadata("user", "ann")
      .when(&curious::on_placed, placed(1))
      .then_replies(told)
      .then_publishes_under("other");
  BOOST_CHECK_THROW(tested.when(&curious::on_cancelled, shop::Cancelled()), std::runtime_error);
  BOOST_CHECK_THROW(tested.when(&curious::watch, find("tea")), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()
