// The hash table by entity: finds what was added whatever the hashes are, and forgets all of it.

#include "persistence/entity_table.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>
#include <vector>

using namespace perdure;

namespace {

using table = persistence::entity_table<entity_key, int>;

entity_key cart(int n) { return {"cart", std::to_string(n)}; }

// Hashes as good as they are, and as bad as they could be: all the same, all neighbours that run
// into one another and around the table's end, and those that differ in the upper half only.
const std::vector<std::function<std::size_t(int)>> hashes = {
    [](int n) { return table::hash_of(cart(n)); },
    [](int) { return ~std::size_t{0}; },
    [](int n) { return ~std::size_t{0} - static_cast<std::size_t>(n / 3); },
    [](int n) { return static_cast<std::size_t>(n) << 32; },
};

}  // namespace

BOOST_AUTO_TEST_SUITE(entity_table)

BOOST_AUTO_TEST_CASE(what_was_added_is_found_and_nothing_else) {
  for (const auto& hash : hashes) {
    table t;
    BOOST_TEST(!t.find(hash(0), cart(0)));
    for (int n = 0; n < 500; ++n) {
      BOOST_TEST(t.find_or_add(hash(n), cart(n)) == 0);
      t.find_or_add(hash(n), cart(n)) = n + 1;
      BOOST_REQUIRE(t.entries().size() == static_cast<std::size_t>(n) + 1);
    }
    for (int n = 0; n < 500; ++n) BOOST_REQUIRE(*t.find(hash(n), cart(n)) == n + 1);
    for (int n = 500; n < 600; ++n) BOOST_REQUIRE(!t.find(hash(n), cart(n)));
    BOOST_TEST(!t.find(hash(1), {"basket", "1"}));
  }
}

BOOST_AUTO_TEST_CASE(all_is_forgotten_and_the_table_used_again) {
  for (const auto& hash : hashes) {
    table t;
    for (int round = 0; round < 3; ++round) {
      for (int n = round; n < 100; n += round + 1) t.find_or_add(hash(n), cart(n)) = n + 1;
      t.clear();
      BOOST_TEST(t.entries().empty());
      for (int n = 0; n < 100; ++n) BOOST_REQUIRE(!t.find(hash(n), cart(n)));
    }
  }
}

BOOST_AUTO_TEST_CASE(keys_may_be_references) {
  persistence::entity_table<std::reference_wrapper<const entity_key>, int> t;
  auto one = cart(1), same = cart(1), other = cart(2);
  auto hash = table::hash_of(one);
  t.find_or_add(hash, one) = 7;
  BOOST_TEST(t.find_or_add(hash, same) == 7);
  BOOST_TEST(t.find_or_add(hash, other) == 0);
  BOOST_TEST(&t.entries().front().key.get() == &one);
}

BOOST_AUTO_TEST_SUITE_END()
