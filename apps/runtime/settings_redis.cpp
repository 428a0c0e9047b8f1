// Where key-value entities are kept, and how to reach a Redis.

#include "apps/runtime/settings_options.hpp"

namespace perdure::runtime {

void add_redis(setting_options& options, settings& s) {
  options.add_choice("kv", s.kv, {{"rocksdb", kv_store::rocksdb}, {"redis", kv_store::redis}},
                     "Where key-value entities are kept (default: rocksdb)");
  auto& r = s.redis;
  options
      .add_text(
          "redis",
          [&r](const std::string& text) {
            auto [host, port] = parse_address("--redis", text);
            r.host = host;
            r.port = port;
          },
          "Address of Redis; IPv6 in brackets")
      ->type_name("HOST:PORT")
      ->default_str("127.0.0.1:6379");
  options.add("redis-user", r.user, "User of Redis; needs a password");
  options.add("redis-password", r.password,
              "Its password; seen in ps, better a file or a variable");
  options.add_password_file("redis-password-file", r.password,
                            "File whose first line is the password");
  options.add_flag("redis-tls", r.tls, "Talk TLS to Redis");
  options.add_file("redis-ca-file", r.ca_file, "Who may have signed Redis's certificate (PEM)");
  options.add_file("redis-cert-file", r.cert_file, "Our certificate for Redis (PEM)");
  options.add_file("redis-key-file", r.key_file, "Its key (PEM)");
  options.add("redis-server-name", r.server_name,
              "Whose certificate Redis must show, if not its host's");
}

void check_redis(const setting_options& options, const settings& s) {
  const auto& r = s.redis;
  if (s.kv != kv_store::redis) options.check_not_given("redis", "--kv redis");
  if (options.is_given("redis-password") && options.is_given("redis-password-file")) {
    throw CLI::ValidationError("--redis-password",
                               "is there beside --redis-password-file: remove one");
  }
  if (!r.user.empty() && r.password.empty()) {
    throw CLI::ValidationError("--redis-user",
                               "needs a password: add --redis-password-file or "
                               "PERDURE_REDIS_PASSWORD");
  }
  if (r.cert_file.empty() != r.key_file.empty()) {
    throw CLI::ValidationError(r.cert_file.empty() ? "--redis-key-file" : "--redis-cert-file",
                               "certificate and key go together: give both or none");
  }
  for (const auto* name :
       {"redis-ca-file", "redis-cert-file", "redis-key-file", "redis-server-name"}) {
    if (!r.tls) options.check_not_given(name, "--redis-tls");
  }
}

}  // namespace perdure::runtime
