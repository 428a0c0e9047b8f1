// Bytes to and from a Redis: TCP, with a time by which each wait ends.
// Above: persistence/redis_connection.cpp. Beside, for TLS: persistence/redis_tls_socket.cpp.

#include "persistence/redis_socket.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <string>
#include <system_error>
#include <utility>

#include "persistence/redis_tcp.hpp"
#include "persistence/redis_tls_socket.hpp"

namespace perdure::persistence {
namespace {

status unavailable(std::string why) { return {status_code::unavailable, std::move(why)}; }

std::string text_of(int error) { return std::generic_category().message(error); }

// -1, with errno, when it cannot be made.
int open_socket(const addrinfo& address) {
  auto descriptor = ::socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                             address.ai_protocol);
  if (descriptor < 0) return descriptor;
  int on = 1;
  // Without it a group's last packet would wait for an acknowledgement. It is only slower then.
  (void)::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return descriptor;
}

class plain_socket final : public redis_socket {
 public:
  explicit plain_socket(redis_tcp tcp) : tcp_(std::move(tcp)) {}

  status write(std::string_view bytes, time_point until) override {
    while (!bytes.empty()) {
      auto sent = tcp_.try_send(bytes.data(), bytes.size());
      if (sent >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno != EAGAIN) {
        return redis_connection_lost(errno);
      } else if (auto ready = tcp_.wait_to_send(until); !ready.ok()) {
        return ready;
      }
    }
    return {};
  }

  result<std::size_t> read(char* to, std::size_t room, time_point until) override {
    while (true) {
      auto received = tcp_.try_receive(to, room);
      if (received > 0) return static_cast<std::size_t>(received);
      if (received == 0) return unavailable("the connection was closed by the other side");
      if (errno != EAGAIN) return redis_connection_lost(errno);
      if (auto ready = tcp_.wait_to_receive(until); !ready.ok()) return ready;
    }
  }

 private:
  redis_tcp tcp_;
};

}  // namespace

status redis_connection_lost(int error) {
  return unavailable("the connection was lost (" + text_of(error) + ")");
}

result<redis_tcp> redis_tcp::connect(const redis_endpoint& where, time_point until) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  auto port = std::to_string(where.port);
  if (auto failed = ::getaddrinfo(where.host.c_str(), port.c_str(), &wanted, &found)) {
    return unavailable("the host \"" + where.host + "\" is not known (" + gai_strerror(failed) +
                       ")");
  }
  std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, ::freeaddrinfo);
  auto failure = unavailable("the host \"" + where.host + "\" has no address");
  for (auto* address = found; address != nullptr; address = address->ai_next) {
    auto descriptor = open_socket(*address);
    if (descriptor < 0) return unavailable("no socket (" + text_of(errno) + ")");
    redis_tcp tcp(descriptor);
    if (::connect(descriptor, address->ai_addr, address->ai_addrlen) == 0) return tcp;
    if (errno != EINPROGRESS) {
      failure = unavailable(text_of(errno));
      continue;
    }
    if (failure = tcp.wait_to_send(until); !failure.ok()) continue;
    int error = 0;
    socklen_t size = sizeof(error);
    ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error == 0) return tcp;
    failure = unavailable(text_of(error));
  }
  return failure;
}

redis_tcp::redis_tcp(redis_tcp&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

redis_tcp::~redis_tcp() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::ptrdiff_t redis_tcp::try_send(const char* bytes, std::size_t count) {
  while (true) {
    auto sent = ::send(descriptor_, bytes, count, MSG_NOSIGNAL);
    if (sent >= 0 || errno != EINTR) return sent;
  }
}

std::ptrdiff_t redis_tcp::try_receive(char* to, std::size_t room) {
  while (true) {
    auto received = ::recv(descriptor_, to, room, 0);
    if (received >= 0 || errno != EINTR) return received;
  }
}

status redis_tcp::wait_to_receive(time_point until) { return wait(POLLIN, until); }
status redis_tcp::wait_to_send(time_point until) { return wait(POLLOUT, until); }

status redis_tcp::wait(short events, time_point until) {
  while (true) {
    auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return unavailable("no answer in time");
    pollfd watched{descriptor_, events, 0};
    auto bounded = std::min<std::int64_t>(left.count(), std::numeric_limits<int>::max());
    auto ready = ::poll(&watched, 1, static_cast<int>(bounded));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return redis_connection_lost(errno);
  }
}

result<std::unique_ptr<redis_socket>> open_redis_socket(const redis_endpoint& where) {
  auto until = std::chrono::steady_clock::now() + where.connect_timeout;
  auto tcp = redis_tcp::connect(where, until);
  if (!tcp) return tcp.error();
  if (where.tls) return open_redis_tls_socket(*std::move(tcp), where, until);
  return std::unique_ptr<redis_socket>(std::make_unique<plain_socket>(*std::move(tcp)));
}

}  // namespace perdure::persistence
