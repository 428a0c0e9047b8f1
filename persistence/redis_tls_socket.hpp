#pragma once

#include <memory>

#include "perdure/status.hpp"
#include "persistence/redis_socket.hpp"
#include "persistence/redis_tcp.hpp"

// TLS for connections to Redis, with OpenSSL, since hiredis 0.14 has none of its own. For
// redis_socket.cpp only.

namespace perdure::persistence {

// The handshake, over a connection to `where`, whose `tls` is set; codes as of open_redis_socket().
result<std::unique_ptr<redis_socket>> open_redis_tls_socket(redis_tcp below,
                                                            const redis_endpoint& where,
                                                            redis_socket::time_point until);

}  // namespace perdure::persistence
