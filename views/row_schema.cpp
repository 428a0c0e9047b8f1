// The first thing to know of a view: which columns its row messages give. Values for them:
// row_values.

#include "views/row_schema.hpp"

#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <set>

#include "base/ascii.hpp"

namespace perdure::views {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// SQLite takes 2000 columns, of which some are ours. Messages do not open past half of that, so
// that the fields behind them have their columns too.
constexpr std::size_t columns_max = 1'990;
constexpr std::size_t opened_columns_max = 1'000;
constexpr std::size_t depth_max = 20;

bool is_wrapper(const Descriptor& message) {
  return message.file()->name() == "google/protobuf/wrappers.proto";
}

column_type type_of_message(const Descriptor& message) {
  if (message.full_name() == "google.protobuf.Timestamp") return column_type::timestamp;
  if (message.full_name() == "google.protobuf.Duration") return column_type::duration;
  if (is_wrapper(message)) return type_of(*message.field(0));
  return column_type::json;
}

class column_maker {
 public:
  explicit column_maker(table_schema& into) : into_(into) {}

  void add_fields_of(const Descriptor& message, const std::string& prefix) {
    around_.push_back(&message);
    for (int i = 0; i < message.field_count(); ++i) {
      path_.push_back(message.field(i));
      add(*message.field(i), prefix + message.field(i)->name());
      path_.pop_back();
    }
    around_.pop_back();
  }

 private:
  void add(const FieldDescriptor& field, const std::string& name) {
    auto type = type_of(field);
    if (type == column_type::json && !field.is_repeated() && opens(*field.message_type())) {
      return add_fields_of(*field.message_type(), name + ".");
    }
    if (into_.columns.size() >= columns_max) return;
    if (!names_.insert(lower_case(name)).second) return;
    column made{name, path_, type, false};
    if (!field.is_repeated() && field.message_type() && is_wrapper(*field.message_type())) {
      made.path.push_back(field.message_type()->field(0));
    }
    made.may_be_null = std::any_of(path_.begin(), path_.end(),
                                   [](const FieldDescriptor* f) { return f->has_presence(); });
    into_.columns.push_back(std::move(made));
  }

  // Whether a message gives columns for its fields, or is taken in whole.
  bool opens(const Descriptor& message) const {
    auto& name = message.full_name();
    if (name == "google.protobuf.Any" || message.file()->name() == "google/protobuf/struct.proto") {
      return false;
    }
    return message.field_count() > 0 && around_.size() < depth_max &&
           into_.columns.size() + static_cast<std::size_t>(message.field_count()) <
               opened_columns_max &&
           std::find(around_.begin(), around_.end(), &message) == around_.end();
  }

  table_schema& into_;
  std::vector<const FieldDescriptor*> path_;
  std::vector<const Descriptor*> around_;
  std::set<std::string> names_{"_id", "_key", "_row"};
};

}  // namespace

std::string_view sql_type_of(column_type type) {
  switch (type) {
    case column_type::integer:
    case column_type::boolean:
      return "INTEGER";
    case column_type::real:
    case column_type::duration:
      return "REAL";
    case column_type::bytes:
      return "BLOB";
    default:
      return "TEXT";
  }
}

const column* table_schema::find(std::string_view path) const {
  auto same = [wanted = lower_case(path)](const column& c) { return lower_case(c.name) == wanted; };
  auto found = std::find_if(columns.begin(), columns.end(), same);
  return found == columns.end() ? nullptr : &*found;
}

table_schema schema_of(std::string name, const Descriptor& row) {
  table_schema made{std::move(name), &row, {}};
  column_maker(made).add_fields_of(row, "");
  return made;
}

column_type element_type_of(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return column_type::boolean;
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return column_type::real;
    case FieldDescriptor::CPPTYPE_ENUM:
      return column_type::enumeration;
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES ? column_type::bytes : column_type::text;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return type_of_message(*field.message_type());
    default:
      return column_type::integer;
  }
}

column_type type_of(const FieldDescriptor& field) {
  return field.is_repeated() ? column_type::json : element_type_of(field);
}

std::string described(const FieldDescriptor& field) {
  std::string kind = field.type_name();
  if (field.message_type()) kind = field.message_type()->full_name();
  if (field.enum_type()) kind = "enum " + field.enum_type()->full_name();
  if (field.is_map()) kind = "map";
  if (field.is_repeated() && !field.is_map()) kind = "repeated " + kind;
  return std::string(sql_type_of(type_of(field))) + " (" + kind + ")";
}

}  // namespace perdure::views
