// Command path over HTTP: messages as JSON. Plain types are read and written directly; the others
// by protobuf's own code, which looks up every type and field anew for each message.

#include "gateway/http_json.hpp"

#include <google/protobuf/arena.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/type_resolver_util.h>

#include <cstddef>

#include "base/utf8.hpp"
#include "gateway/http_json_reader.hpp"
#include "gateway/http_json_shape.hpp"
#include "gateway/http_json_writer.hpp"

namespace perdure::gateway {
namespace {

namespace pb = google::protobuf;

constexpr const char* url_prefix = "type.googleapis.com";

// Never destroyed: a request may still be answered while static objects are torn down.
pb::util::TypeResolver& resolver() {
  static auto* one =
      pb::util::NewTypeResolverForDescriptorPool(url_prefix, pb::DescriptorPool::generated_pool());
  return *one;
}

pb::util::JsonPrintOptions print_options() {
  pb::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  return options;
}

status parsed_by_protobuf(std::string_view json, pb::Message& message) {
  if (!is_utf8(json)) return {status_code::invalid_argument, "it is not UTF-8"};
  pb::StringPiece text(json.data(), json.size());
  if (auto done = pb::util::JsonStringToMessage(text, &message); !done.ok()) {
    return {status_code::invalid_argument, std::string(done.message())};
  }
  return {};
}

result<std::string> printed_by_protobuf(const pb::Message& prototype, const std::string& encoded) {
  std::string json;
  auto url = std::string(url_prefix) + "/" + prototype.GetDescriptor()->full_name();
  auto done = pb::util::BinaryToJsonString(&resolver(), url, encoded, &json, print_options());
  if (!done.ok()) {
    return status(status_code::internal,
                  "the reply cannot be written as JSON: " + std::string(done.message()));
  }
  return json;
}

}  // namespace

status parse_json(std::string_view json, pb::Message& message) {
  if (!json_shape_of(*message.GetDescriptor()).plain) return parsed_by_protobuf(json, message);
  message.Clear();
  return read_json(json, message);
}

result<std::string> to_json(const pb::Message& message) {
  if (json_shape_of(*message.GetDescriptor()).plain) return write_json(message);
  return printed_by_protobuf(message, message.SerializeAsString());
}

result<std::string> to_json(const pb::Message& prototype, const std::string& encoded) {
  if (!json_shape_of(*prototype.GetDescriptor()).plain) {
    return printed_by_protobuf(prototype, encoded);
  }
  // Most replies need no memory but this.
  alignas(std::max_align_t) char block[2048];
  pb::Arena arena(block, sizeof block);
  auto* message = prototype.New(&arena);
  if (!message->ParseFromString(encoded)) {
    return status(status_code::internal, "the reply is no " + prototype.GetTypeName());
  }
  return write_json(*message);
}

std::string json_quoted(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string quoted = "\"";
  for (char c : readable(std::string(text))) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20) {
      quoted += "\\u00";
      quoted += hex[byte >> 4];
      quoted += hex[byte & 15];
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace perdure::gateway
