#include "views/source_reading.hpp"

#include <boost/test/unit_test.hpp>

#include "test/views/projector_fixture.hpp"

namespace {

using namespace perdure;
using namespace perdure::test;

pubsub::topic_record record_of(const std::string& key, const std::string& text) {
  Entry e;
  e.set_amount(1);
  e.set_text(text);
  pubsub::topic_record record;
  record.key = key;
  record.payload = e.SerializeAsString();
  record.headers = {{"content-type", "application/protobuf"}};
  return record;
}

// The entries come from a log that does as the test says; nobody reads notes.
struct scripted_fixture : projector_fixture {
  locked_log log{2};
  scripted_fixture() { logs = {{&log, "entries"}}; }
  ~scripted_fixture() { stop(); }

  void add(std::uint32_t partition, const std::string& key, const std::string& text) {
    log.change([&](scripted_log& l) { l.add(partition, record_of(key, text)); });
  }
  void settle(std::uint32_t partition, std::uint64_t end) {
    BOOST_REQUIRE(seen_by(*running, {{"topic/entries", partition, end}}) == status());
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(source_reading)

BOOST_AUTO_TEST_CASE(a_damaged_record_stops_its_partition_only) {
  scripted_fixture f;
  f.add(0, "a", "x");
  f.add(1, "b", "y");
  f.log.change([](scripted_log& l) {
    l.is_damaged[0] = status(status_code::data_loss, "the record is damaged");
  });
  f.start();
  f.settle(1, 1);
  f.wait([](const auto& s) { return s.problem.find("damaged") != std::string::npos; }, "a problem");
  BOOST_TEST(f.accounts().size() == 1u);
  f.log.change([](scripted_log& l) { l.is_damaged.clear(); });
  f.settle(0, 1);
  BOOST_TEST(f.texts_of("a") == "x;");
}

BOOST_AUTO_TEST_CASE(what_was_dropped_is_passed_over) {
  scripted_fixture f;
  f.add(0, "a", "x");
  f.start();
  f.settle(0, 1);
  f.stop();
  for (auto text : {"lost", "there"}) f.add(0, "a", text);
  f.log.change([](scripted_log& l) { l.trim(0, topic_offset{2}); });
  f.start();
  f.settle(0, 3);
  BOOST_TEST(f.texts_of("a") == "x;there;");
}

BOOST_AUTO_TEST_CASE(a_cursor_behind_the_end_is_a_problem) {
  scripted_fixture f;
  for (auto text : {"x", "y"}) f.add(0, "a", text);
  f.start();
  f.settle(0, 2);
  f.stop();
  f.log.change([](scripted_log& l) { l.create_anew(); });
  f.start();
  f.wait([](const auto& s) { return s.problem.find("rebuild the view") != std::string::npos; },
         "a problem");
  BOOST_TEST(f.texts_of("a") == "x;y;");
}

BOOST_AUTO_TEST_CASE(a_source_that_is_away_holds_up_no_other) {
  scripted_fixture f;
  f.logs.push_back(f.topics.sources()[1]);
  f.log.change([](scripted_log& l) { l.is_refused = status(status_code::unavailable, "away"); });
  f.topics.note("n", "hello");
  f.start();
  auto partition = partition_of_key("n", stored_logs::partitions);
  BOOST_REQUIRE(seen_by(*f.running, {{"topic/notes", partition, 1}}) == status());
  BOOST_TEST(rows_of<Note>(*f.file, "notes").size() == 1u);
  f.wait([](const auto& s) { return s.problem.find("away") != std::string::npos; }, "a problem");
  BOOST_TEST(f.completed == 0);  // nobody knows what there is to read
  f.add(0, "a", "x");
  f.log.change([](scripted_log& l) { l.is_refused.reset(); });
  f.settle(0, 1);
  wait_until([&] { return f.completed == 1; }, "it is complete");
}

BOOST_AUTO_TEST_CASE(a_topic_that_is_not_there_is_empty) {
  scripted_fixture f;
  f.log.change([](scripted_log& l) { l.is_refused = status(status_code::not_found, "no topic"); });
  f.start();
  wait_until([&] { return f.completed == 1; }, "it is complete");
  BOOST_TEST(!f.running->status_now().problem.empty());
}

BOOST_AUTO_TEST_CASE(partitions_are_added) {
  scripted_fixture f;
  f.add(0, "a", "x");
  f.start();
  f.settle(0, 1);
  f.log.change([](scripted_log& l) { l.grow_to(3); });
  f.add(2, "c", "y");
  f.settle(2, 1);
  BOOST_TEST(f.texts_of("c") == "y;");
}

BOOST_AUTO_TEST_SUITE_END()
