// A type of entity as the actors use it.

#include "actors/entity_type.hpp"

#include "base/check.hpp"
#include "perdure/annotations.pb.h"

namespace perdure::actors {

entity_type::entity_type(entity_model model) : model_(std::move(model)) {
  PERDURE_CHECK(model_.service && model_.state && model_.create);
  topic_ = model_.service->options().GetExtension(perdure::service).eventing().out().topic();
  for (const auto* event : model_.events) {
    event_indexes_.emplace(event->full_name(), event_prototypes_.size());
    event_prototypes_.push_back(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(event));
  }
}

std::optional<std::size_t> entity_type::event_index(std::string_view full_name) const {
  auto found = event_indexes_.find(full_name);
  if (found == event_indexes_.end()) return std::nullopt;
  return found->second;
}

std::unique_ptr<google::protobuf::Message> entity_type::new_event(std::size_t index) const {
  return std::unique_ptr<google::protobuf::Message>(event_prototypes_.at(index)->New());
}

}  // namespace perdure::actors
