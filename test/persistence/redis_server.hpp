#pragma once

#include <sys/types.h>

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "persistence/redis_connection.hpp"
#include "persistence/redis_step_store.hpp"
#include "test/persistence/samples.hpp"

// A real Redis for a test: a process of its own on a free port of 127.0.0.1, its data in a folder
// of its own. It ends with the object.

namespace perdure::test {

class redis_server {
 public:
  // As durable as the store wants it, unless `arguments` say otherwise ("--appendonly", "no").
  explicit redis_server(std::vector<std::string> arguments = {});
  ~redis_server();
  redis_server(const redis_server&) = delete;
  redis_server& operator=(const redis_server&) = delete;

  std::uint16_t port() const { return port_; }
  const std::filesystem::path& folder() const { return folder_.path(); }

  // How to connect to it; no waits of a test are long.
  persistence::redis_endpoint endpoint() const;

  void kill();   // as kill -9; waits until it has gone
  void stop();   // as SIGTERM
  void start();  // again, with what its folder holds, on the same port

  // It does nothing between the two, but its connections stay.
  void freeze();
  void thaw();

  // One command over a connection of its own; an error of Redis' fails the test.
  persistence::redis_reply ask(std::initializer_list<std::string_view> command) const;

 private:
  void run();
  void signal(int number);
  void wait_until_gone();

  temporary_folder folder_;
  std::vector<std::string> arguments_;
  std::uint16_t port_ = 0;
  pid_t process_ = 0;
};

// For a suite: skips it, with the reason, where there is no redis-server.
boost::test_tools::assertion_result has_redis_server(boost::unit_test::test_unit_id);

// The store on `server`; failing to open it fails the test.
std::unique_ptr<persistence::redis_step_store> open_store(const persistence::redis_endpoint& server,
                                                          const perdure::clock& clock,
                                                          std::uint32_t shard_count = 4);

// A store on a Redis of its own, as an adapter of the contract.
struct redis_store {
  redis_server server;
  manual_clock clock;
  std::unique_ptr<persistence::redis_step_store> store = open_store(server.endpoint(), clock);
  persistence::redis_step_store& operator*() { return *store; }
};

// Waits until the store has healed.
void wait_until_healthy(const persistence::redis_step_store& store);

// A port that nobody listens on now.
std::uint16_t free_port();

}  // namespace perdure::test
