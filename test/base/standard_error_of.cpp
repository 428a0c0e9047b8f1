// What code writes to standard error, and how its process ends.

#include "test/base/standard_error_of.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <csignal>

namespace perdure::test {

ended_child standard_error_of(const std::function<void()>& work) {
  int pipe[2];
  BOOST_REQUIRE(::pipe(pipe) == 0);
  auto child = ::fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    ::dup2(pipe[1], STDERR_FILENO);
    ::close(pipe[0]);
    ::close(pipe[1]);
    // Boost.Test may catch SIGABRT; here it must end the process, and leave no core behind.
    ::signal(SIGABRT, SIG_DFL);
    rlimit no_core{};
    ::setrlimit(RLIMIT_CORE, &no_core);
    work();
    ::_exit(0);
  }
  ::close(pipe[1]);
  ended_child ended;
  char bytes[512];
  for (ssize_t size = 0; (size = ::read(pipe[0], bytes, sizeof bytes)) > 0;) {
    ended.text.append(bytes, static_cast<std::size_t>(size));
  }
  ::close(pipe[0]);
  BOOST_REQUIRE(::waitpid(child, &ended.how, 0) == child);
  return ended;
}

}  // namespace perdure::test
