// Flags, environment and perdure.toml, read by CLI11. One line here per setting: its name makes the
// flag (--grpc-port), the variable (PERDURE_GRPC_PORT) and the key (grpc-port).

#include "apps/runtime/settings.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "perdure/version.hpp"

namespace perdure::runtime {
namespace {

// Added to any time of day it is still a time of day.
constexpr std::chrono::milliseconds longest = std::chrono::hours{24 * 365 * 10};

std::string variable_of(std::string name) {
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return c == '-' ? '_' : std::toupper(c); });
  return "PERDURE_" + name;
}

class settings_parser {
 public:
  explicit settings_parser(settings& target) : s_(target) {
    app_.description(
        "A service on Perdure " PERDURE_VERSION
        ". Each option is also a variable PERDURE_<OPTION> and a key in perdure.toml.");
    app_.set_version_flag("--version", PERDURE_VERSION);
    app_.set_config("--config", "perdure.toml", "File to read settings from");
    app_.allow_config_extras(CLI::config_extras_mode::error);
    add_places();
    add_limits();
    add_redis();
  }

  CLI::App& app() { return app_; }

  // What no setting can see alone.
  void check_together() { check_redis(); }

 private:
  template <class T>
  CLI::Option* add(const std::string& name, T& target, const std::string& description) {
    return app_.add_option("--" + name, target, description)
        ->envname(variable_of(name))
        ->take_last()
        ->capture_default_str();
  }

  void add_bytes(const std::string& name, std::size_t& target, const std::string& description) {
    add(name, target, description)
        ->transform(CLI::AsSizeValue(false))
        ->check(CLI::PositiveNumber)
        ->type_name("BYTES");
  }

  void add_duration(const std::string& name, std::chrono::milliseconds& target,
                    const std::string& description) {
    const std::map<std::string, std::int64_t> units{
        {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}};
    app_.add_option_function<std::int64_t>(
            "--" + name, [&target](std::int64_t ms) { target = std::chrono::milliseconds{ms}; },
            description)
        ->envname(variable_of(name))
        ->take_last()
        ->transform(CLI::AsNumberWithUnit(units, CLI::AsNumberWithUnit::UNIT_REQUIRED))
        ->check(CLI::Range(std::int64_t{1}, longest.count()))
        ->type_name("DURATION")
        ->default_str(std::to_string(target.count()) + "ms");
  }

  void add_places() {
    add("data", s_.data, "Folder of the store, made when missing");
    add("shards", s_.shards, "Shards of a new store; an existing one keeps its own")
        ->check(CLI::Range(1, 4096));
    add("host", s_.host, "Address that all ports listen on");
    add("grpc-port", s_.grpc_port, "Port of gRPC; 0 takes a free one");
    add("http-port", s_.http_port, "Port of HTTP/JSON; 0 takes a free one");
    add("admin-port", s_.admin_port, "Port of health and metrics; 0 takes a free one");
    add("threads", s_.threads, "Threads for entities whose handlers are slow; 0 for one per core")
        ->check(CLI::Range(0, 1024));
    const std::map<std::string, log_level> levels{{"debug", log_level::debug},
                                                  {"info", log_level::info},
                                                  {"warning", log_level::warning},
                                                  {"error", log_level::error}};
    app_.add_option("--log-level", s_.level, "Entries below it are dropped (default: info)")
        ->envname(variable_of("log-level"))
        ->take_last()
        ->transform(CLI::CheckedTransformer(levels, CLI::ignore_case));
  }

  void add_limits() {
    auto& l = s_.limits;
    add_bytes("message-bytes-max", l.message_bytes_max, "One request or reply");
    add_bytes("entity-id-bytes-max", l.entity_id_bytes_max, "One entity id");
    add_bytes("idempotency-key-bytes-max", l.idempotency_key_bytes_max, "One idempotency key");
    add_bytes("metadata-bytes-max", l.metadata_bytes_max, "Headers of one call");
    add_bytes("in-flight-bytes-max", l.in_flight_bytes_max, "All commands not yet answered");
    add_bytes("mailbox-bytes-max", l.mailbox_bytes_max, "Those of one entity");
    add_bytes("durable-mailbox-bytes-max", l.durable_mailbox_bytes_max,
              "What one entity's durable mailbox holds");
    add_bytes("timer-name-bytes-max", l.timer_name_bytes_max, "One timer's name");
    add("forwards-max", l.forwards_max, "How often one command is forwarded")
        ->check(CLI::Range(1, 1000));
    add_bytes("step-bytes-max", l.step_bytes_max, "Events, snapshot and reply of one command");
    add("resident-entities-max", l.resident_entities_max, "Entities held in memory")
        ->check(CLI::PositiveNumber);
    add_duration("idle-max", l.idle_max, "An entity unused for this long leaves memory");
    add_duration("idempotency-retention", l.idempotency_retention,
                 "How long a retry gets the recorded reply");
    add("snapshot-every", l.snapshot_every, "Events between two snapshots of an entity")
        ->check(CLI::PositiveNumber);
    add_duration("deleted-retention", l.deleted_retention,
                 "How long events of a deleted entity keep their content");
    add("http-connections-max", l.http_connections_max, "HTTP connections open at a time")
        ->check(CLI::PositiveNumber);
    add_duration("http-idle-max", l.http_idle_max, "A connection without a request is closed");
    add_duration("call-deadline", l.call_deadline, "Deadline of a call that names none");
    add_duration("drain-max", l.drain_max, "Time that accepted commands have on SIGTERM");
  }

