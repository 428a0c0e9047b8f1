#pragma once

#include "perdure/metadata.hpp"

namespace perdure::gateway {

// Whether a request prefers to be answered before its command is handled: "Prefer: respond-async"
// (RFC 7240). Other preferences, and what is malformed, are ignored, as preferences are.
bool prefers_respond_async(const perdure::metadata& headers);

}  // namespace perdure::gateway
