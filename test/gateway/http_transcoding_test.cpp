#include "gateway/http_transcoding.hpp"

#include <google/protobuf/util/message_differencer.h>

#include <boost/test/unit_test.hpp>

#include "gateway/http_json.hpp"
#include "gateway/http_uri.hpp"
#include "test/gateway/http_models.hpp"

using namespace perdure;
using namespace perdure::gateway;
using perdure::gateway::testing::http_catalog;

namespace {

struct books {
  service_catalog catalog = http_catalog("Books");
  gateway::http_routes routes = *gateway::http_routes::of(catalog);

  result<http_test::Book> read(std::string_view method, std::string_view target,
                               std::string_view body = {}) const {
    auto [path, query] = split_target(target);
    auto found = routes.find(method, path);
    BOOST_REQUIRE_MESSAGE(found.route, method << " " << target);
    auto made = request_of(*found.route, found.segments, query, body);
    if (!made) return made.error();
    return dynamic_cast<http_test::Book&>(**made);
  }

  http_test::Book request(std::string_view method, std::string_view target,
                          std::string_view body = {}) const {
    auto made = read(method, target, body);
    BOOST_REQUIRE_MESSAGE(made.ok(), target << " " << to_string(made.error()));
    return *made;
  }

  std::string refusal(std::string_view method, std::string_view target,
                      std::string_view body = {}) const {
    auto made = read(method, target, body);
    BOOST_REQUIRE_MESSAGE(!made.ok(), target << " " << body << " was taken");
    BOOST_TEST((made.error().code() == status_code::invalid_argument));
    BOOST_TEST_MESSAGE(made.error().message());
    return made.error().message();
  }

  std::string reply(std::string_view method, std::string_view path,
                    const http_test::Book& sent) const {
    auto found = routes.find(method, path);
    BOOST_REQUIRE(found.route);
    return *reply_json(*found.route, sent.SerializeAsString());
  }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_transcoding)

BOOST_FIXTURE_TEST_CASE(path_variables_fill_their_fields, books) {
  auto book = request("GET", "/v1/shelves/2%2F3/books/a%2Fb");
  BOOST_TEST(book.name() == "shelves/2%2F3");
  BOOST_TEST(book.id() == "a/b");
  auto nested = request("POST", "/books/7/Ann%20Lee/1990");
  BOOST_TEST(nested.author().full_name() == "Ann Lee");
  BOOST_TEST(nested.author().born() == 1990);
}

BOOST_FIXTURE_TEST_CASE(query_parameters_fill_fields_by_either_name, books) {
  auto book = request("GET",
                      "/books/7?name=x+y&pages=-3&sold=9007199254740993&stock=4&"
                      "scans=18446744073709551615&price=1.5&weight=2&read=true&cover=AQI=&"
                      "color=COLOR_RED&author.fullName=A&author.born=2&tags=a&tags=b&marks=1&"
                      "marks=2&printed=2024-01-02T03:04:05Z&shelf=0&subtitle=&shop=s");
  http_test::Book expected;
  BOOST_REQUIRE(parse_json(R"({"id":"7","name":"x y","pages":-3,"sold":"9007199254740993",
      "stock":4,"scans":"18446744073709551615","price":1.5,"weight":2,"read":true,
      "cover":"AQI=","color":"COLOR_RED","author":{"fullName":"A","born":2},"tags":["a","b"],
      "marks":[1,2],"printed":"2024-01-02T03:04:05Z","shelf":0,"subtitle":"","shop":"s"})",
                           expected)
                    .ok());
  BOOST_TEST(google::protobuf::util::MessageDifferencer::Equals(book, expected),
             book.ShortDebugString());
  BOOST_TEST(request("GET", "/books/7?author.full_name=B&color=1").author().full_name() == "B");
}

