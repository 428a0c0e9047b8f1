#include "gateway/http_json.hpp"

#include <google/protobuf/util/json_util.h>
#include <malloc.h>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <vector>

#include "base/utf8.hpp"
#include "gateway/http_json_shape.hpp"
#include "test/gateway/json_messages.hpp"

using namespace perdure;
using namespace perdure::gateway;
using json_test::Everything;
using testing::bytes_of;
using testing::parsed;

namespace {

std::size_t own_memory(std::string_view name) {
  std::ifstream file("/proc/self/status");
  std::string word;
  while (file >> word && word != name) {
  }
  std::size_t kib = 0;
  file >> kib;
  return kib * 1024;
}

// The kernel counts the peak anew.
bool reset_peak() {
  std::ofstream file("/proc/self/clear_refs");
  return static_cast<bool>(file << 5 << std::flush);
}

// How much more was in memory at once while `run` ran, in bytes.
template <class Run>
std::size_t peak_of(Run run) {
  malloc_trim(0);
  BOOST_REQUIRE(reset_peak());
  auto before = own_memory("VmRSS:");
  run();
  return own_memory("VmHWM:") - before;
}

// There in a build with that sanitizer.
extern "C" void __asan_init() __attribute__((weak));
extern "C" void __tsan_init() __attribute__((weak));

boost::test_tools::assertion_result can_see_peaks(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result no(false);
  if (__asan_init || __tsan_init) {
    no.message() << "the sanitizers keep memory of their own";
  } else if (!reset_peak()) {
    no.message() << "/proc/self/clear_refs cannot be written";
  } else {
    return true;
  }
  return no;
}

std::string refusal(std::string_view json) {
  Everything message;
  auto done = parse_json(json, message);
  BOOST_REQUIRE_MESSAGE(!done.ok(), json << " was taken: " << message.ShortDebugString());
  BOOST_TEST((done.code() == status_code::invalid_argument));
  return done.message();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_json)

BOOST_AUTO_TEST_CASE(an_empty_message_is_written_with_its_default_values) {
  Everything message;
  auto json = *to_json(message);
  BOOST_TEST(json ==
             R"({"anInt32":0,"anInt64":"0","aUint32":0,"aUint64":"0","aSint32":0,"aSint64":"0",)"
             R"("aFixed32":0,"aFixed64":"0","aSfixed32":0,"aSfixed64":"0","aDouble":0,"aFloat":0,)"
             R"("aBool":false,"aString":"","someBytes":"","aColor":"COLOR_UNSPECIFIED",)"
             R"("int32s":[],"int64s":[],"uint32s":[],"uint64s":[],"doubles":[],"floats":[],)"
             R"("bools":[],"strings":[],"byteses":[],"colors":[],"inners":[],"unpacked":[],)"
             R"("byString":{},"byInt32":{},"byInt64":{},"byUint32":{},"byUint64":{},"byBool":{},)"
             R"("bySfixed32":{},"other-name":"","late":""})");
}

BOOST_AUTO_TEST_CASE(enum_values_are_written_by_name_unless_they_have_none) {
  Everything message;
  for (int each : {1, -1, 77}) message.add_colors(static_cast<json_test::Color>(each));
  auto json = *to_json(message);
  BOOST_TEST(json.find(R"("colors":["COLOR_RED","COLOR_DARK",77])") != json.npos, json);
}

BOOST_AUTO_TEST_CASE(numbers_are_written_short_and_exact) {
  Everything message;
  for (double each : {0.1, 1.0, -2.5, 100000.0, 123456789012345.0, 1e15, 1e-5, 5e-324, -0.0,
                      std::nan(""), -HUGE_VAL}) {
    message.add_doubles(each);
  }
  for (float each : {0.1f, 16777216.f, 3.4028235e38f, HUGE_VALF}) message.add_floats(each);
  auto json = *to_json(message);
  BOOST_TEST(
      json.find(
          R"("doubles":[0.1,1,-2.5,100000,123456789012345,1e+15,1e-05,5e-324,-0,"NaN","-Infinity"],)"
          R"("floats":[0.1,16777216,3.4028235e+38,"Infinity"])") != json.npos,
      json);
}

BOOST_AUTO_TEST_CASE(whatever_protobuf_reads_as_a_value_is_read_so) {
  struct {
    const char* json;
    const char* canonical;
  } const cases[] = {
      {R"({"an_int32":1,"aString":"x"})", R"({"anInt32":1,"aString":"x"})"},
      {R"({"other-name":"a","late":"b"})", R"({"other-name":"a","early":"b"})"},
      {" {\n\t\"anInt32\" : -5 \r} ", R"({"anInt32":-5})"},
      {R"({"anInt32":"7","aUint32":"8","aDouble":"1.5"})",
       R"({"anInt32":7,"aUint32":8,"aDouble":1.5})"},
      {R"({"aUint32":-0,"aUint64":-0.0,"anInt32":-0e5})", "{}"},
      {R"({"aDouble":1e-400,"aFloat":1e-50,"doubles":[-1e-400,"1e-400","0e400",5e-324]})",
       R"({"doubles":[-0.0,0,0,5e-324]})"},
      {R"({"aDouble":1e-99999999999999999999})", "{}"},
      {R"({"anInt32":1000e-3,"anInt64":0.0001e4,"int64s":[100e-2,-0.05E+2]})",
       R"({"anInt32":1,"anInt64":"1","int64s":["1","-5"]})"},
      {R"({"colors":[1.0,1e0,"1",-1]})", R"({"colors":[1,1,1,-1]})"},
      {R"({"anInt32":1e3,"aUint32":2.0,"anInt64":-1.5e1})",
       R"({"anInt32":1000,"aUint32":2,"anInt64":"-15"})"},
      {R"({"anInt64":9223372036854775807,"aUint64":18446744073709551615})",
       R"({"anInt64":"9223372036854775807","aUint64":"18446744073709551615"})"},
      {R"({"anInt64":"-9223372036854775808","anInt32":-2147483648})",
       R"({"anInt64":"-9223372036854775808","anInt32":-2147483648})"},
      {R"({"aColor":-1,"colors":["COLOR_RED",1,77]})",
       R"({"aColor":"COLOR_DARK","colors":["COLOR_RED","COLOR_RED",77]})"},
      {R"({"someBytes":"+/8=","byteses":["-_8=","-_8","+/8",""]})",
       R"({"someBytes":"+/8=","byteses":["+/8=","+/8=","+/8=",""]})"},
      {R"({"aDouble":"NaN","aFloat":"-Infinity","doubles":["Infinity",1e308]})",
       R"({"aDouble":"NaN","aFloat":"-Infinity","doubles":["Infinity",1e308]})"},
      {R"({"anInt32":null,"inner":null,"int32s":null,"byString":null,"maybeInt32":null,)"
       R"("oneString":null,"oneInt64":"1"})",
       R"({"oneInt64":"1"})"},
      {R"({"oneInt64":"1","oneString":null})", R"({"oneInt64":"1"})"},
      {R"({"maybeInt32":0,"maybeString":"","oneString":"","inner":{},"nothing":{}})",
       R"({"maybeInt32":0,"maybeString":"","oneString":"","inner":{},"nothing":{}})"},
      {R"({"aString":"\u00e9\ud83d\ude00\/\"\\\b\f\n\r\t\u0000"})",
       "{\"aString\":\"\u00e9\U0001F600/\\\"\\\\\\b\\f\\n\\r\\t\\u0000\"}"},
      {R"({"byBool":{"true":"COLOR_RED"},"byInt32":{"-3":"x"},"byInt64":{"5":{"aBool":true}}})",
       R"({"byBool":{"true":1},"byInt32":{"-3":"x"},"byInt64":{"5":{"aBool":true}}})"},
      {"{}", "{}"},
  };
  for (const auto& each : cases) {
    Everything expected;
    auto read = google::protobuf::util::JsonStringToMessage(each.canonical, &expected);
    BOOST_REQUIRE_MESSAGE(read.ok(), each.canonical << " " << read.ToString());
    auto got = parsed(each.json);
    BOOST_TEST(bytes_of(got) == bytes_of(expected), each.json << ": " << got.ShortDebugString());
  }
}

