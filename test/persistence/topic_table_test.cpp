// The topics of a store in short.

#include "persistence/topic_table.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace perdure;
using namespace perdure::persistence;

BOOST_AUTO_TEST_SUITE(topic_table)

BOOST_AUTO_TEST_CASE(partitions_grow_and_are_trimmed) {
  persistence::topic_table table;
  BOOST_TEST(table.topics().empty());
  BOOST_TEST(value(table.of("t", 1).end.next) == 0);
  const std::vector<topic_end> ends{{topic_offset{0}, 0}, {topic_offset{3}, 300}};
  table.grown("t", ends);
  table.trimmed("t", 1, topic_offset{2});
  table.trimmed("t", 1, topic_offset{1});  // is gone already
  BOOST_TEST(value(table.of("t", 1).first) == 2);
  BOOST_TEST(value(table.of("t", 1).end.next) == 3);
  BOOST_TEST(table.of("t", 1).end.bytes == 300);
  BOOST_TEST(value(table.of("t", 0).end.next) == 0);

  table.grown("t", std::vector<topic_end>{{topic_offset{1}, 9}, {topic_offset{4}, 400}});
  BOOST_TEST(value(table.of("t", 1).first) == 2);
  BOOST_TEST(value(table.of("t", 1).end.next) == 4);
  BOOST_TEST(table.topics() == std::vector<std::string>{"t"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(all_is_replaced) {
  persistence::topic_table table;
  table.grown("gone", std::vector<topic_end>{{topic_offset{3}, 300}});
  table.replace({{"t", {{topic_offset{5}, {topic_offset{7}, 70}}}}});
  BOOST_TEST(table.topics() == std::vector<std::string>{"t"}, boost::test_tools::per_element());
  BOOST_TEST(value(table.of("gone", 0).end.next) == 0);
  BOOST_TEST(value(table.of("t", 0).first) == 5);
}

BOOST_AUTO_TEST_SUITE_END()
