#pragma once

#include "pubsub/kafka_settings.hpp"

// Whether Kafka can be spoken to with these settings: by a writer and by a reader.

namespace perdure::test {

// Writes a message to a topic, which is created, and reads it back; OK, or what failed first.
status write_and_read(const pubsub::kafka_settings& settings);

}  // namespace perdure::test
