// Command path: where gRPC's events come in. Next: gateway/grpc_server.cpp for a call that arrives,
// gateway/grpc_reactor.cpp for all that follows.

#include "gateway/grpc_loop.hpp"

#include <pthread.h>

#include <utility>

namespace perdure::gateway {

grpc_loop::grpc_loop(std::unique_ptr<grpc::ServerCompletionQueue> queue)
    : queue_(std::move(queue)) {}

grpc_loop::~grpc_loop() {
  for (auto left = calls_.load(); left > 0; left = calls_.load()) calls_.wait(left);
  queue_->Shutdown();
  if (thread_.joinable()) {
    thread_.join();
  } else {
    run();
  }
}

void grpc_loop::start() {
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "perdure-grpc");
    run();
  });
}

void grpc_loop::leave() {
  if (--calls_ == 0) calls_.notify_all();
}

void grpc_loop::run() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) static_cast<grpc_event*>(tag)->happened(ok);
}

}  // namespace perdure::gateway
