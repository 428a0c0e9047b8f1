// What the store on Redis does beside the contract: key-value entities, the outbox, outcomes of
// commands, and how it notices damage.

#include "persistence/redis_step_store.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

#include "persistence/redis_keys.hpp"
#include "test/persistence/redis_server.hpp"
#include "test/persistence/samples.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

constexpr std::uint32_t shards = 4;

entity_key customer(const std::string& id) { return {"customer", id}; }

step update_of(const std::string& id, std::uint64_t expected, const std::string& payload) {
  auto s = step_of(id, expected, {});
  s.entity = customer(id);
  s.kind = step_kind::key_value;
  s.events = {{"bank.Customer", payload}};
  return s;
}

step deletion_of(const std::string& id, std::uint64_t expected) {
  auto s = update_of(id, expected, "");
  s.events = {new_event::deletion()};
  return s;
}

mail_effects& effects_of(step& s) {
  if (!s.mail) s.mail = std::make_shared<mail_effects>();
  return *s.mail;
}

step sending(const std::string& id, std::uint64_t expected, const std::string& payload) {
  auto s = update_of(id, expected, payload);
  new_mail m;
  m.target = {"account", "a\0b"s};
  m.method = "bank.api.Accounts.Deposit";
  m.payload = payload;
  m.metadata = {{"a", "1"}, {"a", "2"}, {"b-bin", "\0\xff"s}};
  m.idempotency_key = "k";
  m.command_id = "c-" + payload;
  m.hops = 3;
  effects_of(s).mail = {m, m};
  return s;
}

struct fixture {
  redis_server server;
  manual_clock clock;
  std::unique_ptr<redis_step_store> store = open_store(server.endpoint(), clock, shards);
  redis_keys keys{shard_of("1", shards)};
  shard_id shard = shard_of("1", shards);

  history loaded(const entity_key& entity) {
    auto h = store->load(entity);
    BOOST_REQUIRE_MESSAGE(h.ok(), h.error());
    return *std::move(h);
  }

  std::vector<outbox_entry> outbox(std::uint64_t after, std::size_t bytes_max = 1 << 20) {
    auto entries = store->read_outbox(shard, outbox_offset{after}, bytes_max);
    BOOST_REQUIRE_MESSAGE(entries.ok(), entries.error());
    return *std::move(entries);
  }
};

std::vector<std::uint64_t> offsets_of(const std::vector<outbox_entry>& entries) {
  std::vector<std::uint64_t> offsets;
  for (const auto& entry : entries) offsets.push_back(value(entry.offset));
  return offsets;
}
using offsets = std::vector<std::uint64_t>;

