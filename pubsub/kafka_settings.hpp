#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "perdure/status.hpp"

// Where a Kafka is, how to speak to it, and what our topics are called there. Values only; none of
// Kafka's library.

namespace perdure::pubsub {

struct kafka_settings {
  // "host:port", several with commas between them: those that are asked for the others.
  std::string bootstrap_servers = "127.0.0.1:9092";

  // How clients show in the broker's log and metrics.
  std::string client_id = "perdure";

  // TLS is used with `use_tls`; SASL with a mechanism.
  bool use_tls = false;
  std::filesystem::path ca_file;      // PEM; whom to trust. Empty: whom the system trusts
  std::filesystem::path certificate;  // PEM, to show who we are, with `key` (mTLS). Empty: none
  std::filesystem::path key;
  std::string key_password;    // empty: the key is not encrypted
  std::string sasl_mechanism;  // PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; empty: no SASL
  std::string user;            // of SASL
  std::string password;        // of SASL

  // What a topic is called in Kafka: "{topic}" stands for its name here, as in "prod.{topic}".
  std::string topic_pattern = "{topic}";

  // Topics that are published to are created when they are not there.
  bool create_topics = true;
  std::int16_t replication_factor = -1;  // of those; -1: the broker's default

  // Offsets that subscriptions have consumed are shown in a consumer group of this prefix and the
  // subscription's name, for tools that look for lag. Empty: they are not.
  std::string group_prefix = "perdure.";

  // Any property of librdkafka, by its name; over what follows from the above. Those on which
  // exactly once rests are refused: kafka_mistake().
  std::map<std::string, std::string> properties;

  // How long we ask for metadata and offsets before we say UNAVAILABLE.
  std::chrono::milliseconds request_timeout = std::chrono::seconds{5};
  // After which Kafka ends a transaction that we have left open; how long it can hold up readers.
  std::chrono::milliseconds transaction_timeout = std::chrono::seconds{10};
};

// What is wrong in the settings or the files they name, for who has written them: INVALID_ARGUMENT.
// Speaks to nobody.
status kafka_mistake(const kafka_settings& settings);

// The name in Kafka of a topic of ours.
std::string kafka_topic(const kafka_settings& settings, const std::string& topic);

}  // namespace perdure::pubsub
