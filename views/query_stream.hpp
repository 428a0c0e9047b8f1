#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "views/query_run.hpp"
#include "views/query_surroundings.hpp"
#include "views/query_work.hpp"

// A stream of a query's rows.
//
//   batch of rows --> waits, encoded --next()--> the reader, one by one
//        ^                                            |
//        +------------- all of it has left -----------+
//
// Between two batches the statement stays where it is, and with it the snapshot; a reader that
// takes longer than the deadline is cut off, so that the file's log can be given back.

namespace perdure::views {

// Any thread.
class query_stream final : public reply_stream,
                           public query_work,
                           public std::enable_shared_from_this<query_stream> {
 public:
  query_stream(asked_query what, timestamp deadline, const query_limits& bounds,
               std::shared_ptr<const query_surroundings> around,
               std::shared_ptr<reply_reader> reader);

  bool run(run_budget& budget) override;
  void refuse(status why) override;
  timestamp deadline() const override { return deadline_; }
  const std::atomic<bool>* cancelled() const override { return &cancelled_; }

  void next() override;
  void cancel() override;

  // Ends it now, unless more is being read for it, which has the same deadline.
  void end_idle(const status& why);
  bool is_over() const;

 private:
  result<std::vector<std::string>> read_batch(run_budget& budget);
  void send(std::unique_lock<std::mutex>& lock);
  void end_with(status why, std::unique_lock<std::mutex>& lock);
  status check_bounds(const std::vector<std::string>& batch);

  asked_query what_;
  const timestamp deadline_;
  const query_limits bounds_;
  const std::shared_ptr<const query_surroundings> around_;
  const std::shared_ptr<reply_reader> reader_;
  std::atomic<bool> cancelled_{false};

  // Of the thread that runs it, and of whoever finds it idle, under the lock.
  std::optional<row_run> rows_;
  std::shared_ptr<void> kept_;  // while rows_ are, between batches
  std::size_t row_count_ = 0;
  std::size_t bytes_ = 0;

  mutable std::mutex mutex_;  // not held while anybody is called
  bool reading_ = true;       // somebody runs it, or will
  std::deque<std::string> waiting_;
  bool wanted_ = true;  // the reader takes another
  bool sending_ = false;
  bool is_over_ = false;
  std::optional<status> end_;  // after what waits
};

}  // namespace perdure::views
