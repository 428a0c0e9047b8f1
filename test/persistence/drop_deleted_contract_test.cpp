// What every store with mailboxes does to forget what deleted entities held: each case runs on
// every adapter.

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "test/persistence/mail_samples.hpp"
#include "test/persistence/step_store_adapters.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;
using namespace std::chrono_literals;

namespace {

using adapters = mail_store_adapters;

}  // namespace

BOOST_AUTO_TEST_SUITE(drop_deleted_contract)

BOOST_AUTO_TEST_CASE_TEMPLATE(what_a_deleted_entity_held_is_dropped_after_a_while, Adapter,
                              adapters) {
  Adapter store;
  auto timed = [](step s, std::uint64_t millis) {
    s.time = {millis << 16 | 3};
    return s;
  };
  auto deletion = [&](const std::string& id, std::uint64_t expected, std::uint64_t millis) {
    auto s = timed(step_of(id, expected, {"last"}), millis);
    s.events.push_back(new_event::deletion());
    return s;
  };
  auto first = timed(step_of("1", 0, texts(300, "a")), 10);
  first.events[1].metadata = {{"user", "ann"}};
  first.trace_parent = "trace";
  std::vector group{first,
                    deletion("1", 300, 1000),
                    timed(step_of("1", 302, {"b"}), 1001),
                    timed(step_of("2", 0, {"c"}), 10),
                    deletion("2", 1, 2000),
                    timed(step_of("3", 0, {"d"}), 10)};
  for (const auto& s : (*store).commit(group)) BOOST_REQUIRE(s == status());
  auto log_of = [&](const std::string& id) {
    auto log = whole_log(*store, shard_of(id, shards));
    std::erase_if(log, [&](const auto& event) { return event.entity.id != id; });
    return log;
  };
  auto before = log_of("1");

  BOOST_TEST(*(*store).drop_deleted(timestamp{999ms}) == 0);
  BOOST_TEST((log_of("1") == before));
  BOOST_TEST(*(*store).drop_deleted(timestamp{1000ms}) == 1);
  BOOST_TEST(*(*store).drop_deleted(timestamp{1000ms}) == 0);
  auto after = log_of("1");
  BOOST_REQUIRE(after.size() == before.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    auto expected = before[i];
    if (i < 301) {
      expected.payload.clear();
      expected.metadata.clear();
      expected.superseded = true;
    }
    BOOST_TEST((after[i] == expected), i);
  }
  auto h = loaded(*store, cart("1"));
  BOOST_TEST((h.snapshot == stored_snapshot{sequence_nr{302}, "", ""}));
  BOOST_REQUIRE(h.events.size() == 1);
  BOOST_TEST(h.events[0].payload == "b");
  BOOST_TEST(commit(*store, timed(step_of("1", 303, {"e"}), 3000)) == status());
  BOOST_TEST(log_of("2").at(0).payload == "c");

  BOOST_TEST(*(*store).drop_deleted(timestamp{2000ms}) == 1);
  BOOST_TEST(log_of("2").at(0).superseded);
  BOOST_TEST(loaded(*store, cart("2")).snapshot->is_deletion());
  BOOST_TEST(log_of("3").at(0).payload == "d");
  BOOST_TEST(commit(*store, deletion("1", 304, 4000)) == status());
  BOOST_TEST(*(*store).drop_deleted(timestamp{4000ms}) == 1);
  BOOST_TEST(log_of("1").at(302).superseded);
  BOOST_TEST(log_of("1").at(301).is_deletion());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_reader_is_not_confused_by_what_is_dropped_meanwhile, Adapter,
                              adapters) {
  Adapter store;
  std::atomic<bool> done = false;
  std::thread committer([&] {
    for (std::uint64_t n = 0; n < 2000; n += 10) {
      auto s = step_of("1", n, texts(9, "event"));
      s.events.push_back(new_event::deletion());
      if (!(*store).commit({&s, 1}).front().ok()) break;
      if (*(*store).drop_deleted(timestamp::max()) != 1) break;
    }
    done = true;
  });
  while (!done) {
    auto h = (*store).load(cart("1"));
    if (!h) {
      BOOST_ERROR("a reader was told " << h.error());
      break;
    }
    BOOST_TEST(h->events.empty());
  }
  committer.join();
  BOOST_TEST((loaded(*store, cart("1")).snapshot->sequence == sequence_nr{2000}));
}

BOOST_AUTO_TEST_SUITE_END()
