// The cache of last sequence numbers: bounded, and never older than the store.

#include "persistence/sequence_cache.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>

using namespace perdure;

namespace {

entity_key cart(int n) { return {"cart", std::to_string(n)}; }

std::optional<sequence_nr> find(persistence::sequence_cache& cache, const entity_key& entity) {
  return cache.find(persistence::sequence_cache::hash_of(entity), entity);
}

void put(persistence::sequence_cache& cache, const entity_key& entity, sequence_nr last) {
  cache.put(persistence::sequence_cache::hash_of(entity), entity, last);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sequence_cache)

BOOST_AUTO_TEST_CASE(what_was_put_is_found_until_it_is_forgotten) {
  persistence::sequence_cache cache(1 << 20);
  BOOST_TEST(!find(cache, cart(1)).has_value());
  put(cache, cart(1), sequence_nr{5});
  put(cache, cart(1), sequence_nr{6});
  BOOST_TEST((find(cache, cart(1)) == sequence_nr{6}));
  BOOST_TEST(!find(cache, cart(2)).has_value());
  cache.forget_all();
  BOOST_TEST(!find(cache, cart(1)).has_value());
}

BOOST_AUTO_TEST_CASE(forgetting_reaches_what_was_not_used_lately) {
  persistence::sequence_cache cache(20'000);
  for (int n = 0; n < 100; ++n) put(cache, cart(n), sequence_nr{1});
  cache.forget_all();
  for (int n = 0; n < 100; ++n) BOOST_TEST(!find(cache, cart(n)).has_value());
}

BOOST_AUTO_TEST_CASE(what_is_not_used_makes_room) {
  persistence::sequence_cache cache(20'000);
  put(cache, cart(0), sequence_nr{1});
  put(cache, cart(1), sequence_nr{1});
  for (int n = 2; n < 1000; ++n) {
    put(cache, cart(n), sequence_nr{1});
    BOOST_REQUIRE(find(cache, cart(0)).has_value());  // stays, for it is used
  }
  BOOST_TEST(!find(cache, cart(1)).has_value());
  BOOST_TEST(find(cache, cart(999)).has_value());
  int kept = 0;
  for (int n = 0; n < 1000; ++n) kept += find(cache, cart(n)).has_value();
  BOOST_TEST(kept < 200);
}

BOOST_AUTO_TEST_CASE(a_newer_number_wins_over_one_of_the_older_generation) {
  persistence::sequence_cache cache(20'000);
  put(cache, cart(0), sequence_nr{1});
  for (int n = 1; n < 90; ++n) put(cache, cart(n), sequence_nr{1});
  put(cache, cart(0), sequence_nr{2});
  BOOST_TEST((find(cache, cart(0)) == sequence_nr{2}));
}

BOOST_AUTO_TEST_CASE(one_entity_takes_the_room_of_one_however_often_it_is_put) {
  persistence::sequence_cache cache(20'000);
  put(cache, cart(0), sequence_nr{1});
  for (std::uint64_t n = 1; n < 1000; ++n) put(cache, cart(1), sequence_nr{n});
  BOOST_TEST((find(cache, cart(0)) == sequence_nr{1}));
}

BOOST_AUTO_TEST_CASE(what_a_load_has_read_is_put_when_no_commit_came_between) {
  persistence::sequence_cache cache(1 << 20);
  auto begun = cache.begin_reading(cart(1));
  cache.put_if_unchanged(cart(1), sequence_nr{5}, begun);
  BOOST_TEST((find(cache, cart(1)) == sequence_nr{5}));
}

BOOST_AUTO_TEST_CASE(what_a_load_has_read_is_dropped_when_a_commit_came_between) {
  persistence::sequence_cache cache(1 << 20);
  auto begun = cache.begin_reading(cart(1));
  put(cache, cart(1), sequence_nr{6});
  cache.put_if_unchanged(cart(1), sequence_nr{5}, begun);
  BOOST_TEST((find(cache, cart(1)) == sequence_nr{6}));

  begun = cache.begin_reading(cart(1));
  cache.forget_all();
  cache.put_if_unchanged(cart(1), sequence_nr{6}, begun);
  BOOST_TEST(!find(cache, cart(1)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
