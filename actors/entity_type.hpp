#pragma once

#include <google/protobuf/message.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/handler_pace.hpp"
#include "perdure/entity.hpp"

// A type of entity as the actors use it: the user's model with what is looked up for every event.
// Immutable but for its pace; shared by all entities of the type, on any thread.

namespace perdure::actors {

class entity_type {
 public:
  explicit entity_type(entity_model model);

  const entity_model& model() const { return model_; }

  // Position of the event with this full name in the model; nullopt when it is not one of them.
  std::optional<std::size_t> event_index(std::string_view full_name) const;

  // A new, empty message for the event at `index`.
  std::unique_ptr<google::protobuf::Message> new_event(std::size_t index) const;

  // Where its events or changes are published; empty: nowhere.
  const std::string& topic() const { return topic_; }

  handler_pace& pace() const { return pace_; }

 private:
  entity_model model_;
  std::string topic_;
  std::vector<const google::protobuf::Message*> event_prototypes_;
  std::unordered_map<std::string_view, std::size_t> event_indexes_;  // of names in descriptors
  mutable handler_pace pace_;
};

}  // namespace perdure::actors
