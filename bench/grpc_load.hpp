#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/load.hpp"

// Unary calls over gRPC's callback API, through a stub that knows no messages: the requests are
// bytes made beforehand, the replies are not looked at. The completion of a call starts the next.

namespace perdure::bench {

class grpc_load final : public load {
 public:
  struct settings {
    int port;                                  // on 127.0.0.1
    std::string method;                        // "/cart.api.ShoppingCart/AddItem"
    const std::vector<std::string>& requests;  // encoded; sent in turn, again and again
    std::size_t in_flight;
    std::size_t channels = 1;  // connections
  };

  // Connects when it first runs. The requests outlive it.
  explicit grpc_load(const settings& how);
  ~grpc_load() override;

  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
           measured& into) override;

  // Sends each request once and waits for all answers. Throws as run() does.
  void send_each_once();

 private:
  class calls;
  std::unique_ptr<calls> calls_;
};

}  // namespace perdure::bench
