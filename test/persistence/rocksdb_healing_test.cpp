// A full or failing disk: commits answer UNAVAILABLE, reads go on, and when the disk is well again
// commits succeed without a restart.

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <filesystem>
#include <list>
#include <string>

#include "test/persistence/failing_disk.hpp"
#include "test/persistence/rocksdb_raw_database.hpp"
#include "test/persistence/samples.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;

namespace {

void expect_healing(disk trouble, bool fails_after_append, bool by_reading = false) {
  store_on_failing_disk disk_and_store;
  auto& [folder, clock, files, environment, store] = disk_and_store;
  BOOST_TEST(commit(*store, step_of("1", 0, {"before"})) == status());
  BOOST_TEST(commit(*store, step_of("2", 0, {"before"})) == status());

  files->fails_after_append = fails_after_append;
  files->state = trouble;
  std::vector group{step_of("1", 1, {"lost"}), step_of("2", 7, {"wrong"}),
                    step_of("3", 0, {"lost"})};
  auto statuses = store->commit(group);
  BOOST_TEST(statuses[0].code() == status_code::unavailable);
  BOOST_TEST(statuses[1].code() == status_code::aborted);
  BOOST_TEST(statuses[2].code() == status_code::unavailable);
  BOOST_TEST(store->load({"cart", "1"})->events.size() == 1);  // what failed does not show yet
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(commit(*store, step_of("2", 1, {"lost"})).code() == status_code::unavailable);
  }
  if (trouble == disk::full) BOOST_TEST(store->load({"cart", "2"})->events.size() == 1);

  files->state = disk::well;
  if (by_reading) {
    // An entity that was told UNAVAILABLE loads before it commits again.
    BOOST_TEST(store->load({"cart", "2"}).ok());
  }
  // The lost step may be stored after all; then, and only then, its place is taken.
  auto again = disk_and_store.commit_until_healed(step_of("1", 1, {"again"}));
  auto lost_was_stored = again.code() == status_code::aborted;
  BOOST_TEST((again.ok() || lost_was_stored), again);
  BOOST_TEST(payloads_of(store->load({"cart", "1"})->events) ==
                 (std::vector<std::string>{"before", lost_was_stored ? "lost" : "again"}),
             boost::test_tools::per_element());
  BOOST_TEST(store->load({"cart", "3"})->events.size() == (lost_was_stored ? 1 : 0));
  BOOST_TEST(commit(*store, step_of("1", 2, {"after"})) == status());

  // Offsets and numbers have no gap, now and after a reopen, and nothing that was told OK is gone.
  auto check = [&] {
    auto h = store->load({"cart", "1"});
    auto payloads = payloads_of(h->events);
    BOOST_TEST(payloads.front() == "before");
    BOOST_TEST(payloads.back() == "after");
    auto log = whole_log(*store, shard_of("1", 16));
    std::erase_if(log, [](const auto& event) { return event.entity.id != "1"; });
    BOOST_TEST(payloads_of(log) == payloads, boost::test_tools::per_element());
    for (const auto* id : {"2", "3"}) BOOST_TEST(store->load({"cart", id}).ok());
  };
  check();
  store.reset();
  store = open_store(folder.path(), clock);
  check();
  BOOST_TEST(commit(*store, step_of("1", disk_and_store.last_sequence(), {"after"})) == status());
}

// A step that relays a place of an outbox: mail and a timer that is due at once.
step relaying(std::uint64_t offset) {
  auto s = mail_only("1");
  auto& mail = mail_of(s);
  mail.relayed = outbox_offset{offset};
  mail.mail = {mail_to("target", std::to_string(offset))};
  mail.timers = {{std::to_string(offset), timer_change::timer{timestamp{}, {}, mail.mail[0]}}};
  return s;
}

