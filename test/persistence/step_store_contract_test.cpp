// What every step store does, whatever it is made of: each case runs on every adapter.

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "persistence/memory_step_store.hpp"
#include "test/persistence/redis_server.hpp"
#include "test/persistence/samples.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

constexpr std::uint32_t shards = 4;
constexpr auto retention = std::chrono::milliseconds(24h);

struct memory_store {
  memory_step_store store{shards, retention};
  memory_step_store& operator*() { return store; }
};

struct rocksdb_store {
  temporary_folder folder;
  manual_clock clock;
  std::unique_ptr<rocksdb_step_store> store = [this] {
    auto opened = rocksdb_step_store::open({.folder = folder.path(),
                                            .clock = clock,
                                            .shard_count = shards,
                                            .idempotency_retention = retention});
    BOOST_REQUIRE_MESSAGE(opened.ok(), opened.error());
    return *std::move(opened);
  }();
  rocksdb_step_store& operator*() { return *store; }
};

using adapters = boost::mpl::list<memory_store, rocksdb_store, redis_store>;
using texts = std::vector<std::string>;

entity_key cart(const std::string& id) { return {"cart", id}; }

step with_snapshot(step s, const std::string& state) {
  s.snapshot = new_snapshot{"cart.domain.Cart", state};
  return s;
}

history loaded(step_store& store, const entity_key& entity) {
  auto h = store.load(entity);
  BOOST_REQUIRE_MESSAGE(h.ok(), h.error());
  return *std::move(h);
}

constexpr auto ok = status_code::ok, aborted = status_code::aborted;

}  // namespace

BOOST_AUTO_TEST_SUITE(step_store_contract)

// ---------------------------------------------------------------------------------------- history

