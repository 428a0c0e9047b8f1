// The rpcs that ask a view. Before: view_updates.cpp. What queries mean: query_plan.cpp.

#include <algorithm>

#include "views/sql_tokens.hpp"
#include "views/view_reading.hpp"

namespace perdure::views {
namespace {

using google::protobuf::MethodDescriptor;

void check_rpc(view_reading& view, const MethodDescriptor& rpc) {
  const auto& query = options_of(rpc).view().query();
  if (options_of(rpc).has_eventing()) {
    view.problem(rpc,
                 ".eventing: a query is asked by callers, and neither takes in messages nor "
                 "publishes; remove it");
  }
  if (query.transform_results()) {
    view.problem(rpc,
                 ".view.query.transform_results is not supported; write the transformation in SQL");
  }
  if (query.stream_updates() && !rpc.server_streaming()) {
    view.problem(rpc,
                 ".view.query.stream_updates: what changes is streamed; write returns (stream " +
                     rpc.output_type()->name() + ")");
  }
}

void note_searched(view_plan& plan, const query_plan& query) {
  for (const auto& [table, column] : query.searched) {
    for (auto& of : plan.tables) {
      bool is_new =
          of.schema.name == table && std::ranges::find(of.searched, column) == of.searched.end();
      if (is_new) of.searched.push_back(column);
    }
  }
}

void read_query(view_reading& view, const MethodDescriptor& rpc,
                const std::vector<table_schema>& tables) {
  check_rpc(view, rpc);
  const auto& query = options_of(rpc).view().query();
  auto planned = plan_query(query.query(), tables, *rpc.input_type(), *rpc.output_type(),
                            rpc.server_streaming());
  for (const auto& problem : planned.problems) {
    view.problem(rpc, ".view.query: " + place_in(query.query(), problem.at) + ": " + problem.text);
  }
  if (!planned.problems.empty()) return;
  note_searched(view.made.plan, planned.plan);
  view.made.plan.queries.push_back(
      {&rpc, std::move(planned.plan), query.stream_updates(), query.may_scan()});
}

}  // namespace

void read_queries(view_reading& view) {
  std::vector<table_schema> tables;
  for (const auto& table : view.made.plan.tables) tables.push_back(table.schema);
  for (int i = 0; i < view.service.method_count(); ++i) {
    const auto& rpc = *view.service.method(i);
    if (options_of(rpc).view().has_query()) read_query(view, rpc, tables);
  }
}

}  // namespace perdure::views
