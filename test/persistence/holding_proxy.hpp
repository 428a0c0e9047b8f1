#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <thread>

// A way to a server on which what was sent can be held up, as a network may: it arrives late, when
// its sender has long gone.

namespace perdure::test {

class holding_proxy {
 public:
  explicit holding_proxy(std::uint16_t server);
  ~holding_proxy();

  std::uint16_t port() const { return port_; }

  // From now on nothing of what the present connections send arrives.
  void hold();

  // What was held arrives, and has been answered when this returns.
  void release();

 private:
  struct connection {
    int client, server;
    bool is_held = false;
    std::string held;
  };

  void run();
  bool pass(connection& c);
  int connect_to_server() const;

  const std::uint16_t server_;
  std::uint16_t port_ = 0;
  int listener_;
  std::atomic<bool> ended_{false};
  std::mutex mutex_;
  std::list<connection> connections_;
  std::thread thread_;
};

}  // namespace perdure::test
