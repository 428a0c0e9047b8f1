// What is RocksDB's own of mail and timers: reopening, power cuts, damage, and what is forgotten on
// disk.

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "persistence/rocksdb_database.hpp"
#include "persistence/rocksdb_deletions.hpp"
#include "persistence/rocksdb_keys.hpp"
#include "persistence/rocksdb_mail_records.hpp"
#include "test/persistence/rocksdb_raw_database.hpp"
#include "test/persistence/samples.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t everything = 1 << 30;
const entity_key victim{"cart", "victim"};
const entity_key bystander{"cart", "bystander"};

timer_change timer_at(const std::string& name, std::chrono::milliseconds due) {
  return {name, timer_change::timer{timestamp{due}, {}, mail_to("target", name)}};
}

std::vector<std::string> payloads_of(const result<std::vector<stored_mail>>& mail) {
  BOOST_REQUIRE_MESSAGE(mail.ok(), mail.error());
  std::vector<std::string> payloads;
  for (const auto& m : *mail) payloads.push_back(m.mail.payload);
  return payloads;
}

std::vector<std::string> names_of(const result<std::vector<stored_timer>>& timers) {
  BOOST_REQUIRE_MESSAGE(timers.ok(), timers.error());
  std::vector<std::string> names;
  for (const auto& t : *timers) names.push_back(t.name);
  return names;
}

// A step with one of everything.
step full_step(const std::string& id, std::uint64_t expected) {
  auto s = step_of(id, expected, {"event"});
  auto& mail = mail_of(s);
  mail.mail = {mail_to("target", "from " + id)};
  mail.mail[0].command_id = "sent by " + id;
  mail.timers = {timer_at("timer of " + id, 5ms)};
  mail.outcome = command_outcome{"done by " + id, {}, "reply"};
  return s;
}

// A store with mail and timers for two entities, whose files `damage` has changed, opened again.
struct damaged_store {
  temporary_folder folder;
  manual_clock clock;
  std::unique_ptr<rocksdb_step_store> store;
  std::vector<new_mail> sent;

  explicit damaged_store(const std::function<void(raw_database&, damaged_store&)>& damage) {
    store = open_store(folder.path(), clock);
    for (const auto& entity : {victim, bystander}) {
      auto s = step_of(entity.id, 0, {});
      auto& mail = mail_of(s);
      mail.mail = {mail_to(entity.id, "first"), mail_to(entity.id, "second")};
      mail.mail[0].command_id = "command of " + entity.id;
      mail.timers = {timer_at("t", entity == victim ? 5ms : 6ms)};
      BOOST_REQUIRE(commit(*store, s) == status());
      sent.insert(sent.end(), mail.mail.begin(), mail.mail.end());
    }
    store.reset();
    {
      raw_database raw(folder.path());
      damage(raw, *this);
    }
    store = open_store(folder.path(), clock);
  }

  void expect_bystander_goes_on() {
    BOOST_TEST(payloads_of(store->read_mail(bystander, {}, everything)).size() == 2);
    auto s = step_of(bystander.id, 0, {"a"});
    mail_of(s).handled = sent[2].position;
    mail_of(s).timers = {timer_at("t", 7ms)};
    BOOST_TEST(commit(*store, s) == status());
    auto due = store->read_due_timers(timestamp{7ms}, 10);
    BOOST_REQUIRE(due.ok());
    BOOST_TEST((due->back().owner == bystander));
  }
};

bool mentions(const status& s, const std::string& text) {
  return s.message().find(text) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rocksdb_mail)

