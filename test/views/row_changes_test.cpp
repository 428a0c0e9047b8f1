#include "views/row_changes.hpp"

#include <google/protobuf/descriptor.pb.h>

#include <boost/test/unit_test.hpp>

#include "test/views/ledger.hpp"

namespace {

using namespace perdure;
using namespace perdure::test;

struct fixture {
  view_plan plan = ledger_plan();
  google::protobuf::FileDescriptorSet before;
  std::map<std::string, std::string> rows{{"accounts", "test.ledger.Account"},
                                          {"notes", "test.ledger.Note"}};

  fixture() {
    const auto& file = *Entry::descriptor()->file();
    for (int n = 0; n < file.dependency_count(); ++n) file.dependency(n)->CopyTo(before.add_file());
    file.CopyTo(before.add_file());
  }
  google::protobuf::FieldDescriptorProto& field(int number) {
    auto& file = *before.mutable_file(before.file_size() - 1);
    return *file.mutable_message_type(1)->mutable_field(number - 1);
  }
  texts changes() { return views::breaking_changes(rows, before.SerializeAsString(), plan); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(row_changes, fixture)

BOOST_AUTO_TEST_CASE(the_same_messages_have_not_changed) { BOOST_TEST(changes().empty()); }

BOOST_AUTO_TEST_CASE(a_new_field_breaks_nothing) {
  auto& account = *before.mutable_file(before.file_size() - 1)->mutable_message_type(1);
  account.mutable_field()->DeleteSubrange(1, 1);
  BOOST_TEST(changes().empty());
}

BOOST_AUTO_TEST_CASE(each_field_that_changed_is_named) {
  field(1).set_type(google::protobuf::FieldDescriptorProto::TYPE_STRING);
  field(2).set_name("count");
  field(3).set_number(30);
  field(3).set_name("lines");
  rows["gone"] = "test.ledger.Note";
  BOOST_TEST((changes() == texts{"\"balance\" (1) of test.ledger.Account was string and is int64",
                                 "\"count\" (2) of test.ledger.Account is called \"entries\" now",
                                 "\"lines\" (30) of test.ledger.Account is gone",
                                 "table \"gone\" is gone"}));
}

BOOST_AUTO_TEST_SUITE_END()
