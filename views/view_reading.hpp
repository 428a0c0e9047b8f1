#pragma once

#include <google/protobuf/descriptor.h>

#include <string>

#include "perdure/annotations.pb.h"
#include "views/view_plan.hpp"

// A view's service while it is being read: what plan_view()'s parts hand on to one another.

namespace perdure::views {

struct view_reading {
  const google::protobuf::ServiceDescriptor& service;
  planned_view made = {};

  void problem(const google::protobuf::MethodDescriptor& rpc, std::string text) {
    made.problems.push_back({&rpc, std::move(text)});
  }
};

inline const MethodOptions& options_of(const google::protobuf::MethodDescriptor& rpc) {
  return rpc.options().GetExtension(perdure::method);
}

// The rpcs that bring rows: tables, and sources with who takes what.
void read_updates(view_reading& view);

// The rpcs that ask. After read_updates().
void read_queries(view_reading& view);

// view_plan::definition.
std::string definition_of(const view_plan& plan);

}  // namespace perdure::views
