#include "base/log_position.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <random>

namespace {

using namespace perdure;
using positions = std::vector<log_position>;

constexpr auto partition_max = std::numeric_limits<std::uint32_t>::max();
constexpr auto end_max = std::numeric_limits<std::uint64_t>::max();

positions some_positions(std::mt19937& random) {
  auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n)(random);
  };
  positions made(below(4));
  for (auto& p : made) {
    for (auto n = below(12); n > 0; --n) p.log += static_cast<char>(below(255));
    p.partition = static_cast<std::uint32_t>(below(3) ? below(40) : partition_max - below(2));
    p.end = below(3) ? below(4000) : end_max - below(2);
  }
  return made;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(log_position)

BOOST_AUTO_TEST_CASE(a_list_is_one_line_of_ascii) {
  BOOST_TEST(encode_positions(positions{{"event_sourced_entity/shopping-cart", 3, 1834},
                                        {"topic/flights", 0, 77}}) ==
             "1;event_sourced_entity/shopping-cart:3:1834;topic/flights:0:77");
  BOOST_TEST(encode_positions({}) == "1");
  BOOST_TEST(encode_positions(positions{{"topic/a:b;c,d %ü", 1, 2}}) ==
             "1;topic/a%3Ab%3Bc%2Cd%20%25%C3%BC:1:2");
}

BOOST_AUTO_TEST_CASE(what_was_encoded_is_decoded) {
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    auto given = some_positions(random);
    auto text = encode_positions(given);
    for (unsigned char c : text) BOOST_TEST_REQUIRE((c > ' ' && c < 127 && c != ','));
    auto back = decode_positions(text);
    BOOST_TEST_REQUIRE(back.ok());
    BOOST_TEST_REQUIRE((*back == given));
  }
}

BOOST_AUTO_TEST_CASE(nothing_else_is_decoded) {
  for (const auto* text : {"",
                           "2",
                           "11",
                           "1;",
                           "1;;",
                           "1;topic/a",
                           "1;topic/a:1",
                           "1;topic/a:1:",
                           "1;topic/a::1",
                           "1;topic/a:1:2:3",
                           "1;topic/a:1:2;",
                           "1,topic/a:1:2",
                           "1;topic/a:01:2",
                           "1;topic/a:1:02",
                           "1;topic/a:+1:2",
                           "1;topic/a:-1:2",
                           "1;topic/a:1: 2",
                           "1;topic/a:4294967296:2",
                           "1;topic/a:1:18446744073709551616",
                           "1;topic/%61:1:2",
                           "1;topic/%c3%bc:1:2",
                           "1;topic/%3:1:2",
                           "1;topic/%:1:2",
                           "1;topic/%GG:1:2",
                           "1;topic/a b:1:2",
                           "1;topic/ü:1:2",
                           " 1;topic/a:1:2",
                           "1;topic/a:1:2 "}) {
    auto decoded = decode_positions(text);
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(!decoded.ok());
      if (!decoded.ok()) BOOST_TEST((decoded.error().code() == status_code::invalid_argument));
    }
  }
}

// Texts that are nearly right: whatever is taken for a list has this text and no other.
BOOST_AUTO_TEST_CASE(each_list_has_one_text) {
  std::mt19937 random(8);
  auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  constexpr std::string_view alphabet = "019;:%AaF3/.-+ ,";
  std::size_t accepted = 0;
  for (int i = 0; i < 200'000; ++i) {
    auto text = encode_positions(some_positions(random));
    for (auto changes = below(3); changes > 0; --changes) {
      auto at = below(text.size());
      auto c = alphabet[below(alphabet.size())];
      switch (below(3)) {
        case 0:
          text[at] = c;
          break;
        case 1:
          text.insert(at, 1, c);
          break;
        default:
          text.erase(at, 1);
          if (text.empty()) text = "1";
      }
    }
    auto decoded = decode_positions(text);
    if (!decoded.ok()) continue;
    ++accepted;
    BOOST_TEST_REQUIRE(encode_positions(*decoded) == text);
  }
  BOOST_TEST(accepted > 1000);
}

BOOST_AUTO_TEST_CASE(one_by_one_they_make_the_same_text) {
  std::string text;
  add_position(text, encoded_log("topic/a b"), 1, 2);
  add_position(text, encoded_log("value_entity/customer"), partition_max, end_max);
  BOOST_TEST(text == encode_positions(positions{
                         {"topic/a b", 1, 2}, {"value_entity/customer", partition_max, end_max}}));
}

BOOST_AUTO_TEST_CASE(two_lists_become_one_with_the_later_ends) {
  auto a = encode_positions(positions{{"topic/a", 1, 9}, {"topic/b", 1, 2}});
  auto b = encode_positions(positions{{"topic/a", 1, 3}, {"topic/b", 1, 4}, {"topic/a", 2, 1}});
  BOOST_TEST(merged_positions(a, b) ==
             encode_positions(positions{{"topic/a", 1, 9}, {"topic/b", 1, 4}, {"topic/a", 2, 1}}));
  BOOST_TEST(merged_positions(a, "") == a);
  std::string many;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    many = merged_positions(many, encode_positions(positions{{"topic/a", i, 1}}));
  }
  BOOST_TEST(many.size() <= merged_positions_bytes_max);
  BOOST_TEST(many.size() > merged_positions_bytes_max * 3 / 4);
  BOOST_TEST(merged_positions(many, encode_positions(positions{{"topic/a", 0, 2}})).size() ==
             many.size());
  BOOST_TEST(merged_positions("", b) == b);
  BOOST_TEST(merged_positions("", "").empty());
}

BOOST_AUTO_TEST_SUITE_END()