void expect_mail_to_heal(disk trouble, bool fails_after_append, bool by_reading) {
  store_on_failing_disk disk_and_store;
  auto& [folder, clock, files, environment, store] = disk_and_store;
  const entity_key target{"cart", "target"};
  auto before = relaying(1);
  BOOST_TEST(commit(*store, before) == status());

  files->fails_after_append = fails_after_append;
  files->state = trouble;
  auto lost = relaying(2);
  BOOST_TEST(commit(*store, lost).code() == status_code::unavailable);
  BOOST_TEST(store->mail_bytes(target) == bytes_of(before.mail->mail[0]));  // nor does it show here
  files->state = disk::well;
  if (by_reading) BOOST_TEST(store->read_mail(target, {}, 1 << 20).ok());

  // Whether it was stored or not: sent again, it is there once.
  auto again = relaying(2);
  BOOST_TEST(disk_and_store.commit_until_healed(again) == status());
  auto last = relaying(3);
  BOOST_TEST(commit(*store, last) == status());
  auto given = lost.mail->mail[0].position;
  bool was_stored = again.mail->mail[0].position == mail_position{};
  if (!was_stored) BOOST_TEST((again.mail->mail[0].position > given));
  BOOST_TEST((last.mail->mail[0].position > given));
  auto check = [&] {
    auto mail = store->read_mail(target, {}, 1 << 20);
    BOOST_REQUIRE_MESSAGE(mail.ok(), mail.error());
    std::vector<std::string> payloads;
    std::size_t bytes = 0;
    for (const auto& m : *mail) {
      payloads.push_back(m.mail.payload);
      bytes += bytes_of(m.mail);
    }
    BOOST_TEST(payloads == (std::vector<std::string>{"1", "2", "3"}),
               boost::test_tools::per_element());
    BOOST_TEST(store->mail_bytes(target) == bytes);
    BOOST_TEST((store->entities_with_mail() == std::vector{target}));
    BOOST_TEST(store->read_due_timers(timestamp{}, 10)->size() == 3);
  };
  check();
  store.reset();
  store = open_store(folder.path(), clock);
  check();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rocksdb_healing)

BOOST_AUTO_TEST_CASE(a_full_disk_heals_without_a_restart) { expect_healing(disk::full, false); }

BOOST_AUTO_TEST_CASE(a_full_disk_noticed_by_the_sync_heals_without_a_restart) {
  expect_healing(disk::full, true);
}

BOOST_AUTO_TEST_CASE(a_broken_disk_heals_without_a_restart) { expect_healing(disk::broken, false); }

BOOST_AUTO_TEST_CASE(a_broken_sync_heals_without_a_restart) { expect_healing(disk::broken, true); }

