// A step store in which the process may die. Above everything else, so that what it lets pass goes
// straight to the replies.

#include "test/crash/dying_step_store.hpp"

#include <algorithm>

#include "test/crash/activity.hpp"

namespace perdure::test {

std::vector<status> dying_step_store::commit(std::span<const persistence::step> group) {
  dies_.passes(point::before_commit);
  bool has_snapshot =
      std::ranges::any_of(group, [](const auto& s) { return s.snapshot.has_value(); });
  current_activity = has_snapshot ? activity::snapshot_commit : activity::commit;
  auto statuses = inner().commit(group);
  current_activity = activity::other;
  dies_.passes(point::after_commit);
  return statuses;
}

result<persistence::history> dying_step_store::load(const entity_key& entity) {
  auto loaded = inner().load(entity);
  dies_.passes(point::load);
  return loaded;
}

}  // namespace perdure::test
