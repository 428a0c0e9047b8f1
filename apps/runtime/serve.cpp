// The life of a process, from its first signal mask to its last log line.

#include "apps/runtime/serve.hpp"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <string>

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

// gRPC takes connections without a bound, and stops listening for good when one of them finds no
// descriptor left: nothing but room enough keeps it from that.
void warn_of_few_descriptors(std::size_t http_connections_max) {
  constexpr std::size_t for_the_store = 1024;
  constexpr std::size_t for_grpc = 1024;
  auto needed = for_the_store + http_connections_max + for_grpc;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) return;
  log_warning("this process may open " + std::to_string(limit.rlim_cur) +
              " files and connections, but its settings allow for " + std::to_string(needed) +
              ": when none is left, gRPC accepts no more connections until a restart. Raise "
              "the hard limit (ulimit -Hn, LimitNOFILE of systemd) or lower "
              "--http-connections-max");
}

// What stop() itself takes beside the time that commands have.
constexpr std::chrono::seconds stop_allowance{1};

// Ends the process when stop() does not come back: a handler that holds a thread of a gateway
// keeps it there, and nothing but the end of the process takes a thread from a handler.
void stop_or_exit(host& running, std::chrono::milliseconds drain_max) {
  auto stopped = std::async(std::launch::async, [&] { return running.stop(); });
  bool in_time = stopped.wait_for(drain_max + stop_allowance) == std::future_status::ready;
  if (in_time && stopped.get()) return;
  log_error("some commands were still unanswered after drain-max; their outcome is unknown");
  std::fflush(nullptr);
  std::_Exit(EXIT_FAILURE);
}

}  // namespace

int serve(const std::vector<const module_v1*>& modules, const settings& with,
          const store_opener& open_store, const key_value_opener& open_key_values) {
  auto stop_signals = block_stop_signals();
  raise_descriptor_limit();
  set_log_level(with.level);
  warn_of_few_descriptors(with.limits.http_connections_max);

  auto started = host::start(modules, with, open_store, open_key_values);
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

  stop_or_exit(**started, with.limits.drain_max);
  log_info("stopped");
  return EXIT_SUCCESS;
}

}  // namespace perdure::runtime
