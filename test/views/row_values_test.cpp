#include "views/row_values.hpp"

#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "gallery.pb.h"

using namespace perdure;
using namespace perdure::views;
using google::protobuf::Message;
using google::protobuf::TextFormat;

namespace {

gallery::Painting painting(const std::string& text) {
  gallery::Painting made;
  BOOST_REQUIRE(TextFormat::ParseFromString(text, &made));
  return made;
}

sql_value column_of(const gallery::Painting& row, const std::string& name) {
  static const auto schema = schema_of("paintings", *gallery::Painting::descriptor());
  auto* column = schema.find(name);
  BOOST_REQUIRE(column);
  return value_of(row, *column);
}

std::string text_in(const gallery::Painting& row, const std::string& name) {
  auto value = column_of(row, name);
  BOOST_REQUIRE(std::holds_alternative<std::string>(value));
  return std::get<std::string>(value);
}

const google::protobuf::FieldDescriptor& field(const std::string& name) {
  return *gallery::Painting::descriptor()->FindFieldByName(name);
}

// The row that this one field makes, as text; or what is wrong.
std::string set(const std::string& name, const sql_value& value) {
  gallery::Painting row;
  auto was_set = set_value(row, field(name), value);
  if (!was_set.ok()) {
    BOOST_TEST((was_set.code() == status_code::invalid_argument));
    return was_set.message();
  }
  return row.ShortDebugString();
}

const auto full = R"(
  title: "Nude \"1\"" year: -7 price: 9007199254740993 serial: 18446744073709551615 height: 1.5
  weight: 0.1 is_sold: true style: FAUVISM thumbnail: "\000\377" painted { seconds: 5 nanos: 7 }
  drying { seconds: 3 nanos: 500000000 } rank { value: 4 } nickname { value: "n" } copies: 0
  home { city: "Riga" country: "LV" } tags: "a" tags: "b\n\"" scores: 1 scores: -2
  votes { key: "x" value: 1 } votes { key: "a" value: 2 } exhibits { hall: "h" day: 3 }
  copy_of { title: "first" painted { seconds: 1 } drying { nanos: 250000000 } style: CUBISM
            serial: 18446744073709549568 weight: inf thumbnail: "\001" rank { value: 2 } }
  notes { fields { key: "k" value { list_value { values { number_value: 1.5 }
            values { null_value: 0 } values { bool_value: true } values { string_value: "s" }
            values { struct_value {} } } } } }
  museum: "m" painter_id: "p")";

}  // namespace

BOOST_AUTO_TEST_SUITE(row_values)

BOOST_AUTO_TEST_CASE(a_column_has_the_value_of_its_field) {
  auto row = painting(full);
  BOOST_TEST((column_of(row, "title") == sql_value("Nude \"1\"")));
  BOOST_TEST((column_of(row, "year") == sql_value(std::int64_t{-7})));
  BOOST_TEST((column_of(row, "price") == sql_value(std::int64_t{9007199254740993})));
  BOOST_TEST((column_of(row, "height") == sql_value(1.5)));
  BOOST_TEST((column_of(row, "weight") == sql_value(double{0.1f})));
  BOOST_TEST((column_of(row, "is_sold") == sql_value(std::int64_t{1})));
  BOOST_TEST((column_of(row, "style") == sql_value("FAUVISM")));
  BOOST_TEST((column_of(row, "thumbnail") == sql_value(sql_blob{std::string("\0\xff", 2)})));
  BOOST_TEST((column_of(row, "painted") == sql_value("1970-01-01T00:00:05.000000007Z")));
  BOOST_TEST((column_of(row, "drying") == sql_value(3.5)));
  BOOST_TEST((column_of(row, "rank") == sql_value(std::int64_t{4})));
  BOOST_TEST((column_of(row, "nickname") == sql_value("n")));
  BOOST_TEST((column_of(row, "copies") == sql_value(std::int64_t{0})));
  BOOST_TEST((column_of(row, "home.city") == sql_value("Riga")));
  BOOST_TEST((column_of(row, "owner") == sql_value()));
  BOOST_TEST((column_of(row, "museum") == sql_value("m")));
}

