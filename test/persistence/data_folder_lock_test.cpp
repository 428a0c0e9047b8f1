// One process per data folder.

#include "persistence/data_folder_lock.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <fstream>
#include <optional>
#include <string>

#include "test/persistence/samples.hpp"

using namespace perdure;
using perdure::test::temporary_folder;

namespace {

auto acquire(const std::filesystem::path& folder) {
  return persistence::data_folder_lock::acquire(folder);
}

void expect_refusal(const std::filesystem::path& folder, const std::string& text) {
  auto refused = acquire(folder);
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST(refused.error().code() == status_code::failed_precondition);
  BOOST_TEST(refused.error().message().find(text) != std::string::npos, refused.error().message());
  BOOST_TEST(refused.error().message().find("--data") != std::string::npos);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(data_folder_lock)

BOOST_AUTO_TEST_CASE(the_folder_is_created_with_those_above_it) {
  temporary_folder folder;
  BOOST_TEST(acquire(folder.path() / "a" / "b").ok());
  BOOST_TEST(std::filesystem::is_directory(folder.path() / "a" / "b"));
}

BOOST_AUTO_TEST_CASE(a_second_lock_in_this_process_is_refused_until_the_first_is_gone) {
  temporary_folder folder;
  {
    auto first = acquire(folder.path());
    BOOST_REQUIRE(first.ok());
    expect_refusal(folder.path(), folder.path().string() + " is in use by process " +
                                      std::to_string(::getpid()) +
                                      "; stop it or choose another folder with --data");
  }
  BOOST_TEST(acquire(folder.path()).ok());
}

BOOST_AUTO_TEST_CASE(another_process_is_refused_and_told_who_holds_the_folder) {
  temporary_folder folder;
  int ready[2];
  BOOST_REQUIRE(::pipe(ready) == 0);
  auto child = ::fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // not left behind by a test that fails
    auto held = acquire(folder.path());
    char byte = held.ok() ? '1' : '0';
    (void)!::write(ready[1], &byte, 1);
    ::pause();
    ::_exit(0);
  }
  char byte = 0;
  BOOST_REQUIRE(::read(ready[0], &byte, 1) == 1);
  BOOST_TEST(byte == '1');
  expect_refusal(folder.path(), "is in use by process " + std::to_string(child));

  // However a process ends, its lock ends with it, and the file it leaves behind is no obstacle.
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
  BOOST_TEST(std::filesystem::exists(folder.path() / "LOCK.perdure"));
  BOOST_TEST(acquire(folder.path()).ok());
}

BOOST_AUTO_TEST_CASE(what_an_earlier_owner_wrote_is_replaced_whole) {
  temporary_folder folder;
  std::ofstream(folder.path() / "LOCK.perdure") << "99999999999999\n";
  auto lock = acquire(folder.path());
  expect_refusal(folder.path(), "in use by process " + std::to_string(::getpid()) + ";");
}

BOOST_AUTO_TEST_CASE(a_program_that_is_started_does_not_hold_the_lock) {
  temporary_folder folder;
  int input[2];
  BOOST_REQUIRE(::pipe2(input, O_CLOEXEC) == 0);
  int started[2];
  BOOST_REQUIRE(::pipe2(started, O_CLOEXEC) == 0);
  std::optional<persistence::data_folder_lock> lock(*acquire(folder.path()));
  auto child = ::fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    ::dup2(input[0], STDIN_FILENO);
    ::execlp("cat", "cat", static_cast<char*>(nullptr));  // runs until its input ends
    ::_exit(1);
  }
  ::close(input[0]);
  ::close(started[1]);
  char byte;
  BOOST_REQUIRE(::read(started[0], &byte, 1) == 0);  // closed by exec
  lock.reset();
  BOOST_TEST(acquire(folder.path()).ok());
  ::close(started[0]);
  ::close(input[1]);
  ::waitpid(child, nullptr, 0);
}

BOOST_AUTO_TEST_CASE(a_lock_may_be_moved) {
  temporary_folder folder;
  auto first = acquire(folder.path());
  std::optional<persistence::data_folder_lock> moved(*std::move(first));
  expect_refusal(folder.path(), "is in use");
  moved.reset();
  BOOST_TEST(acquire(folder.path()).ok());
}

BOOST_AUTO_TEST_CASE(a_file_in_place_of_the_folder_is_refused) {
  temporary_folder folder;
  std::ofstream(folder.path() / "file") << "x";
  expect_refusal(folder.path() / "file", "is not a folder");
  expect_refusal(folder.path() / "file" / "below", "cannot be created");
}

BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be_written_in_is_refused) {
  // Not even root may create files there.
  expect_refusal("/proc/self", "cannot be written in");
  expect_refusal("/proc/self/perdure", "cannot be created");
}

BOOST_AUTO_TEST_SUITE_END()
