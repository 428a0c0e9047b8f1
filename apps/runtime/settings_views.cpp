// What queries of views may take.

#include "apps/runtime/settings_options.hpp"

namespace perdure::runtime {

void add_views(setting_options& options, settings& s) {
  auto& l = s.limits;
  options.add("query-rows-max", l.query_rows_max, "Rows of one answer of a view's query")
      ->check(CLI::PositiveNumber);
  options.add_bytes("query-bytes-max", l.query_bytes_max, "What one of them streams");
  options.add_duration("query-stream-deadline", l.query_stream_deadline,
                       "How long one of them may stream its rows");
  options
      .add("queries-running-max", l.queries_running_max,
           "Queries of a view that run at a time, of those that are not quick")
      ->check(CLI::Range(1, 1024));
  options
      .add("query-streams-max", l.query_streams_max,
           "Queries of a view that stream long answers at a time")
      ->check(CLI::Range(1, 100'000));
}

}  // namespace perdure::runtime
