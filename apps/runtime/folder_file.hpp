#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "perdure/status.hpp"

// Small files of one line that stand in the data folder beside the store.

namespace perdure::runtime {

// The first line; nullopt when there is no such file.
//   UNAVAILABLE  it cannot be read
result<std::optional<std::string>> read_line(const std::filesystem::path& path);

// Durable once this has returned OK: the file has the new line, or, after a power cut before that,
// the old one. Only its owner may read it where `mode` says so.
//   UNAVAILABLE  it cannot be written
status write_line(const std::filesystem::path& path, const std::string& line, mode_t mode = 0644);

}  // namespace perdure::runtime
