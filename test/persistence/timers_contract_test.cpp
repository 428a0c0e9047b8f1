// What every store with mailboxes does of timers: each case runs on every adapter.

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

#include "test/persistence/mail_samples.hpp"
#include "test/persistence/step_store_adapters.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

using adapters = mail_store_adapters;

constexpr auto ok = status_code::ok;
constexpr auto aborted = status_code::aborted;

}  // namespace

BOOST_AUTO_TEST_SUITE(timers_contract)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_timer_is_read_as_it_was_set_once_it_is_due, Adapter, adapters) {
  Adapter store;
  auto what = mail_to("target", "payload\0"s);
  what.metadata = {{"user", "ann"}};
  what.idempotency_key = "k";
  what.command_id = "c";
  what.hops = 2;
  timer_change change{"name\0/"s, timer_change::timer{timestamp{500ms}, 30ms, what}};
  auto s = step_of("1", 0, {"a"});
  mail_of(s).timers = {change};
  BOOST_TEST(commit(*store, s) == status());
  BOOST_TEST(next_due(*store).value() == 500);
  BOOST_TEST(due_at(*store, 499).empty());
  auto due = due_at(*store, 500);
  BOOST_REQUIRE(due.size() == 1);
  BOOST_TEST((due[0].owner == cart("1")));
  BOOST_TEST(due[0].name == "name\0/"s);
  BOOST_TEST((due[0].timer == *change.set));
  BOOST_TEST(!(*store).find_command("c", {})->has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(timers_come_in_the_order_in_which_they_are_due, Adapter, adapters) {
  Adapter store;
  BOOST_TEST(set_timers(*store, "1", {timer_at("c", 300), timer_at("a", 100)}) == status());
  BOOST_TEST(set_timers(*store, "2", {timer_at("b", 200), timer_at("d", 65'536)}) == status());
  BOOST_TEST(names_of(due_at(*store, 70'000)) == (texts{"a", "b", "c", "d"}),
             boost::test_tools::per_element());
  BOOST_TEST(names_of(due_at(*store, 70'000, 2)) == (texts{"a", "b"}),
             boost::test_tools::per_element());
  BOOST_TEST(names_of(due_at(*store, 299)) == (texts{"a", "b"}), boost::test_tools::per_element());
  BOOST_TEST(set_timers(*store, "3", {timer_at("before all", 1)}) == status());
  BOOST_TEST(next_due(*store).value() == 1);
  BOOST_TEST(names_of(due_at(*store, 100)) == (texts{"before all", "a"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_timer_takes_the_place_of_one_of_its_name, Adapter, adapters) {
  Adapter store;
  BOOST_TEST(set_timers(*store, "1", {timer_at("t", 100, "old"), timer_at("u", 50)}) == status());
  BOOST_TEST(set_timers(*store, "2", {timer_at("t", 70, "another's")}) == status());
  auto before = due_at(*store, 100).at(2);
  BOOST_TEST(set_timers(*store, "1", {timer_at("t", 200, "new")}) == status());
  BOOST_TEST(names_of(due_at(*store, 199)) == (texts{"u", "t"}), boost::test_tools::per_element());
  auto due = due_at(*store, 200);
  BOOST_REQUIRE(due.size() == 3);
  BOOST_TEST(due[2].timer.what.payload == "new");
  BOOST_TEST(due[2].version != before.version);
  BOOST_TEST(set_timers(*store, "1", {timer_at("t", 200, "at the same time")}) == status());
  BOOST_TEST(due_at(*store, 200).at(2).timer.what.payload == "at the same time");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_cancelled_timer_is_gone, Adapter, adapters) {
  Adapter store;
  BOOST_TEST(set_timers(*store, "1", {timer_at("t", 100), timer_at("u", 200)}) == status());
  BOOST_TEST(set_timers(*store, "1", {{"t", std::nullopt}, {"none", std::nullopt}}) == status());
  BOOST_TEST(names_of(due_at(*store, 1000)) == texts{"u"}, boost::test_tools::per_element());
  BOOST_TEST(next_due(*store).value() == 200);
  BOOST_TEST(set_timers(*store, "1", {{"u", std::nullopt}}) == status());
  BOOST_TEST(!next_due(*store));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_last_of_several_changes_of_a_timer_counts, Adapter, adapters) {
  Adapter store;
  BOOST_TEST(set_timers(*store, "1", {timer_at("kept", 10)}) == status());
  std::vector group{mail_only("1"), mail_only("1"), mail_only("1")};
  mail_of(group[0]).timers = {timer_at("t", 100),
                              {"t", std::nullopt},
                              timer_at("t", 300, "x"),
                              timer_at("u", 5),
                              timer_at("kept", 20)};
  mail_of(group[1]).timers = {timer_at("t", 200, "last"), {"u", std::nullopt}};
  mail_of(group[2]).timers = {
      {"v", std::nullopt}, timer_at("v", 400), {"kept", std::nullopt}, timer_at("kept", 30)};
  BOOST_TEST(codes_of((*store).commit(group)) == std::vector(3, ok),
             boost::test_tools::per_element());
  auto due = due_at(*store, 1000);
  BOOST_TEST(names_of(due) == (texts{"kept", "t", "v"}), boost::test_tools::per_element());
  BOOST_TEST(due[1].timer.what.payload == "last");
  BOOST_TEST(next_due(*store).value() == 30);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_timer_that_fires_becomes_mail_and_ends, Adapter, adapters) {
  Adapter store;
  auto change = timer_at("t", 100, "now");
  change.set->what.command_id = "c";
  BOOST_TEST(set_timers(*store, "1", {change}) == status());
  auto s = firing(due_at(*store, 100).at(0), 120);
  BOOST_TEST(commit(*store, s) == status());
  BOOST_TEST(!next_due(*store));
  auto mail = mail_in(*store, "target");
  BOOST_REQUIRE(mail.size() == 1);
  BOOST_TEST(mail[0].mail.payload == "now");
  BOOST_TEST((mail[0].mail == s.mail->fired->timer.timer.what));
  BOOST_TEST((mail[0].time == s.time));
  BOOST_TEST((*store).find_command("c", {})->value().done == false);

  BOOST_TEST(commit(*store, s).code() == aborted);
  BOOST_TEST(mail_in(*store, "target").size() == 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_periodic_timer_is_due_again_after_now, Adapter, adapters) {
  Adapter store;
  BOOST_TEST(set_timers(*store, "1", {timer_at("t", 100, "tick", 30ms)}) == status());
  auto due = due_at(*store, 100).at(0);
  struct firing_time {
    std::int64_t now, next;
  };
  // On time, late by whole periods, late by a part of one, before its time.
  for (auto [now, next] : {firing_time{100, 130}, {190, 220}, {251, 280}, {270, 310}}) {
    BOOST_TEST(commit(*store, firing(due, now)) == status());
    BOOST_TEST(next_due(*store).value() == next);
    BOOST_TEST(commit(*store, firing(due, now)).code() == aborted);  // it was this time's
    due = due_at(*store, next).at(0);
    BOOST_TEST((due.timer.period == 30ms));
    BOOST_TEST((due.timer.what.position == mail_position{}));
  }
  BOOST_TEST(mail_in(*store, "target").size() == 4);
  BOOST_TEST(set_timers(*store, "1", {{"t", std::nullopt}}) == status());
  BOOST_TEST(!next_due(*store));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_timer_that_was_changed_does_not_fire_as_it_was, Adapter, adapters) {
  Adapter store;
  BOOST_TEST(set_timers(*store, "1", {timer_at("set anew", 100), timer_at("cancelled", 100)}) ==
             status());
  auto due = due_at(*store, 100);
  BOOST_REQUIRE(due.size() == 2);
  BOOST_TEST(set_timers(*store, "1", {timer_at("set anew", 100), {"cancelled", std::nullopt}}) ==
             status());
  for (const auto& timer : due) {
    auto refused = commit(*store, firing(timer, 100));
    BOOST_TEST(refused.code() == aborted);
    BOOST_TEST(refused.message().find("timer \"" + timer.name + "\"") != std::string::npos);
  }
  BOOST_TEST(mail_in(*store, "target").empty());
  BOOST_TEST(due_at(*store, 100).size() == 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_timer_fires_once_within_a_group, Adapter, adapters) {
  Adapter store;
  BOOST_TEST(set_timers(*store, "1", {timer_at("t", 100), timer_at("u", 100)}) == status());
  auto due = due_at(*store, 100);
  std::vector group{firing(due[0], 100), firing(due[0], 100), mail_only("1"), firing(due[1], 100)};
  mail_of(group[2]).timers = {{due[1].name, std::nullopt}};
  BOOST_TEST(codes_of((*store).commit(group)) == (std::vector{ok, aborted, ok, aborted}),
             boost::test_tools::per_element());
  BOOST_TEST(mail_in(*store, "target").size() == 1);
  BOOST_TEST(!next_due(*store));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(times_at_the_ends_of_what_is_stored_are_kept, Adapter, adapters) {
  Adapter store;
  auto last = timestamp::max().time_since_epoch();
  timer_change never{"never", timer_change::timer{timestamp::max(), 1ms, mail_to("1", "x")}};
  timer_change rare{"rare", timer_change::timer{timestamp{1ms}, last, mail_to("1", "x")}};
  timer_change early{"early", timer_change::timer{timestamp{-5ms}, -1ms, mail_to("1", "x")}};
  BOOST_TEST(set_timers(*store, "1", {never, rare, early}) == status());
  auto due = due_at(*store, 10);
  BOOST_TEST(names_of(due) == (texts{"early", "rare"}), boost::test_tools::per_element());
  BOOST_TEST(commit(*store, firing(due[0], 10)) == status());
  BOOST_TEST(commit(*store, firing(due[1], 10)) == status());
  BOOST_TEST(next_due(*store).value() == last.count());
  BOOST_TEST(names_of(due_at(*store, last.count())) == (texts{"never", "rare"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(many_timers_fire_each_once, Adapter, adapters) {
  Adapter store;
  constexpr std::int64_t timers = 3000;
  std::vector<step> group;
  for (std::int64_t n = 0; n < timers; ++n) {
    group.push_back(mail_only(std::to_string(n)));
    mail_of(group.back()).timers = {timer_at("t", 1 + n * 7919 % timers)};
  }
  for (const auto& s : (*store).commit(group)) BOOST_REQUIRE(s == status());
  std::int64_t fired = 0;
  while (auto next = next_due(*store)) {
    group.clear();
    for (const auto& timer : due_at(*store, *next + 99, 64)) group.push_back(firing(timer, *next));
    BOOST_REQUIRE(!group.empty());
    for (const auto& s : (*store).commit(group)) BOOST_REQUIRE(s == status());
    fired += static_cast<std::int64_t>(group.size());
  }
  BOOST_TEST(fired == timers);
  BOOST_TEST(mail_in(*store, "target").size() == timers);
}

BOOST_AUTO_TEST_SUITE_END()
