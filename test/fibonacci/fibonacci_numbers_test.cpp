// The handlers of the four shapes, by the test kit alone.

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <limits>
#include <optional>

#include "apps/fibonacci/fibonacci.hpp"
#include "perdure/action_testkit.hpp"

namespace {

using fibonacci::numbers;
using fibonacci::api::Number;
using fibonacci::api::SeriesRequest;
using perdure::status_code;
using kit = perdure::action_testkit<numbers>;

constexpr std::int64_t last = 7'540'113'804'746'346'429;
constexpr auto largest = std::numeric_limits<std::int64_t>::max();

Number number(std::int64_t value) {
  Number message;
  message.set_value(value);
  return message;
}

SeriesRequest series(std::optional<int> count, int pause = 0) {
  SeriesRequest request;
  if (count) request.set_count(*count);
  request.set_pause_milliseconds(pause);
  return request;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fibonacci_numbers)

BOOST_AUTO_TEST_CASE(a_number_is_followed_by_the_next) {
  kit tested;
  tested.when(&numbers::next_number, number(0)).then_replies(number(1));
  tested.when(&numbers::next_number, number(1)).then_replies(number(2));
  tested.when(&numbers::next_number, number(13)).then_replies(number(21));
  tested.when(&numbers::next_number, number(4'660'046'610'375'530'309)).then_replies(number(last));
}

BOOST_AUTO_TEST_CASE(what_has_no_next_is_refused) {
  kit tested;
  tested.when(&numbers::next_number, number(4))
      .then_rejects(status_code::invalid_argument, "4 is no number of Fibonacci");
  tested.when(&numbers::next_number, number(-1)).then_rejects(status_code::invalid_argument);
  tested.when(&numbers::next_number, number(largest)).then_rejects(status_code::invalid_argument);
  tested.when(&numbers::next_number, number(last)).then_rejects(status_code::out_of_range);
}

BOOST_AUTO_TEST_CASE(a_series_has_as_many_numbers_as_were_asked_for) {
  kit tested;
  tested.when(&numbers::series, series(6))
      .then_replies(number(0), number(1), number(1), number(2), number(3), number(5));
  tested.when(&numbers::series, series(0)).then_replies_nothing();
  tested.when(&numbers::series, series(2, 10'000)).then_replies(number(0), number(1));
  tested.leaving_after(3)
      .when(&numbers::series, series(std::nullopt))
      .then_replies(number(0), number(1), number(1));
}

BOOST_AUTO_TEST_CASE(a_series_out_of_bounds_is_refused) {
  kit tested;
  tested.when(&numbers::series, series(94)).then_rejects(status_code::invalid_argument);
  tested.when(&numbers::series, series(-1)).then_rejects(status_code::invalid_argument);
  tested.when(&numbers::series, series(1, 10'001)).then_rejects(status_code::invalid_argument);
  tested.when(&numbers::series, series(1, -1)).then_rejects(status_code::invalid_argument);
}

BOOST_AUTO_TEST_CASE(the_whole_series_ends_before_it_overflows) {
  auto all = kit().when(&numbers::series, series(std::nullopt)).replied<Number>();
  BOOST_TEST_REQUIRE(all.size() == 93u);
  BOOST_TEST(all.back().value() == last);
}

BOOST_AUTO_TEST_CASE(streamed_numbers_are_added_up) {
  kit tested;
  tested.when_streamed(&numbers::sum, number(2), number(-3), number(40)).then_replies(number(39));
  tested.when_streamed(&numbers::sum).then_replies(number(0));
  tested.when_streamed(&numbers::sum, number(largest), number(1))
      .then_rejects(status_code::out_of_range);
  tested.when_streamed(&numbers::sum, number(-largest), number(-2))
      .then_rejects(status_code::out_of_range);
}

BOOST_AUTO_TEST_CASE(each_streamed_number_is_answered_by_the_next) {
  kit tested;
  tested.when_streamed(&numbers::running, number(3), number(0), number(8))
      .then_replies(number(5), number(1), number(13));
  tested.when_streamed(&numbers::running, number(3), number(4), number(8))
      .then_replies(number(5))
      .then_rejects(status_code::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
