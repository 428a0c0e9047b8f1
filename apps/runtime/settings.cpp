// Flags, environment and perdure.toml, read by CLI11. One line per setting, here and in the files
// settings_*.cpp of its subject.

#include "apps/runtime/settings.hpp"

#include <cstdlib>
#include <filesystem>
#include <iterator>

#include "apps/runtime/settings_options.hpp"
#include "perdure/version.hpp"

namespace perdure::runtime {
namespace {

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
    add_redis(options_, s_);
    add_topics(options_, s_);
    add_views(options_, s_);
  }

  CLI::App& app() { return app_; }

  // What no setting can see alone.
  void check_together() {
    check_redis(options_, s_);
    check_topics(options_, s_);
  }

 private:
  void add_places() {
    options_.add("data", s_.data, "Folder of the store, made when missing");
    options_.add("shards", s_.shards, "Shards of a new store; an existing one keeps its own")
        ->check(CLI::Range(1, 4096));
    options_.add("host", s_.host, "Address that all ports listen on");
    options_.add("grpc-port", s_.grpc_port, "Port of gRPC; 0 takes a free one");
    options_.add("http-port", s_.http_port, "Port of HTTP/JSON; 0 takes a free one");
    options_.add("admin-port", s_.admin_port, "Port of administration; 0 takes a free one");
    options_
        .add("threads", s_.threads,
             "Threads for entities whose handlers are slow; 0 for one per core")
        ->check(CLI::Range(0, 1024));
    options_.add_choice("log-level", s_.level,
                        {{"debug", log_level::debug},
                         {"info", log_level::info},
                         {"warning", log_level::warning},
                         {"error", log_level::error}},
                        "Entries below it are dropped (default: info)");
  }

  void add_limits() {
    auto& l = s_.limits;
    options_.add_bytes("message-bytes-max", l.message_bytes_max, "One request or reply");
    options_.add_bytes("entity-id-bytes-max", l.entity_id_bytes_max, "One entity id");
    options_.add_bytes("idempotency-key-bytes-max", l.idempotency_key_bytes_max,
                       "One idempotency key");
    options_.add_bytes("metadata-bytes-max", l.metadata_bytes_max, "Headers of one call");
    options_.add_bytes("in-flight-bytes-max", l.in_flight_bytes_max,
                       "All commands not yet answered");
    options_.add_bytes("mailbox-bytes-max", l.mailbox_bytes_max, "Those of one entity");
    options_.add_bytes("durable-mailbox-bytes-max", l.durable_mailbox_bytes_max,
                       "What one entity's durable mailbox holds");
    options_.add_bytes("timer-name-bytes-max", l.timer_name_bytes_max, "One timer's name");
    options_.add("forwards-max", l.forwards_max, "How often one command is forwarded")
        ->check(CLI::Range(1, 1000));
    options_.add_bytes("step-bytes-max", l.step_bytes_max,
                       "Events, snapshot and reply of one command");
    options_.add("resident-entities-max", l.resident_entities_max, "Entities held in memory")
        ->check(CLI::PositiveNumber);
    options_.add_duration("idle-max", l.idle_max, "An entity unused for this long leaves memory");
    options_.add_duration("idempotency-retention", l.idempotency_retention,
                          "How long a retry gets the recorded reply");
    options_.add("snapshot-every", l.snapshot_every, "Events between two snapshots of an entity")
        ->check(CLI::PositiveNumber);
    options_.add_duration("deleted-retention", l.deleted_retention,
                          "How long events of a deleted entity keep their content");
    options_.add("streams-max", l.streams_max, "Calls open at a time that stream")
        ->check(CLI::PositiveNumber);
    options_.add("http-connections-max", l.http_connections_max, "HTTP connections open at a time")
        ->check(CLI::PositiveNumber);
    options_.add_duration("http-idle-max", l.http_idle_max,
                          "A connection without a request is closed");
    options_.add_duration("call-deadline", l.call_deadline, "Deadline of a call that names none");
    options_.add_duration("drain-max", l.drain_max, "Time that accepted commands have on SIGTERM");
  }

  settings& s_;
  CLI::App app_;
  setting_options options_{app_};
};

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
