#include "gateway/http_routes.hpp"

#include <boost/test/unit_test.hpp>

#include "test/gateway/http_models.hpp"

using namespace perdure;
using namespace perdure::gateway;
using perdure::gateway::testing::http_catalog;

namespace {

// What is said of a service whose rules cannot be served.
std::string refusal(const std::string& service) {
  auto catalog = http_catalog(service);
  auto made = gateway::http_routes::of(catalog);
  BOOST_REQUIRE_MESSAGE(!made.ok(), service << " was taken");
  BOOST_TEST((made.error().code() == status_code::invalid_argument));
  BOOST_TEST_MESSAGE(made.error().message());
  return made.error().message();
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct books {
  service_catalog catalog = http_catalog("Books");
  gateway::http_routes routes = *gateway::http_routes::of(catalog);

  // "Get /books/{id}", or what is allowed instead.
  std::string find(std::string_view method, std::string_view path) const {
    auto found = routes.find(method, path);
    if (!found.route) return "only " + found.allowed;
    return found.route->method->method->name() + " " + found.route->pattern;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(http_routes)

BOOST_FIXTURE_TEST_CASE(a_request_finds_its_method_by_rule_and_by_name, books) {
  BOOST_TEST(find("GET", "/books/7") == "Get /books/{id}");
  BOOST_TEST(find("PUT", "/books/7") == "Put /books/{id}");
  BOOST_TEST(find("POST", "/http_test.Books/Get") == "Get /http_test.Books/Get");
  BOOST_TEST(find("GET", "/v1/shelves/2/books/7") == "Get /v1/{name=shelves/*}/books/{id}");
  BOOST_TEST(find("GET", "/files/7/a/b/c") == "Get /files/{id}/{name=**}");
  BOOST_TEST(find("GET", "/files/7") == "Get /files/{id}/{name=**}");
}

BOOST_FIXTURE_TEST_CASE(head_finds_what_get_finds, books) {
  BOOST_TEST(find("HEAD", "/books/7") == "Get /books/{id}");
  BOOST_TEST(find("HEAD", "/books/7/author") == "only OPTIONS, PUT");
}

BOOST_FIXTURE_TEST_CASE(a_custom_kind_star_takes_any_method, books) {
  BOOST_TEST(find("GET", "/any/7") == "Close /any/{id}");
  BOOST_TEST(find("PURGE", "/any/7") == "Close /any/{id}");
}

BOOST_FIXTURE_TEST_CASE(an_encoded_literal_is_the_same_literal, books) {
  BOOST_TEST(find("GET", "/b%6Foks/7") == "Get /books/{id}");
  BOOST_TEST(find("GET", "/b%oks/7") == "only ");
}

BOOST_FIXTURE_TEST_CASE(a_verb_is_told_from_a_colon_in_an_id, books) {
  BOOST_TEST(find("POST", "/books/7:close") == "Close /books/{id}:close");
  BOOST_TEST(find("POST", "/books/7:8:close") == "Close /books/{id}:close");
  BOOST_TEST(find("GET", "/books/7:8") == "Get /books/{id}");
  BOOST_TEST(find("GET", "/books/7:close") == "Get /books/{id}");
  BOOST_TEST(find("POST", "/books/7%3Aclose") == "only DELETE, GET, HEAD, OPTIONS, PUT");
}

BOOST_FIXTURE_TEST_CASE(a_literal_beats_a_variable_and_backs_off_when_it_leads_nowhere, books) {
  BOOST_TEST(find("POST", "/books/latest/first/3") == "Close /books/latest/first/{author.born}");
  BOOST_TEST(find("POST", "/books/latest/other/3") ==
             "Close /books/{id}/{author.full_name}/{author.born}");
}

BOOST_FIXTURE_TEST_CASE(what_is_not_served_tells_which_methods_are, books) {
  BOOST_TEST(find("GET", "/nothing") == "only ");
  BOOST_TEST(find("GET", "") == "only ");
  BOOST_TEST(find("GET", "*") == "only ");
  BOOST_TEST(find("GET", "/books") == "only ");
  BOOST_TEST(find("GET", "/books/7/") == "only ");
  BOOST_TEST(find("POST", "/books/7") == "only DELETE, GET, HEAD, OPTIONS, PUT");
  BOOST_TEST(find("GET", "/http_test.Books/Get") == "only OPTIONS, POST");
}

BOOST_AUTO_TEST_CASE(each_wrong_rule_is_refused_naming_method_rule_and_remedy) {
  struct wrong {
    const char* service;
    const char* rule;
    const char* says;
  };
  for (auto [service, rule, says] : {
           wrong{"NoSlash", "GET \"books/{id}\"", "write \"/books/{id}\""},
           wrong{"Unparsable", "GET \"/books/{id\"", "expected '}'"},
           wrong{"RepeatedVariable", "GET \"/books/{id}/{tags}\"", "{tags} is a repeated field"},
           wrong{"MapVariable", "GET \"/books/{id}/{votes}\"", "{votes} is a map"},
           wrong{"MessageVariable", "GET", "{author} is the message http_test.Author"},
           wrong{"UnknownVariable", "GET \"/books/{isbn}\"", "{isbn} names no field"},
           wrong{"ThroughRepeated", "GET", "{editors.born} names no field"},
           wrong{"DuplicateVariable", "GET \"/books/{id}/{id}\"", "{id} is there twice"},
           wrong{"UnknownBody", "PUT \"/books/{id}\"", "body \"isbn\" names no field"},
           wrong{"BodyInPath", "PUT \"/books/{id}\"", "both in the path and the body"},
           wrong{"BodyOfGet", "GET \"/books/{id}\"", "a GET request has no body"},
           wrong{"BodyOfDelete", "DELETE \"/books/{id}\"", "a DELETE request has no body"},
           wrong{"UnknownResponseBody", "GET", "response_body \"isbn\" names no field"},
           wrong{"Nested", "GET \"/b/{id}\"", "inside additional_bindings"},
           wrong{"CustomKind", "HEAD \"/books/{id}\"", "custom kind \"HEAD\" is not served"},
           wrong{"NoPattern", "http rule:", "it has no pattern"},
       }) {
    auto said = refusal(service);
    BOOST_TEST(has(said, std::string("http_test.") + service + ".Go"), said);
    BOOST_TEST(has(said, rule), said);
    BOOST_TEST(has(said, says), said);
  }
}

BOOST_AUTO_TEST_CASE(two_rules_for_the_same_requests_are_refused_naming_both) {
  auto said = refusal("Ambiguous");
  BOOST_TEST(has(said, "http_test.Ambiguous.First (GET \"/books/{id}\")"), said);
  BOOST_TEST(has(said, "http_test.Ambiguous.Second (GET \"/books/{name}\")"), said);
  BOOST_TEST(has(refusal("TakesAnothersName"), "http_test.TakesAnothersName.Second"));
}

BOOST_AUTO_TEST_CASE(a_rule_for_what_every_service_serves_is_refused_naming_both) {
  for (std::string service : {"TakesCommands", "TakesCommandsOfAnyMethod"}) {
    auto said = refusal(service);
    BOOST_TEST(has(said, "http_test." + service + ".Go"), said);
    BOOST_TEST(has(said, "perdure.v1.Commands.Get (GET \"/commands/{id}\")"), said);
    BOOST_TEST(has(said, "of your rule"), said);
  }
}

BOOST_AUTO_TEST_CASE(a_rule_beside_what_every_service_serves_is_taken) {
  auto catalog = http_catalog("BesideCommands");
  auto routes = gateway::http_routes::of(catalog);
  BOOST_REQUIRE_MESSAGE(routes.ok(), routes.error().message());
  auto name_of = [&](std::string_view method, std::string_view path) {
    auto found = routes->find(method, path);
    return found.route ? found.route->method->method->full_name() : found.allowed;
  };
  BOOST_TEST(name_of("GET", "/commands/7") == "perdure.v1.Commands.Get");
  BOOST_TEST(name_of("POST", "/commands/7") == "http_test.BesideCommands.Go");
  BOOST_TEST(name_of("GET", "/commands/7/more") == "http_test.BesideCommands.Go");
  BOOST_TEST(name_of("GET", "/commands") == "http_test.BesideCommands.Go");
  BOOST_TEST(name_of("GET", "/other/7") == "http_test.BesideCommands.Go");
}

BOOST_AUTO_TEST_CASE(a_rule_may_spell_out_what_is_served_anyway) {
  auto catalog = http_catalog("SaysItsOwnName");
  BOOST_TEST(gateway::http_routes::of(catalog).ok());
}

BOOST_AUTO_TEST_SUITE_END()
