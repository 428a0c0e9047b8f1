// Where reading a queue begins: never behind something that is there.

#include "persistence/queue_front.hpp"

#include <boost/test/unit_test.hpp>

using namespace perdure;

BOOST_AUTO_TEST_SUITE(queue_front)

BOOST_AUTO_TEST_CASE(reading_begins_where_the_first_was_found) {
  persistence::queue_front front;
  auto look = front.begin();
  BOOST_TEST(look.from == 0);
  front.found(look, 70);
  BOOST_TEST(front.begin().from == 70);
}

BOOST_AUTO_TEST_CASE(what_is_added_before_the_front_moves_it_back) {
  persistence::queue_front front;
  front.found(front.begin(), 70);
  front.added(90);
  BOOST_TEST(front.begin().from == 70);
  front.added(30);
  BOOST_TEST(front.begin().from == 30);
}

BOOST_AUTO_TEST_CASE(a_reader_that_may_not_have_seen_an_addition_moves_nothing) {
  persistence::queue_front front;
  auto look = front.begin();
  front.added(50);
  front.found(look, 70);
  BOOST_TEST(front.begin().from == 0);
}

BOOST_AUTO_TEST_SUITE_END()
