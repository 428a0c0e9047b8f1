#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>

#include "pubsub/topic_log.hpp"

// Records between librdkafka and the port. For kafka_* only.

namespace perdure::pubsub {

topic_record record_of(const rd_kafka_message_t& message);

// About how many bytes it takes; what bounds a page.
std::size_t bytes_of(const topic_record& record);

}  // namespace perdure::pubsub
