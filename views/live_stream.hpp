#pragma once

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "perdure/views.pb.h"
#include "views/queries.hpp"

// One client of a live query: what it was told, what it is still to be told.

namespace perdure::views {

// A row of the results as an evaluation has found it.
struct live_row {
  std::string key;
  std::shared_ptr<const std::string> encoded;  // the response; null: it is not in the results
};

// The field of type perdure.v1.RowChange of a response; null: it has none.
const google::protobuf::FieldDescriptor* change_field_of(
    const google::protobuf::Descriptor& response);

// Any thread; what is told to it comes from its group's evaluations, one after the other.
class live_stream final : public reply_stream {
 public:
  live_stream(std::shared_ptr<reply_reader> reader,
              const google::protobuf::FieldDescriptor* change);

  // All rows of the results. The first time, or with `anew` (after a RESET), each is a RESULT;
  // later what differs from what was told is. `token` resumes behind it.
  void all(const std::vector<live_row>& rows, std::string token, bool anew);

  // Some rows, as they are now.
  void some(const std::vector<live_row>& rows, std::string token);

  // First of all, where an earlier stream of the client has ended: `rows` are all that there are
  // now, of which it has those that have not `changed` since.
  void resume(const std::vector<live_row>& rows, const std::vector<std::string>& changed,
              std::string token);

  // Once all that waits has been read.
  void end(status why);

  bool is_over() const;

  void next() override;
  void cancel() override;

 private:
  using kind = v1::RowChange;

  struct waiting {
    live_row row;
    bool is_result = false;
  };

  void await(live_row row);
  void send(std::unique_lock<std::mutex>& lock);
  std::optional<std::string> take_next();
  std::optional<std::string> told(const live_row& row);
  std::optional<std::string> message(kind::Kind what, const live_row& row) const;

  const std::shared_ptr<reply_reader> reader_;
  const google::protobuf::FieldDescriptor* const change_;

  mutable std::mutex mutex_;
  std::deque<waiting> results_;  // RESULTs to come, then READY; before what waits
  bool reset_first_ = false;
  bool ready_next_ = false;
  bool ready_last_ = false;      // READY once nothing waits: who resumes has caught up
  std::list<live_row> changes_;  // one a key, the oldest in front
  std::unordered_map<std::string, std::list<live_row>::iterator> by_key_;
  std::unordered_map<std::string, std::size_t> told_;  // a hash of the row, by its key
  bool has_begun_ = false;
  std::string token_;          // of what has been told
  std::string next_token_;     // once nothing waits
  std::string results_token_;  // once READY was told
  bool wanted_ = true;         // the reader takes another
  bool sending_ = false;
  bool over_ = false;
  std::optional<status> end_;
};

}  // namespace perdure::views
