#pragma once

#include <memory>
#include <vector>

#include "apps/runtime/administered.hpp"
#include "apps/runtime/paged_table.hpp"
#include "base/clock.hpp"

// What a process holds, as tables for SQL; docs/reference/admin.md lists them with their columns.

namespace perdure::runtime {

using admin_table = std::shared_ptr<const views::foreign_table>;

// All of them. What `what` refers to outlives them.
std::vector<admin_table> admin_tables(const administered& what);

// Of these: entities, timers, mailboxes and mail; subscriptions, topics and views; and what
// subscriptions and views hold back.
void add_entity_tables(const administered& what, std::vector<admin_table>& to);
void add_status_tables(const administered& what, std::vector<admin_table>& to);
void add_held_tables(const administered& what, std::vector<admin_table>& to);

// ------------------------------------------------------------------------------------- the values

// Bytes of others as text that SQL and JSON can have; NULL where it is empty.
views::sql_value text_or_null(std::string text);
views::sql_value number(std::uint64_t n);
// As columns of views have it, so that they compare: "2026-02-03T04:05:06.007000000Z".
views::sql_value time_value(timestamp when);

}  // namespace perdure::runtime
