// A Redis that is killed, stands still, is full, or is somebody else's meanwhile: nothing that was
// acknowledged is lost, what was not shows either before the store is used again or never.

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "persistence/redis_step_store.hpp"
#include "test/persistence/holding_proxy.hpp"
#include "test/persistence/redis_server.hpp"
#include "test/persistence/samples.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;
using namespace std::chrono_literals;

namespace {

constexpr auto unavailable = status_code::unavailable;
constexpr std::uint32_t shards = 4;
const entity_key cart{"cart", "1"};

std::size_t events_of(redis_step_store& store, const entity_key& entity) {
  auto h = store.load(entity);
  BOOST_REQUIRE_MESSAGE(h.ok(), h.error());
  return h->events.size();
}

struct fixture {
  redis_server server;
  manual_clock clock;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(redis_healing, *boost::unit_test::precondition(has_redis_server))

BOOST_FIXTURE_TEST_CASE(a_killed_redis_comes_back_with_all_that_was_acknowledged, fixture) {
  auto store = open_store(server.endpoint(), clock);
  std::uint64_t acknowledged = 0;
  for (int kills = 0; kills < 5; ++kills) {
    auto generation = store->generation();
    std::thread killer;
    for (int n = 0; store->health().ok(); ++n) {
      auto done = commit(*store, step_of("1", acknowledged, {"event"}));
      if (done.ok()) ++acknowledged;
      if (n == 20) killer = std::thread([&] { server.kill(); });
    }
    killer.join();
    BOOST_TEST(commit(*store, step_of("1", acknowledged, {"event"})).code() == unavailable);
    BOOST_TEST(store->load(cart).error().code() == unavailable);
    server.start();
    wait_until_healthy(*store);
    BOOST_TEST(store->generation() > generation);
    // The one that was not answered may be there or not.
    auto found = events_of(*store, cart);
    BOOST_TEST((found == acknowledged || found == acknowledged + 1));
    BOOST_TEST(whole_log(*store, shard_of("1", shards)).size() == found);
    acknowledged = found;
    BOOST_TEST(commit(*store, step_of("1", acknowledged++, {"event"})) == status());
  }
}

BOOST_FIXTURE_TEST_CASE(what_was_read_stays_though_redis_is_killed_meanwhile, fixture) {
  auto store = open_store(server.endpoint(), clock);
  std::atomic<bool> ended = false;
  std::atomic<int> shrunk = 0, answered = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      for (std::size_t seen = 0; !ended;) {
        auto h = store->load(cart);
        if (!h) continue;
        if (h->events.size() < seen) ++shrunk;
        seen = h->events.size();
        ++answered;
      }
    });
  }
  for (int kills = 0; kills < 4; ++kills) {
    std::uint64_t last = events_of(*store, cart);
    std::thread killer([&, until = answered + 50] {
      while (answered < until) std::this_thread::yield();
      server.kill();
    });
    while (store->health().ok()) {
      if (commit(*store, step_of("1", last, {"event"})).ok()) ++last;
    }
    killer.join();
    server.start();
    wait_until_healthy(*store);
    BOOST_TEST(events_of(*store, cart) >= last);
  }
  ended = true;
  for (auto& reader : readers) reader.join();
  BOOST_TEST(shrunk == 0);
}

BOOST_FIXTURE_TEST_CASE(a_redis_that_stands_still_holds_nobody_up, fixture) {
  auto where = server.endpoint();
  where.connect_timeout = where.command_timeout = 200ms;
  auto store = open_store(where, clock);
  BOOST_TEST(commit(*store, step_of("1", 0, {"a"})) == status());
  auto generation = store->generation();
  server.freeze();
  auto begun = std::chrono::steady_clock::now();
  auto lost = commit(*store, step_of("1", 1, {"b"}));
  BOOST_TEST(lost.code() == unavailable);
  BOOST_TEST(lost.message().find("may or may not") != std::string::npos);
  for (int i = 0; i < 100; ++i) {
    BOOST_TEST(commit(*store, step_of("1", 1, {"b"})).code() == unavailable);
    BOOST_TEST(store->load(cart).error().code() == unavailable);
  }
  BOOST_TEST((std::chrono::steady_clock::now() - begun < 2s));
  server.thaw();
  wait_until_healthy(*store);
  BOOST_TEST(store->generation() > generation);
  auto found = events_of(*store, cart);
  BOOST_TEST((found == 1 || found == 2));
  BOOST_TEST(commit(*store, step_of("1", found, {"c"})) == status());
}

BOOST_FIXTURE_TEST_CASE(a_read_that_is_not_answered_is_enough_to_know, fixture) {
  auto store = open_store(server.endpoint(), clock);
  server.stop();
  BOOST_TEST(store->load(cart).error().code() == unavailable);
  BOOST_TEST(store->health().code() == unavailable);
  server.start();
  wait_until_healthy(*store);
  BOOST_TEST(store->load(cart).ok());
}

