// Which streams of live queries there are, by query and parameters. Before: views/queries.cpp.
// Next: views/live_group.cpp.

#include "views/live_queries.hpp"

#include <map>
#include <mutex>
#include <ranges>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

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
    const auto& live = around->view.plan().queries[query].plan.live;
    std::string picked;
    if (live && live->picks) pack_behind(picked, parameters[live->picks->parameter]);
    auto& group = groups_[{query, std::move(picked), pack(parameters)}];
    if (!group) {
      group = std::make_shared<live_group>(around->view.plan().queries[query],
                                           std::move(parameters), around);
    }
    group->join(stream, std::move(resume_token));
  }

  void changed(const committed_changes& what) {
    std::lock_guard lock(mutex_);
    if (what.too_many) {
      for (const auto& [name, group] : groups_) group->changed(nullptr);
      return;
    }
    const auto& plan = around->view.plan();
    for (std::size_t query = 0; query < plan.queries.size(); ++query) {
      if (groups_of(query).empty()) continue;
      const auto& live = plan.queries[query].plan.live;
      live && live->picks ? tell_picked(query, *live, what) : tell_all(query, what);
    }
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
  // Of a query by its index, what it picks by, packed, and all its parameters, packed.
  using group_name = std::tuple<std::size_t, std::string, std::string>;
  using groups = std::map<group_name, std::shared_ptr<live_group>>;

  std::ranges::subrange<groups::iterator> groups_of(std::size_t query) {
    return {groups_.lower_bound({query, "", ""}), groups_.lower_bound({query + 1, "", ""})};
  }

  void tell_all(std::size_t query, const committed_changes& what) {
    const auto& plan = around->view.plan();
    auto keys = std::make_shared<std::vector<std::string>>();
    for (const auto& row : what.rows) {
      if (plan.reads(plan.queries[query], row.table)) keys->push_back(row.key);
    }
    if (keys->empty()) return;
    for (const auto& [name, group] : groups_of(query)) group->changed(keys);
  }

  // A group for each value that a row had, or has.
  void tell_picked(std::size_t query, const live_plan& live, const committed_changes& what) {
    std::map<std::string, std::shared_ptr<std::vector<std::string>>> by_value;
    auto note = [&](const sql_value& value, const std::string& key) {
      std::string picked;
      pack_behind(picked, value);
      auto& keys = by_value[std::move(picked)];
      if (!keys) keys = std::make_shared<std::vector<std::string>>();
      keys->push_back(key);
    };
    const auto& plan = around->view.plan();
    for (const auto& row : what.rows) {
      if (!plan.reads(plan.queries[query], row.table)) continue;
      if (!live.picks->column) note(row.key, row.key);
      for (const auto& [column, value] : row.had) {
        if (column == live.picks->column) note(value, row.key);
      }
    }
    for (const auto& [value, keys] : by_value) {
      auto at = groups_.lower_bound({query, value, ""});
      for (; at != groups_.end() && std::get<0>(at->first) == query &&
             std::get<1>(at->first) == value;
           ++at) {
        at->second->changed(keys);
      }
    }
  }

  mutable std::mutex mutex_;
  groups groups_;
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
