#include "apps/runtime/settings.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>

#include "test/base/standard_error_of.hpp"

using namespace perdure;
using namespace perdure::runtime;
using namespace std::chrono_literals;

namespace {

// A folder without perdure.toml, so that only what a test gives counts.
struct fixture {
  fixture() {
    std::filesystem::create_directories(folder);
    std::filesystem::current_path(folder);
  }
  ~fixture() {
    std::filesystem::current_path(before);
    std::filesystem::remove_all(folder);
  }

  std::string file(const std::string& name, const std::string& content) const {
    std::ofstream(folder / name) << content;
    return (folder / name).string();
  }

  static parsed_settings parse(std::vector<std::string> flags) {
    std::vector<const char*> argv{"service"};
    for (const auto& flag : flags) argv.push_back(flag.c_str());
    return parse_settings(static_cast<int>(argv.size()), argv.data(), false);
  }

  static settings taken(std::vector<std::string> flags) {
    auto parsed = parse(std::move(flags));
    BOOST_REQUIRE(parsed.go_on);
    return *parsed.go_on;
  }

  // What is said of flags that are refused.
  static std::string refusal(const std::vector<std::string>& flags) {
    auto child = test::standard_error_of([&] {
      auto parsed = parse(flags);
      if (parsed.go_on || parsed.exit_code == 0) std::fputs("taken", stderr);
    });
    BOOST_TEST_MESSAGE(child.text);
    return child.text;
  }

