// kill -9: what a commit has acknowledged is there afterwards, and every step is there whole.

#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "test/persistence/samples.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;

namespace {

constexpr std::uint64_t entities = 3;

// In a process of its own: commits without end and writes a byte per acknowledged group. Group n
// is a step of two events, with a reply, for each entity.
[[noreturn]] void commit_until_killed(const std::filesystem::path& folder, int acknowledged,
                                      std::size_t event_bytes) {
  manual_clock clock;
  auto store = rocksdb_step_store::open({.folder = folder, .clock = clock});
  if (!store) ::_exit(1);
  for (std::uint64_t n = (*store)->load({"cart", "0"})->events.size();; n += 2) {
    std::vector<step> group;
    for (std::uint64_t e = 0; e < entities; ++e) {
      group.push_back(step_of(std::to_string(e), n, {"first", std::string(event_bytes, 'x')}));
      group.back().key = idempotency_key{"m", std::to_string(n)};
    }
    for (const auto& s : (*store)->commit(group)) {
      if (!s.ok()) ::_exit(2);
    }
    if (::write(acknowledged, "+", 1) != 1) ::_exit(3);
  }
}

// Runs it until it has acknowledged `groups_min` groups, kills it, and tells how many it had.
std::uint64_t acknowledged_before_kill(const std::filesystem::path& folder,
                                       std::uint64_t groups_min, std::size_t event_bytes) {
  int pipe[2];
  BOOST_REQUIRE(::pipe(pipe) == 0);
  auto child = ::fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) commit_until_killed(folder, pipe[1], event_bytes);
  ::close(pipe[1]);

  std::uint64_t acknowledged = 0;
  char bytes[64];
  bool killed = false;
  while (auto size = ::read(pipe[0], bytes, sizeof bytes)) {
    BOOST_REQUIRE(size > 0);
    acknowledged += static_cast<std::uint64_t>(size);
    if (!killed && acknowledged >= groups_min) {
      ::kill(child, SIGKILL);
      killed = true;
    }
  }
  ::close(pipe[0]);
  int how = 0;
  ::waitpid(child, &how, 0);
  BOOST_TEST((killed && WIFSIGNALED(how)), "the child ended by itself: " << WEXITSTATUS(how));
  return acknowledged;
}

std::filesystem::path write_ahead_log(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> logs;
  for (const auto& file : std::filesystem::directory_iterator(folder / "steps")) {
    if (file.path().extension() == ".log") logs.push_back(file.path());
  }
  BOOST_REQUIRE(logs.size() == 1);
  return logs.front();
}

void expect_what_was_acknowledged_to_be_whole(std::size_t event_bytes) {
  temporary_folder folder;
  std::uint64_t acknowledged = 0;
  for (std::uint64_t groups : {1u, 20u, 200u}) {
    acknowledged += acknowledged_before_kill(folder.path(), groups, event_bytes);
    manual_clock clock;
    auto store = open_store(folder.path(), clock);

    auto steps = store->load({"cart", "0"})->events.size() / 2;
    BOOST_TEST(steps >= acknowledged);
    BOOST_TEST(steps <= acknowledged + 1);  // the group that was being written
    acknowledged = steps;
    std::uint64_t in_logs = 0;
    for (std::uint64_t e = 0; e < entities; ++e) {
      entity_key entity{"cart", std::to_string(e)};
      BOOST_TEST(store->load(entity)->events.size() == 2 * steps);
      for (std::uint64_t n = 0; n < steps; ++n) {
        BOOST_REQUIRE(
            store->find_reply(entity, {"m", std::to_string(2 * n)}, clock.now())->has_value());
      }
    }
    for (std::uint32_t shard = 0; shard < store->shard_count(); ++shard) {
      in_logs += whole_log(*store, shard_id{shard}).size();
    }
    BOOST_TEST(in_logs == entities * 2 * steps);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rocksdb_crash)

BOOST_AUTO_TEST_CASE(what_was_acknowledged_before_a_kill_is_there_and_whole) {
  expect_what_was_acknowledged_to_be_whole(10);
}

BOOST_AUTO_TEST_CASE(so_it_is_when_the_log_was_moved_to_files_many_times) {
  expect_what_was_acknowledged_to_be_whole(50'000);
}

BOOST_AUTO_TEST_CASE(a_group_that_a_power_cut_has_cut_short_is_left_out_whole) {
  temporary_folder folder;
  manual_clock clock;
  auto store = open_store(folder.path(), clock);
  BOOST_REQUIRE(commit(*store, step_of("1", 0, {"before"})) == status());
  auto log = write_ahead_log(folder.path());
  auto begin = std::filesystem::file_size(log);
  idempotency_key key{"m", "k"};
  std::vector group{step_of("1", 1, {"a", "b"}), step_of("2", 0, {"c"})};
  for (auto& s : group) {
    s.snapshot = new_snapshot{"state", "of " + s.entity.id};
    s.key = key;
  }
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
    bool whole = cut == cuts;
    BOOST_TEST_CONTEXT(size - begin << " of " << end - begin << " bytes") {
      BOOST_TEST(left->load({"cart", "1"})->snapshot.has_value() == whole);
      BOOST_TEST(left->load({"cart", "1"})->events.size() == (whole ? 0 : 1));
      BOOST_TEST(left->load({"cart", "2"})->snapshot.has_value() == whole);
      for (const auto* id : {"1", "2"}) {
        BOOST_TEST(left->find_reply({"cart", id}, key, clock.now())->has_value() == whole);
      }
      std::size_t events = 0;
      for (std::uint32_t shard = 0; shard < left->shard_count(); ++shard) {
        events += whole_log(*left, shard_id{shard}).size();
      }
      BOOST_TEST(events == (whole ? 4 : 1));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
