// Who waits for commands, until they end or the deadline is past.

#include "actors/command_waiters.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace std::chrono_literals;
using perdure::status_code;
using perdure::timestamp;
using perdure::actors::outcome;
using perdure::actors::reply_to;

namespace {

constexpr timestamp start{1000s};
const outcome ended{.result = {}, .reply = "done", .left_mailbox = true};

struct waiters_fixture {
  reply_to note() {
    return [this](const outcome& o) { came.push_back(o); };
  }

  perdure::actors::command_waiters waiters;
  std::vector<outcome> came;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(command_waiters, waiters_fixture)

BOOST_AUTO_TEST_CASE(all_who_wait_for_a_command_are_told_once) {
  waiters.add("a", start, note());
  waiters.add("a", start, note());
  waiters.add("b", start, note());
  waiters.settle("a", ended);
  waiters.settle("a", ended);
  BOOST_REQUIRE(came.size() == 2u);
  BOOST_TEST(came[1].reply == "done");
}

BOOST_AUTO_TEST_CASE(who_waits_past_the_deadline_is_told_so_and_the_others_wait_on) {
  waiters.add("a", start, note());
  waiters.add("b", start + 1s, note());
  waiters.expire(start - 1ms);
  BOOST_TEST(came.empty());
  waiters.expire(start);
  BOOST_REQUIRE(came.size() == 1u);
  BOOST_TEST((came[0].result.code() == status_code::deadline_exceeded));
  waiters.settle("b", ended);
  BOOST_TEST(came.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_waiter_may_begin_to_wait_again) {
  waiters.add("a", start, [this](const outcome&) { waiters.add("a", start, note()); });
  waiters.settle("a", ended);
  waiters.settle("a", ended);
  BOOST_TEST(came.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_reply_for_many_comes_with_the_last_of_them) {
  outcome answer{.result = {}, .reply = "all"};
  perdure::actors::reply_when_ended(waiters, {"a", "b"}, start, answer, note());
  waiters.settle("b", {{status_code::failed_precondition, "rejected"}, {}, true});
  BOOST_TEST(came.empty());
  waiters.settle("a", ended);
  BOOST_REQUIRE(came.size() == 1u);
  BOOST_TEST(came[0].reply == "all");
}

BOOST_AUTO_TEST_CASE(a_reply_for_many_of_which_one_is_late_says_so_once) {
  perdure::actors::reply_when_ended(waiters, {"a", "b", "c"}, start, {.result = {}, .reply = "all"},
                                    note());
  waiters.settle("b", ended);
  waiters.expire(start);
  BOOST_REQUIRE(came.size() == 1u);
  BOOST_TEST((came[0].result.code() == status_code::deadline_exceeded));
}

BOOST_AUTO_TEST_SUITE_END()
