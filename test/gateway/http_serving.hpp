#pragma once

#include <boost/test/unit_test.hpp>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "gateway/http_server.hpp"
#include "test/gateway/http_client.hpp"

namespace perdure::gateway::testing {

using held = std::shared_ptr<http_exchange>;

// A server that answers with what it was asked, and holds back requests for "/hold".
struct serving {
  explicit serving(limits with = {}) : bounds(with) { start(); }

  void start() {
    auto started = gateway::http_server::start(
        {"127.0.0.1", 0}, [this](held x) { serve(std::move(x)); }, bounds);
    BOOST_REQUIRE_MESSAGE(started.ok(), to_string(started.error()));
    server = *std::move(started);
  }

  void serve(held x) {
    auto& request = x->request();
    if (request.target.starts_with("/hold")) {
      std::lock_guard lock(mutex);
      waiting.push_back(std::move(x));
      return;
    }
    if (request.target == "/late")
      return x->answer_after(std::chrono::milliseconds{1}, [] {
        return http_response{504, "late"};
      });
    if (request.target == "/large") return x->answer({200, std::string(8 << 20, 'x')});
    x->answer({200, request.method + " " + request.target + " " + request.body, "text/plain"});
  }

  held next() {
    held first;
    BOOST_REQUIRE(http_eventually([&] {
      std::lock_guard lock(mutex);
      if (waiting.empty()) return false;
      first = std::move(waiting.front());
      waiting.pop_front();
      return true;
    }));
    return first;
  }

  http_client client() { return http_client(server->port()); }

  limits bounds;
  std::mutex mutex;
  std::deque<held> waiting;
  std::unique_ptr<gateway::http_server> server;
};

}  // namespace perdure::gateway::testing