  void add_redis() {
    const std::map<std::string, kv_store> stores{{"rocksdb", kv_store::rocksdb},
                                                 {"redis", kv_store::redis}};
    app_.add_option("--kv", s_.kv, "Where key-value entities are kept (default: rocksdb)")
        ->envname(variable_of("kv"))
        ->take_last()
        ->transform(CLI::CheckedTransformer(stores, CLI::ignore_case));
    auto& r = s_.redis;
    app_.add_option_function<std::string>(
            "--redis", [&r](const std::string& text) { set_address(r, text); },
            "Address of Redis; IPv6 in brackets")
        ->envname(variable_of("redis"))
        ->take_last()
        ->type_name("HOST:PORT")
        ->default_str("127.0.0.1:6379");
    add("redis-user", r.user, "User of Redis; needs a password");
    add("redis-password", r.password, "Its password; seen in ps, better a file or a variable");
    app_.add_option_function<std::string>(
            "--redis-password-file", [&r](const std::string& path) { read_password(r, path); },
            "File whose first line is the password")
        ->envname(variable_of("redis-password-file"))
        ->take_last()
        ->type_name("FILE");
    app_.add_flag("--redis-tls", r.tls, "Talk TLS to Redis")->envname(variable_of("redis-tls"));
    add_file("redis-ca-file", r.ca_file, "Who may have signed Redis's certificate (PEM)");
    add_file("redis-cert-file", r.cert_file, "Our certificate for Redis (PEM)");
    add_file("redis-key-file", r.key_file, "Its key (PEM)");
    add("redis-server-name", r.server_name, "Whose certificate Redis must show, if not its host's");
  }

  void add_file(const std::string& name, std::string& target, const std::string& description) {
    add(name, target, description)->check(CLI::ExistingFile)->type_name("FILE");
  }

  static void set_address(redis_settings& r, const std::string& text) {
    auto colon = text.rfind(':');
    auto host = text.substr(0, std::min(colon, text.size()));
    auto port = colon == text.npos ? std::string() : text.substr(colon + 1);
    bool is_ipv6 = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (is_ipv6) host = host.substr(1, host.size() - 2);
    auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), r.port);
    bool is_port = error == std::errc{} && end == port.data() + port.size() && r.port > 0;
    bool is_host = !host.empty() && host.find_first_of("[]/ ") == host.npos &&
                   is_ipv6 == (host.find(':') != host.npos);
    if (!is_host || !is_port) {
      throw CLI::ValidationError("--redis",
                                 "expected HOST:PORT, as in 127.0.0.1:6379 or, of IPv6, "
                                 "[::1]:6379; got \"" +
                                     text + "\"");
    }
    r.host = host;
  }

  static void read_password(redis_settings& r, const std::string& path) {
    std::ifstream file(path);
    std::getline(file, r.password);
    if (r.password.ends_with('\r')) r.password.pop_back();
    if (!r.password.empty()) return;
    throw CLI::ValidationError("--redis-password-file",
                               "expected a password in the first line of " + path +
                                   ", but it is empty or there is "
                                   "no such file to be read");
  }

  bool is_given(const std::string& flag) const { return app_.get_option(flag)->count() > 0; }

  void check_redis() const {
    const auto& r = s_.redis;
    if (s_.kv != kv_store::redis) {
      for (const auto* option : app_.get_options()) {
        const auto& name = option->get_name();
        if (!name.starts_with("--redis") || option->count() == 0) continue;
        throw CLI::ValidationError(name, "is of use only with --kv redis: add that or remove this");
      }
    }
    if (is_given("--redis-password") && is_given("--redis-password-file")) {
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
    for (const auto* flag :
         {"--redis-ca-file", "--redis-cert-file", "--redis-key-file", "--redis-server-name"}) {
      if (r.tls || !is_given(flag)) continue;
      throw CLI::ValidationError(flag, "is of use only with --redis-tls: add that or remove this");
    }
  }

  settings& s_;
  CLI::App app_;
};

}  // namespace

namespace {

// The command line, behind what the environment says as if it stood there, so that it goes before
// perdure.toml and a flag before it. CLI11 wants the last argument first.
std::vector<std::string> arguments_of(const CLI::App& app, int argc, const char* const* argv) {
  std::vector<std::string> arguments(std::make_reverse_iterator(argv + argc),
                                     std::make_reverse_iterator(argv + 1));
  for (const auto* option : app.get_options()) {
    if (option->get_envname().empty()) continue;
    const char* value = std::getenv(option->get_envname().c_str());
    if (value != nullptr) arguments.push_back(option->get_name() + "=" + value);
  }
  return arguments;
}

}  // namespace

parsed_settings parse_settings(int argc, const char* const* argv, bool takes_modules) {
  settings s;
  settings_parser parser(s);
  parser.app().name(std::filesystem::path(argv[0]).filename());
  if (takes_modules) {
    parser.app()
        .add_option("modules", s.modules, "Actor modules to serve (shared objects)")
        ->required()
        ->check(CLI::ExistingFile);
  }
  try {
    parser.app().parse(arguments_of(parser.app(), argc, argv));
    parser.check_together();
  } catch (const CLI::ParseError& e) {
    return {std::nullopt, parser.app().exit(e)};
  }
  return {std::move(s), 0};
}

}  // namespace perdure::runtime
