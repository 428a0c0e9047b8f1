// What words an SQL text has, and where.

#include "views/sql_tokens.hpp"

#include <boost/test/unit_test.hpp>

#include "views/sql_words.hpp"

using namespace perdure::views;

namespace {

std::string letters = "wqtbnps";

// "w:SELECT p::origin".
std::string told(std::string_view sql) {
  auto read = read_tokens(sql);
  if (read.problem) return place_in(sql, read.problem->at) + ": " + read.problem->text;
  std::string made;
  for (const auto& token : read.tokens) {
    if (!made.empty()) made += " ";
    made += letters[static_cast<std::size_t>(token.kind)] + (":" + std::string(token.text));
    BOOST_TEST(sql.substr(token.at, token.text.size()) == token.text);
  }
  return made;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sql_tokens)

BOOST_AUTO_TEST_CASE(each_kind_is_told_apart) {
  BOOST_TEST(told("SELECT a.b") == "w:SELECT w:a s:. w:b");
  BOOST_TEST(told(R"("a ""b""" `c` [d e])") == R"(q:"a ""b""" q:`c` q:[d e])");
  BOOST_TEST(told("'it''s' ''") == "t:'it''s' t:''");
  BOOST_TEST(told("x'00fF' X'' xx") == "b:x'00fF' b:X'' w:xx");
  BOOST_TEST(told("1 0x1F 1.5e3 .5 2e 1.") ==
             "line 1, column 17: \"2e\" is neither a number nor a name; "
             "a name that begins with a digit stands in double quotes");
  BOOST_TEST(told("1 0x1F 1.5e-3 .5 1.") == "n:1 n:0x1F n:1.5e-3 n:.5 n:1.");
  BOOST_TEST(told(":origin,:page.size .x") == "p::origin s:, p::page.size s:. w:x");
  BOOST_TEST(told("a->>b||c<=d<>e!=f==g") ==
             "w:a s:->> w:b s:|| w:c s:<= w:d s:<> w:e s:!= w:f s:== w:g");
  BOOST_TEST(told("größe_1") == "w:größe_1");
  BOOST_TEST(told("") == "");
}

BOOST_AUTO_TEST_CASE(comments_and_white_space_are_left_out) {
  BOOST_TEST(told("a -- 'b\n/* c */\td--") == "w:a w:d");
  BOOST_TEST(told("a/**/b") == "w:a w:b");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_divided_is_told_with_its_place) {
  BOOST_TEST(told("a 'b''") ==
             "line 1, column 3: the text that begins here does not end; write a closing '");
  BOOST_TEST(told("a\n \"b") ==
             "line 2, column 2: the name that begins here does not end; write a closing \"");
  BOOST_TEST(told("[b") ==
             "line 1, column 1: the name that begins here does not end; write a closing ]");
  BOOST_TEST(told("ö /* b") ==
             "line 1, column 3: the comment that begins here does not end; write */");
  BOOST_TEST(told("x'0'") ==
             "line 1, column 1: a blob is x'' with pairs of hexadecimal digits between the quotes");
  BOOST_TEST(
      told("a = ?1") ==
      "line 1, column 5: a parameter is written :field, with a field of the request; \"?\" is "
      "another form");
  BOOST_TEST(told("@a").find("\"@\" is another form") != std::string::npos);
  BOOST_TEST(told("$a").find("\"$\" is another form") != std::string::npos);
  BOOST_TEST(told(": a").find("\":\" is another form") != std::string::npos);
  BOOST_TEST(told("a { b") == "line 1, column 3: \"{\" is no character of SQL; remove it");
  BOOST_TEST(told(std::string_view("a\0b", 3)) ==
             "line 1, column 2: a control character; remove it");
}

BOOST_AUTO_TEST_CASE(as_a_status_it_is_an_invalid_argument) {
  BOOST_TEST(tokens_of("a b")->size() == 2u);
  auto error = tokens_of("a\n?").error();
  BOOST_TEST((error.code() == perdure::status_code::invalid_argument));
  BOOST_TEST(error.message().starts_with("line 2, column 1: a parameter is written :field"));
}

BOOST_AUTO_TEST_CASE(names_lose_their_quotes_and_get_them) {
  BOOST_TEST(unquoted(R"("a ""b""")") == R"(a "b")");
  BOOST_TEST(unquoted("`a``b`") == "a`b");
  BOOST_TEST(unquoted("[a b]") == "a b");
  BOOST_TEST(unquoted("a") == "a");
  BOOST_TEST(text_of_literal("'it''s'") == "it's");
  BOOST_TEST(quoted(R"(a "b")") == R"("a ""b""")");
}

BOOST_AUTO_TEST_CASE(keywords_are_known_in_any_case) {
  BOOST_TEST(is_reserved("Select"));
  BOOST_TEST(!is_reserved("key"));
  BOOST_TEST(is_keyword("KEY"));
  BOOST_TEST(!is_keyword("carrier"));
  BOOST_TEST(is_internal("PERDURE_words"));
  BOOST_TEST(is_internal("pragma_table_info"));
}

BOOST_AUTO_TEST_SUITE_END()