  std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("perdure-settings-" + std::to_string(getpid()));
};

void check_says(const std::string& said, const std::string& part) {
  BOOST_TEST(said.find(part) != std::string::npos, said << " lacks " << part);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(settings, fixture)

BOOST_AUTO_TEST_CASE(nothing_has_to_be_set) {
  auto s = taken({});
  BOOST_CHECK(s.kv == kv_store::rocksdb);
  BOOST_TEST(s.redis.host == "127.0.0.1");
  BOOST_TEST(s.redis.port == 6379);
  BOOST_TEST(!s.redis.tls);
  BOOST_TEST(s.limits.forwards_max == limits{}.forwards_max);
}

BOOST_AUTO_TEST_CASE(the_bounds_of_mail_and_timers_can_be_set) {
  auto s = taken({"--durable-mailbox-bytes-max", "2mb", "--timer-name-bytes-max", "99",
                  "--forwards-max", "3", "--deleted-retention", "5m"});
  BOOST_TEST(s.limits.durable_mailbox_bytes_max == std::size_t{2} << 20);
  BOOST_TEST(s.limits.timer_name_bytes_max == 99u);
  BOOST_TEST(s.limits.forwards_max == 3u);
  BOOST_CHECK(s.limits.deleted_retention == 5min);
}

BOOST_AUTO_TEST_CASE(bounds_that_cannot_be_are_refused) {
  using flags = std::vector<std::string>;
  for (const auto& wrong :
       {flags{"--durable-mailbox-bytes-max", "0"}, flags{"--timer-name-bytes-max", "-1"},
        flags{"--forwards-max", "0"}, flags{"--forwards-max", "many"},
        flags{"--deleted-retention", "0s"}, flags{"--deleted-retention", "7"}}) {
    check_says(refusal(wrong), wrong[0]);
  }
}

BOOST_AUTO_TEST_CASE(all_of_redis_can_be_set) {
  auto ca = file("ca", "x"), cert = file("cert", "x"), key = file("key", "x");
  auto password = file("password", "se cret\r\nmore\n");
  auto s = taken({"--kv", "Redis", "--redis", "redis.example:6380", "--redis-user", "perdure",
                  "--redis-password-file", password, "--redis-tls", "--redis-ca-file", ca,
                  "--redis-cert-file", cert, "--redis-key-file", key, "--redis-server-name",
                  "redis.internal"});
  BOOST_CHECK(s.kv == kv_store::redis);
  BOOST_TEST(s.redis.host == "redis.example");
  BOOST_TEST(s.redis.port == 6380);
  BOOST_TEST(s.redis.user == "perdure");
  BOOST_TEST(s.redis.password == "se cret");
  BOOST_TEST(s.redis.tls);
  BOOST_TEST(s.redis.ca_file == ca);
  BOOST_TEST(s.redis.cert_file == cert);
  BOOST_TEST(s.redis.key_file == key);
  BOOST_TEST(s.redis.server_name == "redis.internal");
}

BOOST_AUTO_TEST_CASE(variables_and_the_file_set_redis_too) {
  file("perdure.toml", "kv = \"redis\"\nredis = \"[::1]:7000\"\nredis-tls = true\n");
  setenv("PERDURE_REDIS_PASSWORD", "hidden", 1);
  auto s = taken({"--redis", "10.0.0.1:1"});
  unsetenv("PERDURE_REDIS_PASSWORD");
  BOOST_CHECK(s.kv == kv_store::redis);
  BOOST_TEST(s.redis.host == "10.0.0.1");
  BOOST_TEST(s.redis.password == "hidden");
  BOOST_TEST(s.redis.tls);
  BOOST_TEST(taken({}).redis.host == "::1");
  BOOST_TEST(!taken({"--redis-tls=false"}).redis.tls);
}

BOOST_AUTO_TEST_CASE(an_address_of_another_shape_is_refused) {
  for (const std::string address :
       {"", "redis", ":6379", "redis:", "redis:0", "redis:65536", "redis:+1", "redis:6379x",
        "redis: 6379", "::1:6379", "[::1]", "[::1]6379", "[]:6379", "[redis]:6379",
        "redis://h:6379", "a b:6379"}) {
    auto said = refusal({"--kv", "redis", "--redis=" + address});
    BOOST_TEST_CONTEXT(address) { check_says(said, "--redis"); }
  }
  check_says(refusal({"--kv", "redis", "--redis", "::1:6379"}), "[::1]:1234; got \"::1:6379\"");
}

BOOST_AUTO_TEST_CASE(another_store_is_refused) { check_says(refusal({"--kv", "mongo"}), "--kv"); }

BOOST_AUTO_TEST_CASE(settings_of_redis_without_it_are_refused) {
  auto some = file("some", "x");
  using flags = std::vector<std::string>;
  for (const auto& alone :
       {flags{"--redis", "127.0.0.1:6379"}, flags{"--redis-user", "x"},
        flags{"--redis-password", "x"}, flags{"--redis-password-file", some}, flags{"--redis-tls"},
        flags{"--redis-ca-file", some}, flags{"--redis-server-name", "x"}}) {
    check_says(refusal(alone), alone[0] + ": is of use only with --kv redis");
  }
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_together_is_refused) {
  auto some = file("some", "x"), empty = file("empty", "\nsecret\n");
  auto of_redis = [](std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"--kv", "redis"});
    return refusal(flags);
  };
  check_says(of_redis({"--redis-user", "x"}), "--redis-user: needs a password");
  check_says(of_redis({"--redis-password", "x", "--redis-password-file", some}), "remove one");
  check_says(of_redis({"--redis-password-file", empty}), "--redis-password-file: expected");
  check_says(of_redis({"--redis-password-file", "nowhere"}), "nowhere");
  check_says(of_redis({"--redis-tls", "--redis-cert-file", some}), "give both or none");
  check_says(of_redis({"--redis-tls", "--redis-key-file", some}), "give both or none");
  check_says(of_redis({"--redis-tls", "--redis-ca-file", "nowhere"}), "nowhere");
  check_says(of_redis({"--redis-ca-file", some}), "is of use only with --redis-tls");
  check_says(of_redis({"--redis-server-name", "x"}), "is of use only with --redis-tls");
}

