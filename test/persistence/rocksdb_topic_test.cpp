// What is RocksDB's own of topics and their readers: reopening, power cuts, trimming beside
// readers, damage, healing.

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "persistence/rocksdb_database.hpp"
#include "persistence/rocksdb_topic_reads.hpp"
#include "persistence/rocksdb_trimming.hpp"
#include "test/persistence/failing_disk.hpp"
#include "test/persistence/rocksdb_raw_database.hpp"
#include "test/persistence/topic_samples.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t shards = 16;
const std::uint32_t one = partition_of_key("k", shards);  // of messages with the key "k"

topic_bounds between(std::uint64_t first, std::uint64_t end) {
  return {topic_offset{first}, topic_offset{end}};
}

// A step with one of everything, the n-th of reader "r".
step full_step(std::uint64_t n) {
  auto s = step_of("e", n, {"event"});
  auto& e = topics_of(s);
  e.messages = {message_of("t", "k", std::to_string(n)), message_of("t", "k", "second")};
  e.cursors = {move_of("r", 3, n, n + 1)};
  e.seen = {{"r", "s", n}};
  e.held = {{{"r", "k", n}, held_of("held")}};
  e.pauses = {{"r" + std::to_string(n), true}};
  return s;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rocksdb_topic)

// ---------------------------------------------------------------------------- reopening, power
// cuts

BOOST_AUTO_TEST_CASE(topics_and_readers_are_there_after_a_reopen) {
  temporary_folder folder;
  manual_clock clock;
  std::uint64_t bytes = 0;
  {
    auto store = open_store(folder.path(), clock);
    for (std::uint64_t n = 0; n < 3; ++n) {
      BOOST_TEST(commit(*store, full_step(n)) == status());
      BOOST_TEST(publish(*store, {message_of("whole", "k", "x")}) == status());
    }
    BOOST_TEST(store->trim_topic("t", one, topic_offset{2}) == status());
    BOOST_TEST(store->trim_topic("whole", one, topic_offset{3}) == status());
    bytes = *store->bytes_from("t", one, {});
  }
  for (int again = 0; again < 2; ++again) {
    auto store = open_store(folder.path(), clock);
    BOOST_TEST(store->topics() == (texts{"t", "whole"}), boost::test_tools::per_element());
    BOOST_TEST(store->bounds("t", one) == between(2, 6));
    BOOST_TEST(store->bounds("whole", one) == between(3, 3));
    BOOST_TEST(*store->bytes_from("t", one, {}) == bytes);
    BOOST_TEST(*store->bytes_from("whole", one, {}) == 0);
    BOOST_TEST(
        payloads_of(messages_in(*store, "t", one, 2)) == (texts{"1", "second", "2", "second"}),
        boost::test_tools::per_element());
    BOOST_TEST((cursors_of(*store, "r") == places{{3, 3}}));
    BOOST_TEST((*store->last_seen("r", "s") == std::optional<std::uint64_t>{2}));
    BOOST_TEST(held_by(*store, "r").size() == 3);
    BOOST_TEST(*store->is_paused("r1"));
    BOOST_TEST(*store->readers() == (texts{"r", "r0", "r1", "r2"}),
               boost::test_tools::per_element());
    BOOST_TEST(value(store->log_end(shard_of("e", shards))) == 3);
  }
  auto store = open_store(folder.path(), clock);
  auto last = full_step(3);
  topics_of(last).messages.push_back(message_of("whole", "k", "next"));
  BOOST_TEST(commit(*store, last) == status());
  BOOST_TEST((topics_of(last).positions ==
              std::vector{topic_offset{6}, topic_offset{7}, topic_offset{3}}));
}

