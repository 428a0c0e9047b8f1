#pragma once

#include <functional>
#include <memory>

#include "perdure/status.hpp"
#include "views/sqlite_view_file.hpp"

// What runs of queries need of the view that they are about. Each of these may be called when the
// view is not served any more.

namespace perdure::views {

class query_stream;

struct query_surroundings {
  // The file to read, now. The error is for the client.
  std::function<result<sqlite_view_file::reader>()> lend;
  // What an error of a run becomes for the client.
  std::function<status(status)> told;
  // One has ended.
  std::function<void(const status&)> ended;

  // Runs a stream that has more to read, soon.
  std::function<void(std::shared_ptr<query_stream>)> more;
  // It begins to keep a snapshot, for as long as it has what this gives. RESOURCE_EXHAUSTED: too
  // many do.
  std::function<result<std::shared_ptr<void>>(const std::shared_ptr<query_stream>&)> keep;
};

}  // namespace perdure::views
