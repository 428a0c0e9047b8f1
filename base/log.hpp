#pragma once

#include <string>
#include <string_view>

// The process's log: one line per entry on standard error, with time and level. Any thread.
// What a client did wrong is not logged as an error; what the world or we did wrong is.

namespace perdure {

enum class log_level { debug, info, warning, error };

void log(log_level level, std::string_view message);

// Entries below `level` are dropped. Default: info.
void set_log_level(log_level level);

inline void log_info(std::string_view message) { log(log_level::info, message); }
inline void log_warning(std::string_view message) { log(log_level::warning, message); }
inline void log_error(std::string_view message) { log(log_level::error, message); }

}  // namespace perdure
