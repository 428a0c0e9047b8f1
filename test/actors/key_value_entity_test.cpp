// Entities whose state is replaced whole, and the deletion of both kinds.

#include <boost/test/unit_test.hpp>

#include "test/actors/entity_fixture.hpp"

using namespace std::chrono_literals;
using perdure::status_code;
using test::entity_fixture;
using fault = test::faulty_step_store::fault;
using texts = std::vector<std::string>;

BOOST_TEST_SPECIALIZED_COLLECTION_COMPARE(texts)

namespace {

struct labels_fixture : entity_fixture {
  test::reply_ptr put(const std::string& text, std::chrono::milliseconds expire = {},
                      const std::string& pass_to = {}) {
    test::desk::PutRequest request;
    request.set_label_id("l");
    request.set_text(text);
    request.set_expire_ms(expire.count());
    request.set_pass_to(pass_to);
    return to_label("Put", request);
  }

  test::reply_ptr erase() {
    test::desk::LabelRequest request;
    request.set_label_id("l");
    return to_label("Erase", request);
  }

  test::desk::Text get() {
    test::desk::LabelRequest request;
    request.set_label_id("l");
    auto reply = to_label("Get", request);
    settle();
    return reply->as<test::desk::Text>();
  }

  void pass_time(std::chrono::milliseconds by) {
    advance(by);
    settle();
  }

  void close_desk() {
    test::desk::DeskRequest request;
    request.set_desk_id("a");
    to_desk("Close", request);
    settle();
  }

