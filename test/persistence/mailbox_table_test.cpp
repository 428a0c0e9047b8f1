// The table of mailboxes: what it says is what was put and not removed, in whatever order mail is
// removed.

#include "persistence/mailbox_table.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace perdure;

namespace {

const entity_key one{"cart", "1"};
const entity_key two{"cart", "2"};

void add(persistence::mailbox_table& table, const entity_key& target, std::uint64_t position,
         std::size_t bytes) {
  persistence::mailbox_table::addition added{&target, {mail_position{position}, bytes}};
  table.change({&added, 1}, {});
}

void remove(persistence::mailbox_table& table, const entity_key& target, std::uint64_t position) {
  persistence::mailbox_table::removal removed{&target, mail_position{position}};
  table.change({}, {&removed, 1});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(mailbox_table)

BOOST_AUTO_TEST_CASE(mail_is_counted_while_it_is_there) {
  persistence::mailbox_table table;
  BOOST_TEST(table.bytes_of(one) == 0);
  add(table, one, 3, 100);
  add(table, one, 7, 20);
  add(table, two, 5, 1);
  BOOST_TEST(table.bytes_of(one) == 120);
  BOOST_TEST(table.entities().size() == 2);
  BOOST_TEST(table.contains(one, mail_position{7}));
  BOOST_TEST(!table.contains(one, mail_position{5}));
  remove(table, one, 3);
  remove(table, one, 4);  // never was
  BOOST_TEST(table.bytes_of(one) == 20);
  remove(table, one, 7);
  BOOST_TEST(table.bytes_of(one) == 0);
  BOOST_TEST((table.entities() == std::vector{two}));
}

BOOST_AUTO_TEST_CASE(the_first_behind_a_place_is_found) {
  persistence::mailbox_table table;
  BOOST_TEST(!table.first_behind(one, {}));
  for (std::uint64_t position : {3, 7, 9}) add(table, one, position, 1);
  BOOST_TEST((table.first_behind(one, {}) == mail_position{3}));
  BOOST_TEST((table.first_behind(one, mail_position{3}) == mail_position{7}));
  BOOST_TEST((table.first_behind(one, mail_position{8}) == mail_position{9}));
  BOOST_TEST(!table.first_behind(one, mail_position{9}));
}

BOOST_AUTO_TEST_CASE(what_was_there_is_replaced) {
  persistence::mailbox_table table;
  add(table, one, 3, 100);
  std::vector<std::pair<entity_key, persistence::mailbox_table::entry>> all{
      {two, {mail_position{4}, 5}}, {two, {mail_position{6}, 7}}};
  table.replace(all);
  BOOST_TEST(table.bytes_of(one) == 0);
  BOOST_TEST(table.bytes_of(two) == 12);
}

BOOST_AUTO_TEST_CASE(mail_may_be_removed_in_any_order) {
  std::mt19937 random(1);
  persistence::mailbox_table table;
  std::map<std::uint64_t, std::size_t> expected;
  std::uint64_t last = 0;
  for (int i = 0; i < 5000; ++i) {
    if (random() % 2 == 0 || expected.empty()) {
      last += 1 + random() % 3;
      expected[last] = random() % 100;
      add(table, one, last, expected[last]);
    } else {
      auto gone = expected.begin();
      if (random() % 4 == 0) std::advance(gone, random() % expected.size());
      remove(table, one, gone->first);
      expected.erase(gone);
    }
    std::size_t bytes = 0;
    for (const auto& [position, size] : expected) bytes += size;
    BOOST_REQUIRE(table.bytes_of(one) == bytes);
    auto from = random() % (last + 1);
    auto next = expected.upper_bound(from);
    auto found = table.first_behind(one, mail_position{from});
    BOOST_REQUIRE(found.has_value() == (next != expected.end()));
    if (found) BOOST_REQUIRE((*found == mail_position{next->first}));
  }
}

BOOST_AUTO_TEST_SUITE_END()
