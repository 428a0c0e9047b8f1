#include "views/projector.hpp"

#include <boost/test/unit_test.hpp>

#include "test/views/projector_fixture.hpp"

namespace {

using namespace perdure;
using namespace perdure::test;
using views::projector_status;

using fixture = projector_fixture;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(projector, fixture)

// ----------------------------------------------------------------------------------- messages

BOOST_AUTO_TEST_CASE(messages_become_rows) {
  topics.entry("a", 5, "x");
  topics.note("n", "hello");
  start();
  topics.entry("a", 6, "y");
  topics.note("n", "again");
  settle();
  BOOST_TEST(accounts()["a"].balance() == 11);
  BOOST_TEST(texts_of("a") == "x;y;");
  BOOST_TEST(rows_of<Note>(*file, "notes")["n"].text() == "again");
  auto now = running->status_now();
  BOOST_TEST(now.handled == 4u);
  BOOST_TEST(now.lag == 0u);
  BOOST_TEST(now.problem == "");
  BOOST_TEST(now.partitions.size() == 8u);
}

BOOST_AUTO_TEST_CASE(it_goes_on_where_it_was) {
  topics.entry("a", 5, "x");
  start();
  settle();
  stop();
  topics.entry("a", 6, "y");
  start();
  settle();
  BOOST_TEST(texts_of("a") == "x;y;");
  BOOST_TEST(running->status_now().handled == 1u);
}

BOOST_AUTO_TEST_CASE(rows_of_other_keys_and_tables_change_too) {
  topics.entry("a", 5, "x", "bank");
  topics.entry("b", 7, "y", "bank");
  topics.entry("c", 1, "other table");
  start();
  settle();
  BOOST_TEST(accounts()["bank"].balance() == -12);
  BOOST_TEST(accounts()["a"].balance() == 5);
  BOOST_TEST(rows_of<Note>(*file, "notes")["c"].text() == "from an entry");
}

BOOST_AUTO_TEST_CASE(a_row_goes_with_its_subject) {
  topics.entry("a", 5);
  topics.note("n", "hello");
  start();
  settle();
  topics.close("entries", "a");
  topics.close("notes", "n");
  settle();
  BOOST_TEST(accounts().empty());
  BOOST_TEST(rows_of<Note>(*file, "notes").empty());
}

BOOST_AUTO_TEST_CASE(who_handles_deletions_decides) {
  auto& updates = plan.sources[0].updates[0];
  updates.takers.all.push_back({1, plan.service->method(1), false, true});
  updates.transforms.push_back(true);
  topics.entry("a", 5, "x");
  topics.close("entries", "a");
  start();
  settle();
  BOOST_TEST(texts_of("a") == "x;closed;");
}

BOOST_AUTO_TEST_CASE(who_ignores_deletions_keeps_the_row) {
  auto& updates = plan.sources[0].updates[0];
  updates.takers.all.push_back({1, plan.service->method(1), true, true});
  updates.transforms.push_back(false);
  topics.entry("a", 5, "x");
  topics.close("entries", "a");
  start();
  settle();
  BOOST_TEST(texts_of("a") == "x;");
}

// Both tables take of one source, each its own messages.
BOOST_AUTO_TEST_CASE(a_source_may_feed_several_tables) {
  auto entries = plan.sources[0].from;
  views::table_updates notes{
      1, {entries, false, {{2, plan.service->method(2), false, false}}}, {false}};
  plan.sources[0].updates.push_back(notes);
  Entry e;
  e.set_text("x");
  Note n;
  n.set_text("hello");
  auto publish_typed = [&](const std::string& type, const std::string& payload) {
    auto s = mail_only("publisher");
    auto m = message_of("entries", "a", payload);
    m.type = type;
    topics_of(s).messages = {m};
    topics.logs.store_step(std::move(s), timestamp{std::chrono::seconds(1)});
  };
  publish_typed("test.ledger.Entry", e.SerializeAsString());
  publish_typed("test.ledger.Note", n.SerializeAsString());
  publish_typed("test.ledger.Strange", "");
  start();
  wait([](const auto& s) { return s.parked == 1; }, "the strange one is parked");
  BOOST_TEST(texts_of("a") == "x;");
  BOOST_TEST(rows_of<Note>(*file, "notes")["a"].text() == "hello");
  topics.close("entries", "a");  // waits behind it
  settle();
  BOOST_TEST(running->status_now().held == 2u);
}

// Straight from the log of an entity's shard, where other types stand in between.
BOOST_AUTO_TEST_CASE(events_of_entities_become_rows) {
  events_log events;
  pubsub::message_source account{pubsub::message_source::kind::event_sourced_entity, "account"};
  plan.sources.resize(1);
  plan.sources[0].from = plan.sources[0].updates[0].takers.source = account;
  logs = {{&events.log, "account"}};
  auto happens = [&](const entity_key& entity, const persistence::new_event& event) {
    persistence::step s;
    s.entity = entity;
    s.expected = sequence_nr{events.sequences[entity]++};
    s.events = {event};
    events.store_step(std::move(s), timestamp{std::chrono::seconds(1)});
  };
  Entry e;
  e.set_text("x");
  persistence::new_event entry{"test.ledger.Entry", e.SerializeAsString()};
  start();
  happens({"account", "a"}, entry);
  happens({"account", "b"}, entry);
  happens({"account", "a"}, persistence::new_event::deletion());
  for (int n = 0; n < 100; ++n) happens({"other", "o" + std::to_string(n)}, entry);
  std::vector<log_position> ends;
  for (std::uint32_t n = 0; n < stored_logs::partitions; ++n) {
    ends.push_back({account.path(), n, value(events.store.log_end(shard_id{n}))});
  }
  BOOST_REQUIRE(seen_by(*running, ends) == status());
  BOOST_TEST(accounts().size() == 1u);
  BOOST_TEST(texts_of("b") == "x;");
  wait_until([&] { return completed == 1; }, "it is complete");
  stop();
}

// ----------------------------------------------------------------------------------- failures

BOOST_AUTO_TEST_CASE(what_comes_twice_counts_once) {
  logs = topics.sources(true);
  auto publish_event = [&](const std::string& text, std::uint64_t sequence) {
    Entry e;
    e.set_amount(1);
    e.set_text(text);
    auto s = mail_only("publisher");
    auto m = message_of("entries", "a", e.SerializeAsString());
    m.id = "entry/a/" + std::to_string(sequence);
    m.source = "elsewhere";
    m.sequence = sequence_nr{sequence};
    topics_of(s).messages = {m};
    topics.logs.store_step(std::move(s), timestamp{std::chrono::seconds(1)});
  };
  publish_event("x", 1);
  publish_event("x", 1);
  start();
  settle();
  stop();
  publish_event("y", 2);
  publish_event("x", 1);
  start();
  settle();
  BOOST_TEST(texts_of("a") == "x;y;");
}

// ---------------------------------------------------------------------------------------- seen

BOOST_AUTO_TEST_CASE(who_waits_is_told_in_time) {
  start();
  settle();
  using enum status_code;
  std::vector<log_position> ahead{{"topic/entries", 0, 1000}};
  BOOST_TEST((seen_by(*running, ahead, topics.clock.now()).code() == deadline_exceeded));
  BOOST_TEST((seen_by(*running, ahead, topics.clock.now() + std::chrono::milliseconds(20)).code() ==
              deadline_exceeded));
  BOOST_TEST(seen_by(*running, {{"topic/elsewhere", 0, 1000}}) == status());

  std::promise<status> told;
  running->when_seen(ahead, timestamp::max(), [&](status s) { told.set_value(s); });
  running->stop();
  BOOST_TEST((told.get_future().get().code() == unavailable));
  BOOST_TEST((seen_by(*running, ahead).code() == unavailable));
  BOOST_TEST((running->retry("topic entries", "a").code() == unavailable));
}

BOOST_AUTO_TEST_CASE(what_was_seen_is_in_the_rows) {
  start();
  for (int n = 1; n <= 50; ++n) {
    topics.entry("a", 1);
    settle();
    BOOST_REQUIRE(accounts()["a"].entries() == n);
  }
}

// ------------------------------------------------------------------------------------ completion

BOOST_AUTO_TEST_CASE(it_is_complete_once_all_has_been_read) {
  for (int n = 0; n < 1000; ++n) topics.entry("k" + std::to_string(n % 7), 1);
  script->fail("bad");
  topics.entry("bad", 1, "bad");
  start();
  wait_until([&] { return completed == 1; }, "it is complete");
  std::int64_t entries = 0;
  for (const auto& [key, row] : accounts()) entries += row.entries();
  BOOST_TEST(entries == 1000);
  BOOST_TEST(file->is_complete());
  stop();
  start();
  settle();
  BOOST_TEST(completed == 1);
  BOOST_TEST(running->status_now().is_complete);
}

BOOST_AUTO_TEST_CASE(without_messages_it_is_complete_at_once) {
  start();
  wait_until([&] { return completed == 1; }, "it is complete");
}

BOOST_AUTO_TEST_CASE(one_may_begin_at_the_end) {
  plan.sources[0].from_end = true;
  topics.entry("a", 1, "before");
  start();
  wait([](const auto& s) { return s.partitions.size() == 8; }, "it has begun");
  stop();
  topics.entry("a", 1, "meanwhile");
  start();
  settle();
  BOOST_TEST(texts_of("a") == "meanwhile;");
}

BOOST_AUTO_TEST_SUITE_END()