BOOST_AUTO_TEST_CASE(mail_timers_and_commands_are_there_after_a_reopen) {
  temporary_folder folder;
  manual_clock clock;
  mail_position last{};
  {
    auto store = open_store(folder.path(), clock);
    BOOST_TEST(commit(*store, full_step("1", 0)) == status());
    BOOST_TEST(commit(*store, full_step("2", 0)) == status());
    auto s = mail_only("3");
    mail_of(s).relayed = outbox_offset{1};
    mail_of(s).mail = {mail_to("other", "x")};
    BOOST_TEST(commit(*store, s) == status());
    last = s.mail->mail[0].position;
    auto handled = step_of("other", 0, {});
    mail_of(handled).handled = last;
    BOOST_TEST(commit(*store, handled) == status());
  }
  auto store = open_store(folder.path(), clock);
  BOOST_TEST((store->entities_with_mail() == std::vector{entity_key{"cart", "target"}}));
  BOOST_TEST(store->mail_bytes({"cart", "target"}) ==
             bytes_of(full_step("1", 0).mail->mail[0]) + bytes_of(full_step("2", 0).mail->mail[0]));
  BOOST_TEST(payloads_of(store->read_mail({"cart", "target"}, {}, everything)) ==
                 (std::vector<std::string>{"from 1", "from 2"}),
             boost::test_tools::per_element());
  BOOST_TEST(names_of(store->read_due_timers(timestamp{5ms}, 10)) ==
                 (std::vector<std::string>{"timer of 1", "timer of 2"}),
             boost::test_tools::per_element());
  BOOST_TEST((*store->next_due() == timestamp{5ms}));
  BOOST_TEST(!store->find_command("sent by 1", {})->value().done);
  BOOST_TEST(store->find_command("done by 2", {})->value().reply == "reply");
  BOOST_TEST((*store->relayed(shard_of("3", 16)) == outbox_offset{1}));

  auto again = mail_only("3");
  mail_of(again).relayed = outbox_offset{1};
  mail_of(again).mail = {mail_to("other", "twice")};
  BOOST_TEST(commit(*store, again) == status());
  BOOST_TEST(store->mail_bytes({"cart", "other"}) == 0);
  // The last position was given to mail that has been handled since.
  again.mail->relayed = outbox_offset{2};
  BOOST_TEST(commit(*store, again) == status());
  BOOST_TEST((again.mail->mail[0].position > last));
}

