#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/http_server.hpp"

// What the admin port answers over HTTP: GET /health, and GET /metrics in the text format of
// Prometheus, for everybody, since neither tells anything about what is stored; and rpcs for who is
// authorized.

namespace perdure::runtime {

// A number that is read when it is asked for. From any thread.
struct gauge {
  std::string name;         // "perdure_resident_entities"
  std::string description;  // one line
  std::function<std::size_t()> read;
  std::string labels = {};  // "subscription=\"x\""; gauges of one name stand one after the other
  bool is_total = false;    // it only grows while the process runs
};

// What is amiss though commands are accepted, a sentence each. From any thread.
using warnings = std::function<std::vector<std::string>()>;

class admin_endpoint {
 public:
  // `serving`: whether commands are accepted; from any thread. `authorize`: whether a request with
  // these headers is for `rpcs`.
  admin_endpoint(std::function<bool()> serving, warnings amiss, std::vector<gauge> gauges,
                 std::function<status(const perdure::metadata&)> authorize,
                 gateway::http_handler rpcs);

  // Any thread.
  void operator()(const std::shared_ptr<gateway::http_exchange>& exchange) const;

 private:
  gateway::http_response health() const;
  gateway::http_response metrics() const;

  std::function<bool()> serving_;
  warnings amiss_;
  std::vector<gauge> gauges_;
  std::function<status(const perdure::metadata&)> authorize_;
  gateway::http_handler rpcs_;
};

}  // namespace perdure::runtime
