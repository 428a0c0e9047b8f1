// Which Redis a store is opened on, and what it is told that cannot be one: by password, role, data
// and certificate; and how a weaker one than promised is noticed.

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <string>

#include "persistence/redis_keys.hpp"
#include "persistence/redis_step_store.hpp"
#include "test/persistence/redis_server.hpp"
#include "test/persistence/samples.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;
using namespace std::string_literals;

namespace {

constexpr auto failed_precondition = status_code::failed_precondition;
constexpr auto unavailable = status_code::unavailable;
using level = redis_durability::level;

status opening(const redis_endpoint& where) {
  manual_clock clock;
  return redis_step_store::open({.server = where, .clock = clock, .shard_count = 4}).error();
}

// That the store does not open: with this code, naming the server, and saying `text`.
void check_refused(const redis_endpoint& where, status_code code, const std::string& text) {
  auto refused = opening(where);
  BOOST_TEST(refused.code() == code, refused);
  BOOST_TEST(refused.message().find(to_string(where)) != std::string::npos, refused);
  BOOST_TEST(refused.message().find(text) != std::string::npos, refused);
}

std::int64_t keys_in(const redis_server& server) { return server.ask({"DBSIZE"}).integer(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(redis_opening, *boost::unit_test::precondition(has_redis_server))

BOOST_AUTO_TEST_CASE(a_redis_that_is_not_there_is_unavailable) {
  redis_endpoint where;
  where.port = free_port();
  check_refused(where, unavailable, "not reachable");
  where.host = "no-such-host.invalid";
  check_refused(where, unavailable, "no-such-host.invalid");
}

// ------------------------------------------------------------------------------------------- whom

BOOST_AUTO_TEST_CASE(a_password_must_be_right) {
  redis_server server({"--requirepass", "secret"});
  auto where = server.endpoint();
  check_refused(where, failed_precondition, "wants a password");
  where.password = "wrong";
  check_refused(where, failed_precondition, "refuses the password");
  where.password = "secret";
  BOOST_TEST(opening(where) == status());
}

BOOST_AUTO_TEST_CASE(a_password_that_nobody_asks_for_is_refused) {
  redis_server server;
  auto where = server.endpoint();
  where.user = "nobody";
  where.password = "secret";
  check_refused(where, failed_precondition, "refuses the password");
}

// The rights that docs/formats.md names are enough; CONFIG is not among them.
BOOST_AUTO_TEST_CASE(a_user_needs_few_rights) {
  redis_server server;
  auto user = [&](std::string_view name, std::string_view commands) {
    auto answer = [&] {
      auto redis = redis_connection::open(server.endpoint());
      (*redis)->add({"ACL", "SETUSER", name, "on", ">pw", "~perdure:*", "-@all"});
      std::vector<std::string> words;
      for (std::size_t at = 0; at < commands.size();) {
        auto end = std::min(commands.find(' ', at), commands.size());
        words.push_back("+" + std::string(commands.substr(at, end - at)));
        at = end + 1;
      }
      std::vector<std::string_view> command{"ACL", "SETUSER", name};
      command.insert(command.end(), words.begin(), words.end());
      (*redis)->add(command);
      auto until = (*redis)->deadline();
      BOOST_REQUIRE((*redis)->send(until).ok());
      BOOST_REQUIRE(!(*redis)->receive(until)->is_error());
      return (*redis)->receive(until);
    }();
    BOOST_REQUIRE_MESSAGE(!answer->is_error(), answer->text());
  };
  user("service",
       "ping get set type eval evalsha script|load hget hset hmget llen lrange rpush xadd xlen "
       "xrange xtrim");
  auto where = server.endpoint();
  where.user = "service";
  where.password = "pw";
  manual_clock clock;
  auto store = open_store(where, clock);
  BOOST_TEST((store->durability().is == level::unknown));
  BOOST_TEST(store->durability().warning.find("CONFIG GET is refused") != std::string::npos);
  auto s = step_with_reply("1", 0, {}, {"m", "k"}, {});
  s.events = {{"t", "p"}};
  BOOST_TEST(commit(*store, s) == status());
  BOOST_TEST(store->load({"cart", "1"})->events.size() == 1);
  BOOST_TEST(whole_log(*store, shard_of("1", 4)).size() == 1);
  BOOST_TEST(store->read_outbox(shard_id{0}, {}, 1)->empty());
  BOOST_TEST(store->trim_outbox(shard_id{0}, {}) == status());

  user("reader", "ping get type hget");
  where.user = "reader";
  check_refused(where, failed_precondition, "access control list");
}

BOOST_AUTO_TEST_CASE(a_read_only_replica_is_refused_and_its_primary_named) {
  redis_server primary;
  redis_server replica({"--replicaof", "127.0.0.1 " + std::to_string(primary.port())});
  check_refused(replica.endpoint(), failed_precondition, to_string(primary.endpoint()));
  BOOST_TEST(opening(primary.endpoint()) == status());
}

BOOST_AUTO_TEST_CASE(a_cluster_that_does_not_serve_our_keys_is_unavailable) {
  redis_server server({"--cluster-enabled", "yes", "--cluster-require-full-coverage", "no"});
  check_refused(server.endpoint(), unavailable, "cluster");
}

BOOST_AUTO_TEST_CASE(a_database_that_is_not_there_is_refused) {
  redis_server server;
  auto where = server.endpoint();
  where.database = 99;
  check_refused(where, failed_precondition, "database 99");
}

// ------------------------------------------------------------------------------------------- data

BOOST_AUTO_TEST_CASE(other_data_under_our_keys_is_refused_and_left_as_it_is) {
  redis_server server;
  auto where = server.endpoint();
  server.ask({"SET", "perdure:store", "somebody's"});
  check_refused(where, failed_precondition, "other data under our key perdure:store");
  server.ask({"DEL", "perdure:store"});
  server.ask({"RPUSH", "perdure:store", "somebody's"});
  check_refused(where, failed_precondition, "other data under our key perdure:store");
  server.ask({"DEL", "perdure:store"});
  server.ask({"SET", "perdure:{3}:log", "somebody's"});
  check_refused(where, failed_precondition, "other data under our key perdure:{3}:log");
  BOOST_TEST(keys_in(server) == 1);
  server.ask({"DEL", "perdure:{3}:log"});
  server.ask({"SET", "unrelated", "somebody's"});
  BOOST_TEST(opening(where) == status());
}

BOOST_AUTO_TEST_CASE(shards_without_their_store_record_are_refused) {
  redis_server server;
  BOOST_TEST(opening(server.endpoint()) == status());
  server.ask({"DEL", "perdure:store"});
  check_refused(server.endpoint(), failed_precondition, "other data under our key perdure:{0}");
}

BOOST_AUTO_TEST_CASE(a_damaged_store_is_data_loss) {
  redis_server server;
  manual_clock clock;
  BOOST_TEST(commit(*open_store(server.endpoint(), clock), step_of("1", 0, {"a"})) == status());
  auto shard = redis_keys(shard_of("1", 4)).shard();
  server.ask({"DEL", shard});
  check_refused(server.endpoint(), status_code::data_loss, shard + " is missing");

  auto record = std::string(server.ask({"GET", "perdure:store"}).text());
  record.back() ^= 1;
  server.ask({"SET", "perdure:store", record});
  check_refused(server.endpoint(), status_code::data_loss, "perdure:store: the checksum");
}

BOOST_AUTO_TEST_CASE(a_store_keeps_the_shards_it_was_created_with) {
  redis_server server;
  manual_clock clock;
  BOOST_TEST(open_store(server.endpoint(), clock, 4)->shard_count() == 4);
  BOOST_TEST(open_store(server.endpoint(), clock, 8)->shard_count() == 4);
}

BOOST_AUTO_TEST_CASE(a_store_is_only_opened_by_whom_it_belongs_to) {
  redis_server server;
  manual_clock clock;
  auto opening_of = [&](const std::string& id, bool may_create) {
    auto opened = redis_step_store::open({.server = server.endpoint(),
                                          .clock = clock,
                                          .shard_count = 4,
                                          .id = id,
                                          .may_create = may_create});
    return opened ? status() : opened.error();
  };
  auto missing = opening_of("ours", false);
  BOOST_TEST(missing.code() == failed_precondition, missing);
  BOOST_TEST(missing.message().find("holds no store") != std::string::npos, missing);
  BOOST_TEST(keys_in(server) == 0);
  BOOST_TEST(opening_of("ours", true) == status());

  auto store = open_store(server.endpoint(), clock);
  for (bool may_create : {true, false}) {
    auto others = opening_of("theirs", may_create);
    BOOST_TEST(others.code() == failed_precondition, others);
    BOOST_TEST(others.message().find("another data folder") != std::string::npos, others);
  }
  // Who has it was not fenced off.
  BOOST_TEST(commit(*store, step_of("1", 0, {"a"})) == status());
  BOOST_TEST(opening_of("ours", false) == status());
}

BOOST_AUTO_TEST_CASE(databases_of_one_redis_hold_stores_of_their_own) {
  redis_server server;
  manual_clock clock;
  auto where = server.endpoint();
  auto first = open_store(where, clock);
  where.database = 5;
  auto second = open_store(where, clock);
  BOOST_TEST(commit(*first, step_of("1", 0, {"a"})) == status());
  BOOST_TEST(second->load({"cart", "1"})->events.empty());
  BOOST_TEST(commit(*second, step_of("1", 0, {"b"})) == status());
  BOOST_TEST(first->load({"cart", "1"})->events.at(0).payload == "a");
}

// ------------------------------------------------------------------------------------- durability

BOOST_AUTO_TEST_CASE(a_weaker_durability_than_promised_is_noticed) {
  redis_server server;
  manual_clock clock;
  auto found = [&] { return open_store(server.endpoint(), clock)->durability(); };
  auto warns = [&](const std::string& text) {
    auto d = found();
    return d.is == level::weaker && d.warning.find(text) != std::string::npos;
  };
  BOOST_TEST((found().is == level::promised));
  BOOST_TEST(found().warning == "");
  server.ask({"CONFIG", "SET", "appendfsync", "everysec"});
  BOOST_TEST(warns("appendfsync everysec"));
  server.ask({"CONFIG", "SET", "appendonly", "no"});
  BOOST_TEST(warns("appendonly no"));
  server.ask({"CONFIG", "SET", "appendonly", "yes"});
  server.ask({"CONFIG", "SET", "appendfsync", "always"});
  server.ask({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
  BOOST_TEST(warns("maxmemory-policy allkeys-lru"));
}

// -------------------------------------------------------------------------------------------- TLS

namespace {

// An authority and what it has signed for localhost, made by the openssl command.
class certificates {
 public:
  certificates() {
    run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority "
        "-keyout ca.key -out ca.pem");
    run("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=redis -keyout server.key "
        "-out server.csr");
    run("x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names "
        "-out server.pem");
    run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=somebody "
        "-keyout other.key -out other.pem");
  }
  std::filesystem::path operator/(const char* name) const { return folder_.path() / name; }

 private:
  void run(const std::string& arguments) {
    auto in = "cd " + folder_.path().string();
    auto names = "echo subjectAltName=DNS:localhost,IP:127.0.0.1 >names";
    auto command = in + " && " + names + " && openssl " + arguments + " >>log 2>&1";
    BOOST_REQUIRE_MESSAGE(std::system(command.c_str()) == 0, command);
  }
  temporary_folder folder_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(tls_proves_who_the_server_is_and_who_we_are) {
  certificates made;
  auto tls_port = free_port();
  redis_server server({"--tls-port", std::to_string(tls_port), "--tls-cert-file",
                       made / "server.pem", "--tls-key-file", made / "server.key",
                       "--tls-ca-cert-file", made / "ca.pem"});
  auto where = server.endpoint();
  where.port = tls_port;
  auto with = [&](redis_tls tls) {
    auto tried = where;
    tried.tls = std::move(tls);
    return tried;
  };
  redis_tls good{made / "ca.pem", made / "server.pem", made / "server.key", ""};
  BOOST_TEST(opening(with(good)) == status());
  auto named = good;
  named.server_name = "localhost";
  BOOST_TEST(opening(with(named)) == status());

  manual_clock clock;
  auto store = open_store(with(good), clock);
  std::string payload(3 << 20, 'x');
  BOOST_TEST(commit(*store, step_of("1", 0, {payload, payload})) == status());
  BOOST_TEST((store->load({"cart", "1"})->events.at(1).payload == payload));

  named.server_name = "elsewhere";
  check_refused(with(named), failed_precondition, "hostname mismatch");
  auto distrusted = good;
  distrusted.ca_file = made / "other.pem";
  check_refused(with(distrusted), failed_precondition, "certificate does not hold");
  auto unknown = good;
  unknown.certificate = made / "other.pem";
  unknown.key = made / "other.key";
  check_refused(with(unknown), unavailable, "not reachable");
  auto missing = good;
  missing.ca_file = made / "nothing.pem";
  check_refused(with(missing), failed_precondition, "nothing.pem");

  // Either side without the other's TLS.
  BOOST_TEST(!opening(where).ok());
  where.port = server.port();
  check_refused(with(good), unavailable, "TLS");
}

BOOST_AUTO_TEST_SUITE_END()
