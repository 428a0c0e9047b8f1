#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/http_server.hpp"

// What the admin port answers: GET /health, and GET /metrics in the text format of Prometheus.
// Neither tells anything about what is stored.

namespace perdure::runtime {

// A number that is read when it is asked for. From any thread.
struct gauge {
  std::string name;         // "perdure_resident_entities"
  std::string description;  // one line
  std::function<std::size_t()> read;
};

// What is amiss though commands are accepted, a sentence each. From any thread.
using warnings = std::function<std::vector<std::string>()>;

class admin_endpoint {
 public:
  // `serving`: whether commands are accepted; from any thread.
  admin_endpoint(std::function<bool()> serving, warnings amiss, std::vector<gauge> gauges);

  // Any thread.
  void operator()(const std::shared_ptr<gateway::http_exchange>& exchange) const;

 private:
  gateway::http_response health() const;
  gateway::http_response metrics() const;

  std::function<bool()> serving_;
  warnings amiss_;
  std::vector<gauge> gauges_;
};

}  // namespace perdure::runtime