BOOST_AUTO_TEST_CASE(a_group_with_messages_that_a_power_cut_has_cut_short_is_left_out_whole) {
  temporary_folder folder;
  manual_clock clock;
  auto store = open_store(folder.path(), clock);
  BOOST_REQUIRE(commit(*store, full_step(0)) == status());
  std::filesystem::path log;
  for (const auto& file : std::filesystem::directory_iterator(folder.path() / "steps")) {
    if (file.path().extension() == ".log") log = file.path();
  }
  auto begin = std::filesystem::file_size(log);
  std::vector group{full_step(1), full_step(2), full_step(3)};
  for (const auto& s : store->commit(group)) BOOST_REQUIRE(s == status());
  auto end = std::filesystem::file_size(log);
  BOOST_REQUIRE(begin < end);

  constexpr std::uintmax_t cuts = 16;
  for (std::uintmax_t cut = 0; cut <= cuts; ++cut) {
    temporary_folder copy;
    std::filesystem::copy(folder.path() / "steps", copy.path() / "steps");
    auto size = begin + (end - begin) * cut / cuts;
    std::filesystem::resize_file(copy.path() / "steps" / log.filename(), size);
    auto left = open_store(copy.path(), clock);
    std::uint64_t steps = cut == cuts ? 4 : 1;
    BOOST_TEST_CONTEXT(size - begin << " of " << end - begin << " bytes") {
      BOOST_TEST(left->load({"cart", "e"})->events.size() == steps);
      BOOST_TEST(value(left->log_end(shard_of("e", shards))) == steps);
      BOOST_TEST(left->bounds("t", one) == between(0, 2 * steps));
      BOOST_TEST(messages_in(*left, "t", one).size() == 2 * steps);
      BOOST_TEST((cursors_of(*left, "r") == places{{3, steps}}));
      BOOST_TEST((*left->last_seen("r", "s") == std::optional{steps - 1}));
      BOOST_TEST(held_by(*left, "r").size() == steps);
      BOOST_TEST(left->readers()->size() == 1 + steps);
      BOOST_TEST(commit(*left, full_step(steps)) == status());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_trimming_that_a_power_cut_has_taken_is_undone_whole) {
  temporary_folder folder;
  manual_clock clock;
  auto store = open_store(folder.path(), clock);
  for (std::uint64_t n = 0; n < 3; ++n) BOOST_REQUIRE(commit(*store, full_step(n)) == status());
  std::filesystem::path log;
  for (const auto& file : std::filesystem::directory_iterator(folder.path() / "steps")) {
    if (file.path().extension() == ".log") log = file.path();
  }
  auto begin = std::filesystem::file_size(log);
  BOOST_REQUIRE(store->trim_topic("t", one, topic_offset{6}) == status());
  BOOST_REQUIRE(commit(*store, full_step(3)) ==
                status());  // which is synced, and what is before it
  auto end = std::filesystem::file_size(log);

  constexpr std::uintmax_t cuts = 16;
  for (std::uintmax_t cut = 0; cut <= cuts; ++cut) {
    auto size = begin + (end - begin) * cut / cuts;
    temporary_folder copy;
    std::filesystem::copy(folder.path() / "steps", copy.path() / "steps");
    std::filesystem::resize_file(copy.path() / "steps" / log.filename(), size);
    auto left = open_store(copy.path(), clock);
    auto bounds = left->bounds("t", one);
    bool is_known = bounds == between(0, 6) || bounds == between(6, 6) || bounds == between(6, 8);
    BOOST_TEST(is_known, bounds);
    BOOST_TEST(messages_in(*left, "t", one, value(bounds.first)).size() ==
               value(bounds.end) - value(bounds.first));
    if (size == begin) BOOST_TEST(bounds == between(0, 6));
    if (size == end) BOOST_TEST(bounds == between(6, 8));
  }
}

BOOST_AUTO_TEST_CASE(a_store_without_topics_gets_them) {
  temporary_folder folder;
  manual_clock clock;
  BOOST_REQUIRE(commit(*open_store(folder.path(), clock), step_of("e", 0, {"a"})) == status());
  {
    raw_database raw(folder.path());
    for (const auto* family : {"topics", "readers", "seen", "held"}) raw.drop_family(family);
  }
  auto store = open_store(folder.path(), clock);
  BOOST_TEST(store->topics().empty());
  BOOST_TEST(store->readers()->empty());
  BOOST_TEST(value(store->log_end(shard_of("e", shards))) == 1);
  auto s = full_step(1);
  topics_of(s).cursors = {move_of("r", 3, 0, 1)};
  BOOST_TEST(commit(*store, s) == status());
  BOOST_TEST(messages_in(*store, "t", one).size() == 2);
}

// --------------------------------------------------------------------------------------- trimming

BOOST_AUTO_TEST_CASE(who_reads_while_it_is_trimmed_is_told_so_and_misses_nothing) {
  temporary_folder folder;
  manual_clock clock;
  auto store = open_store(folder.path(), clock);
  constexpr std::uint64_t count = 3000;
  std::atomic<bool> is_done{false};
  std::thread writer([&] {
    for (std::uint64_t n = 0; n < count; n += 100) {
      std::vector<new_message> messages;
      for (auto i = n; i < n + 100; ++i) {
        messages.push_back(message_of("t", "k", std::to_string(i)));
      }
      auto s = mail_only("publisher");
      topics_of(s).messages = std::move(messages);
      if (!store->commit(std::span(&s, 1)).front().ok()) std::abort();
    }
    is_done = true;
  });
  std::thread trimmer([&] {
    while (!is_done || store->bounds("t", one) != between(count, count)) {
      auto [first, end] = store->bounds("t", one);
      if (!store->trim_topic("t", one, first + 7).ok()) std::abort();
    }
  });
  topic_offset next{};
  std::size_t read = 0, told = 0;
  while (value(next) < count) {
    auto page = store->read_topic("t", one, next, 2000);
    if (!page) {
      BOOST_REQUIRE_MESSAGE(page.error().code() == status_code::out_of_range, page.error());
      next = store->bounds("t", one).first;
      ++told;
      continue;
    }
    for (const auto& m : *page) {
      BOOST_REQUIRE((m.offset == next));
      BOOST_REQUIRE(*m.message.payload == std::to_string(value(next)));
      next = next + 1;
      ++read;
    }
  }
  writer.join();
  trimmer.join();
  BOOST_TEST_MESSAGE(read << " read, " << told << " times told that they were gone");
  BOOST_TEST(store->bounds("t", one) == between(count, count));
}

BOOST_AUTO_TEST_CASE(what_is_trimmed_makes_room_on_the_disk) {
  temporary_folder folder;
  manual_clock clock;
  constexpr std::uint64_t count = 80;
  {
    auto store = open_store(folder.path(), clock);
    std::mt19937_64 random;
    std::string payload(1 << 20, ' ');
    for (std::uint64_t n = 0; n < count; ++n) {
      for (auto& c : payload) c = static_cast<char>(random());
      BOOST_REQUIRE(publish(*store, {message_of("t", "k", payload)}) == status());
    }
  }
  auto steps = folder.path() / "steps";
  auto size = [&] {
    std::uintmax_t sum = 0;
    for (const auto& file : std::filesystem::directory_iterator(steps)) sum += file.file_size();
    return sum >> 20;
  };
  {
    auto opened = rocksdb_database::open({.folder = steps,
                                          .store = {},
                                          .replies_filter = nullptr,
                                          .commands_filter = nullptr,
                                          .environment = rocksdb::Env::Default()});
    BOOST_REQUIRE_MESSAGE(opened.ok(), opened.error());
    auto& database = **opened;
    BOOST_REQUIRE(database.db().CompactRange({}, database.topics(), nullptr, nullptr).ok());
    persistence::topic_table table;
    auto all = read_all_topics(database);
    BOOST_REQUIRE_MESSAGE(all.ok(), all.error());
    table.replace(*std::move(all));
    topic_trimming trimming;
    auto before = size();
    BOOST_TEST(trimming.trim(database, table, "t", one, topic_offset{count - 1}) == status());
    BOOST_TEST(size() + 50 < before);
  }
  auto store = open_store(folder.path(), clock);
  BOOST_TEST(store->bounds("t", one) == between(count - 1, count));
  BOOST_TEST(messages_in(*store, "t", one, count - 1).size() == 1);
}

// ---------------------------------------------------------------------------------------- healing

namespace {

// Whether what failed was stored or not: sent again as a relayed step, it is there once.
void expect_topics_to_heal(disk trouble, bool fails_after_append, bool by_reading) {
  store_on_failing_disk disk_and_store;
  auto& [folder, clock, files, environment, store] = disk_and_store;
  auto relaying = [](std::uint64_t n) {
    auto s = moving({move_of("r", 0, {}, n)});
    mail_of(s).relayed = outbox_offset{n};
    topics_of(s).messages = {message_of("t", "k", std::to_string(n))};
    return s;
  };
  BOOST_TEST(commit(*store, relaying(1)) == status());

  files->fails_after_append = fails_after_append;
  files->state = trouble;
  auto lost = relaying(2);
  topics_of(lost).messages.push_back(message_of("new", "k", "x"));
  BOOST_TEST(commit(*store, lost).code() == status_code::unavailable);
  BOOST_TEST(store->bounds("t", one) == between(0, 1));  // it does not show yet
  BOOST_TEST(store->topics() == texts{"t"}, boost::test_tools::per_element());
  BOOST_TEST((cursors_of(*store, "r") == places{{0, 1}}));
  files->state = disk::well;
  if (by_reading) BOOST_TEST(store->read_topic("t", one, {}, everything).ok());

  BOOST_TEST(disk_and_store.commit_until_healed(relaying(2)) == status());
  BOOST_TEST(commit(*store, moving({move_of("r", 0, 2, 2)})) == status());
  auto last = relaying(3);
  BOOST_TEST(commit(*store, last) == status());
  BOOST_TEST((topics_of(last).positions == std::vector{topic_offset{2}}));
  auto check = [&] {
    BOOST_TEST(store->bounds("t", one) == between(0, 3));
    BOOST_TEST(payloads_of(messages_in(*store, "t", one)) == (texts{"1", "2", "3"}),
               boost::test_tools::per_element());
    auto was_stored = messages_in(*store, "new", one).size();
    BOOST_TEST(store->bounds("new", one) == between(0, was_stored));
    BOOST_TEST(store->topics().size() == 1 + was_stored);
    BOOST_TEST((cursors_of(*store, "r") == places{{0, 3}}));
    BOOST_TEST(*store->bytes_from("t", one, {}) == 3 * bytes_of(message_of("t", "k", "1")));
  };
  check();
  store.reset();
  store = open_store(folder.path(), clock);
  check();
}

}  // namespace

BOOST_AUTO_TEST_CASE(topics_and_cursors_heal_with_the_store) {
  for (auto trouble : {disk::full, disk::broken}) {
    for (bool fails_after_append : {false, true}) {
      for (bool by_reading : {false, true}) {
        BOOST_TEST_CONTEXT((trouble == disk::full ? "full" : "broken")
                           << (fails_after_append ? ", noticed by the sync" : "")
                           << (by_reading ? ", read first" : "")) {
          expect_topics_to_heal(trouble, fails_after_append, by_reading);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_partition_that_could_not_be_trimmed_is_trimmed_later) {
  store_on_failing_disk disk_and_store;
  auto& [folder, clock, files, environment, store] = disk_and_store;
  for (std::uint64_t n = 0; n < 3; ++n) BOOST_TEST(commit(*store, full_step(n)) == status());
  files->state = disk::broken;
  BOOST_TEST(store->trim_topic("t", one, topic_offset{2}).code() == status_code::unavailable);
  BOOST_TEST(store->bounds("t", one) == between(0, 6));
  files->state = disk::well;
  BOOST_TEST(disk_and_store.commit_until_healed(step_of("other", 0, {"a"})) == status());
  BOOST_TEST(store->trim_topic("t", one, topic_offset{2}) == status());
  BOOST_TEST(store->bounds("t", one) == between(2, 6));
  BOOST_TEST(messages_in(*store, "t", one, 2).size() == 4);
}

BOOST_AUTO_TEST_SUITE_END()
