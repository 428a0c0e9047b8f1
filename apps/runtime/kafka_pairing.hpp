#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "perdure/status.hpp"

// The file KAFKA.perdure in a data folder: its topics are in a Kafka. It has the name under which
// the folder's process writes there, so that nobody else does: a UUID.

namespace perdure::runtime {

// nullopt when there is no such file.
//   UNAVAILABLE  it cannot be read
//   DATA_LOSS    it names nobody
result<std::optional<std::string>> read_kafka_pairing(const std::filesystem::path& data);

// Durable once this has returned OK.
status write_kafka_pairing(const std::filesystem::path& data, const std::string& writer_id);

}  // namespace perdure::runtime
