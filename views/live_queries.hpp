#pragma once

#include <memory>
#include <string>

#include "views/queries.hpp"

// Queries with stream_updates: all results, then what changes in them.
//
// Where the response has a field of type perdure.v1.RowChange, each message says there what it is
// about, by which key, and where to resume:
//
//   RESULT ...  READY  INSERTED/CHANGED/REMOVED ...     (RESET: another RESULT ... READY follows)
//
// Without such a field the messages are the rows as they come and change; those that go are not
// told. A row that changed several times before the client has read so far is told once, as it is
// then: the client sees every last state, and what waits for it is bounded by the rows there are.
//
// A query over one table, without groups, is evaluated for the rows that changed only. Others are
// run again, at most ten times a second, and compared. Streams of the same query with the same
// parameters share one evaluation.
//
// A resume token (RowChange.resume_token, sent back as metadata or header perdure-resume) names the
// last change that was told. While those since then are known, in the view's file, the stream goes
// on with them: rows that are in the results now are told as CHANGED, others as REMOVED, also such
// that the client never had; then READY. Else it begins with RESET.

namespace perdure::views {

inline constexpr const char* resume_header = "perdure-resume";

// Any thread.
class live_queries {
 public:
  // `view` outlives it and what runs `elsewhere`, which runs nothing before it returns.
  live_queries(view_home& view, query_limits bounds, queries::executor elsewhere);
  ~live_queries();  // streams end with UNAVAILABLE

  // Errors by reply_reader::end(), as those of queries. Each stream remembers its rows, some 100
  // bytes each.
  std::shared_ptr<reply_stream> open(query_call call, std::shared_ptr<reply_reader> reader);
  std::size_t open_now() const;

 private:
  struct parts;
  std::shared_ptr<parts> parts_;
  view_home::watch watch_;
};

}  // namespace perdure::views
