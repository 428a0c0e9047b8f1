// Messages of a view that fail: held back with those of their subject, tried again, parked.

#include <boost/test/unit_test.hpp>

#include "test/views/projector_fixture.hpp"

namespace {

using namespace perdure;
using namespace perdure::test;
using views::projector_status;

using fixture = projector_fixture;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(projector_retries, fixture)

BOOST_AUTO_TEST_CASE(a_message_that_fails_holds_up_its_subject_only) {
  script->fail("bad");
  topics.entry("a", 1, "good");
  topics.entry("a", 1, "bad");
  topics.entry("a", 1, "behind");
  topics.entry("b", 1, "other");
  start();
  settle();
  wait([](const auto& s) { return s.parked == 1; }, "it is parked");
  BOOST_TEST(texts_of("a") == "good;");
  BOOST_TEST(texts_of("b") == "other;");
  BOOST_TEST(running->status_now().held == 2u);
  topics.entry("a", 1, "later");
  settle();
  BOOST_TEST(texts_of("a") == "good;");

  script->mend("bad");
  BOOST_REQUIRE(running->retry("topic entries", "a") == status());
  wait([](const auto& s) { return s.held == 0; }, "all of it is handled");
  BOOST_TEST(texts_of("a") == "good;bad;behind;later;");
  BOOST_TEST((running->retry("topic/entries", "a").code() == status_code::not_found));
}

BOOST_AUTO_TEST_CASE(it_is_tried_again_before_it_is_parked) {
  bounds.attempts_max = 1'000'000;
  script->fail("bad");
  topics.entry("a", 1, "bad");
  topics.entry("a", 1, "behind");
  start();
  settle();
  BOOST_TEST(running->status_now().retrying == 1u);
  script->mend("bad");
  wait([](const auto& s) { return s.held == 0; }, "it was tried again");
  BOOST_TEST(texts_of("a") == "bad;behind;");
}

BOOST_AUTO_TEST_CASE(what_is_held_back_survives_a_restart) {
  script->fail("bad");
  topics.entry("a", 1, "bad");
  start();
  wait([](const auto& s) { return s.parked == 1; }, "it is parked");
  auto all = held();
  BOOST_TEST_REQUIRE(all.size() == 1u);
  BOOST_TEST(all.front().attempts == 3u);
  BOOST_TEST(all.front().error == "INTERNAL: OnEntry threw: no luck with bad");
  BOOST_TEST(all.front().is_parked);

  topics.entry("a", 1, "behind");
  start();
  settle();
  BOOST_TEST(running->status_now().parked == 1u);
  script->mend("bad");
  running->retry_all();
  wait([](const auto& s) { return s.held == 0; }, "all of it is handled");
  BOOST_TEST(texts_of("a") == "bad;behind;");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_handled_is_skipped) {
  script->fail("bad");
  topics.entry("a", 1, "bad");
  topics.entry("a", 1, "behind");
  start();
  wait([](const auto& s) { return s.parked == 1; }, "it is parked");
  auto number = held().front().number;
  start();
  BOOST_TEST((running->skip("topic entries", "a", number + 1).code() == status_code::not_found));
  BOOST_REQUIRE(running->skip("topic entries", "a", number) == status());
  wait([](const auto& s) { return s.held == 0; }, "the other is handled");
  BOOST_TEST(texts_of("a") == "behind;");
}

BOOST_AUTO_TEST_CASE(what_can_never_be_read_is_parked_at_once) {
  topics.logs.append("entries", {"a", "\xff\xff"});
  start();
  wait([](const auto& s) { return s.parked == 1; }, "it is parked");
  BOOST_TEST(held().front().attempts == 1u);
}

BOOST_AUTO_TEST_CASE(what_is_about_nobody_is_parked_at_once) {
  topics.entry("", 1);
  start();
  wait([](const auto& s) { return s.parked == 1; }, "it is parked");
  BOOST_TEST(held().front().attempts == 1u);
  BOOST_TEST(held().front().error.find("neither a subject") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_can_never_be_a_row_is_parked_at_once) {
  topics.note(std::string(5000, 'n'), "its key is too long");
  start();
  wait([](const auto& s) { return s.parked == 1; }, "it is parked");
  BOOST_TEST(held().front().attempts == 1u);
  BOOST_TEST(held().front().error.find("at most 4096 are allowed") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_a_handler_must_not_do_fails) {
  bounds.row_bytes_max = 100;
  std::map<std::string, std::string> wrongs{
      {"wrong type", "is a test.ledger.Note, not a test.ledger.Account"},
      {"no key", "the key of a row of table \"accounts\" is empty"},
      {"long key", "has 5000 bytes, at most 4096 are allowed"},
      {"unknown table", "the view has no table \"nowhere\""},
      {std::string(200, 't'), "at most 100 are allowed"}};
  for (const auto& [text, why] : wrongs) topics.entry(text, 1, text);
  topics.entry("good", 1);
  start();
  wait([&](const auto& s) { return s.parked == wrongs.size(); }, "all are parked");
  settle();
  BOOST_TEST(accounts().size() == 1u);
  for (const auto& m : held()) {
    BOOST_TEST(m.error.find(wrongs[m.subject]) != std::string::npos, m.error);
  }
}

BOOST_AUTO_TEST_CASE(there_is_an_end_to_what_is_held_back) {
  bounds.held_bytes_max = 2000;
  bounds.page_bytes = 100;
  script->fail("bad");
  for (int n = 0; n < 100; ++n) topics.entry("a", 1, "bad");
  start();
  wait([](const auto& s) { return !s.problem.empty(); }, "it says so");
  BOOST_TEST(running->status_now().problem.find("no room for more") != std::string::npos);
  BOOST_TEST(running->status_now().held < 50u);
  script->mend("bad");
  running->retry_all();
  settle();
  wait([](const auto& s) { return s.held == 0; }, "all of it is handled");
  BOOST_TEST(accounts()["a"].entries() == 100);
}

BOOST_AUTO_TEST_SUITE_END()
