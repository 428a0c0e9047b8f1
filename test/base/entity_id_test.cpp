// From a command's key fields to the id of its entity.

#include "base/entity_id.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "keys.pb.h"

using namespace perdure;
using namespace perdure::test::base;
using namespace std::string_literals;

namespace {

constexpr std::size_t bytes_max = 100;

result<std::string> id_of(const google::protobuf::Message& command) {
  return entity_id_of(command, entity_key_fields(*command.GetDescriptor()), bytes_max);
}

OneKey one(std::string id) {
  OneKey command;
  command.set_id(std::move(id));
  return command;
}

TwoKeys two(std::string first, std::string second) {
  TwoKeys command;
  command.set_first(std::move(first));
  command.set_second(std::move(second));
  return command;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(entity_id)

BOOST_AUTO_TEST_CASE(key_fields_come_in_the_order_of_their_numbers) {
  auto fields = entity_key_fields(*NumberedKeys::descriptor());
  BOOST_REQUIRE(fields.size() == 3);
  BOOST_TEST(fields[0]->name() == "first");
  BOOST_TEST(fields[1]->name() == "second");
  BOOST_TEST(fields[2]->name() == "third");
  BOOST_TEST(entity_key_fields(*NoKey::descriptor()).empty());
}

BOOST_AUTO_TEST_CASE(a_single_key_is_the_id_as_it_is) {
  for (const auto* id : {"cart-1", "a/b", "a|b", "a\\b", "|", "\x01\x1f", "\u00e9\U0001f6d2"}) {
    BOOST_TEST(*id_of(one(id)) == id);
  }
}

BOOST_AUTO_TEST_CASE(the_parts_of_a_key_are_joined_and_escaped) {
  BOOST_TEST(*id_of(two("a", "b")) == "a|b");
  BOOST_TEST(*id_of(two("a|", "b")) == "a\\||b");
  BOOST_TEST(*id_of(two("a\\", "b")) == "a\\\\|b");
}

BOOST_AUTO_TEST_CASE(integers_stand_as_digits) {
  NumberedKeys command;
  command.set_first(-7);
  command.set_second(0);
  command.set_third("x");
  BOOST_TEST(*id_of(command) == "-7|0|x");
}

BOOST_AUTO_TEST_CASE(integers_of_every_width_and_sign_are_shown_whole) {
  IntegerKeys command;
  command.set_small(INT32_MIN);
  command.set_large(INT64_MIN);
  command.set_small_positive(UINT32_MAX);
  command.set_large_positive(UINT64_MAX);
  BOOST_TEST(*id_of(command) == "-2147483648|-9223372036854775808|4294967295|18446744073709551615");
}

BOOST_AUTO_TEST_CASE(different_keys_never_give_the_same_id) {
  // All pairs of short texts of the characters that could be mistaken for each other.
  std::vector<std::string> texts;
  for (const std::string alphabet = "a|\\"; char x : alphabet) {
    texts.push_back({x});
    for (char y : alphabet) {
      texts.push_back({x, y});
      for (char z : alphabet) texts.push_back({x, y, z});
    }
  }
  std::map<std::string, std::string> seen;
  for (const auto& first : texts) {
    for (const auto& second : texts) {
      auto id = id_of(two(first, second));
      BOOST_REQUIRE(id.ok());
      auto [at, is_new] = seen.emplace(*id, first + " and " + second);
      BOOST_TEST(is_new, first << " and " << second << " give " << *id << " as do " << at->second);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_empty_part_is_refused_by_name) {
  auto refused = id_of(one(""));
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST((refused.error().code() == status_code::invalid_argument));
  BOOST_TEST(refused.error().message() == "id is the entity key and must not be empty");
  BOOST_TEST(id_of(two("a", "")).error().message().starts_with("second "));
}

BOOST_AUTO_TEST_CASE(a_part_with_a_nul_is_refused) {
  auto refused = id_of(one("a\0b"s));
  BOOST_TEST((refused.error().code() == status_code::invalid_argument));
}

BOOST_AUTO_TEST_CASE(a_part_that_is_not_utf8_is_refused) {
  auto refused = id_of(one("a\xff"));
  BOOST_TEST((refused.error().code() == status_code::invalid_argument));
}

BOOST_AUTO_TEST_CASE(an_id_past_the_bound_is_refused_and_one_at_it_is_not) {
  BOOST_TEST(id_of(one(std::string(bytes_max, 'a'))).ok());
  auto refused = id_of(one(std::string(bytes_max + 1, 'a')));
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST((refused.error().code() == status_code::invalid_argument));
  BOOST_TEST(refused.error().message().find("101 bytes, at most 100") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_bound_counts_the_bytes_of_the_id_with_its_escapes) {
  // 33 escaped bytes twice, the mark between them, and what is left.
  std::string escaped(33, '|');
  BOOST_TEST(id_of(two(escaped, std::string(33, 'a'))).ok());
  BOOST_TEST(!id_of(two(escaped, std::string(34, 'a'))).ok());
}

BOOST_AUTO_TEST_CASE(an_optional_key_must_be_sent) {
  OptionalKey command;
  BOOST_TEST((id_of(command).error().code() == status_code::invalid_argument));
  command.set_id(0);
  BOOST_TEST(*id_of(command) == "0");
}

BOOST_AUTO_TEST_SUITE_END()
