#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

// Where a Redis is and how to speak to it. Values only.

namespace perdure::persistence {

struct redis_tls {
  std::filesystem::path ca_file;      // PEM; whom to trust. Empty: whom the system trusts
  std::filesystem::path certificate;  // PEM, to show who we are, with `key`. Empty: none
  std::filesystem::path key;
  std::string server_name;  // which the server's certificate must hold; empty: `host`
};

struct redis_endpoint {
  std::string host = "127.0.0.1";
  std::uint16_t port = 6379;
  std::string user;      // of Redis' access control lists; empty: the default one
  std::string password;  // empty: none
  std::optional<redis_tls> tls;
  int database = 0;

  // To be connected, TLS included.
  std::chrono::milliseconds connect_timeout = std::chrono::seconds{2};
  // To be answered: one command, or a whole group of them.
  std::chrono::milliseconds command_timeout = std::chrono::seconds{5};
};

// "127.0.0.1:6379", for people.
inline std::string to_string(const redis_endpoint& where) {
  return where.host + ":" + std::to_string(where.port);
}

}  // namespace perdure::persistence
