// Behind sqlite_connection, before the wire: what queries and live_queries answer. A whole row goes
// out as it is stored; nobody reads it here.

#include "views/result_making.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <span>

#include "base/check.hpp"
#include "views/encoded_fields.hpp"
#include "views/row_values.hpp"

namespace perdure::views {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using source = result_field::source;

// Where the values come from: columns of a row, or of a tuple in a list.
class cells {
 public:
  explicit cells(const sqlite_statement& row) : row_(&row) {}
  explicit cells(std::span<const sql_value> tuple) : tuple_(tuple) {}

  bool is_null(std::size_t column) const {
    if (row_) return row_->is_null(static_cast<int>(column));
    return column >= tuple_.size() || std::holds_alternative<std::monostate>(tuple_[column]);
  }

  sql_value value(std::size_t column) const {
    constexpr std::size_t number = 8;
    read_ += number;
    if (!row_) return column < tuple_.size() ? tuple_[column] : sql_value();
    auto value = row_->column(static_cast<int>(column));
    if (auto* text = std::get_if<std::string>(&value)) read_ += text->size();
    if (auto* blob = std::get_if<sql_blob>(&value)) read_ += blob->bytes.size();
    return value;
  }

  // Of a blob.
  std::string_view bytes(std::size_t column) const {
    auto* blob = column < tuple_.size() ? std::get_if<sql_blob>(&tuple_[column]) : nullptr;
    std::string_view bytes = blob ? std::string_view(blob->bytes) : std::string_view();
    if (row_) bytes = row_->bytes(static_cast<int>(column));
    read_ += bytes.size();
    return bytes;
  }

  // How much has been taken from them.
  std::size_t bytes_read() const { return read_; }

 private:
  const sqlite_statement* row_ = nullptr;
  std::span<const sql_value> tuple_;
  mutable std::size_t read_ = 0;
};

bool is_beside(const result_field& part) {
  return part.from == source::total_count || part.from == source::has_more ||
         part.from == source::next_page_token;
}

// So a row that a LEFT JOIN has not found is no message, rather than one without values.
bool is_all_null(const result_field& part, const cells& from) {
  if (part.from != source::fields) return is_beside(part) || from.is_null(part.column);
  return std::all_of(part.parts.begin(), part.parts.end(),
                     [&](const result_field& inner) { return is_all_null(inner, from); });
}

status fitted(const status& was_set) {
  if (was_set.ok()) return {};
  return status(status_code::internal,
                "a result of the query does not fit the response: " + was_set.message());
}

status parse(Message& into, std::string_view encoded) {
  if (into.ParsePartialFromArray(encoded.data(), static_cast<int>(encoded.size()))) return {};
  return status(status_code::data_loss,
                "a stored row cannot be read as " + into.GetDescriptor()->full_name());
}

// What is on the wire needs no field of the message that is known to be there: its bytes are added
// behind the others, and who reads them finds the field.
void add_encoded(Message& message, const FieldDescriptor& field, std::string_view encoded) {
  message.GetReflection()
      ->MutableUnknownFields(&message)
      ->AddLengthDelimited(field.number())
      ->assign(encoded.data(), encoded.size());
}

status fill_all(Message& message, const std::vector<result_field>& parts, const cells& from);

status add_element(Message& message, const FieldDescriptor& field, const result_field& element,
                   const sql_value& value) {
  if (element.from == source::value) return fitted(add_value(message, field, value));
  auto* blob = std::get_if<sql_blob>(&value);
  PERDURE_CHECK(blob);  // of _row, or perdure_tuple()
  if (element.from == source::row) {
    add_encoded(message, field, blob->bytes);
    return {};
  }
  auto tuple = unpack(blob->bytes);
  if (!tuple) return fitted(tuple.error());
  return fill_all(*message.GetReflection()->AddMessage(&message, &field), element.parts,
                  cells(*tuple));
}

status fill_list(Message& message, const result_field& part, const cells& from) {
  auto elements = unpack(from.bytes(part.column));
  if (!elements) return fitted(elements.error());
  for (auto& element : *elements) {
    auto added = add_element(message, *part.field, part.parts.front(), element);
    if (!added.ok()) return added;
  }
  return {};
}

status fill(Message& message, const result_field& part, const cells& from) {
  switch (part.from) {
    case source::value:
      return fitted(set_value(message, *part.field, from.value(part.column)));
    case source::row:
      if (!part.field) return parse(message, from.bytes(part.column));
      if (!from.is_null(part.column)) add_encoded(message, *part.field, from.bytes(part.column));
      return {};
    case source::fields:
      if (is_all_null(part, from)) return {};
      return fill_all(*message.GetReflection()->MutableMessage(&message, part.field), part.parts,
                      from);
    case source::list:
      return fill_list(message, part, from);
    default:
      return {};  // about all rows: by many_rows
  }
}

status fill_all(Message& message, const std::vector<result_field>& parts, const cells& from) {
  for (auto& part : parts) {
    if (auto filled = fill(message, part, from); !filled.ok()) return filled;
  }
  return {};
}

// An element for the row, whatever is NULL in it. Whole rows are most of an answer: they are added
// `behind` the message without a look at what is in them.
status add_row(Message& message, std::string& behind, const result_field& part, const cells& from) {
  auto& element = part.parts.front();
  if (element.from == source::row) {
    append_field(part.field->number(), from.bytes(element.column), behind);
    return {};
  }
  if (element.from == source::value) {
    return fitted(add_value(message, *part.field, from.value(element.column)));
  }
  return fill_all(*message.GetReflection()->AddMessage(&message, part.field), element.parts, from);
}

status fill_beside(Message& message, const std::vector<result_field>& parts,
                   const result_surroundings& beside) {
  for (auto& part : parts) {
    status filled;
    if (part.from == source::total_count) {
      filled = fitted(set_value(message, *part.field, beside.total_count));
    } else if (part.from == source::has_more) {
      filled = fitted(set_value(message, *part.field, std::int64_t{beside.has_more}));
    } else if (part.from == source::next_page_token) {
      filled = fitted(set_value(message, *part.field, beside.next_page_token));
    } else if (part.from == source::fields &&
               std::any_of(part.parts.begin(), part.parts.end(), is_beside)) {
      auto& inner = *message.GetReflection()->MutableMessage(&message, part.field);
      filled = fill_beside(inner, part.parts, beside);
    }
    if (!filled.ok()) return filled;
  }
  return {};
}

// Whether a text in it holds one: SQLite reads it only so far.
bool has_nul(std::string_view json) {
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i] != '\\') continue;
    if (json.substr(i).starts_with("\\u0000")) return true;
    ++i;  // what it escapes
  }
  return false;
}

}  // namespace

