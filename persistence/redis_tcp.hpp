#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "perdure/status.hpp"
#include "persistence/redis_endpoint.hpp"
#include "persistence/redis_socket.hpp"

// The TCP connection below a redis_socket, in the clear or not. For redis_socket.cpp and
// redis_tls_socket.cpp only.

namespace perdure::persistence {

class redis_tcp {
 public:
  using time_point = redis_socket::time_point;

  static result<redis_tcp> connect(const redis_endpoint& where, time_point until);

  redis_tcp(redis_tcp&& other) noexcept;
  ~redis_tcp();

  // Without waiting: how many bytes, 0 when the other side has closed (reading), -1 with errno,
  // EAGAIN when it would have to wait. Never a SIGPIPE.
  std::ptrdiff_t try_send(const char* bytes, std::size_t count);
  std::ptrdiff_t try_receive(char* to, std::size_t room);

  // Until it can be read or written.
  status wait_to_receive(time_point until);
  status wait_to_send(time_point until);

 private:
  explicit redis_tcp(int descriptor) : descriptor_(descriptor) {}
  status wait(short events, time_point until);

  int descriptor_;
};

// What `error` (errno) says of a connection that was open.
status redis_connection_lost(int error);

}  // namespace perdure::persistence
