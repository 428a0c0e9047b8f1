// Which bytes are UTF-8, by the cases that decoders get wrong.

#include "base/utf8.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using perdure::is_utf8;
using perdure::readable;
using namespace std::string_literals;

BOOST_AUTO_TEST_SUITE(utf8)

BOOST_AUTO_TEST_CASE(text_of_every_length_of_character_is_accepted) {
  BOOST_TEST(is_utf8(""));
  BOOST_TEST(is_utf8("plain"));
  BOOST_TEST(is_utf8("\u00e9\u20ac\U0001f6d2"));
  BOOST_TEST(is_utf8("\x7f\xc2\x80\xdf\xbf"));              // last of one byte, all of two
  BOOST_TEST(is_utf8("\xe0\xa0\x80\xef\xbf\xbf"));          // first and last of three
  BOOST_TEST(is_utf8("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"));  // first and last of four
  BOOST_TEST(is_utf8("control \x01\x1f and NUL \0 too"s));
}

BOOST_AUTO_TEST_CASE(a_byte_that_begins_nothing_is_refused) {
  BOOST_TEST(!is_utf8("\x80"));
  BOOST_TEST(!is_utf8("a\xbf"));
  BOOST_TEST(!is_utf8("\xff"));
  BOOST_TEST(!is_utf8("\xfe"));
}

BOOST_AUTO_TEST_CASE(a_character_that_is_cut_off_is_refused) {
  BOOST_TEST(!is_utf8("\xc3"));
  BOOST_TEST(!is_utf8("\xe2\x82"));
  BOOST_TEST(!is_utf8("\xf0\x9f\x9b"));
  BOOST_TEST(!is_utf8("\xe2\x82 and more"));
}

BOOST_AUTO_TEST_CASE(an_overlong_form_is_refused) {
  BOOST_TEST(!is_utf8("\xc0\xaf"));
  BOOST_TEST(!is_utf8("\xc1\xbf"));
  BOOST_TEST(!is_utf8("\xe0\x80\xaf"));
  BOOST_TEST(!is_utf8("\xf0\x80\x80\xaf"));
  BOOST_TEST(!is_utf8("\xc0\x80"s));
}

BOOST_AUTO_TEST_CASE(a_surrogate_and_what_lies_past_the_last_character_are_refused) {
  BOOST_TEST(!is_utf8("\xed\xa0\x80"));
  BOOST_TEST(!is_utf8("\xed\xbf\xbf"));
  BOOST_TEST(!is_utf8("\xf4\x90\x80\x80"));
  BOOST_TEST(!is_utf8("\xf5\x80\x80\x80"));
}

BOOST_AUTO_TEST_CASE(what_is_no_text_is_made_one) {
  BOOST_TEST(readable("caf\u00e9 \x01") == "caf\u00e9 \x01");
  BOOST_TEST(readable("no \xff\xc3 (") == "no ?? (");
  BOOST_TEST(readable("\u00e9\xff") == "???");
}

BOOST_AUTO_TEST_SUITE_END()
