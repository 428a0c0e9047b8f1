// Queries whose results stay up to date, over rows that a projector makes.

#include "views/live_queries.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "test/views/shop.hpp"

using namespace perdure;
using namespace perdure::test;
using google::protobuf::Empty;
using v1::RowChange;
using texts = std::vector<std::string>;

BOOST_TEST_SPECIALIZED_COLLECTION_COMPARE(texts)

namespace {

shop::Search from_price(std::int64_t price) {
  shop::Search request;
  request.set_price(price);
  return request;
}

// A client that keeps what it is told.
struct follower {
  std::shared_ptr<stream_client> client;
  std::size_t read = 0;
  std::map<std::string, std::int64_t> rows;
  std::string token;
  bool is_ready = false;

  // "CHANGED a=2"; waits for it.
  std::string next() {
    shop::LiveItem told;
    BOOST_REQUIRE(told.ParseFromString(client->reply_at(read++)));
    return apply(told);
  }
  texts next(std::size_t count) {
    texts all;
    while (all.size() < count) all.push_back(next());
    return all;
  }
  void read_all() {
    while (read < client->count()) next();
  }

  std::string apply(const shop::LiveItem& told) {
    const auto& change = told.change();
    std::ostringstream text;
    text << RowChange::Kind_Name(change.kind());
    if (!change.key().empty()) text << " " << change.key();
    if (!told.name().empty()) text << "=" << told.price();
    if (!change.resume_token().empty()) token = change.resume_token();
    switch (change.kind()) {
      case RowChange::RESET:
        rows.clear();
        break;
      case RowChange::READY:
        is_ready = true;
        break;
      case RowChange::REMOVED:
        rows.erase(change.key());
        break;
      default:
        rows[change.key()] = told.price();
    }
    return text.str();
  }
};

struct watched_shop : shop_fixture {
  follower follow(const std::string& rpc, const shop::Search& request,
                  const std::string& token = {}) {
    auto asked = call(rpc, request);
    asked.deadline = timestamp::max();
    asked.resume_token = token;
    follower made;
    made.client = open(std::move(asked));
    return made;
  }
  follower watch(std::int64_t price, const std::string& token = {}) {
    return follow("Watch", from_price(price), token);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(live_queries, watched_shop)

BOOST_AUTO_TEST_CASE(results_come_first_and_then_what_changes_in_them) {
  add(item("a", 5));
  add(item("b", 1));
  settle();
  auto seen = watch(3);
  BOOST_TEST(seen.next(2) == (texts{"RESULT a=5", "READY"}));
  add(item("c", 7));
  BOOST_TEST(seen.next() == "INSERTED c=7");
  add(item("a", 6));
  BOOST_TEST(seen.next() == "CHANGED a=6");
  add(item("b", 4));
  BOOST_TEST(seen.next() == "INSERTED b=4");
  add(item("a", 2));
  BOOST_TEST(seen.next() == "REMOVED a");
  remove("c");
  BOOST_TEST(seen.next() == "REMOVED c");
  seen.client->cancel();
}

BOOST_AUTO_TEST_CASE(what_is_no_result_before_and_after_is_not_told) {
  settle();
  auto seen = watch(3);
  BOOST_TEST(seen.next() == "READY");
  add(item("cheap", 1));
  add(item("cheap", 2));
  remove("cheap");
  add(item("dear", 9));
  BOOST_TEST(seen.next() == "INSERTED dear=9");
}

// They are not asked about each change.
BOOST_AUTO_TEST_CASE(whoever_picks_rows_by_a_value_is_told_of_those_that_have_or_had_it) {
  add(item("a", 1));
  add(item("b", 2));
  settle();
  auto ones = follow("WatchPriced", from_price(1));
  auto twos = follow("WatchPriced", from_price(2));
  shop::Search named;
  named.set_name("a");
  auto only_a = follow("WatchOne", named);
  BOOST_TEST(ones.next(2) == (texts{"RESULT a=1", "READY"}));
  BOOST_TEST(twos.next(2) == (texts{"RESULT b=2", "READY"}));
  BOOST_TEST(only_a.next(2) == (texts{"RESULT a=1", "READY"}));
  add(item("a", 2));
  BOOST_TEST(ones.next() == "REMOVED a");
  BOOST_TEST(twos.next() == "INSERTED a=2");
  BOOST_TEST(only_a.next() == "CHANGED a=2");
  remove("b");
  BOOST_TEST(twos.next() == "REMOVED b");
  add(item("c", 1));
  BOOST_TEST(ones.next() == "INSERTED c=1");
  remove("a");
  BOOST_TEST(twos.next() == "REMOVED a");
  BOOST_TEST(only_a.next() == "REMOVED a");
}

BOOST_AUTO_TEST_CASE(whoever_resumes_is_told_only_what_has_changed) {
  for (const auto* name : {"a", "b", "c"}) add(item(name, 5));
  settle();
  auto seen = watch(3);
  seen.next(4);
  seen.client->cancel();
  add(item("a", 6));
  add(item("b", 1));
  add(item("d", 5));
  settle();
  auto again = watch(3, seen.token);
  auto told = again.next(3);
  BOOST_TEST((std::set<std::string>(told.begin(), told.end())) ==
                 (std::set<std::string>{"CHANGED a=6", "REMOVED b", "CHANGED d=5"}),
             boost::test_tools::per_element());
  BOOST_TEST(again.next() == "READY");
  add(item("c", 7));
  BOOST_TEST(again.next() == "CHANGED c=7");
}

BOOST_AUTO_TEST_CASE(whoever_resumes_may_do_so_after_a_restart) {
  add(item("a", 5));
  settle();
  auto seen = watch(3);
  seen.next(2);
  queries.reset();
  BOOST_TEST((seen.client->ended().code() == status_code::unavailable));
  home.reset();
  add(item("b", 5));
  open_home();
  settle();
  auto again = watch(3, seen.token);
  BOOST_TEST(again.next(2) == (texts{"CHANGED b=5", "READY"}));
}

BOOST_AUTO_TEST_CASE(a_token_of_elsewhere_begins_anew) {
  add(item("a", 5));
  settle();
  auto seen = watch(3);
  seen.next(2);
  for (const auto& token : {std::string("nonsense"), seen.token + "x", "9" + seen.token,
                            std::string("1..."), std::string(".")}) {
    BOOST_TEST_CONTEXT(token) {
      auto again = watch(3, token);
      BOOST_TEST(again.next(3) == (texts{"RESET", "RESULT a=5", "READY"}));
    }
  }
  auto other = watch(4, seen.token);
  BOOST_TEST(other.next() == "RESET");
}

BOOST_AUTO_TEST_CASE(rows_made_anew_are_told_only_where_they_differ) {
  add(item("a", 5));
  settle();
  auto seen = watch(3);
  seen.next(2);
  auto token = seen.token;
  BOOST_REQUIRE(home->rebuild().ok());
  BOOST_REQUIRE(eventually([&] { return !home->status_now().next; }));
  add(item("b", 6));
  BOOST_TEST(seen.next() == "INSERTED b=6");
  auto again = watch(3, token);
  BOOST_TEST(again.next() == "RESET");
}

BOOST_AUTO_TEST_CASE(groups_are_told_as_they_become) {
  auto small = item("a", 1);
  small.set_size(shop::SMALL);
  add(small);
  settle();
  auto c = call("WatchSizes", Empty());
  c.deadline = timestamp::max();
  auto client = open(std::move(c));
  auto told = [&](std::size_t n) {
    shop::LiveSize made;
    BOOST_REQUIRE(made.ParseFromString(client->reply_at(n)));
    return RowChange::Kind_Name(made.change().kind()) + " " + made.change().key() + " " +
           std::to_string(made.count());
  };
  BOOST_TEST(told(0) == "RESULT SMALL 1");
  BOOST_TEST(told(1) == "READY  0");
  small.set_name("b");
  add(small);
  BOOST_TEST(told(2) == "CHANGED SMALL 2");
  small.set_size(shop::LARGE);
  small.set_name("a");
  add(small);
  small.set_name("b");
  add(small);
  BOOST_REQUIRE(eventually([&] {
    std::set<std::string> all;
    for (std::size_t i = 2; i < client->count(); ++i) all.insert(told(i));
    bool has_large = all.contains("INSERTED LARGE 2") || all.contains("CHANGED LARGE 2");
    return has_large && all.contains("REMOVED SMALL 0");
  }));
}

BOOST_AUTO_TEST_CASE(a_response_without_a_place_for_it_has_rows_only) {
  add(item("a", 5));
  settle();
  auto c = call("WatchRows", from_price(3));
  c.deadline = timestamp::max();
  auto client = open(std::move(c));
  BOOST_TEST(client->reply_at(0) == item("a", 5).SerializeAsString());
  add(item("a", 1));
  add(item("b", 6));
  BOOST_TEST(client->reply_at(1) == item("b", 6).SerializeAsString());
}

BOOST_AUTO_TEST_CASE(streams_are_counted_while_they_are_open) {
  settle();
  auto one = watch(3);
  auto two = watch(3);
  auto three = watch(4);
  one.next();
  two.next();
  three.next();
  BOOST_TEST(queries->figures_now().live == 3);
  one.client->cancel();
  BOOST_TEST(queries->figures_now().live == 2);
}

// Clients that read as they like, go and come back: each has the results in the end.
BOOST_AUTO_TEST_CASE(whoever_follows_has_the_results_in_the_end) {
  auto seed = std::random_device{}();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 dice(seed);
  std::map<std::string, std::int64_t> truth;
  struct watcher {
    std::string rpc;
    std::int64_t price;
    follower seen;
  };
  settle();
  std::vector<watcher> watchers;
  for (const auto* rpc : {"Watch", "WatchPriced"}) {
    for (int i = 0; i < 6; ++i) {
      watchers.push_back({rpc, i % 3, follow(rpc, from_price(i % 3))});
    }
  }
  for (int step = 0; step < 400; ++step) {
    auto name = std::string(1, static_cast<char>('a' + dice() % 12));
    if (dice() % 4 == 0) {
      truth.erase(name);
      remove(name);
    } else {
      truth[name] = static_cast<int>(dice() % 4);
      add(item(name, truth[name]));
    }
    if (dice() % 20 == 0) settle();
    if (dice() % 10 != 0) continue;
    auto& one = watchers[dice() % watchers.size()];
    one.seen.client->cancel();
    one.seen.read_all();
    auto gone = std::move(one.seen);
    one.seen = follow(one.rpc, from_price(one.price), gone.token);
    one.seen.token = gone.token;
    // Without a token it begins as a new one.
    if (!gone.token.empty()) one.seen.rows = gone.rows;
  }
  settle();
  for (auto& one : watchers) {
    std::map<std::string, std::int64_t> expected;
    for (const auto& [name, price] : truth) {
      bool is_seen = one.rpc == "Watch" ? price >= one.price : price == one.price;
      if (is_seen) expected.emplace(name, price);
    }
    BOOST_REQUIRE_MESSAGE(eventually([&] {
                            one.seen.read_all();
                            return one.seen.rows == expected;
                          }),
                          "seed " << seed);
  }
}

BOOST_AUTO_TEST_SUITE_END()