BOOST_AUTO_TEST_CASE_TEMPLATE(an_unknown_entity_has_an_empty_history, Adapter, adapters) {
  Adapter store;
  BOOST_TEST((loaded(*store, cart("1")) == history{}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(events_are_loaded_as_they_were_stored, Adapter, adapters) {
  Adapter store;
  auto s = step_of("1", 0, {"apple", ""});
  s.time = {0x123456789abcdef0};
  s.region = region_id{7};
  s.shard_epoch = epoch{3};
  s.trace_parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  BOOST_TEST(commit(*store, s) == status());
  BOOST_TEST(commit(*store, step_of("1", 2, {"pear\0\xff"s})) == status());

  auto h = loaded(*store, cart("1"));
  BOOST_TEST(!h.snapshot.has_value());
  BOOST_REQUIRE(h.events.size() == 3);
  BOOST_TEST((h.events[0] == stored_event{.entity = cart("1"),
                                          .sequence = sequence_nr{1},
                                          .offset = log_offset{0},
                                          .time = {0x123456789abcdef0},
                                          .region = region_id{7},
                                          .trace_parent = s.trace_parent,
                                          .type = "cart.domain.ItemAdded",
                                          .payload = "apple"}));
  BOOST_TEST((h.events[1].sequence == sequence_nr{2}));
  BOOST_TEST(h.events[1].payload == "");
  BOOST_TEST((h.events[2].sequence == sequence_nr{3}));
  BOOST_TEST(h.events[2].payload == "pear\0\xff"s);
  BOOST_TEST(h.events[2].trace_parent == "");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_snapshot_takes_the_place_of_the_events_it_holds, Adapter,
                              adapters) {
  Adapter store;
  BOOST_TEST(commit(*store, step_of("1", 0, {"a", "b"})) == status());
  BOOST_TEST(commit(*store, with_snapshot(step_of("1", 2, {"c"}), "a b c")) == status());
  auto h = loaded(*store, cart("1"));
  BOOST_TEST((h.snapshot == stored_snapshot{sequence_nr{3}, "cart.domain.Cart", "a b c"}));
  BOOST_TEST(h.events.empty());

  BOOST_TEST(commit(*store, step_of("1", 3, {"d", "e"})) == status());
  h = loaded(*store, cart("1"));
  BOOST_TEST((h.snapshot->sequence == sequence_nr{3}));
  BOOST_TEST(payloads_of(h.events) == (texts{"d", "e"}), boost::test_tools::per_element());
  BOOST_TEST((h.events.front().sequence == sequence_nr{4}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_last_snapshot_counts, Adapter, adapters) {
  Adapter store;
  BOOST_TEST(commit(*store, with_snapshot(step_of("1", 0, {"a"}), "a")) == status());
  BOOST_TEST(commit(*store, with_snapshot(step_of("1", 1, {"b"}), "a b")) == status());
  auto h = loaded(*store, cart("1"));
  BOOST_TEST(h.snapshot->payload == "a b");
  BOOST_TEST(h.events.empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_snapshot_may_come_without_events, Adapter, adapters) {
  Adapter store;
  BOOST_TEST(commit(*store, step_of("1", 0, {"a"})) == status());
  BOOST_TEST(commit(*store, with_snapshot(step_of("1", 1, {}), "a")) == status());
  auto h = loaded(*store, cart("1"));
  BOOST_TEST((h.snapshot->sequence == sequence_nr{1}));
  BOOST_TEST(h.events.empty());
}

// -------------------------------------------------------------------------------------- sequences

BOOST_AUTO_TEST_CASE_TEMPLATE(a_step_that_expects_another_number_leaves_no_trace, Adapter,
                              adapters) {
  Adapter store;
  BOOST_TEST(commit(*store, step_of("1", 0, {"a"})) == status());
  for (std::uint64_t expected : {0, 2, 3}) {
    auto s = with_snapshot(step_of("1", expected, {"x"}), "x");
    s.key = idempotency_key{"cart.api.Add", "k"};
    auto refused = commit(*store, s);
    BOOST_TEST(refused.code() == aborted);
    BOOST_TEST(refused.message().find("is at event 1") != std::string::npos);
  }
  auto h = loaded(*store, cart("1"));
  BOOST_TEST(payloads_of(h.events) == texts{"a"}, boost::test_tools::per_element());
  BOOST_TEST(!h.snapshot.has_value());
  BOOST_TEST(!(*store).find_reply(cart("1"), {"cart.api.Add", "k"}, {})->has_value());
  BOOST_TEST(whole_log(*store, shard_of("1", shards)).size() == 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_step_of_another_generation_is_refused_and_those_that_follow_it,
                              Adapter, adapters) {
  Adapter store;
  std::vector group{step_of("1", 0, {"a"}), step_of("1", 0, {"b"}), step_of("2", 0, {"c"})};
  group[0].generation = (*store).generation() + 1;
  group[2].generation = (*store).generation();
  BOOST_TEST(codes_of((*store).commit(group)) == (std::vector{aborted, aborted, ok}),
             boost::test_tools::per_element());
  BOOST_TEST(loaded(*store, cart("1")).events.empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(steps_of_one_entity_in_a_group_build_on_each_other, Adapter,
                              adapters) {
  Adapter store;
  std::vector group{step_of("1", 0, {"a"}), step_of("1", 1, {"b", "c"}), step_of("2", 0, {"x"}),
                    step_of("1", 3, {}), with_snapshot(step_of("1", 3, {"d"}), "abcd")};
  BOOST_TEST(codes_of((*store).commit(group)) == std::vector(5, ok),
             boost::test_tools::per_element());
  BOOST_TEST(commit(*store, step_of("1", 4, {"e"})) == status());
  auto h = loaded(*store, cart("1"));
  BOOST_TEST((h.snapshot->sequence == sequence_nr{4}));
  BOOST_TEST(payloads_of(h.events) == texts{"e"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_failed_step_takes_its_followers_along_and_no_other, Adapter,
                              adapters) {
  Adapter store;
  std::vector group{step_of("1", 0, {"a"}),  // stands
                    step_of("1", 7, {"b"}),  // fails
                    step_of("2", 0, {"x"}),  // another entity: stands
                    step_of("1", 8, {"c"}),  // follows the failed one
                    step_of("1", 1, {"d"}),  // its number fits by chance; it follows all the same
                    step_of("2", 1, {"y"})};
  BOOST_TEST(
      codes_of((*store).commit(group)) == (std::vector{ok, aborted, ok, aborted, aborted, ok}),
      boost::test_tools::per_element());
  BOOST_TEST(payloads_of(loaded(*store, cart("1")).events) == texts{"a"},
             boost::test_tools::per_element());
  BOOST_TEST(payloads_of(loaded(*store, cart("2")).events) == (texts{"x", "y"}),
             boost::test_tools::per_element());
  BOOST_TEST(commit(*store, step_of("1", 1, {"b"})) == status());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_empty_group_commits_nothing, Adapter, adapters) {
  Adapter store;
  BOOST_TEST((*store).commit({}).empty());
}

// ---------------------------------------------------------------------------------------- replies

BOOST_AUTO_TEST_CASE_TEMPLATE(a_reply_is_found_by_entity_method_and_key, Adapter, adapters) {
  Adapter store;
  manual_clock clock;
  recorded_reply reply{0xfeedfacecafebeef, "the reply\0"s};
  BOOST_TEST(commit(*store, step_with_reply("1", 0, clock.now(), {"cart.api.Add", "k"}, reply)) ==
             status());

  auto find = [&](const entity_key& entity, const idempotency_key& key) {
    auto found = (*store).find_reply(entity, key, clock.now());
    BOOST_REQUIRE_MESSAGE(found.ok(), found.error());
    return *found;
  };
  BOOST_TEST((find(cart("1"), {"cart.api.Add", "k"}) == reply));
  BOOST_TEST(!find(cart("2"), {"cart.api.Add", "k"}));
  BOOST_TEST(!find({"basket", "1"}, {"cart.api.Add", "k"}));
  BOOST_TEST(!find(cart("1"), {"cart.api.Remove", "k"}));
  BOOST_TEST(!find(cart("1"), {"cart.api.Add", "K"}));
  BOOST_TEST(!find(cart("1"), {"cart.api.Addk", ""}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_reply_is_kept_for_the_retention, Adapter, adapters) {
  Adapter store;
  manual_clock clock;
  auto written = clock.now();
  idempotency_key key{"cart.api.Add", "k"};
  BOOST_TEST(commit(*store, step_with_reply("1", 0, written, key, {1, "first"})) == status());
  BOOST_TEST((*store).find_reply(cart("1"), key, written + retention)->has_value());
  BOOST_TEST(!(*store).find_reply(cart("1"), key, written + retention + 1ms)->has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_key_may_come_again_after_the_retention, Adapter, adapters) {
  Adapter store;
  manual_clock clock;
  idempotency_key key{"cart.api.Add", "k"};
  BOOST_TEST(commit(*store, step_with_reply("1", 0, clock.now(), key, {1, "first"})) == status());
  clock.advance(retention + 1ms);
  BOOST_TEST(commit(*store, step_with_reply("1", 0, clock.now(), key, {2, "second"})) == status());
  auto found = (*store).find_reply(cart("1"), key, clock.now());
  BOOST_TEST((**found == recorded_reply{2, "second"}));
}

// ------------------------------------------------------------------------------------------- logs

BOOST_AUTO_TEST_CASE_TEMPLATE(a_shards_log_holds_its_events_in_the_order_of_commits, Adapter,
                              adapters) {
  Adapter store;
  std::vector<texts> expected(shards);
  std::vector<step> group;
  for (int round = 0; round < 3; ++round) {
    group.clear();
    for (int i = 0; i < 20; ++i) {
      auto id = "cart-" + std::to_string(i);
      auto payload = id + " " + std::to_string(round);
      group.push_back(step_of(id, static_cast<std::uint64_t>(2 * round), {payload, payload + "!"}));
      auto& log = expected[value(shard_of(id, shards))];
      log.push_back(payload);
      log.push_back(payload + "!");
    }
    BOOST_TEST(codes_of((*store).commit(group)) == std::vector(group.size(), ok),
               boost::test_tools::per_element());
  }
  for (std::uint32_t shard = 0; shard < shards; ++shard) {
    auto log = whole_log(*store, shard_id{shard}, 300);
    BOOST_TEST(payloads_of(log) == expected[shard], boost::test_tools::per_element());
    for (std::size_t i = 0; i < log.size(); ++i) BOOST_TEST(value(log[i].offset) == i);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_page_of_a_log_is_bounded_but_never_empty, Adapter, adapters) {
  Adapter store;
  std::string payload(1000, 'x');
  BOOST_TEST(commit(*store, step_of("1", 0, texts(10, payload))) == status());
  auto shard = shard_of("1", shards);
  auto page_size = [&](std::uint64_t from, std::size_t bytes) {
    return (*store).read_log(shard, log_offset{from}, bytes)->size();
  };
  BOOST_TEST(page_size(0, 1) == 1);
  BOOST_TEST(page_size(0, 5000) < 5);
  BOOST_TEST(page_size(0, 5000) > 1);
  BOOST_TEST(page_size(0, 1 << 20) == 10);
  BOOST_TEST(page_size(9, 1 << 20) == 1);
  BOOST_TEST(page_size(10, 1 << 20) == 0);
  BOOST_TEST(page_size(1000, 1 << 20) == 0);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_step_without_events_adds_nothing_to_the_log, Adapter, adapters) {
  Adapter store;
  BOOST_TEST(commit(*store, step_with_reply("1", 0, {}, {"cart.api.Add", "k"}, {})) == status());
  BOOST_TEST(whole_log(*store, shard_of("1", shards)).empty());
}

// ------------------------------------------------------------------------------------ odd content

BOOST_AUTO_TEST_CASE_TEMPLATE(names_that_could_be_mistaken_for_each_other_are_kept_apart, Adapter,
                              adapters) {
  Adapter store;
  std::vector<entity_key> entities;
  for (const auto& type : {"a"s, "ab"s, "a/b"s, "a\x01"s}) {
    for (const auto& id : {"b"s, "bb"s, "b/"s, "/b"s, "b|"s, "b\\"s, "\x01"s, "\x01\x02"s, "b\x1f"s,
                           "\xc3\xbf"s, "\xf4\x8f\xbf\xbf"s, "b\0"s, "b\0\x01"s, "b\0\xff"s}) {
      entities.push_back({type, id});
    }
  }
  std::vector<step> group;
  for (const auto& entity : entities) {
    auto s = with_snapshot(step_of("", 0, {"event of " + to_string(entity)}), to_string(entity));
    s.entity = entity;
    s.key = idempotency_key{"m", "k"};
    s.reply = {1, to_string(entity)};
    group.push_back(s);
    s.expected = sequence_nr{1};
    s.snapshot.reset();
    s.key = idempotency_key{"m" + entity.id, "k"};
    group.push_back(s);
  }
  BOOST_TEST(codes_of((*store).commit(group)) == std::vector(group.size(), ok),
             boost::test_tools::per_element());
  for (const auto& entity : entities) {
    auto h = loaded(*store, entity);
    BOOST_TEST(h.snapshot->payload == to_string(entity));
    BOOST_TEST(payloads_of(h.events) == texts{"event of " + to_string(entity)},
               boost::test_tools::per_element());
    BOOST_TEST((h.events.at(0).entity == entity));
    BOOST_TEST((*(*store).find_reply(entity, {"m", "k"}, {}))->payload == to_string(entity));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_payload_of_a_megabyte_is_kept_whole, Adapter, adapters) {
  Adapter store;
  std::string payload(1 << 20, '\0');
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<char>(i * 2654435761u >> 24);
  BOOST_TEST(commit(*store, with_snapshot(step_of("1", 0, {payload}), payload)) == status());
  BOOST_TEST(commit(*store, step_of("1", 1, {payload})) == status());
  auto h = loaded(*store, cart("1"));
  BOOST_TEST((h.snapshot->payload == payload));
  BOOST_TEST((h.events.at(0).payload == payload));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(many_entities_keep_their_own_events, Adapter, adapters) {
  Adapter store;
  std::vector<step> group;
  for (int i = 0; i < 5000; ++i)
    group.push_back(step_of(std::to_string(i), 0, {std::to_string(i)}));
  for (int i = 0; i < 5000; ++i) group.push_back(step_of(std::to_string(i), 1, {"second"}));
  auto statuses = (*store).commit(group);
  BOOST_TEST(std::ranges::all_of(statuses, [](const auto& s) { return s.ok(); }));
  for (int i = 0; i < 5000; i += 7) {
    auto id = std::to_string(i);
    BOOST_TEST(payloads_of(loaded(*store, cart(id)).events) == (texts{id, "second"}),
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_long_history_is_loaded_whole, Adapter, adapters) {
  Adapter store;
  for (std::uint64_t n = 0; n < 1000; n += 10) {
    BOOST_REQUIRE(commit(*store, step_of("1", n, texts(10, std::to_string(n)))) == status());
  }
  auto h = loaded(*store, cart("1"));
  BOOST_REQUIRE(h.events.size() == 1000);
  for (std::uint64_t i = 0; i < 1000; ++i) BOOST_TEST(value(h.events[i].sequence) == i + 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(readers_see_whole_steps_while_others_are_committed, Adapter,
                              adapters) {
  Adapter store;
  constexpr std::uint64_t steps = 300;
  std::atomic<bool> refused = false;  // what a reader has seen must not confuse the committer
  std::thread committer([&] {
    for (std::uint64_t n = 0; n < steps && !refused; ++n) {
      auto s = step_of("1", 2 * n, {"first", "second"});
      if (n % 10 == 9) s = with_snapshot(std::move(s), "state");
      refused = !(*store).commit({&s, 1}).front().ok();
    }
  });
  std::uint64_t seen = 0;
  while (seen < 2 * steps && !refused) {
    auto h = (*store).load(cart("1"));
    if (!h) {
      BOOST_ERROR("a reader was told " << h.error());
      break;
    }
    auto last = h->snapshot ? value(h->snapshot->sequence) : 0;
    last += h->events.size();
    BOOST_TEST(last % 2 == 0);
    BOOST_TEST(last >= seen);
    seen = last;
  }
  committer.join();
  BOOST_TEST(!refused);
}

BOOST_AUTO_TEST_SUITE_END()
