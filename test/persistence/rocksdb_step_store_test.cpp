// What is RocksDB's own: reopening, what an older or foreign folder is met with, and the sweep of
// expired replies.

#include "persistence/rocksdb_step_store.hpp"

#include <rocksdb/db.h>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "persistence/rocksdb_keys.hpp"
#include "persistence/rocksdb_records.hpp"
#include "test/persistence/rocksdb_raw_database.hpp"
#include "test/persistence/samples.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;
using namespace std::chrono_literals;

namespace {

status open_error(const std::filesystem::path& folder) {
  manual_clock clock;
  auto opened = persistence::rocksdb_step_store::open({.folder = folder, .clock = clock});
  BOOST_REQUIRE(!opened.ok());
  return opened.error();
}

// In write-ahead logs: what the next start would have to replay.
std::uintmax_t bytes_to_replay(const std::filesystem::path& folder) {
  std::uintmax_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder / "steps")) {
    std::error_code gone;  // meanwhile
    auto size = std::filesystem::file_size(file.path(), gone);
    if (!gone && file.path().extension() == ".log") bytes += size;
  }
  return bytes;
}

bool mentions(const status& s, std::string_view text) {
  return s.message().find(text) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rocksdb_step_store)

BOOST_AUTO_TEST_CASE(all_is_there_after_a_reopen) {
  temporary_folder folder;
  manual_clock clock;
  auto s = step_of("1", 0, {"a", "b"});
  s.snapshot = new_snapshot{"cart.domain.Cart", "ab"};
  s.key = idempotency_key{"cart.api.Add", "k"};
  s.reply = {7, "reply"};
  {
    auto store = open_store(folder.path(), clock);
    BOOST_TEST(commit(*store, s) == status());
    BOOST_TEST(commit(*store, step_of("1", 2, {"c"})) == status());
  }
  auto store = open_store(folder.path(), clock);
  auto h = store->load({"cart", "1"});
  BOOST_TEST((h->snapshot == stored_snapshot{sequence_nr{2}, "cart.domain.Cart", "ab"}));
  BOOST_TEST(payloads_of(h->events) == std::vector<std::string>{"c"},
             boost::test_tools::per_element());
  BOOST_TEST((**store->find_reply({"cart", "1"}, *s.key, clock.now()) == s.reply));

  BOOST_TEST(commit(*store, step_of("1", 2, {"x"})).code() == status_code::aborted);
  BOOST_TEST(commit(*store, step_of("1", 3, {"d"})) == status());
  auto log = whole_log(*store, shard_of("1", store->shard_count()));
  BOOST_TEST(payloads_of(log) == (std::vector<std::string>{"a", "b", "c", "d"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_shard_that_was_empty_at_a_reopen_begins_at_offset_0) {
  temporary_folder folder;
  manual_clock clock;
  BOOST_REQUIRE((shard_of("2", 16) < shard_of("1", 16)));
  BOOST_REQUIRE(commit(*open_store(folder.path(), clock), step_of("2", 0, {"a"})) == status());
  auto store = open_store(folder.path(), clock);
  BOOST_REQUIRE(commit(*store, step_of("1", 0, {"b"})) == status());
  auto log = whole_log(*store, shard_of("1", 16));
  BOOST_TEST(payloads_of(log) == std::vector<std::string>{"b"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_store_that_was_closed_leaves_nothing_to_replay) {
  temporary_folder folder;
  manual_clock clock;
  {
    auto store = open_store(folder.path(), clock);
    auto s = step_of("1", 0, {"a", "b"});
    s.snapshot = new_snapshot{"cart.domain.Cart", "ab"};
    s.key = idempotency_key{"m", "k"};
    BOOST_REQUIRE(commit(*store, s) == status());
    BOOST_TEST(bytes_to_replay(folder.path()) > 0);
  }
  BOOST_TEST(bytes_to_replay(folder.path()) == 0);
}

BOOST_AUTO_TEST_CASE(what_a_crash_leaves_to_replay_is_bounded) {
  temporary_folder folder;
  manual_clock clock;
  auto store = open_store(folder.path(), clock);
  std::uint64_t n = 0;
  for (; n < 40; ++n) {  // 20 MB
    BOOST_REQUIRE(commit(*store, step_of("1", n, {std::string(500'000, 'x')})) == status());
  }
  // Logs are removed in the background, when what they hold is in sorted files; a commit begins it.
  auto deadline = std::chrono::steady_clock::now() + 60s;
  while (bytes_to_replay(folder.path()) > 4'000'000 &&
         std::chrono::steady_clock::now() < deadline) {
    BOOST_REQUIRE(commit(*store, step_of("1", n++, {"x"})) == status());
  }
  BOOST_TEST(bytes_to_replay(folder.path()) <= 4'000'000);
  BOOST_TEST(store->load({"cart", "1"})->events.size() == n);
}

BOOST_AUTO_TEST_CASE(a_store_keeps_the_shard_count_it_was_created_with) {
  temporary_folder folder;
  manual_clock clock;
  for (std::uint32_t asked : {5u, 9u}) {
    auto store = persistence::rocksdb_step_store::open(
        {.folder = folder.path(), .clock = clock, .shard_count = asked});
    BOOST_REQUIRE_MESSAGE(store.ok(), store.error());
    BOOST_TEST((*store)->shard_count() == 5);
  }
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_open_is_refused) {
  temporary_folder folder;
  manual_clock clock;
  auto store = open_store(folder.path(), clock);
  auto refused = open_error(folder.path());
  BOOST_TEST(refused.code() == status_code::failed_precondition);
  BOOST_TEST(mentions(refused, "is in use by process"));
  BOOST_TEST(commit(*store, step_of("1", 0, {"a"})) == status());
}

BOOST_AUTO_TEST_CASE(a_folder_of_a_newer_version_is_refused) {
  temporary_folder folder;
  manual_clock clock;
  open_store(folder.path(), clock);
  {
    raw_database raw(folder.path());
    auto value = raw.get("default", "store");
    value[0] = 2;
    raw.put("default", "store", resealed(value, record_kind::store, "store"));
  }
  auto refused = open_error(folder.path());
  BOOST_TEST(refused.code() == status_code::failed_precondition);
  BOOST_TEST(mentions(refused, "newer Perdure"));
}

BOOST_AUTO_TEST_CASE(a_folder_with_an_unknown_column_family_is_refused) {
  temporary_folder folder;
  manual_clock clock;
  open_store(folder.path(), clock);
  raw_database(folder.path()).create_family("rows");
  auto refused = open_error(folder.path());
  BOOST_TEST(refused.code() == status_code::failed_precondition);
  BOOST_TEST(mentions(refused, "rows"));
  BOOST_TEST(mentions(refused, "written by a newer Perdure"));
}

BOOST_AUTO_TEST_CASE(a_damaged_store_record_is_data_loss) {
  temporary_folder folder;
  manual_clock clock;
  open_store(folder.path(), clock);
  raw_database(folder.path()).flip_bit("default", "store", 3);
  auto refused = open_error(folder.path());
  BOOST_TEST(refused.code() == status_code::data_loss);
  BOOST_TEST(mentions(refused, "checksum"));
}

BOOST_AUTO_TEST_CASE(a_store_that_has_lost_a_file_is_not_opened) {
  for (const auto* extension : {".sst", ""}) {  // CURRENT has none, and leads to the others
    temporary_folder folder;
    manual_clock clock;
    // Closing makes a sorted file of what was in the log.
    BOOST_REQUIRE(commit(*open_store(folder.path(), clock), step_of("1", 0, {"a"})) == status());
    int removed = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder.path() / "steps")) {
      bool is_wanted =
          *extension ? file.path().extension() == extension : file.path().filename() == "CURRENT";
      if (is_wanted) removed += std::filesystem::remove(file.path());
    }
    BOOST_REQUIRE(removed > 0);
    auto refused = open_error(folder.path());
    BOOST_TEST(refused.code() == status_code::data_loss, extension << refused);
    if (!*extension) BOOST_TEST(mentions(refused, "has lost its file CURRENT"));
  }
}

BOOST_AUTO_TEST_CASE(a_rocksdb_of_another_program_is_refused) {
  temporary_folder folder;
  {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* db = nullptr;
    std::filesystem::create_directories(folder.path() / "steps");
    BOOST_REQUIRE(rocksdb::DB::Open(options, (folder.path() / "steps").string(), &db).ok());
    std::unique_ptr<rocksdb::DB> owned(db);
    BOOST_REQUIRE(db->Put({}, "key", "value").ok());
  }
  auto refused = open_error(folder.path());
  BOOST_TEST(refused.code() == status_code::failed_precondition);
  BOOST_TEST(mentions(refused, "not Perdure's"));
}

BOOST_AUTO_TEST_CASE(creation_that_was_cut_short_is_made_up_for) {
  // What a crash between creating the database and writing its record leaves behind.
  temporary_folder folder;
  manual_clock clock;
  open_store(folder.path(), clock);
  raw_database(folder.path()).remove("default", "store");
  auto store = open_store(folder.path(), clock);
  BOOST_TEST(commit(*store, step_of("1", 0, {"a"})) == status());
}

BOOST_AUTO_TEST_CASE(a_store_that_has_lost_its_record_is_not_taken_for_a_new_one) {
  for (const auto* family : {"log", "index", "snapshot", "replies"}) {
    temporary_folder folder;
    manual_clock clock;
    open_store(folder.path(), clock);
    {
      raw_database raw(folder.path());
      raw.remove("default", "store");
      raw.put(family, "a key longer than a number", "value");
    }
    auto refused = open_error(folder.path());
    BOOST_TEST(refused.code() == status_code::failed_precondition, family << refused);
  }
}

BOOST_AUTO_TEST_CASE(expired_replies_are_dropped_from_disk_and_others_stay) {
  temporary_folder folder;
  manual_clock clock;
  recorded_reply reply{1, "reply"};
  {
    auto store = open_store(folder.path(), clock);
    for (int i = 0; i < 100; ++i) {
      idempotency_key key{"m", "old " + std::to_string(i)};
      BOOST_REQUIRE(commit(*store, step_with_reply("1", 0, clock.now(), key, reply)) == status());
    }
    clock.advance(23h);
    for (int i = 0; i < 10; ++i) {
      idempotency_key key{"m", "new " + std::to_string(i)};
      BOOST_REQUIRE(commit(*store, step_with_reply("1", 0, clock.now(), key, reply)) == status());
    }
    clock.advance(2h);
    BOOST_TEST(store->drop_expired_replies() == status());
    BOOST_TEST(!store->find_reply({"cart", "1"}, {"m", "old 0"}, clock.now())->has_value());
    BOOST_TEST(store->find_reply({"cart", "1"}, {"m", "new 0"}, clock.now())->has_value());
  }
  BOOST_TEST(raw_database(folder.path()).keys("replies").size() == 10);
}

BOOST_AUTO_TEST_SUITE_END()