BOOST_FIXTURE_TEST_CASE(a_query_parameter_that_does_not_fit_is_refused_by_name, books) {
  for (auto query : {"pages=x", "pages=1.5", "pages=2147483648", "pages=", "stock=-1", "read=yes",
                     "price=abc", "color=COLOR_BLUE", "cover=%24", "printed=today", "shelf=x"}) {
    auto said = refusal("GET", std::string("/books/7?") + query);
    std::string name = std::string(query).substr(0, std::string(query).find('='));
    BOOST_TEST(has(said, "query parameter \"" + name + "\""), said);
  }
  BOOST_TEST(has(refusal("GET", "/books/7?isbn=1"), "\"isbn\" is no field of http_test.Book"));
  BOOST_TEST(has(refusal("GET", "/books/7?author=1"), "no single value"));
  BOOST_TEST(has(refusal("GET", "/books/7?votes=1"), "no single value"));
  BOOST_TEST(has(refusal("GET", "/books/7?editors.born=1"), "no field"));
  BOOST_TEST(has(refusal("GET", "/books/7?pages=1&pages=2"), "twice"));
  BOOST_TEST(has(refusal("GET", "/books/7?id=8"), "given by the path"));
  BOOST_TEST(has(refusal("GET", "/books/7?shop=a&gift=b"), "only one of gift and shop"));
  BOOST_TEST(has(refusal("GET", "/books/7?name=%ff"), "\"name\" is malformed: it is not UTF-8"));
  BOOST_TEST(has(refusal("PUT", "/books/7?name=x", "{}"), "from the body"));
  BOOST_TEST(has(refusal("PUT", "/books/7/author?author.born=1", "{}"), "given by the body"));
}

BOOST_FIXTURE_TEST_CASE(a_path_variable_that_does_not_fit_is_refused_by_name, books) {
  BOOST_TEST(has(refusal("POST", "/books/7/Ann/x"), "path variable author.born"));
  BOOST_TEST(has(refusal("GET", "/books/%ff"), "path variable id: it is not UTF-8"));
  BOOST_TEST(has(refusal("GET", "/books/%2"), "path variable id: '%'"));
}

BOOST_FIXTURE_TEST_CASE(a_whole_body_fills_what_the_path_does_not, books) {
  auto book = request("PUT", "/books/7", R"({"id":"8","name":"x","author":{"full_name":"A"}})");
  BOOST_TEST(book.id() == "7");
  BOOST_TEST(book.name() == "x");
  BOOST_TEST(book.author().full_name() == "A");
  BOOST_TEST(request("PUT", "/books/7", "").id() == "7");
  BOOST_TEST(request("POST", "/http_test.Books/Get", R"({"id":"9"})").id() == "9");
}

BOOST_FIXTURE_TEST_CASE(a_body_fills_one_field_of_any_type, books) {
  auto book = request("PUT", "/books/7/author?name=x", R"({"fullName":"A"})");
  BOOST_TEST(book.author().full_name() == "A");
  BOOST_TEST(book.name() == "x");
  BOOST_TEST(request("PUT", "/books/7/tags", R"(["a","b"])").tags_size() == 2);
  BOOST_TEST(request("PUT", "/books/7/pages", "12").pages() == 12);
  BOOST_TEST(request("PUT", "/books/7/votes", R"({"a":1})").votes().at("a") == 1);
  BOOST_TEST(request("PUT", "/books/7/editors", R"([{"born":1}])").editors(0).born() == 1);
}

BOOST_FIXTURE_TEST_CASE(a_body_of_one_field_cannot_reach_into_another, books) {
  for (auto body : {R"(1,"name":"x")", R"(1}, {"name":"x")", "1}", ""}) {
    auto made = read("PUT", "/books/7/pages", body);
    BOOST_TEST((!made.ok() || made->name().empty()), body);
  }
  refusal("PUT", "/books/7/pages", R"(1,"name":"x")");
}