  std::vector<perdure::persistence::stored_event> log_of(const std::string& id) {
    return *store.read_log(perdure::shard_of(id, store.shard_count()), perdure::log_offset{0},
                           1 << 20);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(key_value_entity, labels_fixture)

BOOST_AUTO_TEST_CASE(an_update_replaces_the_state) {
  put("one");
  put("two");
  BOOST_TEST(get().text() == "two");
  BOOST_TEST(get().sequence() == 2);
}

BOOST_AUTO_TEST_CASE(the_state_is_there_after_a_restart) {
  put("one");
  start();
  BOOST_TEST(get().text() == "one");
  BOOST_TEST(get().sequence() == 1);
}

BOOST_AUTO_TEST_CASE(the_next_command_sees_a_state_that_is_not_yet_durable_and_waits_for_it) {
  put("one");
  test::desk::LabelRequest request;
  request.set_label_id("l");
  auto read = to_label("Get", request);
  run();
  BOOST_TEST(!read->came);
  commit();
  BOOST_TEST(read->as<test::desk::Text>().text() == "one");
}

BOOST_AUTO_TEST_CASE(an_update_that_failed_is_undone) {
  put("one");
  settle();
  store.next_commit = fault::lost;
  auto failed = put("two");
  settle();
  BOOST_TEST((failed->code() == status_code::unavailable));
  BOOST_TEST(get().text() == "one");
}

BOOST_AUTO_TEST_CASE(a_state_over_its_bound_is_refused_and_leaves_no_trace) {
  limits.step_bytes_max = 2000;
  start();
  put("one");
  auto refused = put(std::string(3000, 'x'));
  settle();
  BOOST_TEST((refused->code() == status_code::resource_exhausted));
  BOOST_TEST(get().text() == "one");
}

BOOST_AUTO_TEST_CASE(a_state_that_could_not_be_read_back_is_refused) {
  auto refused = put("\xff\xfe");
  settle();
  BOOST_TEST((refused->code() == status_code::internal));
  BOOST_TEST(get().sequence() == 0);
}

BOOST_AUTO_TEST_CASE(each_update_is_a_change_in_the_log_of_which_the_last_has_the_state) {
  put("one");
  put("two");
  settle();
  auto log = log_of("l");
  BOOST_REQUIRE(log.size() == 2u);
  BOOST_TEST(log[0].superseded);
  BOOST_TEST(!log[1].superseded);
  BOOST_TEST(log[1].type == "test.desk.LabelState");
}

BOOST_AUTO_TEST_CASE(an_update_can_send) {
  put("one", {}, "a");
  settle();
  BOOST_TEST(notes_of("a") == (texts{"one"}));
}

// ---------------------------------------------------------------------------------------- deletion

BOOST_AUTO_TEST_CASE(after_erase_the_state_is_empty_and_the_sequence_goes_on) {
  put("one");
  erase();
  BOOST_TEST(get().text() == "");
  BOOST_TEST(get().sequence() == 2);
  start();
  BOOST_TEST(get().text() == "");
  put("two");
  BOOST_TEST(get().text() == "two");
  BOOST_TEST(get().sequence() == 3);
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_not_erased) {
  auto reply = erase();
  settle();
  BOOST_TEST((reply->code() == status_code::ok));
  BOOST_TEST(get().sequence() == 0);
}

BOOST_AUTO_TEST_CASE(subscribers_see_a_deletion) {
  put("one");
  erase();
  settle();
  auto log = log_of("l");
  BOOST_REQUIRE(log.size() == 2u);
  BOOST_TEST(log[1].is_deletion());
}

BOOST_AUTO_TEST_CASE(a_deleted_event_sourced_entity_begins_anew_with_its_numbers_going_on) {
  to_desk("Note", test::desk::note("a", "before"));
  settle();
  close_desk();
  BOOST_TEST(notes_of("a") == texts{});
  to_desk("Note", test::desk::note("a", "after"));
  settle();
  BOOST_TEST(notes_of("a") == (texts{"after"}));
  start();
  BOOST_TEST(notes_of("a") == (texts{"after"}));

  auto log = log_of("a");
  BOOST_REQUIRE(log.size() == 4u);
  BOOST_TEST(log[1].type == "test.desk.Closed");  // the last event
  BOOST_TEST(log[2].is_deletion());
  BOOST_TEST((log[3].sequence == perdure::sequence_nr{4}));
}

BOOST_AUTO_TEST_CASE(content_of_a_deleted_entity_goes_after_its_retention) {
  limits.deleted_retention = 24h;
  start();
  to_desk("Note", test::desk::note("a", "before"));
  settle();
  close_desk();
  to_desk("Note", test::desk::note("a", "after"));
  settle();
  BOOST_TEST(!log_of("a")[0].payload.empty());
  clock.advance(25h);
  pass_time(10min);
  BOOST_TEST(log_of("a")[0].payload.empty());
  BOOST_TEST(log_of("a")[0].superseded);
  BOOST_TEST(!log_of("a")[3].payload.empty());
}

// ------------------------------------------------------------------------------------------ expiry

BOOST_AUTO_TEST_CASE(a_state_expires_after_its_time) {
  put("one", 10s);
  settle();
  pass_time(9s);
  BOOST_TEST(get().text() == "one");
  pass_time(1s);
  BOOST_TEST(get().text() == "");
  BOOST_TEST(log_of("l").size() == 2u);
  BOOST_TEST(log_of("l").back().is_deletion());
}

BOOST_AUTO_TEST_CASE(an_expired_state_is_not_shown_though_its_timer_is_late) {
  put("one", 10s);
  settle();
  clock.advance(10s);  // and nothing of CAF's time
  BOOST_TEST(get().text() == "");
}

BOOST_AUTO_TEST_CASE(an_expiry_without_an_update_is_the_services_mistake) {
  put("one");
  auto refused = put("no update", 10s);
  settle();
  BOOST_TEST((refused->code() == status_code::internal));
  pass_time(1min);
  BOOST_TEST(get().text() == "one");
}

BOOST_AUTO_TEST_CASE(an_expired_state_is_erased_though_a_command_has_found_it_empty) {
  put("one", 10s);
  settle();
  clock.advance(10s);
  BOOST_TEST(get().text() == "");
  pass_time(10s);
  BOOST_TEST(log_of("l").back().is_deletion());
}

BOOST_AUTO_TEST_CASE(another_update_takes_the_expiry_away) {
  put("one", 10s);
  put("two");
  settle();
  BOOST_TEST(!store.next_due()->has_value());
  pass_time(1min);
  BOOST_TEST(get().text() == "two");
}

BOOST_AUTO_TEST_CASE(a_state_expires_though_nobody_asks_and_after_a_restart) {
  put("one", 10s);
  settle();
  clock.advance(1h);
  start();
  settle();
  BOOST_TEST(log_of("l").back().is_deletion());
}

BOOST_AUTO_TEST_SUITE_END()
