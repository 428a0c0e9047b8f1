#pragma once

#include <string>
#include <string_view>

#include "gateway/http_server.hpp"

namespace perdure::gateway {

// How a reader knows where a body ends.
enum class http_framing { length, chunks, end_of_connection };

// Writes into `head` what goes before a response's body. `connection` is the value of that header;
// none when empty. What is not framed by its length has a body of its own.
void write_head(std::string& head, const http_response& response, std::string_view date,
                std::string_view connection, http_framing framing = http_framing::length);

}  // namespace perdure::gateway
