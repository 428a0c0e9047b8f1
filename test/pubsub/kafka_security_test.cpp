// TLS and SASL PLAIN with a real Kafka: who is who, and what is said when somebody is not.

#include <boost/test/unit_test.hpp>

#include <cstdlib>

#include "test/persistence/samples.hpp"
#include "test/pubsub/kafka_server.hpp"
#include "test/pubsub/kafka_session.hpp"

using namespace perdure;
using namespace perdure::pubsub;
using namespace perdure::test;
using namespace std::chrono_literals;

namespace {

// An authority, and what it has signed for the broker and for us, made by the openssl command; and
// somebody else.
class certificates {
 public:
  certificates() {
    run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority "
        "-keyout ca.key -out ca.pem");
    for (const std::string name : {"broker", "client"}) {
      run("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name + " -keyout " +
          name + ".key -out " + name + ".csr");
      run("x509 -req -in " + name +
          ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 "
          "-extfile names -out " +
          name + ".pem");
    }
    run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=somebody "
        "-keyout other.key -out other.pem");
    BOOST_REQUIRE(
        std::system(("cd " + folder_.path().string() + " && cat broker.key broker.pem >server.pem")
                        .c_str()) == 0);
  }
  std::filesystem::path operator/(const char* name) const { return folder_.path() / name; }
  std::string folder() const { return folder_.path().string(); }

 private:
  void run(const std::string& arguments) {
    auto command = "cd " + folder_.path().string() +
                   " && echo subjectAltName=DNS:localhost,IP:127.0.0.1 >names && openssl " +
                   arguments + " >>log 2>&1";
    BOOST_REQUIRE_MESSAGE(std::system(command.c_str()) == 0, command);
  }
  temporary_folder folder_;
};

struct fixture {
  certificates made;
  std::string tls_port = std::to_string(free_port());
  std::string sasl_port = std::to_string(free_port());
  kafka_server kafka{{"--tls-port", tls_port, "--tls-dir", made.folder(), "--set",
                      "ssl.client.auth=required", "--sasl-port", sasl_port, "--set",
                      "sasl.enabled.mechanisms=PLAIN", "--set",
                      "listener.name.sasl_plaintext.plain.sasl.jaas.config="
                      "org.apache.kafka.common.security.plain.PlainLoginModule required "
                      "user_me=\"secret\";"}};

  pubsub::kafka_settings impatient(const std::string& port) {
    pubsub::kafka_settings to;
    to.bootstrap_servers = "127.0.0.1:" + port;
    to.transaction_timeout = 3s;
    to.request_timeout = 3s;
    return to;
  }
};

void refused(const pubsub::kafka_settings& settings, const std::string& because) {
  auto done = write_and_read(settings);
  BOOST_TEST(done.code() == status_code::unavailable);
  BOOST_TEST(done.message().find(because) != std::string::npos, done);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(kafka_security, fixture, *boost::unit_test::precondition(has_kafka))

BOOST_AUTO_TEST_CASE(who_knows_whom_is_let_in_and_others_are_told_why_not) {
  auto tls = impatient(tls_port);
  tls.request_timeout = tls.transaction_timeout = 30s;
  tls.use_tls = true;
  tls.ca_file = made / "ca.pem";
  tls.certificate = made / "client.pem";
  tls.key = made / "client.key";
  BOOST_TEST(write_and_read(tls) == status());

  auto sasl = impatient(sasl_port);
  sasl.request_timeout = sasl.transaction_timeout = 30s;
  sasl.sasl_mechanism = "PLAIN";
  sasl.user = "me";
  sasl.password = "secret";
  BOOST_TEST(write_and_read(sasl) == status());

  tls.request_timeout = tls.transaction_timeout = 3s;
  auto stranger = tls;
  stranger.certificate = made / "other.pem";
  stranger.key = made / "other.key";
  refused(stranger, "SSL");
  auto suspicious = tls;
  suspicious.ca_file = made / "other.pem";
  refused(suspicious, "certificate verify failed");
  auto missing = tls;
  missing.ca_file = made / "nowhere.pem";
  auto unread = write_and_read(missing);
  BOOST_TEST(unread.code() != status_code::ok);
  BOOST_TEST(unread.message().find("nowhere.pem") != std::string::npos, unread);

  sasl.request_timeout = sasl.transaction_timeout = 3s;
  sasl.password = "guessed";
  refused(sasl, "uthentication");
}

BOOST_AUTO_TEST_SUITE_END()
