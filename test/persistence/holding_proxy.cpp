// A proxy that holds up what it should pass on, until it is told.

#include "test/persistence/holding_proxy.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <vector>

namespace perdure::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

bool send_all(int to, const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    auto n = ::send(to, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return false;
    sent += static_cast<std::size_t>(n);
  }
  return true;
}

// Empty when the other side has closed.
std::string receive_some(int from) {
  std::string bytes(64 << 10, '\0');
  auto n = ::recv(from, bytes.data(), bytes.size(), 0);
  bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return bytes;
}

bool is_readable(int descriptor) {
  pollfd watched{descriptor, POLLIN, 0};
  return ::poll(&watched, 1, 0) > 0;
}

}  // namespace

holding_proxy::holding_proxy(std::uint16_t server)
    : server_(server), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  auto address = loopback(0);
  auto* any = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  BOOST_REQUIRE(::bind(listener_, any, size) == 0);
  BOOST_REQUIRE(::getsockname(listener_, any, &size) == 0);
  BOOST_REQUIRE(::listen(listener_, 64) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

holding_proxy::~holding_proxy() {
  ended_ = true;
  thread_.join();
  ::close(listener_);
  for (const auto& c : connections_) {
    if (c.client >= 0) ::close(c.client);
    ::close(c.server);
  }
}

void holding_proxy::hold() {
  std::lock_guard lock(mutex_);
  for (auto& c : connections_) c.is_held = true;
}

void holding_proxy::release() {
  std::lock_guard lock(mutex_);
  for (auto& c : connections_) {
    if (c.held.empty()) continue;
    BOOST_TEST(send_all(c.server, c.held));
    c.held.clear();
    // Nothing more comes behind it, so the server answers all and closes.
    ::shutdown(c.server, SHUT_WR);
    while (!receive_some(c.server).empty()) {
    }
  }
}

void holding_proxy::run() {
  while (!ended_) {
    std::vector<pollfd> watched{{listener_, POLLIN, 0}};
    {
      std::lock_guard lock(mutex_);
      for (const auto& c : connections_) {
        if (c.client >= 0) watched.push_back({c.client, POLLIN, 0});
        if (!c.is_held) watched.push_back({c.server, POLLIN, 0});
      }
    }
    ::poll(watched.data(), watched.size(), 10);
    std::lock_guard lock(mutex_);
    if (is_readable(listener_)) {
      auto client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      connections_.push_back({client, connect_to_server(), false, {}});
    }
    connections_.remove_if([this](connection& c) { return !pass(c); });
  }
}

// False when the connection has ended.
bool holding_proxy::pass(connection& c) {
  if (c.client >= 0 && is_readable(c.client)) {
    auto bytes = receive_some(c.client);
    if (c.is_held) {
      c.held += bytes;
      if (bytes.empty()) ::close(std::exchange(c.client, -1));
    } else if (bytes.empty() || !send_all(c.server, bytes)) {
      ::close(c.client);
      ::close(c.server);
      return false;
    }
  }
  if (!c.is_held && is_readable(c.server)) {
    auto bytes = receive_some(c.server);
    if (bytes.empty() || !send_all(c.client, bytes)) {
      ::close(c.client);
      ::close(c.server);
      return false;
    }
  }
  return true;
}

int holding_proxy::connect_to_server() const {
  auto descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(server_);
  auto connected = ::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  BOOST_TEST(connected == 0);
  return descriptor;
}

}  // namespace perdure::test
