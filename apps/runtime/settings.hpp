#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.hpp"
#include "base/log.hpp"
#include "pubsub/kafka_settings.hpp"

// Everything about a process that a user may set, and where it is read from: flags, then
// environment variables PERDURE_*, then the file perdure.toml, then the defaults here.

namespace perdure::runtime {

// Where key-value entities are kept.
enum class kv_store { rocksdb, redis };

// How to reach the Redis of kv_store::redis.
struct redis_settings {
  std::string host = "127.0.0.1";  // a name or an address, IPv6 without brackets
  std::uint16_t port = 6379;
  std::string user;      // empty: Redis's default one
  std::string password;  // empty: none
  bool tls = false;
  // Of TLS; each may be empty.
  std::string ca_file;      // who may have signed Redis's certificate; else whom the system trusts
  std::string cert_file;    // our certificate, for a Redis that asks for one, and
  std::string key_file;     // its key; both or none
  std::string server_name;  // whose certificate Redis must show; else that of `host`
};

// Where topics are.
enum class topic_place { embedded, kafka };

struct settings {
  std::string data = "perdure-data";  // folder of the store, made when missing
  std::uint32_t shards = 16;          // of a new store; one that exists keeps its own

  std::string host = "127.0.0.1";  // all ports listen on this address only
  std::uint16_t grpc_port = 9000;  // 0: any free one
  std::uint16_t http_port = 8080;
  std::uint16_t admin_port = 9889;

  std::size_t threads = 0;  // for entities that are slow (handler_pace); 0: one per core
  log_level level = log_level::info;
  perdure::limits limits;

  kv_store kv = kv_store::rocksdb;
  redis_settings redis;

  topic_place topics = topic_place::embedded;
  pubsub::kafka_settings kafka;  // of topic_place::kafka

  std::vector<std::string> modules;  // of perdure_host only: the shared objects to load
};

// What is left to do after the command line was read.
struct parsed_settings {
  std::optional<settings> go_on;  // nullopt: stop now
  int exit_code = 0;              // then: 0 after --help, else what was wrong has been printed
};

// `takes_modules`: the command line names actor modules.
parsed_settings parse_settings(int argc, const char* const* argv, bool takes_modules);

}  // namespace perdure::runtime