BOOST_AUTO_TEST_CASE(the_bounds_of_topics_and_streams_can_be_set) {
  auto s = taken({"--topic-retention", "2h", "--topic-bytes-max", "3gb", "--attempts-max", "5",
                  "--backoff-min", "1s", "--backoff-max", "1m", "--message-deadline", "9s",
                  "--held-bytes-max", "4mb", "--subscription-window", "7", "--streams-max", "11"});
  BOOST_CHECK(s.topics == topic_place::embedded);
  BOOST_CHECK(s.limits.topic_retention == 2h);
  BOOST_TEST(s.limits.topic_partition_bytes_max == std::uint64_t{3} << 30);
  BOOST_TEST(s.limits.attempts_max == 5u);
  BOOST_CHECK(s.limits.backoff_min == 1s);
  BOOST_CHECK(s.limits.backoff_max == 1min);
  BOOST_CHECK(s.limits.message_deadline == 9s);
  BOOST_TEST(s.limits.held_bytes_max == std::size_t{4} << 20);
  BOOST_TEST(s.limits.subscription_window == 7u);
  BOOST_TEST(s.limits.streams_max == 11u);
}

BOOST_AUTO_TEST_CASE(bounds_of_topics_that_cannot_be_are_refused) {
  using flags = std::vector<std::string>;
  for (const auto& wrong : {flags{"--attempts-max", "0"}, flags{"--subscription-window", "0"},
                            flags{"--topic-retention", "0s"}, flags{"--held-bytes-max", "0"},
                            flags{"--streams-max", "0"}, flags{"--backoff-min", "2m"}}) {
    check_says(refusal(wrong), wrong[0]);
  }
}

BOOST_AUTO_TEST_CASE(all_of_kafka_can_be_set) {
  auto ca = file("ca", "x"), cert = file("cert", "x"), key = file("key", "x");
  auto password = file("password", "se cret\r\nmore\n");
  auto s = taken({"--topics",
                  "Kafka",
                  "--kafka",
                  "k1.example:9093,[::1]:9094",
                  "--kafka-client-id",
                  "me",
                  "--kafka-group-prefix",
                  "g.",
                  "--kafka-topic-pattern",
                  "prod.{topic}",
                  "--kafka-create-topics",
                  "off",
                  "--kafka-replication",
                  "3",
                  "--kafka-tls",
                  "--kafka-ca-file",
                  ca,
                  "--kafka-cert-file",
                  cert,
                  "--kafka-key-file",
                  key,
                  "--kafka-sasl",
                  "scram-sha-512",
                  "--kafka-user",
                  "perdure",
                  "--kafka-password-file",
                  password,
                  "--kafka-property",
                  "linger.ms=20",
                  "--kafka-property",
                  "compression.codec=zstd"});
  BOOST_CHECK(s.topics == topic_place::kafka);
  const auto& k = s.kafka;
  BOOST_TEST(k.bootstrap_servers == "k1.example:9093,[::1]:9094");
  BOOST_TEST(k.client_id == "me");
  BOOST_TEST(k.group_prefix == "g.");
  BOOST_TEST(k.topic_pattern == "prod.{topic}");
  BOOST_TEST(!k.create_topics);
  BOOST_TEST(k.replication_factor == 3);
  BOOST_TEST(k.use_tls);
  BOOST_TEST(k.ca_file == ca);
  BOOST_TEST(k.certificate == cert);
  BOOST_TEST(k.key == key);
  BOOST_TEST(k.sasl_mechanism == "SCRAM-SHA-512");
  BOOST_TEST(k.user == "perdure");
  BOOST_TEST(k.password == "se cret");
  BOOST_TEST(k.properties.at("linger.ms") == "20");
  BOOST_TEST(k.properties.at("compression.codec") == "zstd");
}

