// The life of a process, from its first signal mask to its last log line.

#include "apps/runtime/serve.hpp"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>

#include "apps/runtime/host.hpp"
#include "base/log.hpp"

namespace perdure::runtime {
namespace {

// Signals are waited for, not handled: no code runs inside a signal handler. Blocked before any
// thread starts, so that every thread inherits it.
sigset_t block_stop_signals() {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return stop;
}

// One descriptor per connection: take all that the system gives without asking an administrator.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int serve(const std::vector<const module_v1*>& modules, const settings& with) {
  auto stop_signals = block_stop_signals();
  raise_descriptor_limit();
  set_log_level(with.level);

  auto started = host::start(modules, with);
  if (!started.ok()) {
    std::fprintf(stderr, "cannot start: %s\n", started.error().message().c_str());
    return EXIT_FAILURE;
  }
  std::printf("%sready\n", (*started)->addresses().c_str());
  std::fflush(stdout);

  int received = 0;
  sigwait(&stop_signals, &received);
  log_info("stopping: answering what was accepted; once more to stop at once");
  // A second signal takes its default course.
  pthread_sigmask(SIG_UNBLOCK, &stop_signals, nullptr);

  if (!(*started)->stop()) {
    log_error("some commands were still unanswered after drain-max; their outcome is unknown");
    std::fflush(nullptr);
    std::_Exit(EXIT_FAILURE);
  }
  log_info("stopped");
  return EXIT_SUCCESS;
}

}  // namespace perdure::runtime
