// The process's log, on spdlog. Its headers stay in this file: they are heavy, and everybody logs.

#include "base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace perdure {
namespace {

spdlog::logger& logger() {
  // Never destroyed: threads of third parties may log while static objects are torn down.
  static auto* instance = [] {
    auto* made = new spdlog::logger("perdure", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    made->flush_on(spdlog::level::info);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum to_spdlog(log_level level) {
  switch (level) {
    case log_level::debug:
      return spdlog::level::debug;
    case log_level::info:
      return spdlog::level::info;
    case log_level::warning:
      return spdlog::level::warn;
    case log_level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

}  // namespace

void log(log_level level, std::string_view message) {
  logger().log(to_spdlog(level), spdlog::string_view_t{message.data(), message.size()});
}

void set_log_level(log_level level) { logger().set_level(to_spdlog(level)); }

}  // namespace perdure
