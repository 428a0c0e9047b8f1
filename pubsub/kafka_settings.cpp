// From settings to librdkafka's configuration: what is set for everybody, then what the user has
// passed through, then what a client of ours rests on, so that the last cannot be broken.

#include "pubsub/kafka_settings.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

#include "pubsub/kafka_configuration.hpp"

namespace perdure::pubsub {
namespace {

constexpr std::string_view placeholder = "{topic}";

// Exactly once, order per key, or how we read rests on these.
constexpr std::array reserved{"acks",
                              "allow.auto.create.topics",
                              "auto.offset.reset",
                              "enable.auto.commit",
                              "enable.auto.offset.store",
                              "enable.idempotence",
                              "enable.partition.eof",
                              "group.id",
                              "group.instance.id",
                              "isolation.level",
                              "partitioner",
                              "request.required.acks",
                              "transaction.timeout.ms",
                              "transactional.id"};

status mistake(std::string text) { return {status_code::invalid_argument, std::move(text)}; }

status set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  char why[256];
  auto answer = rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why, sizeof why);
  if (answer == RD_KAFKA_CONF_OK) return {};
  if (answer == RD_KAFKA_CONF_UNKNOWN) {
    return mistake("librdkafka has no property \"" + name + "\"");
  }
  return mistake("librdkafka refuses the property " + name + ": " + why);
}

const char* protocol_of(const kafka_settings& settings) {
  if (settings.sasl_mechanism.empty()) return settings.use_tls ? "ssl" : "plaintext";
  return settings.use_tls ? "sasl_ssl" : "sasl_plaintext";
}

// In Kafka a topic's name is of these, and not longer.
bool is_topic_name(std::string_view name) {
  return !name.empty() && name.size() <= 249 && name != "." && name != ".." &&
         std::ranges::all_of(name, [](char c) {
           return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') ||
                  c == '.' || c == '_' || c == '-';
         });
}

status check_values(const kafka_settings& settings) {
  if (settings.bootstrap_servers.empty()) {
    return mistake("no Kafka is named: expected \"host:port\", several with commas between them");
  }
  auto at = settings.topic_pattern.find(placeholder);
  if (at == std::string::npos || !is_topic_name(kafka_topic(settings, "t"))) {
    return mistake("the names of topics are made by \"" + settings.topic_pattern +
                   "\": expected {topic} once, and beside it letters, digits, '.', '_', '-'");
  }
  const auto& sasl = settings.sasl_mechanism;
  if (!sasl.empty() && sasl != "PLAIN" && sasl != "SCRAM-SHA-256" && sasl != "SCRAM-SHA-512") {
    return mistake("the SASL mechanism is \"" + sasl +
                   "\": expected PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512");
  }
  if (sasl.empty() && !(settings.user.empty() && settings.password.empty())) {
    return mistake("a user or password for Kafka needs a SASL mechanism: name one");
  }
  if (!sasl.empty() && (settings.user.empty() || settings.password.empty())) {
    return mistake("SASL needs a user and a password: add what is missing");
  }
  bool has_files =
      !(settings.ca_file.empty() && settings.certificate.empty() && settings.key.empty());
  if (has_files && !settings.use_tls) {
    return mistake("files with certificates are of use only with TLS: turn it on or remove them");
  }
  if (settings.certificate.empty() != settings.key.empty()) {
    return mistake("a certificate needs its key, and a key its certificate: add what is missing");
  }
  for (const auto* file : {&settings.ca_file, &settings.certificate, &settings.key}) {
    if (file->empty() || std::ifstream(*file)) continue;
    return mistake("the file " + file->string() +
                   ", which is to be used with Kafka, cannot be read");
  }
  for (const auto* name : reserved) {
    if (!settings.properties.contains(name)) continue;
    return mistake("the property " + std::string(name) + " is ours to set: remove it");
  }
  return {};
}

status set_all(rd_kafka_conf_t* conf, const kafka_settings& settings) {
  std::map<std::string, std::string> wanted{
      {"bootstrap.servers", settings.bootstrap_servers},
      {"client.id", settings.client_id},
      {"security.protocol", protocol_of(settings)},
      {"allow.auto.create.topics", "false"},
      {"log.connection.close", "false"},
      {"socket.keepalive.enable", "true"},
      {"statistics.interval.ms", "10000"},
      // Kafka sends a record that is larger than all we ask for by itself; what our writers can
      // write is taken. No more than "HTTP" as a size, so that it is noticed who answers.
      {"receive.message.max.bytes", "1100000000"},
      // A broker that is back is found soon.
      {"reconnect.backoff.ms", "50"},
      {"reconnect.backoff.max.ms", "2000"},
      // A topic that was just created is not missing for long.
      {"topic.metadata.refresh.fast.interval.ms", "100"},
      {"topic.metadata.refresh.interval.ms", "10000"},
      {"topic.metadata.propagation.max.ms", "3000"},
  };
  auto want = [&](const char* name, const std::string& value) {
    if (!value.empty()) wanted[name] = value;
  };
  want("sasl.mechanism", settings.sasl_mechanism);
  want("sasl.username", settings.user);
  want("sasl.password", settings.password);
  want("ssl.ca.location", settings.ca_file.string());
  want("ssl.certificate.location", settings.certificate.string());
  want("ssl.key.location", settings.key.string());
  want("ssl.key.password", settings.key_password);
  for (const auto& [name, value] : settings.properties) wanted[name] = value;
  for (const auto& [name, value] : wanted) {
    if (auto done = set(conf, name, value); !done.ok()) return done;
  }
  return {};
}

}  // namespace

result<kafka_configuration> configuration_of(
    const kafka_settings& settings,
    std::initializer_list<std::pair<const char*, std::string>> own) {
  if (auto wrong = check_values(settings); !wrong.ok()) return wrong;
  kafka_configuration conf(rd_kafka_conf_new(), rd_kafka_conf_destroy);
  if (auto wrong = set_all(conf.get(), settings); !wrong.ok()) return wrong;
  for (const auto& [name, value] : own) {
    if (auto wrong = set(conf.get(), name, value); !wrong.ok()) return wrong;
  }
  return conf;
}

status kafka_mistake(const kafka_settings& settings) { return configuration_of(settings).error(); }

std::string kafka_topic(const kafka_settings& settings, const std::string& topic) {
  auto name = settings.topic_pattern;
  auto at = name.find(placeholder);
  return at == std::string::npos ? name : name.replace(at, placeholder.size(), topic);
}

}  // namespace perdure::pubsub
