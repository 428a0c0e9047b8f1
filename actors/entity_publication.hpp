#pragma once

#include "actors/entity_type.hpp"
#include "persistence/step.hpp"

// Command path: what a step of a published entity says to its topic, in the same step, so that each
// event stands there once.

namespace perdure::actors {

// Adds a message for each event or change of `s`, which is complete but for that. Nothing where the
// type has no topic.
void publish_changes(const entity_type& type, persistence::step& s);

}  // namespace perdure::actors
