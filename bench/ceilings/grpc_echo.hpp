#pragma once

#include <cstddef>
#include <memory>

// What gRPC itself can do with our kind of server: a generic service on the callback API that
// answers every unary call with the same bytes: none are an empty message, as AddItem replies.

namespace perdure::bench {

class grpc_echo {
 public:
  // Serves at once, on a free port of 127.0.0.1. Throws std::runtime_error when it cannot.
  explicit grpc_echo(std::size_t reply_bytes);
  ~grpc_echo();

  int port() const;

 private:
  class running;
  std::unique_ptr<running> running_;
};

}  // namespace perdure::bench
