// How far logs had grown, as replies tell it.

#include "actors/told_positions.hpp"

#include <boost/test/unit_test.hpp>
#include <map>

#include "base/log_position.hpp"
#include "test/actors/action_fixture.hpp"
#include "test/actors/desk_commands.hpp"

using perdure::log_position;
using perdure::status_code;
using perdure::actors::delivery;
using test::by_mail;
using test::pass;
using test::reply_ptr;
using fault = test::faulty_step_store::fault;

namespace {

const std::string desks = "event_sourced_entity/desk";
const std::string labels = "value_entity/label";
const std::string news = "topic/news";

using ends = std::map<std::string, std::map<std::uint32_t, std::uint64_t>>;

struct followed_fixture : test::action_fixture {
  followed_fixture() {
    followed = {desks, labels, news};
    restart();
  }

  static ends told(const reply_ptr& reply) {
    ends all;
    const auto& text = reply->came.value().positions;
    if (text.empty()) return all;
    auto decoded = perdure::decode_positions(text);
    BOOST_REQUIRE_MESSAGE(decoded.ok(), text);
    for (const auto& [log, partition, end] : *decoded) {
      BOOST_TEST(all[log].emplace(partition, end).second, "twice in " << text);
    }
    return all;
  }

  std::uint32_t shard_of(const std::string& id) const {
    return value(perdure::shard_of(id, store.shard_count()));
  }
  std::uint64_t end_of(const std::string& id) const {
    return value(store.log_end(perdure::shard_of(id, store.shard_count())));
  }

