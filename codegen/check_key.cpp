// Checks of (perdure.field).entity_key: every request of an entity names the entity it is for, and
// all of them name it alike. Ids hold no names of parts (base/entity_id.cpp), so that a part
// forgotten, or another order, would quietly reach another entity. Only where the id is generated
// does the request not name it.

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "codegen/checks.hpp"

namespace perdure::codegen {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

bool is_key(const FieldDescriptor& candidate) {
  return candidate.options().GetExtension(perdure::field).entity_key();
}

// What base/entity_id.cpp can make text of.
bool is_key_type(const FieldDescriptor& key) {
  switch (key.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return key.type() == FieldDescriptor::TYPE_STRING;
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return true;
    default:
      return false;
  }
}

// False when it found an error.
bool check_part(const FieldDescriptor& part, diagnostics& errors) {
  auto subject = part.containing_type()->name() + "." + part.name() + ": ";
  bool right = true;
  auto error = [&](const std::string& text) {
    errors.error_at(part, subject + text);
    right = false;
  };
  if (part.file()->syntax() != google::protobuf::FileDescriptor::SYNTAX_PROTO3) {
    error(
        "an entity key cannot stand in a proto2 file, whose strings need not be UTF-8; use "
        "syntax = \"proto3\"");
  }
  if (part.is_map()) {
    error("an entity key cannot be a map; use a string or an integer");
  } else if (part.is_repeated()) {
    error("an entity key cannot be repeated; for a key of several parts annotate several fields");
  } else if (!is_key_type(part)) {
    error(std::string("an entity key must be a string or an integer, not ") + part.type_name());
  }
  if (const auto* choice = part.real_containing_oneof()) {
    error("an entity key cannot stand in a oneof (\"" + choice->name() +
          "\"), where it may be absent; move it out");
  }
  return right;
}

// One part of a key as far as it shows in the id: integers of any width are the same digits.
struct key_part {
  std::string name;
  std::string kind;

  auto operator<=>(const key_part&) const = default;
};

using entity_key = std::vector<key_part>;

// The parts in the order of the id. Nothing when there is no key to compare, and an error.
std::optional<entity_key> read_key(const MethodDescriptor& rpc, diagnostics& errors) {
  const auto& request = *rpc.input_type();
  std::map<int, key_part> parts;
  bool right = true;
  for (int i = 0; i < request.field_count(); ++i) {
    const auto& part = *request.field(i);
    if (!is_key(part)) continue;
    right = check_part(part, errors) && right;
    bool is_text = part.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
    parts[part.number()] = {part.name(), is_text ? "string" : "integer"};
  }
  if (parts.empty()) {
    errors.error_at(rpc, "rpc " + rpc.name() + ": request " + request.full_name() +
                             " has no key field; mark what names the entity with "
                             "[(perdure.field).entity_key = true]");
  }
  if (parts.empty() || !right) return std::nullopt;
  entity_key key;
  for (const auto& [number, part] : parts) key.push_back(part);
  return key;
}

bool has_generated_id(const MethodDescriptor& rpc) {
  return rpc.options().GetExtension(perdure::method).has_id_generator();
}

// A key in the request would be ignored.
void check_no_key(const MethodDescriptor& rpc, diagnostics& errors) {
  const auto& request = *rpc.input_type();
  for (int i = 0; i < request.field_count(); ++i) {
    if (!is_key(*request.field(i))) continue;
    errors.error(*rpc.service()->file(),
                 method_option_path(rpc, MethodOptions::kIdGeneratorFieldNumber),
                 "rpc " + rpc.name() +
                     ": id_generator makes the id of a new entity for each call, "
                     "but its request " +
                     request.full_name() + " has the key field \"" + request.field(i)->name() +
                     "\"; remove id_generator, or give the rpc a request without a key");
  }
}

struct keyed_rpc {
  const MethodDescriptor* rpc;
  entity_key key;
};

std::set<std::string> names_of(const entity_key& key) {
  std::set<std::string> names;
  for (const auto& part : key) names.insert(part.name);
  return names;
}

// "(string tenant, integer id)"
std::string text_of(const entity_key& key) {
  std::string text;
  for (const auto& part : key) text += (text.empty() ? "(" : ", ") + part.kind + " " + part.name;
  return text + ")";
}

std::string advice(const entity_key& ours, const entity_key& wanted) {
  if (ours.size() != wanted.size()) return "mark the same fields in both";
  if (names_of(ours) != names_of(wanted)) return "use the same names in both";
  if (!std::ranges::equal(ours, wanted, {}, &key_part::name, &key_part::name)) {
    return "the parts stand in the order of their field numbers: number them alike";
  }
  return "use the same types in both";
}

// Reported at each request unlike most of the others, or unlike the first when none is in the
// majority: one slip is one error.
void check_alike(const std::vector<keyed_rpc>& rpcs, diagnostics& errors) {
  std::map<entity_key, std::size_t> count;
  for (const auto& r : rpcs) ++count[r.key];
  auto usual = std::ranges::max_element(rpcs, {}, [&](const keyed_rpc& r) { return count[r.key]; });
  for (const auto& [rpc, key] : rpcs) {
    if (key == usual->key) continue;
    errors.error_at(*rpc, "rpc " + rpc->name() + ": the entity key of its request " +
                              rpc->input_type()->full_name() + " is " + text_of(key) +
                              ", but that of rpc " + usual->rpc->name() + ", " +
                              usual->rpc->input_type()->full_name() + ", is " +
                              text_of(usual->key) + ", so they would reach different entities; " +
                              advice(key, usual->key));
  }
}

// What has a generated id, one text, must be within reach of the other rpcs.
void check_generated(const MethodDescriptor& rpc, const std::vector<keyed_rpc>& others,
                     diagnostics& errors) {
  auto is_text = [](const keyed_rpc& r) { return r.key.size() == 1 && r.key[0].kind == "string"; };
  auto other = std::ranges::find_if_not(others, is_text);
  if (other == others.end()) return;
  errors.error(*rpc.service()->file(),
               method_option_path(rpc, MethodOptions::kIdGeneratorFieldNumber),
               "rpc " + rpc.name() + ": a generated id is one string, but the entity key of rpc " +
                   other->rpc->name() + ", " + other->rpc->input_type()->full_name() + ", is " +
                   text_of(other->key) +
                   ", so it could not reach the new entity; make that key a "
                   "string, or remove id_generator");
}

}  // namespace

void check_keys(const service_model& model, diagnostics& errors) {
  for (const auto& s : model.services) {
    if (!model.is_written(*s.service->file())) continue;
    std::set<const google::protobuf::Descriptor*> seen;
    std::vector<keyed_rpc> rpcs;
    std::vector<const MethodDescriptor*> generated;
    for (int i = 0; i < s.service->method_count(); ++i) {
      const auto& rpc = *s.service->method(i);
      if (has_generated_id(rpc)) {
        check_no_key(rpc, errors);
        generated.push_back(&rpc);
        continue;
      }
      auto key = read_key(rpc, errors);
      bool is_new = seen.insert(rpc.input_type()).second;
      if (key && is_new) rpcs.push_back({&rpc, *key});
    }
    check_alike(rpcs, errors);
    for (const auto* rpc : generated) check_generated(*rpc, rpcs, errors);
  }
}

}  // namespace perdure::codegen
