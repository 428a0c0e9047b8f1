// What every store with mailboxes and command records does: each case runs on every adapter. Timers
// are in timers_contract_test.cpp, forgetting in drop_deleted_contract_test.cpp.

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "test/persistence/mail_samples.hpp"
#include "test/persistence/samples.hpp"
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

step handling(const std::string& id, std::uint64_t expected, mail_position position) {
  auto s = step_of(id, expected, {"handled"});
  mail_of(s).handled = position;
  return s;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(mail_store_contract)

// -------------------------------------------------------------------------------------- mailboxes

BOOST_AUTO_TEST_CASE_TEMPLATE(mail_is_read_as_it_was_sent, Adapter, adapters) {
  Adapter store;
  auto s = step_of("sender", 0, {"event"});
  auto mail = mail_to("1", "payload\0\xff"s);
  mail.metadata = {{"user", "ann"}, {"user", "bob"}, {"x-bin", "\0"s}};
  mail.idempotency_key = "k";
  mail.command_id = "c";
  mail.hops = 3;
  mail_of(s).mail = {mail};
  BOOST_TEST(commit(*store, s) == status());

  auto read = mail_in(*store, "1");
  BOOST_REQUIRE(read.size() == 1);
  BOOST_TEST((s.mail->mail[0].position != mail_position{}));
  BOOST_TEST((read[0] == stored_mail{s.mail->mail[0], s.time}));
  mail.position = read[0].mail.position;
  BOOST_TEST((read[0].mail == mail));
  BOOST_TEST((*store).mail_bytes(cart("1")) == bytes_of(mail));
  BOOST_TEST(loaded(*store, cart("sender")).events.size() == 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(mail_stands_in_the_order_in_which_it_was_sent, Adapter, adapters) {
  Adapter store;
  std::vector group{step_of("a", 0, {}), mail_only("b"), step_of("a", 0, {})};
  mail_of(group[0]).mail = {mail_to("1", "a1"), mail_to("2", "other"), mail_to("1", "a2")};
  mail_of(group[1]).mail = {mail_to("1", "b1")};
  mail_of(group[2]).mail = {mail_to("1", "a3")};
  BOOST_TEST(codes_of((*store).commit(group)) == std::vector(3, ok),
             boost::test_tools::per_element());
  BOOST_TEST(send(*store, "b", {mail_to("1", "b2")}) == status());
  auto read = mail_in(*store, "1");
  BOOST_TEST(payloads_of(read) == (texts{"a1", "a2", "b1", "a3", "b2"}),
             boost::test_tools::per_element());
  BOOST_TEST(std::ranges::is_sorted(
      read, [](const auto& a, const auto& b) { return a.mail.position < b.mail.position; }));
  BOOST_TEST(payloads_of(mail_in(*store, "1", read[2].mail.position)) == (texts{"a3", "b2"}),
             boost::test_tools::per_element());
  BOOST_TEST(payloads_of(mail_in(*store, "2")) == texts{"other"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_page_of_mail_is_bounded_but_never_empty, Adapter, adapters) {
  Adapter store;
  std::vector mail(10, mail_to("1", std::string(1000, 'x')));
  BOOST_TEST(send(*store, "s", mail) == status());
  BOOST_TEST((*store).read_mail(cart("1"), {}, 1)->size() == 1);
  auto some = (*store).read_mail(cart("1"), {}, 5000)->size();
  BOOST_TEST(some > 1);
  BOOST_TEST(some < 5);
  auto last = mail_in(*store, "1").back().mail.position;
  BOOST_TEST((*store).read_mail(cart("1"), last, everything)->empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(who_has_mail_is_known, Adapter, adapters) {
  Adapter store;
  BOOST_TEST((*store).entities_with_mail().empty());
  BOOST_TEST((*store).mail_bytes(cart("1")) == 0);
  BOOST_TEST(send(*store, "s", {mail_to("1", "a"), mail_to("2", "b"), mail_to("1", "c")}) ==
             status());
  auto with_mail = (*store).entities_with_mail();
  std::ranges::sort(with_mail);
  BOOST_TEST((with_mail == std::vector{cart("1"), cart("2")}));
  BOOST_TEST((*store).mail_bytes(cart("1")) == 2 * bytes_of(mail_to("1", "a")));

  auto mail = mail_in(*store, "1");
  BOOST_TEST(commit(*store, handling("1", 0, mail[0].mail.position)) == status());
  BOOST_TEST((*store).mail_bytes(cart("1")) == bytes_of(mail_to("1", "a")));
  BOOST_TEST(commit(*store, handling("1", 1, mail[1].mail.position)) == status());
  BOOST_TEST((*store).mail_bytes(cart("1")) == 0);
  BOOST_TEST(((*store).entities_with_mail() == std::vector{cart("2")}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(positions_grow_also_when_a_mailbox_was_emptied, Adapter, adapters) {
  Adapter store;
  mail_position last{};
  for (std::uint64_t n = 0; n < 3; ++n) {
    BOOST_TEST(send(*store, "s", {mail_to("1", "a")}) == status());
    auto mail = mail_in(*store, "1");
    BOOST_REQUIRE(mail.size() == 1);
    BOOST_TEST((mail[0].mail.position > last));
    last = mail[0].mail.position;
    BOOST_TEST(commit(*store, handling("1", n, last)) == status());
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(names_that_could_be_mistaken_have_their_own_mailboxes, Adapter,
                              adapters) {
  Adapter store;
  const texts ids{"", "a", "a\0"s, "a\0\x01"s, "a\x01", "a\xff", "aa", "\0"s};
  for (const auto& id : ids) {
    BOOST_TEST(send(*store, "s", {mail_to(id, "to " + id)}) == status());
  }
  for (const auto& id : ids) {
    BOOST_TEST(payloads_of(mail_in(*store, id)) == texts{"to " + id},
               boost::test_tools::per_element());
  }
  BOOST_TEST((*store).entities_with_mail().size() == ids.size());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(mail_of_a_failed_step_leaves_no_trace, Adapter, adapters) {
  Adapter store;
  std::vector group{step_of("1", 7, {"wrong"}), step_of("1", 0, {"follows it"})};
  for (auto& s : group) {
    auto mail = mail_to("2", "lost");
    mail.command_id = "lost";
    mail_of(s).mail = {mail};
    mail_of(s).timers = {timer_at("lost", 1)};
    mail_of(s).outcome = command_outcome{"lost too", {}, "reply"};
  }
  BOOST_TEST(codes_of((*store).commit(group)) == std::vector(2, aborted),
             boost::test_tools::per_element());
  BOOST_TEST(mail_in(*store, "2").empty());
  BOOST_TEST((*store).mail_bytes(cart("2")) == 0);
  BOOST_TEST((*store).entities_with_mail().empty());
  BOOST_TEST(!next_due(*store));
  BOOST_TEST(!(*store).find_command("lost", {})->has_value());
  BOOST_TEST(!(*store).find_command("lost too", {})->has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_step_of_mail_only_stands_alone, Adapter, adapters) {
  Adapter store;
  BOOST_TEST(commit(*store, step_of("1", 0, {"a"})) == status());
  std::vector group{step_of("1", 7, {"wrong"}), mail_only("1"), mail_only("1"),
                    step_of("2", 0, {"b"})};
  mail_of(group[1]).mail = {mail_to("x", "stands")};
  mail_of(group[2]).fired = mail_effects::fired_timer{{cart("2"), "none", 1, {}}, {}};
  mail_of(group[2]).mail = {mail_to("x", "falls")};
  group[2].entity = cart("2");
  BOOST_TEST(codes_of((*store).commit(group)) == (std::vector{aborted, ok, aborted, ok}),
             boost::test_tools::per_element());
  BOOST_TEST(payloads_of(mail_in(*store, "x")) == texts{"stands"},
             boost::test_tools::per_element());
  BOOST_TEST(commit(*store, step_of("1", 1, {"b"})) == status());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_step_of_mail_only_may_name_its_generation, Adapter, adapters) {
  Adapter store;
  std::vector group{mail_only("1"), mail_only("1")};
  group[0].generation = (*store).generation() + 1;
  mail_of(group[0]).mail = {mail_to("x", "falls")};
  group[1].generation = (*store).generation();
  mail_of(group[1]).mail = {mail_to("x", "stands")};
  BOOST_TEST(codes_of((*store).commit(group)) == (std::vector{aborted, ok}),
             boost::test_tools::per_element());
  BOOST_TEST(payloads_of(mail_in(*store, "x")) == texts{"stands"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(mail_of_some_megabytes_is_kept_whole, Adapter, adapters) {
  Adapter store;
  std::string payload(4 << 20, '\0');
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<char>(i * 2654435761u >> 24);
  auto s = mail_only("s");
  mail_of(s).mail = {mail_to("1", payload)};
  mail_of(s).timers = {timer_at("t", 5, payload)};
  BOOST_TEST(commit(*store, s) == status());
  BOOST_TEST((mail_in(*store, "1").at(0).mail.payload == payload));
  BOOST_TEST((due_at(*store, 5).at(0).timer.what.payload == payload));
  BOOST_TEST((*store).mail_bytes(cart("1")) == bytes_of(mail_to("1", payload)));
}

// ---------------------------------------------------------------------------------------- handled

BOOST_AUTO_TEST_CASE_TEMPLATE(mail_is_handled_once, Adapter, adapters) {
  Adapter store;
  BOOST_TEST(send(*store, "s", {mail_to("1", "a"), mail_to("1", "b"), mail_to("1", "c")}) ==
             status());
  auto mail = mail_in(*store, "1");
  BOOST_TEST(commit(*store, handling("1", 0, mail[1].mail.position)) == status());
  BOOST_TEST(payloads_of(mail_in(*store, "1")) == (texts{"a", "c"}),
             boost::test_tools::per_element());

  auto again = handling("1", 1, mail[1].mail.position);
  mail_of(again).mail = {mail_to("2", "twice")};
  BOOST_TEST(commit(*store, again).code() == aborted);
  BOOST_TEST(mail_in(*store, "2").empty());
  BOOST_TEST(loaded(*store, cart("1")).events.size() == 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(mail_is_handled_once_within_a_group, Adapter, adapters) {
  Adapter store;
  BOOST_TEST(send(*store, "s", {mail_to("1", "a"), mail_to("2", "b")}) == status());
  auto position = mail_in(*store, "1").at(0).mail.position;
  std::vector group{step_of("1", 0, {}), step_of("1", 0, {}), step_of("2", 0, {})};
  mail_of(group[0]).handled = position;
  mail_of(group[1]).handled = position;
  mail_of(group[2]).handled = mail_in(*store, "2").at(0).mail.position;
  BOOST_TEST(codes_of((*store).commit(group)) == (std::vector{ok, aborted, ok}),
             boost::test_tools::per_element());
  BOOST_TEST((*store).entities_with_mail().empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(mail_of_another_entity_is_not_handled, Adapter, adapters) {
  Adapter store;
  BOOST_TEST(send(*store, "s", {mail_to("1", "a")}) == status());
  auto position = mail_in(*store, "1").at(0).mail.position;
  BOOST_TEST(commit(*store, handling("2", 0, position)).code() == aborted);
  BOOST_TEST(mail_in(*store, "1").size() == 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(that_mail_was_handled_elsewhere_may_be_said_twice, Adapter,
                              adapters) {
  Adapter store;
  BOOST_TEST(send(*store, "s", {mail_to("1", "a"), mail_to("1", "b")}) == status());
  auto s = mail_only("1");
  mail_of(s).handled = mail_in(*store, "1").at(0).mail.position;
  for (int i = 0; i < 2; ++i) {
    BOOST_TEST(commit(*store, s) == status());
    BOOST_TEST(payloads_of(mail_in(*store, "1")) == texts{"b"}, boost::test_tools::per_element());
    BOOST_TEST((*store).mail_bytes(cart("1")) == bytes_of(mail_to("1", "b")));
  }
}

// --------------------------------------------------------------------------------------- commands

BOOST_AUTO_TEST_CASE_TEMPLATE(a_command_is_known_from_when_it_is_accepted, Adapter, adapters) {
  Adapter store;
  BOOST_TEST(!(*store).find_command("c", {})->has_value());
  auto s = mail_only("s");
  s.time = {std::uint64_t{1000} << 16};
  auto mail = mail_to("1", "a");
  mail.command_id = "c";
  mail_of(s).mail = {mail, mail_to("1", "without")};
  BOOST_TEST(commit(*store, s) == status());
  BOOST_TEST(((*store).find_command("c", {})->value() ==
              command_record{cart("1"), mail.method, s.time, false, {}, {}}));
  // However long it takes.
  BOOST_TEST((*store).find_command("c", timestamp{1000ms} + 100 * retention)->has_value());

  auto handled = handling("1", 0, mail_in(*store, "1").at(0).mail.position);
  handled.time = {std::uint64_t{2000} << 16};
  mail_of(handled).outcome = command_outcome{"c", {}, "reply\0"s};
  BOOST_TEST(commit(*store, handled) == status());
  BOOST_TEST(((*store).find_command("c", {})->value() ==
              command_record{cart("1"), mail.method, handled.time, true, {}, "reply\0"s}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_outcome_is_kept_for_the_retention, Adapter, adapters) {
  Adapter store;
  auto s = step_of("1", 0, {});
  s.time = {std::uint64_t{2000} << 16};
  status rejected(status_code::failed_precondition, "the cart is checked out");
  mail_of(s).outcome = command_outcome{"c", rejected, ""};
  BOOST_TEST(commit(*store, s) == status());
  auto found = (*store).find_command("c", timestamp{2000ms} + retention);
  BOOST_REQUIRE(found->has_value());
  BOOST_TEST((*found)->done);
  BOOST_TEST((*found)->result == rejected);
  BOOST_TEST(!(*store).find_command("c", timestamp{2001ms} + retention)->has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_forwarded_command_is_where_it_went_to, Adapter, adapters) {
  Adapter store;
  auto mail = mail_to("1", "a");
  mail.command_id = "c";
  BOOST_TEST(send(*store, "s", {mail}) == status());
  auto s = step_of("1", 0, {});
  mail_of(s).handled = mail_in(*store, "1").at(0).mail.position;
  mail.target = cart("2");
  mail.method = "cart.api.Cart.Other";
  mail_of(s).mail = {mail};
  BOOST_TEST(commit(*store, s) == status());
  auto found = (*store).find_command("c", {})->value();
  BOOST_TEST((found.target == cart("2")));
  BOOST_TEST(found.method == "cart.api.Cart.Other");
  BOOST_TEST(!found.done);
}

// --------------------------------------------------------------------------------------- relaying

BOOST_AUTO_TEST_CASE_TEMPLATE(places_of_an_outbox_are_relayed_once_and_in_order, Adapter,
                              adapters) {
  Adapter store;
  auto shard = shard_of("1", shards);
  auto relaying = [&](std::uint64_t offset) {
    auto s = mail_only("1");
    mail_of(s).relayed = outbox_offset{offset};
    mail_of(s).mail = {mail_to("target", std::to_string(offset))};
    mail_of(s).timers = {timer_at("timer " + std::to_string(offset), 5)};
    return s;
  };
  BOOST_TEST((*(*store).relayed(shard) == outbox_offset{0}));
  BOOST_TEST(commit(*store, relaying(2)).code() == aborted);
  BOOST_TEST(commit(*store, relaying(1)) == status());
  BOOST_TEST(commit(*store, relaying(1)) == status());  // it is there already
  BOOST_TEST((*(*store).relayed(shard) == outbox_offset{1}));
  std::vector group{relaying(2), relaying(1), relaying(3), relaying(2), relaying(5), relaying(4)};
  BOOST_TEST(codes_of((*store).commit(group)) == (std::vector{ok, ok, ok, ok, aborted, ok}),
             boost::test_tools::per_element());
  BOOST_TEST(payloads_of(mail_in(*store, "target")) == (texts{"1", "2", "3", "4"}),
             boost::test_tools::per_element());
  BOOST_TEST(due_at(*store, 5).size() == 4);
  BOOST_TEST((*(*store).relayed(shard) == outbox_offset{4}));
  for (std::uint32_t n = 0; n < shards; ++n) {
    if (shard_id{n} != shard) BOOST_TEST((*(*store).relayed(shard_id{n}) == outbox_offset{0}));
  }
}

BOOST_AUTO_TEST_SUITE_END()