// Protobuf's own code goes by way of a double here.
BOOST_AUTO_TEST_CASE(an_integer_is_never_rounded) {
  auto message = parsed(R"({"int64s":["9007199254740993.0",1234567890123456789e0,)"
                        R"(0.9223372036854775807e19,-92233720368547758080e-1],)"
                        R"("uint64s":[18446744073709551615.0,184467440737095516150e-1,1e19]})");
  std::vector<std::int64_t> signed_ones(message.int64s().begin(), message.int64s().end());
  std::vector<std::uint64_t> unsigned_ones(message.uint64s().begin(), message.uint64s().end());
  BOOST_TEST(signed_ones == (std::vector<std::int64_t>{9007199254740993, 1234567890123456789,
                                                       INT64_MAX, INT64_MIN}));
  BOOST_TEST(unsigned_ones ==
             (std::vector<std::uint64_t>{UINT64_MAX, UINT64_MAX, 10'000'000'000'000'000'000u}));
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused_by_its_place) {
  struct {
    const char* json;
    const char* said;
  } const cases[] = {
      {R"({"isbn":1})", "\"isbn\" is no field of json_test.Everything, which has an_int32,"},
      {R"({"inner":{"inners":[{},{"isbn":1}]}})", "inner.inners[1]: \"isbn\" is no field"},
      {R"({"anInt32":"x"})", "an_int32: expected an int32, got \"x\""},
      {R"({"anInt32":1.5})", "expected an int32, got \"1.5\""},
      {R"({"anInt32":2147483648})", "expected an int32"},
      {R"({"anInt32":-2147483649})", "expected an int32"},
      {R"({"anInt32":1e10})", "expected an int32"},
      {R"({"anInt32":-3e9})", "expected an int32"},
      {R"({"aUint32":-1.0})", "expected a uint32"},
      {R"({"anInt32":" 1"})", "expected an int32"},
      {R"({"anInt32":""})", "expected an int32"},
      {R"({"anInt32":"1."})", "expected an int32"},
      {R"({"anInt32":"01"})", "expected an int32"},
      {R"({"anInt32":"1e"})", "expected an int32"},
      {R"({"anInt32":"1e+-3"})", "expected an int32"},
      {R"({"anInt32":1e-1})", "expected an int32"},
      {R"({"anInt32":1e99999999999999999999})", "Number too big"},
      {R"({"anInt32":"1e99999999999999999999"})", "expected an int32"},
      {R"({"anInt32":1e-99999999999999999999})", "expected an int32"},
      {R"({"anInt32":true})", "expected an int32, got true"},
      {R"({"anInt32":[1]})", "expected an int32, got a list"},
      {R"({"anInt32":{}})", "expected an int32, got an object"},
      {R"({"anInt64":9223372036854775808})", "expected an int64"},
      {R"({"anInt64":9.3e18})", "expected an int64"},
      {R"({"anInt64":"NaN"})", "expected an int64"},
      {R"({"aUint32":-1})", "expected a uint32, got \"-1\""},
      {R"({"aUint64":18446744073709551616})", "expected a uint64"},
      {R"({"aUint64":1.8446744073709552e19})", "expected a uint64"},
      {R"({"aDouble":"nan"})", "expected a double"},
      {R"({"anInt64":9223372036854775807.5})", "expected an int64"},
      {R"({"anInt64":9223372036854775808e0})", "expected an int64"},
      {R"({"aUint64":18446744073709551616.0})", "expected a uint64"},
      {R"({"aDouble":"1e400"})", "expected a double"},
      {R"({"aDouble":"-1e400"})", "expected a double"},
      {R"({"aDouble":"1."})", "expected a double"},
      {R"({"aDouble":"01"})", "expected a double"},
      {R"({"aFloat":1e39})", "expected a float"},
      {R"({"aBool":1})", "expected a bool, got 1"},
      {R"({"aBool":"true"})", "expected a bool, got \"true\""},
      {R"({"aString":1})", "expected a string, got 1"},
      {R"({"aString":false})", "expected a string, got false"},
      {R"({"someBytes":"$$"})", "expected a bytes"},
      {R"({"someBytes":"+_8="})", "expected a bytes"},
      {R"({"someBytes":"a"})", "expected a bytes"},
      {R"({"someBytes":"+/ 8="})", "expected a bytes"},
      {R"({"someBytes":"YR=="})", "expected a bytes"},
      {R"({"someBytes":"YWJ"})", "expected a bytes"},
      {R"({"someBytes":"YQ="})", "expected a bytes"},
      {R"({"someBytes":"YQ.."})", "expected a bytes"},
      {R"({"someBytes":5})", "expected a bytes, got 5"},
      {R"({"aColor":"COLOR_BLUE"})",
       "expected a value of enum json_test.Color, got \"COLOR_BLUE\""},
      {R"({"aColor":1.5})", "expected a value of enum"},
      {R"({"aColor":"1e0"})", "expected a value of enum json_test.Color, got \"1e0\""},
      {R"({"aColor":"01"})", "expected a value of enum"},
      {R"({"inner":[]})", "expected a json_test.Everything, got a list"},
      {R"({"inner":"x"})", "inner: expected a json_test.Everything, got \"x\""},
      {R"({"nothing":{"x":1}})", "google.protobuf.Empty, which has no field"},
      {R"({"int32s":1})", "int32s: expected a list, got 1"},
      {R"({"int32s":{}})", "expected a list, got an object"},
      {R"({"int32s":[1,null]})", "int32s[1]: expected an int32, got null"},
      {R"({"int32s":[[1]]})", "int32s[0]: expected an int32, got a list"},
      {R"({"inners":[{},null]})", "inners[1]: expected a json_test.Everything, got null"},
      {R"({"byString":[]})", "by_string: expected an object, got a list"},
      {R"({"byString":{"a":null}})", "by_string: expected an int32, got null"},
      {R"({"byString":{"a":1,"a":2}})", "by_string: the key \"a\" is there twice"},
      {R"({"byInt32":{"x":"a"}})", "by_int32: in a key: expected an int32, got \"x\""},
      {R"({"byInt32":{"1":"a","01":"b"}})", "in a key: expected an int32, got \"01\""},
      {R"({"byInt32":{"1":"a","1.0":"b"}})", "in a key: expected an int32, got \"1.0\""},
      {R"({"byInt32":{"1":"a","1e0":"b"}})", "in a key: expected an int32, got \"1e0\""},
      {R"({"byUint32":{"0":1,"-0":2}})", "in a key: expected a uint32, got \"-0\""},
      {R"({"byInt64":{"0":{},"-0":{}}})", "in a key: expected an int64, got \"-0\""},
      {R"({"byInt64":{"9223372036854775808":{}}})", "in a key: expected an int64"},
      {R"({"byBool":{"true":1,"TRUE":1}})", "in a key: expected a bool, got \"TRUE\""},
      {R"({"byBool":{"yes":1}})", "in a key: expected a bool"},
      {R"({"anInt32":1,"an_int32":2})", "an_int32: it is there twice"},
      {R"({"anInt32":1,"inner":{"anInt32":1},"anInt32":2})", "an_int32: it is there twice"},
      {R"({"oneInt64":1,"oneString":"x"})", "one_string: only one of one_int64 and one_string"},
      {R"({"oneString":"","oneMessage":{}})", "only one of one_string and one_message"},
      {R"({"aString":"\udc00"})", "a_string: it is not UTF-8"},
      {R"({"byString":{"\udc00":1}})", "by_string: it is not UTF-8"},
      {"{\"aString\":\"\xff\"}", "a_string: it is not UTF-8"},
      {"[]", "expected an object, got a list"},
      {"null", "expected an object, got null"},
      {"1", "expected an object, got 1"},
      {"\"x\"", "expected an object, got \"x\""},
      {R"({"anInt32":1,})", "at byte 13: Missing a name for object member."},
      {R"({'anInt32':1})", "at byte 1: Missing a name"},
      {R"({anInt32:1})", "at byte 1: Missing a name"},
      {R"({"int32s":[1,]})", "at byte 13: Invalid value."},
      {R"({"int32s":[1 2]})", "at byte 13"},
      {R"({"anInt32":01})", "at byte 12"},
      {R"({"anInt32":+1})", "at byte 11: Invalid value."},
      {R"({"aDouble":NaN})", "at byte 11: Invalid value."},
      {R"({"aDouble":.5})", "at byte 11"},
      {R"({"aDouble":1.})", "at byte 13"},
      {R"({"aDouble":1e400})", "at byte 11: Number too big"},
      {R"({"aDouble":0e400})", "at byte 11: Number too big"},
      {R"({"aString":"\x"})", "at byte"},
      {"{\"aString\":\"a\nb\"}", "at byte"},
      {R"({"aString":"\ud800"})", "at byte"},
      {R"({"aString":"x)", "at byte"},
      {R"({} {})", "at byte 3"},
      {"", "at byte 0"},
      {"// no\n{}", "at byte 0"},
      {"\xef\xbb\xbf{}", "at byte 0"},
  };
  for (const auto& each : cases) {
    auto said = refusal(each.json);
    BOOST_TEST(said.find(each.said) != said.npos, each.json << ": " << said);
    BOOST_TEST(is_utf8(said), said);
  }
  auto said = refusal(std::string_view("{}\0x", 4));
  BOOST_TEST(said == "at byte 2: nothing may follow the value");
}

