#include "views/live_stream.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <random>
#include <sstream>

#include "live.pb.h"

namespace {

using gallery::LivePainting;
using perdure::status;
using perdure::status_code;
using perdure::v1::RowChange;
using perdure::views::live_row;

live_row row(const std::string& key, std::int64_t price) {
  LivePainting painting;
  painting.set_title(key);
  painting.set_price(price);
  return {key, std::make_shared<const std::string>(painting.SerializeAsString())};
}

live_row gone(const std::string& key) { return {key, nullptr}; }

// Takes a reply when told to; "CHANGED a=2 @token" each.
class client final : public perdure::views::reply_reader {
 public:
  explicit client(bool has_change = true)
      : stream(std::make_shared<perdure::views::live_stream>(
            std::shared_ptr<perdure::views::reply_reader>(this, [](auto*) {}),
            has_change ? perdure::views::change_field_of(*LivePainting::descriptor()) : nullptr)) {}

  void reply(std::string encoded) override {
    LivePainting told;
    BOOST_REQUIRE(told.ParseFromString(encoded));
    std::ostringstream text;
    if (told.has_change()) text << RowChange::Kind_Name(told.change().kind());
    if (!told.change().key().empty()) text << " " << told.change().key();
    if (!told.title().empty()) text << (told.has_change() ? "=" : "") << told.price();
    if (!told.change().resume_token().empty()) text << " @" << told.change().resume_token();
    heard.push_back(text.str());
    last = told;
    if (is_quick) stream->next();
  }
  void end(status why) override { ended.push_back(why.code()); }

  // What comes until nothing waits.
  std::vector<std::string> read_all() {
    is_quick = true;
    stream->next();
    is_quick = false;
    return std::exchange(heard, {});
  }

