// A message of a proto2 file may have fields without which it is one that nobody can read.

#include "codegen/stored_message.hpp"

#include <set>

namespace perdure::codegen {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// A required field of the message or of one inside it, or null.
const FieldDescriptor* required_field(const Descriptor& message,
                                      std::set<const Descriptor*>& seen) {
  if (!seen.insert(&message).second) return nullptr;
  for (int i = 0; i < message.field_count(); ++i) {
    const auto& inner = *message.field(i);
    if (inner.is_required()) return &inner;
    if (inner.message_type() == nullptr) continue;
    if (const auto* found = required_field(*inner.message_type(), seen)) return found;
  }
  return nullptr;
}

}  // namespace

std::string wrong_with_stored(const Descriptor& message) {
  std::set<const Descriptor*> seen;
  const auto* found = required_field(message, seen);
  if (found == nullptr) return "";
  return "has the required field " + found->full_name() +
         ", and could not be read back without it; make that optional";
}

}  // namespace perdure::codegen