BOOST_AUTO_TEST_CASE(mail_and_timers_heal_with_the_store) {
  for (auto trouble : {disk::full, disk::broken}) {
    for (bool fails_after_append : {false, true}) {
      for (bool by_reading : {false, true}) {
        BOOST_TEST_CONTEXT((trouble == disk::full ? "full" : "broken")
                           << (fails_after_append ? ", noticed by the sync" : "")
                           << (by_reading ? ", read first" : "")) {
          expect_mail_to_heal(trouble, fails_after_append, by_reading);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(what_a_failed_write_left_shows_only_under_a_new_generation) {
  store_on_failing_disk disk_and_store;
  auto& [folder, clock, files, environment, store] = disk_and_store;
  files->fails_after_append = true;
  files->state = disk::broken;
  BOOST_TEST(commit(*store, step_of("1", 0, {"lost"})).code() == status_code::unavailable);
  auto before = store->generation();
  BOOST_TEST(disk_and_store.last_sequence() == 0);
  files->state = disk::well;
  auto other = disk_and_store.commit_until_healed(step_of("2", 0, {"other"}));
  BOOST_TEST(other == status());
  if (disk_and_store.last_sequence() > 0) BOOST_TEST(store->generation() > before);
  BOOST_TEST(disk_and_store.last_sequence() == 1);  // RocksDB replayed its log
}

BOOST_AUTO_TEST_CASE(
    a_store_is_closed_while_its_disk_takes_nothing_and_keeps_what_it_acknowledged) {
  for (auto trouble : {disk::full, disk::broken}) {
    for (bool has_noticed : {false, true}) {
      store_on_failing_disk disk_and_store;
      auto& [folder, clock, files, environment, store] = disk_and_store;
      BOOST_TEST(commit(*store, step_of("1", 0, {"kept"})) == status());
      files->state = trouble;
      if (has_noticed) {
        BOOST_TEST(commit(*store, step_of("1", 1, {"lost"})).code() == status_code::unavailable);
      }
      store.reset();
      files->state = disk::well;
      store = open_store(folder.path(), clock);
      BOOST_TEST(
          payloads_of(store->load({"cart", "1"})->events) == std::vector<std::string>{"kept"},
          boost::test_tools::per_element());
      BOOST_TEST(commit(*store, step_of("1", 1, {"after"})) == status());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_crash_while_healing_brings_back_the_failed_step_whole_or_not_at_all) {
  store_on_failing_disk disk_and_store;
  auto& [folder, clock, files, environment, store] = disk_and_store;
  BOOST_TEST(commit(*store, step_of("1", 0, {"before"})) == status());
  files->fails_after_append = true;
  files->state = disk::full;
  auto lost = step_of("1", 1, {"lost"});
  lost.snapshot = new_snapshot{"state", "before lost"};
  lost.key = idempotency_key{"m", "k"};
  BOOST_TEST(commit(*store, lost).code() == status_code::unavailable);

  std::list<temporary_folder> crashes;  // the folder as each moment of healing would leave it
  files->on_manifest_synced([&, steps = folder.path() / "steps"] {
    std::filesystem::copy(steps, crashes.emplace_back().path() / "steps");
  });
  files->state = disk::well;
  (void)disk_and_store.commit_until_healed(step_of("2", 0, {"other"}));
  files->on_manifest_synced(nullptr);
  BOOST_TEST(!crashes.empty());
  for (const auto& crash : crashes) {
    auto left = open_store(crash.path(), clock);
    auto h = left->load({"cart", "1"});
    BOOST_REQUIRE_MESSAGE(h.ok(), h.error());
    bool is_there = h->snapshot.has_value();
    BOOST_TEST(left->find_reply({"cart", "1"}, *lost.key, clock.now())->has_value() == is_there);
    BOOST_TEST(whole_log(*left, shard_of("1", 16)).size() == (is_there ? 2 : 1));
    BOOST_TEST(h->events.size() == (is_there ? 0 : 1));
  }
}

BOOST_AUTO_TEST_CASE(a_store_whose_folder_has_gone_does_not_heal_into_an_empty_one) {
  store_on_failing_disk disk_and_store;
  auto& [folder, clock, files, environment, store] = disk_and_store;
  BOOST_TEST(commit(*store, step_of("1", 0, {"kept"})) == status());
  files->state = disk::broken;
  BOOST_TEST(commit(*store, step_of("1", 1, {"lost"})).code() == status_code::unavailable);
  std::filesystem::remove_all(folder.path() / "steps");
  files->state = disk::well;
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(commit(*store, step_of("2", 0, {"new"})).code() == status_code::unavailable);
    BOOST_TEST(store->load({"cart", "1"}).error().code() == status_code::unavailable);
  }
  BOOST_TEST(!std::filesystem::exists(folder.path() / "steps" / "CURRENT"));
}

BOOST_AUTO_TEST_CASE(a_store_does_not_heal_into_another) {
  for (bool has_record : {true, false}) {
    temporary_folder elsewhere;
    manual_clock later;
    later.advance(std::chrono::hours(1));
    open_store(elsewhere.path(), later);
    if (!has_record) raw_database(elsewhere.path()).remove("default", "store");

    store_on_failing_disk disk_and_store;
    auto& [folder, clock, files, environment, store] = disk_and_store;
    BOOST_TEST(commit(*store, step_of("1", 0, {"kept"})) == status());
    files->state = disk::broken;
    for (int i = 0; i < 2; ++i) {  // the second finds it closed
      BOOST_TEST(commit(*store, step_of("1", 1, {"lost"})).code() == status_code::unavailable);
    }
    auto steps = folder.path() / "steps";
    auto kept = folder.path() / "kept";
    std::filesystem::rename(steps, kept);
    std::filesystem::copy(elsewhere.path() / "steps", steps);
    files->state = disk::well;
    for (int i = 0; i < 2; ++i) {
      BOOST_TEST(commit(*store, step_of("2", 0, {"new"})).code() == status_code::unavailable);
      BOOST_TEST(store->load({"cart", "1"}).error().code() == status_code::unavailable);
    }
    std::filesystem::remove_all(steps);
    std::filesystem::rename(kept, steps);  // brought back
    BOOST_TEST(disk_and_store.commit_until_healed(step_of("1", 1, {"again"})) == status());
  }
}

BOOST_AUTO_TEST_CASE(reading_heals_as_well_as_committing) {
  expect_healing(disk::broken, false, true);
  expect_healing(disk::broken, true, true);
}

BOOST_AUTO_TEST_SUITE_END()
