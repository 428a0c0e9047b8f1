#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "actors/command.hpp"
#include "base/clock.hpp"
#include "perdure/action.hpp"
#include "perdure/entity.hpp"
#include "persistence/step_store.hpp"
#include "readings.pb.h"

// Sensors, whose readings are published, and their reader: the least that an entity and an action
// can do.

namespace perdure::bench {

inline constexpr const char* readings_topic = "readings";

// As many as there are carts.
inline constexpr std::size_t many_sensors = 10'000;

// The sensors; quiet ones publish nothing.
entity_model sensor_model();
entity_model quiet_sensor_model();

// An action that tells `handled` of each reading, where that is set.
action_model reader_model(std::function<void(const ReadingAdded&)> handled = {});

// The command that adds reading `number`, to each sensor in turn.
actors::command add_reading(const entity_model& to, std::uint64_t number);

// The message by which that reading stands in the topic, when all before it were added.
persistence::new_message published_reading(std::uint64_t number);

// Publishes those from `first` up to `end`, many in a step, without a runtime: what a topic holds
// is all that there is of them.
void store_readings(persistence::step_store& store, hybrid_clock& times, std::uint64_t first,
                    std::uint64_t end);

// How many messages the readers of topics have dealt with by this step.
std::uint64_t messages_passed(const persistence::step& s);

}  // namespace perdure::bench
