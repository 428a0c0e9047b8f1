// Which texts are dates and hours: for commands, before they become events or states.

#include "calendar.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>

namespace flights {
namespace {

std::optional<int> number_in(std::string_view digits) {
  if (!std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  int number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

}  // namespace

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  auto year = number_in(text.substr(0, 4));
  auto month = number_in(text.substr(5, 2));
  auto day = number_in(text.substr(8, 2));
  return year && month && day &&
         std::chrono::year_month_day(std::chrono::year(*year),
                                     std::chrono::month(static_cast<unsigned>(*month)),
                                     std::chrono::day(static_cast<unsigned>(*day)))
             .ok();
}

bool is_utc_hour(std::string_view text) {
  if (text.size() != 20 || text[10] != 'T' || text.substr(13) != ":00:00Z") return false;
  auto hour = number_in(text.substr(11, 2));
  return is_date(text.substr(0, 10)) && hour && *hour < 24;
}

}  // namespace flights