BOOST_FIXTURE_TEST_CASE(a_command_that_comes_late_changes_nothing, fixture) {
  holding_proxy proxy(server.port());
  auto where = server.endpoint();
  where.port = proxy.port();
  where.command_timeout = 300ms;
  auto store = open_store(where, clock);
  BOOST_TEST(commit(*store, step_of("1", 0, {"a"})) == status());

  proxy.hold();  // what those who are connected now send stays on its way
  std::vector late{step_of("1", 1, {"late"}), step_of("1", 2, {"later"})};
  auto statuses = store->commit(late);
  BOOST_TEST(codes_of(statuses) == std::vector(2, unavailable), boost::test_tools::per_element());
  wait_until_healthy(*store);
  BOOST_TEST(store->generation() == 1);
  BOOST_TEST(events_of(*store, cart) == 1);

  proxy.release();
  BOOST_TEST(events_of(*store, cart) == 1);
  BOOST_TEST(commit(*store, step_of("1", 1, {"b"})) == status());
  BOOST_TEST(payloads_of(store->load(cart)->events) == (std::vector<std::string>{"a", "b"}),
             boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_step_that_was_decided_before_healing_is_refused, fixture) {
  auto store = open_store(server.endpoint(), clock);
  auto s = step_of("1", 0, {"a"});
  s.generation = store->generation();
  server.kill();
  BOOST_TEST(commit(*store, s).code() == unavailable);
  server.start();
  wait_until_healthy(*store);
  BOOST_TEST(commit(*store, s).code() == status_code::aborted);
  s.generation = store->generation();
  BOOST_TEST(commit(*store, s) == status());
}

BOOST_FIXTURE_TEST_CASE(a_full_redis_refuses_steps_whole_and_heals_by_itself, fixture) {
  auto store = open_store(server.endpoint(), clock);
  BOOST_TEST(commit(*store, step_of("1", 0, {"a"})) == status());
  auto generation = store->generation();
  server.ask({"CONFIG", "SET", "maxmemory", "1"});
  auto s = step_with_reply("1", 1, clock.now(), {"m", "k"}, {1, "reply"});
  s.events = {{"t", "b"}};
  std::vector group{s, step_of("1", 2, {"c"}), step_of("2", 0, {"x"})};
  for (const auto& refused : store->commit(group)) {
    BOOST_TEST((refused.code() == unavailable || refused.code() == status_code::aborted));
    BOOST_TEST(refused.message() != "");
  }
  BOOST_TEST(commit(*store, s).message().find("maxmemory") != std::string::npos);
  BOOST_TEST(events_of(*store, cart) == 1);
  BOOST_TEST(!store->find_reply(cart, {"m", "k"}, clock.now())->has_value());
  BOOST_TEST(whole_log(*store, shard_of("1", shards)).size() == 1);

  server.ask({"CONFIG", "SET", "maxmemory", "0"});
  BOOST_TEST(commit(*store, s) == status());
  BOOST_TEST(store->generation() == generation);
}

BOOST_FIXTURE_TEST_CASE(a_primary_that_becomes_a_replica_is_not_read_from, fixture) {
  auto store = open_store(server.endpoint(), clock);
  redis_server primary;
  server.ask({"REPLICAOF", "127.0.0.1", std::to_string(primary.port())});
  BOOST_TEST(commit(*store, step_of("1", 0, {"a"})).code() == unavailable);
  BOOST_TEST(store->load(cart).error().code() == unavailable);
}

BOOST_FIXTURE_TEST_CASE(who_opens_a_store_has_it_alone, fixture) {
  auto first = open_store(server.endpoint(), clock);
  BOOST_TEST(commit(*first, step_of("1", 0, {"a"})) == status());
  auto second = open_store(server.endpoint(), clock);
  BOOST_TEST(commit(*first, step_of("1", 1, {"b"})).code() == unavailable);
  while (first->health().message().find("another process") == std::string::npos) {
    BOOST_REQUIRE(!first->health().ok());
    std::this_thread::sleep_for(1ms);
  }
  BOOST_TEST(first->load(cart).error().code() == unavailable);
  BOOST_TEST(events_of(*second, cart) == 1);
  BOOST_TEST(commit(*second, step_of("1", 1, {"c"})) == status());
}

BOOST_FIXTURE_TEST_CASE(a_store_that_is_gone_is_not_healed_into_an_empty_one, fixture) {
  auto store = open_store(server.endpoint(), clock);
  BOOST_TEST(commit(*store, step_of("1", 0, {"a"})) == status());
  server.ask({"FLUSHALL"});
  BOOST_TEST(commit(*store, step_of("1", 1, {"b"})).code() == unavailable);
  while (store->health().message().find("store is gone") == std::string::npos) {
    BOOST_REQUIRE(!store->health().ok());
    std::this_thread::sleep_for(1ms);
  }
  BOOST_TEST(server.ask({"DBSIZE"}).integer() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