BOOST_FIXTURE_TEST_CASE(a_body_that_is_no_such_json_is_refused, books) {
  for (auto body :
       {"{", "[]", "1", "nonsense", R"({"name":"x"} {})", R"({"name":)", R"({"name":"\ud800"})",
        "\xff", "{\"name\":\"\xff\"}", R"({"pages":"x"})", R"({"pages":1.5})",
        R"({"pages":2147483648})", R"({"color":"COLOR_BLUE"})", R"({"shop":"a","gift":"b"})"}) {
    auto said = refusal("PUT", "/books/7", body);
    BOOST_TEST(has(said, "the body is not the JSON of a http_test.Book"), said);
  }
  BOOST_TEST(has(refusal("PUT", "/books/7", R"({"author":{"isbn":1}})"), "isbn"));
  BOOST_TEST(has(refusal("PUT", "/books/7", "{\"name\":\"\xff\"}"), "UTF-8"));
  std::string deep(100'000, '[');
  refusal("PUT", "/books/7/tags", deep);
  refusal("PUT", "/books/7", "{\"author\":" + deep);
}

BOOST_FIXTURE_TEST_CASE(a_route_without_body_takes_none_but_an_empty_object, books) {
  for (auto body : {"", " \n", "{}", " { } "}) {
    BOOST_TEST(request("POST", "/books/7:close", body).id() == "7");
  }
  BOOST_TEST(has(refusal("POST", "/books/7:close", R"({"name":"x"})"), "takes no body"));
  refusal("POST", "/books/7:close", "{} {}");
}

BOOST_FIXTURE_TEST_CASE(a_reply_is_printed_with_its_default_values, books) {
  http_test::Book book;
  book.set_sold(9007199254740993);
  book.set_color(http_test::COLOR_RED);
  book.mutable_author();
  auto json = reply("GET", "/books/7", book);
  BOOST_TEST_MESSAGE(json);
  for (auto part :
       {R"("read":false)", R"("pages":0)", R"("sold":"9007199254740993")", R"("color":"COLOR_RED")",
        R"("tags":[])", R"("author":{"fullName":"","born":0})"}) {
    BOOST_TEST(has(json, part), part);
  }
  for (auto part : {"subtitle", "shop", "printed"}) BOOST_TEST(!has(json, part), part);
  BOOST_TEST(reply("POST", "/books/7:close", {}) == "{}");
}

BOOST_FIXTURE_TEST_CASE(what_is_printed_reads_back_the_same, books) {
  http_test::Book book;
  book.set_id("7");
  book.set_name("quote \" slash \\ \n \u00e9 \U0001F600 \x01");
  book.set_scans(~0ull);
  book.set_price(0.1);
  book.set_cover(std::string("\0\xff", 2));
  (*book.mutable_votes())["x"] = 1;
  book.mutable_printed()->set_seconds(5);
  book.set_gift("");
  auto back = request("PUT", "/books/7", reply("GET", "/books/7", book));
  BOOST_TEST(google::protobuf::util::MessageDifferencer::Equals(book, back),
             back.ShortDebugString());
}

BOOST_FIXTURE_TEST_CASE(a_response_body_is_one_field_of_the_reply, books) {
  http_test::Book book;
  book.mutable_author()->set_full_name("A");
  book.add_tags("x");
  book.set_pages(12);
  (*book.mutable_votes())["x"] = 1;
  book.add_editors()->set_born(3);
  BOOST_TEST(reply("PUT", "/books/7/author", book) == R"({"fullName":"A","born":0})");
  BOOST_TEST(reply("PUT", "/books/7/tags", book) == R"(["x"])");
  BOOST_TEST(reply("PUT", "/books/7/tags", {}) == "[]");
  BOOST_TEST(reply("PUT", "/books/7/pages", book) == "12");
  BOOST_TEST(reply("PUT", "/books/7/pages", {}) == "0");
  BOOST_TEST(reply("PUT", "/books/7/votes", book) == R"({"x":1})");
  BOOST_TEST(has(reply("PUT", "/books/7/editors", book), R"("born":3)"));
}

BOOST_AUTO_TEST_CASE(any_text_is_quoted_as_a_json_string) {
  BOOST_TEST(json_quoted("a\"b\\c\n\x01\u00e9") == "\"a\\\"b\\\\c\\u000a\\u0001\u00e9\"");
  BOOST_TEST(json_quoted("\xff!") == "\"?!\"");
}

BOOST_AUTO_TEST_SUITE_END()
