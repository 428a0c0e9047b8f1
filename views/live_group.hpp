#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "views/live_stream.hpp"
#include "views/queries.hpp"

// All streams of one live query with the same parameters: evaluated together.
//
//   commit -> changed(): noted -> elsewhere: one evaluation after the other -> each stream: what
//                                  differs for its client
//
// A stream joins by an evaluation of all rows, which has its turn as any other: so what a stream is
// told comes from later and later snapshots, and no change is missed between two of them.

namespace perdure::views {

// Any thread.
class live_group : public std::enable_shared_from_this<live_group> {
 public:
  struct surroundings {
    view_home& view;  // outlives the group and what runs elsewhere
    query_limits bounds;
    queries::executor elsewhere;
    // Runs something elsewhere, not before the pause is over.
    std::function<void(std::chrono::milliseconds, std::function<void()>)> later;
  };

  live_group(const view_query& query, std::vector<sql_value> parameters,
             std::shared_ptr<const surroundings> around);

  // The stream's client has seen all up to the change that `resume_token` names, or nothing.
  void join(std::shared_ptr<live_stream> stream, std::string resume_token);

  // Rows of its tables have changed; null: whatever was read may be stale.
  using changed_keys = std::shared_ptr<const std::vector<std::string>>;
  void changed(changed_keys which);

  // Nothing more is told; streams end with `why`.
  void stop(const status& why);

  // Streams that are not over.
  std::size_t size() const;
  bool is_empty() const { return size() == 0; }

 private:
  struct joining {
    std::shared_ptr<live_stream> stream;
    std::string resume_token;
  };
  struct evaluation {
    std::vector<live_row> rows;
    std::string token;
  };

  void schedule(std::unique_lock<std::mutex>& lock);
  void run();
  std::vector<changed_keys> take_changes();
  std::vector<joining> take_joining();
  void follow(const std::vector<changed_keys>& changes);
  void admit(const std::vector<joining>& all);
  void fail(const status& why);
  std::vector<std::shared_ptr<live_stream>> streams() const;

  result<evaluation> all_rows(sqlite_view_file& file);
  result<evaluation> rows_of(sqlite_view_file& file, const std::set<std::string>& keys);
  status add_rows(sqlite_statement& statement, std::vector<live_row>& rows,
                  std::size_t& bytes) const;
  std::string key_of(const sqlite_statement& row, const std::string& encoded) const;
  std::string token_of(const sqlite_view_file& file) const;
  // The keys of its table that have changed behind a token; nullopt: that cannot be told.
  result<std::optional<std::vector<std::string>>> changed_behind(sqlite_view_file& file,
                                                                 const std::string& token) const;

  const view_query& query_;
  const std::vector<sql_value> parameters_;
  const std::shared_ptr<const surroundings> around_;
  const google::protobuf::Message* const prototype_;
  const std::string fingerprint_;  // of the query and its parameters

  mutable std::mutex mutex_;
  std::vector<std::weak_ptr<live_stream>> streams_;
  std::vector<joining> joining_;
  std::vector<changed_keys> changes_;
  bool scheduled_ = false;
  bool stopped_ = false;
  std::chrono::steady_clock::time_point not_before_{};  // of an evaluation of all rows
};

}  // namespace perdure::views
