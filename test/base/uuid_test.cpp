#include "base/uuid.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

using namespace perdure;

namespace {

void check_version_4(const std::string& id) {
  BOOST_TEST(parse_uuid(id).value_or("none") == id);
  BOOST_TEST(id[14] == '4');
  BOOST_TEST(std::string("89ab").find(id[19]) != std::string::npos);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(uuid)

BOOST_AUTO_TEST_CASE(a_random_one_is_version_4_and_comes_once_on_any_thread) {
  constexpr std::size_t threads = 4, each = 5000;
  std::set<std::string> seen;
  std::mutex mutex;
  {
    std::vector<std::jthread> drawing;
    for (std::size_t t = 0; t < threads; ++t) {
      drawing.emplace_back([&] {
        std::vector<std::string> drawn;
        for (std::size_t i = 0; i < each; ++i) drawn.push_back(random_uuid());
        std::lock_guard lock(mutex);
        seen.insert(drawn.begin(), drawn.end());
      });
    }
  }
  BOOST_TEST(seen.size() == threads * each);
  check_version_4(*seen.begin());
  check_version_4(*seen.rbegin());
}

BOOST_AUTO_TEST_CASE(every_digit_of_a_random_one_varies) {
  std::array<std::set<char>, 36> digits;
  for (int i = 0; i < 2000; ++i) {
    auto id = random_uuid();
    for (std::size_t at = 0; at < id.size(); ++at) digits[at].insert(id[at]);
  }
  for (std::size_t at = 0; at < digits.size(); ++at) {
    std::size_t expected = at == 8 || at == 13 || at == 18 || at == 23 || at == 14 ? 1
                           : at == 19                                              ? 4
                                                                                   : 16;
    BOOST_TEST(digits[at].size() == expected, "digit " << at);
  }
}

// What is stored under such an id must be found by later versions.
BOOST_AUTO_TEST_CASE(a_derived_one_never_changes) {
  BOOST_TEST(uuid_of({}) == "99aa06d3-0147-48d8-a001-c324468d497f");
  BOOST_TEST(uuid_of({"bank.api.Accounts.Open", "once"}) == "7d761c90-808b-457d-8714-c29f6d4a22c7");
  check_version_4(uuid_of({"a"}));
}

BOOST_AUTO_TEST_CASE(a_derived_one_tells_its_parts_apart) {
  std::set<std::string> ids{uuid_of({"ab", "c"}), uuid_of({"a", "bc"}), uuid_of({"abc"}),
                            uuid_of({"ab", "c", ""}), uuid_of({"c", "ab"})};
  BOOST_TEST(ids.size() == 5u);
  BOOST_TEST(uuid_of({"ab", "c"}) == uuid_of({"ab", "c"}));
}

BOOST_AUTO_TEST_CASE(any_uuid_is_read_and_nothing_else) {
  BOOST_TEST(parse_uuid("9B2D61C4-3f0e-1a7b-0d15-60c2f7a1e934").value_or("none") ==
             "9b2d61c4-3f0e-1a7b-0d15-60c2f7a1e934");
  for (auto text :
       {"", "9b2d61c4", "9b2d61c43f0e4a7b8d1560c2f7a1e934", "9b2d61c4-3f0e-4a7b-8d15-60c2f7a1e93",
        "9b2d61c4-3f0e-4a7b-8d15-60c2f7a1e9345", "9b2d61c4-3f0e-4a7b-8d15-60c2f7a1e93g",
        "9b2d61c4-3f0e-4a7b-8d1-560c2f7a1e934", "9b2d61c4 3f0e 4a7b 8d15 60c2f7a1e934",
        "{b2d61c4-3f0e-4a7b-8d15-60c2f7a1e93}", "9b2d61c4-3f0e-4a7b-8d15-60c2f7a1e9\xc3\xbc"}) {
    BOOST_TEST(!parse_uuid(text), text);
  }
}

BOOST_AUTO_TEST_SUITE_END()
