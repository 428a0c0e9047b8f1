// Which streams of live queries there are, by query and parameters. Before: views/queries.cpp.
// Next: views/live_group.cpp.

#include "views/live_queries.hpp"

#include <map>
#include <mutex>
#include <utility>

#include "views/live_group.hpp"
#include "views/pauses.hpp"
#include "views/result_making.hpp"
#include "views/row_values.hpp"

namespace perdure::views {

struct live_queries::parts {
  parts(view_home& of, query_limits limits, queries::executor elsewhere)
      : around(std::make_shared<const live_group::surroundings>(live_group::surroundings{
            of, limits, elsewhere,
            [this, elsewhere](std::chrono::milliseconds pause, std::function<void()> what) {
              pauses_.later(pause, [elsewhere, what = std::move(what)] { elsewhere(what); });
            }})) {}

  // Joined under the lock: a group that is empty is dropped, and no stream joins one that is.
  void join(std::size_t query, std::vector<sql_value> parameters,
            const std::shared_ptr<live_stream>& stream, std::string resume_token) {
    std::lock_guard lock(mutex_);
    if (is_stopped_) {
      return stream->end({status_code::unavailable, "the service is shutting down; resume later"});
    }
    std::erase_if(groups_, [](const auto& named) { return named.second->is_empty(); });
    auto& group = groups_[{query, pack(parameters)}];
    if (!group) {
      group = std::make_shared<live_group>(around->view.plan().queries[query],
                                           std::move(parameters), around);
    }
    group->join(stream, std::move(resume_token));
  }

  void changed(const committed_changes& what) {
    auto shared = std::make_shared<const committed_changes>(what);
    std::lock_guard lock(mutex_);
    for (const auto& [name, group] : groups_) group->changed(shared);
  }

  void stop() {
    std::lock_guard lock(mutex_);
    is_stopped_ = true;
    for (const auto& [name, group] : groups_) {
      group->stop({status_code::unavailable, "the service is shutting down; resume later"});
    }
    groups_.clear();
  }

  std::size_t streams() const {
    std::lock_guard lock(mutex_);
    std::size_t sum = 0;
    for (const auto& [name, group] : groups_) sum += group->size();
    return sum;
  }

  const std::shared_ptr<const live_group::surroundings> around;

 private:
  // Of a query by its index, and its packed parameters.
  using group_name = std::pair<std::size_t, std::string>;

  mutable std::mutex mutex_;
  std::map<group_name, std::shared_ptr<live_group>> groups_;
  bool is_stopped_ = false;
  pauses pauses_;
};

live_queries::live_queries(view_home& view, query_limits bounds, queries::executor elsewhere)
    : parts_(std::make_shared<parts>(view, bounds, std::move(elsewhere))) {
  watch_ = view.on_change([weak = std::weak_ptr(parts_)](const committed_changes& what) {
    if (auto there = weak.lock()) there->changed(what);
  });
}

live_queries::~live_queries() {
  watch_.reset();
  parts_->stop();
}

std::shared_ptr<reply_stream> live_queries::open(query_call call,
                                                 std::shared_ptr<reply_reader> reader) {
  auto& view = parts_->around->view;
  const auto& query = view.plan().queries[call.query];
  auto stream =
      std::make_shared<live_stream>(std::move(reader), change_field_of(*query.rpc->output_type()));
  auto parameters = parameters_of(query.plan, *call.request);
  if (!parameters.ok()) {
    stream->end(parameters.error());
    return stream;
  }
  auto join = [weak = std::weak_ptr(parts_), stream, query = call.query,
               parameters = *std::move(parameters),
               resume_token = std::move(call.resume_token)](const status& seen) {
    if (!seen.ok()) return stream->end(seen);
    auto there = weak.lock();
    if (!there) return stream->end({status_code::unavailable, "the service is shutting down"});
    there->join(query, parameters, stream, resume_token);
  };
  if (call.positions.empty()) {
    join({});
  } else {
    view.when_seen(call.positions, call.deadline, std::move(join));
  }
  return stream;
}

std::size_t live_queries::open_now() const { return parts_->streams(); }

}  // namespace perdure::views
