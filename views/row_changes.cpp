// Between the row messages of a view's old file and those of now. Used by view_home.cpp.

#include "views/row_changes.hpp"

#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <set>

namespace perdure::views {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

std::string type_of_field(const FieldDescriptor& field) {
  std::string type = field.is_repeated() ? "repeated " : "";
  if (field.message_type() != nullptr) return type + field.message_type()->full_name();
  if (field.enum_type() != nullptr) return type + field.enum_type()->full_name();
  return type + field.type_name();
}

std::string described(const FieldDescriptor& field) {
  return "\"" + field.name() + "\" (" + std::to_string(field.number()) + ") of " +
         field.containing_type()->full_name();
}

class comparison {
 public:
  void compare(const Descriptor& before, const Descriptor& now) {
    if (!known_.insert(before.full_name()).second) return;
    for (int n = 0; n < before.field_count(); ++n) {
      const auto& field = *before.field(n);
      const auto* same = now.FindFieldByNumber(field.number());
      if (same == nullptr) {
        found.push_back(described(field) + " is gone");
        continue;
      }
      if (type_of_field(field) != type_of_field(*same)) {
        found.push_back(described(field) + " was " + type_of_field(field) + " and is " +
                        type_of_field(*same));
      } else if (field.message_type() != nullptr) {
        compare(*field.message_type(), *same->message_type());
      }
      if (field.name() != same->name()) {
        found.push_back(described(field) + " is called \"" + same->name() + "\" now");
      }
    }
  }

  std::vector<std::string> found;

 private:
  std::set<std::string> known_;
};

}  // namespace

std::vector<std::string> breaking_changes(const std::map<std::string, std::string>& rows,
                                          const std::string& descriptors, const view_plan& now) {
  google::protobuf::FileDescriptorSet files;
  google::protobuf::DescriptorPool before;
  if (!files.ParseFromString(descriptors)) return {};
  for (const auto& file : files.file()) {
    if (before.BuildFile(file) == nullptr) return {};
  }
  comparison compared;
  for (const auto& [table, message] : rows) {
    auto same =
        std::ranges::find_if(now.tables, [&](const auto& t) { return t.schema.name == table; });
    const auto* old = before.FindMessageTypeByName(message);
    if (same == now.tables.end()) {
      compared.found.push_back("table \"" + table + "\" is gone");
    } else if (old != nullptr) {
      compared.compare(*old, *same->schema.row);
    }
  }
  return compared.found;
}

}  // namespace perdure::views
