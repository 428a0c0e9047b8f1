// Times as texts: what ce-time holds.

#include "pubsub/rfc_3339.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace perdure::pubsub {
namespace {

// Takes a text apart from its front; once something does not fit, all that follows fails.
class time_text {
 public:
  explicit time_text(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    if (rest_.size() < count) return fail();
    int number = 0;
    for (char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return fail();
      number = number * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return number;
  }

  // One of these characters; 0 when it is none.
  char any_of(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) {
      fail();
      return 0;
    }
    char found = rest_.front();
    rest_.remove_prefix(1);
    return found;
  }

  // ".25" is 250; nothing is 0. What is finer than a millisecond is cut off.
  int fraction() {
    if (!rest_.starts_with('.')) return 0;
    rest_.remove_prefix(1);
    auto length = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    if (length == 0) return fail();
    int millis = 0;
    for (std::size_t i = 0; i < 3; ++i) millis = millis * 10 + (i < length ? rest_[i] - '0' : 0);
    rest_.remove_prefix(length);
    return millis;
  }

  bool is_read() const { return !failed_ && rest_.empty(); }

 private:
  int fail() {
    failed_ = true;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace

std::string rfc_3339(timestamp time) {
  using namespace std::chrono;
  // Before it is taken apart: the calendar's numbers are small.
  if (time < sys_days(year(0) / 1 / 1) || time >= sys_days(year(10'000) / 1 / 1)) return {};
  auto day = floor<days>(time);
  year_month_day date(day);
  hh_mm_ss clock(time - day);
  std::array<char, 64> text;
  auto length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
      static_cast<int>(clock.subseconds().count()));
  return std::string(text.data(), static_cast<std::size_t>(length));
}

std::optional<timestamp> read_rfc_3339(std::string_view text) {
  using namespace std::chrono;
  time_text in(text);
  auto year = in.digits(4);
  in.any_of("-");
  auto month = in.digits(2);
  in.any_of("-");
  auto day = in.digits(2);
  in.any_of("Tt ");
  auto hour = in.digits(2);
  in.any_of(":");
  auto minute = in.digits(2);
  in.any_of(":");
  auto second = in.digits(2);
  auto millis = in.fraction();
  minutes ahead{0};
  if (char zone = in.any_of("Zz+-"); zone == '+' || zone == '-') {
    auto zone_hours = in.digits(2);
    in.any_of(":");
    auto zone_minutes = in.digits(2);
    if (zone_hours > 23 || zone_minutes > 59) return {};
    ahead = hours{zone_hours} + minutes{zone_minutes};
    if (zone == '-') ahead = -ahead;
  }
  year_month_day date(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                      std::chrono::day(static_cast<unsigned>(day)));
  // Second 60: a leap second, which is the next one here.
  if (!in.is_read() || !date.ok() || hour > 23 || minute > 59 || second > 60) return {};
  return sys_days(date) + hours{hour} + minutes{minute} + seconds{second} + milliseconds{millis} -
         ahead;
}

}  // namespace perdure::pubsub
