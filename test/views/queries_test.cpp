// How queries of a view are answered: by SQLite, over rows that a projector makes.

#include "views/queries.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

#include "test/views/shop.hpp"

using namespace perdure;
using namespace perdure::test;
using namespace std::chrono_literals;
using google::protobuf::Empty;
using names = std::vector<std::string>;

BOOST_TEST_SPECIALIZED_COLLECTION_COMPARE(names)

namespace {

shop::ItemRequest named(const std::string& name) {
  shop::ItemRequest request;
  request.set_name(name);
  return request;
}

shop::Search from_price(std::int64_t price) {
  shop::Search request;
  request.set_price(price);
  return request;
}

shop::PageRequest page_of(int size, const std::string& token = {}) {
  shop::PageRequest request;
  request.set_size(size);
  request.set_token(token);
  return request;
}

template <class Response>
names names_of(const Response& in) {
  names all;
  for (const auto& item : in.items()) all.push_back(item.name());
  return all;
}

struct three_items : shop_fixture {
  explicit three_items(views::query_limits with = {}) : shop_fixture(with) {
    add(item("a", 1, "red chair"));
    add(item("b", 2, "red table"));
    add(item("c", 3, "blue chair"));
    settle();
  }

  // Rows of about 1 KiB, one after the other in price.
  void add_many(int count) {
    for (int i = 0; i < count; ++i) {
      add(item("many" + std::to_string(i), 1000 + i, std::string(1000, 'x')));
    }
    settle();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(queries, three_items)

BOOST_AUTO_TEST_CASE(a_row_is_found_by_what_is_asked_for) {
  auto found = ask<shop::Item>("Get", named("b"));
  BOOST_TEST(found.price() == 2);
  BOOST_TEST(found.text() == "red table");
}

BOOST_AUTO_TEST_CASE(where_there_is_no_row_one_is_not_found_and_many_are_none) {
  BOOST_TEST((code("Get", named("z")) == status_code::not_found));
  BOOST_TEST(ask<shop::Items>("List", from_price(100)).items().empty());
  auto stream = open(call("Stream", from_price(100)));
  BOOST_TEST(stream->ended().ok());
  BOOST_TEST(stream->count() == 0);
}

BOOST_AUTO_TEST_CASE(many_rows_are_one_message) {
  BOOST_TEST(names_of(ask<shop::Items>("List", from_price(2))) == (names{"b", "c"}));
}

BOOST_AUTO_TEST_CASE(a_parameter_that_is_not_there_is_refused) {
  auto made = ask(call("GetNeeded", shop::Needed()));
  BOOST_TEST((made.error().code() == status_code::invalid_argument));
  BOOST_TEST(made.error().message().find("name") != std::string::npos);
  shop::Needed given;
  given.set_name("a");
  BOOST_TEST(ask<shop::Item>("GetNeeded", given).price() == 1);
}

BOOST_AUTO_TEST_CASE(an_overflow_in_the_sql_is_out_of_range) {
  BOOST_TEST((code("Overflow", Empty()) == status_code::out_of_range));
}

// What parameters hold is never SQL, nor the syntax of a full text search.
BOOST_AUTO_TEST_CASE(no_parameter_is_syntax) {
  for (const auto& attack : std::vector<std::string>{
           "' OR 1=1 --", "\" OR 1=1 --", "'; DROP TABLE items; --", "a' UNION SELECT 1 --",
           ":name", "?1", "%", "\\' OR '1'='1", "x') OR (1=1", std::string("a\0' OR 1=1", 11)}) {
    shop::Search request;
    request.set_price(-1);
    request.set_size(shop::SMALL);
    request.set_weight(-1);
    request.set_name(attack);
    request.set_code(attack);
    if (attack.find('\0') == attack.npos) request.add_names(attack);
    request.add_names("nobody");
    BOOST_TEST_CONTEXT(attack) {
      BOOST_TEST(names_of(ask<shop::Items>("ByEach", request)).empty());
    }
  }
  shop::Search enumerated;
  enumerated.set_price(-1);
  enumerated.set_weight(-1);
  enumerated.set_name("nobody");
  enumerated.set_code("nothing");
  enumerated.set_size(static_cast<shop::Size>(17));
  BOOST_TEST(names_of(ask<shop::Items>("ByEach", enumerated)).empty());
  for (const auto* attack :
       {"red OR blue", "red NOT chair", "NEAR(red chair)", "text:red*", "\" OR \"", "red AND", "(",
        "*", "'", "-red", "^red", "{text}: red", "red + chair"}) {
    shop::Search request;
    request.set_words(attack);
    auto made = ask(call("ByWords", request));
    BOOST_TEST_CONTEXT(attack) {
      BOOST_REQUIRE_MESSAGE(made.ok(), to_string(made.error()));
      shop::Items found;
      found.ParseFromString(*made);
      // All of its words are in no two of the three.
      BOOST_TEST(found.items_size() < 3);
    }
  }
  BOOST_TEST(ask<shop::Items>("List", from_price(0)).items_size() == 3);
}

BOOST_AUTO_TEST_CASE(words_are_searched_for) {
  shop::Search request;
  request.set_words("chair red");
  BOOST_TEST(names_of(ask<shop::Items>("ByWords", request)) == names{"a"});
  request.set_words("cha");
  BOOST_TEST(names_of(ask<shop::Items>("ByWords", request)) == (names{"a", "c"}));
}

// ------------------------------------------------------------------------------------------- pages

BOOST_AUTO_TEST_CASE(pages_follow_each_other_whatever_comes_and_goes_before_them) {
  auto first = ask<shop::Page>("Browse", page_of(2));
  BOOST_TEST(names_of(first) == (names{"a", "b"}));
  BOOST_TEST(first.more());
  BOOST_TEST(first.total() == 3);
  add(item("before", 0));
  add(item("d", 4));
  settle();
  auto second = ask<shop::Page>("Browse", page_of(2, first.next()));
  BOOST_TEST(names_of(second) == (names{"c", "d"}));
  BOOST_TEST(!second.more());
  BOOST_TEST(second.next().empty());
  BOOST_TEST(second.total() == 5);
}

BOOST_AUTO_TEST_CASE(a_token_that_is_none_of_the_query_is_refused) {
  auto token = ask<shop::Page>("Browse", page_of(1)).next();
  BOOST_REQUIRE(!token.empty());
  BOOST_TEST((code("BrowseNames", page_of(1, token)) == status_code::invalid_argument));
  for (const auto& forged : std::vector<std::string>{
           "x", "!!!!", token + "AAAA", token.substr(0, token.size() / 2), "A" + token}) {
    BOOST_TEST((code("Browse", page_of(1, forged)) == status_code::invalid_argument), forged);
  }
}

// --------------------------------------------------------------------------------------- positions

BOOST_AUTO_TEST_CASE(a_query_with_a_position_answers_once_the_view_has_seen_it) {
  for (int i = 0; i < 50; ++i) {
    auto name = "new" + std::to_string(i);
    add(item(name, 10 + i));
    auto c = call("Get", named(name));
    c.positions = here();
    auto made = ask(std::move(c));
    BOOST_REQUIRE_MESSAGE(made.ok(), to_string(made.error()));
    auto streamed = call("Stream", from_price(10 + i));
    streamed.positions = here();
    auto stream = open(std::move(streamed));
    BOOST_TEST(stream->ended().ok());
    BOOST_TEST(stream->count() == 1);
  }
}

BOOST_AUTO_TEST_CASE(a_position_that_does_not_come_ends_at_the_deadline) {
  auto c = call("Get", named("a"));
  c.positions = {{"topic/items", 0, 1'000'000}};
  c.deadline = clock.now() + 50ms;
  BOOST_TEST((ask(std::move(c)).error().code() == status_code::deadline_exceeded));
  auto elsewhere = call("Get", named("a"));
  elsewhere.positions = {{"topic/others", 0, 1'000'000}};
  BOOST_TEST(ask(std::move(elsewhere)).ok());
}

// ------------------------------------------------------------------------------- what takes too
// long

BOOST_AUTO_TEST_CASE(one_that_never_ends_is_cut_at_its_deadline_and_others_go_on) {
  std::vector<answer_slot> endless;
  for (int i = 0; i < 8; ++i) {
    auto c = call("Forever", Empty());
    c.deadline = clock.now() + 2s;
    endless.push_back(ask_later(std::move(c)));
  }
  BOOST_TEST(ask<shop::Item>("Get", named("b")).price() == 2);
  BOOST_TEST(!endless[0]->is_there());
  for (auto& one : endless) {
    BOOST_TEST((one->get().error().code() == status_code::deadline_exceeded));
  }
  BOOST_TEST(queries->figures_now().cut == 8);
  BOOST_TEST(eventually([&] { return queries->figures_now().running == 0; }));
}

BOOST_AUTO_TEST_CASE(one_that_is_not_quick_is_answered_elsewhere) {
  for (int i = 0; i < 5; ++i) {
    BOOST_TEST(ask<shop::Count>("Slow", Empty()).count() == 200'000);
  }
}

BOOST_AUTO_TEST_CASE(one_whose_caller_is_gone_is_cut) {
  auto cancelled = std::make_shared<std::atomic<bool>>(false);
  auto c = call("Forever", Empty());
  c.cancelled = cancelled;
  auto slot = ask_later(std::move(c));
  BOOST_TEST(!slot->is_there());
  *cancelled = true;
  BOOST_TEST((slot->get().error().code() == status_code::cancelled));
}

BOOST_AUTO_TEST_CASE(what_runs_is_cut_when_it_is_to_stop) {
  std::vector<answer_slot> endless;
  auto stream = open(call("StreamForever", Empty()), false);
  stream->reply_at(0);
  for (int i = 0; i < 4; ++i) endless.push_back(ask_later(call("Forever", Empty())));
  queries.reset();
  for (auto& one : endless) {
    BOOST_TEST((one->get().error().code() == status_code::unavailable));
  }
  BOOST_TEST((stream->ended().code() == status_code::unavailable));
}

// ------------------------------------------------------------------------------------------ bounds

BOOST_AUTO_TEST_CASE(an_answer_past_its_bounds_is_refused) {
  bounds.rows_max = 2;
  queries.reset();
  start();
  BOOST_TEST((code("List", from_price(0)) == status_code::resource_exhausted));
  BOOST_TEST(ask<shop::Items>("List", from_price(2)).items_size() == 2);
  auto stream = open(call("Stream", from_price(0)));
  BOOST_TEST((stream->ended().code() == status_code::resource_exhausted));
  bounds = {};
  bounds.message_bytes_max = 20'000;
  queries.reset();
  start();
  add_many(30);
  BOOST_TEST((code("List", from_price(0)) == status_code::resource_exhausted));
  BOOST_TEST(ask<shop::Items>("List", from_price(1020)).items_size() == 10);
  bounds = {};
  bounds.bytes_max = 20'000;
  queries.reset();
  start();
  stream = open(call("Stream", from_price(0)));
  BOOST_TEST((stream->ended().code() == status_code::resource_exhausted));
}

BOOST_AUTO_TEST_CASE(past_its_bound_no_more_may_wait) {
  bounds.running_max = 1;
  bounds.waiting_max = 1;
  queries.reset();
  start();
  auto cancelled = std::make_shared<std::atomic<bool>>(false);
  auto endless = [&] {
    auto c = call("Forever", Empty());
    c.cancelled = cancelled;
    return ask_later(std::move(c));
  };
  auto running = endless();
  auto waiting = endless();
  BOOST_TEST((endless()->get().error().code() == status_code::resource_exhausted));
  BOOST_TEST(ask<shop::Item>("Get", named("b")).price() == 2);
  *cancelled = true;
  BOOST_TEST((running->get().error().code() == status_code::cancelled));
  BOOST_TEST((waiting->get().error().code() == status_code::cancelled));
}

// ----------------------------------------------------------------------------------------- streams

BOOST_AUTO_TEST_CASE(a_stream_has_a_message_for_each_row_in_order) {
  add_many(300);
  auto stream = open(call("Stream", from_price(1000)));
  BOOST_TEST(stream->ended().ok());
  BOOST_REQUIRE(stream->count() == 300);
  for (int i = 0; i < 300; ++i) {
    shop::Item row;
    row.ParseFromString(stream->reply_at(i));
    BOOST_REQUIRE(row.price() == 1000 + i);
  }
}

BOOST_AUTO_TEST_CASE(a_message_comes_when_the_one_before_was_taken) {
  auto stream = open(call("Stream", from_price(0)), false);
  stream->reply_at(0);
  BOOST_TEST(stream->count() == 1);
  stream->next();
  stream->reply_at(1);
  BOOST_TEST(!stream->has_ended());
  stream->next();
  BOOST_TEST(stream->ended().ok());
  BOOST_TEST(stream->count() == 3);
}

BOOST_AUTO_TEST_CASE(a_stream_shows_one_state_however_long_it_takes) {
  add_many(300);
  auto stream = open(call("Stream", from_price(1000)), false);
  stream->reply_at(0);
  for (int i = 0; i < 300; ++i) add(item("many" + std::to_string(i), 5000));
  settle();
  for (int i = 1; i < 300; ++i) {
    stream->next();
    shop::Item row;
    row.ParseFromString(stream->reply_at(i));
    BOOST_REQUIRE(row.price() == 1000 + i);
  }
  stream->next();
  BOOST_TEST(stream->ended().ok());
}

BOOST_AUTO_TEST_CASE(a_stream_that_never_ends_is_read_as_far_as_it_is_wanted) {
  auto stream = open(call("StreamForever", Empty()), false);
  for (int i = 0; i < 20'000; ++i) {
    stream->reply_at(i);
    stream->next();
  }
  stream->cancel();
  BOOST_TEST(!stream->has_ended());
  BOOST_TEST(eventually([&] { return queries->figures_now().running == 0; }));
}

BOOST_AUTO_TEST_CASE(who_reads_slowly_is_cut_off_at_the_deadline) {
  bounds.stream_deadline = 100ms;
  queries.reset();
  start();
  auto stream = open(call("StreamForever", Empty()), false);
  BOOST_TEST((stream->ended().code() == status_code::deadline_exceeded));
  BOOST_TEST(stream->count() <= 1u);  // which nobody has taken
}

BOOST_AUTO_TEST_CASE(only_so_many_streams_keep_a_snapshot) {
  bounds.streams_max = 2;
  queries.reset();
  start();
  auto first = open(call("StreamForever", Empty()), false);
  auto second = open(call("StreamForever", Empty()), false);
  first->reply_at(0);
  second->reply_at(0);
  auto third = open(call("StreamForever", Empty()), false);
  BOOST_TEST((third->ended().code() == status_code::resource_exhausted));
  BOOST_TEST(open(call("Stream", from_price(0)))->ended().ok());
  first->cancel();
  auto fourth = open(call("StreamForever", Empty()), false);
  fourth->reply_at(0);
  fourth->cancel();
  second->cancel();
}

BOOST_AUTO_TEST_CASE(streams_are_opened_read_and_cancelled_on_many_threads) {
  add_many(200);
  std::vector<std::thread> clients;
  std::atomic<int> whole{0};
  for (int t = 0; t < 4; ++t) {
    clients.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        auto client = open(call("Stream", from_price(1000)), i % 2 == 0);
        if (i % 2 == 0) {
          if (client->ended().ok() && client->count() == 200) ++whole;
        } else {
          client->reply_at(0);
          if (i % 4 == 1) client->next();
          client->cancel();
        }
        static_cast<void>(ask(call("Get", named("b"))).ok());
      }
    });
  }
  for (auto& client : clients) client.join();
  BOOST_TEST(whole == 40);
  BOOST_TEST(eventually([&] { return queries->figures_now().running == 0; }));
}

BOOST_AUTO_TEST_SUITE_END()
