#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "actors/action_stream.hpp"
#include "actors/command.hpp"
#include "views/queries.hpp"

// Calls of queries: what command_endpoint hands on for rpcs of views. A unary one comes as a
// command without a target, one that streams as an action_stream.

namespace perdure::gateway {

// Any thread. All is added before the first call; outlives its calls.
class query_endpoint {
 public:
  void add(views::queries& of, const views::view_plan& plan);

  bool serves(const google::protobuf::MethodDescriptor& rpc) const;

  // INVALID_ARGUMENT: perdure-position or perdure-resume is nothing that we gave; else as queries.
  void call(actors::command c) const;
  std::shared_ptr<actors::action_stream> open(actors::stream_request what,
                                              std::shared_ptr<actors::stream_caller> caller) const;

 private:
  struct place {
    views::queries* of;
    std::size_t query;
  };
  std::unordered_map<const google::protobuf::MethodDescriptor*, place> places_;
};

}  // namespace perdure::gateway
