#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/load.hpp"

// Requests over HTTP/1.1 connections that stay open, one request at a time on each, all on one
// thread. Of a response only the status line and the length are read.

namespace perdure::bench {

class http_load final : public load {
 public:
  struct settings {
    int port;                                  // on 127.0.0.1
    const std::vector<std::string>& requests;  // whole, as they are sent; in turn, again and again
    std::size_t connections;
  };

  // Connects at once; throws boost::system::system_error when it cannot. The requests outlive it.
  explicit http_load(const settings& how);
  ~http_load() override;

  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
           measured& into) override;

 private:
  class connections;
  std::unique_ptr<connections> connections_;
};

// One request on a connection of its own, and its whole response. Throws when it is not 200.
std::string send_http(int port, const std::string& request);

}  // namespace perdure::bench
