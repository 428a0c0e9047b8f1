#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/limits.hpp"
#include "gateway/command_endpoint.hpp"
#include "gateway/service_catalog.hpp"
#include "perdure/status.hpp"

namespace perdure::gateway {

// Serves a catalog over gRPC, with health (grpc.health.v1) and reflection (grpc.reflection.v1 and
// v1alpha). Without TLS. Owned by the runtime; runs on threads of its own (grpc_loop). Any thread.
class grpc_server {
 public:
  struct settings {
    std::string host = "127.0.0.1";
    // 0: any free one; nullopt: it does not listen, connections come by take().
    std::optional<int> port = 9000;
    // Asked before each call, whatever it is for, with its metadata; what is not OK ends it. Any
    // thread. Empty: all are served.
    std::function<status(const perdure::metadata&)> authorize = {};
  };

  // Listens and serves at once. Catalog and endpoint outlive the server.
  //   UNAVAILABLE  the address cannot be listened on
  static result<std::unique_ptr<grpc_server>> start(const settings& where,
                                                    const service_catalog& catalog,
                                                    const command_endpoint& endpoint,
                                                    const limits& bounds);

  // stop() without grace, unless it was called before.
  ~grpc_server();

  grpc_server(const grpc_server&) = delete;
  grpc_server& operator=(const grpc_server&) = delete;

  // The port it listens on; 0: none.
  int port() const;

  // Serves the connection with this descriptor, which it owns from now on. It does not block, and
  // nothing of it has been read.
  void take(int descriptor);

  // What health answers; true from the start.
  void set_serving(bool serving);

  // Turns health to NOT_SERVING, takes no new calls, ends those whose message has not come
  // (UNAVAILABLE), waits until the others are answered and have read that, but not longer than
  // `grace`, and cancels those that are left. Then nothing of the server runs any more; replies
  // that still come are dropped. True when all were answered, though perhaps not read.
  bool stop(std::chrono::milliseconds grace);

 private:
  class running;
  explicit grpc_server(std::unique_ptr<running> started);
  std::unique_ptr<running> running_;
};

}  // namespace perdure::gateway