BOOST_AUTO_TEST_CASE(a_group_with_mail_that_a_power_cut_has_cut_short_is_left_out_whole) {
  temporary_folder folder;
  manual_clock clock;
  auto store = open_store(folder.path(), clock);
  BOOST_REQUIRE(commit(*store, full_step("before", 0)) == status());
  std::filesystem::path log;
  for (const auto& file : std::filesystem::directory_iterator(folder.path() / "steps")) {
    if (file.path().extension() == ".log") log = file.path();
  }
  auto begin = std::filesystem::file_size(log);
  std::vector group{full_step("1", 0), state_of("2", 0, "state"), full_step("3", 0)};
  mail_of(group[1]) = *full_step("2", 0).mail;
  for (const auto& s : store->commit(group)) BOOST_REQUIRE(s == status());
  auto end = std::filesystem::file_size(log);
  BOOST_REQUIRE(begin < end);

  constexpr std::uintmax_t cuts = 24;
  for (std::uintmax_t cut = 0; cut <= cuts; ++cut) {
    temporary_folder copy;
    std::filesystem::copy(folder.path() / "steps", copy.path() / "steps");
    auto size = begin + (end - begin) * cut / cuts;
    std::filesystem::resize_file(copy.path() / "steps" / log.filename(), size);
    auto left = open_store(copy.path(), clock);
    auto groups = cut == cuts ? 4u : 1u;
    BOOST_TEST_CONTEXT(size - begin << " of " << end - begin << " bytes") {
      BOOST_TEST(left->read_mail({"cart", "target"}, {}, everything)->size() == groups);
      BOOST_TEST(left->mail_bytes({"cart", "target"}) > 0);
      BOOST_TEST(left->read_due_timers(timestamp{5ms}, 10)->size() == groups);
      BOOST_TEST(left->find_command("done by 3", {})->has_value() == (cut == cuts));
      BOOST_TEST(left->load({"cart", "2"})->snapshot.has_value() == (cut == cuts));
      BOOST_TEST(left->load({"cart", "1"})->events.size() == groups / 4);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_store_without_mailboxes_gets_them) {
  temporary_folder folder;
  manual_clock clock;
  BOOST_REQUIRE(commit(*open_store(folder.path(), clock), step_of("1", 0, {"a"})) == status());
  {
    raw_database raw(folder.path());
    for (const auto* family : {"mailbox", "timers", "due", "commands", "deleted"}) {
      raw.drop_family(family);
    }
  }
  auto store = open_store(folder.path(), clock);
  BOOST_TEST(store->load({"cart", "1"})->events.size() == 1);
  BOOST_TEST(commit(*store, full_step("1", 1)) == status());
  BOOST_TEST(store->read_mail({"cart", "target"}, {}, everything)->size() == 1);
}

BOOST_AUTO_TEST_CASE(the_state_of_a_key_value_entity_stands_once_on_disk) {
  temporary_folder folder;
  manual_clock clock;
  const std::string state(100, 's');
  BOOST_REQUIRE(commit(*open_store(folder.path(), clock), state_of("1", 0, state)) == status());
  raw_database raw(folder.path());
  BOOST_TEST(raw.keys("index").empty());
  BOOST_REQUIRE(raw.keys("log").size() == 1);
  BOOST_TEST(raw.get("log", raw.keys("log")[0]).find(state) == std::string::npos);
  BOOST_TEST(raw.get("snapshot", entity_prefix({"cart", "1"})).find(state) != std::string::npos);
}

// ----------------------------------------------------------------------------------------- damage

BOOST_AUTO_TEST_CASE(damaged_mail_names_its_place_and_stops_its_entity_only) {
  damaged_store damaged([](raw_database& raw, damaged_store& d) {
    raw.flip_bit("mailbox", mailbox_key(victim, d.sent[1].position), 99);
  });
  auto& store = *damaged.store;
  BOOST_TEST(
      payloads_of(store.read_mail(victim, {}, everything)) == std::vector<std::string>{"first"},
      boost::test_tools::per_element());
  auto lost = store.read_mail(victim, damaged.sent[0].position, everything);
  BOOST_TEST(lost.error().code() == status_code::data_loss);
  BOOST_TEST(mentions(lost.error(), "cart/victim, mail " +
                                        std::to_string(value(damaged.sent[1].position)) +
                                        " (column family mailbox): the checksum does not match"));
  BOOST_TEST(store.entities_with_mail().size() == 2);
  damaged.expect_bystander_goes_on();
}

BOOST_AUTO_TEST_CASE(a_damaged_timer_does_not_fire_and_keeps_no_other_from_firing) {
  using damaging = std::function<void(raw_database&)>;
  const auto in_timers = timer_key(victim, "t");
  const auto in_due = due_key(timestamp{5ms}, in_timers);
  const std::vector<damaging> kinds{
      [&](auto& raw) { raw.flip_bit("timers", in_timers, 99); },
      [&](auto& raw) { raw.remove("timers", in_timers); },
      [&](auto& raw) { raw.flip_bit("due", in_due, 20); },
      // A sound record, of a timer that was set before.
      [&](auto& raw) { raw.put("due", in_due, encode_number(record_kind::due, in_due, 1000)); }};
  for (const auto& kind : kinds) {
    damaged_store damaged([&](raw_database& raw, damaged_store&) { kind(raw); });
    auto due = damaged.store->read_due_timers(timestamp{6ms}, 10);
    BOOST_REQUIRE_MESSAGE(due.ok(), due.error());
    BOOST_REQUIRE(due->size() == 1);
    BOOST_TEST((due->front().owner == bystander));
    BOOST_TEST((*damaged.store->next_due() == timestamp{6ms}));  // it is passed over from now on
    damaged.expect_bystander_goes_on();
  }
}

BOOST_AUTO_TEST_CASE(a_damaged_timer_is_not_set_anew) {
  damaged_store damaged([](raw_database& raw, damaged_store&) {
    raw.flip_bit("timers", timer_key(victim, "t"), 99);
  });
  auto s = step_of(victim.id, 0, {"a"});
  mail_of(s).timers = {timer_at("t", 9ms)};
  auto lost = commit(*damaged.store, s);
  BOOST_TEST(lost.code() == status_code::data_loss);
  BOOST_TEST(mentions(lost, "cart/victim, timer \"t\" (column family timers)"));
  BOOST_TEST(damaged.store->load(victim)->events.empty());
  damaged.expect_bystander_goes_on();
}

BOOST_AUTO_TEST_CASE(a_damaged_command_record_is_noticed_and_does_not_stand_in_the_way) {
  damaged_store damaged(
      [](raw_database& raw, damaged_store&) { raw.flip_bit("commands", "command of victim", 20); });
  auto lost = damaged.store->find_command("command of victim", {});
  BOOST_TEST(lost.error().code() == status_code::data_loss);
  BOOST_TEST(mentions(lost.error(), "command \"command of victim\" (column family commands)"));
  auto s = step_of(victim.id, 0, {});
  mail_of(s).handled = damaged.sent[0].position;
  mail_of(s).outcome = command_outcome{"command of victim", {}, "reply"};
  BOOST_TEST(commit(*damaged.store, s) == status());
  BOOST_TEST(damaged.store->find_command("command of victim", {})->value().reply == "reply");
}

BOOST_AUTO_TEST_CASE(a_store_that_cannot_tell_which_number_comes_next_is_not_opened) {
  temporary_folder folder;
  manual_clock clock;
  BOOST_REQUIRE(commit(*open_store(folder.path(), clock), full_step("1", 0)) == status());
  raw_database(folder.path()).flip_bit("default", last_number_key, 30);
  auto refused = rocksdb_step_store::open({.folder = folder.path(), .clock = clock});
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST(refused.error().code() == status_code::data_loss);
  BOOST_TEST(mentions(refused.error(), "the number that was given last to a mail or timer"));
}

BOOST_AUTO_TEST_CASE(a_damaged_state_is_noticed_by_commits_and_readers_of_the_log) {
  temporary_folder folder;
  manual_clock clock;
  {
    auto store = open_store(folder.path(), clock);
    BOOST_REQUIRE(commit(*store, state_of("1", 0, "state")) == status());
  }
  raw_database(folder.path()).flip_bit("snapshot", entity_prefix({"cart", "1"}), 99);
  auto store = open_store(folder.path(), clock);
  BOOST_TEST(commit(*store, state_of("1", 1, "next")).code() == status_code::data_loss);
  BOOST_TEST(store->load({"cart", "1"}).error().code() == status_code::data_loss);
  auto log = store->read_log(shard_of("1", 16), log_offset{0}, everything);
  BOOST_TEST(log.error().code() == status_code::data_loss);
  BOOST_TEST(mentions(log.error(), "cart/1 (column family snapshot)"));
}

// ------------------------------------------------------------------------------------- forgetting

BOOST_AUTO_TEST_CASE(outcomes_past_the_retention_are_dropped_from_disk_and_others_stay) {
  temporary_folder folder;
  manual_clock clock;
  auto at_now = [&](step s) {
    s.time = {static_cast<std::uint64_t>(clock.now().time_since_epoch().count()) << 16};
    return s;
  };
  {
    auto store = open_store(folder.path(), clock);
    BOOST_REQUIRE(commit(*store, at_now(full_step("old", 0))) == status());
    clock.advance(23h);
    BOOST_REQUIRE(commit(*store, at_now(full_step("new", 0))) == status());
    clock.advance(2h);
    BOOST_TEST(store->drop_expired_replies() == status());
    BOOST_TEST(!store->find_command("done by old", clock.now())->has_value());
    BOOST_TEST(store->find_command("sent by old", clock.now())->has_value());
  }
  BOOST_TEST(raw_database(folder.path()).keys("commands") ==
                 (std::vector<std::string>{"done by new", "sent by new", "sent by old"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(content_of_the_deleted_leaves_the_disk_and_dropping_goes_on_after_a_reopen) {
  temporary_folder folder;
  manual_clock clock;
  const std::string secret(100, 's');
  {
    auto store = open_store(folder.path(), clock);
    auto s = step_of("1", 0, std::vector<std::string>(400, secret));
    s.events.push_back(new_event::deletion());
    BOOST_REQUIRE(commit(*store, s) == status());
    BOOST_REQUIRE(commit(*store, step_of("1", 401, {"after"})) == status());
  }
  {
    // As if the process had died after the first of the writes that drop its content.
    auto database = rocksdb_database::open({.folder = folder.path() / "steps",
                                            .store = {},
                                            .replies_filter = nullptr,
                                            .commands_filter = nullptr,
                                            .environment = rocksdb::Env::Default()});
    BOOST_REQUIRE_MESSAGE(database.ok(), database.error());
    queue_front front;
    auto deletion = read_pending_deletion(**database, front, clock.now());
    BOOST_REQUIRE((deletion.ok() && deletion->has_value()));
    BOOST_TEST(*drop_events_before(**database, **deletion));
  }
  {
    auto store = open_store(folder.path(), clock);
    BOOST_TEST(store->load({"cart", "1"})->events.size() == 1);
    BOOST_TEST(*store->drop_deleted(clock.now()) == 1);
    BOOST_TEST(*store->drop_deleted(clock.now()) == 0);
    BOOST_TEST(store->load({"cart", "1"})->events.size() == 1);
  }
  raw_database raw(folder.path());
  BOOST_TEST(raw.keys("deleted").empty());
  BOOST_TEST(raw.keys("index").size() == 2);
  for (const auto& key : raw.keys("log")) {
    BOOST_TEST(raw.get("log", key).find(secret) == std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
