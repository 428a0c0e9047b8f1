#include "gateway/service_catalog.hpp"

#include <boost/test/unit_test.hpp>

#include "gateway/http_routes.hpp"
#include "perdure/commands.pb.h"
#include "sayings.pb.h"
#include "test/gateway/echo_models.hpp"

using namespace perdure;
using namespace perdure::gateway;
using perdure::gateway::testing::model;

namespace {

status refusal(std::vector<entity_model> models) {
  auto made = service_catalog::of(models);
  BOOST_REQUIRE(!made.ok());
  BOOST_CHECK(made.error().code() == status_code::invalid_argument);
  BOOST_TEST_MESSAGE(made.error().message());
  return made.error();
}

view_model sayings() {
  const auto* file = gateway_test::SayingsRequest::descriptor()->file();
  return {.service = file->FindServiceByName("Sayings"), .create = {}};
}

bool names(const status& refused, const std::string& text) {
  return refused.message().find(text) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(service_catalog)

BOOST_AUTO_TEST_CASE(a_method_is_found_by_its_path) {
  auto catalog = testing::echo_catalog();
  const auto* found = catalog.find("/gateway_test.Echo/Say");
  BOOST_REQUIRE(found);
  BOOST_TEST(found->method->full_name() == "gateway_test.Echo.Say");
  BOOST_TEST(found->target_type == "echo");
  BOOST_TEST(found->request == &gateway_test::EchoRequest::default_instance());
  BOOST_TEST(found->reply == &gateway_test::EchoReply::default_instance());
  BOOST_REQUIRE_EQUAL(found->key_fields.size(), 1u);
  BOOST_TEST(found->key_fields[0]->name() == "id");
}

BOOST_AUTO_TEST_CASE(a_key_of_several_fields_is_found_whole) {
  auto catalog = testing::echo_catalog();
  const auto* found = catalog.find("/gateway_test.Echo/SayPair");
  BOOST_REQUIRE(found);
  BOOST_TEST(found->key_fields.size() == 2u);
}

BOOST_AUTO_TEST_CASE(what_is_not_served_is_not_found) {
  auto catalog = testing::echo_catalog();
  for (auto path : {"", "/", "gateway_test.Echo/Say", "/gateway_test.Echo/say",
                    "/gateway_test.Other/Say", "/gateway_test.Echo/Say/"}) {
    BOOST_TEST(!catalog.find(path));
  }
}

BOOST_AUTO_TEST_CASE(services_and_methods_keep_their_order) {
  std::vector models{model("other", "Other"), model("echo", "Echo")};
  auto catalog = *gateway::service_catalog::of(models);
  BOOST_REQUIRE_EQUAL(catalog.services().size(), 3u);
  BOOST_TEST(catalog.services()[0]->name() == "Other");
  BOOST_REQUIRE_EQUAL(catalog.methods().size(), 4u);
  BOOST_TEST(catalog.methods()[1].method->name() == "Say");
  BOOST_TEST(catalog.methods()[2].method->name() == "SayPair");
}

BOOST_AUTO_TEST_CASE(every_service_tells_what_became_of_commands) {
  auto catalog = testing::echo_catalog();
  BOOST_TEST(catalog.services().back()->full_name() == "perdure.v1.Commands");
  const auto* found = catalog.find("/perdure.v1.Commands/Get");
  BOOST_REQUIRE(found);
  BOOST_TEST(!found->is_of_entity());
  BOOST_TEST(found->request == &v1::GetCommandRequest::default_instance());
  BOOST_TEST(found->reply == &v1::Command::default_instance());
}

BOOST_AUTO_TEST_CASE(the_options_of_a_method_are_read) {
  auto catalog = testing::echo_catalog();
  BOOST_TEST(!catalog.find("/gateway_test.Echo/Say")->durable_mailbox);
  BOOST_TEST(catalog.find("/gateway_test.Letters/Say")->durable_mailbox);
  const auto* generated = catalog.find("/gateway_test.Letters/Open");
  BOOST_REQUIRE(generated);
  BOOST_TEST(generated->key_fields.empty());
  BOOST_TEST(!generated->durable_mailbox);
  BOOST_TEST(generated->is_of_entity());
}

BOOST_AUTO_TEST_CASE(of_a_view_its_queries_are_served) {
  view_model views[] = {sayings()};
  auto catalog = *gateway::service_catalog::of({}, {}, views);
  BOOST_TEST(catalog.services()[0]->full_name() == "gateway_test.Sayings");
  const auto* found = catalog.find("/gateway_test.Sayings/Find");
  BOOST_REQUIRE(found);
  BOOST_TEST(found->is_of_view());
  BOOST_TEST(found->target_type.empty());
  BOOST_TEST(found->request == &gateway_test::SayingsRequest::default_instance());
  BOOST_TEST(found->reply == &gateway_test::EchoReply::default_instance());
  BOOST_REQUIRE(catalog.find("/gateway_test.Sayings/Each"));
  BOOST_TEST(catalog.find("/gateway_test.Sayings/Each")->streams_out());
}

BOOST_AUTO_TEST_CASE(what_brings_the_rows_of_a_view_is_not_served) {
  view_model views[] = {sayings()};
  auto catalog = *gateway::service_catalog::of({}, {}, views);
  BOOST_TEST(!catalog.find("/gateway_test.Sayings/OnSaid"));
}

BOOST_AUTO_TEST_CASE(queries_have_routes) {
  view_model views[] = {sayings()};
  auto catalog = *gateway::service_catalog::of({}, {}, views);
  auto routes = *gateway::http_routes::of(catalog);
  BOOST_REQUIRE(routes.find("GET", "/sayings/hello").route);
  BOOST_REQUIRE(routes.find("GET", "/sayings").route);
  BOOST_TEST(routes.find("GET", "/sayings").route->method->is_of_view());
  BOOST_TEST(!routes.find("POST", "/gateway_test.Sayings/OnSaid").route);
}

BOOST_AUTO_TEST_CASE(a_view_that_is_there_twice_is_refused) {
  view_model views[] = {sayings(), sayings()};
  auto made = gateway::service_catalog::of({}, {}, views);
  BOOST_REQUIRE(!made.ok());
  BOOST_TEST(names(made.error(), "gateway_test.Sayings serves both a view and a view"));
}

BOOST_AUTO_TEST_CASE(a_method_with_generated_ids_and_a_key_field_is_refused_naming_the_field) {
  auto refused = refusal({model("generated", "GeneratedWithKey")});
  BOOST_TEST(names(refused, "gateway_test.GeneratedWithKey.Open"));
  BOOST_TEST(names(refused, "gateway_test.EchoRequest"));
  BOOST_TEST(names(refused, "key field id"));
}

BOOST_AUTO_TEST_CASE(an_id_generator_without_algorithm_is_refused) {
  auto refused = refusal({model("generated", "GeneratedAnyhow")});
  BOOST_TEST(names(refused, "gateway_test.GeneratedAnyhow.Open"));
  BOOST_TEST(names(refused, "VERSION_4_UUID"));
}

BOOST_AUTO_TEST_CASE(an_entity_type_that_is_there_twice_is_refused_naming_both) {
  auto refused = refusal({model("echo", "Echo"), model("echo", "Other")});
  BOOST_TEST(names(refused, "\"echo\""));
  BOOST_TEST(names(refused, "gateway_test.Echo "));
  BOOST_TEST(names(refused, "gateway_test.Other:"));
}

BOOST_AUTO_TEST_CASE(a_service_that_is_there_twice_is_refused_naming_both_components) {
  auto second = model("other", "Echo");
  second.component = "gateway_test.components.Second";
  auto refused = refusal({model("echo", "Echo"), second});
  BOOST_TEST(names(refused, "gateway_test.Echo "));
  BOOST_TEST(names(refused, "components.Echo"));
  BOOST_TEST(names(refused, "components.Second"));
}

BOOST_AUTO_TEST_CASE(a_method_without_key_field_is_refused_naming_its_request) {
  auto refused = refusal({model("keyless", "WithoutKey")});
  BOOST_TEST(names(refused, "gateway_test.WithoutKey.Say"));
  BOOST_TEST(names(refused, "gateway_test.Keyless"));
  BOOST_TEST(names(refused, "entity_key"));
}

BOOST_AUTO_TEST_CASE(a_method_that_streams_is_refused) {
  BOOST_TEST(names(refusal({model("streaming", "Streaming")}), "gateway_test.Streaming.Say"));
}

BOOST_AUTO_TEST_SUITE_END()
