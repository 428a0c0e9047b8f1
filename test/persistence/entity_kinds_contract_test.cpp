// What every step store does of key-value entities, deletions and events with metadata: each case
// runs on every adapter.

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "test/persistence/samples.hpp"
#include "test/persistence/step_store_adapters.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

using adapters = step_store_adapters;
using texts = std::vector<std::string>;

entity_key cart(const std::string& id) { return {"cart", id}; }

history only(stored_snapshot state) {
  history h;
  h.snapshot = std::move(state);
  return h;
}

step deletion_of(const std::string& id, std::uint64_t expected, const texts& payloads = {}) {
  auto s = step_of(id, expected, payloads);
  s.events.push_back(new_event::deletion());
  return s;
}

std::vector<stored_event> log_of(step_store& store, const std::string& id) {
  auto log = whole_log(store, shard_of(id, shards));
  std::erase_if(log, [&](const auto& event) { return event.entity.id != id; });
  return log;
}

constexpr auto ok = status_code::ok;
constexpr auto aborted = status_code::aborted;

}  // namespace

BOOST_AUTO_TEST_SUITE(entity_kinds_contract)

// -------------------------------------------------------------------------------------- key-value

BOOST_AUTO_TEST_CASE_TEMPLATE(a_key_value_entity_is_loaded_as_its_last_state, Adapter, adapters) {
  Adapter store;
  BOOST_TEST(commit(*store, state_of("1", 0, "first")) == status());
  BOOST_TEST((loaded(*store, cart("1")) ==
              only(stored_snapshot{sequence_nr{1}, "cart.domain.Cart", "first"})));
  BOOST_TEST(commit(*store, state_of("1", 1, "second\0"s)) == status());
  BOOST_TEST((loaded(*store, cart("1")) ==
              only(stored_snapshot{sequence_nr{2}, "cart.domain.Cart", "second\0"s})));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_state_keeps_the_time_at_which_it_ends, Adapter, adapters) {
  Adapter store;
  auto s = state_of("1", 0, "short-lived");
  s.expires = timestamp{1'700'000'000'123ms};
  BOOST_TEST(commit(*store, s) == status());
  BOOST_TEST((loaded(*store, cart("1")).snapshot->expires == s.expires));
  BOOST_TEST(commit(*store, state_of("1", 1, "lasting")) == status());
  BOOST_TEST((loaded(*store, cart("1")).snapshot->expires == timestamp::max()));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_empty_state_is_a_state, Adapter, adapters) {
  Adapter store;
  BOOST_TEST(commit(*store, state_of("1", 0, "")) == status());
  auto h = loaded(*store, cart("1"));
  BOOST_TEST(!h.snapshot->is_deletion());
  auto log = log_of(*store, "1");
  BOOST_REQUIRE(log.size() == 1);
  BOOST_TEST(!log[0].superseded);
  BOOST_TEST(!log[0].is_deletion());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_key_value_step_that_expects_another_number_leaves_no_trace, Adapter,
                              adapters) {
  Adapter store;
  BOOST_TEST(commit(*store, state_of("1", 0, "first")) == status());
  for (std::uint64_t expected : {0, 2}) {
    auto s = state_of("1", expected, "wrong");
    s.key = idempotency_key{"cart.api.Put", "k"};
    BOOST_TEST(commit(*store, s).code() == aborted);
  }
  BOOST_TEST(loaded(*store, cart("1")).snapshot->payload == "first");
  BOOST_TEST(log_of(*store, "1").size() == 1);
  BOOST_TEST(!(*store).find_reply(cart("1"), {"cart.api.Put", "k"}, {})->has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(key_value_steps_of_one_group_build_on_each_other, Adapter, adapters) {
  Adapter store;
  std::vector group{state_of("1", 0, "a"), state_of("1", 1, "b"), state_of("2", 0, "x"),
                    state_of("1", 7, "wrong"), state_of("1", 2, "follows it")};
  BOOST_TEST(codes_of((*store).commit(group)) == (std::vector{ok, ok, ok, aborted, aborted}),
             boost::test_tools::per_element());
  BOOST_TEST(loaded(*store, cart("1")).snapshot->payload == "b");
  BOOST_TEST(commit(*store, state_of("1", 2, "c")) == status());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_key_value_step_may_change_nothing, Adapter, adapters) {
  Adapter store;
  BOOST_TEST(commit(*store, state_of("1", 0, "a")) == status());
  auto s = state_of("1", 1, "");
  s.events.clear();
  s.expires = timestamp{1ms};
  s.key = idempotency_key{"cart.api.Get", "k"};
  s.reply = {1, "reply"};
  BOOST_TEST(commit(*store, s) == status());
  BOOST_TEST((loaded(*store, cart("1")).snapshot ==
              stored_snapshot{sequence_nr{1}, "cart.domain.Cart", "a"}));
  BOOST_TEST((*store).find_reply(cart("1"), *s.key, s.time.wall())->has_value());
  BOOST_TEST(log_of(*store, "1").size() == 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_log_has_every_change_but_only_the_last_state, Adapter, adapters) {
  Adapter store;
  for (std::uint64_t n = 0; n < 3; ++n) {
    auto s = state_of("1", n, "state " + std::to_string(n));
    s.trace_parent = "trace";
    s.region = region_id{3};
    BOOST_TEST(commit(*store, s) == status());
  }
  BOOST_TEST(commit(*store, state_of("2", 0, "another")) == status());
  auto log = log_of(*store, "1");
  BOOST_REQUIRE(log.size() == 3);
  for (std::uint64_t n = 0; n < 3; ++n) {
    BOOST_TEST((log[n] == stored_event{.entity = cart("1"),
                                       .sequence = sequence_nr{n + 1},
                                       .offset = log[n].offset,
                                       .time = state_of("1", n, "").time,
                                       .region = region_id{3},
                                       .trace_parent = "trace",
                                       .type = "cart.domain.Cart",
                                       .payload = n == 2 ? "state 2" : "",
                                       .superseded = n != 2}));
  }
  BOOST_TEST(log_of(*store, "2").at(0).payload == "another");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_deleted_key_value_entity_goes_on_counting, Adapter, adapters) {
  Adapter store;
  auto s = state_of("1", 0, "a");
  s.expires = timestamp{1ms};
  BOOST_TEST(commit(*store, s) == status());
  BOOST_TEST(commit(*store, state_of("1", 1, std::nullopt)) == status());
  auto h = loaded(*store, cart("1"));
  BOOST_TEST((h == only(stored_snapshot{sequence_nr{2}, "", ""})));
  BOOST_TEST(h.snapshot->is_deletion());
  auto log = log_of(*store, "1");
  BOOST_REQUIRE(log.size() == 2);
  BOOST_TEST(log[0].superseded);
  BOOST_TEST(log[1].is_deletion());
  BOOST_TEST(!log[1].superseded);

  BOOST_TEST(commit(*store, state_of("1", 0, "wrong")).code() == aborted);
  BOOST_TEST(commit(*store, state_of("1", 2, "again")) == status());
  BOOST_TEST((loaded(*store, cart("1")).snapshot ==
              stored_snapshot{sequence_nr{3}, "cart.domain.Cart", "again"}));
  BOOST_TEST(log_of(*store, "1").at(2).payload == "again");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_state_of_a_megabyte_is_kept_whole, Adapter, adapters) {
  Adapter store;
  std::string payload(1 << 20, '\0');
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<char>(i * 2654435761u >> 24);
  BOOST_TEST(commit(*store, state_of("1", 0, payload)) == status());
  BOOST_TEST((loaded(*store, cart("1")).snapshot->payload == payload));
  BOOST_TEST((log_of(*store, "1").at(0).payload == payload));
}

// --------------------------------------------------------------------------------------- deletion

BOOST_AUTO_TEST_CASE_TEMPLATE(nothing_before_a_deletion_is_loaded, Adapter, adapters) {
  Adapter store;
  auto s = step_of("1", 0, {"a", "b"});
  s.snapshot = new_snapshot{"cart.domain.Cart", "ab"};
  BOOST_TEST(commit(*store, s) == status());
  BOOST_TEST(commit(*store, deletion_of("1", 2, {"last words"})) == status());
  BOOST_TEST((loaded(*store, cart("1")) == only(stored_snapshot{sequence_nr{4}, "", ""})));

  auto log = log_of(*store, "1");
  BOOST_TEST(payloads_of(log) == (texts{"a", "b", "last words", ""}),
             boost::test_tools::per_element());
  BOOST_TEST(log[3].is_deletion());
  BOOST_TEST((log[3].sequence == sequence_nr{4}));
  BOOST_TEST(!log[2].is_deletion());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_deleted_entity_begins_anew_with_the_next_number, Adapter,
                              adapters) {
  Adapter store;
  BOOST_TEST(commit(*store, step_of("1", 0, {"a"})) == status());
  BOOST_TEST(commit(*store, deletion_of("1", 1)) == status());
  BOOST_TEST(commit(*store, step_of("1", 0, {"wrong"})).code() == aborted);
  BOOST_TEST(commit(*store, step_of("1", 2, {"b", "c"})) == status());
  auto h = loaded(*store, cart("1"));
  BOOST_TEST(h.snapshot->is_deletion());
  BOOST_TEST(payloads_of(h.events) == (texts{"b", "c"}), boost::test_tools::per_element());
  BOOST_TEST((h.events.front().sequence == sequence_nr{3}));

  auto s = step_of("1", 4, {"d"});
  s.snapshot = new_snapshot{"cart.domain.Cart", "bcd"};
  BOOST_TEST(commit(*store, s) == status());
  h = loaded(*store, cart("1"));
  BOOST_TEST((h.snapshot == stored_snapshot{sequence_nr{5}, "cart.domain.Cart", "bcd"}));
  BOOST_TEST(h.events.empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(deletion_and_new_beginning_may_stand_in_one_group, Adapter,
                              adapters) {
  Adapter store;
  std::vector group{step_of("1", 0, {"a"}), deletion_of("1", 1), step_of("1", 2, {"b"}),
                    deletion_of("1", 3, {"c"}), step_of("1", 5, {"d"})};
  BOOST_TEST(codes_of((*store).commit(group)) == std::vector(5, ok),
             boost::test_tools::per_element());
  auto h = loaded(*store, cart("1"));
  BOOST_TEST((h.snapshot == stored_snapshot{sequence_nr{5}, "", ""}));
  BOOST_TEST(payloads_of(h.events) == texts{"d"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_deletion_that_fails_deletes_nothing, Adapter, adapters) {
  Adapter store;
  BOOST_TEST(commit(*store, step_of("1", 0, {"a"})) == status());
  BOOST_TEST(commit(*store, deletion_of("1", 0)).code() == aborted);
  auto h = loaded(*store, cart("1"));
  BOOST_TEST(!h.snapshot.has_value());
  BOOST_TEST(payloads_of(h.events) == texts{"a"}, boost::test_tools::per_element());
}

// --------------------------------------------------------------------------------------- metadata

BOOST_AUTO_TEST_CASE_TEMPLATE(events_keep_their_metadata, Adapter, adapters) {
  Adapter store;
  auto s = step_of("1", 0, {"a", "b", "c"});
  s.events[0].metadata = {{"user", "ann"}, {"user", "bob"}, {"blob-bin", "\0\xff"s}, {"empty", ""}};
  s.events[2].metadata = {{"user", "eve"}};
  BOOST_TEST(commit(*store, s) == status());
  auto h = loaded(*store, cart("1"));
  auto log = log_of(*store, "1");
  for (std::size_t i = 0; i < 3; ++i) {
    BOOST_TEST((h.events.at(i).metadata == s.events[i].metadata));
    BOOST_TEST((log.at(i) == h.events[i]));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_state_keeps_the_metadata_of_its_change, Adapter, adapters) {
  Adapter store;
  auto s = state_of("1", 0, "a");
  s.events[0].metadata = {{"user", "ann"}};
  BOOST_TEST(commit(*store, s) == status());
  auto log = log_of(*store, "1");
  BOOST_TEST((log.at(0).metadata == s.events[0].metadata));
  BOOST_TEST(log.at(0).payload == "a");
}

BOOST_AUTO_TEST_SUITE_END()