void check_damaged(const status& what, const std::string& key) {
  BOOST_TEST(what.code() == status_code::data_loss);
  BOOST_TEST(what.message().find(key) != std::string::npos, what);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(redis_step_store, *boost::unit_test::precondition(has_redis_server))

// -------------------------------------------------------------------------------------- key-value

BOOST_FIXTURE_TEST_CASE(a_key_value_entity_has_its_last_state_and_no_events, fixture) {
  auto s = update_of("1", 0, "first\0"s);
  BOOST_TEST(commit(*store, s) == status());
  s = update_of("1", 1, "second\0\xff"s);
  s.expires = clock.now() + 5s;
  BOOST_TEST(commit(*store, s) == status());
  auto h = loaded(customer("1"));
  BOOST_REQUIRE(h.snapshot.has_value());
  BOOST_TEST((h.snapshot->sequence == sequence_nr{2}));
  BOOST_TEST(h.snapshot->state_type == "bank.Customer");
  BOOST_TEST(h.snapshot->payload == "second\0\xff"s);
  BOOST_TEST((h.snapshot->expires == clock.now() + 5s));
  BOOST_TEST(h.events.empty());
}

BOOST_FIXTURE_TEST_CASE(a_log_has_the_payload_of_the_last_state_only, fixture) {
  auto s = update_of("1", 0, "first");
  s.events.front().metadata = {{"who", "me"}};
  std::vector group{s, update_of("1", 1, "second")};
  group.push_back(step_of("1", 0, {"an event"}));
  BOOST_TEST(codes_of(store->commit(group)) == std::vector(3, status_code::ok),
             boost::test_tools::per_element());
  auto log = whole_log(*store, shard);
  BOOST_REQUIRE(log.size() == 3);
  BOOST_TEST(log[0].superseded);
  BOOST_TEST(log[0].payload == "");
  BOOST_TEST(log[0].type == "bank.Customer");
  BOOST_TEST((log[0].metadata == perdure::metadata{{"who", "me"}}));
  BOOST_TEST(!log[1].superseded);
  BOOST_TEST(log[1].payload == "second");
  BOOST_TEST((log[1].sequence == sequence_nr{2}));
  BOOST_TEST(log[2].payload == "an event");
}

BOOST_FIXTURE_TEST_CASE(a_deleted_entity_goes_on_with_its_numbers, fixture) {
  std::vector group{update_of("1", 0, "first"), deletion_of("1", 1)};
  BOOST_TEST(codes_of(store->commit(group)) == std::vector(2, status_code::ok),
             boost::test_tools::per_element());
  auto h = loaded(customer("1"));
  BOOST_REQUIRE(h.snapshot.has_value());
  BOOST_TEST(h.snapshot->is_deletion());
  BOOST_TEST((h.snapshot->sequence == sequence_nr{2}));
  auto log = whole_log(*store, shard);
  BOOST_REQUIRE(log.size() == 2);
  BOOST_TEST(log[0].superseded);
  BOOST_TEST(log[1].is_deletion());
  BOOST_TEST(commit(*store, update_of("1", 2, "again")) == status());
  BOOST_TEST(loaded(customer("1")).snapshot->payload == "again");
}

BOOST_FIXTURE_TEST_CASE(what_was_before_the_deletion_of_an_event_sourced_entity_is_not_loaded,
                        fixture) {
  BOOST_TEST(commit(*store, step_of("1", 0, {"a", "b"})) == status());
  auto s = step_of("1", 2, {"last"});
  s.events.push_back(new_event::deletion());
  BOOST_TEST(commit(*store, s) == status());
  auto h = loaded({"cart", "1"});
  BOOST_REQUIRE(h.snapshot.has_value());
  BOOST_TEST(h.snapshot->is_deletion());
  BOOST_TEST((h.snapshot->sequence == sequence_nr{4}));
  BOOST_TEST(h.events.empty());
  BOOST_TEST(commit(*store, step_of("1", 4, {"new"})) == status());
  h = loaded({"cart", "1"});
  BOOST_TEST(payloads_of(h.events) == std::vector{"new"s}, boost::test_tools::per_element());
  BOOST_TEST((h.events.front().sequence == sequence_nr{5}));
  BOOST_TEST(whole_log(*store, shard).size() == 5);
}

BOOST_FIXTURE_TEST_CASE(large_states_are_read_page_by_page, fixture) {
  std::string payload(100'000, 'x');
  for (int i = 0; i < 40; ++i) {
    auto s = update_of("1", 0, payload);
    s.entity.type += std::to_string(i);
    BOOST_REQUIRE(commit(*store, s) == status());
  }
  BOOST_TEST(store->read_log(shard, log_offset{0}, 1'000'000)->size() == 9);
  BOOST_TEST(store->read_log(shard, log_offset{0}, 100 << 20)->size() == 40);
  BOOST_TEST(whole_log(*store, shard, 1).size() == 40);
}

// ------------------------------------------------------------------------------------------- mail

BOOST_FIXTURE_TEST_CASE(what_steps_send_stands_in_the_outbox_in_their_order, fixture) {
  auto first = sending("1", 0, "x"), silent = update_of("1", 1, "y"), last = sending("1", 2, "z");
  auto& timers = effects_of(last).timers;
  timers.push_back({"stop", {}});
  timers.push_back({"go", timer_change::timer{clock.now() + 1h, 5s, effects_of(first).mail[0]}});
  std::vector group{first, silent, last};
  BOOST_TEST(codes_of(store->commit(group)) == std::vector(3, status_code::ok),
             boost::test_tools::per_element());
  BOOST_TEST(value(first.mail->posted) == 1);
  BOOST_TEST(value(last.mail->posted) == 2);

  for (int again = 0; again < 2; ++again) {
    auto entries = outbox(0);
    BOOST_TEST(offsets_of(entries) == (offsets{1, 2}), boost::test_tools::per_element());
    BOOST_TEST((entries[0].entity == customer("1")));
    BOOST_TEST((entries[0].time == first.time));
    BOOST_TEST((entries[0].effects.mail == first.mail->mail));
    BOOST_TEST((entries[1].effects.mail == last.mail->mail));
    BOOST_TEST((entries[1].effects.timers == timers));
    server.kill();
    server.start();
    store.reset();
    store = open_store(server.endpoint(), clock);
  }
}

BOOST_FIXTURE_TEST_CASE(what_steps_publish_waits_in_the_outbox, fixture) {
  auto only = update_of("1", 0, "x"), with_mail = sending("1", 1, "y");
  new_message m;
  m.topic = "changes";
  m.key = "1";
  m.id = "i";
  m.type = "bank.Customer";
  m.sequence = sequence_nr{1};
  m.payload = "\0\xff"s;
  m.metadata = {{"a", "1"}};
  new_message tombstone;
  tombstone.topic = "changes";
  effects_of(only).topics.messages = {m, tombstone};
  effects_of(with_mail).topics.messages = {m};
  std::vector group{only, with_mail};
  BOOST_TEST(codes_of(store->commit(group)) == std::vector(2, status_code::ok),
             boost::test_tools::per_element());
  BOOST_TEST(value(only.mail->posted) == 1);
  BOOST_TEST(value(with_mail.mail->posted) == 2);
  auto entries = outbox(0);
  BOOST_TEST(offsets_of(entries) == (offsets{1, 2}), boost::test_tools::per_element());
  BOOST_TEST(entries[0].effects.mail.empty());
  BOOST_TEST((entries[0].effects.topics.messages == std::vector{m, tombstone}));
  BOOST_TEST((entries[1].effects.mail == with_mail.mail->mail));
  BOOST_TEST((entries[1].effects.topics.messages == std::vector{m}));
}

BOOST_FIXTURE_TEST_CASE(a_refused_step_posts_nothing, fixture) {
  auto s = sending("1", 7, "x");
  BOOST_TEST(commit(*store, s).code() == status_code::aborted);
  BOOST_TEST(value(s.mail->posted) == 0);
  BOOST_TEST(outbox(0).empty());
}

BOOST_FIXTURE_TEST_CASE(a_trimmed_outbox_goes_on_behind_its_floor, fixture) {
  for (std::uint64_t n = 0; n < 5; ++n) {
    BOOST_REQUIRE(commit(*store, sending("1", n, std::to_string(n))) == status());
  }
  BOOST_TEST(offsets_of(outbox(2)) == (offsets{3, 4, 5}), boost::test_tools::per_element());
  BOOST_TEST(offsets_of(outbox(0, 1)) == (offsets{1}), boost::test_tools::per_element());
  BOOST_TEST(store->trim_outbox(shard, outbox_offset{3}) == status());
  BOOST_TEST(offsets_of(outbox(0)) == (offsets{4, 5}), boost::test_tools::per_element());
  BOOST_TEST(store->trim_outbox(shard, outbox_offset{3}) == status());

  // As after a Redis that has lost what the outbox had given out.
  BOOST_TEST(store->trim_outbox(shard, outbox_offset{100}) == status());
  BOOST_TEST(outbox(0).empty());
  auto s = sending("1", 5, "x");
  BOOST_TEST(commit(*store, s) == status());
  BOOST_TEST(value(s.mail->posted) == 101);
  BOOST_TEST(offsets_of(outbox(100)) == (offsets{101}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(handled_mail_is_remembered_with_its_entity, fixture) {
  BOOST_TEST((loaded(customer("1")).handled == mail_position{0}));
  auto s = update_of("1", 0, "x");
  constexpr auto high = std::uint64_t{1} << 60;  // beyond what a double holds exactly
  effects_of(s).handled = mail_position{high};
  BOOST_TEST(commit(*store, s) == status());
  BOOST_TEST(commit(*store, update_of("1", 1, "y")) == status());
  BOOST_TEST((loaded(customer("1")).handled == mail_position{high}));

  // It changes nothing, so the sequence number alone would not tell that it was done.
  auto again = update_of("1", 2, "");
  again.events.clear();
  effects_of(again).handled = mail_position{high};
  BOOST_TEST(commit(*store, again).code() == status_code::aborted);
  effects_of(again).handled = mail_position{high + 1};
  BOOST_TEST(commit(*store, again) == status());
  BOOST_TEST(loaded(customer("1")).snapshot->payload == "y");
}

BOOST_FIXTURE_TEST_CASE(the_outcome_of_a_command_is_found_for_the_retention, fixture) {
  auto s = update_of("1", 0, "x");
  s.time = {static_cast<std::uint64_t>(clock.now().time_since_epoch().count()) << 16};
  command_outcome outcome{"id", {status_code::failed_precondition, "no"}, "reply\0"s};
  effects_of(s).outcome = outcome;
  BOOST_TEST(commit(*store, s) == status());
  BOOST_TEST((**store->find_outcome(customer("1"), "id") == outcome));
  BOOST_TEST(!store->find_outcome(customer("1"), "other")->has_value());
  BOOST_TEST(!store->find_outcome(customer("2"), "id")->has_value());
  clock.advance(24h + 1ms);
  BOOST_TEST(!store->find_outcome(customer("1"), "id")->has_value());
}

BOOST_FIXTURE_TEST_CASE(what_is_kept_for_a_time_is_dropped_by_redis_then, fixture) {
  auto s = step_with_reply("1", 0, clock.now(), {"m", "k"}, {1, "reply"});
  effects_of(s).outcome = {"id", {}, "reply"};
  BOOST_TEST(commit(*store, s) == status());
  for (const auto& key :
       {keys.reply({"cart", "1"}, {"m", "k"}), keys.outcome({"cart", "1"}, "id")}) {
    auto left = server.ask({"PTTL", key}).integer();
    BOOST_TEST(left > std::chrono::milliseconds(23h).count());
    BOOST_TEST(left <= std::chrono::milliseconds(24h).count());
  }
  BOOST_TEST(server.ask({"PTTL", keys.entity({"cart", "1"})}).integer() == -1);
}

// ----------------------------------------------------------------------------------------- damage

BOOST_FIXTURE_TEST_CASE(a_changed_state_is_data_loss_and_names_its_key, fixture) {
  BOOST_TEST(commit(*store, update_of("1", 0, "x")) == status());
  auto key = keys.entity(customer("1"));
  auto state = std::string(server.ask({"HGET", key, "state"}).text());
  state[state.size() / 2] ^= 1;
  server.ask({"HSET", key, "state", state});
  check_damaged(store->load(customer("1")).error(), key);
  check_damaged(store->read_log(shard, log_offset{0}, 1000).error(), key);

  server.ask({"DEL", key});
  server.ask({"SET", key, "other data"});
  check_damaged(store->load(customer("1")).error(), key);
  check_damaged(commit(*store, update_of("1", 1, "y")), key);
  BOOST_TEST(commit(*store, step_of("1", 0, {"another entity goes on"})) == status());
}

BOOST_FIXTURE_TEST_CASE(a_state_under_another_key_is_data_loss, fixture) {
  BOOST_TEST(commit(*store, update_of("1", 0, "x")) == status());
  auto other = entity_key{"other", "1"};
  server.ask({"COPY", keys.entity(customer("1")), keys.entity(other)});
  check_damaged(store->load(other).error(), keys.entity(other));
}

BOOST_FIXTURE_TEST_CASE(a_missing_event_is_data_loss, fixture) {
  BOOST_TEST(commit(*store, step_of("1", 0, {"a", "b", "c"})) == status());
  server.ask({"XDEL", keys.log(), "2-0"});
  check_damaged(store->load({"cart", "1"}).error(), keys.log() + ", offset 1");
  auto before = store->read_log(shard, log_offset{0}, 1000);
  BOOST_TEST(payloads_of(*before) == std::vector{"a"s}, boost::test_tools::per_element());
  check_damaged(store->read_log(shard, log_offset{1}, 1000).error(), keys.log() + ", offset 1");
  server.ask({"XDEL", keys.log(), "3-0"});
  check_damaged(store->read_log(shard, log_offset{2}, 1000).error(), keys.log() + ", offset 2");
}

BOOST_FIXTURE_TEST_CASE(a_missing_entry_of_an_outbox_is_data_loss, fixture) {
  for (std::uint64_t n = 0; n < 4; ++n) {
    BOOST_REQUIRE(commit(*store, sending("1", n, "x")) == status());
  }
  server.ask({"XDEL", keys.outbox(), "3-0"});
  BOOST_TEST(offsets_of(outbox(0)) == (offsets{1, 2}), boost::test_tools::per_element());
  check_damaged(store->read_outbox(shard, outbox_offset{2}, 1000).error(),
                keys.outbox() + ", offset 3");
}

BOOST_FIXTURE_TEST_CASE(a_missing_index_is_data_loss, fixture) {
  BOOST_TEST(commit(*store, step_of("1", 0, {"a", "b"})) == status());
  auto key = keys.events({"cart", "1"});
  server.ask({"RPOP", key});
  check_damaged(store->load({"cart", "1"}).error(), key);
  check_damaged(commit(*store, step_of("1", 2, {"c"})), key);
}

// ---------------------------------------------------------------------------------------- scripts

BOOST_FIXTURE_TEST_CASE(scripts_that_somebody_flushes_are_loaded_again, fixture) {
  std::vector group{update_of("1", 0, "a"), update_of("1", 1, "b")};
  server.ask({"SCRIPT", "FLUSH"});
  BOOST_TEST(codes_of(store->commit(group)) == std::vector(2, status_code::ok),
             boost::test_tools::per_element());
  BOOST_TEST(store->generation() == 0);
  BOOST_TEST(loaded(customer("1")).snapshot->payload == "b");
}

BOOST_AUTO_TEST_CASE(all_that_a_script_touches_is_in_one_slot_of_a_cluster) {
  redis_server server({"--cluster-enabled", "yes"});
  server.ask({"CLUSTER", "ADDSLOTSRANGE", "0", "16383"});
  while (server.ask({"CLUSTER", "INFO"}).text().find("cluster_state:ok") == std::string::npos) {
  }
  manual_clock clock;
  auto store = open_store(server.endpoint(), clock);
  for (const auto& id : {"1"s, "2"s, "3"s, "{4}"s, "}{"s}) {
    auto s = sending(id, 0, "x");
    s.key = {"m{", "k}"};
    effects_of(s).outcome = {"{id}", {}, ""};
    BOOST_TEST(commit(*store, s) == status());
    s = step_of(id, 0, {"event"});
    BOOST_TEST(commit(*store, s) == status());
    BOOST_TEST(store->trim_outbox(shard_of(id, shards), outbox_offset{1}) == status());
  }
}

BOOST_AUTO_TEST_SUITE_END()