BOOST_AUTO_TEST_CASE(json_has_names_of_the_proto_and_numbers_that_compare) {
  auto row = painting(full);
  BOOST_TEST(text_in(row, "tags") == R"(["a","b\u000a\""])");
  BOOST_TEST(text_in(row, "scores") == "[1,-2]");
  BOOST_TEST(text_in(row, "votes") == R"({"a":2,"x":1})");
  BOOST_TEST(text_in(row, "exhibits") == R"([{"hall":"h","day":3}])");
  BOOST_TEST(text_in(row, "notes") == R"({"k":[1.5,null,true,"s",{}]})");
  BOOST_TEST(
      text_in(row, "copy_of") ==
      R"({"title":"first","year":0,"price":0,"serial":18446744073709549568.0,"height":0.0,)"
      R"("weight":9e999,"is_sold":false,"style":"CUBISM","thumbnail":"AQ==",)"
      R"("painted":"1970-01-01T00:00:01.000000000Z","drying":0.25,"rank":2,"tags":[],"scores":[],)"
      R"("votes":{},"exhibits":[],"painter_id":""})");
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_null_and_what_is_empty_is_not) {
  gallery::Painting empty;
  for (auto* name : {"painted", "drying", "rank", "nickname", "copies", "home.city", "home.country",
                     "copy_of", "notes", "museum"}) {
    BOOST_TEST((column_of(empty, name) == sql_value()), name);
  }
  BOOST_TEST((column_of(empty, "title") == sql_value("")));
  BOOST_TEST((column_of(empty, "style") == sql_value("STYLE_UNSPECIFIED")));
  BOOST_TEST((column_of(empty, "tags") == sql_value("[]")));
  BOOST_TEST((column_of(empty, "votes") == sql_value("{}")));
  auto homeless = painting("home {} museum: ''");
  BOOST_TEST((column_of(homeless, "home.city") == sql_value("")));
  BOOST_TEST((column_of(homeless, "home.country") == sql_value()));
  BOOST_TEST((column_of(homeless, "museum") == sql_value("")));
}

BOOST_AUTO_TEST_CASE(numbers_that_sql_has_not_keep_their_order_or_are_null) {
  auto big = painting("serial: 18446744073709551615 height: nan weight: -inf style: 77");
  BOOST_TEST((column_of(big, "serial") == sql_value(18446744073709551615.0)));
  BOOST_TEST((column_of(big, "height") == sql_value()));
  BOOST_TEST((column_of(big, "weight") == sql_value(-HUGE_VAL)));
  BOOST_TEST((column_of(big, "style") == sql_value("77")));
}

