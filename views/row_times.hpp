#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Points in time and durations, as columns have them.

namespace perdure::views {

// "2026-02-03T04:05:06.000000007Z". What is outside the years 1 to 9999, which no Timestamp should
// be, becomes the first or the last moment of them, so that the text still sorts by time.
std::string timestamp_text(std::int64_t seconds, std::int32_t nanos);

struct seconds_and_nanos {
  std::int64_t seconds;
  std::int32_t nanos;
};

// RFC 3339, with any offset and up to nine digits of the second.
std::optional<seconds_and_nanos> timestamp_of(const std::string& text);

// To the nanosecond, as far as a double has them; nullopt past some 10,000 years, as of a Duration.
std::optional<seconds_and_nanos> duration_of(double seconds);

}  // namespace perdure::views
