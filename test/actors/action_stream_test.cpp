// Calls of actions that stream: both sides pull, and each end ends all.

#include "actors/action_stream.hpp"

#include <boost/test/unit_test.hpp>

#include "test/actors/action_fixture.hpp"

using namespace std::chrono_literals;
using perdure::status_code;
using test::Answer;
using test::Ask;
using test::clerk;

namespace {

using texts = std::vector<std::string>;

// A client that notes what it is told.
struct client final : perdure::actors::stream_caller {
  int wanted = 0;
  std::vector<std::int64_t> replies;
  std::optional<perdure::status> ended;

  void want_request() override { ++wanted; }
  void reply(std::string encoded) override {
    Answer answer;
    if (!answer.ParseFromString(encoded)) throw std::logic_error("no valid reply");
    replies.push_back(answer.number());
  }
  void end(perdure::status why) override {
    if (ended) throw std::logic_error("ended twice");
    ended = std::move(why);
  }
};
using numbers = std::vector<std::int64_t>;

struct fixture : test::action_fixture {
  std::shared_ptr<client> caller = std::make_shared<client>();

  std::shared_ptr<perdure::actors::action_stream> open(
      const std::string& rpc, std::optional<Ask> request = {},
      perdure::timestamp deadline = perdure::timestamp::max()) {
    perdure::actors::stream_request what;
    what.method = clerk::model().service->FindMethodByName(rpc);
    if (request) what.request = std::make_unique<Ask>(*request);
    what.deadline = deadline;
    auto stream = router->open_stream(std::move(what), caller);
    run();
    return stream;
  }

