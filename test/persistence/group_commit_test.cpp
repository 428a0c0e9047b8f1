// Group commit: what forms a group, who is told what, and in which order.

#include "persistence/group_commit.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <latch>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "persistence/memory_step_store.hpp"
#include "test/actors/faulty_step_store.hpp"
#include "test/persistence/samples.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;

namespace {

// The memory store, with a gate before each write, that notes the size of each group.
class gated_store final : public step_store {
 public:
  std::uint32_t shard_count() const override { return store_.shard_count(); }

  std::vector<status> commit(std::span<const step> group) override {
    {
      std::lock_guard lock(mutex_);
      groups_.push_back(group.size());
    }
    ++begun_;
    begun_.notify_all();
    open_.wait(false);
    return store_.commit(group);
  }

  std::uint64_t generation() const override { return 0; }
  result<history> load(const entity_key& entity) override { return store_.load(entity); }
  result<entity_page> list_entities(const entity_selection& which,
                                    const std::optional<entity_place>& from,
                                    std::size_t max) override {
    return store_.list_entities(which, from, max);
  }
  result<std::optional<recorded_reply>> find_reply(const entity_key& entity,
                                                   const idempotency_key& key,
                                                   timestamp now) override {
    return store_.find_reply(entity, key, now);
  }
  result<std::vector<stored_event>> read_log(shard_id shard, log_offset from,
                                             std::size_t bytes_max) override {
    return store_.read_log(shard, from, bytes_max);
  }

  void close_gate() { open_ = false; }
  void open_gate() {
    open_ = true;
    open_.notify_all();
  }
  void await_write() { begun_.wait(0); }
  std::vector<std::size_t> groups() const {
    std::lock_guard lock(mutex_);
    return groups_;
  }

