// Command path over HTTP: JSON to message. RapidJSON knows the syntax and reports values one by
// one; message_filler knows which field each is for.

#include "gateway/http_json_reader.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "base/utf8.hpp"
#include "gateway/http_fields.hpp"
#include "gateway/http_json.hpp"
#include "gateway/http_json_shape.hpp"
#include "gateway/http_scalar.hpp"

namespace perdure::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using rapidjson::SizeType;

constexpr std::size_t depth_max = 100;

status invalid(std::string why) { return {status_code::invalid_argument, std::move(why)}; }

// An object or list that has begun and not ended yet.
//
//   what    message                       field
//   object  the one that it fills         whose value comes next; null before the first name
//   list    the one that has the list     the repeated field
//   map     its newest entry              the value in it; the level below has the map itself
struct level {
  enum class kind { object, list, map };

  kind what;
  Message* message;
  const FieldDescriptor* field;
  const json_shape* shape = nullptr;  // of an object's message
  std::size_t first_name = 0;         // of an object: where its names begin in names_
};

// Takes RapidJSON's events; it is RapidJSON that names them. False ends the reading, and failure()
// tells why.
class message_filler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, message_filler> {
 public:
  explicit message_filler(Message& root) : root_(root) { names_.reserve(16); }

  const status& failure() const { return failure_; }

  bool Null() { return is_in(level::kind::object) || refuse("null"); }

  bool Bool(bool value) {
    std::string_view text = value ? "true" : "false";
    bool fits = takes_one() && top().field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL;
    return fits ? put(text) : refuse(text);
  }

  bool RawNumber(const char* digits, SizeType length, bool) {
    std::string_view text(digits, length);
    bool fits = takes_one() && takes_number(*top().field);
    return fits ? put(text) : refuse(text.substr(0, 100));
  }

  bool String(const char* bytes, SizeType length, bool) {
    std::string_view text(bytes, length);
    // Not left to RapidJSON: it lets half a surrogate pair pass.
    if (!is_utf8(text)) return fail("it is not UTF-8");
    bool fits = takes_one() && takes_string(*top().field, text);
    return fits ? put(text) : refuse(json_quoted(text.substr(0, 100)));
  }

  bool StartObject() {
    if (depth_ == 0) return begin_message(root_);
    auto& at = top();
    if (is_in(level::kind::object) && at.field->is_map()) {
      keys_.emplace_back();
      return begin({level::kind::map, nullptr, at.field->message_type()->map_value()});
    }
    if (!takes_one() || !at.field->message_type()) return refuse("an object");
    if (!is_free(*at.message, *at.field)) return false;
    const auto& reflection = *at.message->GetReflection();
    return begin_message(at.what == level::kind::list
                             ? *reflection.AddMessage(at.message, at.field)
                             : *reflection.MutableMessage(at.message, at.field));
  }

  bool Key(const char* bytes, SizeType length, bool) {
    std::string_view name(bytes, length);
    return is_in(level::kind::map) ? begin_entry(name) : begin_field(name);
  }

  bool EndObject(SizeType) {
    if (is_in(level::kind::map)) keys_.pop_back();
    if (is_in(level::kind::object)) names_.resize(top().first_name);
    --depth_;
    return true;
  }

  bool StartArray() {
    bool fits = is_in(level::kind::object) && top().field->is_repeated() && !top().field->is_map();
    return fits ? begin({level::kind::list, top().message, top().field}) : refuse("a list");
  }

  bool EndArray(SizeType) {
    --depth_;
    return true;
  }

 private:
  level& top() { return levels_[depth_ - 1]; }

  bool is_in(level::kind what) { return depth_ > 0 && top().what == what; }

  // Whether what comes next is a single value, and not a list or map of them.
  bool takes_one() { return depth_ > 0 && (!is_in(level::kind::object) || is_single(top())); }

  static bool is_single(const level& object) { return !object.field->is_repeated(); }

  static bool takes_number(const FieldDescriptor& field) {
    return field.cpp_type() != FieldDescriptor::CPPTYPE_STRING &&
           field.cpp_type() != FieldDescriptor::CPPTYPE_BOOL &&
           field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE;
  }

