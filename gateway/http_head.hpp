#pragma once

#include <string>
#include <string_view>

#include "gateway/http_server.hpp"

namespace perdure::gateway {

// Writes into `head` what goes before a response's body. `connection` is the value of that header;
// none when empty.
void write_head(std::string& head, const http_response& response, std::string_view date,
                std::string_view connection);

}  // namespace perdure::gateway
