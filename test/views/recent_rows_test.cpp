#include "views/recent_rows.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <random>

BOOST_AUTO_TEST_SUITE(recent_rows)

// Whatever it has forgotten, it never tells what is no longer so.
BOOST_AUTO_TEST_CASE(what_is_told_is_what_was_put_last) {
  auto seed = std::random_device{}();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 dice(seed);
  perdure::views::recent_rows recent(3'000);  // some ten rows in a generation
  std::map<std::string, std::string> truth;
  std::size_t told = 0;
  for (int step = 0; step < 20'000; ++step) {
    auto key = std::to_string(dice() % 40);
    switch (dice() % 8) {
      case 0:
        recent.forget(key);
        truth.erase(key);
        break;
      case 1:
      case 2:
      case 3:
        truth[key] = std::string(dice() % 20, 'x') + std::to_string(step);
        recent.put(key, {truth[key], truth[key] + "!"});
        break;
      default:
        const auto* found = recent.find(key);
        if (found == nullptr) break;
        ++told;
        BOOST_TEST_REQUIRE(truth.contains(key), "seed " << seed);
        BOOST_TEST_REQUIRE(found->encoded == truth[key], "seed " << seed);
        BOOST_TEST_REQUIRE(found->kept.value() == truth[key] + "!", "seed " << seed);
    }
  }
  BOOST_TEST(told > 1'000u);
  recent.forget_all();
  for (const auto& [key, row] : truth) BOOST_TEST(recent.find(key) == nullptr);
}

BOOST_AUTO_TEST_CASE(what_is_asked_for_stays) {
  perdure::views::recent_rows recent(100'000);
  recent.put("hot", {"row", {}});
  for (int n = 0; n < 10'000; ++n) {
    recent.put(std::to_string(n), {"row", {}});
    BOOST_TEST_REQUIRE(recent.find("hot") != nullptr);
  }
  BOOST_TEST(recent.find("0") == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
