#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "gateway/service_catalog.hpp"
#include "perdure/metadata.hpp"

// Ids of server-sent events, by which a browser's EventSource goes on by itself after a broken
// connection: it sends the last one back as Last-Event-ID. They are resume tokens of queries with
// stream_updates (views/live_queries.hpp).

namespace perdure::gateway {

// Of one rpc. Used by one thread at a time; the rpc outlives it.
class http_event_ids {
 public:
  explicit http_event_ids(const served_method& rpc);

  // The line of an event with this reply: "id: ...\n". While a client cannot go on behind it, as
  // among the first results, the id is one that brings it a RESET. Empty where the rpc is no query
  // whose replies tell what has changed.
  std::string line_of(const std::string& encoded) const;

  // Makes of Last-Event-ID what says the same to a query, unless that is there.
  void read(perdure::metadata& headers) const;

 private:
  const google::protobuf::Message& reply_;
  const google::protobuf::FieldDescriptor* change_ = nullptr;  // null: it has no ids
};

}  // namespace perdure::gateway
