// Beside row_values. Text that sorts by time is why a column has all nine digits.

#include "views/row_times.hpp"

#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace perdure::views {
namespace {

constexpr std::int64_t seconds_min = -62'135'596'800;     // 0001-01-01T00:00:00Z
constexpr std::int64_t seconds_max = 253'402'300'799;     // 9999-12-31T23:59:59Z
constexpr double duration_seconds_max = 315'576'000'000;  // as google.protobuf.Duration says
constexpr std::int32_t nanos_max = 999'999'999;

void write(char* at, std::int64_t number, int digits) {
  for (; digits > 0; --digits, number /= 10) at[digits - 1] = static_cast<char>('0' + number % 10);
}

}  // namespace

std::string timestamp_text(std::int64_t seconds, std::int32_t nanos) {
  nanos = std::clamp(nanos, 0, nanos_max);
  if (seconds < seconds_min) nanos = 0;
  if (seconds > seconds_max) nanos = nanos_max;
  std::chrono::sys_seconds time{
      std::chrono::seconds{std::clamp(seconds, seconds_min, seconds_max)}};
  auto day = std::chrono::floor<std::chrono::days>(time);
  std::chrono::year_month_day date{day};
  std::chrono::hh_mm_ss clock{time - day};
  std::string text = "0000-00-00T00:00:00.000000000Z";
  write(&text[0], int{date.year()}, 4);
  write(&text[5], unsigned{date.month()}, 2);
  write(&text[8], unsigned{date.day()}, 2);
  write(&text[11], clock.hours().count(), 2);
  write(&text[14], clock.minutes().count(), 2);
  write(&text[17], clock.seconds().count(), 2);
  write(&text[20], nanos, 9);
  return text;
}

std::optional<seconds_and_nanos> timestamp_of(const std::string& text) {
  google::protobuf::Timestamp read;
  if (!google::protobuf::util::TimeUtil::FromString(text, &read)) return std::nullopt;
  return seconds_and_nanos{read.seconds(), read.nanos()};
}

std::optional<seconds_and_nanos> duration_of(double seconds) {
  if (!(std::fabs(seconds) <= duration_seconds_max)) return std::nullopt;
  double whole = std::trunc(seconds);
  auto nanos = std::llround((seconds - whole) * 1e9);
  auto carried = nanos / 1'000'000'000;
  return seconds_and_nanos{static_cast<std::int64_t>(whole) + carried,
                           static_cast<std::int32_t>(nanos - carried * 1'000'000'000)};
}

}  // namespace perdure::views
