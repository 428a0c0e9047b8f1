#pragma once

#include <string_view>

// Dates and hours as the contract has them: ISO text of fixed width, so that comparing the texts
// compares the times.

namespace flights {

// "2013-02-08", a day of the calendar.
bool is_date(std::string_view text);

// "2013-02-08T15:00:00Z", the start of an hour in UTC.
bool is_utc_hour(std::string_view text);

}  // namespace flights
