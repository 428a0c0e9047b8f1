#pragma once

#include <cstdint>
#include <string>

#include "perdure/metadata.hpp"

/// What a handler may know about its surroundings, beside the state and the command.
namespace perdure {

/// The circumstances of one call of user code. Valid only during that call: keep copies of what
/// is needed, never a reference.
class context {
 public:
  context(const std::string& entity_id, std::int64_t sequence, const perdure::metadata& metadata)
      : entity_id_(&entity_id), sequence_(sequence), metadata_(&metadata) {}

  /// Id of the entity: the key field's text; for a multi-part key the parts joined by '|', with
  /// '|' and '\' inside a part escaped by '\', so that different keys never give the same id. All
  /// requests of a service have the same parts.
  const std::string& entity_id() const { return *entity_id_; }

  /// In a command handler: how many events the entity has had so far, or updates of a key-value
  /// entity; a deletion counts as one. 0 for a new one.
  /// In an event handler: the number of the event being applied, counted from 1.
  std::int64_t sequence() const { return sequence_; }

  /// The call's metadata; in an event handler what was emitted with the event.
  const perdure::metadata& metadata() const { return *metadata_; }

 private:
  const std::string* entity_id_;
  std::int64_t sequence_;
  const perdure::metadata* metadata_;
};

}  // namespace perdure