  std::shared_ptr<perdure::views::live_stream> stream;
  std::vector<std::string> heard;
  std::vector<status_code> ended;
  LivePainting last;
  bool is_quick = false;
};

using texts = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(live_stream)

BOOST_AUTO_TEST_CASE(all_rows_come_first_then_ready_then_what_changes) {
  client reader;
  reader.is_quick = true;
  reader.stream->all({row("a", 1), row("b", 2)}, "t1", false);
  BOOST_TEST(reader.heard == (texts{"RESULT a=1", "RESULT b=2", "READY @t1"}),
             boost::test_tools::per_element());
  reader.heard.clear();
  reader.stream->some({row("c", 3)}, "t2");
  reader.stream->some({row("a", 9)}, "t3");
  reader.stream->some({gone("b")}, "t4");
  BOOST_TEST(reader.heard == (texts{"INSERTED c=3 @t2", "CHANGED a=9 @t3", "REMOVED b @t4"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_as_it_was_told_is_not_told_again) {
  client reader;
  reader.is_quick = true;
  reader.stream->all({row("a", 1)}, "", false);
  reader.heard.clear();
  reader.stream->some({row("a", 1), gone("never there")}, "");
  BOOST_TEST(reader.heard.empty());
}

BOOST_AUTO_TEST_CASE(a_row_that_changes_while_the_client_reads_is_told_once_as_it_is_then) {
  client reader;
  reader.stream->all({row("a", 1), row("b", 1)}, "t1", false);
  reader.stream->some({row("a", 2)}, "t2");
  reader.stream->some({row("a", 3), row("c", 1)}, "t3");
  reader.stream->some({gone("c")}, "t4");
  BOOST_TEST(
      reader.read_all() == (texts{"RESULT a=1", "RESULT b=1", "READY @t1", "CHANGED a=3 @t1"}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_token_is_of_what_was_told_and_not_of_what_waits) {
  client reader;
  reader.is_quick = true;
  reader.stream->all({}, "t1", false);
  reader.is_quick = false;
  reader.stream->some({row("a", 1)}, "t2");  // not taken: READY was not followed by next()
  reader.stream->some({row("b", 1), row("c", 1)}, "t3");
  BOOST_TEST(reader.read_all() ==
                 (texts{"READY @t1", "INSERTED a=1 @t2", "INSERTED b=1 @t2", "INSERTED c=1 @t3"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_whole_evaluation_tells_only_what_differs) {
  client reader;
  reader.is_quick = true;
  reader.stream->all({row("a", 1), row("b", 1), row("c", 1)}, "", false);
  reader.heard.clear();
  reader.stream->all({row("b", 2), row("c", 1), row("d", 1)}, "", false);
  BOOST_TEST(reader.heard == (texts{"REMOVED a", "CHANGED b=2", "INSERTED d=1"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(who_resumes_is_told_of_every_row_that_has_changed_and_no_other) {
  client reader;
  reader.is_quick = true;
  reader.stream->resume({row("a", 1), row("b", 2)}, {"b", "c"}, "t9");
  BOOST_TEST(reader.heard == (texts{"CHANGED b=2", "REMOVED c @t9", "READY @t9"}),
             boost::test_tools::per_element());
  reader.heard.clear();
  reader.stream->some({row("a", 1), gone("elsewhere")}, "t10");
  BOOST_TEST(reader.heard.empty());
  reader.stream->some({row("a", 5)}, "t11");
  BOOST_TEST(reader.heard == (texts{"CHANGED a=5 @t11"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(who_resumes_where_nothing_has_changed_is_told_so) {
  client reader;
  reader.is_quick = true;
  reader.stream->resume({row("a", 1)}, {}, "t9");
  BOOST_TEST(reader.heard == (texts{"READY @t9"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(anew_says_so_first) {
  client reader;
  reader.is_quick = true;
  reader.stream->all({row("a", 1)}, "t1", true);
  BOOST_TEST(reader.heard == (texts{"RESET", "RESULT a=1", "READY @t1"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_response_without_a_place_for_it_shows_rows_only) {
  client reader(false);
  reader.is_quick = true;
  reader.stream->all({row("a", 1)}, "t1", true);
  reader.stream->some({row("a", 2), row("b", 3)}, "t2");
  reader.stream->some({gone("a")}, "t3");
  BOOST_TEST(reader.heard == (texts{"1", "2", "3"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(it_ends_when_what_was_sent_has_been_read) {
  client reader;
  reader.stream->all({row("a", 1)}, "", false);
  reader.stream->end({status_code::unavailable, "over"});
  BOOST_TEST(reader.ended.empty());
  reader.read_all();
  BOOST_TEST(reader.ended == std::vector<status_code>{status_code::unavailable});
  reader.stream->some({row("b", 1)}, "");
  BOOST_TEST(reader.read_all().empty());
}

BOOST_AUTO_TEST_CASE(who_has_gone_is_told_nothing) {
  client reader;
  reader.stream->all({row("a", 1)}, "", false);
  reader.stream->cancel();
  BOOST_TEST(reader.stream->is_over());
  reader.heard.clear();
  BOOST_TEST(reader.read_all().empty());
  BOOST_TEST(reader.ended.empty());
}

// A client that applies what it is told has what the results hold, however it reads.
BOOST_AUTO_TEST_CASE(whoever_applies_all_messages_has_the_results) {
  auto seed = std::random_device{}();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 dice(seed);
  for (int walk = 0; walk < 200; ++walk) {
    std::map<std::string, std::int64_t> truth;
    std::map<std::string, std::int64_t> seen;
    client reader;
    auto apply = [&] {
      for (const auto& text : std::exchange(reader.heard, {})) {
        auto kind = text.substr(0, text.find(' '));
        const auto& key = reader.last.change().key();
        if (kind == "RESET") seen.clear();
        if (kind == "REMOVED") seen.erase(key);
        if (kind == "RESULT" || kind == "INSERTED" || kind == "CHANGED") {
          seen[key] = reader.last.price();
        }
      }
    };
    auto rows = [&] {
      std::vector<live_row> all;
      for (const auto& [key, price] : truth) all.push_back(row(key, price));
      return all;
    };
    reader.stream->all(rows(), "", false);
    for (int step = 0; step < 100; ++step) {
      auto key = std::string(1, static_cast<char>('a' + dice() % 6));
      bool is_removed = dice() % 3 == 0;
      is_removed ? (void)truth.erase(key) : (void)(truth[key] = static_cast<int>(dice() % 3));
      switch (dice() % 4) {
        case 0:
          reader.stream->all(rows(), "", false);
          break;
        case 1:
          reader.stream->all(rows(), "", true);
          break;
        default:
          reader.stream->some({is_removed ? gone(key) : row(key, truth[key])}, "");
      }
      apply();
      if (dice() % 2 == 0) {
        reader.stream->next();
        apply();
      }
    }
    for (int i = 0; i < 100; ++i) {
      reader.stream->next();
      apply();
    }
    BOOST_REQUIRE_MESSAGE(seen == truth, "walk " << walk << " of seed " << seed);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
