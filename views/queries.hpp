#pragma once

#include <google/protobuf/message.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/log_position.hpp"
#include "perdure/status.hpp"
#include "views/view_home.hpp"

// Answers the queries of one view.
//
// A query that is quick runs on the thread that brings it, in a snapshot of its own; past its first
// some thousand steps it is begun anew on another thread, where it may take until its deadline. So
// one that never ends holds up neither the gateway nor others, and is cut. What was not quick three
// times in a row goes there at once, for ten seconds.
//
// A stream has its rows in one snapshot too, however long its client takes; the client reads some
// 64 KiB ahead of what it has taken, and is cut off at the deadline.

namespace perdure::views {

struct query_limits {
  std::size_t rows_max = 1'000'000;   // of one answer; past it RESOURCE_EXHAUSTED
  std::size_t bytes_max = 256 << 20;  // likewise, of a stream; of one message message_bytes_max
  std::size_t message_bytes_max = 4 << 20;
  // Of a stream, though the client's own were later: until then it may keep a snapshot.
  std::chrono::milliseconds stream_deadline = std::chrono::minutes{5};
  std::size_t running_max = 16;    // at a time, of those that are not quick
  std::size_t waiting_max = 1024;  // for their turn to run
  std::size_t streams_max = 256;   // with more than some 64 KiB to come: each keeps a snapshot
  int quick_steps = 20'000;        // of SQLite's virtual machine
};

// A call of a query.
struct query_call {
  std::size_t query;  // in view_plan::queries
  std::unique_ptr<google::protobuf::Message> request;
  timestamp deadline = timestamp::max();
  std::shared_ptr<const std::atomic<bool>> cancelled;  // may be null
  std::vector<log_position> positions;                 // it answers only once it has seen these
  std::string resume_token;                            // of stream_updates; empty: from the start
};

// Who reads a stream of replies, pulling: a reply is followed by another only after next().
class reply_reader {
 public:
  virtual ~reply_reader() = default;
  virtual void reply(std::string encoded) = 0;
  virtual void end(status why) = 0;  // once; nothing comes after it
};

// A stream of replies under way. Any thread.
class reply_stream {
 public:
  virtual ~reply_stream() = default;
  virtual void next() = 0;    // the last reply has left
  virtual void cancel() = 0;  // nobody reads any more; end() is not called
};

class queries {
 public:
  // Runs something soon, on one of its threads, where blocking is no harm.
  using executor = std::function<void(std::function<void()>)>;

  // All referred to outlive it. `elsewhere` runs nothing before it returns.
  queries(view_home& view, const perdure::clock& clock, query_limits bounds, executor elsewhere);
  ~queries();

  // Of an rpc that does not stream: one encoded message. `told` once, from any thread, perhaps
  // before this returns.
  //   NOT_FOUND           there is no row
  //   INVALID_ARGUMENT    a parameter that is `optional`, or a message, is missing; a page token of
  //                       another query, or none at all
  //   DEADLINE_EXCEEDED   it took, or the view needed, too long
  //   RESOURCE_EXHAUSTED  the answer is past its bounds, or too many queries run
  //   UNAVAILABLE         the view is being built, and has no rows yet that this query can read
  //   OUT_OF_RANGE, INTERNAL  an overflow in the SQL; a result that does not fit its field
  void answer(query_call call, std::function<void(result<std::string>)> told);

  // Of an rpc that streams. With stream_updates it goes on after the results (live_queries.hpp).
  // Errors as above, by reply_reader::end().
  std::shared_ptr<reply_stream> open(query_call call, std::shared_ptr<reply_reader> reader);

  struct figures {
    std::uint64_t answered = 0, failed = 0, cut = 0;
    std::size_t running = 0, live = 0;
  };
  figures figures_now() const;

 private:
  struct parts;
  std::shared_ptr<parts> parts_;
};

}  // namespace perdure::views