BOOST_AUTO_TEST_CASE(what_is_nested_too_deep_is_refused) {
  auto nested = [](int levels) {
    std::string json;
    for (int i = 1; i < levels; ++i) json += R"({"inner":)";
    return json + "{}" + std::string(levels - 1, '}');
  };
  parsed(nested(100));
  BOOST_TEST(refusal(nested(101)).ends_with("more than 100 objects and lists inside each other"));
  refusal(std::string(1'000'000, '['));
  refusal("{\"inners\":" + std::string(1'000'000, '['));
}

BOOST_AUTO_TEST_CASE(what_was_in_a_message_is_replaced) {
  Everything message;
  message.set_a_string("before");
  message.add_int32s(1);
  BOOST_REQUIRE(parse_json(R"({"int32s":[2]})", message).ok());
  BOOST_TEST(message.a_string() == "");
  BOOST_TEST(message.int32s_size() == 1);
}

BOOST_AUTO_TEST_CASE(a_message_with_a_json_of_its_own_goes_through_protobuf) {
  BOOST_TEST(json_shape_of(*Everything::descriptor()).plain);
  BOOST_TEST(!json_shape_of(*json_test::WithTimestamp::descriptor()).plain);
  BOOST_TEST(!json_shape_of(*json_test::HoldsTimestamp::descriptor()).plain);
  json_test::HoldsTimestamp message;
  auto json = R"({"name":"x","parts":{"a":{"inner":[],"at":"2024-01-02T03:04:05Z"}}})";
  BOOST_REQUIRE(parse_json(json, message).ok());
  BOOST_TEST(message.parts().at("a").at().seconds() == 1704164645);
  BOOST_TEST(*to_json(message) == json);
  BOOST_TEST(!parse_json("{\"name\":\"\xff\"}", message).ok());
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_such_message_are_not_written) {
  auto json = to_json(Everything::default_instance(), "\xff");
  BOOST_REQUIRE(!json.ok());
  BOOST_TEST((json.error().code() == status_code::internal));
  // Field 14, a string, with a byte that is not UTF-8.
  BOOST_TEST(!to_json(Everything::default_instance(), "\x72\x01\xff").ok());
}

BOOST_AUTO_TEST_CASE(a_long_text_is_written_whole) {
  Everything message;
  message.set_a_string(std::string(300'000, 'x') + "\n\"");
  for (int i = 0; i < 10'000; ++i) message.add_int32s(i);
  BOOST_TEST(bytes_of(parsed(*to_json(message))) == bytes_of(message));
}

BOOST_AUTO_TEST_CASE(a_large_text_is_not_held_in_each_size_that_it_had,
                     *boost::unit_test::precondition(can_see_peaks)) {
  Everything message;
  for (int i = 0; i < 1'000'000; ++i) message.add_strings("0123456789012");
  std::string json;
  auto writing = peak_of([&] { json = *to_json(message); });
  // The text as it grows, by half each time, and the copy that is given out.
  BOOST_TEST(writing < json.size() * 5 / 2, writing << " bytes for " << json.size());

  auto text = "{\"aString\":\"" + std::string(16'000'000, 'x') + "\"}";
  auto reading = peak_of([&] { message = parsed(text); });
  // The reader's memory and the field.
  BOOST_TEST(reading < text.size() * 5 / 2, reading << " bytes for " << text.size());
}

BOOST_AUTO_TEST_SUITE_END()
