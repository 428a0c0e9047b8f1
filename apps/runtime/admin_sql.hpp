#pragma once

#include "apps/runtime/administered.hpp"
#include "gateway/rpc_service.hpp"

// perdure.admin.v1.Sql: any SQL that only reads, over the views and the tables of admin_tables.hpp.

namespace perdure::runtime {

// What `what` refers to outlives the calls.
void add_sql_rpcs(const administered& what, gateway::rpc_service& to);

}  // namespace perdure::runtime
