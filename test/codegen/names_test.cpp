// How names of a .proto read in C++.

#include "codegen/names.hpp"

#include <google/protobuf/descriptor.pb.h>

#include <boost/test/unit_test.hpp>

using namespace perdure::codegen;

BOOST_AUTO_TEST_SUITE(names)

BOOST_AUTO_TEST_CASE(a_capital_starts_a_word) {
  BOOST_TEST(snake_case("AddItem") == "add_item");
  BOOST_TEST(snake_case("addItem") == "add_item");
  BOOST_TEST(snake_case("A") == "a");
}

BOOST_AUTO_TEST_CASE(an_acronym_is_one_word) {
  BOOST_TEST(snake_case("HTTPServer") == "http_server");
  BOOST_TEST(snake_case("GetURL") == "get_url");
  BOOST_TEST(snake_case("V2Item") == "v2_item");
}

BOOST_AUTO_TEST_CASE(underscores_stay_but_never_double) {
  BOOST_TEST(snake_case("Item_Added") == "item_added");
  BOOST_TEST(snake_case("item__added") == "item_added");
  BOOST_TEST(snake_case("Outer_Inner") == "outer_inner");
}

BOOST_AUTO_TEST_CASE(a_keyword_or_macro_gets_an_underscore) {
  BOOST_TEST(identifier("delete") == "delete_");
  BOOST_TEST(identifier("co_await") == "co_await_");
  BOOST_TEST(identifier("errno") == "errno_");
  BOOST_TEST(identifier("deleted") == "deleted");
}

BOOST_AUTO_TEST_CASE(a_package_becomes_a_namespace) {
  BOOST_TEST(cpp_namespace("") == "");
  BOOST_TEST(cpp_namespace("cart.domain") == "cart::domain");
  BOOST_TEST(cpp_namespace("cart") == "cart");
}

BOOST_AUTO_TEST_CASE(names_that_protobuf_does_not_escape_are_known) {
  for (const auto* name : {"concept", "errno", "EOF", "EAGAIN", "ERANGE", "size_t"}) {
    BOOST_TEST(is_unescaped(name), name);
  }
  for (const auto* name : {"class", "ERROR", "E", "Cart", "std", "NULL", ""}) {
    BOOST_TEST(!is_unescaped(name), name);
  }
}

BOOST_AUTO_TEST_CASE(the_stem_of_a_file_is_its_name_without_the_extension) {
  google::protobuf::DescriptorPool pool;
  auto stem_of = [&](const char* name) {
    google::protobuf::FileDescriptorProto file;
    file.set_name(name);
    return file_stem(*pool.BuildFile(file));
  };
  BOOST_TEST(stem_of("bank/cart_api.proto") == "bank/cart_api");
  BOOST_TEST(stem_of("old.protodevel") == "old");
  BOOST_TEST(stem_of("other.txt") == "other.txt");
}

BOOST_AUTO_TEST_SUITE_END()
