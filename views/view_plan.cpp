// Reads the .proto of a view: what its rpcs are. Next: view_updates.cpp, then view_queries.cpp.

#include "views/view_plan.hpp"

#include <algorithm>

#include "views/view_reading.hpp"

namespace perdure::views {
namespace {

void check_kind(view_reading& view, const google::protobuf::MethodDescriptor& rpc) {
  if (rpc.client_streaming()) {
    view.problem(rpc,
                 ": a view takes in no streams of requests; remove \"stream\" from the request");
  }
  if (options_of(rpc).view().kind_case() == View::KIND_NOT_SET) {
    view.problem(
        rpc,
        ".view: an rpc of a view brings rows or asks for them; write view.update or view.query");
  }
}

void check_service(view_reading& view) {
  const auto& eventing = view.service.options().GetExtension(perdure::service).eventing();
  auto rest = eventing.in();
  rest.clear_ignore_unknown();
  if (rest.ByteSizeLong() > 0) {
    view.made.problems.push_back({nullptr,
                                  ".eventing.in: of a service it says ignore_unknown and nothing "
                                  "else; put the rest on the rpcs"});
  }
  if (eventing.has_out()) {
    view.made.problems.push_back({nullptr, ".eventing.out: a view publishes nothing; remove it"});
  }
}

}  // namespace

bool view_plan::reads(const view_query& query, std::size_t table) const {
  return std::ranges::find(query.plan.tables, tables[table].schema.name) != query.plan.tables.end();
}

planned_view plan_view(const google::protobuf::ServiceDescriptor& service) {
  view_reading view{service};
  view.made.plan.service = &service;
  check_service(view);
  for (int i = 0; i < service.method_count(); ++i) check_kind(view, *service.method(i));
  read_updates(view);
  read_queries(view);
  view.made.plan.definition = definition_of(view.made.plan);
  return std::move(view.made);
}

}  // namespace perdure::views
