#include "actors/user_code_guard.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <stdexcept>
#include <string>

#include "test/base/standard_error_of.hpp"

using perdure::status_code;
using perdure::actors::guarded;

namespace {

const perdure::entity_key someone{"t", "id"};

}  // namespace

BOOST_AUTO_TEST_SUITE(user_code_guard)

BOOST_AUTO_TEST_CASE(what_user_code_throws_ends_at_the_guard) {
  auto s = guarded(someone, "handling", "Rpc", [] { throw std::runtime_error("secret"); });
  BOOST_TEST((s.code() == status_code::internal));
  BOOST_TEST(s.message().find("secret") == std::string::npos);
  s = guarded(someone, "handling", "Rpc", [] { throw 42; });
  BOOST_TEST((s.code() == status_code::internal));
}

BOOST_AUTO_TEST_CASE(the_log_has_the_detail_under_the_id_that_the_client_got) {
  auto logged = perdure::test::standard_error_of([] {
    auto s = guarded(someone, "handling", "Rpc", [] { throw std::runtime_error("secret"); });
    std::fprintf(stderr, "%s\n", s.message().c_str());
  });
  auto id = logged.text.substr(logged.text.find('[') + 1, 12);
  BOOST_TEST(logged.text.find("[" + id + "] t/id: handling Rpc threw: secret") !=
             std::string::npos);
  BOOST_TEST(logged.text.find("its log has the detail under " + id) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(each_failure_has_an_id_of_its_own) {
  auto fail = [] { return guarded(someone, "handling", "Rpc", [] { throw 1; }); };
  BOOST_TEST(fail().message() != fail().message());
}

BOOST_AUTO_TEST_CASE(user_code_that_returns_is_ok) {
  bool ran = false;
  BOOST_TEST(guarded(someone, "handling", "Rpc", [&] { ran = true; }).ok());
  BOOST_TEST(ran);
}

BOOST_AUTO_TEST_SUITE_END()
