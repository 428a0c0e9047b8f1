#include "views/page_tokens.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

namespace {

using namespace perdure;
using namespace perdure::views;

query_plan paged(const std::string& sql, std::size_t keys) {
  query_plan plan;
  plan.sql = sql;
  plan.parameters.push_back({"page_token", {}});
  plan.pages = page_plan{.token_parameter = 0, .first_key = 0, .key_count = keys, .bound_from = 3};
  return plan;
}

const std::vector<sql_value> place{sql_value(std::int64_t{7}), sql_value(std::string("k")),
                                   sql_value()};

}  // namespace

BOOST_AUTO_TEST_SUITE(page_tokens)

BOOST_AUTO_TEST_CASE(a_token_has_the_place_it_was_made_of) {
  auto plan = paged("SELECT 1", 3);
  auto token = encode_page_token(plan, place);
  auto back = decode_page_token(plan, token);
  BOOST_REQUIRE(back.ok());
  BOOST_TEST((*back == place));
  BOOST_TEST(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-_") == token.npos);
}

BOOST_AUTO_TEST_CASE(a_token_of_another_query_is_refused_and_the_text_names_the_field) {
  auto token = encode_page_token(paged("SELECT 1", 3), place);
  auto refused = decode_page_token(paged("SELECT 2", 3), token);
  BOOST_TEST((refused.error().code() == status_code::invalid_argument));
  BOOST_TEST(refused.error().message().find("page_token") != std::string::npos);
  BOOST_TEST(!decode_page_token(paged("SELECT 1", 2), token).ok());
}

BOOST_AUTO_TEST_CASE(what_is_cut_or_changed_is_refused_or_a_place_of_as_many_values) {
  auto plan = paged("SELECT 1", 3);
  auto token = encode_page_token(plan, place);
  for (std::size_t n = 0; n < token.size(); ++n) {
    BOOST_TEST(!decode_page_token(plan, token.substr(0, n)).ok(), n);
  }
  std::mt19937 random(5);
  for (int i = 0; i < 20'000; ++i) {
    auto changed = token;
    changed[random() % changed.size()] = static_cast<char>(random() % 256);
    auto read = decode_page_token(plan, changed);
    if (read.ok()) BOOST_TEST_REQUIRE(read->size() == 3);
  }
}

BOOST_AUTO_TEST_SUITE_END()
