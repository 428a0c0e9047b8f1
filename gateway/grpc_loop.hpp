#pragma once

#include <grpcpp/completion_queue.h>

#include <atomic>
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

  // Ends the thread once every call has left. The server has been shut down by then, so they do.
  ~grpc_loop();

  grpc_loop(const grpc_loop&) = delete;
  grpc_loop& operator=(const grpc_loop&) = delete;

  // The server is running.
  void start();

  grpc::ServerCompletionQueue& queue() { return *queue_; }

  // One call, also while it is only awaited. gRPC's server can be shut down before all have left,
  // and then the queue may not be.
  void enter() { ++calls_; }
  void leave();

 private:
  void run();

  const std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::atomic<int> calls_{0};
  std::thread thread_;
};

}  // namespace perdure::gateway
