#include "views/row_schema.hpp"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/empty.pb.h>

#include <boost/test/unit_test.hpp>
#include <map>

#include "gallery.pb.h"

using namespace perdure::views;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptorProto;
using google::protobuf::FileDescriptorProto;

namespace {

std::string as_text(const table_schema& schema) {
  std::string text;
  for (auto& column : schema.columns) {
    text += column.name + " " + std::string(sql_type_of(column.type)) +
            (column.may_be_null ? " NULL\n" : "\n");
  }
  return text;
}

void add_field(google::protobuf::DescriptorProto& message, const std::string& name,
               FieldDescriptorProto::Type type, const std::string& of = "") {
  auto& field = *message.add_field();
  field.set_name(name);
  field.set_json_name(name);
  field.set_number(message.field_size());
  field.set_type(type);
  field.set_label(FieldDescriptorProto::LABEL_OPTIONAL);
  if (!of.empty()) field.set_type_name(of);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(row_schema)

BOOST_AUTO_TEST_CASE(every_field_has_the_column_of_its_kind) {
  BOOST_TEST(as_text(schema_of("paintings", *gallery::Painting::descriptor())) ==
             "title TEXT\n"
             "year INTEGER\n"
             "price INTEGER\n"
             "serial INTEGER\n"
             "height REAL\n"
             "weight REAL\n"
             "is_sold INTEGER\n"
             "style TEXT\n"
             "thumbnail BLOB\n"
             "painted TEXT NULL\n"
             "drying REAL NULL\n"
             "rank INTEGER NULL\n"
             "nickname TEXT NULL\n"
             "copies INTEGER NULL\n"
             "home.city TEXT NULL\n"
             "home.country TEXT NULL\n"
             "tags TEXT\n"
             "scores TEXT\n"
             "votes TEXT\n"
             "exhibits TEXT\n"
             "copy_of TEXT NULL\n"
             "notes TEXT NULL\n"
             "museum TEXT NULL\n"
             "owner TEXT NULL\n"
             "painter_id TEXT\n");
}

BOOST_AUTO_TEST_CASE(a_column_is_found_in_any_case) {
  auto schema = schema_of("paintings", *gallery::Painting::descriptor());
  BOOST_REQUIRE(schema.find("HOME.City"));
  BOOST_TEST(schema.find("HOME.City")->path.size() == 2);
  BOOST_TEST(schema.find("rank")->path.back()->full_name() == "google.protobuf.Int64Value.value");
  BOOST_TEST(!schema.find("home"));
  BOOST_TEST(!schema.find("_key"));
}

BOOST_AUTO_TEST_CASE(a_field_is_described_with_its_type) {
  auto described_field = [](const char* name) {
    return described(*gallery::Painting::descriptor()->FindFieldByName(name));
  };
  BOOST_TEST(described_field("style") == "TEXT (enum gallery.Style)");
  BOOST_TEST(described_field("price") == "INTEGER (int64)");
  BOOST_TEST(described_field("painted") == "TEXT (google.protobuf.Timestamp)");
  BOOST_TEST(described_field("tags") == "TEXT (repeated string)");
  BOOST_TEST(described_field("votes") == "TEXT (map)");
}

BOOST_AUTO_TEST_CASE(names_that_sql_cannot_tell_apart_or_that_are_ours_give_no_second_column) {
  FileDescriptorProto file;
  file.set_name("clash.proto");
  file.set_syntax("proto2");
  auto& row = *file.add_message_type();
  row.set_name("Row");
  for (auto* name : {"City", "CITY", "_key", "_ROW", "_id", "country"}) {
    add_field(row, name, FieldDescriptorProto::TYPE_STRING);
  }
  DescriptorPool pool;
  auto* built = pool.BuildFile(file);
  BOOST_REQUIRE(built);
  BOOST_TEST(as_text(schema_of("rows", *built->message_type(0))) ==
             "City TEXT NULL\ncountry TEXT NULL\n");
}

BOOST_AUTO_TEST_CASE(a_wide_and_deep_message_stays_within_what_sqlite_takes) {
  FileDescriptorProto file;
  file.set_name("wide.proto");
  file.set_syntax("proto3");
  auto& leaf = *file.add_message_type();
  leaf.set_name("Leaf");
  for (int i = 0; i < 300; ++i) {
    add_field(leaf, "n" + std::to_string(i), FieldDescriptorProto::TYPE_INT32);
  }
  auto& row = *file.add_message_type();
  row.set_name("Row");
  for (int i = 0; i < 300; ++i) {
    add_field(row, "leaf" + std::to_string(i), FieldDescriptorProto::TYPE_MESSAGE, ".Leaf");
  }
  add_field(row, "last", FieldDescriptorProto::TYPE_STRING);
  DescriptorPool pool;
  auto* built = pool.BuildFile(file);
  BOOST_REQUIRE(built);
  auto schema = schema_of("rows", *built->FindMessageTypeByName("Row"));
  BOOST_TEST(schema.columns.size() == 900 + 297 + 1);
  BOOST_TEST((schema.find("leaf3")->type == column_type::json));
  BOOST_TEST(schema.find("last"));
}

BOOST_AUTO_TEST_CASE(messages_around_each_other_and_ones_without_fields_are_json) {
  FileDescriptorProto file;
  file.set_name("around.proto");
  file.set_syntax("proto3");
  for (auto* name : {"A", "B"}) {
    auto& message = *file.add_message_type();
    message.set_name(name);
    add_field(message, "n", FieldDescriptorProto::TYPE_INT64);
    add_field(message, "other", FieldDescriptorProto::TYPE_MESSAGE,
              message.name() == "A" ? ".B" : ".A");
    add_field(message, "nothing", FieldDescriptorProto::TYPE_MESSAGE, ".Empty");
  }
  file.add_message_type()->set_name("Empty");
  DescriptorPool pool;
  auto* built = pool.BuildFile(file);
  BOOST_REQUIRE(built);
  BOOST_TEST(as_text(schema_of("rows", *built->message_type(0))) ==
             "n INTEGER\n"
             "other.n INTEGER NULL\n"
             "other.other TEXT NULL\n"
             "other.nothing TEXT NULL\n"
             "nothing TEXT NULL\n");
}

BOOST_AUTO_TEST_SUITE_END()
