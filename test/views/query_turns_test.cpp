#include "views/query_turns.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace perdure;
using namespace perdure::views;

struct piece final : query_work {
  bool run(run_budget&) override {
    ++runs;
    return true;
  }
  void refuse(status why) override { refused = why; }
  timestamp deadline() const override { return until; }
  const std::atomic<bool>* cancelled() const override { return &is_cancelled; }

  int runs = 0;
  status refused;
  timestamp until = timestamp::max();
  std::atomic<bool> is_cancelled{false};
};

// Turns that are taken when the test says so.
struct turns_fixture {
  std::shared_ptr<piece> take() {
    auto one = std::make_shared<piece>();
    turns.take(one);
    return one;
  }
  void run_next() {
    BOOST_REQUIRE(!posted.empty());
    auto first = std::move(posted.front());
    posted.erase(posted.begin());
    first();
  }
  ~turns_fixture() {
    while (!posted.empty()) run_next();
  }

  manual_clock clock;
  std::vector<std::function<void()>> posted;
  query_turns turns{clock, 2, 1, [this](auto what) { posted.push_back(std::move(what)); }};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(query_turns, turns_fixture)

BOOST_AUTO_TEST_CASE(so_many_run_others_wait_and_more_are_refused) {
  auto first = take();
  auto second = take();
  auto third = take();
  auto fourth = take();
  BOOST_TEST(posted.size() == 2);
  BOOST_TEST((fourth->refused.code() == status_code::resource_exhausted));
  run_next();
  BOOST_TEST(first->runs == 1);
  BOOST_TEST(posted.size() == 2);
  auto fifth = take();
  BOOST_TEST(fifth->refused.ok());
  while (!posted.empty()) run_next();
  BOOST_TEST((second->runs == 1 && third->runs == 1 && fourth->runs == 0 && fifth->runs == 1));
  BOOST_TEST(turns.running() == 0);
}

BOOST_AUTO_TEST_CASE(what_nobody_waits_for_any_more_is_not_begun) {
  auto late = std::make_shared<piece>();
  late->until = clock.now() + std::chrono::seconds{1};
  turns.take(late);
  auto gone = take();
  clock.advance(std::chrono::seconds{1});
  gone->is_cancelled = true;
  run_next();
  run_next();
  BOOST_TEST((late->refused.code() == status_code::deadline_exceeded));
  BOOST_TEST((gone->refused.code() == status_code::cancelled));
  BOOST_TEST((late->runs == 0 && gone->runs == 0));
}

BOOST_AUTO_TEST_SUITE_END()
