#include "gateway/http_template.hpp"

#include <boost/test/unit_test.hpp>

#include "gateway/http_uri.hpp"

using namespace perdure;
using namespace perdure::gateway;
using kind = http_template::segment_kind;

namespace {

http_template parsed(const std::string& text) {
  auto made = parse_http_template(text);
  BOOST_REQUIRE_MESSAGE(made.ok(), text << ": " << to_string(made.error()));
  return *made;
}

std::string refusal(const std::string& text) {
  auto made = parse_http_template(text);
  BOOST_REQUIRE_MESSAGE(!made.ok(), text << " was taken");
  BOOST_TEST((made.error().code() == status_code::invalid_argument));
  return made.error().message();
}

std::string value(const std::string& text, std::string_view path, std::size_t variable = 0) {
  auto made = parsed(text);
  return *made.value_of(made.variables.at(variable), path_segments(path));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_template)

BOOST_AUTO_TEST_CASE(a_template_has_literals_wildcards_variables_and_a_verb) {
  auto made = parsed("/v1/{name=shelves/*}/books/{book.id}/**:archive");
  BOOST_REQUIRE_EQUAL(made.segments.size(), 6u);
  BOOST_TEST((made.segments[0].kind == kind::literal));
  BOOST_TEST(made.segments[1].text == "shelves");
  BOOST_TEST((made.segments[2].kind == kind::any));
  BOOST_TEST((made.segments[4].kind == kind::any));
  BOOST_TEST((made.segments[5].kind == kind::rest));
  BOOST_TEST(made.verb == "archive");
  BOOST_REQUIRE_EQUAL(made.variables.size(), 2u);
  BOOST_TEST(made.variables[0].field_path == "name");
  BOOST_TEST(made.variables[0].first == 1u);
  BOOST_TEST(made.variables[0].count == 2u);
  BOOST_TEST(made.variables[1].field_path == "book.id");
}

BOOST_AUTO_TEST_CASE(a_slash_alone_is_the_root) { BOOST_TEST(parsed("/").segments.size() == 1u); }

BOOST_AUTO_TEST_CASE(what_is_not_by_the_grammar_is_refused_with_its_place) {
  BOOST_TEST(refusal("books").find("character 1") != std::string::npos);
  BOOST_TEST(refusal("/books/{id").find("expected '}'") != std::string::npos);
  BOOST_TEST(refusal("/a/**/b").find("last segment") != std::string::npos);
  BOOST_TEST(refusal("/{a={b}}").find("inside a variable") != std::string::npos);
  for (auto text : {"", "//", "/a/", "/a//b", "/{}", "/{1a}", "/{a.}", "/{a=}", "/a:", "/a:b/c",
                    "/a}", "/*a", "/a*", "/***", "/%zz", "/{a}b", "/{name=**}/x"}) {
    refusal(text);
  }
}

BOOST_AUTO_TEST_CASE(a_variable_of_one_segment_is_decoded_whole) {
  BOOST_TEST(value("/books/{id}", "/books/a%2Fb%7Cc%3a%C3%A9+") == "a/b|c:\u00e9+");
  BOOST_TEST(value("/books/{id=*}", "/books/%2f") == "/");
  BOOST_TEST(value("/books/{id}", "/books/") == "");
}

BOOST_AUTO_TEST_CASE(a_variable_of_several_segments_keeps_an_encoded_slash) {
  BOOST_TEST(value("/v1/{name=shelves/*}/x", "/v1/shelves/a%2Fb%20c/x") == "shelves/a%2Fb c");
  BOOST_TEST(value("/files/{name=**}", "/files/a%2fb/c%25") == "a%2fb/c%");
  BOOST_TEST(value("/files/{name=**}", "/files") == "");
}

BOOST_AUTO_TEST_CASE(a_verb_is_no_part_of_the_value) {
  BOOST_TEST(value("/books/{id}:close", "/books/a:b:close") == "a:b");
  BOOST_TEST(value("/files/{name=**}:close", "/files/a/b:close") == "a/b");
}

BOOST_AUTO_TEST_CASE(wrong_encoding_and_invalid_utf8_are_refused) {
  auto made = parsed("/books/{id}");
  for (auto path : {"/books/%", "/books/%2", "/books/%zz", "/books/%ff", "/books/%C3"}) {
    BOOST_TEST(!made.value_of(made.variables[0], path_segments(path)).ok(), path);
  }
}

BOOST_AUTO_TEST_CASE(a_target_is_split_into_path_and_query) {
  BOOST_TEST(split_target("/a?b=c?d").path == "/a");
  BOOST_TEST(split_target("/a?b=c?d").query == "b=c?d");
  BOOST_TEST(split_target("http://host:80/a?b").path == "/a");
  BOOST_TEST(split_target("http://host").path == "/");
  BOOST_TEST(split_target("http://host?x").path == "/");
  BOOST_TEST(split_target("/a?u=http://x").path == "/a");
}

BOOST_AUTO_TEST_CASE(query_parameters_are_decoded_in_their_order) {
  auto found = *query_parameters("a=1&b=x%26y+z&&c&a=%3D=");
  BOOST_REQUIRE_EQUAL(found.size(), 4u);
  BOOST_TEST(found[1].second == "x&y z");
  BOOST_TEST(found[2].first == "c");
  BOOST_TEST(found[2].second == "");
  BOOST_TEST(found[3].second == "==");
  BOOST_TEST(query_parameters("ok=1&bad=%f").error().message().find("\"bad\"") !=
             std::string::npos);
  BOOST_TEST(!query_parameters("a=%ff").ok());
  BOOST_TEST(!query_parameters("%ff=a").ok());
}

BOOST_AUTO_TEST_SUITE_END()