  void give(perdure::actors::action_stream& stream, std::int64_t number,
            const std::string& how = {}) {
    stream.received(std::make_unique<Ask>(about("", "", number, how)));
    run();
  }
  void written(perdure::actors::action_stream& stream) {
    stream.written();
    run();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(action_stream, fixture)

// ------------------------------------------------------------------------------------ streamed out

BOOST_AUTO_TEST_CASE(a_reply_leaves_when_the_one_before_was_written) {
  auto stream = open("Count", about("", "", 2));
  BOOST_TEST(caller->replies == (numbers{1}));
  written(*stream);
  BOOST_TEST(caller->replies == (numbers{1, 2}));
  BOOST_TEST(!caller->ended);
  written(*stream);
  BOOST_TEST(caller->ended.value().ok());
  BOOST_TEST(clerk::alive == 0);
  BOOST_TEST(router->in_flight_bytes() == 0);
}

BOOST_AUTO_TEST_CASE(an_empty_stream_ends_at_once) {
  open("Count", about("", "", 0));
  BOOST_TEST(caller->replies.empty());
  BOOST_TEST(caller->ended.value().ok());
}

BOOST_AUTO_TEST_CASE(rejections_and_failures_end_the_stream) {
  auto stream = open("Count", about("", "", 1, "reject"));
  written(*stream);
  BOOST_TEST((caller->ended.value().code() == status_code::out_of_range));

  caller = std::make_shared<client>();
  stream = open("Count", about("", "", 1, "throw"));
  written(*stream);
  BOOST_TEST((caller->ended.value().code() == status_code::internal));
  BOOST_TEST(caller->replies == (numbers{1}));
}

BOOST_AUTO_TEST_CASE(what_a_yielded_effect_sends_is_durable_before_its_reply) {
  auto stream = open("Count", about("a", "", 2, "send"));
  BOOST_TEST(caller->replies.empty());
  settle();
  BOOST_TEST(caller->replies == (numbers{1}));
  written(*stream);
  settle();
  written(*stream);
  BOOST_TEST(caller->replies == (numbers{1, 2}));
  BOOST_TEST(notes_of("a") == (texts{"1", "2"}));
}

BOOST_AUTO_TEST_CASE(a_stream_ends_when_what_it_sends_cannot_be_stored) {
  store.next_commit = test::faulty_step_store::fault::lost;
  open("Count", about("a", "", 2, "send"));
  settle();
  BOOST_TEST((caller->ended.value().code() == status_code::unavailable));
  BOOST_TEST(caller->replies.empty());
}

BOOST_AUTO_TEST_CASE(yielding_without_a_reply_goes_on) {
  auto stream = open("Count", about("", "", 100'000, "silent"));
  BOOST_TEST(caller->replies == (numbers{100'000}));
  written(*stream);
  BOOST_TEST(caller->ended.value().ok());
}

BOOST_AUTO_TEST_CASE(a_client_that_goes_ends_the_handler_where_it_waits) {
  auto stream = open("Count", about("", "", 10));
  BOOST_TEST(clerk::alive == 1);
  stream->cancel();
  run();
  BOOST_TEST(clerk::alive == 0);
  written(*stream);
  BOOST_TEST(caller->replies == (numbers{1}));
  BOOST_TEST(!caller->ended);
  BOOST_TEST(router->in_flight_bytes() == 0);
}

// ------------------------------------------------------------------------------------- streamed in

BOOST_AUTO_TEST_CASE(requests_are_asked_for_one_by_one) {
  auto stream = open("Sum");
  BOOST_TEST(caller->wanted == 1);
  give(*stream, 1);
  BOOST_TEST(caller->wanted == 2);
  give(*stream, 2);
  stream->received(nullptr);
  run();
  BOOST_TEST(caller->wanted == 3);
  BOOST_TEST(caller->replies == (numbers{3}));
  BOOST_TEST(!caller->ended);
  written(*stream);
  BOOST_TEST(caller->ended.value().ok());
}

BOOST_AUTO_TEST_CASE(a_handler_may_end_before_the_client_has_sent_all) {
  auto stream = open("Sum");
  give(*stream, 1, "reject");
  BOOST_TEST((caller->ended.value().code() == status_code::out_of_range));
  give(*stream, 1);
  stream->received(nullptr);
  run();
}

BOOST_AUTO_TEST_CASE(past_its_deadline_a_stream_ends) {
  auto stream = open("Sum", {}, clock.now() + 1s);
  advance(1500ms);
  BOOST_TEST((caller->ended.value().code() == status_code::deadline_exceeded));
  give(*stream, 1);
  BOOST_TEST(caller->wanted == 1);
}

// --------------------------------------------------------------------------------------- both ways

BOOST_AUTO_TEST_CASE(both_sides_may_stream) {
  auto stream = open("Running");
  give(*stream, 1);
  BOOST_TEST(caller->replies == (numbers{1}));
  BOOST_TEST(caller->wanted == 1);  // a client that does not read is asked for nothing
  written(*stream);
  BOOST_TEST(caller->wanted == 2);
  give(*stream, 2);
  written(*stream);
  BOOST_TEST(caller->replies == (numbers{1, 3}));
  stream->received(nullptr);
  run();
  BOOST_TEST(caller->ended.value().ok());
  BOOST_TEST(clerk::alive == 0);
}

// ------------------------------------------------------------------------------------------ bounds

BOOST_AUTO_TEST_CASE(a_stream_counts_as_in_flight_and_is_refused_like_a_command) {
  limits.in_flight_bytes_max = 100;
  start();
  open("Sum");
  BOOST_TEST((caller->ended.value().code() == status_code::resource_exhausted));
}

BOOST_AUTO_TEST_CASE(draining_ends_streams_and_refuses_new_ones) {
  auto stream = open("Sum");
  router->drain(0ms);
  run();
  BOOST_TEST((caller->ended.value().code() == status_code::unavailable));
  caller = std::make_shared<client>();
  open("Sum");
  BOOST_TEST((caller->ended.value().code() == status_code::unavailable));
}

BOOST_AUTO_TEST_CASE(a_stream_may_be_kept_longer_than_the_service) {
  auto stream = open("Sum");
  router->drain(0ms);
  run();
  router.reset();
  stream->received(nullptr);
  stream->cancel();
}

BOOST_AUTO_TEST_SUITE_END()