BOOST_AUTO_TEST_CASE(variables_and_the_file_set_kafka_too) {
  file("perdure.toml",
       "topics = \"kafka\"\nkafka = \"10.0.0.1:1,10.0.0.2:2\"\nkafka-create-topics = false\n"
       "kafka-property = [\"linger.ms=20\", \"client.rack=a b\"]\n");
  auto from_file = taken({});
  BOOST_CHECK(from_file.topics == topic_place::kafka);
  BOOST_TEST(from_file.kafka.bootstrap_servers == "10.0.0.1:1,10.0.0.2:2");
  BOOST_TEST(!from_file.kafka.create_topics);
  BOOST_TEST(from_file.kafka.properties.at("linger.ms") == "20");
  BOOST_TEST(from_file.kafka.properties.at("client.rack") == "a b");
  setenv("PERDURE_KAFKA_PROPERTY", "linger.ms=30;client.rack=c", 1);
  auto from_variable = taken({"--kafka-property", "linger.ms=40"});
  unsetenv("PERDURE_KAFKA_PROPERTY");
  BOOST_TEST(from_variable.kafka.properties.at("linger.ms") == "40");
  BOOST_TEST(from_variable.kafka.properties.at("client.rack") == "c");
}

BOOST_AUTO_TEST_CASE(a_kafka_of_another_shape_is_refused) {
  auto of_kafka = [](std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"--topics", "kafka"});
    return refusal(flags);
  };
  for (const std::string address : {"", "kafka", "kafka:", "a:1,", ",a:1", "a:1,,b:2", "a:1 b:2",
                                    "kafka://a:1", "a:0", "::1:9092"}) {
    BOOST_TEST_CONTEXT(address) { check_says(of_kafka({"--kafka=" + address}), "--kafka"); }
  }
  auto some = file("some", "x"), empty = file("empty", "\n");
  check_says(refusal({"--topics", "pulsar"}), "--topics");
  check_says(of_kafka({"--kafka-topic-pattern", "flights"}), "expected {topic} once");
  check_says(of_kafka({"--kafka-create-topics", "maybe"}), "--kafka-create-topics");
  check_says(of_kafka({"--kafka-replication", "0"}), "--kafka-replication");
  check_says(of_kafka({"--kafka-replication", "many"}), "--kafka-replication");
  check_says(of_kafka({"--kafka-sasl", "GSSAPI"}), "--kafka-sasl");
  check_says(of_kafka({"--kafka-sasl", "PLAIN"}), "SASL needs a user and a password");
  check_says(of_kafka({"--kafka-user", "x"}), "needs a SASL mechanism");
  check_says(of_kafka({"--kafka-ca-file", some}), "only with TLS");
  check_says(of_kafka({"--kafka-ca-file", "nowhere"}), "nowhere");
  check_says(of_kafka({"--kafka-tls", "--kafka-cert-file", some}), "needs its key");
  check_says(of_kafka({"--kafka-password", "x", "--kafka-password-file", some}), "remove one");
  check_says(of_kafka({"--kafka-password-file", empty}), "--kafka-password-file: expected");
  check_says(of_kafka({"--kafka-property", "linger.ms"}), "--kafka-property: expected NAME=VALUE");
  check_says(of_kafka({"--kafka-property", "=1"}), "--kafka-property");
  check_says(of_kafka({"--kafka-property", "no.such=1"}), "no.such");
  check_says(of_kafka({"--kafka-property", "acks=1"}), "is ours to set");
}

BOOST_AUTO_TEST_CASE(settings_of_one_place_for_topics_are_refused_for_the_other) {
  using flags = std::vector<std::string>;
  for (const auto& alone : {flags{"--kafka", "127.0.0.1:9092"}, flags{"--kafka-tls"},
                            flags{"--kafka-property", "linger.ms=20"}}) {
    check_says(refusal(alone), alone[0] + ": is of use only with --topics kafka");
  }
  for (const auto& alone : {flags{"--topic-retention", "1h"}, flags{"--topic-bytes-max", "1gb"}}) {
    check_says(refusal({"--topics", "kafka", alone[0], alone[1]}),
               alone[0] + ": is of use only with --topics embedded");
  }
}

BOOST_AUTO_TEST_SUITE_END()
