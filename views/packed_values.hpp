#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "perdure/status.hpp"
#include "views/sql_value.hpp"

// Values as one blob and back: keys of pages, lists that a query collects. Two packed lists behind
// each other are one list. Not for the disk.

namespace perdure::views {

std::string pack(const std::vector<sql_value>& values);
void pack_behind(std::string& packed, const sql_value& value);

//   INVALID_ARGUMENT  nothing that pack() makes
result<std::vector<sql_value>> unpack(std::string_view packed);

}  // namespace perdure::views
