#pragma once

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "pubsub/message_takers.hpp"
#include "views/query_plan.hpp"
#include "views/row_schema.hpp"

// A view as its .proto says: where its rows come from, its tables, its queries. The generator reads
// it to find what is wrong; the runtime to serve it.

namespace perdure::views {

// The rpcs that bring the messages of one source into one table.
struct table_updates {
  std::size_t table;              // in view_plan::tables
  pubsub::message_takers takers;  // taker::method is the rpc's index in the service
  std::vector<bool> transforms;   // as many as takers: a handler is called
};

// One reader, with one cursor for each partition.
struct view_source {
  pubsub::message_source from;
  bool from_end = false;
  std::vector<table_updates> updates;
};

struct view_table_plan {
  table_schema schema;
  std::vector<std::string> searched;  // columns of text_search
};

struct view_query {
  const google::protobuf::MethodDescriptor* rpc;
  query_plan plan;
  bool stream_updates = false;  // after the results, what changes in them
  bool may_scan = false;
};

struct view_plan {
  const google::protobuf::ServiceDescriptor* service;
  std::vector<view_table_plan> tables;
  std::vector<view_source> sources;
  std::vector<view_query> queries;

  bool reads(const view_query& query, std::size_t table) const;

  // All that its rows depend on, as text: rows made by another definition are made anew.
  std::string definition;
};

struct view_problem {
  const google::protobuf::MethodDescriptor* rpc;  // null: of the service
  std::string text;                               // ".view.query: line 1, column 8: ..."
};

struct planned_view {
  view_plan plan;
  std::vector<view_problem> problems;
};

// Reads the service's annotations and plans its queries. Whether sources exist and send such
// messages is not looked at here. What SQLite has to say comes from sqlite_query_check.
planned_view plan_view(const google::protobuf::ServiceDescriptor& service);

}  // namespace perdure::views
