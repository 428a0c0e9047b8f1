#include <google/protobuf/util/json_util.h>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <random>

#include "gateway/http_json.hpp"
#include "test/gateway/json_messages.hpp"

using namespace perdure;
using namespace perdure::gateway;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using json_test::Everything;
using testing::bytes_of;
using testing::parsed;

namespace {

std::string by_protobuf(const Message& message) {
  std::string json;
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  BOOST_REQUIRE(google::protobuf::util::MessageToJsonString(message, &json, options).ok());
  return json;
}

// Fills a message with what might be hard to write or read.
class random_filler {
 public:
  explicit random_filler(unsigned seed) : random_(seed) {}

  void fill(Message& message, int depth) {
    const auto& type = *message.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const auto& field = *type.field(i);
      const auto* part =
          field.is_map() ? field.message_type()->map_value()->message_type() : field.message_type();
      if (part && depth <= 0) continue;
      auto count = field.is_repeated() ? below(4) : below(2);
      for (std::size_t n = 0; n < count; ++n) put(message, field, depth);
    }
  }

 private:
  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }

  template <class T>
  T integer() {
    const T some[] = {0, 1, std::numeric_limits<T>::min(), std::numeric_limits<T>::max(),
                      static_cast<T>(random_())};
    return some[below(std::size(some))];
  }

  template <class T>
  T real() {
    using limit = std::numeric_limits<T>;
    const T some[] = {T(0.1),
                      T(100000),
                      T(1e15),
                      T(123456789),
                      T(1e-4),
                      T(1) / 3,
                      -limit::max(),
                      limit::min(),
                      limit::infinity(),
                      limit::epsilon(),
                      -limit::infinity(),
                      limit::quiet_NaN(),
                      std::ldexp(T(random_()), -40)};
    return some[below(std::size(some))];
  }

  std::string text() {
    const std::string some[] = {
        "",     "plain",     "\"quoted\"",   "back\\slash", "\n\t\r\b\f",
        "\x01", "\x7f/<>&'", "\u00e9\u20ac", "\U0001F600",  std::string(1, '\0')};
    return some[below(std::size(some))] + some[below(std::size(some))];
  }

  std::string bytes() {
    std::string made(below(6), ' ');
    for (char& c : made) c = static_cast<char>(random_());
    return made;
  }

  int color() { return static_cast<int>(below(4)) - 1; }

#define PUT(Kind, value)                                                     \
  return field.is_repeated() ? reflection.Add##Kind(&message, &field, value) \
                             : reflection.Set##Kind(&message, &field, value)

  void put(Message& message, const FieldDescriptor& field, int depth) {
    const auto& reflection = *message.GetReflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        PUT(Int32, integer<std::int32_t>());
      case FieldDescriptor::CPPTYPE_INT64:
        PUT(Int64, integer<std::int64_t>());
      case FieldDescriptor::CPPTYPE_UINT32:
        PUT(UInt32, integer<std::uint32_t>());
      case FieldDescriptor::CPPTYPE_UINT64:
        PUT(UInt64, integer<std::uint64_t>());
      case FieldDescriptor::CPPTYPE_DOUBLE:
        PUT(Double, real<double>());
      case FieldDescriptor::CPPTYPE_FLOAT:
        PUT(Float, real<float>());
      case FieldDescriptor::CPPTYPE_BOOL:
        PUT(Bool, below(2) == 1);
      case FieldDescriptor::CPPTYPE_ENUM:
        PUT(EnumValue, color());
      case FieldDescriptor::CPPTYPE_STRING:
        PUT(String, field.type() == FieldDescriptor::TYPE_BYTES ? bytes() : text());
      case FieldDescriptor::CPPTYPE_MESSAGE:
        fill(field.is_repeated() ? *reflection.AddMessage(&message, &field)
                                 : *reflection.MutableMessage(&message, &field),
             depth - 1);
    }
  }

#undef PUT

  std::mt19937 random_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(http_json_random)

BOOST_AUTO_TEST_CASE(random_messages_are_written_and_read_as_by_protobuf) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    Everything message;
    random_filler(seed).fill(message, 2);
    // Through bytes once: keys that came twice are gone.
    BOOST_REQUIRE(message.ParseFromString(message.SerializeAsString()));
    auto expected = bytes_of(message);

    auto ours = to_json(message);
    BOOST_REQUIRE(ours.ok());
    auto ours_of_bytes = *to_json(Everything::default_instance(), expected);
    BOOST_REQUIRE_MESSAGE(bytes_of(parsed(ours_of_bytes)) == expected, "seed " << seed);
    Everything theirs_of_ours;
    auto read = google::protobuf::util::JsonStringToMessage(*ours, &theirs_of_ours);
    BOOST_REQUIRE_MESSAGE(read.ok(), read.ToString() << *ours);
    BOOST_REQUIRE_MESSAGE(bytes_of(theirs_of_ours) == expected, "seed " << seed << *ours);

    auto theirs = by_protobuf(message);
    BOOST_REQUIRE_MESSAGE(bytes_of(parsed(theirs)) == expected, "seed " << seed << theirs);
    BOOST_REQUIRE_MESSAGE(bytes_of(parsed(*ours)) == expected, "seed " << seed << *ours);
  }
}

BOOST_AUTO_TEST_SUITE_END()
