#pragma once

#include <librdkafka/rdkafka.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "perdure/status.hpp"
#include "pubsub/kafka_settings.hpp"

// kafka_settings as librdkafka wants them. For kafka_* only.

namespace perdure::pubsub {

using kafka_configuration = std::unique_ptr<rd_kafka_conf_t, decltype(&rd_kafka_conf_destroy)>;

// What `settings` come to, and over them `own`: what the one that makes the client rests on.
//   INVALID_ARGUMENT  as kafka_mistake()
result<kafka_configuration> configuration_of(
    const kafka_settings& settings,
    std::initializer_list<std::pair<const char*, std::string>> own = {});

}  // namespace perdure::pubsub
