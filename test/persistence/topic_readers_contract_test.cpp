// What readers of topics and logs have in a store: cursors, what they have seen, what is held back,
// pauses. Each case runs on every adapter.

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

#include "test/persistence/step_store_adapters.hpp"
#include "test/persistence/topic_samples.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

using adapters = mail_store_adapters;

constexpr auto ok = status_code::ok;
constexpr auto aborted = status_code::aborted;

// Readers that could be mistaken for one another.
const texts names{"", "a", "a\0"s, "a\0\x01"s, "a\x01", "a\xff", "aa", "\0"s, "\0\0\0\x02"s};

texts readers_of(topic_store& store) {
  auto read = store.readers();
  BOOST_REQUIRE_MESSAGE(read.ok(), read.error());
  return *std::move(read);
}

texts payloads_of(const std::vector<stored_held_message>& held) {
  texts payloads;
  for (const auto& h : held) payloads.push_back(*h.what.what.message.payload);
  return payloads;
}

step noting(std::vector<seen_subject> seen, texts forget = {}) {
  auto s = mail_only("reader");
  topics_of(s).seen = std::move(seen);
  topics_of(s).forget_seen = std::move(forget);
  return s;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(topic_readers_contract)

// ---------------------------------------------------------------------------------------- cursors

BOOST_AUTO_TEST_CASE_TEMPLATE(a_cursor_moves_from_where_it_stands, Adapter, adapters) {
  Adapter store;
  BOOST_TEST(cursors_of(*store, "r").empty());
  BOOST_TEST(commit(*store, moving({move_of("r", 2, 0, 5), move_of("r", 300, 0, 1)})) == status());
  BOOST_TEST(commit(*store, moving({move_of("r", 2, 5, 7)})) == status());
  BOOST_TEST((cursors_of(*store, "r") == places{{2, 7}, {300, 1}}));

  auto wrong = commit(*store, moving({move_of("r", 300, 1, 2), move_of("r", 2, 5, 8)}));
  BOOST_TEST(wrong.code() == aborted);
  BOOST_TEST(wrong.message() ==
             "reader \"r\", partition 2: its cursor stands at 7, but the step expected 5; read its "
             "cursors again");
  BOOST_TEST((cursors_of(*store, "r") == places{{2, 7}, {300, 1}}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(moves_follow_one_another_in_a_step_and_in_a_group, Adapter,
                              adapters) {
  Adapter store;
  std::vector group{moving({move_of("r", 0, 0, 1), move_of("q", 0, 0, 9), move_of("r", 0, 1, 2)}),
                    moving({move_of("r", 0, 2, 3)}),  //
                    moving({move_of("r", 0, 2, 4)}),  // comes too late
                    moving({move_of("r", 0, 3, 5), move_of("r", 0, 3, 6)}),
                    moving({move_of("r", 0, 3, 7)})};
  BOOST_TEST(codes_of((*store).commit(group)) == (std::vector{ok, ok, aborted, aborted, ok}),
             boost::test_tools::per_element());
  BOOST_TEST((cursors_of(*store, "r") == places{{0, 7}}));
  BOOST_TEST((cursors_of(*store, "q") == places{{0, 9}}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_cursor_is_set_wherever_it_stands, Adapter, adapters) {
  Adapter store;
  BOOST_TEST(commit(*store, moving({move_of("r", 0, {}, 8)})) == status());
  BOOST_TEST(commit(*store, moving({move_of("r", 0, {}, 3), move_of("r", 0, 3, 4)})) == status());
  BOOST_TEST((cursors_of(*store, "r") == places{{0, 4}}));
  BOOST_TEST(commit(*store, moving({move_of("r", 0, {}, 0)})) == status());
  BOOST_TEST((cursors_of(*store, "r") == places{{0, 0}}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_cursor_moves_with_the_rest_of_its_step_or_not_at_all, Adapter,
                              adapters) {
  Adapter store;
  auto s = moving({move_of("r", 0, 0, 1)});
  auto& effects = mail_of(s);
  effects.mail = {mail_to("1", "mail")};
  effects.topics.messages = {message_of("t", "k", "message")};
  effects.topics.seen = {{"r", "subject", 4}};
  effects.topics.held = {{{"r", "k", 1}, held_of("held")}};
  effects.topics.pauses = {{"r", true}};
  BOOST_TEST(commit(*store, s) == status());
  auto again = s;
  BOOST_TEST(commit(*store, again).code() == aborted);

  BOOST_TEST(mail_in(*store, "1").size() == 1);
  BOOST_TEST(messages_in(*store, "t", partition_of_key("k", shards)).size() == 1);
  BOOST_TEST((cursors_of(*store, "r") == places{{0, 1}}));

  auto wrong = step_of("1", 7, {"wrong"});
  mail_of(wrong).topics = effects.topics;
  topics_of(wrong).cursors = {move_of("q", 0, 0, 1)};
  topics_of(wrong).seen = {{"q", "subject", 4}};
  topics_of(wrong).held = {{{"q", "k", 1}, held_of("held")}};
  topics_of(wrong).pauses = {{"q", true}};
  BOOST_TEST(commit(*store, wrong).code() == aborted);
  BOOST_TEST(readers_of(*store) == texts{"r"}, boost::test_tools::per_element());
  BOOST_TEST(!(*store).last_seen("q", "subject")->has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(readers_that_could_be_mistaken_have_their_own, Adapter, adapters) {
  Adapter store;
  for (std::uint64_t n = 0; n < names.size(); ++n) {
    auto s = moving({move_of(names[n], 0, 0, n + 1)});
    topics_of(s).seen = {{names[n], "s", n}};
    topics_of(s).held = {{{names[n], "k", n}, held_of(names[n])}};
    BOOST_TEST(commit(*store, s) == status());
  }
  for (std::uint64_t n = 0; n < names.size(); ++n) {
    BOOST_TEST((cursors_of(*store, names[n]) == places{{0, n + 1}}));
    BOOST_TEST((*(*store).last_seen(names[n], "s") == std::optional{n}));
    BOOST_TEST(payloads_of(held_by(*store, names[n])) == texts{names[n]},
               boost::test_tools::per_element());
  }
  BOOST_TEST(readers_of(*store).size() == names.size());
  BOOST_TEST(commit(*store, noting({}, {"a"})) == status());
  for (const auto& name : names) {
    BOOST_TEST((*store).last_seen(name, "s")->has_value() == (name != "a"));
  }
}

// ------------------------------------------------------------------------------------------- seen

BOOST_AUTO_TEST_CASE_TEMPLATE(what_a_reader_has_seen_is_noted_and_forgotten, Adapter, adapters) {
  Adapter store;
  auto last_seen = [&](const std::string& subject) { return *(*store).last_seen("r", subject); };
  BOOST_TEST(!last_seen("s").has_value());
  BOOST_TEST(commit(*store, noting({{"r", "s", 4}, {"r", "s\0t"s, 0}, {"r", "s", 5}})) == status());
  BOOST_TEST(*last_seen("s") == 5);
  BOOST_TEST(*last_seen("s\0t"s) == 0);
  BOOST_TEST(!last_seen("t").has_value());
  BOOST_TEST(commit(*store, noting({{"r", "s", 1}, {"q", "s", 1}}, {"r"})) == status());
  BOOST_TEST(*last_seen("s") == 1);  // what the step notes comes after what it forgets
  BOOST_TEST(!last_seen("s\0t"s).has_value());
  BOOST_TEST(readers_of(*store).empty());
}

// ------------------------------------------------------------------------------------------- held

BOOST_AUTO_TEST_CASE_TEMPLATE(a_held_message_is_read_as_it_was_put_there, Adapter, adapters) {
  Adapter store;
  held_message held;
  held.partition = 7;
  auto& m = held.what.message;
  m = message_of("flights", "N1\0"s, "payload\xff"s);
  m.source = "s";
  m.type = "t";
  m.content_type = "c";
  m.sequence = sequence_nr{3};
  m.trace_parent = "tp";
  m.metadata = {{"a", "b"}};
  held.what.offset = topic_offset{UINT64_MAX};
  held.what.time = timestamp{-5ms};  // a foreign producer may say what it likes
  held.attempts = 3;
  held.failed_at = timestamp{7ms};
  held.retry_at = timestamp::max();
  held.error = "INTERNAL: it fell over";
  held_message tombstone;
  tombstone.what.time = timestamp{};

  BOOST_TEST(commit(*store, holding({{{"r", "k", 1}, held}, {{"r", "k", 2}, tombstone}})) ==
             status());
  auto read = held_by(*store, "r");
  BOOST_REQUIRE(read.size() == 2);
  BOOST_TEST((read[0] == stored_held_message{{"r", "k", 1}, held}));
  BOOST_TEST((read[1] == stored_held_message{{"r", "k", 2}, tombstone}));

  held.attempts = 4;
  BOOST_TEST(commit(*store, holding({{{"r", "k", 1}, held}, {{"r", "k", 2}, {}}})) == status());
  read = held_by(*store, "r");
  BOOST_REQUIRE(read.size() == 1);
  BOOST_TEST((read[0].what == held));
  BOOST_TEST(commit(*store, holding({{{"r", "k", 1}, {}}, {{"r", "none", 1}, {}}})) == status());
  BOOST_TEST(held_by(*store, "r").empty());
  BOOST_TEST(readers_of(*store).empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(held_messages_stand_by_key_and_number, Adapter, adapters) {
  Adapter store;
  std::vector<held_change> changes;
  for (std::uint64_t number : {300, 1, 2}) {
    for (const auto& key : names) {
      changes.push_back({{"r", key, number}, held_of(key + std::to_string(number))});
    }
    changes.push_back({{"r\0"s, "k", number}, held_of("another's")});
  }
  BOOST_TEST(commit(*store, holding(changes)) == status());
  auto all = held_by(*store, "r");
  BOOST_REQUIRE(all.size() == 3 * names.size());
  std::optional<held_place> last;
  for (const auto& h : all) {
    BOOST_TEST((!last || *last < h.place));
    BOOST_TEST(*h.what.what.message.payload == h.place.key + std::to_string(h.place.number));
    last = h.place;
  }

  // Page by page, whether it is still there or not what the last page ended with.
  std::vector<stored_held_message> again;
  std::optional<held_place> after;
  while (true) {
    auto page = (*store).read_held("r", after, 500);
    BOOST_REQUIRE(page.ok());
    if (page->empty()) break;
    BOOST_TEST(page->size() < 8);
    again.insert(again.end(), page->begin(), page->end());
    after = again.back().place;
    if (again.size() % 2 == 0) {
      BOOST_TEST(commit(*store, holding({{*after, {}}})) == status());
    }
  }
  BOOST_TEST((again == all));
  BOOST_TEST((*store).read_held("r", {}, 1)->size() == 1);
}

// ----------------------------------------------------------------------------------------- pauses

BOOST_AUTO_TEST_CASE_TEMPLATE(a_reader_is_paused_until_it_is_not, Adapter, adapters) {
  Adapter store;
  auto pausing = [](std::vector<reader_pause> pauses) {
    auto s = mail_only("reader");
    topics_of(s).pauses = std::move(pauses);
    return s;
  };
  BOOST_TEST(!*(*store).is_paused("r"));
  BOOST_TEST(commit(*store, pausing({{"r", true}, {"q", true}, {"q", false}})) == status());
  BOOST_TEST(*(*store).is_paused("r"));
  BOOST_TEST(!*(*store).is_paused("q"));
  BOOST_TEST(readers_of(*store) == texts{"r"}, boost::test_tools::per_element());
  BOOST_TEST(commit(*store, moving({move_of("r", 0, 0, 1)})) == status());
  BOOST_TEST(*(*store).is_paused("r"));
  BOOST_TEST((cursors_of(*store, "r") == places{{0, 1}}));
  BOOST_TEST(commit(*store, pausing({{"r", false}, {"r", false}})) == status());
  BOOST_TEST(!*(*store).is_paused("r"));
  BOOST_TEST((cursors_of(*store, "r") == places{{0, 1}}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(readers_are_those_that_have_something, Adapter, adapters) {
  Adapter store;
  auto s = moving({move_of("with a cursor", 0, 0, 1), move_of("with two", 1, 0, 1),
                   move_of("with two", 2, 0, 1)});
  topics_of(s).pauses = {{"paused", true}};
  topics_of(s).held = {{{"holding", "k", 1}, held_of("x")}, {{"holding", "l", 1}, held_of("x")}};
  topics_of(s).seen = {{"that has only seen", "s", 1}};
  BOOST_TEST(commit(*store, s) == status());
  BOOST_TEST(readers_of(*store) == (texts{"holding", "paused", "with a cursor", "with two"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
