#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "perdure/status.hpp"
#include "views/query_plan.hpp"
#include "views/sql_value.hpp"

// Where a page begins again, as clients get it and hand it back.
//
//   base64url of: version (1 byte), fingerprint of the query (8 bytes), the place, packed
//
// It is not signed: whoever makes one up gets the rows behind a place of his own, as with any other
// parameter.

namespace perdure::views {

// `place`: the values of the plan's page keys in the page's last row.
std::string encode_page_token(const query_plan& plan, const std::vector<sql_value>& place);

// INVALID_ARGUMENT: a token of another query, or none at all.
result<std::vector<sql_value>> decode_page_token(const query_plan& plan, std::string_view token);

}  // namespace perdure::views
