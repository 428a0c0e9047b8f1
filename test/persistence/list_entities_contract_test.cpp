// Which entities every step store says there are: each case runs on every adapter.

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "test/persistence/samples.hpp"
#include "test/persistence/step_store_adapters.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;
using namespace std::string_literals;

namespace perdure::persistence {
std::ostream& operator<<(std::ostream& out, const entity_summary& one) {
  return out << to_string(one.entity) << " #" << value(one.sequence)
             << (one.is_key_value ? " key-value" : "") << (one.is_deleted ? " deleted" : "")
             << one.problem;
}
}  // namespace perdure::persistence

namespace {

using adapters = step_store_adapters;
using summaries = std::vector<entity_summary>;

// All that are listed, sorted, since an adapter may have them in another order.
summaries listed(step_store& store, const entity_selection& which = {}, std::size_t max = 100) {
  summaries all;
  std::optional<entity_place> from;
  do {
    auto page = store.list_entities(which, from, max);
    BOOST_REQUIRE_MESSAGE(page.ok(), page.error());
    BOOST_TEST(page->entities.size() <= max);
    all.insert(all.end(), page->entities.begin(), page->entities.end());
    from = page->next;
  } while (from);
  std::ranges::sort(all, {}, &entity_summary::entity);
  return all;
}

step of_type(const std::string& type, step s) {
  s.entity.type = type;
  return s;
}

void commit_all(step_store& store, const std::vector<step>& group) {
  for (const auto& done : store.commit(group)) BOOST_TEST(done == status());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(list_entities_contract)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_new_store_has_none, Adapter, adapters) {
  Adapter store;
  BOOST_TEST(listed(*store).empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(each_is_there_once_with_its_kind_and_its_last_number, Adapter,
                              adapters) {
  Adapter store;
  commit_all(*store, {step_of("events", 0, {"a", "b"}), step_of("events", 2, {"c"}),
                      state_of("state", 0, "first"), state_of("state", 1, "second")});
  auto with_snapshot = step_of("both", 0, {"a"});
  with_snapshot.snapshot = new_snapshot{"cart.domain.Cart", "a"};
  commit_all(*store, {with_snapshot, step_of("both", 1, {"b"})});
  BOOST_TEST(listed(*store) == (summaries{{{"cart", "both"}, sequence_nr{2}, false, false},
                                          {{"cart", "events"}, sequence_nr{3}, false, false},
                                          {{"cart", "state"}, sequence_nr{2}, true, false}}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_deleted_one_is_there_as_deleted_until_it_begins_anew, Adapter,
                              adapters) {
  Adapter store;
  auto deletion = step_of("1", 1, {});
  deletion.events.push_back(new_event::deletion());
  commit_all(*store, {step_of("1", 0, {"a"}), deletion, state_of("2", 0, "a"),
                      state_of("2", 1, std::nullopt)});
  BOOST_TEST(listed(*store) == (summaries{{{"cart", "1"}, sequence_nr{2}, false, true},
                                          {{"cart", "2"}, sequence_nr{2}, true, true}}),
             boost::test_tools::per_element());
  commit_all(*store, {step_of("1", 2, {"b"}), state_of("2", 2, "b")});
  BOOST_TEST(listed(*store) == (summaries{{{"cart", "1"}, sequence_nr{3}, false, false},
                                          {{"cart", "2"}, sequence_nr{3}, true, false}}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(who_has_had_no_event_is_none, Adapter, adapters) {
  Adapter store;
  auto read = step_of("read", 0, {});
  read.key = idempotency_key{"cart.api.Get", "k"};
  read.reply = {1, "reply"};
  commit_all(*store, {read});
  BOOST_TEST(commit(*store, step_of("refused", 7, {"a"})).code() == status_code::aborted);
  BOOST_TEST(listed(*store).empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(pages_hold_each_once, Adapter, adapters) {
  Adapter store;
  std::set<std::string> ids;
  for (int i = 0; i < 40; ++i) {
    auto id = "id" + std::to_string(i);
    ids.insert(id);
    commit_all(*store, {i % 2 == 0 ? step_of(id, 0, {"a", "b", "c"}) : state_of(id, 0, "a")});
  }
  for (std::size_t max : {1, 2, 7, 39, 40, 41}) {
    std::set<std::string> seen;
    for (const auto& one : listed(*store, {}, max)) {
      BOOST_TEST(seen.insert(one.entity.id).second);
    }
    BOOST_TEST(seen == ids, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(more_events_than_are_read_at_once_are_no_more_entities, Adapter,
                              adapters) {
  Adapter store;
  for (std::uint64_t n = 0; n < 30; ++n) {
    commit_all(*store, {step_of("1", 40 * n, std::vector<std::string>(40, "a"))});
  }
  commit_all(*store, {step_of("2", 0, {"b"})});
  BOOST_TEST(listed(*store) == (summaries{{{"cart", "1"}, sequence_nr{1200}, false, false},
                                          {{"cart", "2"}, sequence_nr{1}, false, false}}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(those_of_a_type_or_one_alone_are_listed, Adapter, adapters) {
  Adapter store;
  for (const auto& type : {"b"s, "ba"s, "b\0"s, "a"s, "c"s}) {
    for (const auto& id : {"1"s, "1\0"s, "12"s, "2"s}) {
      commit_all(*store, {of_type(type, step_of(id, 0, {"a", "b"}))});
      commit_all(*store, {of_type(type, state_of(id + "v", 0, "state"))});
    }
  }
  BOOST_TEST(listed(*store, {.type = "b"}, 3).size() == 8u);
  for (const auto& one : listed(*store, {.type = "b"}, 3)) BOOST_TEST(one.entity.type == "b");
  BOOST_TEST(listed(*store, {.type = "none"}).empty());
  BOOST_TEST(listed(*store, {.type = "b", .id = "1"}) ==
                 (summaries{{{"b", "1"}, sequence_nr{2}, false, false}}),
             boost::test_tools::per_element());
  BOOST_TEST(listed(*store, {.type = "b", .id = "1v"}) ==
                 (summaries{{{"b", "1v"}, sequence_nr{1}, true, false}}),
             boost::test_tools::per_element());
  BOOST_TEST(listed(*store, {.type = "b", .id = "3"}).empty());
  BOOST_TEST(listed(*store, {}, 6).size() == 40u);
}

BOOST_AUTO_TEST_SUITE_END()
