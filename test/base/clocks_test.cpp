// The clocks: above all, that hybrid time never runs backwards.

#include "base/clock.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

using namespace perdure;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(clocks)

BOOST_AUTO_TEST_CASE(hybrid_time_holds_the_wall_clock) {
  manual_clock wall;
  hybrid_clock clock(wall);
  BOOST_TEST((clock.next().wall() == wall.now()));
  wall.advance(1500ms);
  BOOST_TEST((clock.next().wall() == wall.now()));
}

BOOST_AUTO_TEST_CASE(hybrid_time_grows_while_the_wall_clock_stands) {
  manual_clock wall;
  hybrid_clock clock(wall);
  auto first = clock.next();
  auto second = clock.next();
  BOOST_TEST(second.bits == first.bits + 1);
  BOOST_TEST((second.wall() == wall.now()));
}

BOOST_AUTO_TEST_CASE(hybrid_time_grows_while_the_wall_clock_runs_backwards) {
  manual_clock wall;
  hybrid_clock clock(wall);
  auto before = clock.next();
  wall.advance(-10s);
  auto after = clock.next();
  BOOST_TEST((before < after));
  wall.advance(20s);
  BOOST_TEST((clock.next().wall() == wall.now()));
}

BOOST_AUTO_TEST_CASE(more_times_than_a_millisecond_has_room_for_run_into_the_next) {
  manual_clock wall;
  hybrid_clock clock(wall);
  auto first = clock.next();
  auto last = first;
  for (int i = 0; i < 70'000; ++i) {
    auto next = clock.next();
    BOOST_REQUIRE((last < next));
    last = next;
  }
  BOOST_TEST((last.wall() == wall.now() + 1ms));
}

BOOST_AUTO_TEST_CASE(no_two_threads_get_the_same_time) {
  manual_clock wall;
  hybrid_clock clock(wall);
  constexpr int each = 10'000;
  std::vector<std::vector<std::uint64_t>> given(4);
  std::vector<std::thread> threads;
  for (auto& mine : given) {
    threads.emplace_back([&clock, &mine] {
      for (int i = 0; i < each; ++i) mine.push_back(clock.next().bits);
    });
  }
  for (auto& thread : threads) thread.join();

  std::set<std::uint64_t> all;
  for (const auto& mine : given) {
    BOOST_TEST(std::ranges::is_sorted(mine));
    all.insert(mine.begin(), mine.end());
  }
  BOOST_TEST(all.size() == given.size() * each);
}

BOOST_AUTO_TEST_SUITE_END()
