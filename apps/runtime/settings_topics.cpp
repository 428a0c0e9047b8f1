// Where topics are, how to reach a Kafka, and what subscriptions may take.

#include <sstream>

#include "apps/runtime/settings_options.hpp"

namespace perdure::runtime {
namespace {

// "a.b=c;d=e", or one at a time. A later one goes before an earlier one of the same name.
void take_properties(std::map<std::string, std::string>& into, const std::string& text) {
  std::istringstream all(text);
  for (std::string one; std::getline(all, one, ';');) {
    auto at = one.find('=');
    if (at == 0 || at == one.npos) {
      throw CLI::ValidationError("--kafka-property",
                                 "expected NAME=VALUE, as in linger.ms=20; got \"" + one + "\"");
    }
    into.insert_or_assign(one.substr(0, at), one.substr(at + 1));
  }
}

void take_brokers(std::string& into, const std::string& text) {
  std::istringstream all(text);
  std::string one;
  if (text.empty() || text.ends_with(',')) parse_address("--kafka", {});
  while (std::getline(all, one, ',')) parse_address("--kafka", one);
  into = text;
}

void add_path(setting_options& options, const std::string& name, std::filesystem::path& target,
              const std::string& description) {
  options
      .add_text(
          name, [&target](const std::string& path) { target = path; }, description)
      ->check(CLI::ExistingFile)
      ->type_name("FILE");
}

void add_kafka(setting_options& options, pubsub::kafka_settings& k) {
  options
      .add_text(
          "kafka", [&k](const std::string& text) { take_brokers(k.bootstrap_servers, text); },
          "Brokers of Kafka that are asked for the others")
      ->type_name("HOST:PORT,...")
      ->default_str(k.bootstrap_servers);
  options.add("kafka-client-id", k.client_id, "How clients show in Kafka's log and metrics");
  options.add("kafka-group-prefix", k.group_prefix,
              "Of the consumer groups that show how far subscriptions are; empty: none do");
  options.add("kafka-topic-pattern", k.topic_pattern, "What a topic is called in Kafka");
  options.add_choice("kafka-create-topics", k.create_topics,
                     {{"on", true}, {"true", true}, {"off", false}, {"false", false}},
                     "Create topics that are published to and not there: on (default) or off");
  options
      .add_text(
          "kafka-replication",
          [&k](const std::string& text) {
            k.replication_factor = static_cast<std::int16_t>(std::stoi(text));
          },
          "Replicas of topics that are created (default: the broker's)")
      ->check(CLI::Range(1, 1000))
      ->type_name("INT");
  options.add_flag("kafka-tls", k.use_tls, "Talk TLS to Kafka");
  add_path(options, "kafka-ca-file", k.ca_file, "Who may have signed Kafka's certificates (PEM)");
  add_path(options, "kafka-cert-file", k.certificate, "Our certificate for Kafka (PEM)");
  add_path(options, "kafka-key-file", k.key, "Its key (PEM)");
  options.add("kafka-key-password", k.key_password, "The key's, where it is encrypted");
  options.add_choice<std::string>(
      "kafka-sasl", k.sasl_mechanism,
      {{"PLAIN", "PLAIN"}, {"SCRAM-SHA-256", "SCRAM-SHA-256"}, {"SCRAM-SHA-512", "SCRAM-SHA-512"}},
      "How to say who we are");
  options.add("kafka-user", k.user, "User of SASL");
  options.add("kafka-password", k.password,
              "Its password; seen in ps, better a file or a variable");
  options.add_password_file("kafka-password-file", k.password,
                            "File whose first line is the password");
  options
      .add_text(
          "kafka-property", [&k](const std::string& text) { take_properties(k.properties, text); },
          "Any property of librdkafka; several times, or with ';' between them")
      ->multi_option_policy(CLI::MultiOptionPolicy::Join)
      ->delimiter(';')
      ->type_name("NAME=VALUE");
}

void add_subscriptions(setting_options& options, limits& l) {
  options.add_duration("message-deadline", l.message_deadline,
                       "How long an action may take for one message");
  options.add("attempts-max", l.attempts_max, "Failures after which a message is parked")
      ->check(CLI::Range(1, 1'000'000));
  options.add_duration("backoff-min", l.backoff_min,
                       "Pause before the second attempt, then longer");
  options.add_duration("backoff-max", l.backoff_max, "The longest pause between attempts");
  options
      .add("subscription-window", l.subscription_window,
           "Messages of a partition that are handled and not yet stored")
      ->check(CLI::Range(1, 1'000'000));
  options.add_bytes("held-bytes-max", l.held_bytes_max, "What one subscription holds back");
}

}  // namespace

void add_topics(setting_options& options, settings& s) {
  options.add_choice("topics", s.topics,
                     {{"embedded", topic_place::embedded}, {"kafka", topic_place::kafka}},
                     "Where topics are (default: embedded)");
  options.add_duration("topic-retention", s.limits.topic_retention,
                       "How long embedded topics keep messages");
  options.add_bytes("topic-bytes-max", s.limits.topic_partition_bytes_max,
                    "What each partition of an embedded topic keeps");
  add_kafka(options, s.kafka);
  add_subscriptions(options, s.limits);
}

void check_topics(const setting_options& options, const settings& s) {
  if (s.limits.backoff_min > s.limits.backoff_max) {
    throw CLI::ValidationError("--backoff-min", "is longer than --backoff-max: change one");
  }
  if (s.topics != topic_place::kafka) return options.check_not_given("kafka", "--topics kafka");
  for (const auto* name : {"topic-retention", "topic-bytes-max"}) {
    options.check_not_given(name, "--topics embedded");
  }
  if (options.is_given("kafka-password") && options.is_given("kafka-password-file")) {
    throw CLI::ValidationError("--kafka-password",
                               "is there beside --kafka-password-file: remove one");
  }
  if (auto wrong = pubsub::kafka_mistake(s.kafka); !wrong.ok()) {
    throw CLI::ValidationError("--topics kafka", wrong.message());
  }
}

}  // namespace perdure::runtime