BOOST_AUTO_TEST_CASE(times_sort_as_text_even_where_no_time_should_be) {
  auto at = [](std::int64_t seconds, int nanos) {
    gallery::Painting row;
    row.mutable_painted()->set_seconds(seconds);
    row.mutable_painted()->set_nanos(nanos);
    return text_in(row, "painted");
  };
  BOOST_TEST(at(951'782'400, 0) == "2000-02-29T00:00:00.000000000Z");
  BOOST_TEST(at(-62'135'596'800, 0) == "0001-01-01T00:00:00.000000000Z");
  BOOST_TEST(at(253'402'300'799, 999'999'999) == "9999-12-31T23:59:59.999999999Z");
  BOOST_TEST(at(std::numeric_limits<std::int64_t>::min(), 5) == "0001-01-01T00:00:00.000000000Z");
  BOOST_TEST(at(std::numeric_limits<std::int64_t>::max(), 5) == "9999-12-31T23:59:59.999999999Z");
  BOOST_TEST(at(0, -1) == "1970-01-01T00:00:00.000000000Z");
  BOOST_TEST(at(0, 2'000'000'000) == "1970-01-01T00:00:00.999999999Z");
}

BOOST_AUTO_TEST_CASE(a_field_takes_back_what_its_column_has) {
  auto row = painting(full);
  row.clear_serial();  // past 2^63 the last digits are gone
  gallery::Painting back;
  auto* type = gallery::Painting::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    auto value = value_at(row, {type->field(i)});
    auto was_set = set_value(back, *type->field(i), value);
    BOOST_TEST(was_set.ok(), type->field(i)->name() << ": " << was_set.message());
  }
  BOOST_TEST(google::protobuf::util::MessageDifferencer::Equals(row, back), back.DebugString());
}

BOOST_AUTO_TEST_CASE(a_value_that_does_not_fit_is_no_value) {
  std::int64_t past = 2'147'483'648;
  BOOST_TEST(set("year", "7") ==
             "\"year\" takes an integer from -2147483648 to 2147483647, not the text '7'");
  BOOST_TEST(set("year", past).find("not the integer 2147483648") != std::string::npos);
  BOOST_TEST(set("year", 1.5).find("not the real 1.5") != std::string::npos);
  BOOST_TEST(set("price", 9223372036854775808.0).find("not the real") != std::string::npos);
  BOOST_TEST(set("price", std::nan("")).find("not the real") != std::string::npos);
  BOOST_TEST(set("serial", std::int64_t{-1}).find("not the integer -1") != std::string::npos);
  BOOST_TEST(set("serial", 18446744073709551616.0).find("not the real") != std::string::npos);
  BOOST_TEST(set("weight", 1e300) ==
             "\"weight\" takes a number that a float has, not the real " + std::to_string(1e300));
  BOOST_TEST(set("height", "1.5") == "\"height\" takes a number, not the text '1.5'");
  BOOST_TEST(set("is_sold", std::int64_t{2}) == "\"is_sold\" takes 0 or 1, not the integer 2");
  BOOST_TEST(set("style", "CUBIST") ==
             "\"style\" takes a name of enum gallery.Style, not the text 'CUBIST'");
  BOOST_TEST(set("title", std::int64_t{1}) == "\"title\" takes text in UTF-8, not the integer 1");
  BOOST_TEST(set("title", "\xff") == "\"title\" takes text in UTF-8, not the text '?'");
  BOOST_TEST(set("title", sql_blob{"a"}) == "\"title\" takes text in UTF-8, not a blob");
  BOOST_TEST(set("painted", "yesterday").find("a time as") != std::string::npos);
  BOOST_TEST(set("painted", std::int64_t{5}).find("a time as") != std::string::npos);
  BOOST_TEST(set("drying", 1e12).find("a number of seconds") != std::string::npos);
  BOOST_TEST(set("tags", std::int64_t{5}).find("a JSON array") != std::string::npos);
  BOOST_TEST(set("home", std::int64_t{5}) == "\"home\" takes JSON as text, not the integer 5");
}

BOOST_AUTO_TEST_CASE(a_value_that_means_the_same_fits) {
  BOOST_TEST(set("year", 7.0) == "year: 7");
  BOOST_TEST(set("price", -9223372036854775808.0) == "price: -9223372036854775808");
  BOOST_TEST(set("serial", 18446744073709549568.0) == "serial: 18446744073709549568");
  BOOST_TEST(set("height", std::int64_t{2}) == "height: 2");
  BOOST_TEST(set("style", std::int64_t{1}) == "style: CUBISM");
  BOOST_TEST(set("style", "77") == "style: 77");
  BOOST_TEST(set("thumbnail", "abc") == "thumbnail: \"abc\"");
  BOOST_TEST(set("painted", "2000-02-29T01:00:00+01:00") == "painted { seconds: 951782400 }");
  BOOST_TEST(set("drying", std::int64_t{-2}) == "drying { seconds: -2 }");
  BOOST_TEST(set("drying", -0.5) == "drying { nanos: -500000000 }");
  BOOST_TEST(set("rank", std::int64_t{3}) == "rank { value: 3 }");
  BOOST_TEST(set("title", std::monostate{}).empty());
}

BOOST_AUTO_TEST_CASE(an_element_is_added_to_a_repeated_field) {
  gallery::Painting row;
  BOOST_TEST(add_value(row, field("scores"), std::int64_t{1}).ok());
  BOOST_TEST(add_value(row, field("scores"), std::monostate{}).ok());
  BOOST_TEST(add_value(row, field("scores"), std::int64_t{2}).ok());
  BOOST_TEST(add_value(row, field("exhibits"), "{\"day\":3}").ok());
  BOOST_TEST(!add_value(row, field("scores"), "x").ok());
  BOOST_TEST(row.ShortDebugString() == "scores: 1 scores: 2 exhibits { day: 3 }");
}

BOOST_AUTO_TEST_CASE(json_is_read_as_users_write_it) {
  BOOST_TEST(set("tags", R"( [ "\u00e9\ud83d\ude00\t" , "" ] )") ==
             R"(tags: "\303\251\360\237\230\200\t" tags: "")");
  BOOST_TEST(set("home", R"({"city": "Riga", "country": null})") == R"(home { city: "Riga" })");
  BOOST_TEST(set("copy_of", R"({"isSold": 1, "height": 2, "votes": null, "rank": 5})") ==
             "copy_of { height: 2 is_sold: true rank { value: 5 } }");
  BOOST_TEST(set("votes", R"({"a": 1e2})") == R"(votes { key: "a" value: 100 })");
}

BOOST_AUTO_TEST_CASE(what_is_no_json_of_the_field_is_refused_with_its_place) {
  BOOST_TEST(set("scores", "[1,\"x\"]").find("JSON at byte 4: \"scores\" takes an integer") == 0);
  BOOST_TEST(set("home", R"({"town":1})") ==
             "JSON at byte 9: \"gallery.Place\" has no field \"town\"");
  BOOST_TEST(set("home", "[]") == "JSON at byte 1: expected '{'");
  for (auto* broken :
       {"", "[", "[1", "[1,", "[1,]", "[1]]", "[1 2]", "{", "[tru]", "[--1]", "[1"}) {
    BOOST_TEST(set("scores", broken).find("JSON at byte") == 0, broken);
  }
  for (auto* broken :
       {R"(["\x"])", R"(["\u12"])", R"(["\ud800"])", R"(["\ud800\u0041"])", "[\"a"}) {
    BOOST_TEST(set("tags", broken).find("JSON at byte") == 0, broken);
  }
  BOOST_TEST(set("notes", "{\"k\":" + std::string(100'000, '[')).find("100 levels") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(packed_values_come_back_and_nothing_else_does) {
  std::vector<sql_value> values{
      std::monostate{}, std::int64_t{-1}, 1.5, "text", sql_blob{std::string("\0b", 2)}, ""};
  auto packed = pack(values);
  auto back = unpack(packed);
  BOOST_REQUIRE(back.ok());
  BOOST_TEST((*back == values));
  BOOST_TEST((*unpack(packed + packed)).size() == 12);
  for (std::size_t size = 1; size < packed.size(); ++size) {
    auto cut = unpack(packed.substr(0, size));
    BOOST_TEST((!cut.ok() || cut->size() < values.size()));
  }
  BOOST_TEST(!unpack("x").ok());
  BOOST_TEST(!unpack("t\xff\xff\xff\xff\xff\xff\xff\xff").ok());
}

BOOST_AUTO_TEST_SUITE_END()
