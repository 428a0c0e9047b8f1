// What content types say, as careful and careless writers spell them.

#include "base/media_type.hpp"

#include <boost/test/unit_test.hpp>

using perdure::media_type_of;

BOOST_AUTO_TEST_SUITE(media_type)

BOOST_AUTO_TEST_CASE(capitals_blanks_and_parameters_do_not_matter) {
  for (const auto* written :
       {"application/json", "Application/JSON", " application/json\t", "application/json;",
        "application/json ; charset=utf-8", "application/json;charset=utf-8;v=2"}) {
    BOOST_TEST(media_type_of(written).essence == "application/json", written);
  }
}

BOOST_AUTO_TEST_CASE(the_charset_is_found_among_the_parameters) {
  for (const auto* written :
       {"text/plain; charset=utf-8", "text/plain;CharSet=UTF-8", "text/plain; v=1 ; charset=utf-8 ",
        "text/plain; charset=\"UTF-8\"", R"(text/plain; v="a\"; charset=x"; charset=utf-8)",
        "text/plain; charset=utf-8; charset=latin1"}) {
    BOOST_TEST(media_type_of(written).charset == "utf-8", written);
  }
  for (const auto* written : {"text/plain", "text/plain; charset", "text/plain; charset=",
                              "text/plain; xcharset=utf-8", "charset=utf-8"}) {
    BOOST_TEST(media_type_of(written).charset == "", written);
  }
}

BOOST_AUTO_TEST_CASE(the_suffix_is_what_stands_behind_the_last_plus) {
  BOOST_TEST(media_type_of("application/cloudevents+json; a=b+c").suffix() == "json");
  BOOST_TEST(media_type_of("application/a+b+Proto").suffix() == "proto");
  BOOST_TEST(media_type_of("application/json").suffix() == "");
  BOOST_TEST(media_type_of("application/x+").suffix() == "");
}

BOOST_AUTO_TEST_CASE(json_protobuf_and_text_are_told_apart) {
  auto kind = [](const char* written) {
    auto type = media_type_of(written);
    return std::string(type.is_json() ? "j" : "") + (type.is_protobuf() ? "p" : "") +
           (type.is_text() ? "t" : "");
  };
  for (const auto* json : {"application/json; charset=utf-8", "application/vnd.shop.cart+JSON"}) {
    BOOST_TEST(kind(json) == "j", json);
  }
  for (const auto* protobuf :
       {"application/protobuf", "Application/X-Protobuf", "application/vnd.google.protobuf",
        "application/vnd.shop.cart+proto"}) {
    BOOST_TEST(kind(protobuf) == "p", protobuf);
  }
  BOOST_TEST(kind("Text/Plain; charset=utf-8") == "t");
  BOOST_TEST(kind("text/json") == "jt");
  for (const auto* other : {"", ";", "application/json5", "application/json x", "image/png", "json",
                            "text", "application/octet-stream; x=application/json"}) {
    BOOST_TEST(kind(other) == "", other);
  }
}

BOOST_AUTO_TEST_SUITE_END()
