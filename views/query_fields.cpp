// Fields of the response: by which name, and that each has one result only. For query_results.cpp
// and query_stars.cpp.

#include <algorithm>

#include "views/query_results.hpp"
#include "views/sql_words.hpp"

namespace perdure::views {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using field_path = std::vector<const FieldDescriptor*>;
using source = result_field::source;

}  // namespace

std::vector<std::string> field_names(const Descriptor& of) {
  std::vector<std::string> names;
  for (int i = 0; i < of.field_count(); ++i) names.push_back(of.field(i)->name());
  return names;
}

bool is_plain_message(const FieldDescriptor& field) {
  return field.message_type() != nullptr && element_type_of(field) == column_type::json &&
         field.message_type()->file()->name() != "google/protobuf/struct.proto";
}

field_path find_field(const Descriptor& in, const std::vector<std::string>& path) {
  field_path found;
  const Descriptor* message = &in;
  for (const auto& part : path) {
    const FieldDescriptor* field = nullptr;
    for (int i = 0; message != nullptr && i < message->field_count(); ++i) {
      if (same_word(message->field(i)->name(), part)) field = message->field(i);
    }
    if (field == nullptr || (!found.empty() && found.back()->is_repeated())) return {};
    found.push_back(field);
    message = is_plain_message(*field) ? field->message_type() : nullptr;
  }
  return found;
}

void place(query_reading& q, std::size_t token, const result_target& in, const field_path& path,
           result_field made) {
  auto* into = in.fields;
  for (std::size_t i = 0; i < path.size(); ++i) {
    auto known = std::ranges::find(*into, path[i], &result_field::field);
    bool is_last = i + 1 == path.size();
    bool is_taken = known != into->end() && (is_last || known->from != source::fields);
    bool has_row =
        !into->empty() && into->front().from == source::row && into->front().field == nullptr;
    if (is_taken || has_row) {
      return q.problem(token, "\"" + path[i]->name() + "\" of " +
                                  path[i]->containing_type()->full_name() +
                                  " has two results; remove one, or give it another name with AS");
    }
    if (is_last) return into->push_back(std::move(made));
    if (known == into->end()) {
      into->push_back({source::fields, path[i], 0, {}});
      known = into->end() - 1;
    }
    into = &known->parts;
  }
}

}  // namespace perdure::views
