// A Redis of a test's own, as a child process.

#include "test/persistence/redis_server.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "base/check.hpp"

namespace perdure::test {

using namespace perdure::persistence;
using namespace std::chrono_literals;

boost::test_tools::assertion_result has_redis_server(boost::unit_test::test_unit_id) {
  static const bool found = std::system("redis-server --version >/dev/null 2>&1") == 0;
  boost::test_tools::assertion_result answer(found);
  if (!found) answer.message() << "redis-server is not installed (scripts/packages)";
  return answer;
}

std::unique_ptr<redis_step_store> open_store(const redis_endpoint& server,
                                             const perdure::clock& clock,
                                             std::uint32_t shard_count) {
  auto opened =
      redis_step_store::open({.server = server, .clock = clock, .shard_count = shard_count});
  BOOST_REQUIRE_MESSAGE(opened.ok(), opened.error());
  return *std::move(opened);
}

void wait_until_healthy(const redis_step_store& store) {
  auto end = std::chrono::steady_clock::now() + 20s;
  while (!store.health().ok() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(2ms);
  }
  BOOST_REQUIRE(store.health() == status());
}

std::uint16_t free_port() {
  auto descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  BOOST_REQUIRE(descriptor >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* bound = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  BOOST_REQUIRE(::bind(descriptor, bound, size) == 0);
  BOOST_REQUIRE(::getsockname(descriptor, bound, &size) == 0);
  ::close(descriptor);
  return ntohs(address.sin_port);
}

redis_server::redis_server(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {
  // Somebody else may take a free port before Redis has it.
  for (int tries = 0; tries < 10 && process_ == 0; ++tries) {
    port_ = free_port();
    run();
  }
  BOOST_REQUIRE_MESSAGE(process_ != 0, "redis-server does not start: see " << folder() << "/log");
}

redis_server::~redis_server() {
  if (process_ != 0) kill();
}

redis_endpoint redis_server::endpoint() const {
  redis_endpoint where;
  where.port = port_;
  where.connect_timeout = 1s;
  where.command_timeout = 2s;
  return where;
}

// Leaves process_ 0 when it has ended instead of answering.
void redis_server::run() {
  std::vector<std::string> words{"redis-server",
                                 "--port",
                                 std::to_string(port_),
                                 "--bind",
                                 "127.0.0.1",
                                 "--dir",
                                 folder().string(),
                                 "--logfile",
                                 (folder() / "log").string(),
                                 "--save",
                                 "",
                                 "--appendonly",
                                 "yes",
                                 "--appendfsync",
                                 "always"};
  words.insert(words.end(), arguments_.begin(), arguments_.end());
  std::vector<char*> raw;
  for (auto& word : words) raw.push_back(word.data());
  raw.push_back(nullptr);
  auto parent = ::getpid();
  process_ = ::fork();
  BOOST_REQUIRE(process_ >= 0);
  if (process_ == 0) {
    // It must not outlive a test that is killed.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    ::execvp(raw[0], raw.data());
    ::_exit(127);
  }
  for (auto end = std::chrono::steady_clock::now() + 20s; std::chrono::steady_clock::now() < end;) {
    auto redis = redis_connection::open(endpoint());
    // One that wants a password is there too.
    if (redis || redis.error().code() == status_code::failed_precondition) return;
    if (::waitpid(process_, nullptr, WNOHANG) == process_) break;
    std::this_thread::sleep_for(5ms);
  }
  if (::waitpid(process_, nullptr, WNOHANG) == 0) kill();
  process_ = 0;
}

void redis_server::start() {
  BOOST_REQUIRE(process_ == 0);
  run();
  BOOST_REQUIRE_MESSAGE(process_ != 0, "redis-server does not start: see " << folder() << "/log");
}

// Boost.Test is for one thread only, and a Redis is also killed from beside it.
void redis_server::signal(int number) { PERDURE_CHECK(::kill(process_, number) == 0); }

void redis_server::wait_until_gone() {
  ::waitpid(process_, nullptr, 0);
  process_ = 0;
}

void redis_server::kill() {
  signal(SIGKILL);
  wait_until_gone();
}

void redis_server::stop() {
  signal(SIGTERM);
  wait_until_gone();
}

void redis_server::freeze() { signal(SIGSTOP); }
void redis_server::thaw() { signal(SIGCONT); }

redis_reply redis_server::ask(std::initializer_list<std::string_view> command) const {
  auto redis = redis_connection::open(endpoint());
  BOOST_REQUIRE_MESSAGE(redis.ok(), redis.error());
  auto answer = (*redis)->call(command);
  BOOST_REQUIRE_MESSAGE(answer.ok(), answer.error());
  BOOST_REQUIRE_MESSAGE(!answer->is_error(), answer->text());
  return *std::move(answer);
}

}  // namespace perdure::test
