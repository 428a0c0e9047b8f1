// What the rows of a view depend on, as one text: where it is another one, rows are made anew. What
// changes no row is not in it: queries, names of rpcs, comments.

#include <map>

#include "views/view_reading.hpp"

namespace perdure::views {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

// Messages and enums that rows hold, by their names, each as text.
class structure {
 public:
  void add(const Descriptor& message) {
    auto [place, is_new] = texts_.emplace(message.full_name(), "");
    if (!is_new) return;
    std::map<int, const FieldDescriptor*> fields;
    for (int i = 0; i < message.field_count(); ++i) {
      fields.emplace(message.field(i)->number(), message.field(i));
    }
    std::string text = "message " + message.full_name() + "\n";
    for (const auto& [number, field] : fields) {
      text +=
          "  " + std::to_string(number) + " " + field->name() + " " + type_of_field(*field) + "\n";
      if (field->message_type() != nullptr) add(*field->message_type());
      if (field->enum_type() != nullptr) add(*field->enum_type());
    }
    place->second = std::move(text);
  }

  std::string text() const {
    std::string made;
    for (const auto& [name, text] : texts_) made += text;
    return made;
  }

 private:
  static std::string type_of_field(const FieldDescriptor& field) {
    std::string made = field.is_repeated() ? "repeated " : field.has_presence() ? "optional " : "";
    made += field.type_name();
    if (field.message_type() != nullptr) made += " " + field.message_type()->full_name();
    if (field.enum_type() != nullptr) made += " " + field.enum_type()->full_name();
    return made;
  }

  // Columns hold the names of values.
  void add(const EnumDescriptor& type) {
    auto [place, is_new] = texts_.emplace(type.full_name(), "");
    if (!is_new) return;
    std::string text = "enum " + type.full_name() + "\n";
    for (int i = 0; i < type.value_count(); ++i) {
      text += "  " + std::to_string(type.value(i)->number()) + " " + type.value(i)->name() + "\n";
    }
    place->second = std::move(text);
  }

  std::map<std::string, std::string> texts_;
};

std::string text_of(const view_table_plan& table) {
  std::string made = "table " + table.schema.name + " " + table.schema.row->full_name() + "\n";
  for (const auto& column : table.schema.columns) {
    made += "  " + column.name + " " + std::string(sql_type_of(column.type)) + "\n";
  }
  return made;
}

std::string text_of(const view_source& source, const view_plan& plan) {
  std::string made =
      "source " + source.from.path() + (source.from_end ? " from its end" : "") + "\n";
  for (const auto& updates : source.updates) {
    for (std::size_t i = 0; i < updates.takers.all.size(); ++i) {
      const auto& taker = updates.takers.all[i];
      made += "  " + taker.descriptor->input_type()->full_name() + " into " +
              plan.tables[updates.table].schema.name;
      if (taker.ignores) made += " ignored";
      if (taker.handles_deletes) made += " deletes";
      if (updates.transforms[i]) made += " transformed";
      made += "\n";
    }
  }
  return made;
}

}  // namespace

std::string definition_of(const view_plan& plan) {
  auto version = plan.service->options().GetExtension(perdure::service).view().version();
  std::string made = "version " + std::to_string(version) + "\n";
  structure rows;
  for (const auto& table : plan.tables) {
    made += text_of(table);
    rows.add(*table.schema.row);
  }
  for (const auto& source : plan.sources) made += text_of(source, plan);
  return made + rows.text();
}

}  // namespace perdure::views
