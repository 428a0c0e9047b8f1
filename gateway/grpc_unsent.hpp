#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

#include "perdure/status.hpp"

namespace perdure::gateway {

// The replies of one server that gRPC holds because their callers have not read them yet: a command
// is done with its reply, so nothing else counts their bytes. Copies count together, and may
// outlive the server. Any thread.
class unsent_replies {
 public:
  explicit unsent_replies(std::size_t bytes_max);

  // RESOURCE_EXHAUSTED while they are more than the bound: nothing new is to be begun.
  status check_room() const;

  // Counted until gRPC lets go of the buffer. Nothing is copied.
  //   RESOURCE_EXHAUSTED  they would be more than twice the bound: calls that were begun while
  //   there
  //                       was room have filled the memory together. The reply is dropped
  result<grpc::ByteBuffer> hold(std::string reply) const;

 private:
  std::size_t bytes_max_;
  std::shared_ptr<std::atomic<std::size_t>> bytes_;
};

}  // namespace perdure::gateway
