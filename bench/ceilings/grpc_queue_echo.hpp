#pragma once

#include <memory>

namespace perdure::bench {

// The bare gRPC server once more, on one completion queue with one thread, as Perdure itself serves
// gRPC on so few cores. Faster than the one on gRPC's callback API, so a harder ceiling.
class grpc_queue_echo {
 public:
  // On a free port of 127.0.0.1. Throws std::runtime_error when it cannot.
  grpc_queue_echo();
  ~grpc_queue_echo();

  int port() const;

 private:
  class running;
  std::unique_ptr<running> running_;
};

}  // namespace perdure::bench
