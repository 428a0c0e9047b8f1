// Entities' events as a log: of one type among others, of key-value entities, and of a store that
// does not tell where its logs end.

#include <boost/test/unit_test.hpp>

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "persistence/memory_step_store.hpp"
#include "pubsub/cloud_event.hpp"
#include "pubsub/entity_log.hpp"
#include "test/persistence/topic_samples.hpp"

using namespace perdure;
using namespace perdure::pubsub;
using namespace perdure::test;

using boost::test_tools::per_element;

namespace {

// A store that is no topic_store, as Redis.
class plain_store final : public persistence::step_store {
 public:
  explicit plain_store(persistence::step_store& of) : of_(of) {}
  std::uint32_t shard_count() const override { return of_.shard_count(); }
  std::vector<status> commit(std::span<const persistence::step> group) override {
    return of_.commit(group);
  }
  std::uint64_t generation() const override { return of_.generation(); }
  result<persistence::history> load(const entity_key& entity) override { return of_.load(entity); }
  result<persistence::entity_page> list_entities(
      const persistence::entity_selection& which,
      const std::optional<persistence::entity_place>& from, std::size_t max) override {
    return of_.list_entities(which, from, max);
  }
  result<std::optional<persistence::recorded_reply>> find_reply(
      const entity_key& entity, const persistence::idempotency_key& key, timestamp now) override {
    return of_.find_reply(entity, key, now);
  }
  result<std::vector<persistence::stored_event>> read_log(shard_id shard, log_offset from,
                                                          std::size_t bytes_max) override {
    ++reads;
    auto page = of_.read_log(shard, from, bytes_max);
    if (auto then = std::exchange(once_read, nullptr)) then();
    return page;
  }
  int reads = 0;
  std::function<void()> once_read;  // before the reader knows what was read

 private:
  persistence::step_store& of_;
};

// What runs elsewhere does so at once.
struct fixture {
  persistence::memory_step_store store{1};
  plain_store plain{store};
  growth grown;
  run_elsewhere at_once = [](auto what) { what(); };
  entity_log log{store, "service", grown, at_once};
  entity_log of_plain{plain, "service", grown, at_once};

  ~fixture() { grown.stop(); }

  void put(persistence::step s, const std::string& type = "cart") {
    s.entity.type = type;
    BOOST_REQUIRE(commit(store, s) == status());
    grown.grown();
  }

  std::optional<result<topic_page>> told;
  void read(entity_log& from, std::uint64_t offset, std::size_t bytes = 1 << 20) {
    told.reset();
    from.read("reader", "cart", 0, topic_offset{offset}, bytes,
              [this](auto page) { told = std::move(page); });
  }
  texts payloads() {
    BOOST_REQUIRE(told.has_value());
    BOOST_REQUIRE_MESSAGE(told->ok(), told->error());
    texts all;
    for (const auto& r : (*told)->records) all.push_back(r.payload.value_or("(deleted)"));
    return all;
  }
  std::uint64_t next() { return value((*told)->next); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(entity_log, fixture)

BOOST_AUTO_TEST_CASE(events_of_other_types_are_passed_over) {
  put(step_of("1", 0, {"c1"}));
  put(step_of("1", 0, {"x1", "x2"}), "other");
  put(step_of("1", 1, {"c2"}));
  put(step_of("1", 2, {"x3"}), "other");
  read(log, 0);
  BOOST_TEST(payloads() == (texts{"c1", "c2"}), per_element());
  BOOST_TEST(next() == 5);
  read(log, 1, 1);  // small pages
  BOOST_TEST(payloads() == texts{"c2"}, per_element());
  // Nothing for us: but how far it was looked.
  read(log, 4);
  BOOST_TEST(payloads().empty());
  BOOST_TEST(next() == 5);
  read(log, 5);
  BOOST_TEST(!told.has_value());
  put(step_of("1", 3, {"x4"}), "other");
  BOOST_TEST(payloads().empty());
  BOOST_TEST(next() == 6);
}

BOOST_AUTO_TEST_CASE(a_state_that_was_replaced_is_passed_over_and_a_deletion_is_told) {
  put(state_of("1", 0, "s1"));
  put(state_of("1", 1, "s2"));
  put(state_of("2", 0, "t1"));
  read(log, 0);
  BOOST_TEST(payloads() == (texts{"s2", "t1"}), per_element());
  BOOST_TEST(next() == 3);
  put(state_of("1", 2, std::nullopt));
  read(log, 0);
  BOOST_TEST(payloads().back() == "(deleted)");
}

BOOST_AUTO_TEST_CASE(an_event_is_told_as_a_cloud_event) {
  auto s = step_of("1", 0, {"c1"});
  s.time = {static_cast<std::uint64_t>(5000) << 16};
  s.trace_parent = "00-1";
  s.events[0].metadata = {{"user", "ann"}};
  put(s);
  read(log, 0);
  BOOST_REQUIRE(payloads().size() == 1);
  auto event = read_cloud_event((*told)->records[0]);
  BOOST_REQUIRE(event.ok());
  BOOST_TEST(event->id == "cart/1/1");
  BOOST_TEST(event->source == "service");
  BOOST_TEST(event->type == s.events[0].type);
  BOOST_TEST(event->subject == "1");
  BOOST_TEST(event->trace_parent == "00-1");
  BOOST_TEST((event->metadata == s.events[0].metadata));
  BOOST_TEST((event->time == timestamp{std::chrono::milliseconds(5000)}));
}

BOOST_AUTO_TEST_CASE(where_a_store_does_not_tell_its_ends_they_are_found) {
  BOOST_TEST(value(of_plain.bounds("cart", 0)->end) == 0);
  for (std::uint64_t count = 1; count <= 40; ++count) {
    put(step_of("1", count - 1, {"c"}));
    BOOST_TEST(value(of_plain.bounds("cart", 0)->end) == count);
  }
  auto reads = plain.reads;
  BOOST_TEST(value(of_plain.bounds("cart", 0)->end) == 40);
  BOOST_TEST(plain.reads - reads <= 3);
  auto there = of_plain.bounds("cart", 1);
  BOOST_TEST(there.error().code() == status_code::invalid_argument);
}

BOOST_AUTO_TEST_CASE(what_is_stored_while_such_a_store_is_read_is_not_missed) {
  plain.once_read = [this] { put(step_of("a", 0, {"1"})); };
  read(of_plain, 0);
  BOOST_TEST(payloads() == texts{"1"}, per_element());
}

BOOST_AUTO_TEST_CASE(such_a_store_is_read_whenever_something_was_stored) {
  read(of_plain, 0);
  BOOST_TEST(!told.has_value());
  put(step_of("1", 0, {"x1"}), "other");
  BOOST_TEST(payloads().empty());
  BOOST_TEST(next() == 1);
  read(of_plain, 1);
  auto reads = plain.reads;
  BOOST_TEST(!told.has_value());
  put(step_of("1", 0, {"c1"}));
  BOOST_TEST(payloads() == texts{"c1"}, per_element());
  BOOST_TEST(plain.reads > reads);
  // At rest nothing is read.
  read(of_plain, 2);
  reads = plain.reads;
  BOOST_TEST(!told.has_value());
  BOOST_TEST(plain.reads == reads);
  read(of_plain, 3);
  BOOST_TEST(told->error().code() == status_code::out_of_range);
}

BOOST_AUTO_TEST_SUITE_END()
