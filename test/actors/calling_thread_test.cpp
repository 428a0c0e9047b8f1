// Entities that run on the thread that brings their command. CAF's test coordinator stands for the
// scheduler's threads: what it has not run yet is theirs.

#include "actors/calling_thread.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <functional>

#include "test/actors/entity_fixture.hpp"

using namespace std::chrono_literals;

namespace {

// By it handlers take as long as the test says.
perdure::actors::handler_pace::time_point steady_time{1h};

struct on_caller : test::entity_fixture {
  on_caller() {
    runs_on_caller = true;
    steady_now = [] { return steady_time; };
    start();
    get("a");  // handlers are taken for slow until one has been quick
    run();
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(calling_thread)

BOOST_FIXTURE_TEST_CASE(a_command_is_handled_before_submit_returns, on_caller) {
  auto reply = get("a");
  BOOST_REQUIRE(reply->came);
  BOOST_TEST(reply->value() == 0);
}

BOOST_FIXTURE_TEST_CASE(a_new_entity_is_recovered_and_handled_there_too, on_caller) {
  auto reply = get("another");
  while (read_next()) {
  }
  BOOST_TEST(reply->came.has_value());
}

BOOST_FIXTURE_TEST_CASE(the_answer_still_waits_for_the_disk, on_caller) {
  auto added = add("a", 5);
  auto read = get("a");
  BOOST_TEST(!added->came);
  BOOST_TEST(!read->came);
  commit();
  BOOST_TEST(added->value() == 5);
  BOOST_TEST(read->value() == 5);
}

BOOST_FIXTURE_TEST_CASE(an_entity_that_is_sent_to_without_end_goes_on_at_the_scheduler, on_caller) {
  int answered = 0;
  std::function<void()> ask = [&] {
    test::counter::GetRequest request;
    request.set_counter_id("a");
    auto c = command_for("Get", request);
    c.reply = [&](perdure::actors::outcome) {
      if (++answered < 1000) ask();
    };
    router->submit(std::move(c));
  };
  ask();
  BOOST_TEST(answered > 1);
  BOOST_TEST(answered < 1000);
  run();
  BOOST_TEST(answered == 1000);
}

BOOST_FIXTURE_TEST_CASE(slow_handlers_are_left_to_the_scheduler, on_caller) {
  clock.when_read = [] { steady_time += 20ms; };
  BOOST_TEST(get("a")->came.has_value());
  for (auto id : {"a", "a new one"}) {
    auto late = get(id);
    BOOST_TEST(!late->came);
    run();
    BOOST_TEST(late->came.has_value());
  }
}

BOOST_AUTO_TEST_SUITE_END()
