#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

// Times as RFC 3339 has them: "2013-01-31T23:59:59.250Z".

namespace perdure::pubsub {

// In UTC, to the millisecond. Empty where the year has not four digits.
std::string rfc_3339(timestamp time);

// With any zone; what is finer than a millisecond is cut off. nullopt: it is no such text.
std::optional<timestamp> read_rfc_3339(std::string_view text);

}  // namespace perdure::pubsub
