#pragma once

#include "apps/runtime/administered.hpp"
#include "gateway/rpc_service.hpp"

// perdure.admin.v1.Views: what an administrator sees of views, and does to them.

namespace perdure::runtime {

// What `what` refers to outlives the calls.
void add_view_rpcs(const administered& what, gateway::rpc_service& to);

}  // namespace perdure::runtime