  static bool takes_string(const FieldDescriptor& field, std::string_view text) {
    // "1" may stand for an enum value, as in protobuf; "1e0" is neither its name nor its number.
    bool is_number = !text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'));
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM && is_number) {
      return is_plain_integer(text);
    }
    return field.cpp_type() != FieldDescriptor::CPPTYPE_BOOL &&
           field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE;
  }

  bool begin(level one) {
    if (depth_ == depth_max) {
      return fail("there are more than " + std::to_string(depth_max) +
                  " objects and lists inside each other");
    }
    levels_[depth_++] = one;
    return true;
  }

  bool begin_message(Message& message) {
    const auto& shape = json_shape_of(*message.GetDescriptor());
    return begin({level::kind::object, &message, nullptr, &shape, names_.size()});
  }

  bool begin_field(std::string_view name) {
    auto& at = top();
    at.field = nullptr;
    auto found = at.shape->fields.find(name);
    if (found == at.shape->fields.end()) {
      const auto& type = *at.message->GetDescriptor();
      return fail(json_quoted(name.substr(0, 100)) + " is no field of " + type.full_name() +
                  ", which has " + field_names(type));
    }
    at.field = found->second;
    auto first = names_.begin() + static_cast<std::ptrdiff_t>(at.first_name);
    if (std::find(first, names_.end(), at.field) != names_.end()) return fail("it is there twice");
    names_.push_back(at.field);
    return true;
  }

  bool begin_entry(std::string_view key) {
    if (!is_utf8(key)) return fail("it is not UTF-8");
    if (!keys_.back().emplace(key).second) {
      return fail("the key " + json_quoted(key.substr(0, 100)) + " is there twice");
    }
    const auto& below = levels_[depth_ - 2];
    auto* entry = below.message->GetReflection()->AddMessage(below.message, below.field);
    top().message = entry;
    const auto& field = *entry->GetDescriptor()->map_key();
    // Written otherwise, the same number would get past the check above.
    bool fits = !takes_number(field) || is_plain_integer(key);
    auto done =
        fits ? put_scalar(*entry, field, key) : wrong_type(field, json_quoted(key.substr(0, 100)));
    return done.ok() || fail("in a key: " + done.message());
  }

  bool put(std::string_view text) {
    auto& at = top();
    if (!is_free(*at.message, *at.field)) return false;
    auto done = put_scalar(*at.message, *at.field, text);
    return done.ok() || fail(done.message());
  }

  // Of a oneof one member can be given; the last one would silently win.
  bool is_free(const Message& message, const FieldDescriptor& field) {
    const auto* group = field.real_containing_oneof();
    if (!group) return true;
    const auto* other = message.GetReflection()->GetOneofFieldDescriptor(message, group);
    return !other ||
           fail("only one of " + other->name() + " and " + field.name() + " can be given");
  }

  bool refuse(std::string_view got) {
    auto instead = ", got " + std::string(got);
    if (depth_ == 0) return fail("expected an object" + instead);
    if (takes_one()) return fail(wrong_type(*top().field, got).message());
    return fail((top().field->is_map() ? "expected an object" : "expected a list") + instead);
  }

  bool fail(const std::string& why) {
    auto place = path();
    failure_ = invalid(place.empty() ? why : place + ": " + why);
    return false;
  }

  // "author.born", "editors[2].born"
  std::string path() const {
    std::string path;
    for (std::size_t i = 0; i < depth_; ++i) {
      const auto& at = levels_[i];
      if (at.what == level::kind::object && at.field) {
        if (!path.empty()) path += '.';
        path += at.field->name();
      } else if (at.what == level::kind::list) {
        // An element that has begun is there already.
        auto count = at.message->GetReflection()->FieldSize(*at.message, at.field);
        path += '[';
        path += std::to_string(i + 1 < depth_ ? count - 1 : count);
        path += ']';
      }
    }
    return path;
  }

  Message& root_;
  status failure_;
  std::size_t depth_ = 0;
  std::array<level, depth_max> levels_;
  std::vector<const FieldDescriptor*> names_;  // given in the objects that have begun
  std::vector<std::set<std::string>> keys_;    // of the maps that have begun
};

}  // namespace

status read_json(std::string_view json, Message& message) {
  // Strings are unescaped here. It grows with them, and a pool would keep each size that it had.
  using memory = rapidjson::CrtAllocator;
  memory heap;
  rapidjson::GenericReader<rapidjson::UTF8<>, rapidjson::UTF8<>, memory> reader(&heap, 512);
  rapidjson::MemoryStream stream(json.data(), json.size());
  message_filler filler(message);
  auto done = reader.Parse<rapidjson::kParseNumbersAsStringsFlag>(stream, filler);
  if (!filler.failure().ok()) return filler.failure();
  if (done.IsError()) {
    return invalid("at byte " + std::to_string(done.Offset()) + ": " +
                   rapidjson::GetParseError_En(done.Code()));
  }
  // A zero byte looks like the end.
  if (stream.Tell() != json.size()) {
    return invalid("at byte " + std::to_string(stream.Tell()) + ": nothing may follow the value");
  }
  return {};
}

}  // namespace perdure::gateway