 private:
  memory_step_store store_;
  std::atomic<bool> open_{true};
  std::atomic<int> begun_{0};
  mutable std::mutex mutex_;
  std::vector<std::size_t> groups_;
};

// What the callbacks said, in order.
class journal {
 public:
  on_durable note(std::string name) {
    return [this, name = std::move(name)](const status& s) {
      std::lock_guard lock(mutex_);
      lines_.push_back(name + " " + std::string(to_string(s.code())));
    };
  }
  std::vector<std::string> lines() const {
    std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

using lines = std::vector<std::string>;
using sizes = std::vector<std::size_t>;

// A callback that does nothing, for steps whose fate is seen otherwise.
const on_durable ignore = [](const status&) {};

}  // namespace

BOOST_AUTO_TEST_SUITE(group_commit)

BOOST_AUTO_TEST_CASE(what_is_submitted_while_a_write_runs_forms_one_group) {
  gated_store store;
  journal told;
  store.close_gate();
  {
    persistence::group_commit commits(store);
    commits.start();
    commits.submit(step_of("1", 0, {"a"}), told.note("first"));
    store.await_write();
    for (std::uint64_t n = 1; n <= 5; ++n) {
      commits.submit(step_of("1", n, {"b"}), told.note(std::to_string(n)));
    }
    BOOST_TEST(told.lines().empty());  // nothing is durable yet
    store.open_gate();
  }
  BOOST_TEST(store.groups() == (sizes{1, 5}), boost::test_tools::per_element());
  BOOST_TEST(told.lines() == (lines{"first OK", "1 OK", "2 OK", "3 OK", "4 OK", "5 OK"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(without_a_thread_what_is_pending_is_committed_on_request) {
  gated_store store;
  journal told;
  persistence::group_commit commits(store);
  BOOST_TEST(!commits.commit_pending());
  commits.submit(step_of("1", 0, {"a"}), told.note("a"));
  commits.submit(step_of("2", 0, {"b"}), told.note("b"));
  BOOST_TEST(told.lines().empty());
  BOOST_TEST(commits.commit_pending());
  BOOST_TEST(told.lines() == (lines{"a OK", "b OK"}), boost::test_tools::per_element());
  BOOST_TEST(!commits.commit_pending());
  BOOST_TEST(store.groups() == sizes{2}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_a_callback_submits_waits_for_the_next_group) {
  gated_store store;
  journal told;
  persistence::group_commit commits(store);
  commits.submit(step_of("1", 0, {"a"}),
                 [&](const status&) { commits.submit(step_of("1", 1, {"b"}), told.note("b")); });
  BOOST_TEST(commits.commit_pending());
  BOOST_TEST(told.lines().empty());
  BOOST_TEST(commits.commit_pending());
  BOOST_TEST(told.lines() == lines{"b OK"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(each_callback_gets_the_status_of_its_own_step) {
  gated_store store;
  journal told;
  persistence::group_commit commits(store);
  commits.submit(step_of("1", 0, {"a"}), told.note("a"));
  commits.submit(step_of("2", 9, {"b"}), told.note("b"));
  commits.submit_barrier(told.note("barrier"));
  commits.submit(step_of("3", 0, {"c"}), told.note("c"));
  commits.submit(step_of("2", 10, {"d"}), told.note("d"));
  BOOST_TEST(commits.commit_pending());
  BOOST_TEST(told.lines() == (lines{"a OK", "b ABORTED", "barrier OK", "c OK", "d ABORTED"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_barrier_waits_for_the_write_before_it_and_writes_nothing) {
  gated_store store;
  journal told;
  store.close_gate();
  {
    persistence::group_commit commits(store);
    commits.start();
    commits.submit(step_of("1", 0, {"a"}), told.note("step"));
    store.await_write();
    commits.submit_barrier(told.note("barrier"));
    BOOST_TEST(told.lines().empty());
    store.open_gate();
  }
  BOOST_TEST(told.lines() == (lines{"step OK", "barrier OK"}), boost::test_tools::per_element());
  BOOST_TEST(store.groups() == sizes{1}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_barrier_alone_passes_at_once) {
  gated_store store;
  persistence::group_commit commits(store);
  commits.start();
  std::latch passed(1);
  commits.submit_barrier([&](const status& s) {
    BOOST_TEST(s.ok());
    passed.count_down();
  });
  passed.wait();
  BOOST_TEST(store.groups().empty());
}

BOOST_AUTO_TEST_CASE(an_idle_committer_is_woken) {
  gated_store store;
  persistence::group_commit commits(store);
  commits.start();
  for (std::uint64_t n = 0; n < 100; ++n) {
    auto told = std::make_shared<std::promise<status>>();
    commits.submit(step_of("1", n, {"a"}), [told](const status& s) { told->set_value(s); });
    auto fate = told->get_future();
    // Its end would make up for a wake-up that was lost, so this must not wait for that.
    BOOST_REQUIRE((fate.wait_for(std::chrono::seconds(60)) == std::future_status::ready));
    BOOST_TEST(fate.get() == status());
  }
}

BOOST_AUTO_TEST_CASE(groups_are_bounded_in_bytes) {
  gated_store store;
  persistence::group_commit commits(store, 10'000);
  std::string payload(3'000, 'x');
  for (int i = 0; i < 7; ++i) commits.submit(step_of(std::to_string(i), 0, {payload}), ignore);
  BOOST_TEST(commits.commit_pending());
  auto groups = store.groups();
  std::size_t steps = 0;
  for (auto size : groups) {
    BOOST_TEST(size <= 3);
    steps += size;
  }
  BOOST_TEST(groups.size() > 1);
  BOOST_TEST(steps == 7);
}

BOOST_AUTO_TEST_CASE(a_step_past_the_bound_is_a_group_of_its_own) {
  gated_store store;
  persistence::group_commit commits(store, 1'000);
  commits.submit(step_of("1", 0, {"small"}), ignore);
  commits.submit(step_of("2", 0, {std::string(5'000, 'x')}), ignore);
  commits.submit(step_of("3", 0, {"small"}), ignore);
  BOOST_TEST(commits.commit_pending());
  BOOST_TEST(store.groups() == (sizes{1, 1, 1}), boost::test_tools::per_element());
  BOOST_TEST(payloads_of(store.load({"cart", "2"})->events).at(0).size() == 5'000);
}

BOOST_AUTO_TEST_CASE(the_end_commits_what_was_submitted) {
  for (bool started : {false, true}) {
    gated_store store;
    journal told;
    {
      persistence::group_commit commits(store);
      if (started) commits.start();
      for (std::uint64_t n = 0; n < 100; ++n) {
        commits.submit(step_of("1", n, {"a"}), told.note(std::to_string(n)));
      }
    }
    BOOST_TEST(told.lines().size() == 100);
    BOOST_TEST(store.load({"cart", "1"})->events.size() == 100);
  }
}

BOOST_AUTO_TEST_CASE(steps_of_one_thread_are_committed_in_its_order) {
  gated_store store;
  constexpr int threads = 8;
  constexpr std::uint64_t each = 500;
  std::vector<std::vector<std::uint64_t>> told(threads);  // written by the committer's thread
  std::atomic<int> failed = 0;
  {
    persistence::group_commit commits(store, 20'000);
    commits.start();
    std::vector<std::thread> submitters;
    for (int t = 0; t < threads; ++t) {
      submitters.emplace_back([&commits, &failed, &mine = told[static_cast<std::size_t>(t)], t] {
        for (std::uint64_t n = 0; n < each; ++n) {
          commits.submit(step_of("c" + std::to_string(t), n, {std::to_string(n)}),
                         [&failed, &mine, n](const status& s) {
                           failed += !s.ok();
                           mine.push_back(n);
                         });
          if (n % 100 == 0)
            commits.submit_barrier([&failed](const status& s) { failed += !s.ok(); });
        }
      });
    }
    for (auto& submitter : submitters) submitter.join();
  }
  BOOST_TEST(failed == 0);
  for (int t = 0; t < threads; ++t) {
    const auto& mine = told[static_cast<std::size_t>(t)];
    BOOST_REQUIRE(mine.size() == each);
    for (std::uint64_t n = 0; n < each; ++n) BOOST_REQUIRE(mine[n] == n);
    auto events = store.load({"cart", "c" + std::to_string(t)})->events;
    BOOST_REQUIRE(events.size() == each);
    for (std::uint64_t n = 0; n < each; ++n) BOOST_REQUIRE(events[n].payload == std::to_string(n));
  }
}

BOOST_AUTO_TEST_CASE(who_reads_is_told_after_each_group_that_has_stored_something) {
  memory_step_store store;
  persistence::group_commit commits(store);
  std::vector<std::uint64_t> ends;
  auto shard = shard_of("1", store.shard_count());
  commits.on_group([&] { ends.push_back(value(store.log_end(shard))); });
  commits.submit(step_of("1", 0, {"a"}), ignore);
  commits.submit(step_of("1", 1, {"b"}), ignore);
  BOOST_TEST(ends.empty());
  commits.commit_pending();
  BOOST_TEST(ends == (std::vector<std::uint64_t>{2}), boost::test_tools::per_element());

  commits.submit(step_of("1", 9, {"wrong"}), ignore);
  commits.commit_pending();
  commits.submit_barrier(ignore);
  commits.commit_pending();
  BOOST_TEST(ends.size() == 1);
  commits.submit(step_of("1", 9, {"wrong"}), ignore);
  commits.submit(step_of("2", 0, {"c"}), ignore);
  commits.commit_pending();
  BOOST_TEST(ends.size() == 2);
}

BOOST_AUTO_TEST_CASE(who_reads_is_told_of_a_group_that_failed_but_may_be_stored) {
  ::test::faulty_step_store store;
  persistence::group_commit commits(store);
  int told = 0;
  commits.on_group([&] { ++told; });
  store.next_commit = ::test::faulty_step_store::fault::stored_but_failed;
  commits.submit(step_of("1", 0, {"a"}), ignore);
  commits.commit_pending();
  BOOST_TEST(told == 1);
}

BOOST_AUTO_TEST_SUITE_END()