result<std::vector<sql_value>> parameters_of(const query_plan& plan, const Message& request) {
  std::vector<sql_value> values;
  auto invalid = [](std::string why) { return status(status_code::invalid_argument, why); };
  for (auto& parameter : plan.parameters) {
    values.push_back(value_at(request, parameter.path));
    if (std::holds_alternative<std::monostate>(values.back())) {
      return invalid("the request has no \"" + parameter.name + "\", which the query needs");
    }
    if (parameter.path.back()->is_repeated() && has_nul(std::get<std::string>(values.back()))) {
      return invalid("a text in \"" + parameter.name +
                     "\" holds the character U+0000, which a text in a list must not");
    }
  }
  return values;
}

result<std::string> encode_row(const query_plan& plan, const Message& prototype,
                               const sqlite_statement& row) {
  cells from(row);
  auto& results = plan.results;
  bool is_stored_row = results.size() == 1 && results[0].from == source::row && !results[0].field;
  if (is_stored_row) return std::string(from.bytes(results[0].column));
  std::unique_ptr<Message> message(prototype.New());
  if (auto filled = fill_all(*message, results, from); !filled.ok()) return filled;
  return message->SerializePartialAsString();
}

many_rows::many_rows(const query_plan& plan, const Message& prototype)
    : plan_(plan), message_(prototype.New()) {}

status many_rows::add(const sqlite_statement& row) {
  cells from(row);
  for (auto& part : plan_.results) {
    status added;
    if (part.from == source::rows) {
      added = add_row(*message_, behind_, part, from);
    } else if (rows_ == 0) {
      added = fill(*message_, part, from);
    }
    if (!added.ok()) return added;
  }
  bytes_ += from.bytes_read();
  ++rows_;
  return {};
}

result<std::string> many_rows::encode(const result_surroundings& beside) && {
  if (auto filled = fill_beside(*message_, plan_.results, beside); !filled.ok()) return filled;
  auto encoded = message_->SerializePartialAsString();
  if (encoded.empty()) return std::move(behind_);
  return encoded += behind_;
}

}  // namespace perdure::views