  reply_ptr note(const std::string& desk, const std::string& text = "x", std::string key = {}) {
    return to_desk("Note", test::desk::note(desk, text), std::move(key));
  }
  reply_ptr read(const std::string& desk) {
    test::desk::DeskRequest request;
    request.set_desk_id(desk);
    return to_desk("Read", request);
  }
  reply_ptr forward(const std::string& from, const std::string& to, delivery way) {
    test::desk::ForwardRequest request;
    request.set_desk_id(from);
    request.set_to(to);
    request.set_text("x");
    request.set_note(true);
    auto c = command_to<test::desk::desk>(from, "Forward", request);
    c.way = way;
    if (way != delivery::direct) c.command_id = "id-1";
    return send(std::move(c));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(told_positions, followed_fixture)

BOOST_AUTO_TEST_CASE(a_reply_tells_the_end_of_its_log_with_the_command_in_it) {
  for (std::uint64_t i = 1; i <= 3; ++i) {
    auto reply = note("a");
    run();
    BOOST_TEST(!reply->came);
    settle();
    BOOST_TEST((told(reply) == ends{{desks, {{shard_of("a"), i}}}}));
  }
}

BOOST_AUTO_TEST_CASE(a_reply_to_a_read_tells_what_it_has_waited_for) {
  auto written = note("a");
  auto reply = read("a");
  settle();
  BOOST_TEST((told(reply) == ends{{desks, {{shard_of("a"), 1}}}}));
  reply = read("a");
  settle();
  BOOST_TEST((told(reply) == ends{{desks, {{shard_of("a"), 1}}}}));
}

BOOST_AUTO_TEST_CASE(the_reply_to_a_retry_tells_them_too) {
  auto first = note("a", "x", "key");
  settle();
  restart();
  auto reply = note("a", "x", "key");
  settle();
  BOOST_TEST((told(reply) == ends{{desks, {{shard_of("a"), 1}}}}));
}

BOOST_AUTO_TEST_CASE(a_rejection_tells_none) {
  auto reply = note("a", "no");
  settle();
  BOOST_TEST(told(reply).empty());
}

BOOST_AUTO_TEST_CASE(a_command_whose_commit_failed_tells_none) {
  auto reply = note("a");
  run();
  store.next_commit = fault::lost;
  settle();
  BOOST_TEST((reply->code() == status_code::unavailable));
  BOOST_TEST(told(reply).empty());
}

BOOST_AUTO_TEST_CASE(where_no_view_follows_nothing_is_told) {
  followed = {labels, news};
  restart();
  auto reply = note("a");
  auto announced = ask("Announce", about("a", "hi"));
  settle();
  BOOST_TEST(told(reply).empty());
  BOOST_TEST(!told(announced).empty());
  followed = {};
  restart();
  reply = note("a");
  announced = ask("Announce", about("a", "hi"));
  settle();
  BOOST_TEST(told(reply).empty());
  BOOST_TEST(told(announced).empty());
}

BOOST_AUTO_TEST_CASE(key_value_entities_tell_them_under_their_own_kind) {
  test::desk::PutRequest request;
  request.set_label_id("l");
  request.set_text("x");
  auto reply = to_label("Put", request);
  settle();
  BOOST_TEST((told(reply) == ends{{labels, {{shard_of("l"), 1}}}}));
}

// ------------------------------------------------------------------------- mail and what it awaits

BOOST_AUTO_TEST_CASE(a_call_by_the_mailbox_tells_them_and_so_does_its_retry) {
  auto call = [&] {
    auto c = by_mail(*this, delivery::mailbox, "1", "id-1");
    c.idempotency_key = "key";
    return send(std::move(c));
  };
  auto reply = call();
  settle();
  BOOST_TEST((told(reply) == ends{{desks, {{shard_of("b"), 1}}}}));
  reply = call();
  settle();
  BOOST_TEST((told(reply) == ends{{desks, {{shard_of("b"), 1}}}}));
  BOOST_TEST(notes_of("b").size() == 1);
}

BOOST_AUTO_TEST_CASE(a_call_by_the_mailbox_tells_them_though_its_commit_seemed_to_fail) {
  auto reply = send(by_mail(*this, delivery::mailbox, "1", "id-1"));
  run();
  commit();  // it stands in the mailbox
  run();
  store.next_commit = fault::stored_but_failed;
  commit();
  for (int i = 0; i < 10 && !reply->came; ++i) {
    settle();
    advance(std::chrono::seconds{1});
  }
  BOOST_REQUIRE(reply->came);
  BOOST_TEST((reply->code() == status_code::ok));
  BOOST_TEST((told(reply) == ends{{desks, {{shard_of("b"), 1}}}}));
}

BOOST_AUTO_TEST_CASE(a_forwarded_command_tells_of_both_entities) {
  BOOST_REQUIRE(shard_of("a") != shard_of("b"));
  for (auto way : {delivery::direct, delivery::mailbox}) {
    auto reply = forward("a", "b", way);
    settle();
    BOOST_TEST((told(reply) ==
                ends{{desks, {{shard_of("a"), end_of("a")}, {shard_of("b"), end_of("b")}}}}));
  }
  BOOST_TEST(end_of("b") == 2);
}

BOOST_AUTO_TEST_CASE(a_reply_that_waits_for_what_was_sent_tells_of_that_too) {
  for (auto way : {delivery::direct, delivery::mailbox}) {
    auto request = pass("a", "b", {"1", "2"});
    request.set_wait(true);
    auto c = command_to<test::desk::desk>("a", "Pass", request);
    c.way = way;
    if (way != delivery::direct) c.command_id = "id-1";
    auto reply = send(std::move(c));
    settle();
    BOOST_TEST((told(reply) ==
                ends{{desks, {{shard_of("a"), end_of("a")}, {shard_of("b"), end_of("b")}}}}));
  }
  BOOST_TEST(end_of("b") == 4);
}

// --------------------------------------------------------------------------------------- actions

BOOST_AUTO_TEST_CASE(an_action_tells_what_its_calls_were_told) {
  auto reply = ask("NoteAll", about("a", "x", 3));
  settle();
  BOOST_TEST((told(reply) == ends{{desks, {{shard_of("a"), 3}}}}));
  reply = ask("Forward", about("a", "x"));
  settle();
  BOOST_TEST((told(reply) == ends{{desks, {{shard_of("a"), 3}}}}));
  reply = ask("Echo", about("a", "x"));
  settle();
  BOOST_TEST(told(reply).empty());
}

BOOST_AUTO_TEST_CASE(an_action_tells_where_in_its_topic_its_message_stands) {
  for (std::uint64_t i = 1; i <= 2; ++i) {
    auto reply = ask("Announce", about("a", "hi", 0, "subject"));
    settle();
    auto all = told(reply);
    BOOST_REQUIRE(all.size() == 1);
    BOOST_REQUIRE(all.contains(news));
    BOOST_REQUIRE(all[news].size() == 1);
    auto [partition, end] = *all[news].begin();
    BOOST_TEST(end == value(store.bounds("news", partition).end));
    BOOST_TEST(end > 0);
  }
}

BOOST_AUTO_TEST_CASE(an_action_that_is_called_by_its_mailbox_tells_the_same) {
  auto c = to_clerk("Send", about("a", "x", 0, "wait"));
  c.way = delivery::mailbox;
  c.command_id = "id-1";
  auto reply = send(std::move(c));
  settle();
  BOOST_TEST((told(reply) == ends{{desks, {{shard_of("a"), 1}}}}));
}

BOOST_AUTO_TEST_SUITE_END()
