#pragma once

#include <grpcpp/completion_queue.h>

#include <memory>
#include <thread>

// The threads that gRPC's events are handled on. gRPC's own for this, those of its callback API,
// take turns at each event and wake each other up for it; that costs more than what most calls do.
// Pulls in gRPC, so only gateway/grpc_*.cpp include it.

namespace perdure::gateway {

// Something that gRPC says is done, once. Its address is the tag.
class grpc_event {
 public:
  virtual void happened(bool ok) = 0;

 protected:
  ~grpc_event() = default;
};

// One completion queue and its thread. A connection belongs to one queue: so its events are handled
// one after the other, and while its thread is busy, more of them gather and are handled without
// anybody being woken up.
class grpc_loop {
 public:
  explicit grpc_loop(std::unique_ptr<grpc::ServerCompletionQueue> queue);

  // Ends the thread once it has handled what is left. The server has been shut down by then.
  ~grpc_loop();

  grpc_loop(const grpc_loop&) = delete;
  grpc_loop& operator=(const grpc_loop&) = delete;

  // The server is running.
  void start();

  grpc::ServerCompletionQueue& queue() { return *queue_; }

 private:
  void run();

  const std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::thread thread_;
};

}  // namespace perdure::gateway
