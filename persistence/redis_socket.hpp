#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

#include "perdure/status.hpp"
#include "persistence/redis_endpoint.hpp"

// A connection to a Redis as a stream of bytes, in the clear or over TLS, on which nothing waits
// longer than it is told. One thread at a time. For redis_connection.cpp only.

namespace perdure::persistence {

class redis_socket {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  virtual ~redis_socket() = default;

  // Writes all of it, and reads what there is, at least a byte. UNAVAILABLE with the reason ("no
  // answer in time"); then the connection is worth nothing any more.
  virtual status write(std::string_view bytes, time_point until) = 0;
  virtual result<std::size_t> read(char* to, std::size_t room, time_point until) = 0;
};

// A connection within the endpoint's connect_timeout.
//   FAILED_PRECONDITION  the TLS files cannot be used, or the server's certificate does not hold
//   UNAVAILABLE          it is not reachable
result<std::unique_ptr<redis_socket>> open_redis_socket(const redis_endpoint& where);

}  // namespace perdure::persistence
